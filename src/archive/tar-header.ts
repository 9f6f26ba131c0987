/**
 * One block of 512 bytes that describes an entry.
 * https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html#tag_20_92_13_06 (ustar),
 * https://www.gnu.org/software/tar/manual/html_node/Standard.html (GNU), and V7 before both.
 */
import { ArchiveFault } from './fault';
import { bytesAsText, decodeName, decodeNumber, untilNul } from './tar-text';

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
  return block.every((byte) => byte === 0);
}

/** The header in `block`. Throws where the checksum or a number is wrong. */
export function parseHeader(block: Uint8Array): TarHeader {
  if (!hasRightChecksum(block)) throw new ArchiveFault('damaged', "a header's checksum is wrong");
  const text = (start: number, length: number) => decodeName(untilNul(block.subarray(start, start + length)));
  const number = (start: number, length: number) => decodeNumber(block.subarray(start, start + length));
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
    uname: named ? text(265, 32) : '',
    gname: named ? text(297, 32) : '',
    major: named ? number(329, 8) : 0,
    minor: named ? number(337, 8) : 0,
    block,
  };
}

/** Decoded in one piece: a name that is cut within a character between prefix and name is still one name. */
function nameIn(block: Uint8Array, format: TarHeader['format']): string {
  const name = untilNul(block.subarray(0, 100));
  const length = format === 'ustar' ? 155 : format === 'star' ? 131 : 0;
  const prefix = untilNul(block.subarray(345, 345 + length));
  if (prefix.length === 0) return decodeName(name);
  const whole = new Uint8Array(prefix.length + 1 + name.length);
  whole.set(prefix);
  whole[prefix.length] = 0x2f;
  whole.set(name, prefix.length + 1);
  return decodeName(whole);
}

function formatOf(block: Uint8Array): TarHeader['format'] {
  const magic = bytesAsText(block.subarray(257, 265));
  if (magic === 'ustar  \0') return 'gnu';
  if (!magic.startsWith('ustar\0')) return 'v7';
  return bytesAsText(block.subarray(508, 512)) === 'tar\0' ? 'star' : 'ustar';
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
    claimed = decodeNumber(block.subarray(148, 156));
  } catch {
    return false;
  }
  return claimed === unsigned || claimed === signed;
}
