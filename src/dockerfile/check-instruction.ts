import { argumentsOf, assignmentsOf, listOf } from './arguments';
import { trim } from './blanks';
import { flagFault, listFlag, textFlag } from './flag-rules';
import { readHealthcheck } from './healthcheck';
import { heredocWord } from './heredoc';
import type { Flag, Instruction } from './instruction';
import { jsonForm, NOT_STRINGS } from './json-form';
import { KEYWORDS, WITH_JSON } from './keywords';
import { mountFields } from './mount-fields';
import { goQuoted } from './quoted';
import { suggestion } from './suggestion';

/** Why the builder refuses an instruction before it builds anything, and the flag that is at fault. */
export interface InstructionFault {
  readonly message: string;
  readonly flag?: Flag;
  /** Set when this build does not fail by it: the builder reads a trigger when it fires. */
  readonly isLater?: true;
}

/** The first thing that the builder's parser refuses in an instruction, in its words. Variables are not looked into. */
export function checkInstruction(instruction: Instruction, escape: string): InstructionFault | undefined {
  const { keyword, rest, typed } = instruction;
  if (!KEYWORDS.has(keyword)) {
    const near = suggestion(keyword, KEYWORDS);
    const isLower = typed === typed.toLowerCase();
    return { message: `unknown instruction: ${typed}${isLower ? near.toLowerCase() : near}` };
  }
  if (WITH_JSON.has(keyword) && jsonForm(rest).kind === 'not strings') {
    return { message: NOT_STRINGS };
  }
  try {
    return checkArguments(instruction, escape);
  } catch (error) {
    return { message: (error as Error).message };
  }
}

/** Throws the same as it gives, where that is easier said. */
function checkArguments(instruction: Instruction, escape: string): InstructionFault | undefined {
  const { keyword, rest } = instruction;
  switch (keyword) {
    case 'ENV':
    case 'LABEL':
      return namesFault(instruction, escape);
    case 'ARG':
      return argumentFault(instruction, escape);
    case 'ADD':
    case 'COPY':
      return copyFault(instruction);
    case 'FROM':
      return fromFault(instruction);
    case 'ONBUILD':
      return triggerFault(instruction, escape);
    case 'HEALTHCHECK':
      return healthcheckFault(instruction);
    case 'RUN':
      return flagFault(instruction) ?? runFault(instruction);
    case 'VOLUME':
      return requireSome(instruction) ?? flagFault(instruction) ?? volumeFault(instruction);
    case 'EXPOSE':
      return requireSome(instruction) ?? flagFault(instruction);
    case 'SHELL':
      return flagFault(instruction) ?? shellFault(instruction);
    case 'MAINTAINER':
    case 'STOPSIGNAL':
    case 'USER':
    case 'WORKDIR':
      if (rest === '') return { message: `${keyword} requires exactly one argument` };
      return flagFault(instruction);
    default:
      return flagFault(instruction);
  }
}

function requireSome({ keyword, ...forms }: Instruction): InstructionFault | undefined {
  return listOf(forms).length > 0 ? undefined : { message: `${keyword} requires at least one argument` };
}

function namesFault(instruction: Instruction, escape: string): InstructionFault | undefined {
  const { keyword } = instruction;
  const pairs = assignmentsOf(instruction, escape);
  const fault = flagFault(instruction);
  if (fault) return fault;
  if (pairs.length === 0) return { message: `${keyword} requires at least one argument` };
  return pairs.some(({ name }) => name === '') ? { message: `${keyword} names can not be blank` } : undefined;
}

function argumentFault(instruction: Instruction, escape: string): InstructionFault | undefined {
  const pairs = argumentsOf(instruction, escape);
  if (pairs.length === 0) return { message: 'ARG requires at least one argument' };
  return pairs.some(({ name }) => name === '') ? { message: 'ARG names can not be blank' } : undefined;
}

