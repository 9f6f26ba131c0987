import { NotSimulated } from '../command';
import type { BracePart, WordNode, WordPart } from './syntax';

const MAX_WORDS = 100_000;

/** Brace expansion (bash manual 3.5.1), which comes before all others: `a{b,c}` is `ab ac`. */
export function expandBraces(word: WordNode): readonly WordNode[] {
  if (!word.parts.some((part) => part.type === 'BraceExpansion')) return [word];
  let heads: WordPart[][] = [[]];
  for (const part of word.parts) {
    const choices = part.type === 'BraceExpansion' ? choicesOf(part) : [[part]];
    if (heads.length * choices.length > MAX_WORDS) throw tooMany();
    heads = heads.flatMap((head) => choices.map((choice) => [...head, ...choice]));
  }
  return heads.map((parts) => ({ type: 'Word', parts }));
}

function choicesOf(part: BracePart): readonly (readonly WordPart[])[] {
  return part.items.flatMap((item): readonly (readonly WordPart[])[] => {
    if (item.type === 'Word') return expandBraces(item.word).map((word) => word.parts);
    return rangeOf(item).map((value) => [{ type: 'Literal', value }]);
  });
}

type Range = Extract<BracePart['items'][number], { type: 'Range' }>;

function rangeOf({ start, end, step, startStr, endStr }: Range): string[] {
  const letters = typeof start === 'string';
  const first = letters ? start.codePointAt(0)! : start;
  const last = typeof end === 'string' ? end.codePointAt(0)! : end;
  const stride = Math.abs(step ?? 1) || 1;
  if (Math.abs(last - first) / stride > MAX_WORDS) throw tooMany();
  const width = letters ? 0 : paddedWidth(startStr, endStr);
  const values: string[] = [];
  for (
    let value = first;
    first <= last ? value <= last : value >= last;
    value += first <= last ? stride : -stride
  ) {
    values.push(letters ? String.fromCodePoint(value) : padded(value, width));
  }
  return values;
}

/** bash has no such limit but its memory. */
function tooMany(): NotSimulated {
  return new NotSimulated(`a brace expansion of more than ${MAX_WORDS} words is not simulated`);
}

/** `{01..10}` gives every number the width of the widest end. */
function paddedWidth(...ends: (string | undefined)[]): number {
  if (!ends.some((end) => end !== undefined && /^-?0\d/.test(end))) return 0;
  return Math.max(...ends.map((end) => end?.length ?? 0));
}

function padded(value: number, width: number): string {
  const digits = Math.abs(value).toString();
  return value < 0 ? `-${digits.padStart(width - 1, '0')}` : digits.padStart(width, '0');
}
