import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Machine } from '../../src/doors';
import { BASES } from '../core/golden/case';
import { seedsIn } from '../differential/random';
import { compareStates, type Verdict } from './compare';
import { generateScript } from './generate';
import { predict } from './predict';
import { runForReal } from './real-shell';
import { prepareRoot, type Root } from './root';
import { readScripts, type Script } from './scripts';
import type { State } from './state';

const SCRIPTS = path.join('test', 'shell-differential', 'scripts');

/** Differences told of one script. */
const MOST_NOTES = 8;

const USAGE = `Usage: node test/shell-differential/run.mjs [LIST…] [options]

  LIST…        lists of scripts (default: all of ${SCRIPTS})
  --random 1-500  random scripts of these seeds, in place of lists
  --only TEXT  only the scripts whose name has TEXT in it
  --work DIR   where the Debian and the overlays are made (default: in the temporary folder)
  --store DIR  writes each list with the real shell's answers to DIR, but for scripts that answer
               otherwise on the small base of the stored tests
  --all        tells of each script, also those that match
  --sure       runs only scripts of which we claim to know exactly what they do
`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      random: { type: 'string' },
      only: { type: 'string', default: '' },
      work: { type: 'string', default: path.join(os.tmpdir(), 'dockerfile-layers-shell') },
      store: { type: 'string' },
      all: { type: 'boolean', default: false },
      sure: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  if (process.getuid?.() !== 0) throw new Error('An overlay over a root file system needs root.');
  const root = prepareRoot(path.join(values.work, 'debian'));
  const lists = positionals.length > 0 ? positionals : listsIn(SCRIPTS);
  const counts = new Map<string, number>();
  if (values.random !== undefined) {
    const scripts = seedsIn(values.random).map(generateScript);
    await tryList(scripts, root, path.join(values.work, 'run'), counts, values);
  }
  for (const list of values.random === undefined ? lists : []) {
    const scripts = readScripts(list).filter(({ name }) => name.includes(values.only));
    const rows = await tryList(scripts, root, path.join(values.work, 'run'), counts, values);
    if (values.store) await store(list, rows, values.store);
  }
  for (const [what, count] of counts) console.log(`${count} ${what}`);
  return counts.has('wrong though exact') ? 1 : 0;
}

interface Row {
  readonly script: Script;
  readonly real: State;
  readonly verdict: Verdict;
}

async function tryList(
  scripts: readonly Script[],
  { root, image }: Root,
  work: string,
  counts: Map<string, number>,
  options: { readonly all: boolean; readonly sure: boolean; readonly random?: string | undefined },
): Promise<Row[]> {
  const since = Math.floor(Date.now() / 1000);
  const machine = new Machine();
  const rows: Row[] = [];
  for (const script of scripts) {
    const ours = await predict(script, image, machine, since);
    if (options.sure && ours.certainty !== 'exact') continue;
    const real = await runForReal(script, root, work);
    const { verdict, notes } = compareStates(real, ours);
    rows.push({ script, real, verdict });
    for (const what of [verdict, ours.certainty === 'exact' ? 'claim exact' : `claim ${ours.certainty}`])
      counts.set(what, (counts.get(what) ?? 0) + 1);
    if (verdict === 'match' && ours.certainty === 'exact' && !options.all) continue;
    console.log(`${script.name}: ${verdict} (${ours.certainty})`);
    if (verdict === 'match' && ours.reasons.length > 0) console.log(`    ${ours.reasons.join('; ')}`);
    if (options.random !== undefined) console.log(script.text.replace(/^/gm, '    | '));
    for (const note of notes.slice(0, MOST_NOTES)) console.log(`    ${note}`);
    if (notes.length > MOST_NOTES) console.log(`    and ${notes.length - MOST_NOTES} more`);
  }
  return rows;
}

/** The stored tests run on the golden cases' base, which has stubs for most files: whoever reads one answers otherwise. */
async function store(list: string, rows: readonly Row[], folder: string): Promise<void> {
  const since = Math.floor(Date.now() / 1000);
  const machine = new Machine();
  const kept: string[] = [];
  for (const { script, real, verdict } of rows) {
    if (verdict !== 'match') continue;
    const small = await predict(script, BASES['deb:12'], machine, since);
    if (compareStates(real, small).verdict !== 'match' || small.certainty === 'unknown') continue;
    const { exitCode } = real;
    const entries = real.entries.map(({ text: _, ...entry }) => entry);
    kept.push(JSON.stringify({ ...script, exitCode, entries }));
  }
  mkdirSync(folder, { recursive: true });
  const name = `${path.basename(list, path.extname(list))}.json`;
  writeFileSync(path.join(folder, name), `[\n${kept.join(',\n')}\n]\n`);
  console.log(`${name}: ${kept.length} of ${rows.length} stored`);
}

function listsIn(folder: string): string[] {
  return readdirSync(folder)
    .sort()
    .map((name) => path.join(folder, name));
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
