// How long RUN takes on a base of 100,000 entries, beside the real programs on a file system in memory:
// `node test/benchmarks/run.mjs [NAME…]`. Prints milliseconds (the median of several runs) of every part of a step, and
// how much more heap is in use afterwards. Nothing here passes or fails.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as esbuild from 'esbuild';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');
const require = createRequire(import.meta.url);
const ENTRIES = 100_000;
const HALF = ENTRIES / 2;
/** Files of one folder of the tree. */
const PER_FOLDER = 100;
const RUNS = 5;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');

const { runShell, diffOf, inlineContent, comparePaths, EXACT, inspect, Memory, SimulationMemory } =
  await bundled(`
  export { inspect } from './src/inspect';
  export { Memory } from './src/flow-doors';
  export { SimulationMemory } from './src/simulate/memory';
  export { diffOf } from './src/filesystem/diff';
  export { runShell } from './src/simulate/run/shell';
  export { inlineContent } from './src/layers/content';
  export { comparePaths } from './src/layers/path';
  export { EXACT } from './src/layers/certainty';`);

const PROGRAMS = 'dash sh mkdir rm cp mv ln chmod chown find grep tar cat echo touch sed install ls id';
const ELF = inlineContent(Uint8Array.from([0x7f, 0x45, 0x4c, 0x46, ...new Array(60).fill(0)]));
const TEXT = 'some text\nof a file\n';

/** `limit` is what the project promises, in milliseconds. `here` is the real command where paths differ. */
const cases = [
  {
    name: 'five commands',
    script:
      'mkdir -p /app/data && echo hi > /app/f && chmod 700 /app/f && chown 1:1 /app/data && cp /app/f /app/g',
    limit: 5,
  },
  { name: 'rm -rf 50,000', script: 'rm -rf /tree/a', limit: 300 },
  { name: 'cp -r 50,000', script: 'cp -r /tree/a /tree/c', limit: 300 },
  { name: 'chmod -R 100,000', script: 'chmod -R o-r /tree', limit: 300 },
  { name: 'find / 100,000', script: 'find /', limit: 300 },
  { name: 'find -name 100,000', script: "find / -name '*9' -type f" },
  { name: 'chown -R 100,000', script: 'chown -R 5:5 /tree' },
  { name: 'find -exec + 100,000', script: 'find /tree -type f -exec chmod 600 {} +' },
  { name: 'grep -r 50,000', script: 'grep -rl nothing /tree/a || true' },
  { name: 'tar c 50,000', script: 'tar cf /t.tar -C /tree a' },
  { name: 'tar c | x 50,000', script: 'mkdir /out && tar c -C /tree a | tar x -C /out' },
  { name: 'mv 50,000', script: 'mv /tree/a /tree/m' },
  { name: 'glob over 10,000', script: 'echo /wide/f*7 > /list' },
  { name: 'rm glob of 10,000', script: 'rm /wide/*' },
];

/** Reads what is at hand, and nothing else. */
const reader = {
  async read(content, range) {
    const bytes = content.kind === 'inline' ? content.bytes : new Uint8Array(content.size);
    return bytes.subarray(range?.start ?? 0, range?.end ?? bytes.length);
  },
  async digest() {
    throw new Error('no digests here');
  },
  async digests() {
    return new Map();
  },
};

const platform = { os: 'linux', architecture: 'amd64' };
const image = imageOf();
const memory = new Memory();
const base = memory.sources.ofImage(image);
const inputs = {
  reader,
  archives: { open: async () => undefined },
  limits: { steps: 2_000_000, milliseconds: 60_000, bytes: 2 ** 31 },
  clock: () => 2,
};
const doors = {
  context: () => undefined,
  findImage: async () => ({ kind: 'found', image }),
  findLayout: async () => ({ kind: 'missing', reason: 'there is none' }),
  openFolder: () => undefined,
  memory,
};
const options = { buildArgs: {}, platform, buildPlatform: platform, builder: 'buildkit', contexts: {} };

const wanted = process.argv.slice(2);
console.log(
  `node ${process.version}, ${process.arch}; a base of ${ENTRIES.toLocaleString('en')} entries; milliseconds\n`,
);
printRow('', 'engine', 'diff', 'stack', 'whole', 'limit', 'real', 'heap');
const peer = realTree();
for (const one of cases) {
  if (wanted.length > 0 && !wanted.some((word) => one.name.includes(word))) continue;
  await measure(one);
}
peer?.remove();
console.log(`
engine: the script; diff: making the layer; stack: the file system after it; whole: the line in its Dockerfile. "real" is ${peer?.shell ?? 'missing: there is no sh here'}.
heap: what is held on to when the step is done, in megabytes.`);

async function measure({ name, script, limit }) {
  for (let warm = 0; warm < 2; warm++) await step(script);
  const times = [];
  for (let run = 0; run < RUNS; run++) times.push(await step(script));
  const heap = await heapOf(script);
  const of = (part) => median(times.map((time) => time[part]));
  const real = peer?.time(script);
  printRow(
    name,
    ...['engine', 'diff', 'stack', 'whole'].map((part) => of(part).toFixed(1)),
    limit ?? '',
    real?.toFixed(0) ?? '',
    heap.toFixed(1),
  );
}

