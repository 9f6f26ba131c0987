import { refuseLocale } from '../builtins/escapes';
import { byteText } from '../bytes';
import { C_ESCAPES } from '../c-escapes';

/** Rewritten text, and where in the source it ends. */
export interface Copied {
  readonly text: string;
  readonly end: number;
}

/** Just after the quote that ends a single-quoted text begun before `index`; the end of the source without one. */
export function singleQuotedEnd(source: string, index: number): number {
  const end = source.indexOf("'", index);
  return end < 0 ? source.length + 1 : end + 1;
}

export function doubleQuotedEnd(source: string, index: number): number {
  let at = index;
  while (at < source.length && source[at] !== '"') at += source[at] === '\\' ? 2 : 1;
  return at + 1;
}

export function backtickEnd(source: string, index: number): number {
  let at = index;
  while (at < source.length && source[at] !== '`') at += source[at] === '\\' ? 2 : 1;
  return at + 1;
}

/** Just after the bracket that closes the one before `index`, quotes aside; -1 without one. */
export function balancedEnd(source: string, index: number, open: string, close: string): number {
  let depth = 1;
  for (let at = index; at < source.length; at++) {
    const char = source[at]!;
    if (char === '\\') at++;
    else if (char === "'") at = singleQuotedEnd(source, at + 1) - 1;
    else if (char === '"') at = doubleQuotedEnd(source, at + 1) - 1;
    else if (char === open) depth++;
    else if (char === close && --depth === 0) return at + 1;
  }
  return -1;
}

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  ...C_ESCAPES,
  e: '\x1b',
  E: '\x1b',
  "'": "'",
  '"': '"',
  '?': '?',
};

/** Turns the inside of `$'…'` into an ordinary single-quoted text (bash manual, ANSI-C Quoting). */
export function copyAnsiQuoted(source: string, index: number): Copied {
  let text = '';
  let at = index;
  while (at < source.length && source[at] !== "'") {
    if (source[at] !== '\\') {
      text += source[at++];
      continue;
    }
    const escape = ansiEscape(source.slice(at + 1, at + 10));
    text += escape.text;
    at += 1 + escape.end;
  }
  return { text: quoteWord(text), end: at + 1 };
}

function ansiEscape(rest: string): Copied {
  const simple = SIMPLE_ESCAPES[rest[0] ?? ''];
  if (simple !== undefined) return { text: simple, end: 1 };
  const octal = /^[0-7]{1,3}/.exec(rest);
  if (octal) return { text: byteText(Number.parseInt(octal[0], 8) & 0xff), end: octal[0].length };
  const hex = /^x([0-9a-fA-F]{1,2})/.exec(rest);
  if (hex) return { text: byteText(Number.parseInt(hex[1]!, 16)), end: hex[0].length };
  const code = /^(?:u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8}))/.exec(rest);
  if (code) refuseLocale(code[1] ?? code[2]!);
  if (code)
    return { text: String.fromCodePoint(Number.parseInt(code[1] ?? code[2]!, 16)), end: code[0].length };
  if (rest[0] === 'c' && rest.length > 1) {
    return { text: String.fromCharCode(rest.charCodeAt(1) & 0x1f), end: 2 };
  }
  return { text: `\\${rest[0] ?? ''}`, end: 1 };
}

/** A word that reads as `text` in any shell. */
export function quoteWord(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** As a command is shown to people: quoted only where it must be. */
export function showWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : quoteWord(text);
}

/** The parser splits `((i>=1))` as it splits redirections and drops blanks: it gets a number in place of the text. */
export function hideArithmetic(text: string): string {
  if (!/\S/.test(text)) return text;
  const digits = Array.from(text, (char) => (char.codePointAt(0)! + 0x200000).toString(16));
  return `0x1${digits.join('')}${text.replace(/[^\n]+/g, '')}`;
}

export function showArithmetic(hidden: string): string {
  const digits = /^\s*0x1([0-9a-f]*)/.exec(hidden)?.[1] ?? '';
  return digits.replace(/.{6}/g, (code) => String.fromCodePoint(Number.parseInt(code, 16) - 0x200000));
}
