import { compileGlob } from './glob';
import { goExpression } from './go-expression';

/**
 * One pattern of an ignore file or of `--exclude`, as moby/patternmatcher understands it: `*` within a name, `**`
 * over folders, `?`, character classes, `\` escapes; matched against the whole relative path.
 */
export type PathMatcher = (path: string) => boolean;

/** A pattern that reads well and turns out to be none when it is first matched, such as `[z-a]`. */
export class LateFault extends Error {}

/** Characters that mean something in a regular expression and nothing in a pattern. `^` is not among them in the reference. */
const LITERAL = new Set(['.', '+', '(', ')', '|', '{', '}', '$']);

/** Throws an `Error` with the cause for a pattern that the reference refuses too, such as an unclosed `[`. */
export function compilePattern(pattern: string): PathMatcher {
  // The reference has its syntax checked by filepath.Match, and goes on by rules of its own.
  compileGlob(pattern);
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
      const expression = compiled(`^${parsed.source}$`);
      return (path) => expression.test(path);
    }
  }
}

function compiled(source: string): RegExp {
  try {
    return goExpression(source);
  } catch (error) {
    throw new LateFault((error as Error).message);
  }
}

type Parsed = { kind: 'exact' | 'prefix' | 'suffix' } | { kind: 'expression'; source: string };

/** The reference takes short cuts for plain paths, `a/**` and `**` + a plain rest; they decide some odd cases. */
function expressionOf(pattern: string): Parsed {
  let kind: Parsed['kind'] = 'exact';
  let source = '';
  const chars = [...pattern];
  for (let index = 0, steps = 0; index < chars.length; index++, steps++) {
    const char = chars[index]!;
    if (char === '*' && chars[index + 1] === '*') {
      index++;
      if (chars[index + 1] === '/') index++;
      if (index + 1 >= chars.length) {
        kind = kind === 'exact' ? 'prefix' : 'expression';
        source += '.*';
      } else {
        kind = 'expression';
        source += '(.*/)?';
      }
      if (steps === 0) kind = 'suffix';
    } else if (char === '*' || char === '?') {
      kind = 'expression';
      source += char === '*' ? '[^/]*' : '[^/]';
    } else if (LITERAL.has(char)) {
      source += `\\${char}`;
    } else if (char === '\\') {
      kind = 'expression';
      source += `\\${chars[++index]}`;
    } else {
      if (char === '[' || char === ']') kind = 'expression';
      source += char;
    }
  }
  return kind === 'expression' ? { kind, source } : { kind };
}
