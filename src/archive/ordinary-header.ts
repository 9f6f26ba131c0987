/** Headers that say all there is to say of an entry, which nearly all do: read where they lie, without a view or an object each. */
import { BLOCK, formatOf } from './tar-header';

/** What the header says. It is the same object for every entry. */
export interface OrdinaryEntry {
  readonly type: 'file' | 'hardlink' | 'symlink' | 'directory';
  readonly name: string;
  /** Of links only. */
  readonly linkname: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: number;
  /** Of a file's bytes, from `offset` of the archive on. */
  readonly size: number;
  readonly offset: number;
}

const TYPES = { 48: 'file', 49: 'hardlink', 50: 'symlink', 53: 'directory' } as const;

export class OrdinaryHeader implements OrdinaryEntry {
  type: OrdinaryEntry['type'] = 'file';
  name = '';
  linkname = '';
  mode = 0;
  uid = 0;
  gid = 0;
  mtime = 0;
  size = 0;
  offset = 0;
  /** Of all the memory of which pieces come. */
  private memory = Buffer.alloc(0);

  /**
   * Whether an ordinary header begins at `at`; only then the fields are its. Of what is damaged, old or extended somebody
   * else has to make sense.
   */
  read(bytes: Uint8Array, at: number): boolean {
    const flag = bytes[at + 156]!;
    const type = TYPES[flag as keyof typeof TYPES];
    if (type === undefined || !hasChecksum(bytes, at)) return false;
    const mode = octal(bytes, at + 100, at + 108);
    const uid = octal(bytes, at + 108, at + 116);
    const gid = octal(bytes, at + 116, at + 124);
    const size = octal(bytes, at + 124, at + 136);
    const mtime = octal(bytes, at + 136, at + 148);
    if (mode < 0 || uid < 0 || gid < 0 || size < 0 || mtime < 0) return false;
    const isLink = flag === 49 || flag === 50;
    if (!this.readNames(bytes, at, isLink)) return false;
    this.type = type;
    this.mode = mode & 0o7777;
    this.uid = uid;
    this.gid = gid;
    this.mtime = mtime;
    this.size = flag === 48 ? size : 0;
    return true;
  }

  private readNames(bytes: Uint8Array, at: number, isLink: boolean): boolean {
    const format = formatOf(bytes, at);
    // The numbers of devices have to be numbers wherever they are.
    if (format !== 'v7' && (octal(bytes, at + 329, at + 337) < 0 || octal(bytes, at + 337, at + 345) < 0))
      return false;
    const end = asciiEnd(bytes, at, at + 100);
    const linkEnd = isLink ? asciiEnd(bytes, at + 157, at + 257) : at + 157;
    if (end < 0 || linkEnd < 0) return false;
    const name = this.text(bytes, at, end);
    const prefixLength = format === 'ustar' ? 155 : format === 'star' ? 131 : 0;
    if (prefixLength > 0 && bytes[at + 345] !== 0) {
      const prefixEnd = asciiEnd(bytes, at + 345, at + 345 + prefixLength);
      if (prefixEnd < 0) return false;
      this.name = `${this.text(bytes, at + 345, prefixEnd)}/${name}`;
    } else this.name = name;
    this.linkname = linkEnd > at + 157 ? this.text(bytes, at + 157, linkEnd) : '';
    return true;
  }

  private text({ buffer, byteOffset }: Uint8Array, start: number, end: number): string {
    if (buffer !== this.memory.buffer) this.memory = Buffer.from(buffer as ArrayBuffer);
    return this.memory.toString('latin1', byteOffset + start, byteOffset + end);
  }
}

/** The unsigned sum, which all but old writers use. */
function hasChecksum(bytes: Uint8Array, at: number): boolean {
  const end = at + BLOCK;
  let sum = 8 * 0x20;
  for (let index = at; index < at + 148; index++) sum += bytes[index]!;
  for (let index = at + 156; index < end; index++) sum += bytes[index]!;
  return octal(bytes, at + 148, at + 156) === sum;
}

/** A number as `decodeNumberAt` reads it; negative where it is not spelled in octal. */
function octal(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  let at = start;
  while (at < end && (bytes[at] === 0x20 || bytes[at] === 0)) at++;
  for (; at < end; at++) {
    const byte = bytes[at]!;
    if (byte >= 0x30 && byte <= 0x37) value = value * 8 + byte - 0x30;
    else if (byte === 0x20 || byte === 0) return value;
    else return -1;
  }
  return value;
}

/** Where the text ends; negative where it is not ASCII. */
function asciiEnd(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    if (byte === 0) return at;
    if (byte >= 0x80) return -1;
  }
  return end;
}
