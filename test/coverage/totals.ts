import type { SampleFile } from './dockerfiles';
import type { Level } from './judge';
import type { FileResult, RunResult } from './measure';

export interface MeasuredFile extends FileResult {
  readonly sample: SampleFile;
}

export type Counts = Record<Level, number> & { runs: number; exactLayers: number };

export interface Totals {
  readonly repositories: number;
  readonly files: number;
  readonly filesWithoutRun: number;
  readonly guessedSources: number;
  readonly all: Counts;
  readonly byFamily: ReadonlyMap<string, Counts>;
  readonly byForm: ReadonlyMap<string, Counts>;
  /** What stands in the way, each with its RUNs, most first. */
  readonly unknown: readonly Blocker[];
  readonly fails: readonly Blocker[];
  readonly modelled: readonly Blocker[];
  readonly stops: readonly Blocker[];
  readonly slow: readonly { readonly file: string; readonly milliseconds: number }[];
  readonly milliseconds: number;
}

export interface Blocker {
  readonly what: string;
  readonly count: number;
  readonly example: string;
}

const SLOW = 2000;

export function totalsOf(measured: readonly MeasuredFile[]): Totals {
  const runs = measured.flatMap(({ sample, runs }) => runs.map((run) => ({ run, sample })));
  const blockers = (level: Level) =>
    rank(
      runs
        .filter(({ run }) => run.level === level)
        .map(({ run, sample }) => ({ what: run.blocker ?? '', example: exampleOf(run, sample) })),
    );
  const results = runs.map(({ run }) => run);
  return {
    repositories: new Set(measured.map(({ sample }) => sample.repository)).size,
    files: measured.length,
    filesWithoutRun: measured.filter((file) => file.runs.length === 0).length,
    guessedSources: measured.reduce((sum, file) => sum + file.guessedSources, 0),
    all: count(results),
    byFamily: grouped(results, ({ family, isKnownBase }) => (isKnownBase ? family : `${family}, guessed`)),
    byForm: grouped(results, ({ form }) => form),
    unknown: blockers('unknown'),
    fails: blockers('fails'),
    modelled: blockers('modelled'),
    stops: rank(
      measured.flatMap(({ sample, stops }) =>
        stops.map(({ line, message }) => ({
          what: message.replace(/"[^"]*"/g, '"…"'),
          example: `${sample.file}:${line}`,
        })),
      ),
    ),
    slow: measured
      .filter(({ milliseconds }) => milliseconds > SLOW)
      .map(({ sample, milliseconds }) => ({ file: sample.file, milliseconds })),
    milliseconds: measured.reduce((sum, file) => sum + file.milliseconds, 0),
  };
}

function exampleOf({ line, command }: RunResult, { file }: SampleFile): string {
  return `${file}:${line}${command === undefined ? '' : `  ${command.replace(/\s+/g, ' ').slice(0, 100)}`}`;
}

function rank(found: readonly { readonly what: string; readonly example: string }[]): Blocker[] {
  const counts = new Map<string, Blocker>();
  for (const { what, example } of found) {
    const known = counts.get(what);
    counts.set(what, { what, count: (known?.count ?? 0) + 1, example: known?.example ?? example });
  }
  return [...counts.values()].sort((one, other) => other.count - one.count);
}

function grouped(runs: readonly RunResult[], keyOf: (run: RunResult) => string): Map<string, Counts> {
  const groups = new Map<string, RunResult[]>();
  for (const run of runs) groups.set(keyOf(run), [...(groups.get(keyOf(run)) ?? []), run]);
  return new Map([...groups].map(([key, group]) => [key, count(group)]));
}

function count(runs: readonly RunResult[]): Counts {
  const counts: Counts = { runs: runs.length, exact: 0, modelled: 0, unknown: 0, fails: 0, exactLayers: 0 };
  for (const { level, isExactLayer } of runs) {
    counts[level]++;
    if (isExactLayer) counts.exactLayers++;
  }
  return counts;
}
