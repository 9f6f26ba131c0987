import { parseArguments } from '../../../src/cli/arguments';
import { inspectJson } from '../../../src/cli/json';
import { openSource } from '../../../src/cli/source';
import type { Machine } from '../../../src/doors';
import { BASES, type GoldenCase } from './case';
import type { Answer } from './compare';

/** What we say of a case whose context lies at `context`: the same that the command line prints, with `more` options. */
export async function inspectContext(
  context: string,
  { buildArgs = {}, target }: Pick<GoldenCase, 'buildArgs' | 'target'>,
  machine: Machine,
  more: readonly string[] = [],
): Promise<Answer> {
  const images = Object.entries(BASES).flatMap(([name, file]) => ['--image', `${name}=${file}`]);
  const args = Object.entries(buildArgs).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]);
  const options = target === undefined ? [] : ['--target', target];
  const source = await openSource(
    parseArguments(['inspect', context, ...images, ...args, ...options, ...more], {}),
    machine,
  );
  return JSON.parse(await inspectJson(source)) as Answer;
}