/** A Dockerfile of one line on the base, as an edit of that line simulates it; then its parts again, one by one. */
async function step(script) {
  let engine = 0;
  let layer;
  const run = async (request) => {
    const since = performance.now();
    const report = await runShell(request);
    engine = performance.now() - since;
    layer = request.fileSystem;
    return report;
  };
  memory.steps = new SimulationMemory();
  const since = performance.now();
  const text = `FROM base\nRUN ${script}\n`;
  const { stages } = await inspect({ text, options }, { ...doors, inputs: { ...inputs, engine: { run } } });
  const whole = performance.now() - since;
  const [{ outcome, fileSystem }] = stages[0].steps;
  if (outcome.error || outcome.layer.certainty.level === 'unknown')
    throw new Error(`${script}: ${outcome.error} ${JSON.stringify(outcome.layer.certainty)}`);
  const before = performance.now();
  const changes = await diffOf(layer);
  const differed = performance.now();
  base.with({ ...outcome.layer, changes });
  return {
    engine,
    diff: differed - before,
    stack: performance.now() - differed,
    whole,
    after: fileSystem,
  };
}

async function heapOf(script) {
  collectGarbage();
  const before = process.memoryUsage();
  const { after } = await step(script);
  collectGarbage();
  const now = process.memoryUsage();
  return after && (now.heapUsed + now.arrayBuffers - before.heapUsed - before.arrayBuffers) / 2 ** 20;
}

/** Two halves of folders with files, one wide folder, and the programs. */
function imageOf() {
  const changes = [];
  const meta = { uid: 0, gid: 0, mtime: 1 };
  const put = (place, node) => changes.push({ kind: 'put', path: place, node: { ...meta, ...node } });
  const folder = (place) => put(place, { kind: 'directory', mode: 0o755 });
  const content = inlineContent(TEXT);
  const file = (place) => put(place, { kind: 'file', mode: 0o644, content });
  for (const place of ['/tree', '/usr', '/usr/bin', '/wide', '/etc']) folder(place);
  for (const name of PROGRAMS.split(' '))
    put(`/usr/bin/${name}`, { kind: 'file', mode: 0o755, content: ELF });
  put('/bin', { kind: 'symlink', mode: 0o777, target: 'usr/bin' });
  changes.find(({ path: place }) => place === '/usr/bin/sh').node = {
    ...meta,
    kind: 'symlink',
    mode: 0o777,
    target: 'dash',
  };
  for (const half of ['a', 'b'])
    for (const place of placesOf(half)) (place.isFolder ? folder : file)(`/tree/${place.path}`);
  for (let index = 0; index < 10_000; index++) file(`/wide/f${index}`);
  changes.sort((one, other) => comparePaths(one.path, other.path));
  const layer = { changes, certainty: EXACT, openRegions: [], closes: [], createdBy: 'base' };
  return { platform, config: { Env: ['PATH=/usr/bin:/bin'] }, layers: [layer], history: [] };
}

function placesOf(half) {
  const places = [{ path: half, isFolder: true }];
  for (let index = 0; places.length < HALF; index++) {
    const folder = `${half}/d${index}`;
    places.push({ path: folder, isFolder: true });
    for (let number = 0; number < PER_FOLDER && places.length < HALF; number++)
      places.push({ path: `${folder}/f${number}`, isFolder: false });
  }
  return places;
}

/** The same tree on a real file system, for the programs of this machine. */
function realTree() {
  if (process.platform === 'win32') return undefined;
  const memory = '/dev/shm';
  const place = mkdtempSync(path.join(existsSync(memory) ? memory : os.tmpdir(), 'layers-benchmark-'));
  const here = (script) => script.replace(/(?<=^|\s)\//g, `${place}/`);
  const make = () => {
    for (const name of ['tree', 'wide', 'etc']) mkdirSync(path.join(place, name));
    for (const half of ['a', 'b']) {
      for (const { path: name, isFolder } of placesOf(half)) {
        if (isFolder) mkdirSync(path.join(place, 'tree', name));
        else writeFileSync(path.join(place, 'tree', name), TEXT);
      }
    }
    for (let index = 0; index < 10_000; index++) writeFileSync(path.join(place, 'wide', `f${index}`), TEXT);
  };
  const clear = () => {
    rmSync(place, { recursive: true });
    mkdirSync(place);
  };
  const time = (script) => {
    clear();
    make();
    const since = performance.now();
    const { status } = spawnSync('/bin/sh', ['-c', here(script)], { stdio: ['ignore', 'ignore', 'ignore'] });
    const took = performance.now() - since;
    return status === 0 ? took : undefined;
  };
  const shell = `/bin/sh and its programs in ${existsSync(memory) ? memory : os.tmpdir()}, one run`;
  return { shell, time, remove: () => rmSync(place, { recursive: true }) };
}

function printRow(name, ...cells) {
  console.log(name.padEnd(22) + cells.map((cell) => String(cell).padStart(9)).join(''));
}

function median(numbers) {
  return numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

/** Builds modules of the product and loads them. */
async function bundled(contents) {
  const { outputFiles } = await esbuild.build({
    absWorkingDir: root,
    stdin: { contents, resolveDir: root },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    write: false,
    external: ['@mongodb-js/zstd', 'node-liblzma'],
    alias: { 'just-bash': require.resolve('just-bash') },
  });
  const module = { exports: {} };
  new Function('module', 'exports', 'require', outputFiles[0].text)(module, module.exports, require);
  return module.exports;
}
