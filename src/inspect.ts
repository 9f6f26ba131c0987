import { buildChecks, type CheckedStage, withoutSkipped } from './checks/build-checks';
import { type BuildContext, ignoreProblemWords } from './context/build-context';
import type { Dockerfile, Instruction, Problem } from './dockerfile/instruction';
import { parseDockerfile } from './dockerfile/parse';
import { FileSystem } from './filesystem/tree';
import type { BuildOptions } from './graph/build-options';
import { type Environment, startOf } from './graph/environment';
import { problem } from './graph/fault';
import { imagesOf, reachedBy } from './graph/reach';
import { findSource, type Stage, type StageGraph, splitStages, targetOf } from './graph/stages';
import type { Step } from './graph/step';
import { planSteps } from './graph/steps';
import { triggersFor, triggerTexts } from './graph/triggers';
import type { InspectedBase, InspectedStage, InspectedStep, Inspection } from './inspection';
import { unknown } from './layers/certainty';
import type { Image, ImageConfig, Platform } from './layers/image';
import type { Inputs, SourceFileSystem } from './simulate/inputs';
import { SimulationMemory } from './simulate/memory';
import { failure, outcome } from './simulate/outcome';
import { simulate } from './simulate/simulate';
import { stepKey, usesContext } from './simulate/step-key';

/** What is to be inspected: a Dockerfile as it stands in the editor, and how it is built. */
export interface Request {
  readonly text: string;
  readonly options: BuildOptions;
}

/** What the flow needs from outside. */
export interface Doors {
  /** The build context, opened when a step first asks for it. */
  readonly context: () => BuildContext | undefined;
  readonly findImage: (reference: string, platform: Platform, signal?: AbortSignal) => Promise<FoundImage>;
  readonly inputs: Omit<Inputs, 'context' | 'source' | 'signal' | 'architecture'>;
  readonly memory?: Memory;
}

export type FoundImage =
  | { readonly kind: 'found'; readonly image: Image }
  | { readonly kind: 'missing'; readonly reason: string };

/** What inspections share: steps that were simulated before, and file systems of images. */
export class Memory {
  readonly steps = new SimulationMemory();
  private readonly images = new WeakMap<Image, FileSystem>();

  fileSystemOf(image: Image): FileSystem {
    const known =
      this.images.get(image) ?? image.layers.reduce((below, layer) => below.with(layer), FileSystem.empty);
    this.images.set(image, known);
    return known;
  }
}

/**
 * The whole flow: text → instructions → stages → bases → steps → layers → file systems. Never throws for what a
 * user wrote; throws when `signal` is aborted.
 */
export async function inspect(request: Request, doors: Doors, signal?: AbortSignal): Promise<Inspection> {
  const dockerfile = parseDockerfile(request.text);
  const graph = splitStages(dockerfile, request.options);
  const problems = [...withoutSkipped(dockerfile), ...graph.problems];
  const target = findTarget(graph, request.options, dockerfile, problems);
  checkIgnoreFile(doors, dockerfile, problems);
  const flow = new Flow(dockerfile, graph, request.options, doors, problems, signal);
  const reached = new Set(target ? await flow.reach(target) : []);
  for (const stage of graph.stages) {
    if (reached.has(stage)) await flow.runStage(stage);
    else flow.skipStage(stage);
  }
  const reachedStages = flow.stages.filter(({ isReached }) => isReached).map(checkedStage);
  const { options } = request;
  problems.push(...buildChecks(dockerfile, graph, reachedStages, { options, context: doors.context }));
  return { dockerfile, stages: flow.stages, target: target && flow.stages[target.index], problems };
}

function checkedStage({ stage, steps, base }: InspectedStage): CheckedStage {
  const basePlatform = base.kind === 'image' ? base.image.platform : undefined;
  return { stage, steps: steps.map(({ step }) => step), basePlatform };
}

function findTarget(graph: StageGraph, options: BuildOptions, dockerfile: Dockerfile, problems: Problem[]) {
  try {
    return targetOf(graph.stages, options.target);
  } catch (error) {
    problems.push(problem(firstRange(dockerfile), (error as Error).message));
    return undefined;
  }
}

