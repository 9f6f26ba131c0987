import type { BuildContext } from './context/build-context';
import type { Dockerfile, Problem } from './dockerfile/instruction';
import { parseDockerfile } from './dockerfile/parse';
import { FileSystem } from './filesystem/tree';
import type { BuildOptions } from './graph/build-options';
import {
  findStage,
  problem,
  reachedBy,
  type Stage,
  type StageGraph,
  splitStages,
  targetOf,
} from './graph/stages';
import type { Step } from './graph/step';
import { configAfter, planSteps } from './graph/steps';
import { unknown } from './layers/certainty';
import type { Image, ImageConfig, Platform } from './layers/image';
import { parsePlatform } from './layers/image';
import type { Layer } from './layers/layer';
import type { Inputs, SourceFileSystem } from './simulate/inputs';
import { SimulationMemory } from './simulate/memory';
import { type Outcome, outcome } from './simulate/outcome';
import { simulate } from './simulate/simulate';

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

/** All that is known about a Dockerfile's layers. Every view and the command line read from it. */
export interface Inspection {
  readonly dockerfile: Dockerfile;
  /** All stages of the file, in order; those that the target does not reach have no steps. */
  readonly stages: readonly InspectedStage[];
  /** `undefined` when the file has no stage, or not the one that was asked for. */
  readonly target: InspectedStage | undefined;
  readonly problems: readonly Problem[];
}

export interface InspectedStage {
  readonly stage: Stage;
  readonly isReached: boolean;
  readonly base: InspectedBase;
  readonly steps: readonly InspectedStep[];
  /** The file system that the first step starts from. */
  readonly start: FileSystem;
  /** What the stage ends with. */
  readonly config: ImageConfig;
  readonly fileSystem: FileSystem;
}

export type InspectedBase =
  | { readonly kind: 'scratch' }
  | { readonly kind: 'stage'; readonly stage: number }
  | { readonly kind: 'image'; readonly image: Image }
  | { readonly kind: 'missing'; readonly reference: string; readonly reason: string };

export interface InspectedStep {
  readonly step: Step;
  /** `undefined` for an instruction that makes no layer. */
  readonly outcome: Outcome | undefined;
  /** The merged file system after the step. */
  readonly fileSystem: FileSystem;
  /** Why the builder does not come to this step: an earlier one fails. */
  readonly notReached?: string;
}

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
  const problems = [...dockerfile.problems, ...graph.problems];
  const target = findTarget(graph, request.options, dockerfile, problems);
  const reached = new Set(target ? reachedBy(target, graph.stages) : []);
  const flow = new Flow(dockerfile, graph, request.options, doors, problems, signal);
  for (const stage of graph.stages) {
    if (reached.has(stage)) await flow.runStage(stage);
    else flow.skipStage(stage);
  }
  return { dockerfile, stages: flow.stages, target: target && flow.stages[target.index], problems };
}

