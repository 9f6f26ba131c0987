import { listOf } from '../dockerfile/arguments';
import { textFlag } from '../dockerfile/flag-rules';
import type { Instruction, Problem } from '../dockerfile/instruction';
import { goQuoted } from '../dockerfile/quoted';
import { type Expansion, ExpansionError, expandWord } from '../dockerfile/words';
import { type Platform, parsePlatform } from '../layers/image';
import { PlanFault, problem } from './fault';

/** What a FROM says, variables expanded. */
export interface FromLine {
  /** Empty where it cannot be told. */
  readonly base: string;
  /** Lower case. */
  readonly name: string | undefined;
  readonly platform: Platform | undefined;
  readonly problems: readonly Problem[];
}

export function readFrom(from: Instruction, expansion: Expansion): FromLine {
  const [written = '', as, name] = listOf(from);
  const problems: Problem[] = [];
  const attempt = <Value>(read: () => Value): Value | undefined => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof ExpansionError || error instanceof PlanFault)) throw error;
      problems.push(problem(from, error.message));
      return undefined;
    }
  };
  return {
    base: (written && attempt(() => baseOf(written, expansion))) ?? '',
    name: as?.toLowerCase() === 'as' ? name?.toLowerCase() : undefined,
    platform: attempt(() => platformOf(from, expansion)),
    problems,
  };
}

function baseOf(written: string, expansion: Expansion): string {
  const base = expandWord(written, expansion);
  if (base === '') throw new PlanFault(`base name (${written}) should not be blank`);
  return base;
}

function platformOf(from: Instruction, expansion: Expansion): Platform | undefined {
  const written = textFlag(from, 'platform');
  if (written === undefined) return undefined;
  const text = expandWord(written, expansion);
  if (text === '') throw new PlanFault(`empty platform value from expression ${written}`);
  try {
    return parsePlatform(text);
  } catch {
    throw new PlanFault(`failed to parse platform ${written}: ${platformFault(text)}`);
  }
}

/** The form of the first part, as the builder prints it. */
const OS_FORM = '^([A-Za-z0-9_-]+)(?:\\(([A-Za-z0-9_.-]*)\\))?$';

function platformFault(text: string): string {
  const [os = '', ...rest] = text.split('/');
  if (rest.length > 2) return `${goQuoted(text)}: cannot parse platform specifier: invalid argument`;
  if (new RegExp(OS_FORM).test(os)) {
    return `${goQuoted(text)}: unknown operating system or architecture: invalid argument`;
  }
  const form = `OSAndVersion specifier component must match ${goQuoted(OS_FORM)}`;
  return `${goQuoted(os)} is an invalid OS component of ${goQuoted(text)}: ${form}: invalid argument`;
}
