import { readClass } from './pattern';

/** Whether COPY takes `source` for a pattern. */
export function isGlob(source: string): boolean {
  return /[*?[]/.test(source);
}

/**
 * A matcher of one file name as Go's filepath.Match has it: `*` and `?`, classes with `^`, `\` escapes; no braces,
 * and names with a leading dot match like any other. Throws an `Error` with the cause for a malformed pattern.
 */
export function compileGlob(pattern: string): (name: string) => boolean {
  let source = '';
  const chars = [...pattern];
  for (let index = 0; index < chars.length; index++) {
    const char = chars[index]!;
    if (char === '*') source += '[^/]*';
    else if (char === '?') source += '[^/]';
    else if (char === '[') {
      const { text, end } = readClass(chars, index);
      source += text;
      index = end;
    } else {
      const literal = char === '\\' ? chars[++index] : char;
      if (literal === undefined) throw new Error('the pattern ends in a backslash');
      source += literal.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&');
    }
  }
  const expression = new RegExp(`^${source}$`, 'su');
  return (name) => expression.test(name);
}
