import { NotSimulated } from '../command';
import { matching } from '../matching';
import { matchesPattern, type PatternOptions, patternSource } from './pattern';
import { quoteWord } from './quoting';

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
  if (pattern === '') return text;
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

/** `${x^}`, `${x^^}`, `${x,}`, `${x,,}`: ASCII letters only, as in the C locale. */
export function changeCase(
  text: string,
  pattern: string,
  { direction, all }: { readonly direction: 'upper' | 'lower'; readonly all: boolean },
): string {
  const change = (char: string) => {
    if (!/[A-Za-z]/.test(char) || !matchesPattern(char, pattern)) return char;
    return direction === 'upper' ? char.toUpperCase() : char.toLowerCase();
  };
  const chars = [...text];
  return chars.map((char, index) => (all || index === 0 ? change(char) : char)).join('');
}

/** `${x@Q}` and the other transformations. */
export function quoteTransform(operator: string): (text: string) => string {
  switch (operator) {
    case 'Q':
      return quoteWord;
    case 'U':
      return (text) => changeCase(text, '?', { direction: 'upper', all: true });
    case 'L':
      return (text) => changeCase(text, '?', { direction: 'lower', all: true });
    case 'u':
      return (text) => changeCase(text, '?', { direction: 'upper', all: false });
    default:
      throw new NotSimulated(`the expansion \`@${operator}\` is not simulated`);
  }
}
