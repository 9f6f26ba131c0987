import { environmentVariables, givenArguments, shellOf, workingDirectory } from '../graph/environment';
import { type InspectedStage, type InspectedStep, layersOf } from '../inspection';
import { layerSize } from '../layers/layer';
import type { Inspected } from './inspected';
import { hiddenBytes, largestFiles } from './layer-folder';
import type { LineFacts } from './protocol';
import { basePage, stepPage } from './summary';

const LARGEST = 5;

/** What is known about the instruction at a line (from 0). */
export function lineFacts(inspected: Inspected, line: number): LineFacts | undefined {
  if (inspected.kind !== 'dockerfile') return undefined;
  for (const stage of inspected.inspection.stages) {
    const { range } = stage.stage.from;
    if (range.start.line <= line && line <= range.end.line) return fromFacts(inspected, stage);
    const step = stage.steps.find(({ step: { instruction, isTrigger } }) => {
      return !isTrigger && instruction.range.start.line <= line && line <= instruction.range.end.line;
    });
    if (step) return stepFacts(inspected, stage, step);
  }
  return undefined;
}

function fromFacts(inspected: Extract<Inspected, { kind: 'dockerfile' }>, stage: InspectedStage): LineFacts {
  const base = basePage(stage);
  const first = stage.steps[0]?.step.environment;
  return {
    stage: stage.stage.index,
    stageName: nameOf(stage),
    step: undefined,
    range: stage.stage.from.range,
    runningTotal: runningTotal(inspected, stage, undefined),
    largest: [],
    commands: [],
    expanded: undefined,
    environment: environmentFacts(inspected, stage, first ?? stage.end),
    hiddenBytes: 0,
    heredocs: [],
    base,
  };
}

function stepFacts(
  inspected: Extract<Inspected, { kind: 'dockerfile' }>,
  stage: InspectedStage,
  step: InspectedStep,
): LineFacts {
  const listed = layersOf(inspected.inspection, stage).find((item) => item.step === step);
  const index = stage.steps.indexOf(step);
  const below = stage.steps[index - 1]?.fileSystem ?? stage.start;
  const { instruction, createdBy } = step.step;
  const expanded = createdBy.replace(/ # buildkit$/, '');
  return {
    stage: stage.stage.index,
    stageName: nameOf(stage),
    step: stepPage(step, below),
    range: instruction.range,
    runningTotal: runningTotal(inspected, stage, step),
    largest: listed ? largestFiles(listed, LARGEST) : [],
    commands: step.outcome?.commands ?? [],
    expanded: instruction.keyword === 'RUN' || expanded === instruction.text ? undefined : expanded,
    environment: environmentFacts(inspected, stage, step.step.environment),
    hiddenBytes: listed ? hiddenBytes(listed) : 0,
    heredocs: instruction.heredocs.map(({ name }) => name),
    base: undefined,
  };
}

function runningTotal(
  inspected: Extract<Inspected, { kind: 'dockerfile' }>,
  stage: InspectedStage,
  until: InspectedStep | undefined,
): number {
  let sum = 0;
  const lastOwn = until ? stage.steps.indexOf(until) : -1;
  for (const { layer, step } of layersOf(inspected.inspection, stage)) {
    const own = step ? stage.steps.indexOf(step) : -1;
    if (own > lastOwn) break;
    sum += layerSize(layer);
  }
  return sum;
}

function environmentFacts(
  { inspection: { stages } }: Extract<Inspected, { kind: 'dockerfile' }>,
  stage: InspectedStage,
  { config, args, variables: inForce }: InspectedStep['step']['environment'],
) {
  let root = stage;
  while (root.base.kind === 'stage') root = stages[root.base.stage]!;
  const given = environmentVariables(root.base.kind === 'image' ? root.base.image.config : {});
  // An ARG after an ENV of its name goes before it, in what lines expand to and what a RUN sees.
  const variables = [...environmentVariables(config)].map(([name, value]): [string, string] => [
    name,
    inForce.get(name) ?? value,
  ]);
  return {
    variables,
    own: variables.filter(([name, value]) => given.get(name) !== value).map(([name]) => name),
    args: givenArguments(args),
    workdir: workingDirectory(config),
    user: config.User || 'root',
    shell: shellOf(config).join(' '),
  };
}

function nameOf({ stage }: InspectedStage): string {
  return stage.name ?? `stage ${stage.index}`;
}
