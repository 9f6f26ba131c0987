/** Whether COPY takes `source` for a pattern: an escaped character is none. */
export function isGlob(source: string): boolean {
  return /^(?:\\.|[^\\])*?[*?[]/s.test(source);
}

/** A whole pattern, such as a source of COPY without its fixed folders. */
export interface Glob {
  readonly matches: (path: string) => boolean;
  /** A match has no more names than this: a character class may stand for a slash. */
  readonly maxNames: number;
}

/**
 * A pattern as Go's path.Match has it (https://pkg.go.dev/path#Match): `*` and `?` within a name, classes with `^`,
 * `\` escapes; no braces, and names with a leading dot match like any other. Throws an `Error` with the cause for a
 * malformed pattern.
 */
export function compileGlob(pattern: string): Glob {
  const chars = [...pattern];
  let source = '';
  let maxNames = 1;
  for (let index = 0; index < chars.length; index++) {
    const char = chars[index]!;
    if (char === '*') source += '[^/]*';
    else if (char === '?') source += '[^/]';
    else if (char === '[') {
      const { text, end } = readClass(chars, index);
      source += text;
      maxNames++;
      index = end;
    } else {
      const literal = char === '\\' ? chars[++index] : char;
      if (literal === undefined) throw new Error('the pattern ends in a backslash');
      if (literal === '/') maxNames++;
      source += escapedLiteral(literal);
    }
  }
  const expression = new RegExp(`^${source}$`, 'su');
  return { matches: (path) => expression.test(path), maxNames };
}

/** A character class from its `[` on, as a class of a JavaScript expression. */
function readClass(chars: readonly string[], start: number): { text: string; end: number } {
  const negated = chars[start + 1] === '^';
  let index = start + (negated ? 2 : 1);
  const take = () => {
    const char = chars[index++];
    if (char === undefined) throw new Error('a character class is not closed');
    if (char === '-' || char === ']') throw new Error(`a character class holds a bare "${char}"`);
    const taken = char === '\\' ? chars[index++] : char;
    if (taken === undefined) throw new Error('the pattern ends in a backslash');
    if (index >= chars.length) throw new Error('a character class is not closed');
    return taken.codePointAt(0)!;
  };
  let body = '';
  for (let count = 0; count === 0 || chars[index] !== ']'; count++) {
    const low = take();
    let high = low;
    if (chars[index] === '-') {
      index++;
      high = take();
    }
    // A range that runs backwards is no fault: nothing is in it.
    if (low <= high) body += rangeOf(low, high);
  }
  return { text: body === '' && !negated ? '[]' : `[${negated ? '^' : ''}${body}]`, end: index };
}

/** A range of code points within a class of a JavaScript expression with the flag `u`. */
export function rangeOf(low: number, high: number): string {
  return `\\u{${low.toString(16)}}-\\u{${high.toString(16)}}`;
}

export function escapedLiteral(char: string): string {
  return /[\\^$.*+?()[\]{}|/]/.test(char) ? `\\${char}` : char;
}
