import { mkdirSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { goldenCases } from '../core/golden/case';
import { type GeneratedCase, generateCase } from './generate';
import { makeBase } from './make-base';
import { seedsIn } from './random';
import { openBuilder, type RealBuilder } from './real-build';
import { shrink } from './shrink';
import { storeCase } from './store';
import { type Trial, tryCase } from './try-case';
import { verifyPatterns } from './verify-patterns';

const USAGE = `Usage: node test/differential/run.mjs [options]

  --seeds 1-300,405    the seeds to build (default 1-20)
  --docker COMMAND     the docker command, such as "sudo docker" (default docker)
  --work DIR           where contexts and images are made (default: in the temporary folder)
  --shrink             makes each case that differs as small as it gets
  --store DIR          writes case.json and expected.json of each seed to DIR/seed-N
  --patterns           builds the table of ignore patterns and globs instead
  --make-base          makes the image bb:1 first, from this machine's /bin/busybox (package busybox-static)
  --golden             builds the cases of test/golden/cases instead, to check the comparison itself
`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '1-20' },
      docker: { type: 'string', default: 'docker' },
      work: { type: 'string', default: path.join(os.tmpdir(), 'dockerfile-layers-differential') },
      shrink: { type: 'boolean', default: false },
      store: { type: 'string' },
      golden: { type: 'boolean', default: false },
      'make-base': { type: 'boolean', default: false },
      patterns: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return say(USAGE);
  mkdirSync(values.work, { recursive: true });
  if (values['make-base']) makeBase(values.docker.split(' '), values.work);
  const builder = await openBuilder(values.docker.split(' '), values.work);
  if (values.patterns) return (await verifyPatterns(builder)) > 0 ? 1 : 0;
  const cases = values.golden
    ? goldenCases('cases').filter(({ dockerfile }) => !dockerfile.includes('--parents'))
    : seedsIn(values.seeds).map(generateCase);
  const counts = new Counts();
  for (const golden of cases) {
    const trial = await tryCase(golden, builder);
    counts.add(trial);
    report(golden, trial);
    if (values.store) storeCase(golden, trial.expected, values.store);
    if (values.shrink && trial.verdict !== 'match') await reportSmallest(golden, trial, builder);
  }
  counts.print();
  return counts.bad > 0 ? 1 : 0;
}

function report({ name }: { name: string }, { verdict, notes, real }: Trial): void {
  const failed = real.kind === 'failed' ? ` (the build fails at line ${real.line}: ${real.error})` : '';
  console.log(`${name}: ${verdict}${failed}`);
  for (const note of notes) console.log(`    ${note}`);
}

async function reportSmallest(
  golden: GeneratedCase,
  { verdict }: Trial,
  builder: RealBuilder,
): Promise<void> {
  let count = 0;
  const smallest = await shrink(golden, async (smaller) => {
    const name = `${golden.name}-${count++}`;
    // A case may become one that cannot be tried, such as a Dockerfile without a stage.
    return tryCase({ ...smaller, name }, builder).then(
      (trial) => trial.verdict === verdict,
      () => false,
    );
  });
  const trial = await tryCase(smallest, builder);
  console.log(smallest.dockerfile.replace(/^/gm, '    | '));
  for (const file of smallest.files ?? []) console.log(`    ${JSON.stringify(file)}`);
  for (const note of trial.notes) console.log(`    ${note}`);
}

class Counts {
  private readonly verdicts = new Map<string, number>();
  private readonly layers = { own: 0, exact: 0 };
  private built = 0;
  private failed = 0;
  private otherwise = 0;

  add({ verdict, notes, real, answer }: Trial): void {
    this.verdicts.set(verdict, (this.verdicts.get(verdict) ?? 0) + 1);
    if (real.kind === 'built') this.built++;
    else this.failed++;
    if (verdict === 'match' && notes.length > 0) this.otherwise++;
    const own = answer.layers.filter(({ base }) => !base);
    this.layers.own += own.length;
    this.layers.exact += own.filter(({ certainty }) => certainty === 'exact').length;
  }

  get bad(): number {
    return [...this.verdicts].reduce(
      (sum, [verdict, count]) => (/match|honest/.test(verdict) ? sum : sum + count),
      0,
    );
  }

  print(): void {
    console.log(
      `\n${this.built} built, ${this.failed} failed, ${this.otherwise} of these with another cause in our words`,
    );
    for (const [verdict, count] of this.verdicts) console.log(`${count} ${verdict}`);
    console.log(`${this.layers.exact} of ${this.layers.own} layers claim exact`);
  }
}

function say(text: string): number {
  process.stdout.write(text);
  return 0;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: Error) => {
    console.error(error.message);
    process.exitCode = 2;
  },
);
