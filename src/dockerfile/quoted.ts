const NAMED: Readonly<Record<string, string>> = {
  '\u0007': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\\': '\\\\',
};

/** A text as Go's `%q` prints it, which the builder uses in messages and in history. */
export function goQuoted(text: string): string {
  return `"${[...text].map((char) => (char === '"' ? '\\"' : escaped(char))).join('')}"`;
}

/** A number as Go's `%q` prints it: as the character of that number. */
export function goQuotedCharacter(code: number): string {
  const char = code <= 0x10ffff ? String.fromCodePoint(code) : '\uFFFD';
  return `'${char === "'" ? "\\'" : escaped(char)}'`;
}

function escaped(char: string): string {
  const named = NAMED[char];
  if (named !== undefined) return named;
  if (/^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(char)) return char;
  const code = char.codePointAt(0)!;
  const hex = (digits: number) => code.toString(16).padStart(digits, '0');
  if (code < 0x80) return `\\x${hex(2)}`;
  return code > 0xffff ? `\\U${hex(8)}` : `\\u${hex(4)}`;
}
