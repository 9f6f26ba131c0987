/** MD5 (RFC 1321), which the web's crypto lacks. */
export function md5(data: Uint8Array): Uint8Array {
  const state = new Uint32Array([0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476]);
  const padded = new Uint8Array((((data.length + 8) >> 6) + 1) << 6);
  padded.set(data);
  padded[data.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, data.length << 3, true);
  view.setUint32(padded.length - 4, Math.floor(data.length / 2 ** 29), true);
  for (let offset = 0; offset < padded.length; offset += 64) round(state, view, offset);
  return new Uint8Array(state.buffer);
}

const SHIFTS = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21];
const SINES = Array.from(
  { length: 64 },
  (_, index) => Math.floor(Math.abs(Math.sin(index + 1)) * 2 ** 32) | 0,
);

function round(state: Uint32Array, view: DataView, offset: number): void {
  let [a, b, c, d] = state as unknown as [number, number, number, number];
  for (let index = 0; index < 64; index++) {
    const [mix, word] = step(index, b, c, d);
    const sum = (a + mix + SINES[index]! + view.getInt32(offset + word * 4, true)) | 0;
    const shift = SHIFTS[(index >> 4) * 4 + (index & 3)]!;
    [a, d, c, b] = [d, c, b, (b + ((sum << shift) | (sum >>> (32 - shift)))) | 0];
  }
  state[0]! += a;
  state[1]! += b;
  state[2]! += c;
  state[3]! += d;
}

function step(index: number, b: number, c: number, d: number): [mix: number, word: number] {
  if (index < 16) return [(b & c) | (~b & d), index];
  if (index < 32) return [(d & b) | (~d & c), (5 * index + 1) & 15];
  if (index < 48) return [b ^ c ^ d, (3 * index + 5) & 15];
  return [c ^ (b | ~d), (7 * index) & 15];
}
