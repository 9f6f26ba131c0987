import type { Instruction } from './instruction';
import { splitWords } from './words';

/** `NAME=value` of ENV, LABEL and ARG, nothing expanded or unquoted. `value` is undefined for a bare `ARG NAME`. */
export interface Assignment {
  readonly name: string;
  readonly value: string | undefined;
}

/** The pairs of an ENV or LABEL, in both its forms: `ENV A=1 B=2` and `ENV A the rest`. */
export function assignmentsOf(instruction: Instruction, escape: string): Assignment[] {
  const words = splitWords(instruction.rest, escape);
  if (words.length > 0 && !words[0]!.includes('=')) {
    const [, name = '', value] = /^(\S+)(?:\s+([\s\S]*))?$/.exec(instruction.rest) ?? [];
    return [{ name, value }];
  }
  return words.map(assignment);
}

/** The names of an ARG, with their defaults. */
export function argumentsOf(instruction: Instruction, escape: string): Assignment[] {
  return splitWords(instruction.rest, escape).map(assignment);
}

function assignment(word: string): Assignment {
  const equals = word.indexOf('=');
  return equals < 0
    ? { name: word, value: undefined }
    : { name: word.slice(0, equals), value: word.slice(equals + 1) };
}
