// A running VS Code server: the real workbench for a browser, and the real extension host in Node.
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { atExit, endProcessGroup, temporaryFolder } from './at-exit.mjs';
import { installHost } from './installation.mjs';

/** A first screen without welcome pages, sign-in and chat, the same for every run. */
export const quietSettings = {
  'chat.disableAIFeatures': true,
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'workbench.enableExperiments': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
};

/**
 * Starts a VS Code server on a free port of 127.0.0.1 and resolves when it answers.
 *
 * - `workspace`: folder (or `.code-workspace` file) to open
 * - `extensionPath`: folder, or folders, of the extension under development
 * - `testsPath`: module with `run()`, run by the extension host as soon as the page is open
 * - `extensionsDir`: folder with unpacked extensions, as installed by a user; empty if left out
 * - `theme`, `settings`: user settings on top of `quietSettings`
 * - `workspaceTrust: true`: keep folders untrusted until the user trusts them
 * - `dataFolder`: where the server keeps its data; a temporary one if left out
 *
 * `url` is the page to open. `stop()` ends the server with all its children and removes the temporary folder;
 * the end of this process does the same. `exited` resolves, with the server's last output, if it ends by itself.
 */
export async function start(options) {
  const { node, serverMain, vscodeVersion } = await installHost();
  const temporary = temporaryFolder('vscode-host');
  const dataFolder = options.dataFolder ?? path.join(temporary.folder, 'server');
  const changeSettings = settingsWriter(dataFolder, options);
  changeSettings({});

  const child = spawn(node, [serverMain, ...serverArguments(dataFolder, options)], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: serverEnvironment(temporary.folder, options.env),
  });
  const kill = atExit(() => endProcessGroup(child, 'SIGKILL'));
  const output = collectOutput(child);
  const exited = new Promise((resolve) => child.once('exit', () => resolve(output.text())));
  const stop = async () => {
    endProcessGroup(child, 'SIGTERM');
    await Promise.race([exited, new Promise((resolve) => setTimeout(resolve, 3000).unref())]);
    kill();
    temporary.remove();
  };
  try {
    const port = await portOf(child, output);
    return { url: pageAddress(port, options), vscodeVersion, changeSettings, exited, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Writes the user settings of a desktop VS Code that is started with `--user-data-dir=PROFILE`. */
export function writeUserSettings(profile, settings) {
  writeSettings(path.join(profile, 'User'), settings);
}

function serverArguments(dataFolder, { extensionsDir, workspaceTrust }) {
  return [
    ...['--host', '127.0.0.1', '--port', '0', '--without-connection-token'],
    '--accept-server-license-terms',
    '--disable-telemetry',
    // Without this the page ignores the payload in its address, which names the extension and the tests.
    '--enable-smoke-test-driver',
    ...['--server-data-dir', dataFolder],
    ...['--extensions-dir', extensionsDir ?? path.join(dataFolder, 'extensions')],
    ...(workspaceTrust ? [] : ['--disable-workspace-trust']),
  ];
}

function serverEnvironment(folder, environment) {
  return {
    ...process.env,
    // VS Code leaves sockets in the temporary folder.
    TMPDIR: folder,
    XDG_RUNTIME_DIR: folder,
    // No extension marketplace: nothing here may depend on a network.
    EXTENSIONS_GALLERY: '{}',
    ...environment,
  };
}

// A running VS Code takes up changes of the file at once. The machine's settings are there before the user's
// have been read, so that the first paint is quiet too.
function settingsWriter(dataFolder, { theme, settings }) {
  let current = { ...quietSettings, ...(theme ? { 'workbench.colorTheme': theme } : {}), ...settings };
  return (changes) => {
    current = { ...current, ...changes };
    for (const kind of ['User', 'Machine']) writeSettings(path.join(dataFolder, 'data', kind), current);
  };
}

function writeSettings(folder, settings) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'settings.json'), JSON.stringify(settings, undefined, 2));
}

function pageAddress(port, { workspace, extensionPath, testsPath }) {
  const payload = [
    ...[extensionPath ?? []].flat().map((folder) => ['extensionDevelopmentPath', remoteAddress(folder)]),
    ...(testsPath ? [['extensionTestsPath', remoteAddress(testsPath)]] : []),
    ['skipWelcome', 'true'],
  ];
  const address = new URL(`http://127.0.0.1:${port}/`);
  if (workspace) {
    const kind = workspace.endsWith('.code-workspace') ? 'workspace' : 'folder';
    address.searchParams.set(kind, path.resolve(workspace));
  }
  address.searchParams.set('payload', JSON.stringify(payload));
  return address.href;
}

function remoteAddress(file) {
  return `vscode-remote://remote${path.resolve(file)}`;
}

// Only the end is kept: it is shown when the server fails.
function collectOutput(child) {
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk) => {
      text = (text + chunk).slice(-20_000);
    });
  }
  return { text: () => text };
}

function portOf(child, output) {
  return new Promise((resolve, reject) => {
    const fail = (why) => reject(new Error(`The VS Code server did not start: ${why}\n${output.text()}`));
    const timer = setTimeout(() => fail('no answer within 60 s'), 60_000);
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code, signal) => fail(`it ended with ${signal ?? `code ${code}`}`));
    child.stdout.on('data', () => {
      const port = /Extension host agent listening on (\d+)/.exec(output.text())?.[1];
      if (!port) return;
      clearTimeout(timer);
      resolve(Number(port));
    });
  });
}
