import type { BuildContext } from '../../src/context/build-context';
import { parseDockerfile } from '../../src/dockerfile/parse';
import { dockerfileName, type Machine } from '../../src/doors';
import { type Doors, Memory } from '../../src/flow-doors';
import { DEFAULT_PLATFORM } from '../../src/graph/build-options';
import { splitStages } from '../../src/graph/stages';
import { inspect } from '../../src/inspect';
import type { InspectedStage, InspectedStep, Inspection } from '../../src/inspection';
import { leastCertain, unknown } from '../../src/layers/certainty';
import type { Image } from '../../src/layers/image';
import type { CommandReport, RunReport } from '../../src/simulate/run/engine';
import { type Assumed, assume } from './assumed/assume';
import type { Family } from './assumed/families';
import { contextFolderOf, withPlaceholders } from './context';
import type { SampleFile } from './dockerfiles';
import { judge, type Verdict } from './judge';
import { needsOf } from './needs';

export type Form = 'shell' | 'exec' | 'here-document';

/** What one RUN of a real Dockerfile came to. `line` counts from 1. */
export interface RunResult extends Verdict {
  readonly line: number;
  readonly form: Form;
  readonly family: Family | 'scratch';
  /** The image is one that is described, and not only its family guessed. */
  readonly isKnownBase: boolean;
}

export interface FileResult {
  readonly runs: readonly RunResult[];
  /** Instructions other than RUN that would stop the build here; they were left out to go on. */
  readonly stops: readonly { readonly line: number; readonly message: string }[];
  readonly guessedSources: number;
  readonly milliseconds: number;
}

/** A build is tried again without the instruction that stops it, at most so often. */
const MAX_STOPS = 12;

/** Puts every RUN of a Dockerfile through the engine, in every stage. */
export async function measure(sample: SampleFile, machine: Machine, debian: Image): Promise<FileResult> {
  const measuring = new Measuring(sample, machine, debian);
  const began = performance.now();
  await measuring.all();
  const { runs, stops, guessedSources } = measuring;
  return { runs: [...runs.values()], stops, guessedSources, milliseconds: performance.now() - began };
}

class Measuring {
  readonly runs = new Map<number, RunResult>();
  readonly stops: { line: number; message: string }[] = [];
  guessedSources = 0;
  private text: string;
  private readonly bases = new Map<string, Assumed>();
  private readonly reports = new WeakMap<readonly CommandReport[], RunReport>();
  private readonly memory = new Memory();

  constructor(
    private readonly sample: SampleFile,
    private readonly machine: Machine,
    private readonly debian: Image,
  ) {
    this.text = withoutUnsetVariables(sample.text);
  }

  /** The last stage, and then every stage that it does not need. */
  async all(): Promise<void> {
    const { stages } = splitStages(parseDockerfile(this.text), OPTIONS);
    const done = new Set<number>();
    for (const { index } of [...stages].reverse()) {
      if (done.has(index)) continue;
      const next = stages[index + 1]?.from.range.start.line;
      const inspection = await this.build(next);
      for (const stage of inspection.stages) if (stage.isReached) done.add(stage.stage.index);
    }
  }

  /** Builds the last stage of the lines before `end`: a stage without a name can be no target. */
  private async build(end: number | undefined): Promise<Inspection> {
    const request = () => ({ text: this.text.split('\n').slice(0, end).join('\n'), options: OPTIONS });
    const planned = await inspect(request(), this.planDoors());
    const { sources, images } = needsOf(planned);
    for (const [reference, asked] of images)
      this.bases.set(reference, await assume(reference, asked, this.debian, this.machine.reader));
    const doors = this.doors(sources);
    for (let turn = 0; ; turn++) {
      const inspection = await inspect(request(), doors);
      for (const stage of inspection.stages) this.collect(stage, inspection);
      if (turn >= MAX_STOPS || !this.leaveOut(inspection)) return inspection;
    }
  }

  private planDoors(): Doors {
    const doors = this.machineDoors(undefined);
    const run = async () => ({ ...NOT_RUN });
    return { ...doors, context: () => undefined, inputs: { ...doors.inputs, engine: { run } } };
  }

  private doors(sources: readonly string[]): Doors {
    const { file, repositoryFolder } = this.sample;
    const folder = contextFolderOf(file, repositoryFolder, sources);
    const doors = this.machineDoors(folder);
    let context: BuildContext | undefined;
    return {
      ...doors,
      memory: this.memory,
      context: () => {
        if (context) return context;
        const opened = withPlaceholders(doors.context()!, folder, sources);
        this.guessedSources += opened.guessed;
        context = opened.context;
        return context;
      },
      inputs: {
        ...doors.inputs,
        engine: { run: async (request) => this.goOn(await doors.inputs.engine.run(request)) },
      },
    };
  }

