import { gunzipInSteps } from './gunzip-in-steps';
import { InflateSteps } from './inflate-steps';

/** Where a deflate block begins: at bit `bit` of byte `input` of the file, `output` bytes into the stream. */
export interface BlockStart {
  readonly input: number;
  readonly bit: number;
  readonly output: number;
}

/**
 * Empty blocks, lowest bit first, which say nothing: https://www.rfc-editor.org/rfc/rfc1951#section-3.2. With fixed codes
 * one has 10 bits, so that some of them make any even place within a byte; the one with codes of its own has 95.
 */
const EMPTY_FIXED = '010' + '0000000';
const EMPTY_DYNAMIC = (() => {
  const number = (value: number, bits: number) =>
    [...value.toString(2).padStart(bits, '0')].reverse().join('');
  // 257 literal codes and one distance code. The code of their lengths: 18 (many zeros) is 0, 0 is 10, 1 is 11.
  const lengths = [0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0];
  const head = `001${number(0, 5)}${number(0, 5)}${number(15, 4)}`;
  const codes = lengths.map((length) => number(length, 3)).join('');
  // 256 literals do not occur, the end of the block is the one code there is, and no distance occurs.
  return `${head}${codes}0${number(138 - 11, 7)}0${number(118 - 11, 7)}11100`;
})();

/** What has to stand in place of the block's first byte, so that an inflater that begins at a byte finds the block. */
export function leadIn(bit: number, first: number): Uint8Array {
  if (bit === 0) return Uint8Array.of(first);
  let bits = bit % 2 === 1 ? EMPTY_DYNAMIC : '';
  while (bits.length % 8 !== bit) bits += EMPTY_FIXED;
  const bytes = new Uint8Array(Math.ceil(bits.length / 8));
  for (let index = 0; index < bits.length; index++)
    if (bits[index] === '1') bytes[index >> 3]! |= 1 << (index & 7);
  bytes[bytes.length - 1]! |= first & (0xff << bit);
  return bytes;
}

const PIECE = 256 * 1024;
/** Checksum and length at the end of a gzip member. */
const TRAILER = 8;

/**
 * The stream from the start of a block on. `chunks` are the bytes of the file from `start.input` on, `window` is what lies
 * before. A piece's memory is used again for the next one.
 */
export async function* resumeGunzip(
  chunks: AsyncIterable<Uint8Array>,
  bit: number,
  window: Uint8Array,
): AsyncGenerator<Uint8Array, void, undefined> {
  const steps = new InflateSteps('raw', window);
  const output = new Uint8Array(PIECE);
  const source = chunks[Symbol.asyncIterator]();
  try {
    let next = await source.next();
    let rest: Uint8Array = next.done ? new Uint8Array(0) : withLeadIn(bit, next.value);
    while (!next.done) {
      const { taken, written } = steps.step(rest, output);
      rest = rest.subarray(taken);
      if (written > 0) yield output.subarray(0, written);
      if (written === PIECE) continue;
      // There is input left and room for more output: the member is at its end.
      if (rest.length > 0) return yield* furtherMembers(rest, source);
      next = await source.next();
      if (!next.done) rest = next.value;
    }
    steps.finish();
  } finally {
    steps.close();
    await source.return?.();
  }
}

function withLeadIn(bit: number, chunk: Uint8Array): Uint8Array {
  const lead = leadIn(bit, chunk[0]!);
  const whole = new Uint8Array(lead.length + chunk.length - 1);
  whole.set(lead);
  whole.set(chunk.subarray(1), lead.length);
  return whole;
}

/** What follows a member: its trailer, and then other members or zeros that pad the file. */
async function* furtherMembers(
  rest: Uint8Array,
  source: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  let first = rest.subarray(TRAILER);
  for (let left = TRAILER - rest.length; first.length === 0; ) {
    const next = await source.next();
    if (next.done) return;
    first = next.value.subarray(Math.max(0, left));
    left -= next.value.length;
  }
  if (first[0] !== 0) yield* gunzipInSteps(chained(first, source));
}

async function* chained(
  first: Uint8Array,
  source: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield first;
  for (let next = await source.next(); !next.done; next = await source.next()) yield next.value;
}
