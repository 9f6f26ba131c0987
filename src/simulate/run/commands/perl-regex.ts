import { NotSimulated } from '../command';
import { matching } from '../matching';
import type { ByteString } from './bytes';

/** `grep -P`: Perl's expressions as far as JavaScript's mean the same. */
export function perlMatcher(
  patterns: readonly ByteString[],
  options: { ignoreCase: boolean; whole: 'word' | 'line' | undefined; utf8: boolean },
): (line: ByteString, from: number) => { index: number; end: number } | undefined {
  if (patterns.length !== 1) throw new NotSimulated('`grep -P` with several patterns is not simulated');
  const { source, flags, hasKeep } = translate(patterns[0]!);
  const wrapped =
    options.whole === 'line'
      ? `^(?:${source})$`
      : options.whole === 'word'
        ? `(?<!\\w)(?:${source})(?!\\w)`
        : source;
  const regex = new RegExp(wrapped, `g${options.ignoreCase || flags.includes('i') ? 'i' : ''}`);
  return (line, from) => {
    if (/[\x80-\xff]/.test(line)) throw new NotSimulated('`grep -P` of text beyond ASCII is not simulated');
    regex.lastIndex = from;
    const match = matching(regex, line.length, () => regex.exec(line));
    if (!match) return undefined;
    const kept = hasKeep ? (match.groups?.kept?.length ?? 0) : 0;
    return { index: match.index + kept, end: match.index + match[0].length };
  };
}

const CLASSES: Record<string, string> = {
  alpha: 'A-Za-z',
  digit: '0-9',
  alnum: 'A-Za-z0-9',
  upper: 'A-Z',
  lower: 'a-z',
  space: '\\s',
  blank: ' \\t',
  word: '\\w',
  punct: '!-\\/:-@\\[-`{-~',
  xdigit: '0-9A-Fa-f',
};

/** What JavaScript lacks or reads otherwise: possessive repetition, atomic groups, recursion, verbs, `\R`, `\Q`, … */
const FOREIGN = /\(\?>|\(\?\||\(\?P[<=>]|\(\*|\(\?[-+R&\d]|\(\?\(|\\[GRXpPQEzZgKNCU]|[*+?}]\+|\[\[[.=]/;

function translate(pattern: ByteString): { source: string; flags: string; hasKeep: boolean } {
  const inline = /^\(\?([is]*)\)/.exec(pattern);
  let text = inline ? pattern.slice(inline[0].length) : pattern;
  const keeps = text.split('\\K');
  const hasKeep = keeps.length === 2 && isBalanced(keeps[0]!) && isBalanced(keeps[1]!) && !text.includes('|');
  if (hasKeep) text = `(?<kept>${keeps[0]})${keeps[1]}`;
  if (hasKeep && /\\[1-9]/.test(text)) throw new NotSimulated('`\\K` with back-references is not simulated');
  if (FOREIGN.test(text) || /\(\?[imsx]+[:)]/.test(text))
    throw new NotSimulated(`\`grep -P '${pattern}'\` is not simulated`);
  const source = text
    .replace(/\[:(\^?)(\w+):\]/g, (whole, negated: string, name: string) => {
      if (negated || !CLASSES[name]) throw new NotSimulated(`\`grep -P\` with ${whole} is not simulated`);
      return CLASSES[name]!;
    })
    .replace(/\\h/g, '[ \\t]')
    .replace(/\\A/g, '^');
  return { source, flags: inline?.[1] ?? '', hasKeep };
}

function isBalanced(text: string): boolean {
  const plain = text.replace(/\\./g, '').replace(/\[[^\]]*\]/g, '');
  return (plain.match(/\(/g) ?? []).length === (plain.match(/\)/g) ?? []).length;
}
