// How long it takes to open a large image, beside tar, skopeo and umoci in the same run:
// `node test/benchmarks/images.mjs CACHE_FOLDER`, where big-image.mjs makes the image if it is not there. Each figure is
// from a process of its own, the median of several, next to what the project promises. Nothing here passes or fails.
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as esbuild from 'esbuild';
import { makeBigImage } from './big-image.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');
const RUNS = 3;

/** What a process of its own does: opens the image, merges its layers, and then opens files here and there. */
const MEASURED = `
import { Machine } from './src/doors';
import { FileSystem } from './src/filesystem/tree';
const [file, indexScript, cacheFolder] = process.argv.slice(2);
async function main() {
  const machine = new Machine({ indexScript, cacheFolder });
  const since = performance.now();
  const { layers } = await machine.image(file, undefined);
  const listed = performance.now();
  const merged = layers.reduce((below, layer) => below.with(layer), FileSystem.empty);
  const done = performance.now();
  await machine.settled();
  const settled = performance.now();
  const files = [];
  let entries = 0;
  const visit = ({ node, children }) => {
    entries++;
    if (node.kind === 'file' && node.content.size > 0) files.push(node.content);
    for (const child of children?.values() ?? []) visit(child);
  };
  visit(merged.root);
  let seed = 1;
  const times = [];
  for (let count = 0; count < 100; count++) {
    seed = (seed * 48271) % 2147483647;
    const before = performance.now();
    await machine.reader.read(files[seed % files.length]);
    times.push(performance.now() - before);
  }
  times.sort((a, b) => a - b);
  const figures = { listed: listed - since, merged: done - listed, settled: settled - since, entries, p95: times[94], worst: times[99] };
  console.log(JSON.stringify(figures));
}
main();`;
const run = promisify(execFile);
const folder = process.argv[2];
if (!folder) throw new Error('Usage: node test/benchmarks/images.mjs CACHE_FOLDER');

const image = await makeBigImage(path.resolve(folder));
const work = mkdtempSync(path.join(os.tmpdir(), 'image-benchmark-'));
try {
  await prepare();
  const sizes = { plain: 0, gzip: 0 };
  for (const layer of image.layers)
    for (const kind of ['plain', 'gzip']) sizes[kind] += statSync(layer[kind]).size;
  console.log(
    `node ${process.version}; ${image.layers.length} layers, ${mb(sizes.gzip)} gzip, ${mb(sizes.plain)} plain\n`,
  );
  await measureGzip(sizes);
  await measurePlain();
  measurePeers();
} finally {
  rmSync(work, { recursive: true });
}

async function prepare() {
  execFileSync(process.execPath, ['esbuild.mjs', '--production'], { cwd: root });
  await esbuild.build({
    absWorkingDir: root,
    stdin: { contents: MEASURED, resolveDir: root },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    outfile: path.join(work, 'measured.cjs'),
    external: ['@mongodb-js/zstd', 'node-liblzma'],
  });
  const tell =
    "process.on('exit', () => require('fs').writeSync(2, `peak ${process.resourceUsage().maxRSS}`));";
  writeFileSync(path.join(work, 'tell-peak.cjs'), tell);
}

async function measureGzip(sizes) {
  const layers = image.layers.map(({ gzip }) => gzip);
  const pairs = [];
  for (let count = 0; count < RUNS; count++) {
    const peer = await overLayers(['tzf'], layers);
    emptyCache();
    pairs.push({ peer, ...measured(image.oci) });
  }
  const of = (name) => median(pairs.map((pair) => pair[name]));
  print('gzip: listing every layer', ms(of('listed')), `tar tzf, two at a time: ${ms(of('peer'))}`);
  print('  share of tar', (of('listed') / of('peer')).toFixed(2), 'at most 0.60');
  print('  all of its digests compared, checkpoints written', ms(of('settled')), '');
  print('  entries in the merged tree', of('entries').toLocaleString('en'), '');
  print('  merged tree after the last index', ms(of('merged')), 'at most 300 ms');
  print('  peak memory of the command line', mb(peakOfCli(image.oci, { fresh: true })), 'under 350 MB');
  const again = Array.from({ length: RUNS }, () => measured(image.oci));
  const later = (name) => median(again.map((one) => one[name]));
  print('  opening again, from the cache', ms(later('listed')), 'under 200 ms');
  print('    with the merged tree', ms(later('listed') + later('merged')), '');
  print('    peak memory of the command line', mb(peakOfCli(image.oci, {})), 'under 350 MB');
  print('  opening a file, 95 of 100', ms(later('p95')), 'under 150 ms');
  print('    the slowest', ms(Math.max(...again.map(({ worst }) => worst))), '');
  const disk = kept('.checkpoints');
  print('  checkpoints on disk', mb(disk), `${((disk / sizes.plain) * 100).toFixed(2)} %, at most 3 %`);
  print('  indexes on disk', mb(kept('.index')), '');
}

