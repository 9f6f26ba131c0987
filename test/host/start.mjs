// `npm start`: opens VS Code on the sample workspace with the extension loaded. Needs only Node and npm; all else
// is installed on the way. Flags: --browser takes the browser host although there is a desktop VS Code;
// --exit-after-ready is for tests and ends as soon as the page answers.
import { spawn } from 'node:child_process';
import { downloadDesktop, findDesktop } from './desktop.mjs';
import { ensureBaseImage } from './make-base-image.mjs';
import { announce } from './progress.mjs';
import { build, ensurePackages, projectRoot, sampleWorkspace } from './project.mjs';
import { findProgram } from './run-command.mjs';
import { start } from './server.mjs';

const known = ['--browser', '--exit-after-ready'];
const flags = process.argv.slice(2);

async function main() {
  const unknown = flags.find((flag) => !known.includes(flag));
  if (unknown) throw new Error(`Unknown flag ${unknown}; known are ${known.join(' and ')}`);
  await ensurePackages();
  const code = await announce('Building the extension', () => build());
  if (code !== 0) throw new Error('The extension does not build, see above');
  ensureBaseImage();
  if (flags.includes('--browser')) return openInBrowser();
  const desktop = await chooseDesktop();
  if (desktop.executable) return openOnDesktop(desktop.executable);
  console.log(`No desktop VS Code: ${desktop.reason}. Using the browser host.`);
  return openInBrowser();
}

async function chooseDesktop() {
  const own = findDesktop();
  if (own.executable) return own;
  return downloadDesktop();
}

function openOnDesktop(executable) {
  console.log(`Opening ${executable} on ${sampleWorkspace}`);
  const args = ['--new-window', `--extensionDevelopmentPath=${projectRoot}`, sampleWorkspace];
  const child = spawn(executable, args, {
    detached: true,
    stdio: 'ignore',
    shell: process.platform === 'win32',
  });
  child.unref();
}

async function openInBrowser() {
  const server = await start({ extensionPath: projectRoot, workspace: sampleWorkspace });
  await requireAnswer(server.url);
  console.log(`\nVS Code ${server.vscodeVersion} with the extension is at\n\n  ${server.url}\n`);
  if (flags.includes('--exit-after-ready')) return server.stop();
  console.log('Open the address in a browser on this machine. Ctrl-C ends it.');
  openAddress(server.url);
  throw new Error(`The VS Code server has ended:\n${await server.exited}`);
}

async function requireAnswer(url) {
  const response = await fetch(url);
  if (response.status !== 200) throw new Error(`The VS Code server answered ${response.status} at ${url}`);
}

function openAddress(url) {
  const opener = process.env.DISPLAY || process.env.WAYLAND_DISPLAY ? findProgram('xdg-open') : undefined;
  if (opener) spawn(opener, [url], { detached: true, stdio: 'ignore' }).unref();
}

try {
  await main();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
