// How long a Dockerfile takes to read, beside dockerfile-ast in the same run: `node test/benchmarks/parse.mjs`.
// Prints milliseconds (the median of several runs) and ratios. Nothing here passes or fails.
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');
const require = createRequire(import.meta.url);
const { DockerfileParser } = require('dockerfile-ast');
const { parseDockerfile } = await bundled('src/dockerfile/parse.ts');

const corpus = goldenDockerfiles();
const TEXTS = {
  'usual (the sample)': readFileSync(path.join(root, 'test', 'workspace', 'Dockerfile'), 'utf8'),
  'the golden cases, one by one': corpus,
  '500 lines': linesOf(corpus, 500),
  '10,000 lines': linesOf(corpus, 10_000),
};

console.log(`node ${process.version}, ${process.arch}\n`);
console.log(
  `${'text'.padEnd(30)}${'lines'.padStart(8)}${'dockerfile-ast'.padStart(16)}${'ours'.padStart(10)}${'ratio'.padStart(8)}`,
);
for (const [name, text] of Object.entries(TEXTS)) {
  const texts = [text].flat();
  const peer = median(() => texts.map((one) => DockerfileParser.parse(one).getInstructions()));
  const ours = median(() => texts.map((one) => parseDockerfile(one)));
  const lines = texts.reduce((sum, one) => sum + one.split('\n').length, 0);
  console.log(
    name.padEnd(30) +
      String(lines).padStart(8) +
      `${peer.toFixed(2)} ms`.padStart(16) +
      `${ours.toFixed(2)} ms`.padStart(10) +
      (ours / peer).toFixed(2).padStart(8),
  );
}
console.log('\nA keystroke reads the whole text anew, so its time is that of the text.');

/** Builds a module of the product and loads it. */
async function bundled(file) {
  const { outputFiles } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: [file],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    write: false,
    external: ['dockerfile-ast'],
  });
  const module = { exports: {} };
  new Function('module', 'exports', 'require', outputFiles[0].text)(module, module.exports, require);
  return module.exports;
}

function goldenDockerfiles() {
  return ['cases', 'run-cases'].flatMap((set) => {
    const folder = path.join(root, 'test', 'golden', set);
    return readdirSync(folder)
      .filter((name) => name !== 'bases' && !name.includes('.'))
      .map((name) => JSON.parse(readFileSync(path.join(folder, name, 'case.json'), 'utf8')).dockerfile);
  });
}

/** The corpus again and again, cut at `count` lines. */
function linesOf(texts, count) {
  const lines = texts.join('\n').split('\n');
  return Array.from({ length: count }, (_, index) => lines[index % lines.length]).join('\n');
}

function median(run) {
  for (let warm = 0; warm < 3; warm++) run();
  const times = Array.from({ length: 9 }, () => {
    const since = performance.now();
    run();
    return performance.now() - since;
  });
  return times.sort((a, b) => a - b)[4];
}
