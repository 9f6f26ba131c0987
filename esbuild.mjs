// Builds the extension, its workers and the command line into dist/, and with --tests the suites into out/.
// One bundle per entry point: the extension host loads only `extension.js`; the parser, the simulator and the
// image readers are in `inspection.worker.js`, which starts when a Dockerfile is first looked at.
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';

const root = path.dirname(fileURLToPath(import.meta.url));
const flags = new Set(process.argv.slice(2));
const production = flags.has('--production');

/** @type {import('esbuild').BuildOptions} */
const shared = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  minify: production,
  sourcemap: production ? false : 'linked',
  // just-bash asks for the last two only when a script compresses with them, and does without.
  external: ['vscode', '@mongodb-js/zstd', 'node-liblzma'],
  logLevel: 'warning',
  // The ES module build of just-bash needs import.meta.url, which a CommonJS bundle does not have.
  alias: { 'just-bash': createRequire(import.meta.url).resolve('just-bash') },
};

function testEntries(folder) {
  return readdirSync(path.join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.test.ts'))
    .map((entry) => path.relative(root, path.join(entry.parentPath ?? entry.path, entry.name)));
}

/** @type {import('esbuild').BuildOptions[]} */
const builds = [
  {
    ...shared,
    entryPoints: ['src/extension.ts', 'src/inspection.worker.ts', 'src/layer-index.worker.ts'],
    outdir: 'dist',
  },
  { ...shared, entryPoints: ['src/cli.ts'], outdir: 'dist', banner: { js: '#!/usr/bin/env node' } },
];
if (flags.has('--tests')) {
  builds.push({
    ...shared,
    entryPoints: [...testEntries('test'), 'test/vscode/index.ts'],
    outdir: 'out',
    outbase: '.',
  });
}

if (flags.has('--watch')) {
  for (const build of builds) await (await esbuild.context(build)).watch();
  console.log('Watching for changes…');
} else {
  await Promise.all(builds.map((build) => esbuild.build(build)));
}
