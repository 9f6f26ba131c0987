import { BuildSources, NOTHING, type Start } from './build-sources';
import type { Dockerfile, Instruction, Problem } from './dockerfile/instruction';
import { FileSystem } from './filesystem/tree';
import { type Doors, Memory } from './flow-doors';
import type { BuildOptions } from './graph/build-options';
import { type BuilderTraits, traitsOf } from './graph/builder';
import { type Environment, startOf } from './graph/environment';
import { problem } from './graph/fault';
import { builtBefore, builtFor, imagesOf } from './graph/reach';
import { findSource, findStageByName, type Stage, type StageGraph } from './graph/stages';
import type { Step } from './graph/step';
import { planSteps } from './graph/steps';
import { triggersFor, triggerTexts } from './graph/triggers';
import type { InspectedBase, InspectedStage, InspectedStep } from './inspection';
import type { Platform } from './layers/image';
import type { Inputs, SourceFileSystem, SourceOf } from './simulate/inputs';
import { failure, notSimulated, type Outcome } from './simulate/outcome';
import { remoteSizesOf } from './simulate/remote-sizes';
import { simulate } from './simulate/simulate';
import { stepKey, stepName, usesContext } from './simulate/step-key';

/**
 * Builds the stages of one Dockerfile, each as soon as those that it takes from are built, so that stages which do not
 * need each other wait for the machine together. What is wrong goes to `problems`, in the order of the file.
 */
export class StageFlow {
  readonly stages: InspectedStage[] = [];
  /** By the index of the stage, as they are under way at the same time. */
  private readonly problemsOf = new Map<number, Problem[]>();
  private readonly memory: Memory;
  private readonly sources: BuildSources;
  private readonly traits: BuilderTraits;

  constructor(
    private readonly dockerfile: Dockerfile,
    private readonly graph: StageGraph,
    private readonly options: BuildOptions,
    private readonly doors: Doors,
    private readonly problems: Problem[],
    private readonly signal: AbortSignal | undefined,
  ) {
    this.memory = doors.memory ?? new Memory();
    this.traits = traitsOf(options.builder);
    this.sources = new BuildSources(doors, this.memory.sources, options.contexts);
  }

  /** Folders of named contexts that are not there, told at the top of the file. */
  missingContexts(): Problem[] {
    const [first] = this.dockerfile.instructions;
    return first ? this.sources.missingFolders().map((reason) => problem(first, reason)) : [];
  }

  /** The stages that a target needs. A base image may bring triggers that copy from further stages. */
  async reach(target: Stage): Promise<readonly Stage[]> {
    for (let before = 0; ; ) {
      const reached = builtFor(target, this.graph.stages, this.triggersOf, this.traits);
      if (reached.length === before) return reached;
      before = reached.length;
      // The machine reads and inflates several at once.
      await Promise.all(
        reached.map(async ({ base, platform = this.options.platform }) => {
          if (base.kind === 'image') await this.sources.find(base.reference, platform, this.signal);
        }),
      );
    }
  }

  private readonly triggersOf = (stage: Stage): readonly Instruction[] =>
    triggersFor(stage, { OnBuild: this.triggerTextsOf(stage) });

  private triggerTextsOf({ base, isReplaced, platform = this.options.platform }: Stage): readonly string[] {
    if (base.kind === 'stage') return triggerTexts(this.graph.stages[base.stage]!);
    if (base.kind === 'scratch' || isReplaced) return [];
    return this.sources.configOf(base.reference, platform)?.OnBuild ?? [];
  }

  /** Builds those that are reached; `stages` has all of them then, in the order of the file. */
  async run(reached: ReadonlySet<Stage>): Promise<void> {
    const { stages } = this.graph;
    for (const stage of stages) if (reached.has(stage)) await this.findSources(stage);
    const building = new Map<Stage, Promise<void>>();
    for (const stage of stages) {
      if (!reached.has(stage)) this.skipStage(stage);
      else {
        const before = builtBefore(stage, stages, this.triggersOf, this.traits);
        const waits = Promise.all(before.map((earlier) => building.get(earlier)));
        building.set(
          stage,
          waits.then(() => this.runStage(stage)),
        );
      }
    }
    await Promise.all(building.values());
    this.problems.push(...stages.flatMap(({ index }) => this.problemsOf.get(index) ?? []));
  }

