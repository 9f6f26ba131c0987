import { encodeText } from '../bytes';
import { quoteWord } from './quoting';

/** Control characters of `$'…'` that have a letter, as bash writes them. */
const LETTERS: Readonly<Record<string, string>> = {
  '\x07': 'a',
  '\b': 'b',
  '\t': 't',
  '\n': 'n',
  '\v': 'v',
  '\f': 'f',
  '\r': 'r',
  '\x1b': 'E',
  '\\': '\\',
  "'": "'",
};
const UNPRINTABLE = /[\0-\x1f\x7f]/;
const UNPRINTABLE_IN_BYTES = /[\0-\x1f\x7f-\u{10ffff}]/u;
const ESCAPED_BYTE = /(?<![\ud800-\udbff])[\udc80-\udcff]/;
/** What a shell reads as more than itself; a tilde or `#` only where a word, or a path in it, begins. */
const META = /[ \t\n'"\\|&;()<>!{}*[\]?^$`]|(?:^|[=:])~|^#/;

/** Whether only `$'…'` shows it: control characters and, where bytes are characters, all beyond ASCII. */
function needsAnsi(text: string, utf8: boolean): boolean {
  return utf8 ? UNPRINTABLE.test(text) || ESCAPED_BYTE.test(text) : UNPRINTABLE_IN_BYTES.test(text);
}

function ansiQuoted(text: string, utf8: boolean): string {
  let inside = '';
  for (const char of text) {
    const letter = LETTERS[char];
    if (letter !== undefined) inside += `\\${letter}`;
    else if (!needsAnsi(char, utf8)) inside += char;
    else for (const byte of encodeText(char)) inside += `\\${byte.toString(8).padStart(3, '0')}`;
  }
  return `$'${inside}'`;
}

/** bash's `${x@Q}`, and what it prints of traps: always in quotes. */
export function quoteAlways(text: string, utf8: boolean): string {
  return needsAnsi(text, utf8) ? ansiQuoted(text, utf8) : quoteWord(text);
}

/** A value in bash's `set`: in quotes where it must be. */
export function quoteValue(text: string, utf8: boolean): string {
  return needsAnsi(text, utf8) ? ansiQuoted(text, utf8) : META.test(text) ? quoteWord(text) : text;
}

/** bash's `printf %q`. */
export function quoteByBackslash(text: string, utf8: boolean): string {
  if (text === '') return "''";
  if (needsAnsi(text, utf8)) return ansiQuoted(text, utf8);
  return text.replace(/[ \t\n'"\\|&;()<>!{}*[\]?^$`,]|^#|^~/g, '\\$&').replace(/([=:])~/g, '$1\\~');
}

/** A value in bash's `declare -p` and `export -p`. */
export function quoteDeclared(text: string, utf8: boolean): string {
  return needsAnsi(text, utf8) ? ansiQuoted(text, utf8) : `"${text.replace(/["\\$`]/g, '\\$&')}"`;
}

/** What dash and busybox list: single quotes stand in double ones. */
export function quotePlainly(text: string): string {
  const pieces = text.split(/('+)/).map((piece) => (piece.startsWith("'") ? `"${piece}"` : `'${piece}'`));
  const last = pieces.length > 1 && pieces[pieces.length - 1] === "''" ? pieces.slice(0, -1) : pieces;
  return last.join('');
}