  private machineDoors(contextFolder: string | undefined): Doors {
    const dockerfile = dockerfileName(contextFolder, this.sample.file);
    const doors = this.machine.doors({ contextFolder, dockerfile, images: {} });
    return { ...doors, findImage: (reference) => this.findImage(reference) };
  }

  private async findImage(reference: string) {
    const known = this.bases.get(reference);
    const asked = { scripts: this.sample.text, users: [], paths: [] };
    const assumed = known ?? (await assume(reference, asked, this.debian, this.machine.reader));
    this.bases.set(reference, assumed);
    return { kind: 'found', image: assumed.image } as const;
  }

  /** A RUN that fails would stop the build: what it left is taken as not known, and the build goes on. */
  private goOn(report: RunReport): RunReport {
    this.reports.set(report.commands, report);
    if (report.exitCode === 0) return report;
    const reason = 'a RUN before fails on the assumed base';
    return {
      ...report,
      exitCode: 0,
      certainty: leastCertain([report.certainty, unknown(reason)]),
      openRegions: [...report.openRegions, { path: '/', reason }],
    };
  }

  private collect({ stage, steps, start }: InspectedStage, inspection: Inspection): void {
    let before = start;
    for (const done of steps) {
      const { step, outcome, fileSystem } = done;
      const line = step.instruction.range.start.line + 1;
      if (step.action.kind === 'run' && outcome && !step.isTrigger) {
        const report = outcome.commands && this.reports.get(outcome.commands);
        const verdict = judge(outcome, report, before);
        this.runs.set(line, {
          line,
          form: formOf(done),
          ...this.baseOf(stage.index, inspection),
          ...verdict,
        });
      }
      before = fileSystem;
    }
  }

  private baseOf(index: number, inspection: Inspection): Pick<RunResult, 'family' | 'isKnownBase'> {
    const { base } = inspection.stages[index]!.stage;
    if (base.kind === 'stage') return this.baseOf(base.stage, inspection);
    const assumed = base.kind === 'image' ? this.bases.get(base.reference) : undefined;
    return { family: assumed?.family ?? 'scratch', isKnownBase: assumed?.isKnown ?? true };
  }

  /** Takes the instruction out that stops the build; false when nothing does, or it cannot be taken out. */
  private leaveOut(inspection: Inspection): boolean {
    const steps = inspection.stages.flatMap((stage) => stage.steps);
    const stopping = steps.find(
      ({ step, outcome }) => step.fault !== undefined || outcome?.error !== undefined,
    );
    if (!stopping || stopping.step.isTrigger) return false;
    const { instruction, fault } = stopping.step;
    const { start, end } = instruction.range;
    if (stopping.step.action.kind !== 'run')
      this.stops.push({ line: start.line + 1, message: fault ?? stopping.outcome?.error ?? '' });
    const lines = this.text.split('\n');
    for (let line = start.line; line <= end.line; line++) lines[line] = '#';
    this.text = lines.join('\n');
    return true;
  }
}

const OPTIONS = { buildArgs: {}, platform: DEFAULT_PLATFORM } as const;

const NOT_RUN: RunReport = {
  exitCode: 0,
  certainty: unknown('planned only'),
  commands: [],
  openRegions: [{ path: '/', reason: 'planned only' }],
  stdout: '',
  stderr: '',
};

function formOf({ step: { instruction } }: InspectedStep): Form {
  if (instruction.heredocs.length > 0) return 'here-document';
  return instruction.json ? 'exec' : 'shell';
}

/** Variables of FROM lines that the file leaves to the build: some image has to be there. */
function withoutUnsetVariables(text: string): string {
  const set = new Set([...text.matchAll(/^\s*ARG\s+(\w+)=/gim)].map(([, name]) => name!));
  return text.replace(/^(\s*FROM\s+)(.*)$/gim, (_, from: string, rest: string) => {
    const words = rest.replace(/\$\{(\w+)\}|\$(\w+)/g, (whole, braced?: string, bare?: string) => {
      const name = braced ?? bare ?? '';
      return set.has(name) || /^(?:BUILD|TARGET)(?:PLATFORM|OS|ARCH|VARIANT)$/.test(name)
        ? whole
        : name.toLowerCase();
    });
    return from + words;
  });
}
