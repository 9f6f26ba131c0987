import { argumentsOf, listOf } from '../dockerfile/arguments';
import type { Dockerfile, Instruction } from '../dockerfile/instruction';
import { keywordRange } from '../dockerfile/parts';
import { goQuoted } from '../dockerfile/quoted';
import type { Stage } from '../graph/stages';
import { type Finding, finding } from './finding';

/** Checks of how the file is written; they look at all stages. */
export function checkWriting(dockerfile: Dockerfile, stages: readonly Stage[]): Finding[] {
  return [
    ...dockerfile.instructions.flatMap((instruction) => checkInstruction(instruction, dockerfile.escape)),
    ...checkNames(stages),
    ...checkCasing(stages),
  ];
}

function checkInstruction(instruction: Instruction, escape: string): Finding[] {
  const range = keywordRange(instruction);
  switch (instruction.keyword) {
    case 'MAINTAINER':
      return [
        finding(
          'MaintainerDeprecated',
          range,
          'Maintainer instruction is deprecated in favor of using label',
        ),
      ];
    case 'FROM':
      return checkFrom(instruction);
    case 'ARG':
      return checkDescription(
        instruction,
        argumentsOf(instruction, escape).map(({ name }) => name),
      );
    default:
      return [];
  }
}

function checkFrom(instruction: Instruction): Finding[] {
  const { typed } = instruction;
  const [, as, name] = listOf(instruction);
  if (as === undefined || name === undefined) return [];
  const range = keywordRange(instruction);
  const found: Finding[] = [];
  if (name !== name.toLowerCase()) {
    found.push(finding('StageNameCasing', range, `Stage name '${name}' should be lowercase`));
  }
  const wanted = isLower(typed) ? as.toLowerCase() : isUpper(typed) ? as.toUpperCase() : as;
  if (as !== wanted) {
    found.push(finding('FromAsCasing', range, `'${as}' and '${typed}' keywords' casing do not match`));
  }
  return [...found, ...checkDescription(instruction, [name.toLowerCase()])];
}

/** A comment right above describes what it names. */
function checkDescription(instruction: Instruction, names: readonly string[]): Finding[] {
  const { comments, keyword } = instruction;
  const last = comments[comments.length - 1];
  if (last === undefined || names.length === 0 || names.includes(last.split(' ', 1)[0]!)) return [];
  const example = names.length > 1 ? '<arg_key>' : names[0];
  const message = `Comment for ${keyword} should follow the format: \`# ${example} <description>\``;
  return [finding('InvalidDefinitionDescription', keywordRange(instruction), message)];
}

const RESERVED: ReadonlySet<string> = new Set(['context', 'scratch']);

function checkNames(stages: readonly Stage[]): Finding[] {
  const seen = new Set<string>();
  return stages.flatMap(({ name, from }) => {
    if (name === undefined) return [];
    const range = keywordRange(from);
    const found: Finding[] = [];
    if (RESERVED.has(name)) {
      const message = `Stage name should not use the same name as reserved stage ${goQuoted(name)}`;
      found.push(finding('ReservedStageName', range, message));
    }
    if (seen.has(name)) {
      const message = `Duplicate stage name ${goQuoted(name)}, stage names should be unique`;
      found.push(finding('DuplicateStageName', range, message));
    }
    seen.add(name);
    return found;
  });
}

/** Keywords go by what most of them do; upper case where both are as many. */
function checkCasing(stages: readonly Stage[]): Finding[] {
  const instructions = stages.flatMap(({ from, instructions: others }) => [from, ...others]);
  const lower = instructions.filter(({ typed }) => isLower(typed)).length;
  const upper = instructions.filter(({ typed }) => !isLower(typed) && isUpper(typed)).length;
  const isFine = lower > upper ? isLower : isUpper;
  const casing = lower > upper ? 'lowercase' : 'uppercase';
  return instructions
    .filter(({ typed }) => !isFine(typed))
    .map((instruction) => {
      const message = `Command '${instruction.typed}' should match the case of the command majority (${casing})`;
      return finding('ConsistentInstructionCasing', keywordRange(instruction), message);
    });
}

function isLower(word: string): boolean {
  return word === word.toLowerCase();
}

function isUpper(word: string): boolean {
  return word === word.toUpperCase();
}
