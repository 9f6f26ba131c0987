/**
 * The pattern operators of `${NAME…}`: `#`, `##`, `%`, `%%`, `/` and `//`. In a pattern `*` and `?` mean something, a
 * backslash before one of them or before a backslash takes the meaning off.
 * https://docs.docker.com/reference/dockerfile/#environment-replacement
 */

/** Throws an `Error` in the builder's words. `pattern` begins with a `#` of its own when the longest match is asked for. */
export function removePrefix(value: string, pattern: string): string {
  const { glob, greedy } = withoutMark(pattern, '#');
  return value.replace(new RegExp(`^(?:${expressionOf(glob, greedy)})`, 'u'), '');
}

/** `pattern` begins with a `%` of its own when the longest match is asked for. */
export function removeSuffix(value: string, pattern: string): string {
  const { glob, greedy } = withoutMark(pattern, '%');
  // The shortest match at the end is the shortest at the front of both turned round.
  const backwards = new RegExp(`^(?:${expressionOf(reversedPattern(glob), greedy)})`, 'u');
  return reversed(reversed(value).replace(backwards, ''));
}

export function replacePattern(
  value: string,
  pattern: string,
  replacement: string,
  { all }: { all: boolean },
): string {
  const expression = new RegExp(expressionOf(pattern, true), all ? 'gu' : 'u');
  // Where all are replaced, a `$name` in the replacement stands for a group, and there are none.
  const text = all
    ? replacement.replace(/\$(?:\$|\{\w+\}|\w+)/g, (mark) => (mark === '$$' ? '$' : ''))
    : replacement;
  return value.replace(expression, () => text);
}

function withoutMark(pattern: string, mark: string): { glob: string; greedy: boolean } {
  return pattern.startsWith(mark)
    ? { glob: pattern.slice(1), greedy: true }
    : { glob: pattern, greedy: false };
}

function expressionOf(glob: string, greedy: boolean): string {
  const parts: string[] = [];
  const chars = [...glob];
  for (let index = 0; index < chars.length; index++) {
    const char = chars[index]!;
    if (char === '*') parts.push(greedy ? '[^\\n]*' : '[^\\n]*?');
    else if (char === '?') parts.push('[^\\n]');
    else if (char !== '\\') parts.push(literal(char));
    else if (chars[index + 1] !== '}' && chars[index + 1] !== '/') {
      const next = chars[++index];
      if (next === undefined || !'*?\\'.includes(next)) {
        throw new Error(`invalid pattern (${glob}) in substitution: invalid escape '\\${next ?? '\uFFFD'}'`);
      }
      parts.push(literal(next));
    }
  }
  return parts.join('');
}

function literal(char: string): string {
  return char.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&');
}

/** Turned round, but for escapes, which stay before what they escape. */
function reversedPattern(glob: string): string {
  return (glob.match(/\\[\s\S]|[\s\S]/gu) ?? []).reverse().join('');
}

function reversed(text: string): string {
  return [...text].reverse().join('');
}
