import { decodeText, encodeText } from '../bytes';

/**
 * Byte strings: JavaScript strings whose every unit is one byte (0 to 255). The text tools work on them, so that
 * whatever bytes a file has come out as they went in, and so that a character is a byte as in the C locale.
 */
export type ByteString = string;

const CHUNK = 0x8000;

export function byteStringOf(bytes: Uint8Array): ByteString {
  let text = '';
  for (let start = 0; start < bytes.length; start += CHUNK) {
    text += String.fromCharCode(...bytes.subarray(start, start + CHUNK));
  }
  return text;
}

export function bytesOf(text: ByteString): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index++) bytes[index] = text.charCodeAt(index);
  return bytes;
}

/** A command line's argument, or a file's name, as the bytes the program gets. */
export function encodeArgument(text: string): ByteString {
  return isAscii(text) ? text : byteStringOf(encodeText(text));
}

/** The way back: bytes that are to name a file or become an argument. */
export function decodeArgument(text: ByteString): string {
  return isAscii(text) ? text : decodeText(bytesOf(text));
}

export function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    if (text.charCodeAt(index) > 0x7f) return false;
  }
  return true;
}

export function joinBytes(pieces: readonly Uint8Array[]): Uint8Array {
  if (pieces.length === 1) return pieces[0]!;
  const joined = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    joined.set(piece, offset);
    offset += piece.length;
  }
  return joined;
}
