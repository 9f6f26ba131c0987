// What a script did where it is not known whether files are there has to hold, or be in doubt, in all worlds that may be.
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { diffOf } from '../../../src/filesystem/diff';
import { isOfPlace, isWithin } from '../../../src/layers/path';
import { type Simulation, simulate, type TestFile } from './simulated';

const FILES: Readonly<Record<string, TestFile>> = {
  '/opt': {},
  '/vendor': {},
  '/opt/f': { text: 'f\n' },
  '/opt/d': {},
};
const NAMES = ['x', 'y'];

/** Scripts are made of these: conditions, actions, and ways to put them together. */
const CONDITIONS = [
  '[ -f /vendor/x ]',
  '[ ! -f /vendor/y ]',
  'test -e /vendor/x',
  '[ -f /opt/f ]',
  '[ -d /opt/n ]',
  'f',
  '[ "$V" = 2 ]',
  '! [ -f /opt/g ]',
];
const ACTIONS = [
  'mkdir -p /opt/n',
  'echo a > /opt/g',
  'rm -f /opt/f',
  'chmod 700 /opt/d',
  'V=2',
  'echo $V > /opt/v',
  'cd /opt/d',
  'touch here',
  'mv /opt/f /opt/m 2>/dev/null || true',
  'cat /opt/g > /opt/h 2>/dev/null || :',
  'umask 077',
  'mkdir -p /opt/q/r',
  'f',
  'exit 0',
  'exit 3',
  'return 0 2>/dev/null || true',
  'false',
  '[ -f /vendor/y ]',
  'echo $? > /opt/s',
  '[ -f /vendor/x ]; echo $? > /opt/s',
  'set -e',
  'W=$(if [ -f /vendor/x ]; then echo 1; fi); echo "$W" > /opt/w',
];
const FORMS = [
  'if C; then A; fi',
  'if C; then A; else B; fi',
  'C && A',
  'C || A',
  'C && A || B',
  'C || A && B',
  'if C; then A; elif D; then B; fi',
  '! C && { A; B; }',
  'for i in 1 2; do C && break; A; done',
  'for i in 1 2; do C || continue; A; done',
  '(C && A; B)',
  'case "$V" in 1) A;; *) B;; esac',
  'if C && D; then A; fi',
  'C || { A; exit 1; }',
  'f() { if C; then return 1; fi; A; }; f',
  '{ C && A; } || B',
  'C | true && A',
  'A',
  'A; B',
  'until C; do A; break; done',
];

function scriptOf(seed: number): string {
  let state = seed * 2654435761 + 12345;
  const pick = (list: readonly string[]) => {
    state = (Math.imul(state ^ (state >>> 13), 1274126177) + 97) | 0;
    return list[(state >>> 4) % list.length]!;
  };
  const form = () =>
    pick(FORMS).replace(/[ABCD]\b/g, (letter) =>
      letter === 'A' || letter === 'B' ? pick(ACTIONS) : pick(CONDITIONS),
    );
  const start = pick(['', 'set -e; ', '']);
  return `${start}f() { test -f /vendor/x; }; V=1; ${[form(), form(), form()].join('; ')}`;
}

async function changesOf(script: string, options: Simulation) {
  const report = await simulate(script, { ...options, cwd: '/opt' });
  const places = new Map<string, string>();
  for (const change of await diffOf(report.fileSystem)) {
    const node = change.kind === 'put' ? change.node : undefined;
    places.set(
      change.path,
      `${change.kind} ${node?.kind} ${node?.mode} ${node?.kind === 'file' ? report.text(change.path) : ''}`,
    );
  }
  return { report, places };
}

/** What is wrong with the answer of a script, in one of the worlds. */
async function faultOf(script: string): Promise<string | undefined> {
  const told = await changesOf(script, {
    files: FILES,
    openRegions: [{ path: '/vendor', reason: 'something was installed' }],
  });
  if (told.report.certainty.level === 'unknown') return undefined;
  for (let world = 0; world < 2 ** NAMES.length; world++) {
    const there = NAMES.filter((_, index) => world & (1 << index)).map((name) => [
      `/vendor/${name}`,
      { text: '' },
    ]);
    const real = await changesOf(script, { files: { ...FILES, ...Object.fromEntries(there) } });
    // A build that fails is not one that is shown.
    if (real.report.exitCode !== 0) continue;
    const { openRegions, guess, certainty, commands } = told.report;
    for (const path of new Set([...told.places.keys(), ...real.places.keys()])) {
      if (told.places.get(path) === real.places.get(path)) continue;
      const isOpen = openRegions.some(
        (region) => isWithin(path, region.path) && !region.except?.some((place) => isOfPlace(path, place)),
      );
      const isGuess = guess !== undefined && told.places.get(path)?.startsWith('put');
      if (certainty.level === 'exact' || (!isOpen && !isGuess))
        return `${script}\n${path}: ${told.places.get(path)} where ${JSON.stringify(there)} gives ${real.places.get(path)}`;
    }
    const ran = new Set(real.report.commands.map(({ text, exitCode }) => `${text} ${exitCode}`));
    for (const { text, exitCode, certainty: own } of commands)
      if (own.level === 'exact' && !ran.has(`${text} ${exitCode}`))
        return `${script}\n\`${text}\` (${exitCode}) is not so with ${JSON.stringify(there)}`;
  }
  return undefined;
}

test('what is told of random scripts holds whatever is there', async () => {
  const faults: string[] = [];
  const count = Number(process.env.WORLDS ?? 120);
  for (let seed = 1; seed <= count; seed++) {
    const fault = await faultOf(scriptOf(seed));
    if (fault) faults.push(fault);
  }
  assert.deepEqual(faults.slice(0, 12), [], `${faults.length} of ${count}`);
});
