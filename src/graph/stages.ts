import { textFlag } from '../dockerfile/flag-rules';
import type { Dockerfile, Instruction, Problem } from '../dockerfile/instruction';
import { KEYWORDS } from '../dockerfile/keywords';
import { goQuoted } from '../dockerfile/quoted';
import { suggestion } from '../dockerfile/suggestion';
import type { Expansion } from '../dockerfile/words';
import type { Platform } from '../layers/image';
import { referenceFault } from '../layers/reference';
import { automaticArguments, type BuildOptions } from './build-options';
import { traitsOf } from './builder';
import { problem } from './fault';
import { readFrom } from './from-line';
import { readGlobalArguments } from './global-arguments';
import { mountSources } from './mounts';
import { contextNameFault, replacesStage } from './named-contexts';

/** What a stage stands on. */
export type Base =
  | { readonly kind: 'scratch' }
  | { readonly kind: 'stage'; readonly stage: number }
  | { readonly kind: 'image'; readonly reference: string };

/** One `FROM` and what follows it. */
export interface Stage {
  readonly index: number;
  /** Lower case, as `COPY --from` finds it. */
  readonly name: string | undefined;
  readonly base: Base;
  /** A named context takes its place: the base is that context, and the instructions are not run. */
  readonly isReplaced: boolean;
  /** `--platform` of the FROM. */
  readonly platform: Platform | undefined;
  readonly from: Instruction;
  /** Without the FROM. */
  readonly instructions: readonly Instruction[];
}

export interface StageGraph {
  readonly stages: readonly Stage[];
  /** The ARGs before the first FROM, with what the build gave for them. */
  readonly globalArguments: ReadonlyMap<string, string>;
  /** What the words of a FROM expand with: the ARGs before the first one, and those that are there without. */
  readonly fromVariables: ReadonlyMap<string, string>;
  /** Faults that fail any build of the file, whatever its target. */
  readonly problems: readonly Problem[];
}

/** Splits a Dockerfile into its stages. Never throws. */
export function splitStages(dockerfile: Dockerfile, options: BuildOptions): StageGraph {
  const { instructions, escape } = dockerfile;
  const first = instructions.findIndex(({ keyword }) => keyword === 'FROM');
  const head = first < 0 ? instructions : instructions.slice(0, first);
  const groups = first < 0 ? [] : groupByFrom(instructions.slice(first));
  const automatic = automaticArguments(
    options,
    groups.map(([from]) => readFrom(from!, NO_VARIABLES)),
  );
  const isGlobal = ({ keyword }: Instruction) => keyword === 'ARG';
  const globals = readGlobalArguments(head.filter(isGlobal), automatic, options, escape);
  const problems = [...headProblems(instructions, head), ...globals.problems];
  const expansion = { variables: new Map([...automatic, ...globals.values]), escape };
  const stages: Stage[] = [];
  for (const [from, ...others] of groups) {
    const { stage, problems: faults } = readStage(from!, others, stages, expansion, options);
    stages.push(stage);
    problems.push(...faults);
  }
  for (const stage of stages) problems.push(...sourceProblems(stage, stages));
  problems.push(...circleProblems(stages));
  if (traitsOf(options.builder).refusesEqualNames) problems.push(...nameProblems(stages));
  for (const stage of stages) problems.push(...referenceProblems(stage, stages));
  return { stages, globalArguments: globals.values, fromVariables: expansion.variables, problems };
}

const NO_VARIABLES: Expansion = { variables: new Map(), escape: '\\' };

/** Only ARG may stand before the first FROM. */
function headProblems(all: readonly Instruction[], head: readonly Instruction[]): Problem[] {
  const early = head.filter(({ keyword }) => keyword !== 'ARG' && KEYWORDS.has(keyword));
  if (head.every(({ keyword }) => keyword === 'ARG') && head.length === all.length && all.length > 0) {
    return [problem(all[0]!, 'dockerfile contains no stages to build')];
  }
  return early.slice(0, 1).map((instruction) => problem(instruction, 'no build stage in current context'));
}

function groupByFrom(instructions: readonly Instruction[]): Instruction[][] {
  const groups: Instruction[][] = [];
  for (const instruction of instructions) {
    if (instruction.keyword === 'FROM') groups.push([]);
    groups[groups.length - 1]!.push(instruction);
  }
  return groups;
}

function readStage(
  from: Instruction,
  instructions: readonly Instruction[],
  earlier: readonly Stage[],
  expansion: Expansion,
  { contexts }: BuildOptions,
): { stage: Stage; problems: readonly Problem[] } {
  const { base: written, name, platform, problems } = readFrom(from, expansion);
  const isReplaced = name !== undefined && replacesStage(name, contexts);
  const base: Base = isReplaced ? { kind: 'image', reference: name } : findBase(written, earlier);
  // A context may be meant by every name of a stage, so the builder reads it as one.
  const fault = name !== undefined && /^[a-z][\w.-]*$/.test(name) ? contextNameFault(name) : undefined;
  const stage = { index: earlier.length, name, base, isReplaced, platform, from, instructions };
  return { stage, problems: fault ? [...problems, problem(from, fault)] : problems };
}

