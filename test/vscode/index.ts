// The suite that runs inside VS Code (`extensionTestsPath`). Add a module NAME.suite.ts and name it here.
import { appendFileSync } from 'node:fs';
import * as vscode from 'vscode';
import { activation } from './activation.suite';
import { commands } from './commands.suite';
import { editor } from './editor.suite';
import { mergedFiles } from './merged-files.suite';
import type { Suite } from './suite';

const suites: readonly Suite[] = [activation, editor, mergedFiles, commands];
const limitOfOneTest = 60_000;

/** Called by VS Code. Throws when a test failed, which makes VS Code end with exit code 1. */
export async function run(): Promise<void> {
  report(`# VS Code ${vscode.version}, ${hostName()}, Node ${process.versions.node}`);
  const failures: string[] = [];
  let number = 0;
  for (const suite of suites) {
    for (const [phrase, test] of Object.entries(suite.tests)) {
      number += 1;
      const name = `${suite.name}: ${phrase}`;
      const failure = await failureOf(test);
      report(`${failure ? 'not ok' : 'ok'} ${number} - ${name}`);
      if (!failure) continue;
      report(failure.replace(/^/gm, '    '));
      failures.push(name);
    }
  }
  report(`# tests ${number}\n# pass ${number - failures.length}\n# fail ${failures.length}`);
  if (failures.length > 0) throw new Error(`Failed: ${failures.join('; ')}`);
}

async function failureOf(test: () => Promise<void>): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no end after ${limitOfOneTest / 1000} s`)), limitOfOneTest);
  });
  try {
    await Promise.race([test(), limit]);
    return undefined;
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  } finally {
    clearTimeout(timer);
  }
}

function hostName(): string {
  return vscode.env.uiKind === vscode.UIKind.Web ? 'browser host' : 'desktop';
}

// To the file that the parent process follows; in a window started by hand, to the debug console.
function report(lines: string): void {
  const file = process.env.VSCODE_TEST_REPORT;
  if (file) appendFileSync(file, `${lines}\n`);
  else console.log(lines);
}
