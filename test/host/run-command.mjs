// Programs started by the tests and by the set-up.
import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';
import { atExit, endProcessGroup } from './at-exit.mjs';

/**
 * Runs a program to its end and returns its output and exit code. By default the output is shown as it comes;
 * with `quiet: true` it is only returned.
 */
export function runCommand(command, args, { quiet = false, ...options } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      ...options,
      detached: process.platform !== 'win32',
      shell: process.platform === 'win32' && command === 'npm',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const end = atExit(() => endProcessGroup(child, 'SIGTERM'));
    let output = '';
    const collect = (stream) => (chunk) => {
      output += chunk;
      if (!quiet) stream.write(chunk);
    };
    child.stdout.setEncoding('utf8').on('data', collect(process.stdout));
    child.stderr.setEncoding('utf8').on('data', collect(process.stderr));
    child.on('error', (error) => reject(new Error(`Cannot run ${command}: ${error.message}`)));
    child.on('close', (code, signal) => {
      end();
      resolve({ code: code ?? 1, output: signal ? `${output}\n${command} was ended by ${signal}` : output });
    });
  });
}

/** Like `runCommand`, but quiet, and an exit code other than 0 is an error that carries the output. */
export async function requireCommand(command, args, options) {
  const { code, output } = await runCommand(command, args, { quiet: true, ...options });
  if (code !== 0) {
    throw new Error(`${command} ${args.join(' ')} failed with code ${code}:\n${shorten(output)}`);
  }
  return output;
}

// The cause is at the beginning of a long output or at its end.
function shorten(output) {
  const lines = output.trim().split('\n');
  return lines.length <= 60 ? lines.join('\n') : [...lines.slice(0, 25), '…', ...lines.slice(-25)].join('\n');
}

/** The full path of the first of `names` that is an executable file on PATH, or undefined. */
export function findProgram(...names) {
  const endings = process.platform === 'win32' ? ['.cmd', '.exe'] : [''];
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter(Boolean);
  const candidates = names.flatMap((name) =>
    folders.flatMap((folder) => endings.map((ending) => path.join(folder, name + ending))),
  );
  return candidates.find(isExecutableFile);
}

function isExecutableFile(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
