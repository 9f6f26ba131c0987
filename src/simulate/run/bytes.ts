/**
 * Text of a shell that may hold any bytes. Bytes that are not UTF-8 become lone low surrogates (U+DC80 to U+DCFF)
 * and turn back into the same bytes, as Python's `surrogateescape` does (PEP 383).
 */
const ESCAPED_BYTE = /(?<![\ud800-\udbff])[\udc80-\udcff]/;

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

export function decodeText(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    return decodeMixed(bytes);
  }
}

export function encodeText(text: string): Uint8Array {
  if (!ESCAPED_BYTE.test(text)) return encoder.encode(text);
  const bytes: number[] = [];
  for (const char of text) {
    const code = char.codePointAt(0)!;
    if (code >= 0xdc80 && code <= 0xdcff) bytes.push(code & 0xff);
    else bytes.push(...encoder.encode(char));
  }
  return Uint8Array.from(bytes);
}

/** The text for a byte that is written on its own, as `printf '\377'` does. */
export function byteText(byte: number): string {
  return byte < 0x80 ? String.fromCharCode(byte) : String.fromCharCode(0xdc00 + byte);
}

/** Joins single bytes that together are UTF-8 into their characters. */
export function normalizeText(text: string): string {
  return ESCAPED_BYTE.test(text) ? decodeText(encodeText(text)) : text;
}

/** Length in bytes, which is what shells count in the C locale of a build. */
export function byteLength(text: string): number {
  for (let index = 0; index < text.length; index++) {
    if (text.charCodeAt(index) >= 0x80) return encodeText(text).length;
  }
  return text.length;
}

function decodeMixed(bytes: Uint8Array): string {
  let text = '';
  for (let index = 0; index < bytes.length; ) {
    const length = sequenceLength(bytes[index]!);
    const piece = bytes.subarray(index, index + length);
    try {
      text += strict.decode(piece);
      index += length;
    } catch {
      text += byteText(bytes[index]!);
      index++;
    }
  }
  return text;
}

function sequenceLength(first: number): number {
  if (first >= 0xf0) return 4;
  if (first >= 0xe0) return 3;
  return first >= 0xc0 ? 2 : 1;
}
