import { argumentsOf } from '../dockerfile/assignments';
import type { Dockerfile, Instruction, Problem, Range } from '../dockerfile/instruction';
import { ExpansionError, expandWord, splitWords } from '../dockerfile/words';
import { automaticArguments, type BuildOptions } from './build-options';

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
  /** `--platform` of the FROM, expanded. */
  readonly platform: string | undefined;
  readonly from: Instruction;
  /** Without the FROM. */
  readonly instructions: readonly Instruction[];
  /** Stages that this one takes something from, its base among them. */
  readonly needs: readonly number[];
  /** Images that it copies or mounts from. */
  readonly otherImages: readonly string[];
  /** Faults that fail a build of this stage. */
  readonly problems: readonly Problem[];
}

export interface StageGraph {
  readonly stages: readonly Stage[];
  /** The ARGs before the first FROM, with what the build gave for them. */
  readonly globalArguments: ReadonlyMap<string, string>;
  /** Faults outside any stage: ARG lines before the first FROM, an instruction in their midst. */
  readonly problems: readonly Problem[];
}

/** Splits a Dockerfile into its stages. Never throws. */
export function splitStages(dockerfile: Dockerfile, options: BuildOptions): StageGraph {
  const problems: Problem[] = [];
  const globals = new Map<string, string>();
  const automatic = automaticArguments(options);
  const first = dockerfile.instructions.findIndex(({ keyword }) => keyword === 'FROM');
  const head = first < 0 ? dockerfile.instructions : dockerfile.instructions.slice(0, first);
  for (const instruction of head) {
    if (instruction.keyword === 'ARG') {
      problems.push(...declareGlobals(instruction, dockerfile.escape, globals, automatic, options));
    } else if (first >= 0) {
      problems.push(
        problem(instruction, 'no build stage in current context: only ARG may stand before the first FROM'),
      );
    }
  }
  const variables = new Map([...automatic, ...globals]);
  const stages: Stage[] = [];
  for (const instructions of first < 0 ? [] : groupByFrom(dockerfile.instructions.slice(first))) {
    stages.push(readStage(instructions, stages, variables, dockerfile.escape));
  }
  return {
    stages: stages.map((stage) => withForwardReferences(stage, stages)),
    globalArguments: globals,
    problems,
  };
}

/** A stage may take only from those before it. */
function withForwardReferences(stage: Stage, stages: readonly Stage[]): Stage {
  const later = stages.slice(stage.index);
  const faults = stage.otherImages
    .filter((name) => later.some((other) => other.name === name.toLowerCase()))
    .map((name) => {
      const own = stage.name ?? String(stage.index);
      const message = `cannot copy from stage "${name}", it needs to be defined before current stage "${own}"`;
      return problem(stage.from, message);
    });
  return faults.length === 0 ? stage : { ...stage, problems: [...stage.problems, ...faults] };
}

function declareGlobals(
  instruction: Instruction,
  escape: string,
  globals: Map<string, string>,
  automatic: ReadonlyMap<string, string>,
  { buildArgs }: BuildOptions,
): Problem[] {
  const faults: Problem[] = [];
  for (const { name, value } of argumentsOf(instruction, escape)) {
    try {
      const variables = new Map([...automatic, ...globals]);
      const given =
        buildArgs[name] ?? (value === undefined ? undefined : expandWord(value, { variables, escape }));
      if (given !== undefined) globals.set(name, given);
    } catch (error) {
      if (!(error instanceof ExpansionError)) throw error;
      faults.push(problem(instruction, error.message));
    }
  }
  return faults;
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
  [from, ...instructions]: readonly Instruction[],
  earlier: readonly Stage[],
  variables: ReadonlyMap<string, string>,
  escape: string,
): Stage {
  const head = readFrom(from!, variables, escape);
  const problems = [...head.problems];
  const base = findBase(head.base, earlier);
  const sources = instructions.flatMap((instruction) => sourcesOf(instruction.trigger ?? instruction));
  const needs = new Set(base.kind === 'stage' ? [base.stage] : []);
  const otherImages: string[] = [];
  for (const source of sources) {
    const stage = findStage(source, earlier);
    if (stage) needs.add(stage.index);
    else if (!/^\d+$/.test(source)) otherImages.push(source);
  }
  const { name, platform } = head;
  return {
    index: earlier.length,
    name,
    base,
    platform,
    from: from!,
    instructions,
    needs: [...needs],
    otherImages,
    problems,
  };
}

