/** An entry as it is to stand in the archive, odd or not. */
export interface TarPiece {
  readonly name: string;
  /** The type flag: `0` file, `1` hard link, `2` symbolic link, `3` and `4` devices, `5` folder, `6` fifo. */
  readonly type: string;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly linkname?: string;
  readonly body?: Buffer;
  /** Records of a pax header before the entry. */
  readonly pax?: Readonly<Record<string, string>>;
  readonly longNames?: 'gnu' | 'pax';
  /** Overwrites bytes of the header, by offset. */
  readonly patch?: Readonly<Record<number, string>>;
}

const BLOCK = 512;
const TIME = 1_500_000_000;

/** A tar with exactly these entries; nothing is cleaned or checked. */
export function tarBytes(pieces: readonly TarPiece[]): Buffer {
  return Buffer.concat([...pieces.flatMap(entryBlocks), Buffer.alloc(2 * BLOCK)]);
}

function entryBlocks(piece: TarPiece): Buffer[] {
  const { body = Buffer.alloc(0) } = piece;
  const records = { ...piece.pax };
  const before: Buffer[] = [];
  for (const [field, letter, text] of [
    ['path', 'L', piece.name],
    ['linkpath', 'K', piece.linkname ?? ''],
  ] as const) {
    if (Buffer.byteLength(text) <= 100) continue;
    if (piece.longNames === 'gnu') before.push(...blocks('././@LongLink', letter, Buffer.from(`${text}\0`)));
    else records[field] = text;
  }
  if (Object.keys(records).length > 0) {
    const lines = Object.entries(records).map(([key, value]) => paxRecord(key, value));
    before.push(...blocks('PaxHeaders/x', 'x', Buffer.concat(lines)));
  }
  return [...before, header(piece, body.length), body, padding(body.length)];
}

function blocks(name: string, type: string, body: Buffer): Buffer[] {
  return [header({ name, type }, body.length), body, padding(body.length)];
}

/** `LENGTH key=value\n`, where the length counts its own digits. */
function paxRecord(key: string, value: string): Buffer {
  const rest = ` ${key}=${value}\n`;
  let length = Buffer.byteLength(rest);
  while (Buffer.byteLength(`${length}${rest}`) !== length) length = Buffer.byteLength(`${length}${rest}`);
  return Buffer.from(`${length}${rest}`);
}

function header(piece: TarPiece, size: number): Buffer {
  const bytes = Buffer.alloc(BLOCK);
  bytes.write(piece.name, 0, 100);
  octal(bytes, piece.mode ?? 0o644, 100, 8);
  octal(bytes, piece.uid ?? 0, 108, 8);
  octal(bytes, piece.gid ?? 0, 116, 8);
  octal(bytes, size, 124, 12);
  octal(bytes, TIME, 136, 12);
  bytes.write(piece.type, 156);
  bytes.write(piece.linkname ?? '', 157, 100);
  bytes.write('ustar\x0000', 257);
  for (const [offset, text] of Object.entries(piece.patch ?? {})) bytes.write(text, Number(offset), 'latin1');
  bytes.fill(' ', 148, 156);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return bytes;
}

function octal(bytes: Buffer, value: number, offset: number, length: number): void {
  bytes.write(`${value.toString(8).padStart(length - 1, '0')}\0`, offset);
}

function padding(size: number): Buffer {
  return Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
}
