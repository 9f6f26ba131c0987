/**
 * Blanks as the builder counts them. Between words it goes by Unicode's white space (Go's `unicode.IsSpace`), between
 * keyword and arguments by a shorter list, in which a no-break space is a character like any other.
 */
const BLANK = /[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;
const LEADING = new RegExp(`^${BLANK.source}+`);
const TRAILING = new RegExp(`${BLANK.source}+$`);

/** What separates a keyword from its arguments, and the arguments of a plain list. */
export const SEPARATOR = /[\t\v\f\r ]+/;

export function isBlank(char: string): boolean {
  return BLANK.test(char);
}

export function trimStart(text: string): string {
  return text.replace(LEADING, '');
}

export function trim(text: string): string {
  return trimStart(text).replace(TRAILING, '');
}

/** Cuts a text at the first separator; without one all of it is the head. */
export function cutAtSeparator(text: string): { head: string; rest: string | undefined } {
  const found = SEPARATOR.exec(text);
  return found
    ? { head: text.slice(0, found.index), rest: text.slice(found.index + found[0].length) }
    : { head: text, rest: undefined };
}

/** Cuts a text at its first run of blanks. */
export function cutAtBlank(text: string): { head: string; rest: string } {
  let end = 0;
  while (end < text.length && !isBlank(text[end]!)) end++;
  return { head: text.slice(0, end), rest: trimStart(text.slice(end)) };
}