function readFrom(from: Instruction, variables: ReadonlyMap<string, string>, escape: string) {
  const words = splitWords(from.rest, escape);
  const problems: Problem[] = [];
  const expand = (word: string): string => {
    try {
      return expandWord(word, { variables, escape });
    } catch (error) {
      problems.push(problem(from, (error as Error).message));
      return '';
    }
  };
  const base = expand(words[0] ?? '');
  if (base === '' && problems.length === 0) {
    problems.push(
      problem(
        from,
        words[0]
          ? `base name (${words[0]}) should not be blank`
          : 'FROM requires either one or three arguments',
      ),
    );
  }
  const isNamed = words.length === 3 && words[1]!.toUpperCase() === 'AS';
  if (words.length > 1 && !isNamed)
    problems.push(problem(from, 'FROM requires either one or three arguments'));
  const name = isNamed ? words[2]!.toLowerCase() : undefined;
  if (name && !/^[a-z][a-z0-9-_.]*$/.test(name)) {
    problems.push(
      problem(
        from,
        `invalid name for build stage: "${name}", name can't start with a number or contain symbols`,
      ),
    );
  }
  const flag = from.flags.find((item) => item.name === 'platform');
  const platform = flag?.value === undefined ? undefined : expand(flag.value);
  return { base, name, platform, problems };
}

function findBase(name: string, earlier: readonly Stage[]): Base {
  // Only a name makes a stage a base: `FROM 0` is an image called "0".
  const stage = earlier.findLast((item) => item.name !== undefined && item.name === name.toLowerCase());
  if (stage) return { kind: 'stage', stage: stage.index };
  return name === 'scratch' ? { kind: 'scratch' } : { kind: 'image', reference: name };
}

/** The stage that a `--from` or a `--target` means: by name, without regard to case, or by number. */
export function findStage(name: string, stages: readonly Stage[]): Stage | undefined {
  const byName = stages.findLast((stage) => stage.name !== undefined && stage.name === name.toLowerCase());
  return byName ?? (/^\d+$/.test(name) ? stages[Number(name)] : undefined);
}

/** What COPY --from and RUN --mount=from name; they expand no variables. */
function sourcesOf(instruction: Instruction): string[] {
  if (instruction.keyword === 'COPY') {
    return instruction.flags.filter((flag) => flag.name === 'from' && flag.value).map((flag) => flag.value!);
  }
  if (instruction.keyword !== 'RUN') return [];
  const mounts = instruction.flags
    .filter((flag) => flag.name === 'mount')
    .flatMap((flag) => (flag.value ?? '').split(','));
  return mounts.filter((part) => part.startsWith('from=')).map((part) => part.slice('from='.length));
}

/** The stage that the build makes. Throws an `Error` in the builder's words when there is no such stage. */
export function targetOf(stages: readonly Stage[], target: string | undefined): Stage | undefined {
  if (target === undefined || target === '') return stages[stages.length - 1];
  const stage = findStage(target, stages);
  if (!stage) throw new Error(`target stage "${target}" could not be found`);
  return stage;
}

/** The stages that a target reaches, in an order in which each comes after those it needs. */
export function reachedBy(target: Stage, stages: readonly Stage[]): Stage[] {
  const reached = new Set<number>([target.index]);
  // A stage needs only earlier ones, so one pass from the last to the first finds all.
  for (let index = target.index; index >= 0; index--) {
    if (reached.has(index)) for (const need of stages[index]!.needs) reached.add(need);
  }
  return stages.filter((stage) => reached.has(stage.index));
}

export function problem(
  where: Instruction | Range,
  message: string,
  severity: Problem['severity'] = 'error',
): Problem {
  return { severity, message, range: 'range' in where ? where.range : where };
}