/** Only a name makes a stage a base, in lower case as stages have them: `FROM 0` is an image called "0". */
function findBase(name: string, earlier: readonly Stage[]): Base {
  const stage = earlier.findLast((item) => item.name !== undefined && item.name === name);
  if (stage) return { kind: 'stage', stage: stage.index };
  return name === 'scratch' ? { kind: 'scratch' } : { kind: 'image', reference: name };
}

/** The stage of that name, in any case; the last one where several have it. */
export function findStageByName(name: string, stages: readonly Stage[]): Stage | undefined {
  const wanted = name.toLowerCase();
  return stages.findLast((stage) => stage.name === wanted);
}

/** The stage that a `COPY --from` means: by number or by name. */
export function findSource(name: string, stages: readonly Stage[]): Stage | undefined {
  return isNumber(name) ? stages[Number(name)] : findStageByName(name, stages);
}

function isNumber(name: string): boolean {
  return /^[-+]?\d+$/.test(name);
}

/** The name by which the builder speaks of a stage. */
export function stageTitle({ name, index }: Stage): string {
  return name ?? `stage-${index}`;
}

/** Stages and images that an instruction takes files from. */
export function sourcesOf(
  instruction: Instruction,
  stages: readonly Stage[],
): { readonly stages: readonly Stage[]; readonly images: readonly string[] } {
  if (instruction.keyword === 'COPY') {
    const from = textFlag(instruction, 'from');
    if (from === undefined) return { stages: [], images: [] };
    const stage = findSource(from, stages);
    return { stages: stage ? [stage] : [], images: stage || isNumber(from) ? [] : [from] };
  }
  const names = instruction.keyword === 'RUN' ? mountSources(instruction) : [];
  return {
    stages: names.flatMap((name) => findStageByName(name, stages) ?? []),
    images: names.filter((name) => !findStageByName(name, stages)),
  };
}

/** Images are looked at in all stages, even in those that the target does not need. */
function referenceProblems(stage: Stage, stages: readonly Stage[]): Problem[] {
  const named = stage.instructions.flatMap((instruction) =>
    sourcesOf(instruction, stages).images.map((name) => ({ name, instruction })),
  );
  if (stage.base.kind === 'image' && stage.base.reference !== '') {
    named.unshift({ name: stage.base.reference, instruction: stage.from });
  }
  return named.flatMap(({ name, instruction }) => {
    const fault = name === 'scratch' ? undefined : referenceFault(name);
    return fault ? [problem(instruction, `failed to parse stage name ${goQuoted(name)}: ${fault}`)] : [];
  });
}

/** Faults of `--from` that the builder finds before it looks which stages the target needs. */
function sourceProblems({ instructions }: Stage, stages: readonly Stage[]): Problem[] {
  return instructions.flatMap((instruction) => {
    const from = instruction.keyword === 'COPY' ? textFlag(instruction, 'from') : undefined;
    if (from === undefined) return [];
    if (/[$'"\\]/.test(from)) {
      const advice = 'define a new stage with FROM using ARG from global scope as a workaround';
      return [problem(instruction, `variable expansion is not supported for --from, ${advice}`)];
    }
    return isNumber(from) && !findSource(from, stages)
      ? [problem(instruction, `invalid stage index ${Number(from)}`)]
      : [];
  });
}

/** Stages that have the name of an earlier one. */
function nameProblems(stages: readonly Stage[]): Problem[] {
  return stages
    .filter(
      ({ name, index }) => name !== undefined && stages.findIndex((other) => other.name === name) < index,
    )
    .map(({ name, from }) => problem(from, `${name} stage name already used`));
}

/** Stages that copy from each other in a circle. */
function circleProblems(stages: readonly Stage[]): Problem[] {
  const visited = new Set<Stage>();
  const path = new Set<Stage>();
  const visit = (stage: Stage): Instruction | undefined => {
    if (visited.has(stage)) return undefined;
    visited.add(stage);
    path.add(stage);
    for (const instruction of stage.instructions) {
      for (const source of sourcesOf(instruction, stages).stages) {
        if (path.has(source) || visit(source)) return instruction;
      }
    }
    path.delete(stage);
    return undefined;
  };
  for (const stage of stages) {
    const instruction = visit(stage);
    if (instruction) {
      return [problem(instruction, `circular dependency detected on stage: ${stageTitle(stage)}`)];
    }
  }
  return [];
}

/** The stage that the build makes. Throws an `Error` in the builder's words when there is no such stage. */
export function targetOf(stages: readonly Stage[], target: string | undefined): Stage | undefined {
  if (target === undefined || target === '') return stages[stages.length - 1];
  const stage = findStageByName(target, stages);
  if (stage) return stage;
  const near = suggestion(target, stages.map(stageTitle));
  throw new Error(`target stage ${goQuoted(target)} could not be found${near}`);
}
