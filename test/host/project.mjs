// The project itself: its packages, its build, and a copy of its sample workspace.
import { cpSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from './at-exit.mjs';
import { ensureBaseImage } from './make-base-image.mjs';
import { announce } from './progress.mjs';
import { requireCommand, runCommand } from './run-command.mjs';

/** The folder of the project's package.json, which is also the extension's. */
export const projectRoot = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');

/** The sample workspace in the project. */
export const sampleWorkspace = path.join(projectRoot, 'test', 'workspace');

/** Runs `npm ci` unless the installed packages are those of the lock file. Needs nothing but Node and npm. */
export async function ensurePackages() {
  if (isInstalled()) return;
  await announce('Installing the packages of package-lock.json (npm ci --ignore-scripts)', () =>
    requireCommand('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: projectRoot }),
  );
}

/** Builds the extension into dist/; with `tests: true` the suites into out/ as well. Resolves with the exit code. */
export async function build({ tests = false } = {}) {
  const { code } = await runCommand(process.execPath, ['esbuild.mjs', ...(tests ? ['--tests'] : [])], {
    cwd: projectRoot,
  });
  return code;
}

/** A copy of the sample workspace that a test may change. It goes when the process ends, or with `remove()`. */
export function copySampleWorkspace() {
  ensureBaseImage();
  const { folder, remove } = temporaryFolder('dockerfile-layers-sample');
  const workspace = path.join(folder, 'tasks');
  cpSync(sampleWorkspace, workspace, { recursive: true });
  return { workspace, remove };
}

// npm keeps a copy of the lock file among the packages, as they were installed. Times say less: a checkout
// changes them.
function isInstalled() {
  try {
    const wanted = packagesOf('package-lock.json');
    const installed = packagesOf(path.join('node_modules', '.package-lock.json'));
    return Object.entries(wanted).every(
      ([name, { version, optional }]) => name === '' || optional || installed[name]?.version === version,
    );
  } catch {
    return false;
  }
}

function packagesOf(lockFile) {
  return JSON.parse(readFileSync(path.join(projectRoot, lockFile), 'utf8')).packages;
}
