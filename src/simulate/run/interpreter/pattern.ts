import { matching } from '../matching';

/**
 * Shell patterns (POSIX XCU 2.13): `*`, `?`, `[…]`; a backslash takes the meaning from the next character. With
 * `extended`, bash's `?(…)`, `*(…)`, `+(…)`, `@(…)`, `!(…)`.
 */
export interface PatternOptions {
  /** `[^a]` means `[!a]`, as everywhere but in dash. */
  readonly caret?: boolean;
  readonly extended?: boolean;
  readonly ignoreCase?: boolean;
}

const SPECIAL_IN_REGEX = /[\\^$.*+?()[\]{}|/]/g;
/** POSIX character classes as the inside of a JavaScript class. */
export const CLASSES: Readonly<Record<string, string>> = {
  alpha: 'a-zA-Z',
  digit: '0-9',
  alnum: 'a-zA-Z0-9',
  upper: 'A-Z',
  lower: 'a-z',
  space: '\\t-\\r ',
  blank: ' \\t',
  punct: '!-\\/:-@\\[-`{-~',
  print: ' -~',
  graph: '!-~',
  cntrl: '\\x00-\\x1f\\x7f',
  xdigit: '0-9a-fA-F',
  word: '\\w',
};

/** Quotes text so that it matches only itself. */
export function escapePattern(text: string): string {
  return text.replace(/[\\*?[\]!^\-()|+@&]/g, '\\$&');
}

/** Whether a pattern has anything that is not itself. */
export function isPattern(pattern: string, options: PatternOptions = {}): boolean {
  for (let index = 0; index < pattern.length; index++) {
    const char = pattern[index]!;
    if (char === '\\') index++;
    else if (char === '*' || char === '?') return true;
    else if (char === '[' && bracketSource(pattern, index + 1)) return true;
    else if (options.extended && /[+@!]/.test(char) && pattern[index + 1] === '(') return true;
  }
  return false;
}

/** The text a pattern without specials stands for. */
export function unescapePattern(pattern: string): string {
  return pattern.replace(/\\(.)/gs, '$1');
}

const compiled = new Map<string, RegExp>();

/** Whether the whole text matches. */
export function matchesPattern(text: string, pattern: string, options: PatternOptions = {}): boolean {
  const key = `${options.extended ? 'x' : ''}${options.caret === false ? '^' : ''}${options.ignoreCase ? 'i' : ''}:${pattern}`;
  let regex = compiled.get(key);
  if (!regex) {
    regex = new RegExp(`^(?:${patternSource(pattern, options)})$`, options.ignoreCase ? 'sui' : 'su');
    if (compiled.size > 500) compiled.clear();
    compiled.set(key, regex);
  }
  const known = regex;
  return matching(known, text.length, () => known.test(text));
}

/** A regular expression source for the pattern; `greedy: false` makes `*` take as little as it can. */
export function patternSource(
  pattern: string,
  options: PatternOptions & { readonly greedy?: boolean } = {},
): string {
  const star = options.greedy === false ? '.*?' : '.*';
  let source = '';
  for (let index = 0; index < pattern.length; ) {
    const char = pattern[index]!;
    const group =
      options.extended && /[?*+@!]/.test(char) && pattern[index + 1] === '('
        ? groupEnd(pattern, index + 2)
        : -1;
    if (group >= 0) {
      source += extendedGroup(char, pattern.slice(index + 2, group), pattern.slice(group + 1), options);
      index = group + 1;
    } else if (char === '\\') {
      const next = String.fromCodePoint(pattern.codePointAt(index + 1) ?? 0x5c);
      source += next.replace(SPECIAL_IN_REGEX, '\\$&');
      index += 1 + next.length;
    } else if (char === '*' || char === '?') {
      source += char === '*' ? star : '.';
      index++;
    } else if (char === '[') {
      const bracket = bracketSource(pattern, index + 1, options.caret ?? true);
      source += bracket?.source ?? '\\[';
      index = bracket?.end ?? index + 1;
    } else {
      source += char.replace(SPECIAL_IN_REGEX, '\\$&');
      index++;
    }
  }
  return source;
}

function groupEnd(pattern: string, index: number): number {
  let depth = 1;
  for (let at = index; at < pattern.length; at++) {
    if (pattern[at] === '\\') at++;
    else if (pattern[at] === '(') depth++;
    else if (pattern[at] === ')' && --depth === 0) return at;
  }
  return -1;
}

function extendedGroup(kind: string, inside: string, rest: string, options: PatternOptions): string {
  const choices = alternatives(inside).map((choice) => patternSource(choice, options));
  const choice = `(?:${choices.join('|')})`;
  if (kind !== '!') return kind === '@' ? choice : choice + kind;
  return `(?:(?!${choice}${patternSource(rest, options)}$).*)`;
}

function alternatives(inside: string): string[] {
  const found: string[] = [''];
  let depth = 0;
  for (let at = 0; at < inside.length; at++) {
    const char = inside[at]!;
    if (char === '|' && depth === 0) {
      found.push('');
      continue;
    }
    if (char === '(') depth++;
    if (char === ')') depth--;
    found[found.length - 1] += char === '\\' ? inside.slice(at, ++at + 1) : char;
  }
  return found;
}

/** A bracket expression from just after its `[`; undefined when it is not closed and so stands for itself. */
function bracketSource(
  pattern: string,
  index: number,
  caret = true,
): { source: string; end: number } | undefined {
  let at = index;
  const negated = pattern[at] === '!' || (caret && pattern[at] === '^');
  if (negated) at++;
  let set = '';
  for (let first = true; ; first = false) {
    const char = pattern[at];
    if (char === undefined) return undefined;
    if (char === ']' && !first) break;
    const named = /^\[:(\w+):\]/.exec(pattern.slice(at));
    const item = named ? undefined : bracketItem(pattern, at);
    if (named) {
      set += CLASSES[named[1]!] ?? '';
      at += named[0].length;
      continue;
    }
    set += item!.source;
    at = item!.end;
    if (pattern[at] === '-' && pattern[at + 1] !== ']' && pattern[at + 1] !== undefined) {
      const upper = bracketItem(pattern, at + 1);
      // A range whose ends are in the wrong order matches nothing.
      if (upper.char < item!.char) set = set.slice(0, set.length - item!.source.length);
      else set += `-${upper.source}`;
      at = upper.end;
    }
  }
  if (set === '') return { source: negated ? '.' : '(?!)', end: at + 1 };
  return { source: `[${negated ? '^' : ''}${set}]`, end: at + 1 };
}

function bracketItem(pattern: string, index: number): { source: string; char: string; end: number } {
  const symbol = /^\[([.=])(.)\1\]/su.exec(pattern.slice(index));
  const at = pattern[index] === '\\' && index + 1 < pattern.length ? index + 1 : index;
  const char = symbol?.[2] ?? String.fromCodePoint(pattern.codePointAt(at)!);
  const end = symbol ? index + symbol[0].length : at + char.length;
  return { source: char.replace(/[\\\]^[/$.*+?(){}|-]/g, '\\$&'), char, end };
}
