import { rmSync } from 'node:fs';
import path from 'node:path';
import type { ListedEntry } from '../../src/layers/entries';
import { type Expected, materialize } from '../core/golden/case';
import { type Answer, compare, type Verdict } from '../core/golden/compare';
import { inspectContext } from '../core/golden/inspect-context';
import type { GeneratedCase } from './generate';
import { buildForReal, type RealBuild, type RealBuilder } from './real-build';

export interface Trial {
  readonly verdict: Verdict | 'other line';
  readonly notes: readonly string[];
  readonly real: RealBuild;
  readonly expected: Expected;
  readonly answer: Answer;
}

/** Builds a case for real, predicts it from the same folder, and compares. */
export async function tryCase(golden: GeneratedCase, builder: RealBuilder): Promise<Trial> {
  const context = materialize(golden, path.join(builder.work, golden.name));
  try {
    const real = await buildForReal(golden, context, builder);
    const answer = await inspectContext(context, golden, builder.machine);
    const expected = expectedOf(real, builder);
    const { verdict, notes } = compare(expected, answer);
    const trial = { verdict, notes, real, expected, answer };
    if (verdict !== 'match' || real.kind === 'built') return trial;
    if (!sameCause(real.error, answer)) trial.notes.push('in other words');
    const elsewhere = await failsElsewhere(golden, answer, real, builder);
    if (!elsewhere) return trial;
    const isSure = answer.layers.every(({ certainty }) => certainty === 'exact');
    return { ...trial, verdict: isSure ? 'other line' : 'honest unknown', notes: elsewhere };
  } finally {
    rmSync(context, { recursive: true, force: true });
  }
}

/**
 * What to say when we fail at another line. The builder looks at all sources of a Dockerfile before and while its
 * steps run, so of two faults it may name the later one: then the lines up to ours have to fail there for real.
 */
async function failsElsewhere(
  golden: GeneratedCase,
  answer: Answer,
  real: Extract<RealBuild, { kind: 'failed' }>,
  builder: RealBuilder,
): Promise<string[] | undefined> {
  const ours = answer.problems.filter(({ severity }) => severity === 'error');
  if (real.line === undefined || ours.some(({ line }) => line === real.line)) return undefined;
  const line = ours[0]?.line ?? 0;
  if (line < real.line) {
    const dockerfile = `${golden.dockerfile.split('\n').slice(0, line).join('\n')}\n`;
    const { target: _, ...rest } = golden;
    const cut = { ...rest, dockerfile, name: `${golden.name}-cut` };
    const again = await buildForReal(cut, materialize(cut, path.join(builder.work, cut.name)), builder);
    rmSync(path.join(builder.work, cut.name), { recursive: true, force: true });
    if (again.kind === 'failed' && again.line === line) return undefined;
  }
  return [
    `line ${line} instead of ${real.line}`,
    ...ours.map(({ message }) => message),
    `expected: ${real.error}`,
  ];
}

/** What a message is about, as far as two programs can be expected to say it alike. */
const CAUSES: readonly RegExp[] = [
  /not found|no such file/i,
  /not a directory|non-directory/i,
  /replace to directory/,
  /too many links|link loop/,
  /exit code/,
  /pattern/,
  /user index/,
  /tar header|unexpected EOF|truncated|damaged/,
  /not permitted/,
  /chmod parameter|invalid syntax/,
];

function sameCause(error: string, { problems }: Answer): boolean {
  const causes = CAUSES.filter((cause) => cause.test(error));
  return problems.some(({ message }) => causes.length === 0 || causes.some((cause) => cause.test(message)));
}

/** The real build in the form of a golden case's `expected.json`. */
function expectedOf(real: RealBuild, { program }: RealBuilder): Expected {
  if (real.kind === 'failed') {
    return real.line === undefined ? { error: real.error } : { error: real.error, line: real.line };
  }
  const { config, history, layers } = real.image;
  return {
    config,
    history,
    layers: layers.map(({ created_by, entries = [] }) =>
      isBase(entries)
        ? { created_by, base: true }
        : { created_by, entries: entries.map((entry) => stubbed(entry, program)) },
    ),
  };
}

function isBase(entries: readonly ListedEntry[]): boolean {
  const paths = entries.map((entry) => entry.path);
  return paths.includes('/bin/busybox') && paths.includes('/opt/base/suid');
}

const STUB = {
  size: 64,
  sha256: 'e717b57a377ce3486a932130454ee070fdd495d3c23a9d5a8a446ad32772e704',
};

/** Our base image holds no program: an ELF header stands where busybox is. */
function stubbed(entry: ListedEntry, program: string): ListedEntry {
  return entry.sha256 === program ? { ...entry, ...STUB } : entry;
}
