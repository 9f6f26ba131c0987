// Runs the suite of test/vscode/ inside a real VS Code: the desktop build where it can be had, else the browser
// host. The suite writes its results to a file, because what an extension host prints does not reach us from
// every VS Code.
import { closeSync, openSync, readSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from './at-exit.mjs';
import { downloadDesktop } from './desktop.mjs';
import { installHost } from './installation.mjs';
import { copySampleWorkspace, projectRoot } from './project.mjs';
import { quietSettings, writeUserSettings } from './server.mjs';
import { requireChromium } from './system-packages.mjs';

const codeBrowser = path.join(path.dirname(fileURLToPath(import.meta.url)), 'code-browser.mjs');

/** Resolves with `{ passed, output }`; the output ends with the lines `# pass N` and `# fail N`. */
export async function runVscodeSuite() {
  const executable = await chooseVscode();
  const { folder } = temporaryFolder('vscode-suite');
  const reportFile = path.join(folder, 'report.tap');
  const report = followFile(reportFile, (text) => process.stdout.write(text));
  // Each run starts with a new profile: what an earlier one left must not matter.
  const profile = path.join(folder, 'profile');
  writeUserSettings(profile, quietSettings);
  const { runTests } = await import('@vscode/test-electron');
  let passed = true;
  try {
    await runTests({
      vscodeExecutablePath: executable,
      extensionDevelopmentPath: projectRoot,
      extensionTestsPath: path.join(projectRoot, 'out', 'test', 'vscode', 'index.js'),
      extensionTestsEnv: { VSCODE_TEST_REPORT: reportFile },
      launchArgs: [
        copySampleWorkspace().workspace,
        `--user-data-dir=${profile}`,
        `--extensions-dir=${path.join(folder, 'extensions')}`,
      ],
    });
  } catch (error) {
    console.log(error.message);
    passed = false;
  }
  const output = report.stop();
  if (!/^# pass \d+$/m.test(output)) {
    console.log('The suite ended without a report: it was not loaded, or VS Code ended before it did.');
    passed = false;
  }
  return { passed, output };
}

async function chooseVscode() {
  const desktop = await downloadDesktop();
  if (desktop.executable) {
    console.log(`Running on desktop VS Code: ${desktop.executable}`);
    return desktop.executable;
  }
  console.log(`No desktop VS Code: ${desktop.reason}.`);
  requireChromium();
  const { vscodeVersion } = await installHost();
  console.log(`Running on VS Code ${vscodeVersion} in the browser host (its server build, with Chromium)`);
  return codeBrowser;
}

// Polled: file events are not to be had on every file system.
function followFile(file, onText) {
  writeFileSync(file, '');
  const handle = openSync(file, 'r');
  const buffer = Buffer.alloc(64 * 1024);
  let text = '';
  const read = () => {
    for (let size = readSync(handle, buffer); size > 0; size = readSync(handle, buffer)) {
      const chunk = buffer.toString('utf8', 0, size);
      text += chunk;
      onText(chunk);
    }
  };
  const timer = setInterval(read, 200);
  const stop = () => {
    clearInterval(timer);
    read();
    closeSync(handle);
    return text;
  };
  return { stop };
}