function findTarget(graph: StageGraph, options: BuildOptions, dockerfile: Dockerfile, problems: Problem[]) {
  try {
    return targetOf(graph.stages, options.target);
  } catch (error) {
    const range = dockerfile.instructions[0]?.range ?? {
      start: { line: 0, character: 0 },
      end: { line: 0, character: 0 },
    };
    problems.push(problem(range, (error as Error).message));
    return undefined;
  }
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
      config: {},
      start: FileSystem.empty,
      fileSystem: FileSystem.empty,
    });
  }

  async runStage(stage: Stage): Promise<void> {
    this.problems.push(...stage.problems);
    const platform = this.platformOf(stage);
    const { base, config, fileSystem } = await this.baseOf(stage, platform);
    for (const reference of stage.otherImages) await this.image(reference, platform);
    const plan = planSteps(stage, config, this.graph, this.options, this.dockerfile.escape);
    const steps = await this.runSteps(plan, fileSystem, platform);
    const last = steps[steps.length - 1]?.fileSystem ?? fileSystem;
    this.stages.push({
      stage,
      isReached: true,
      base,
      steps,
      config: configAfter(plan, config),
      start: fileSystem,
      fileSystem: last,
    });
  }

  private platformOf(stage: Stage): Platform {
    try {
      return stage.platform ? parsePlatform(stage.platform) : this.options.platform;
    } catch (error) {
      this.problems.push(problem(stage.from, (error as Error).message));
      return this.options.platform;
    }
  }

  private async baseOf(stage: Stage, platform: Platform) {
    switch (stage.base.kind) {
      case 'scratch':
        return { base: stage.base, config: { WorkingDir: '/' }, fileSystem: FileSystem.empty };
      case 'stage': {
        const parent = this.stages[stage.base.stage]!;
        return { base: stage.base, config: parent.config, fileSystem: parent.fileSystem };
      }
      default: {
        const { reference } = stage.base;
        const found = await this.image(reference, platform);
        if (found.kind === 'found') {
          const { image } = found;
          return {
            base: { kind: 'image' as const, image },
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
    }
  }

  private async image(reference: string, platform: Platform): Promise<FoundImage> {
    const known = this.images.get(reference);
    if (known) return known;
    const found = await this.doors.findImage(reference, platform, this.signal);
    this.signal?.throwIfAborted();
    this.images.set(reference, found);
    return found;
  }

  private async runSteps(
    plan: readonly Step[],
    start: FileSystem,
    platform: Platform,
  ): Promise<InspectedStep[]> {
    const steps: InspectedStep[] = [];
    let fileSystem = start;
    let failed: Step | undefined;
    for (const step of plan) {
      this.problems.push(...step.problems);
      const done = failed
        ? this.afterFailure(step, failed, fileSystem)
        : await this.runStep(step, fileSystem, platform);
      if (!failed && done.outcome?.error) {
        this.problems.push(problem(step.instruction, done.outcome.error));
        failed = step;
      }
      steps.push(done);
      fileSystem = done.fileSystem;
    }
    return steps;
  }

  private async runStep(step: Step, start: FileSystem, platform: Platform): Promise<InspectedStep> {
    this.signal?.throwIfAborted();
    const key = this.keyOf(step, platform);
    const known = this.memory.steps.recall(start, key);
    if (known) return { step, outcome: known.outcome, fileSystem: known.after };
    const inputs = this.inputsOf(step, platform);
    const result = await simulate(step, start, inputs);
    if (!result) return { step, outcome: undefined, fileSystem: start };
    const { after } = this.memory.steps.keep(start, key, result);
    return { step, outcome: result, fileSystem: after };
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
    const stage = findStage(
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

  /** All that a step's outcome depends on besides the file system it starts from. */
  private keyOf(step: Step, platform: Platform): string {
    const { config } = step.environment;
    const from = sourcesOf(step).map((name) => {
      const found = this.source(name);
      return found.kind === 'found' ? identityOf(found.fileSystem) : found.reason;
    });
    const context = usesContext(step) ? identityOf(this.doors.context()?.fileSystem) : 0;
    const { action } = step;
    const variables = action.kind === 'run' ? [...action.variables] : [];
    const mounts = action.kind === 'run' ? action.mounts.map(({ options }) => [...options]) : [];
    const here = [config.User, config.WorkingDir, platform.architecture];
    return JSON.stringify([action, variables, mounts, here, from, context, step.createdBy]);
  }
}

function usesContext({ action }: Step): boolean {
  if (action.kind === 'run')
    return action.mounts.some(({ type, options }) => type === 'bind' && !options.has('from'));
  if (action.kind !== 'copy' && action.kind !== 'add') return false;
  return action.from === undefined && action.sources.some(({ kind }) => kind === 'path');
}

function sourcesOf({ action }: Step): string[] {
  if (action.kind === 'run') return action.mounts.flatMap(({ options }) => options.get('from') ?? []);
  return action.kind === 'copy' && action.from !== undefined ? [action.from] : [];
}

const identities = new WeakMap<FileSystem, number>();
let nextIdentity = 1;

/** A number for a file system object, so that keys can name it. */
function identityOf(fileSystem: FileSystem | undefined): number {
  if (!fileSystem) return 0;
  const known = identities.get(fileSystem) ?? nextIdentity++;
  identities.set(fileSystem, known);
  return known;
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

/** A layer in its stack. */
export interface ListedLayer {
  readonly layer: Layer;
  /** The step that makes it; undefined for a layer of the base. */
  readonly step: InspectedStep | undefined;
  /** The merged file system below it. */
  readonly below: FileSystem;
}

/** The layers of a stage from the base up, those of the stages it stands on among them. */
export function layersOf(inspection: Inspection, stage: InspectedStage): ListedLayer[] {
  const start =
    stage.base.kind === 'stage'
      ? layersOf(inspection, inspection.stages[stage.base.stage]!)
      : listLayers(stage.start.layers);
  const own: ListedLayer[] = [];
  let below = stage.start;
  for (const step of stage.steps) {
    if (step.outcome) own.push({ layer: step.outcome.layer, step, below });
    below = step.fileSystem;
  }
  return [...start, ...own];
}

const listed = new WeakMap<readonly Layer[], readonly ListedLayer[]>();

/** Layers of an image, each with what is below it; stacked once for one list of layers. */
export function listLayers(layers: readonly Layer[]): readonly ListedLayer[] {
  const known = listed.get(layers);
  if (known) return known;
  let below = FileSystem.empty;
  const found = layers.map((layer): ListedLayer => {
    const here = { layer, step: undefined, below };
    below = below.with(layer);
    return here;
  });
  listed.set(layers, found);
  return found;
}
