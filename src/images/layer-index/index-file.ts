import { createHash } from 'node:crypto';
import type { Compression } from '../../layers/content';
import type { Columns } from './columns';

/** A layer's index as it is kept and passed on. */
export interface LayerIndex {
  readonly columns: Columns;
  readonly compression: Compression;
  /** Bytes of the blob that was indexed. */
  readonly length: number;
  readonly diffId: string;
}

/** A file begins with this, so that one of another version is made anew. */
const MAGIC = Buffer.from('layer index 1\n');
const CHECKSUM = 32;

/** The order in the file: the widest first, so that each begins at a multiple of its own size. */
const COLUMNS = [
  ['mtime', Float64Array],
  ['size', Float64Array],
  ['offset', Float64Array],
  ['uid', Uint32Array],
  ['gid', Uint32Array],
  ['parent', Uint32Array],
  ['nameAt', Uint32Array],
  ['targetAt', Uint32Array],
  ['mode', Uint16Array],
  ['kind', Uint8Array],
] as const;

interface Head extends Omit<LayerIndex, 'columns'> {
  readonly rows: number;
  readonly rare: Columns['rare'];
  /** Whether each character of the text is one byte; else it is UTF-16. */
  readonly isLatin: boolean;
}

const LATIN = /^[\0-\xff]*$/;

/** One piece of memory: magic, checksum, length of the head, head, columns, text. */
export function encodeIndex({ columns, ...about }: LayerIndex): Uint8Array {
  const isLatin = LATIN.test(columns.text);
  const head: Head = { ...about, rows: columns.kind.length, rare: columns.rare, isLatin };
  const json = Buffer.from(JSON.stringify(head));
  const start = aligned(MAGIC.length + CHECKSUM + 4 + json.length);
  const text = Buffer.from(columns.text, isLatin ? 'latin1' : 'utf16le');
  const total = COLUMNS.reduce((sum, [name]) => sum + columns[name].byteLength, start) + text.length;
  const bytes = Buffer.from(new ArrayBuffer(total));
  MAGIC.copy(bytes);
  bytes.writeUInt32LE(json.length, MAGIC.length + CHECKSUM);
  json.copy(bytes, MAGIC.length + CHECKSUM + 4);
  let at = start;
  for (const [name] of COLUMNS) {
    const { buffer, byteOffset, byteLength } = columns[name];
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += byteLength;
  }
  text.copy(bytes, at);
  checksumOf(bytes).copy(bytes, MAGIC.length);
  return bytes;
}

/**
 * The index in `bytes`, whose columns are views of it: nothing is parsed but the head. `undefined` where they are
 * damaged, or of another version.
 */
export function decodeIndex(bytes: Uint8Array): LayerIndex | undefined {
  // Views need an offset that fits them, which memory of Node's pool does not have.
  const file = bytes.byteOffset % 8 === 0 ? bytes : Uint8Array.from(bytes);
  const whole = Buffer.from(file.buffer as ArrayBuffer, file.byteOffset, file.byteLength);
  if (!whole.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
  if (!checksumOf(whole).equals(whole.subarray(MAGIC.length, MAGIC.length + CHECKSUM))) return undefined;
  const headAt = MAGIC.length + CHECKSUM + 4;
  const headLength = whole.readUInt32LE(headAt - 4);
  const { rows, rare, isLatin, ...about } = JSON.parse(
    whole.toString('utf8', headAt, headAt + headLength),
  ) as Head;
  let at = aligned(headAt + headLength);
  const views = COLUMNS.map(([name, Column]) => {
    const view = new Column(whole.buffer, whole.byteOffset + at, name === 'nameAt' ? rows + 1 : rows);
    at += view.byteLength;
    return [name, view];
  });
  const text = whole.toString(isLatin ? 'latin1' : 'utf16le', at);
  return {
    ...about,
    columns: { ...(Object.fromEntries(views) as Omit<Columns, 'text' | 'rare'>), text, rare },
  };
}

function aligned(position: number): number {
  return Math.ceil(position / 8) * 8;
}

/** Of all behind the checksum. */
function checksumOf(bytes: Buffer): Buffer {
  return createHash('sha256')
    .update(bytes.subarray(MAGIC.length + CHECKSUM))
    .digest();
}