  private problemsIn(stage: number): Problem[] {
    const known = this.problemsOf.get(stage) ?? [];
    this.problemsOf.set(stage, known);
    return known;
  }

  private skipStage(stage: Stage): void {
    const base: InspectedBase =
      stage.base.kind === 'image'
        ? missing(stage.base.reference, 'the target does not need this stage')
        : stage.base;
    this.stages[stage.index] = {
      stage,
      isReached: false,
      base,
      steps: [],
      end: startOf({}),
      start: FileSystem.empty,
      fileSystem: FileSystem.empty,
    };
  }

  /** One stage after the other, so that what is not found is told where it is first asked for. */
  private async findSources(stage: Stage): Promise<void> {
    const { base, from, platform = this.options.platform } = stage;
    if (base.kind === 'image') {
      const found = await this.sources.find(base.reference, platform, this.signal);
      if (found.kind === 'missing' && base.reference !== '') this.warn(stage, from, found.reason);
    }
    for (const name of imagesOf(stage, this.graph.stages, this.triggersOf))
      await this.findSource(name, stage);
  }

  private async runStage(stage: Stage): Promise<void> {
    const platform = stage.platform ?? this.options.platform;
    const { base, config, parent, fileSystem } = await this.startOf(stage, platform);
    const plan = planSteps(stage, { config, parent }, this.graph, this.options, this.dockerfile.escape);
    const steps = stage.isReplaced
      ? plan.map((step) => leftOut(step, fileSystem))
      : await this.runSteps(plan, fileSystem, platform, this.failureBefore(stage));
    const last = steps[steps.length - 1];
    const end = stage.isReplaced ? undefined : last?.step.after;
    this.stages[stage.index] = {
      stage,
      isReached: true,
      base,
      steps,
      end: end ?? startOf(config, parent),
      start: fileSystem,
      fileSystem: last?.fileSystem ?? fileSystem,
    };
  }

  /** A source that is not found is told once, where it is first taken from. */
  private async findSource(name: string, stage: Stage): Promise<void> {
    // Not of the stage's platform: what is copied from is for the platform that is built for.
    const { platform } = this.options;
    const isNew = this.sources.files(name, platform) === undefined;
    const found = await this.sources.find(name, platform, this.signal);
    if (found.kind !== 'missing' || !isNew) return;
    const user = stage.instructions.find(({ flags }) => flags.some(({ value }) => value?.includes(name)));
    this.warn(stage, user ?? stage.from, found.reason);
  }

  /** Unless it is a problem already. */
  private warn({ index }: Stage, where: Instruction, reason: string): void {
    if (this.problems.some(({ message, severity }) => message === reason && severity === 'error')) return;
    this.problemsIn(index).push(problem(where, reason, 'warning'));
  }

  private async startOf({ base, isReplaced }: Stage, platform: Platform): Promise<StageStart> {
    switch (base.kind) {
      case 'scratch':
        return NOTHING;
      case 'stage': {
        const { end, fileSystem, stage } = this.stages[base.stage]!;
        // The triggers of a stage fire even when a context takes its place.
        const config = { ...end.config, OnBuild: triggerTexts(stage) };
        return { base, config, parent: end, fileSystem };
      }
      default: {
        const { clock } = this.doors.inputs;
        const start = await this.sources.start(base.reference, platform, clock, this.signal);
        return isReplaced ? { ...start, config: { ...start.config, OnBuild: [] } } : start;
      }
    }
  }

