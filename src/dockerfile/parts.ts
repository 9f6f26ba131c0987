import { DockerfileParser, type Instruction as Node } from 'dockerfile-ast';
import type { Flag, Instruction, Position, Range } from './instruction';

/*
 * Where the parts of an instruction lie. The instructions themselves are found by our own scanner, which is much faster
 * in long files; dockerfile-ast is asked for the few of which somebody wants to point at a part.
 */

/** The keyword alone, so that a squiggle does not run over ten lines. */
export function keywordRange({ range: { start }, typed }: Instruction): Range {
  return { start, end: { line: start.line, character: start.character + typed.length } };
}

/** A flag with its value; the keyword where it cannot be found. */
export function flagRange(instruction: Instruction, flag: Flag, escape: string): Range {
  const { index, node } = nodeOf(instruction, escape);
  const place = instruction.flags.indexOf(flag);
  const found = node && 'getFlags' in node ? (node as FlagHolder).getFlags()[place] : undefined;
  return found ? moved(found.getRange(), instruction, index) : keywordRange(instruction);
}

/** A variable as written, `$NAME` or `${NAME}`, wherever it stands in the instruction. */
export function variableRanges(instruction: Instruction, name: string, escape: string): Range[] {
  const { index, node } = nodeOf(instruction, escape);
  const found = node?.getVariables().filter((variable) => variable.getName() === name) ?? [];
  return found.map((variable) => moved(variable.getRange(), instruction, index));
}

interface FlagHolder {
  getFlags(): { getRange(): Range }[];
}

/**
 * The instruction as dockerfile-ast reads it by itself; `index` is the line of that text in which it begins. A FROM goes
 * before it, since dockerfile-ast looks for the values of variables in a stage.
 */
function nodeOf(
  { source, keyword, trigger }: Instruction,
  escape: string,
): { index: number; node: Node | undefined } {
  const before = [
    escape === '\\' ? '' : `# escape=${escape}\n`,
    keyword === 'FROM' ? '' : 'FROM scratch\n',
  ].join('');
  const dockerfile = DockerfileParser.parse(before + source);
  const node = trigger
    ? dockerfile.getOnbuildTriggers()[0]
    : dockerfile.getInstructions()[keyword === 'FROM' ? 0 : 1];
  return { index: before.split('\n').length - 1, node };
}

function moved({ start, end }: Range, { range }: Instruction, index: number): Range {
  const move = ({ line, character }: Position) => ({ line: line - index + range.start.line, character });
  return { start: move(start), end: move(end) };
}
