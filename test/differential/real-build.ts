import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { parseArguments } from '../../src/cli/arguments';
import { inspectJson } from '../../src/cli/json';
import { openSource } from '../../src/cli/source';
import { Machine } from '../../src/doors';
import { type GoldenCase, materialize } from '../core/golden/case';
import type { Answer } from '../core/golden/compare';

export interface RealBuilder {
  /** The words of the docker command, such as `docker` or `sudo docker`. */
  readonly command: readonly string[];
  readonly machine: Machine;
  readonly work: string;
  /** SHA-256 of the busybox in `bb:1`, for which our own copy of that image has a stub. */
  readonly program: string;
}

/** Makes sure that the builder works and has the base image. */
export async function openBuilder(command: readonly string[], work: string): Promise<RealBuilder> {
  const builder = { command, work, machine: new Machine(), program: '' };
  const golden = { name: 'base', dockerfile: 'FROM bb:1\n' };
  const context = materialize(golden, path.join(work, golden.name));
  const real = await buildForReal(golden, context, builder);
  rmSync(context, { recursive: true });
  if (real.kind === 'failed')
    throw new Error(`Cannot build FROM bb:1: ${real.error}\nThe README says how to make that image.`);
  const entries = real.image.layers.flatMap((layer) => layer.entries ?? []);
  return { ...builder, program: entries.find((entry) => entry.path === '/bin/busybox')?.sha256 ?? '' };
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
  try {
    // A build that fails leaves an empty file there.
    if (status !== 0) return failureIn(stderr);
    const source = await openSource(parseArguments(['inspect', image], {}), machine);
    return { kind: 'built', image: JSON.parse(await inspectJson(source)) as Answer };
  } finally {
    rmSync(image, { force: true });
  }
}

/** The builder ends with the cause, and names the line above it. */
function failureIn(output: string): RealBuild {
  const error = output.split('\n').findLast((line) => line.startsWith('ERROR: ')) ?? output.slice(-500);
  const line = /^Dockerfile:(\d+)$/m.exec(output)?.[1];
  if (/cannot connect to the docker daemon/i.test(output)) throw new Error(error);
  return {
    kind: 'failed',
    error: error.replace(/^ERROR: (failed to build: )?(failed to solve: )?/, ''),
    line: line === undefined ? undefined : Number(line),
  };
}
