/**
 * One pattern of an ignore file or of `--exclude`, as moby/patternmatcher understands it: `*` within a name, `**`
 * over folders, `?`, character classes, `\` escapes; matched against the whole relative path.
 */
export type PathMatcher = (path: string) => boolean;

/** Characters that mean something in a regular expression and nothing in a pattern. `^` is not among them in the reference. */
const LITERAL = new Set(['.', '+', '(', ')', '|', '{', '}', '$']);

/** Throws an `Error` with the cause for a pattern that the reference refuses too, such as an unclosed `[`. */
export function compilePattern(pattern: string): PathMatcher {
  const parsed = expressionOf(pattern);
  switch (parsed.kind) {
    case 'exact':
      return (path) => path === pattern;
    case 'prefix': {
      const prefix = pattern.slice(0, -2);
      return (path) => path.startsWith(prefix);
    }
    case 'suffix': {
      const suffix = pattern.slice(2);
      const name = suffix.startsWith('/') ? suffix.slice(1) : undefined;
      return (path) => path.endsWith(suffix) || path === name;
    }
    default: {
      const expression = new RegExp(`^${parsed.source}$`, 'u');
      return (path) => expression.test(path);
    }
  }
}

type Parsed = { kind: 'exact' | 'prefix' | 'suffix' } | { kind: 'expression'; source: string };

/** The reference takes short cuts for plain paths, `a/**` and `**` + a plain rest; they decide some odd cases. */
function expressionOf(pattern: string): Parsed {
  let kind: Parsed['kind'] = 'exact';
  let source = '';
  const chars = [...pattern];
  for (let index = 0; index < chars.length; index++) {
    const char = chars[index]!;
    if (char === '*' && chars[index + 1] === '*') {
      const first = index === 0;
      index++;
      if (chars[index + 1] === '/') index++;
      if (index + 1 >= chars.length) {
        kind = kind === 'exact' ? 'prefix' : 'expression';
        source += '.*';
      } else {
        kind = 'expression';
        source += '(?:.*/)?';
      }
      if (first) kind = 'suffix';
    } else if (char === '*' || char === '?') {
      kind = 'expression';
      source += char === '*' ? '[^/]*' : '[^/]';
    } else if (LITERAL.has(char)) {
      source += `\\${char}`;
    } else if (char === '\\') {
      const next = chars[++index];
      if (next === undefined) throw new Error('the pattern ends in a backslash');
      kind = 'expression';
      source += escapedLiteral(next);
    } else if (char === '[') {
      const { text, end } = readClass(chars, index);
      kind = 'expression';
      source += text;
      index = end;
    } else if (char === ']') {
      kind = 'expression';
      source += '\\]';
    } else {
      source += char === '/' || char === '^' ? char : escapedLiteral(char);
    }
  }
  return kind === 'expression' ? { kind, source } : { kind };
}

function escapedLiteral(char: string): string {
  return /[\\^$.*+?()[\]{}|/]/.test(char) ? `\\${char}` : char;
}

/** A character class from its `[` on, as a class of a JavaScript expression. */
export function readClass(chars: readonly string[], start: number): { text: string; end: number } {
  let index = start + 1;
  let body = '';
  const negated = chars[index] === '^';
  if (negated) index++;
  const first = index;
  for (; ; index++) {
    let char = chars[index];
    if (char === undefined) throw new Error('a character class is not closed');
    if (char === ']' && index > first) break;
    if (char === '\\') {
      char = chars[++index];
      if (char === undefined) throw new Error('the pattern ends in a backslash');
      body += `\\u{${char.codePointAt(0)!.toString(16)}}`;
    } else if (char === '-' && index > first && chars[index + 1] !== ']') {
      body += '-';
    } else {
      body += `\\u{${char.codePointAt(0)!.toString(16)}}`;
    }
  }
  if (body === '') throw new Error('a character class is empty');
  return { text: `[${negated ? '^' : ''}${body}]`, end: index };
}
