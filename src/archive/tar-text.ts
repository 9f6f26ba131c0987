/**
 * How a tar spells names and numbers.
 * https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html#tag_20_92_13_06 and
 * https://www.gnu.org/software/tar/manual/html_node/Standard.html (base-256 numbers).
 */
import { ArchiveFault } from './fault';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** Names are UTF-8; one that is not is taken byte by byte, so that two different names stay different. */
export function decodeName(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    return bytesAsText(bytes);
  }
}

/** One character a byte, as extended attributes are kept: they are bytes, not text. */
export function bytesAsText(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

export function textAsBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

export function encodeName(name: string): Uint8Array {
  return encoder.encode(name);
}

/** The bytes before the first NUL. */
export function untilNul(bytes: Uint8Array): Uint8Array {
  const end = bytes.indexOf(0);
  return end < 0 ? bytes : bytes.subarray(0, end);
}

/** A number of a header: octal digits, or with the first bit set a big-endian two's complement number. */
export function decodeNumber(field: Uint8Array): number {
  return decodeNumberAt(field, 0, field.length);
}

/** The same within a block: without a view for each field, of which a layer has a million. */
export function decodeNumberAt(block: Uint8Array, start: number, end: number): number {
  if ((block[start]! & 0x80) !== 0) return decodeBase256(block.subarray(start, end));
  let value = 0;
  let digits = 0;
  for (let at = start; at < end; at++) {
    const byte = block[at]!;
    if (byte >= 0x30 && byte <= 0x37) {
      value = value * 8 + byte - 0x30;
      digits++;
    } else if (byte === 0x20 || byte === 0) {
      if (digits > 0) break;
    } else {
      throw new ArchiveFault('damaged', 'a number in a header is not octal');
    }
  }
  return value;
}

/** The name in a block, up to the first NUL. */
export function decodeNameAt(block: Uint8Array, start: number, end: number): string {
  let at = start;
  while (at < end && block[at] !== 0) at++;
  return at === start ? '' : decodeName(block.subarray(start, at));
}

function decodeBase256(field: Uint8Array): number {
  const negative = (field[0]! & 0x40) !== 0;
  let value = negative ? -1n : 0n;
  field.forEach((byte, index) => {
    const bits = index === 0 ? (negative ? byte | 0x80 : byte & 0x7f) : byte;
    value = (value << 8n) | BigInt(bits);
  });
  return safeNumber(value);
}

function safeNumber(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) {
    throw new ArchiveFault('damaged', `a number in a header is out of range: ${value}`);
  }
  return number;
}

/** A whole number of a pax record or a sparse map. */
export function decodeDecimal(text: string, what: string): number {
  const value = /^-?\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value)) {
    throw new ArchiveFault('damaged', `${what} is not a number: ${JSON.stringify(text.slice(0, 40))}`);
  }
  return value;
}
