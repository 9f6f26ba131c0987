// `npm test`: every check and suite, in order, with a table at the end. `node test/run.mjs PART` runs one part:
// checks, core, images, vscode or browser. Needs only Node and npm to begin with; what is missing is installed.
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { installHost } from './host/installation.mjs';
import { seconds } from './host/progress.mjs';
import { build, ensurePackages, projectRoot } from './host/project.mjs';
import { runCommand } from './host/run-command.mjs';
import { requireChromium } from './host/system-packages.mjs';
import { runVscodeSuite } from './host/vscode-suite.mjs';

const suites = [
  { name: 'lint', parts: ['checks'], run: runLint },
  { name: 'types', parts: ['checks'], run: () => runTool('typescript/bin/tsc', '--noEmit') },
  { name: 'build', parts: ['core', 'images', 'vscode', 'browser'], required: true, run: runBuild },
  { name: 'core tests', parts: ['core'], run: runCoreTests },
  { name: 'real images', parts: ['images'], run: runRealImages },
  { name: 'VS Code tests', parts: ['vscode'], run: runVscodeSuite },
  { name: 'browser tests', parts: ['browser'], run: runBrowserTests },
];

async function main(part) {
  const parts = new Set(suites.flatMap((suite) => suite.parts));
  if (part && !parts.has(part)) throw new Error(`No part "${part}"; there are ${[...parts].join(', ')}`);
  await ensurePackages();
  const results = [];
  for (const suite of suites.filter((candidate) => !part || candidate.parts.includes(part))) {
    const result = await runSuite(suite);
    results.push(result);
    // Without a build the later suites would test the one before.
    if (suite.required && !result.passed) break;
  }
  printSummary(results);
  if (results.some((result) => !result.passed)) process.exitCode = 1;
}

async function runSuite({ name, run }) {
  console.log(`\n━━ ${name} ${'━'.repeat(60 - name.length)}\n`);
  const since = Date.now();
  let result;
  try {
    result = await run();
  } catch (error) {
    console.log(error.message);
    result = { passed: false, output: '' };
  }
  const time = seconds(since);
  console.log(`\n${name}: ${result.passed ? 'passed' : 'FAILED'} in ${time}`);
  return { name, time, passed: result.passed, counts: countTests(result.output) };
}

function runLint() {
  return runTool('@biomejs/biome/bin/biome', 'ci', `--colors=${process.stdout.isTTY ? 'force' : 'off'}`, '.');
}

async function runTool(file, ...args) {
  const { code, output } = await runCommand(process.execPath, [path.join('node_modules', file), ...args], {
    cwd: projectRoot,
  });
  return { passed: code === 0, output };
}

async function runBuild() {
  return { passed: (await build({ tests: true })) === 0, output: '' };
}

function runCoreTests() {
  return runNodeTests([
    ...testFiles('out/test', { deep: false }),
    ...testFiles('out/test/core', { deep: true }),
  ]);
}

/** With real engines and registries, each a test's own. What needs a program that is missing is skipped, and says so. */
function runRealImages() {
  // One at a time: two engines that start at once are slow enough to be taken for broken ones.
  return runNodeTests(testFiles('out/test/images-real', { deep: false }), '--test-concurrency=1');
}

async function runBrowserTests() {
  requireChromium();
  await installHost();
  // One at a time: each has a VS Code and a Chromium of its own.
  return runNodeTests(testFiles('test/browser', { deep: false }), '--test-concurrency=1');
}

async function runNodeTests(files, ...options) {
  if (files.length === 0) throw new Error('There are no test files');
  const args = ['--enable-source-maps', '--test', '--test-reporter=spec', ...options, ...files];
  const { code, output } = await runCommand(process.execPath, args, { cwd: projectRoot });
  return { passed: code === 0, output };
}

function testFiles(folder, { deep }) {
  return readdirSync(path.join(projectRoot, folder), { withFileTypes: true, recursive: deep })
    .filter((entry) => entry.isFile() && /\.test\.m?js$/.test(entry.name))
    .map((entry) => path.relative(projectRoot, path.join(entry.parentPath ?? entry.path, entry.name)))
    .sort();
}

// The closing lines of node's runner, and of the VS Code suite, which ends like it.
function countTests(output) {
  const last = (word) => [...output.matchAll(new RegExp(`^[#ℹ] ${word} (\\d+)$`, 'gm'))].at(-1)?.[1];
  if (last('pass') === undefined) return undefined;
  const number = (word) => Number(last(word) ?? 0);
  return { passed: number('pass'), failed: number('fail') + number('cancelled'), skipped: number('skipped') };
}

function printSummary(results) {
  console.log(`\n━━ summary ${'━'.repeat(53)}\n`);
  for (const { name, passed, time, counts } of results) {
    const skipped = counts?.skipped ? `, ${counts.skipped} skipped` : '';
    const tests = counts ? `${counts.passed} passed, ${counts.failed} failed${skipped}` : '';
    console.log(
      `  ${name.padEnd(14)} ${passed ? 'passed' : 'FAILED'} ${time.padStart(9)}   ${tests}`.trimEnd(),
    );
  }
  const counted = results.flatMap((result) => result.counts ?? []);
  if (counted.length === 0) return;
  const sum = (key) => counted.reduce((total, counts) => total + counts[key], 0);
  console.log(`\n${sum('passed')} passed, ${sum('failed')} failed`);
}

try {
  await main(process.argv[2]);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
