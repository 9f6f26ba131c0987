#!/usr/bin/env node
// A stand-in for the desktop `code` program where that cannot be had: takes its flags, runs the extension test
// suite in the VS Code server with Chromium as the window, and exits with the suite's exit code. Made to be the
// `vscodeExecutablePath` of @vscode/test-electron.
import path from 'node:path';
import { launchChromium } from './browser.mjs';
import { start } from './server.mjs';

const suiteLimit = Number(process.env.VSCODE_SUITE_MINUTES || 10) * 60_000;

/**
 * Understands the flags that matter here. Others are about windows, sandboxes and updates of the desktop, and
 * `--user-data-dir` is not needed: the server makes a new profile for each run and removes it.
 */
function readFlags(args) {
  const valuesOf = (name) =>
    args.filter((arg) => arg.startsWith(`--${name}=`)).map((arg) => arg.slice(name.length + 3));
  return {
    extensionPath: valuesOf('extensionDevelopmentPath'),
    testsPath: valuesOf('extensionTestsPath').at(-1),
    extensionsDir: valuesOf('extensions-dir').at(-1),
    workspaceTrust: !args.includes('--disable-workspace-trust'),
    workspace: args.filter((arg) => !arg.startsWith('-')).at(-1),
  };
}

async function runSuite(flags) {
  if (!flags.testsPath)
    throw new Error('--extensionTestsPath=… is missing: to look at the extension use npm start');
  const server = await start(flags);
  console.log(`VS Code ${server.vscodeVersion} as server and browser window (no desktop build)`);
  const browser = await launchChromium();
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    return await Promise.race([
      exitCodeOfSuite(page, server.url),
      server.exited.then((output) => fail(`The VS Code server ended during the tests:\n${output}`)),
      new Promise((resolve) => setTimeout(resolve, suiteLimit).unref()).then(() =>
        fail(`The test suite has not ended within ${suiteLimit / 60_000} minutes (VSCODE_SUITE_MINUTES)`),
      ),
    ]);
  } finally {
    await browser.close();
    await server.stop();
  }
}

// The workbench calls these two functions of the page, as it calls the desktop's main process.
async function exitCodeOfSuite(page, url) {
  let finish;
  const exitCode = new Promise((resolve) => {
    finish = resolve;
  });
  await page.exposeFunction('codeAutomationLog', (_type, args) => log(args));
  await page.exposeFunction('codeAutomationExit', (code) => finish(code));
  page.on('crash', () => fail('The browser page crashed'));
  await page.goto(url);
  return exitCode;
}

// The log of the workbench is long and full of harmless complaints about names that do not resolve.
const lastLogLines = [];

function log(args) {
  const line = args.map(String).join(' ');
  if (process.env.VSCODE_HOST_LOG) console.log(line);
  lastLogLines.push(line);
  if (lastLogLines.length > 50) lastLogLines.shift();
}

function fail(message) {
  throw new Error(`${message}\nThe last lines of VS Code's log:\n  ${lastLogLines.join('\n  ')}`);
}

// Ends with the process that asked for the tests, however that one ends.
const parent = process.ppid;
setInterval(() => process.ppid !== parent && process.exit(1), 1000).unref();

try {
  const flags = readFlags(process.argv.slice(2));
  process.exitCode = await runSuite({
    ...flags,
    workspace: flags.workspace && path.resolve(flags.workspace),
  });
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
