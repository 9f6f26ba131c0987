import { listOf } from '../dockerfile/arguments';
import { textFlag } from '../dockerfile/flag-rules';
import type { Instruction, Problem } from '../dockerfile/instruction';
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
  } catch (error) {
    throw new PlanFault(`failed to parse platform ${written}: ${(error as Error).message}`);
  }
}
