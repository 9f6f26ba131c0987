// The desktop build of VS Code, where there is one or it can be downloaded.
import path from 'node:path';
import { projectRoot } from './project.mjs';
import { findProgram } from './run-command.mjs';

/**
 * A desktop VS Code for tests, downloaded into .vscode-test/: `{ executable }`, or `{ reason }` why there is none.
 * VSCODE_HOST=browser asks for the browser host.
 */
export async function downloadDesktop() {
  const reason = reasonAgainstDesktop();
  if (reason) return { reason };
  const { downloadAndUnzipVSCode, SilentReporter } = await import('@vscode/test-electron');
  try {
    const executable = await downloadAndUnzipVSCode({
      version: 'stable',
      cachePath: path.join(projectRoot, '.vscode-test'),
      // Milliseconds without an answer.
      timeout: 5000,
      ...(process.stdout.isTTY ? {} : { reporter: new SilentReporter() }),
    });
    return { executable };
  } catch (error) {
    return { reason: `it cannot be downloaded (${error.message || error.code || error})` };
  }
}

/** The user's own desktop VS Code: the program `code` on PATH. */
export function findDesktop() {
  const reason = reasonAgainstDesktop();
  if (reason) return { reason };
  // In the terminal of a remote window `code` only talks to that window and cannot load an extension's folder.
  const executable = process.env.VSCODE_IPC_HOOK_CLI ? undefined : findProgram('code');
  return executable ? { executable } : { reason: '"code" is not on PATH' };
}

function reasonAgainstDesktop() {
  if (process.env.VSCODE_HOST === 'browser') return 'VSCODE_HOST is "browser"';
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) {
    return 'there is no display';
  }
  return undefined;
}