  /** The step that fails in the stages that are built before this one, or that it stands on. */
  private failureBefore({ base, index }: Stage): Step | undefined {
    const before = this.traits.buildsAllStages ? index - 1 : base.kind === 'stage' ? base.stage : -1;
    const done = this.stages[before];
    if (!done) return undefined;
    const failed = done.steps.find((item) => item.outcome?.error !== undefined);
    return failed?.step ?? this.failureBefore(done.stage);
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
        this.problemsIn(step.stage).push(problem(step.instruction, done.outcome.error));
      if (!failed && done.outcome?.error) failed = step;
      steps.push(done);
      fileSystem = done.fileSystem;
    }
    return steps;
  }

  private async runStep(step: Step, start: FileSystem, platform: Platform): Promise<InspectedStep> {
    this.signal?.throwIfAborted();
    if (step.fault !== undefined) return { step, outcome: failure(step, step.fault), fileSystem: start };
    const inputs = await this.inputsOf(step, platform);
    const key = stepKey(step, inputs);
    const known = this.memory.steps.recall(start, key);
    if (known) return { step, outcome: known.outcome, fileSystem: known.after };
    const result = await this.simulateWatched(step, start, inputs);
    // What a cancelled simulation came to is nothing to remember.
    this.signal?.throwIfAborted();
    if (!result) return { step, outcome: undefined, fileSystem: start };
    const { after } = this.memory.steps.keep(start, key, result);
    return { step, outcome: result, fileSystem: after };
  }

  /** A RUN is announced to whoever watches over this thread, and left out when it made one hang. */
  private async simulateWatched(step: Step, start: FileSystem, inputs: Inputs): Promise<Outcome | undefined> {
    const { watch } = this.doors;
    if (!watch || step.action.kind !== 'run') return simulate(step, start, inputs);
    const name = stepName(step);
    const hung = watch.hung(name);
    if (hung !== undefined) return notSimulated(step, `the simulation of this line was given up: ${hung}`);
    const end = watch.begin(name);
    try {
      return await simulate(step, start, inputs);
    } finally {
      end();
    }
  }

  /** What the parser has found already is not said twice. */
  private reportFault({ instruction, isTrigger, stage }: Step, fault: string): void {
    const { line } = instruction.range.start;
    const isKnown = this.dockerfile.problems.some(
      ({ severity, range }) =>
        severity === 'error' && range.start.line >= line && range.end.line <= instruction.range.end.line,
    );
    if (!isKnown || isTrigger) this.problemsIn(stage).push(problem(instruction, fault));
  }

  /** The builder stops at the first failing step, so what comes after it is not known. */
  private afterFailure(step: Step, failed: Step, fileSystem: FileSystem): InspectedStep {
    const notReached = `the build stops at line ${failed.instruction.range.start.line + 1}`;
    return { step, outcome: undefined, fileSystem, notReached };
  }

  private async inputsOf(step: Step, platform: Platform): Promise<Inputs> {
    return {
      ...this.doors.inputs,
      context: usesContext(step) ? this.doors.context() : undefined,
      source: (name, asked) => this.source(name, asked, step.stage),
      remoteSizes: await remoteSizesOf(step, this.doors.remoteSize, this.signal),
      architecture: platform.architecture,
      traits: this.traits,
      signal: this.signal,
    };
  }

  /** What is taken from: an earlier stage, a named context or an image. */
  private source(name: string, asked: SourceOf, user: number): SourceFileSystem {
    const earlier = this.graph.stages.slice(0, user);
    const stage = asked === 'copy' ? findSource(name, earlier) : findStageByName(name, earlier);
    if (stage) {
      const { fileSystem, steps } = this.stages[stage.index]!;
      const failed = steps.find((item) => item.outcome?.error);
      return failed
        ? { kind: 'unknown', reason: `the stage "${name}" fails to build` }
        : { kind: 'found', fileSystem };
    }
    if (name === 'scratch') return { kind: 'found', fileSystem: FileSystem.empty };
    const found = this.sources.files(name, this.options.platform);
    return found ?? { kind: 'unknown', reason: `there is no stage "${name}" before this one` };
  }
}

interface StageStart extends Start {
  readonly parent?: Environment;
}

function missing(reference: string, reason: string): InspectedBase {
  return { kind: 'missing', reference, reason };
}

/** A step of a stage that a named context takes the place of. */
function leftOut(step: Step, fileSystem: FileSystem): InspectedStep {
  const notReached = 'a named build context takes the place of this stage';
  return { step, outcome: undefined, fileSystem, notReached };
}
