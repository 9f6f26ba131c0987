import { NotSimulated } from '../command';
import { matching } from '../matching';
import type { Characters } from './characters';
import { matchesPattern, type PatternOptions, patternSource } from './pattern';
import { quoteAlways } from './reusable';

interface Removal extends PatternOptions {
  readonly side: 'prefix' | 'suffix';
  readonly greedy: boolean;
}

/** `${x#p}`, `${x##p}`, `${x%p}`, `${x%%p}`: takes the shortest or longest match off one end. */
export function removePattern(text: string, pattern: string, removal: Removal): string {
  const source = patternSource(pattern, removal);
  if (removal.side === 'prefix') return replaced(text, new RegExp(`^(?:${source})`, 'su'), '');
  // The longest suffix is the one that starts first; for the shortest, as much as possible goes before it.
  if (removal.greedy) return replaced(text, new RegExp(`(?:${source})$`, 'su'), '');
  return replaced(text, new RegExp(`^(.*)(?:${source})$`, 'su'), '$1');
}

function replaced(text: string, regex: RegExp, replacement: string): string {
  return matching(regex, text.length, () => text.replace(regex, replacement));
}

interface Replacement extends PatternOptions {
  readonly all: boolean;
  readonly anchor: 'start' | 'end' | null;
}

/** `${x/p/r}` and its kin. In `replacement` an `&` that is not quoted stands for what matched (bash 5.2). */
export function replacePattern(
  text: string,
  pattern: string,
  replacement: string,
  options: Replacement,
): string {
  if (pattern === '') {
    if (options.anchor === null) return text;
    const added = fillReplacement(replacement, '');
    return options.anchor === 'start' ? added + text : text + added;
  }
  const source = patternSource(pattern, options);
  const anchored =
    options.anchor === 'start' ? `^(?:${source})` : options.anchor === 'end' ? `(?:${source})$` : source;
  const regex = new RegExp(anchored, options.all ? 'gsu' : 'su');
  const fill = (match: string) => (match === '' && options.all ? '' : fillReplacement(replacement, match));
  return matching(regex, text.length, () => text.replace(regex, fill));
}

function fillReplacement(replacement: string, match: string): string {
  return replacement.replace(/\\(.)|&/gs, (_, quoted: string | undefined) => quoted ?? match);
}

interface CaseChange {
  readonly direction: 'upper' | 'lower';
  readonly all: boolean;
  readonly utf8: boolean;
}

/** `${x^}`, `${x^^}`, `${x,}`, `${x,,}`; of bytes only those of ASCII are letters. */
export function changeCase(text: string, pattern: string, { direction, all, utf8 }: CaseChange): string {
  const change = (char: string) => {
    if (!utf8 && !/[A-Za-z]/.test(char)) return char;
    const changed = direction === 'upper' ? char.toUpperCase() : char.toLowerCase();
    // `towupper(3)` gives one character for one: what has none of its own stays, such as ß.
    return [...changed].length === 1 && matchesPattern(char, pattern) ? changed : char;
  };
  const chars = [...text];
  return chars.map((char, index) => (all || index === 0 ? change(char) : char)).join('');
}

/** `${x@Q}` and the other transformations, of text in units. */
export function quoteTransform(operator: string, { utf8, text }: Characters): (units: string) => string {
  switch (operator) {
    case 'Q':
      return (units) => quoteAlways(text(units), utf8);
    case 'U':
      return (units) => changeCase(units, '?', { direction: 'upper', all: true, utf8 });
    case 'L':
      return (units) => changeCase(units, '?', { direction: 'lower', all: true, utf8 });
    case 'u':
      return (units) => changeCase(units, '?', { direction: 'upper', all: false, utf8 });
    default:
      throw new NotSimulated(`the expansion \`@${operator}\` is not simulated`);
  }
}
