import { argumentsOf, listOf } from '../dockerfile/arguments';
import { textFlag } from '../dockerfile/flag-rules';
import type { Dockerfile, Instruction } from '../dockerfile/instruction';
import { keywordRange } from '../dockerfile/parts';
import { goQuoted } from '../dockerfile/quoted';
import { suggestion } from '../dockerfile/suggestion';
import { ExpansionError, expandWord } from '../dockerfile/words';
import { automaticArguments, type BuildOptions } from '../graph/build-options';
import { readGlobalArguments } from '../graph/global-arguments';
import type { Stage, StageGraph } from '../graph/stages';
import { type Platform, parsePlatform } from '../layers/image';
import { referenceFault } from '../layers/reference';
import { type Finding, finding } from './finding';

/** Checks of the FROM lines, and of the ARGs that they use; they look at all stages. */
export function checkFromLines(dockerfile: Dockerfile, graph: StageGraph, options: BuildOptions): Finding[] {
  const { escape, instructions } = dockerfile;
  const first = instructions.findIndex(({ keyword }) => keyword === 'FROM');
  const head = instructions.slice(0, Math.max(first, 0)).filter(({ keyword }) => keyword === 'ARG');
  const automatic = automaticArguments({ ...options, buildArgs: {} }, graph.stages);
  const defaults = readGlobalArguments(head, automatic, { buildArgs: {} }, escape);
  const known = new Set([
    ...graph.fromVariables.keys(),
    ...head.flatMap((line) => argumentsOf(line, escape).map(({ name }) => name)),
  ]);
  return graph.stages.flatMap((stage) => [
    ...checkDefaults(
      stage,
      new Map([...automatic, ...defaults.values]),
      escape,
      defaults.problems.length > 0,
    ),
    ...checkDeclared(stage.from, graph, known, escape),
    ...checkPlatform(stage, graph, escape),
  ]);
}

/** A base must be one even when no build argument is given. */
function checkDefaults(
  { from }: Stage,
  variables: ReadonlyMap<string, string>,
  escape: string,
  isUseless: boolean,
): Finding[] {
  const [written = ''] = listOf(from);
  const base = isUseless ? undefined : asked(written, variables, escape)?.text;
  if (base === undefined || referenceFault(base) === undefined) return [];
  const message = `Default value for ARG ${written} results in empty or invalid base image name`;
  return [finding('InvalidDefaultArgInFrom', keywordRange(from), message)];
}

function checkDeclared(
  from: Instruction,
  graph: StageGraph,
  known: ReadonlySet<string>,
  escape: string,
): Finding[] {
  const words = [listOf(from)[0], textFlag(from, 'platform')];
  const unset = words.flatMap((word) =>
    word === undefined ? [] : (asked(word, graph.fromVariables, escape)?.unset ?? []),
  );
  return unset
    .filter((name) => !known.has(name))
    .map((name) => {
      const message = `FROM argument '${name}' is not declared${suggestion(name, known)}`;
      return finding('UndefinedArgInFrom', keywordRange(from), message);
    });
}

function checkPlatform({ from, name = '' }: Stage, graph: StageGraph, escape: string): Finding[] {
  const written = textFlag(from, 'platform');
  const answer = written === undefined ? undefined : asked(written, graph.fromVariables, escape);
  if (written === undefined || !answer) return [];
  const range = keywordRange(from);
  if (answer.set.length === 0 && answer.unset.length === 0) {
    const platform = platformOrNone(answer.text);
    if (!platform || name.includes(platform.os) || name.includes(platform.architecture)) return [];
    const message = `FROM --platform flag should not use constant value ${goQuoted(answer.text)}`;
    return [finding('FromPlatformFlagConstDisallowed', range, message)];
  }
  const isTarget = answer.set.join() === 'TARGETPLATFORM' && answer.unset.length === 0;
  if (!isTarget || answer.text !== graph.fromVariables.get('TARGETPLATFORM')) return [];
  const message = `Setting platform to predefined ${written} in FROM is redundant as this is the default behavior`;
  return [finding('RedundantTargetPlatform', range, message)];
}

function platformOrNone(text: string): Platform | undefined {
  try {
    return parsePlatform(text);
  } catch {
    return undefined;
  }
}

/** What a word comes to, and the variables that it asks for; undefined for one that cannot be expanded. */
function asked(word: string, variables: ReadonlyMap<string, string>, escape: string) {
  const names = { set: new Set<string>(), unset: new Set<string>() };
  const onAsked = (name: string, isSet: boolean) => names[isSet ? 'set' : 'unset'].add(name);
  try {
    const text = expandWord(word, { variables, escape, onAsked });
    return { text, set: [...names.set], unset: [...names.unset] };
  } catch (error) {
    if (!(error instanceof ExpansionError)) throw error;
    return undefined;
  }
}