/** The builder reads the ignore file before anything else, also for a Dockerfile that copies nothing. */
function checkIgnoreFile(doors: Doors, dockerfile: Dockerfile, problems: Problem[]): void {
  const context = doors.context();
  const found = context?.ignore.problems.find(({ stops }) => stops === 'every build');
  if (found) problems.push(problem(firstRange(dockerfile), ignoreProblemWords(context!, found)));
}

/** Where a fault of the whole build is shown. */
function firstRange({ instructions }: Dockerfile) {
  const start = { line: 0, character: 0 };
  return instructions[0]?.range ?? { start, end: start };
}

class Flow {
  readonly stages: InspectedStage[] = [];
  private readonly memory: Memory;
  private readonly images = new Map<string, FoundImage>();

  constructor(
    private readonly dockerfile: Dockerfile,
    private readonly graph: StageGraph,
    private readonly options: BuildOptions,
    private readonly doors: Doors,
    private readonly problems: Problem[],
    private readonly signal: AbortSignal | undefined,
  ) {
    this.memory = doors.memory ?? new Memory();
  }

  /** The stages that a target needs. A base image may bring triggers that copy from further stages. */
  async reach(target: Stage): Promise<Stage[]> {
    for (let before = 0; ; ) {
      const reached = reachedBy(target, this.graph.stages, this.triggersOf);
      if (reached.length === before) return reached;
      before = reached.length;
      for (const { base, platform = this.options.platform } of reached) {
        if (base.kind === 'image') await this.image(base.reference, platform);
      }
    }
  }

  private readonly triggersOf = (stage: Stage): readonly Instruction[] =>
    triggersFor(stage, { OnBuild: this.triggerTextsOf(stage) });

  private triggerTextsOf({ base }: Stage): readonly string[] {
    if (base.kind === 'stage') return triggerTexts(this.graph.stages[base.stage]!);
    const found = base.kind === 'image' ? this.images.get(base.reference) : undefined;
    return found?.kind === 'found' ? (found.image.config.OnBuild ?? []) : [];
  }

  skipStage(stage: Stage): void {
    const base: InspectedBase =
      stage.base.kind === 'image'
        ? missing(stage.base.reference, 'the target does not need this stage')
        : stage.base;
    this.stages.push({
      stage,
      isReached: false,
      base,
      steps: [],
      end: startOf({}),
      start: FileSystem.empty,
      fileSystem: FileSystem.empty,
    });
  }

  async runStage(stage: Stage): Promise<void> {
    const platform = stage.platform ?? this.options.platform;
    const { base, config, parent, fileSystem } = await this.baseOf(stage, platform);
    for (const reference of imagesOf(stage, this.graph.stages, this.triggersOf)) {
      await this.image(reference, platform);
    }
    const plan = planSteps(stage, { config, parent }, this.graph, this.options, this.dockerfile.escape);
    const steps = await this.runSteps(plan, fileSystem, platform, this.failureOf(stage.base));
    const last = steps[steps.length - 1];
    this.stages.push({
      stage,
      isReached: true,
      base,
      steps,
      end: last?.step.after ?? startOf(config, parent),
      start: fileSystem,
      fileSystem: last?.fileSystem ?? fileSystem,
    });
  }

  private async baseOf(stage: Stage, platform: Platform): Promise<FoundBase> {
    switch (stage.base.kind) {
      case 'scratch':
        return { base: stage.base, config: { WorkingDir: '/' }, fileSystem: FileSystem.empty };
      case 'stage': {
        const { end, fileSystem } = this.stages[stage.base.stage]!;
        return { base: stage.base, config: end.config, parent: end, fileSystem };
      }
      default:
        return this.baseImage(stage, stage.base.reference, platform);
    }
  }

  private async baseImage(stage: Stage, reference: string, platform: Platform): Promise<FoundBase> {
    const found = await this.image(reference, platform);
    if (found.kind === 'found') {
      const { image } = found;
      return {
        base: { kind: 'image', image },
        config: image.config,
        fileSystem: this.memory.fileSystemOf(image),
      };
    }
    this.problems.push(problem(stage.from, found.reason, 'warning'));
    return {
      base: missing(reference, found.reason),
      config: {},
      fileSystem: unknownFileSystem(reference, found.reason),
    };
  }

  private async image(reference: string, platform: Platform): Promise<FoundImage> {
    const known = this.images.get(reference);
    if (known) return known;
    const found = await this.doors.findImage(reference, platform, this.signal);
    this.signal?.throwIfAborted();
    this.images.set(reference, found);
    return found;
  }

