/**
 * One block of 512 bytes that describes an entry.
 * https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html#tag_20_92_13_06 (ustar),
 * https://www.gnu.org/software/tar/manual/html_node/Standard.html (GNU), and V7 before both.
 */
import { ArchiveFault } from './fault';
import { decodeName, decodeNameAt, decodeNumberAt, untilNul } from './tar-text';

export const BLOCK = 512;

export interface TarHeader {
  readonly format: 'v7' | 'ustar' | 'gnu' | 'star';
  readonly name: string;
  readonly typeFlag: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly mtime: number;
  readonly linkname: string;
  readonly uname: string;
  readonly gname: string;
  readonly major: number;
  readonly minor: number;
  /** For what only some type flags have, such as GNU's sparse map. */
  readonly block: Uint8Array;
}

export function isZeroBlock(block: Uint8Array): boolean {
  for (let at = 0; at < block.length; at++) if (block[at] !== 0) return false;
  return true;
}

/** The header in `block`. Throws where the checksum or a number is wrong. */
export function parseHeader(block: Uint8Array): TarHeader {
  if (!hasRightChecksum(block)) throw new ArchiveFault('damaged', "a header's checksum is wrong");
  const text = (start: number, length: number) => decodeNameAt(block, start, start + length);
  const number = (start: number, length: number) => decodeNumberAt(block, start, start + length);
  const format = formatOf(block);
  const named = format !== 'v7';
  const size = number(124, 12);
  if (size < 0) throw new ArchiveFault('damaged', 'a header claims a negative size');
  return {
    format,
    name: nameIn(block, format),
    typeFlag: String.fromCharCode(block[156]!),
    mode: number(100, 8),
    uid: number(108, 8),
    gid: number(116, 8),
    size,
    mtime: number(136, 12),
    linkname: text(157, 100),
    uname: named ? ownerName(block, 265) : '',
    gname: named ? ownerName(block, 297) : '',
    major: named ? number(329, 8) : 0,
    minor: named ? number(337, 8) : 0,
    block,
  };
}

/** Decoded in one piece: a name that is cut within a character between prefix and name is still one name. */
function nameIn(block: Uint8Array, format: TarHeader['format']): string {
  const length = format === 'ustar' ? 155 : format === 'star' ? 131 : 0;
  if (length === 0 || block[345] === 0) return decodeNameAt(block, 0, 100);
  const name = untilNul(block.subarray(0, 100));
  const prefix = untilNul(block.subarray(345, 345 + length));
  const whole = new Uint8Array(prefix.length + 1 + name.length);
  whole.set(prefix);
  whole[prefix.length] = 0x2f;
  whole.set(name, prefix.length + 1);
  return decodeName(whole);
}

/** The format of the header that begins at `at`. */
export function formatOf(bytes: Uint8Array, at = 0): TarHeader['format'] {
  if (!holds(bytes, at + 257, 'ustar')) return 'v7';
  if (holds(bytes, at + 262, '  \0')) return 'gnu';
  if (bytes[at + 262] !== 0) return 'v7';
  return holds(bytes, at + 508, 'tar\0') ? 'star' : 'ustar';
}

function holds(block: Uint8Array, start: number, text: string): boolean {
  for (let at = 0; at < text.length; at++) if (block[start + at] !== text.charCodeAt(at)) return false;
  return true;
}

let lastOwner = '';

/** Nearly all entries of an archive have one owner. */
function ownerName(block: Uint8Array, start: number): string {
  const { length } = lastOwner;
  const ends = length === 32 || (length < 32 && block[start + length] === 0);
  if (ends && holds(block, start, lastOwner)) return lastOwner;
  const name = decodeNameAt(block, start, start + 32);
  // What is not ASCII is longer as bytes.
  if (/^[\0-\x7f]*$/.test(name)) lastOwner = name;
  return name;
}

/** Old writers summed signed bytes; both sums are in use. */
export function hasRightChecksum(block: Uint8Array): boolean {
  let unsigned = 0;
  let signed = 0;
  for (let index = 0; index < BLOCK; index++) {
    const byte = index >= 148 && index < 156 ? 0x20 : block[index]!;
    unsigned += byte;
    signed += byte < 0x80 ? byte : byte - 0x100;
  }
  let claimed: number;
  try {
    claimed = decodeNumberAt(block, 148, 156);
  } catch {
    return false;
  }
  return claimed === unsigned || claimed === signed;
}
