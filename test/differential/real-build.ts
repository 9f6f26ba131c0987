import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { parseArguments } from '../../src/cli/arguments';
import { inspectJson } from '../../src/cli/json';
import { openSource } from '../../src/cli/source';
import type { Machine } from '../../src/doors';
import type { GoldenCase } from '../core/golden/case';
import type { Answer } from '../core/golden/compare';

export interface RealBuilder {
  /** The words of the docker command, such as `docker` or `sudo docker`. */
  readonly command: readonly string[];
  readonly machine: Machine;
  readonly work: string;
}

export type RealBuild =
  | { readonly kind: 'built'; readonly image: Answer }
  | { readonly kind: 'failed'; readonly error: string; readonly line: number | undefined };

/** Builds a context for real, and reads every layer of the image. */
export async function buildForReal(
  golden: Pick<GoldenCase, 'buildArgs' | 'target' | 'name'>,
  context: string,
  { command, machine, work }: RealBuilder,
): Promise<RealBuild> {
  const image = path.join(work, `${golden.name}.tar`);
  const args = Object.entries(golden.buildArgs ?? {}).flatMap(([name, value]) => [
    '--build-arg',
    `${name}=${value}`,
  ]);
  if (golden.target !== undefined) args.push('--target', golden.target);
  const [program, ...words] = [
    ...command,
    'buildx',
    'build',
    '--progress',
    'plain',
    '--no-cache',
    '--network',
    'none',
  ];
  const { status, stderr, error } = spawnSync(
    program!,
    [...words, '--provenance=false', '--output', `type=oci,dest=${image}`, ...args, context],
    { encoding: 'utf8' },
  );
  if (error) throw error;
  if (status !== 0) return failureIn(stderr);
  try {
    const source = await openSource(parseArguments(['inspect', image], {}), machine);
    return { kind: 'built', image: JSON.parse(await inspectJson(source)) as Answer };
  } finally {
    rmSync(image);
  }
}

/** The builder ends with the cause, and names the line above it. */
function failureIn(output: string): RealBuild {
  const error = output.split('\n').findLast((line) => line.startsWith('ERROR: ')) ?? output.slice(-500);
  const line = /^Dockerfile:(\d+)$/m.exec(output)?.[1];
  if (/lookup registry|cannot connect to the docker daemon/i.test(output)) throw new Error(error);
  return {
    kind: 'failed',
    error: error.replace(/^ERROR: (failed to build: )?(failed to solve: )?/, ''),
    line: line === undefined ? undefined : Number(line),
  };
}