  /** The step that fails in the stages that a stage stands on. */
  private failureOf(base: Stage['base']): Step | undefined {
    if (base.kind !== 'stage') return undefined;
    const { steps, stage } = this.stages[base.stage]!;
    return steps.find((item) => item.outcome?.error !== undefined)?.step ?? this.failureOf(stage.base);
  }

  private async runSteps(
    plan: readonly Step[],
    start: FileSystem,
    platform: Platform,
    parentFailure: Step | undefined,
  ): Promise<InspectedStep[]> {
    const steps: InspectedStep[] = [];
    let fileSystem = start;
    let failed = parentFailure;
    for (const step of plan) {
      const done = failed
        ? this.afterFailure(step, failed, fileSystem)
        : await this.runStep(step, fileSystem, platform);
      if (step.fault !== undefined) this.reportFault(step, step.fault);
      else if (!failed && done.outcome?.error)
        this.problems.push(problem(step.instruction, done.outcome.error));
      if (!failed && done.outcome?.error) failed = step;
      steps.push(done);
      fileSystem = done.fileSystem;
    }
    return steps;
  }

  private async runStep(step: Step, start: FileSystem, platform: Platform): Promise<InspectedStep> {
    this.signal?.throwIfAborted();
    if (step.fault !== undefined) return { step, outcome: failure(step, step.fault), fileSystem: start };
    const inputs = this.inputsOf(step, platform);
    const key = stepKey(step, inputs);
    const known = this.memory.steps.recall(start, key);
    if (known) return { step, outcome: known.outcome, fileSystem: known.after };
    const result = await simulate(step, start, inputs);
    if (!result) return { step, outcome: undefined, fileSystem: start };
    const { after } = this.memory.steps.keep(start, key, result);
    return { step, outcome: result, fileSystem: after };
  }

  /** What the parser has found already is not said twice. */
  private reportFault({ instruction, isTrigger }: Step, fault: string): void {
    const { line } = instruction.range.start;
    const isKnown = this.dockerfile.problems.some(
      ({ severity, range }) =>
        severity === 'error' && range.start.line >= line && range.end.line <= instruction.range.end.line,
    );
    if (!isKnown || isTrigger) this.problems.push(problem(instruction, fault));
  }

  /** The builder stops at the first failing step, so what comes after it is not known. */
  private afterFailure(step: Step, failed: Step, fileSystem: FileSystem): InspectedStep {
    const notReached = `the build stops at line ${failed.instruction.range.start.line + 1}`;
    return { step, outcome: undefined, fileSystem, notReached };
  }

  private inputsOf(step: Step, platform: Platform): Inputs {
    return {
      ...this.doors.inputs,
      context: usesContext(step) ? this.doors.context() : undefined,
      source: (name) => this.source(name),
      architecture: platform.architecture,
      signal: this.signal,
    };
  }

  /** What `--from` names: an earlier stage, by name or number, or an image. */
  private source(name: string): SourceFileSystem {
    const stage = findSource(
      name,
      this.stages.map((item) => item.stage),
    );
    if (stage) {
      const { fileSystem, steps } = this.stages[stage.index]!;
      const failed = steps.find((item) => item.outcome?.error);
      return failed
        ? { kind: 'unknown', reason: `the stage "${name}" fails to build` }
        : { kind: 'found', fileSystem };
    }
    if (name === 'scratch') return { kind: 'found', fileSystem: FileSystem.empty };
    const found = this.images.get(name);
    if (found?.kind === 'found') return { kind: 'found', fileSystem: this.memory.fileSystemOf(found.image) };
    return { kind: 'unknown', reason: found?.reason ?? `there is no stage "${name}" before this one` };
  }
}

interface FoundBase {
  readonly base: InspectedBase;
  readonly config: ImageConfig;
  readonly parent?: Environment;
  readonly fileSystem: FileSystem;
}

function missing(reference: string, reason: string): InspectedBase {
  return { kind: 'missing', reference, reason };
}

/** A base that was not found: anything may be in it. */
function unknownFileSystem(reference: string, reason: string): FileSystem {
  const openRegions = [{ path: '/', reason: `what the base image ${reference} holds is not known` }];
  const { layer } = outcome(`FROM ${reference}`, [], unknown(reason), { openRegions });
  return FileSystem.empty.with(layer);
}
