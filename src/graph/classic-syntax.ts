import { listOf } from '../dockerfile/arguments';
import { heredocWord } from '../dockerfile/heredoc';
import type { Instruction } from '../dockerfile/instruction';

/** Flags of COPY and ADD that the classic builder passes over in silence. */
const PASSED_OVER = new Set(['link', 'parents', 'exclude', 'keep-git-dir', 'checksum', 'unpack']);

/** An instruction as the classic builder takes it, and why it refuses it, where it does. */
export function classicSyntax(instruction: Instruction): {
  readonly instruction: Instruction;
  readonly fault: string | undefined;
} {
  switch (instruction.keyword) {
    case 'COPY':
    case 'ADD':
      return classicCopy(instruction);
    case 'RUN': {
      const [flag] = instruction.flags;
      // The shell gets `<<EOF` with nothing behind it.
      return {
        instruction: { ...instruction, flags: [], heredocs: [] },
        fault: flag && needsBuildKit(flag.name),
      };
    }
    default:
      return { instruction, fault: undefined };
  }
}

function classicCopy(instruction: Instruction) {
  const { keyword, flags, heredocs } = instruction;
  if (flags.some(({ name }) => name === 'chmod')) return { instruction, fault: needsBuildKit('chmod') };
  const known = flags.filter(({ name }) => !PASSED_OVER.has(name));
  if (heredocs.length === 0) return { instruction: { ...instruction, flags: known }, fault: undefined };
  const words = listOf(instruction).filter((word) => !heredocWord(word));
  const fault = words.length < 2 ? `${keyword} failed: no source files were specified` : undefined;
  return { instruction: { ...instruction, flags: known, heredocs: [], json: words }, fault };
}

function needsBuildKit(flag: string): string {
  return `the --${flag} option requires BuildKit`;
}
