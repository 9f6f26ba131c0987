// Bundles test/NAME/main.ts beside the other suites, and runs it.
import { createRequire } from 'node:module';
import path from 'node:path';
import * as esbuild from 'esbuild';
import { projectRoot } from './project.mjs';

const require = createRequire(import.meta.url);

export async function runBundled(name) {
  const outfile = path.join(projectRoot, 'out', name, 'main.cjs');
  await esbuild.build({
    entryPoints: [path.join(projectRoot, 'test', name, 'main.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    sourcemap: 'inline',
    external: ['vscode', '@mongodb-js/zstd', 'node-liblzma'],
    alias: { 'just-bash': require.resolve('just-bash') },
    logLevel: 'warning',
  });
  require(outfile);
}
