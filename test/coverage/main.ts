import path from 'node:path';
import { parseArgs } from 'node:util';
import { Machine } from '../../src/doors';
import { debianSkeleton } from './assumed/skeleton';
import { sampleDockerfiles } from './dockerfiles';
import { measure } from './measure';
import { printTotals } from './print';
import { type MeasuredFile, totalsOf } from './totals';

const USAGE = `Usage: node test/coverage/run.mjs [options] FOLDER...

  --per-repository N   takes N Dockerfiles of each repository (first folder below FOLDER), default all
  --top N              how many of what blocks are listed (default 40)
  --json               prints totals and every RUN as JSON
`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      'per-repository': { type: 'string' },
      top: { type: 'string', default: '40' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help || positionals.length === 0) {
    console.log(USAGE);
    return values.help ? 0 : 2;
  }
  const perRepository = Number(values['per-repository'] ?? Number.POSITIVE_INFINITY);
  const samples = positionals.flatMap((folder) => sampleDockerfiles(path.resolve(folder), perRepository));
  const machine = new Machine();
  const debian = await debianSkeleton(machine);
  const measured: MeasuredFile[] = [];
  for (const [at, sample] of samples.entries()) {
    if (process.stderr.isTTY)
      process.stderr.write(`\r${at + 1}/${samples.length} ${sample.repository.padEnd(60)}`);
    measured.push({ sample, ...(await measure(sample, machine, debian)) });
  }
  const totals = totalsOf(measured);
  console.log(values.json ? asJson(measured, totals) : printTotals(totals, Number(values.top)));
  return 0;
}

function asJson(measured: readonly MeasuredFile[], totals: ReturnType<typeof totalsOf>): string {
  const files = measured.map(({ sample: { file, repository }, ...result }) => ({
    file,
    repository,
    ...result,
  }));
  const plain = (_: string, value: unknown) => (value instanceof Map ? Object.fromEntries(value) : value);
  return JSON.stringify({ totals, files }, plain, 1);
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: Error) => {
    console.error(error);
    process.exitCode = 1;
  },
);
