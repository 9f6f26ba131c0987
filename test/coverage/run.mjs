// Bundles the measurement of real Dockerfiles and runs it: see README.md.
import { createRequire } from 'node:module';
import path from 'node:path';
import * as esbuild from 'esbuild';
import { projectRoot } from '../host/project.mjs';

const outfile = path.join(projectRoot, 'out', 'coverage', 'main.cjs');
await esbuild.build({
  entryPoints: [path.join(projectRoot, 'test', 'coverage', 'main.ts')],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  sourcemap: 'inline',
  external: ['vscode', '@mongodb-js/zstd', 'node-liblzma'],
  alias: { 'just-bash': createRequire(import.meta.url).resolve('just-bash') },
  logLevel: 'warning',
});
createRequire(import.meta.url)(outfile);