async function measurePlain() {
  const layers = image.layers.map(({ plain }) => plain);
  const pairs = [];
  for (let count = 0; count < RUNS; count++) {
    const peer = await overLayers(['tvf'], layers);
    emptyCache();
    pairs.push({ peer, ...measured(image.plain) });
  }
  const of = (name) => median(pairs.map((pair) => pair[name]));
  print('plain: listing every layer', ms(of('listed')), `tar tvf, two at a time: ${ms(of('peer'))}`);
  print('  share of tar', (of('listed') / of('peer')).toFixed(2), 'at most 0.60');
  print('  merged tree after the last index', ms(of('merged')), 'at most 300 ms');
  print('  all of its digests compared', ms(of('settled')), '');
  print('  opening a file, 95 of 100', ms(of('p95')), 'under 150 ms');
  print('  peak memory of the command line', mb(peakOfCli(image.plain, { fresh: true })), 'under 350 MB');
}

function measurePeers() {
  const target = path.join(work, 'skopeo');
  timeOf('skopeo copy to a folder', 'skopeo', ['copy', '-q', `oci:${image.oci}:big`, `dir:${target}`]);
  rmSync(target, { recursive: true, force: true });
  const bundle = path.join(work, 'umoci');
  timeOf('umoci unpack', 'umoci', ['unpack', '--rootless', '--image', `${image.oci}:big`, bundle]);
}

function timeOf(what, program, args) {
  const since = performance.now();
  const { error, status } = spawnSync(program, args, { stdio: 'ignore' });
  const time = ms(performance.now() - since);
  print(what, error ? 'not installed' : status === 0 ? time : `failed (${status})`, '');
}

/** Milliseconds of tar over all layers, two at a time; what it prints is thrown away. */
async function overLayers(options, layers) {
  const since = performance.now();
  const left = [...layers];
  const work = async () => {
    for (let layer = left.shift(); layer; layer = left.shift())
      await run('sh', ['-c', `exec tar ${options.join(' ')} "$0" > /dev/null`, layer]);
  };
  await Promise.all([work(), work()]);
  return performance.now() - since;
}

function measured(source) {
  const worker = path.join(root, 'dist', 'layer-index.worker.js');
  const args = [path.join(work, 'measured.cjs'), source, worker, path.join(work, 'cache')];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 2 ** 26 }));
}

function peakOfCli(source, { fresh }) {
  if (fresh) emptyCache();
  const args = ['--require', path.join(work, 'tell-peak.cjs'), path.join(root, 'dist', 'cli.js')];
  const env = { ...process.env, XDG_CACHE_HOME: path.join(work, 'xdg') };
  const { stderr } = spawnSync(process.execPath, [...args, 'inspect', source], { env, maxBuffer: 2 ** 28 });
  return Number(/peak (\d+)/.exec(stderr.toString())[1]) * 1024;
}

function emptyCache() {
  for (const name of ['cache', 'xdg']) rmSync(path.join(work, name), { recursive: true, force: true });
}

function kept(ending) {
  const place = path.join(work, 'cache', 'layers');
  const names = readdirSync(place).filter((name) => name.endsWith(ending));
  return names.reduce((sum, name) => sum + statSync(path.join(place, name)).size, 0);
}

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

function ms(value) {
  return `${value.toFixed(value < 10 ? 1 : 0)} ms`;
}

function mb(bytes) {
  return `${(bytes / 1e6).toFixed(bytes < 1e8 ? 1 : 0)} MB`;
}

function print(what, value, beside) {
  console.log(`${what.padEnd(54)}${value.padStart(12)}   ${beside}`.trimEnd());
}
