import { cutAtSeparator, isBlank, SEPARATOR } from './blanks';
import type { Instruction } from './instruction';
import { goQuoted } from './quoted';

/** `NAME=value` of ENV, LABEL and ARG, nothing expanded or unquoted. `value` is undefined for a bare `ARG NAME`. */
export interface Assignment {
  readonly name: string;
  readonly value: string | undefined;
  /** The old form `ENV NAME the rest`. */
  readonly isLegacy?: true;
}

/** The arguments of an instruction that takes a list: those of its JSON form, or the words between blanks. */
export function listOf({ json, rest }: Pick<Instruction, 'json' | 'rest'>): readonly string[] {
  return json ?? (rest === '' ? [] : rest.split(SEPARATOR));
}

/**
 * The pairs of an ENV or LABEL, in both its forms: `ENV A=1 B=2` and `ENV A the rest`. Throws an `Error` in the
 * builder's words for anything else.
 */
export function assignmentsOf({ keyword, rest }: Instruction, escape: string): Assignment[] {
  const words = splitWords(rest, escape);
  if (words.length === 0) return [];
  if (!words[0]!.includes('=')) {
    const { head, rest: value } = cutAtSeparator(rest);
    if (value === undefined) throw new Error(`${keyword} must have two arguments`);
    return [{ name: head, value, isLegacy: true }];
  }
  return words.map((word) => {
    if (!word.includes('=')) {
      throw new Error(`Syntax error - can't find = in ${goQuoted(word)}. Must be of the form: name=value`);
    }
    return assignment(word);
  });
}

/** The names of an ARG, with their defaults. */
export function argumentsOf({ rest }: Instruction, escape: string): Assignment[] {
  return splitWords(rest, escape).map(assignment);
}

function assignment(word: string): Assignment {
  const equals = word.indexOf('=');
  return equals < 0
    ? { name: word, value: undefined }
    : { name: word.slice(0, equals), value: word.slice(equals + 1) };
}

/** Splits at blanks outside quotes, each word as written (quotes and escapes kept). Follows BuildKit's `parseWords`. */
export function splitWords(text: string, escape: string): string[] {
  const words: string[] = [];
  let word = '';
  let quote = '';
  const end = () => {
    if (word !== '') words.push(word);
    word = '';
  };
  for (let index = 0; index < text.length; index++) {
    const char = text[index]!;
    if (quote === '' && isBlank(char)) end();
    else if (char === escape && quote !== "'") {
      // An escape at the very end stands for nothing.
      if (index + 1 < text.length) word += char + text[++index]!;
    } else {
      word += char;
      if (quote === '' && (char === '"' || char === "'")) quote = char;
      else if (char === quote) quote = '';
    }
  }
  end();
  return words;
}
