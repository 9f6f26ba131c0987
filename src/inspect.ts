import { buildChecks, type CheckedStage, withoutSkipped } from './checks/build-checks';
import { ignoreProblemWords } from './context/build-context';
import type { Dockerfile, Problem } from './dockerfile/instruction';
import { parseDockerfile } from './dockerfile/parse';
import type { Doors } from './flow-doors';
import type { BuildOptions } from './graph/build-options';
import { traitsOf } from './graph/builder';
import { problem } from './graph/fault';
import { lacksArchitecture } from './graph/named-contexts';
import { type StageGraph, splitStages, targetOf } from './graph/stages';
import type { InspectedStage, Inspection } from './inspection';
import { StageFlow } from './stage-flow';

/** What is to be inspected: a Dockerfile as it stands in the editor, and how it is built. */
export interface Request {
  readonly text: string;
  readonly options: BuildOptions;
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
  const flow = new StageFlow(dockerfile, graph, request.options, doors, problems, signal);
  problems.push(...flow.missingContexts());
  await flow.run(new Set(target ? await flow.reach(target) : []));
  const { options } = request;
  if (target && lacksArchitecture(target, graph.stages, options.contexts))
    problems.push(problem(target.from, 'invalid image config for export: missing architecture'));
  if (traitsOf(options.builder).runsBuildChecks) {
    const isChecked = ({ isReached, stage }: InspectedStage) => isReached && !stage.isReplaced;
    const checked = flow.stages.filter(isChecked).map(checkedStage);
    problems.push(...buildChecks(dockerfile, graph, checked, { options, context: doors.context }));
  }
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