function copyFault(instruction: Instruction): InstructionFault | undefined {
  const { keyword } = instruction;
  const words = listOf(instruction);
  if (words.length < 2) {
    const found = 'at least two arguments, but only one was provided. Destination could not be determined';
    return { message: `${keyword} requires ${found}` };
  }
  const fault = flagFault(instruction);
  if (fault) return fault;
  return heredocWord(words[words.length - 1]!)
    ? { message: `${keyword} cannot accept a heredoc as a destination` }
    : undefined;
}

function fromFault(instruction: Instruction): InstructionFault | undefined {
  const words = listOf(instruction);
  if (words.length === 3 && words[1]!.toLowerCase() === 'as') {
    if (!/^[a-z][a-z0-9\-_.]*$/.test(words[2]!.toLowerCase())) {
      const why = "name can't start with a number or contain symbols";
      return { message: `invalid name for build stage: ${goQuoted(words[2]!)}, ${why}` };
    }
  } else if (words.length !== 1) return { message: 'FROM requires either one or three arguments' };
  return flagFault(instruction);
}

function triggerFault(instruction: Instruction, escape: string): InstructionFault | undefined {
  const { trigger } = instruction;
  if (!trigger) return { message: 'ONBUILD requires at least one argument' };
  const fault = flagFault(instruction);
  if (fault) return fault;
  if (trigger.keyword === 'ONBUILD') {
    return { message: "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed" };
  }
  if (trigger.keyword === 'MAINTAINER' || trigger.keyword === 'FROM') {
    return { message: `${trigger.keyword} isn't allowed as an ONBUILD trigger` };
  }
  const later = checkInstruction(trigger, escape);
  // Its words are read now, and whether they make sense only when it fires.
  return (
    later && {
      message: later.message,
      ...(isFaultOfWords(trigger, escape) ? {} : { isLater: true as const }),
    }
  );
}

function healthcheckFault(instruction: Instruction): InstructionFault | undefined {
  if (instruction.rest === '') return { message: 'HEALTHCHECK requires at least one argument' };
  const isNone = /^none$/i.test(instruction.rest);
  const fault = isNone ? undefined : flagFault(instruction);
  if (fault) return fault;
  readHealthcheck(instruction);
  return undefined;
}

const NETWORKS: ReadonlySet<string> = new Set(['default', 'none', 'host']);

function runFault(instruction: Instruction): InstructionFault | undefined {
  for (const value of listFlag(instruction, 'mount')) {
    const from = mountFields(value).find(({ name }) => name === 'from')?.value;
    if (from !== undefined && /\$./s.test(from)) {
      return {
        message: "'from' doesn't support variable expansion, define alias stage instead",
        flag: instruction.flags.find((flag) => flag.value === value)!,
      };
    }
  }
  const network = textFlag(instruction, 'network') ?? 'default';
  return NETWORKS.has(network) ? undefined : { message: `invalid network mode ${goQuoted(network)}` };
}

function volumeFault(instruction: Instruction): InstructionFault | undefined {
  return listOf(instruction).some((path) => trim(path) === '')
    ? { message: 'VOLUME specified can not be an empty string' }
    : undefined;
}

function shellFault({ rest, json }: Instruction): InstructionFault | undefined {
  if (rest === '' || json?.length === 0) return { message: 'SHELL requires at least one argument' };
  return json ? undefined : { message: 'SHELL requires the arguments to be in JSON form' };
}

/** Whether the first step of the parser, which cuts a line into words, refuses the instruction. */
function isFaultOfWords(instruction: Instruction, escape: string): boolean {
  const { keyword, rest } = instruction;
  if (WITH_JSON.has(keyword)) return jsonForm(rest).kind === 'not strings';
  if (keyword !== 'ENV' && keyword !== 'LABEL') return false;
  try {
    assignmentsOf(instruction, escape);
    return false;
  } catch {
    return true;
  }
}
