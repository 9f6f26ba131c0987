import type { BuildContext } from '../context/build-context';
import type { Dockerfile, Problem } from '../dockerfile/instruction';
import { keywordRange } from '../dockerfile/parts';
import { goQuoted } from '../dockerfile/quoted';
import type { BuildOptions } from '../graph/build-options';
import type { Stage, StageGraph } from '../graph/stages';
import type { Step } from '../graph/step';
import { formatPlatform, type Platform } from '../layers/image';
import { type CheckOptions, readCheckOptions } from './check-options';
import { EXPERIMENTAL, type Finding, finding } from './finding';
import { checkFromLines } from './from-lines';
import { checkSteps, setsWorkdir } from './steps';
import { checkWriting } from './writing';

/** A stage that the target needs, planned. */
export interface CheckedStage {
  readonly stage: Stage;
  readonly steps: readonly Step[];
  /** Of the base image, where it was found. */
  readonly basePlatform: Platform | undefined;
}

/**
 * The build checks: what `docker build` warns of. With `# check=error=true` one finding fails the build, which is a
 * problem of its own. https://docs.docker.com/reference/build-checks/
 */
export function buildChecks(
  dockerfile: Dockerfile,
  graph: StageGraph,
  reached: readonly CheckedStage[],
  { options, context }: { options: BuildOptions; context: () => BuildContext | undefined },
): Problem[] {
  let checkOptions: CheckOptions;
  try {
    checkOptions = readCheckOptions(dockerfile.directives.get('check'));
  } catch (error) {
    return [atTop((error as Error).message)];
  }
  const isIgnored = ignoredBy(checkOptions, context);
  const found = [
    ...checkWriting(dockerfile, graph.stages),
    ...checkFromLines(dockerfile, graph, options),
    ...reached.flatMap((item) => checkStage(item, reached, dockerfile.escape, options, isIgnored)),
  ];
  const inForce = ({ check }: { readonly check: string }) =>
    EXPERIMENTAL.has(check) ? checkOptions.isTried(check) : !checkOptions.isSkipped(check);
  const told = found.filter(inForce);
  const parsers = dockerfile.problems
    .flatMap(({ check }) => (check === undefined ? [] : [{ check }]))
    .filter(inForce);
  if (!checkOptions.failsBuild || told.length + parsers.length === 0) return told;
  const rules = [...new Set([...told, ...parsers].map(({ check }) => check))].join(', ');
  return [...told, atTop(`lint violation found for rules: ${rules}`)];
}

/** The parser's own findings that the directive leaves. */
export function withoutSkipped(dockerfile: Dockerfile): readonly Problem[] {
  try {
    const { isSkipped } = readCheckOptions(dockerfile.directives.get('check'));
    return dockerfile.problems.filter(({ check }) => check === undefined || !isSkipped(check));
  } catch {
    return dockerfile.problems;
  }
}

/** Looks at the ignore file only when somebody asks for that check. */
function ignoredBy({ isTried }: CheckOptions, context: () => BuildContext | undefined) {
  const ignore = isTried('CopyIgnoredFile') ? context()?.ignore : undefined;
  return (path: string) => ignore?.explain(path.replace(/^(\.?\/)+/, '')).ignored === true;
}

function checkStage(
  { stage, steps, basePlatform }: CheckedStage,
  reached: readonly CheckedStage[],
  escape: string,
  { platform }: BuildOptions,
  isIgnored: (path: string) => boolean,
): Finding[] {
  const wanted = stage.platform ?? platform;
  const found = checkSteps(steps, escape, { workdirIsSet: inheritsWorkdir(stage, reached), isIgnored });
  const isOther =
    basePlatform && (basePlatform.os !== wanted.os || basePlatform.architecture !== wanted.architecture);
  if (!isOther || stage.base.kind !== 'image') return found;
  const given = `was pulled with platform ${goQuoted(formatPlatform(basePlatform))}`;
  const message = `Base image ${stage.base.reference} ${given}, expected ${goQuoted(formatPlatform(wanted))} for current build`;
  return [finding('InvalidBaseImagePlatform', keywordRange(stage.from), message), ...found];
}

function inheritsWorkdir({ base }: Stage, reached: readonly CheckedStage[]): boolean {
  const parent = base.kind === 'stage' ? reached.find(({ stage }) => stage.index === base.stage) : undefined;
  return parent !== undefined && (setsWorkdir(parent.steps) || inheritsWorkdir(parent.stage, reached));
}

function atTop(message: string): Problem {
  return {
    severity: 'error',
    message,
    range: { start: { line: 0, character: 0 }, end: { line: 0, character: 1 } },
  };
}
