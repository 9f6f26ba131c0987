import { type Content, inlineContent } from '../../layers/content';
import { encodeText } from './bytes';

/**
 * Text that only a real build makes, such as what `$(curl …)` gives, stands in strings as a mark: three characters from
 * the last private plane of Unicode. So it passes through variables, words and paths like any other text; whoever
 * decides by it, or turns it into bytes, has to ask `holdsUnknown`.
 */
const FIRST = '\u{10face}';
const PLANE = 0x100000;
/** What the plane has room for below the first character. */
const CODES = 0xfac0;
const MARKS = /\u{10face}[\u{100000}-\u{10fac0}]{2}/gu;

/** Why texts are not known, by the second character of their marks. The same words always have the same number. */
const reasons: string[] = [];
const codes = new Map<string, number>();

/** A new mark. Two marks are never equal, whatever they stand for: `id` tells those of one run apart. */
export function unknownText(reason: string, id: number): string {
  let code = codes.get(reason);
  if (code === undefined) {
    code = reasons.length % CODES;
    reasons[code] = reason;
    codes.set(reason, code);
  }
  return FIRST + String.fromCodePoint(PLANE + code, PLANE + (id % CODES));
}

export function holdsUnknown(text: string): boolean {
  return text.includes(FIRST);
}

/** Nothing but one or more marks. */
export function isUnknown(text: string): boolean {
  return holdsUnknown(text) && text.replace(MARKS, '') === '';
}

export function startsUnknown(text: string): boolean {
  return text.startsWith(FIRST);
}

/** Why the first mark in `text` is not known. */
export function reasonOfUnknown(text: string): string {
  const [mark] = text.match(MARKS) ?? [];
  return (mark && reasons[mark.codePointAt(2)! - PLANE]) ?? 'it is made in the build';
}

/** For messages: `/opt/tool-…`. */
export function showUnknown(text: string): string {
  return holdsUnknown(text) ? text.replace(MARKS, '…') : text;
}

/** Text as bytes; with a mark in it, it has none. */
export function contentOfText(text: string): Content {
  return holdsUnknown(text)
    ? { kind: 'placeholder', size: 0, reason: reasonOfUnknown(text) }
    : inlineContent(encodeText(text));
}

/** The part of a path that is known for certain: the folder before the first mark. */
export function knownFolder(path: string): string {
  const known = path.slice(0, path.indexOf(FIRST));
  return known.slice(0, known.lastIndexOf('/')) || '/';
}

const FIRST_BYTES = encodeText(FIRST);

/** Whether bytes that a program made of its arguments hold a mark; the reason for it. */
export function unknownInBytes(bytes: Uint8Array): string | undefined {
  for (let at = bytes.indexOf(FIRST_BYTES[0]!); at >= 0; at = bytes.indexOf(FIRST_BYTES[0]!, at + 1)) {
    if (!FIRST_BYTES.every((byte, index) => bytes[at + index] === byte)) continue;
    return reasonOfUnknown(new TextDecoder().decode(bytes.subarray(at)));
  }
  return undefined;
}
