// What a run leaves behind (child processes, temporary folders) is cleared when this process ends, whatever
// ends it: a return, a thrown error, Ctrl-C. The actions are synchronous because Node's `exit` event is.
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const actions = new Set();

/** Runs `action` when the process ends. Returns a function that runs it now instead. */
export function atExit(action) {
  if (actions.size === 0) installHandlers();
  actions.add(action);
  return () => {
    if (actions.delete(action)) action();
  };
}

/** A new folder under the system's temporary folder, and a function that removes it before the end. */
export function temporaryFolder(name) {
  const folder = mkdtempSync(path.join(os.tmpdir(), `${name}-`));
  // Processes that are just being ended may still write into it, hence the retries.
  const remove = atExit(() =>
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }),
  );
  return { folder, remove };
}

/** Ends a process that was started with `detached: true`, together with all its children. */
export function endProcessGroup(child, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It has ended by itself.
  }
}

let installed = false;

function installHandlers() {
  if (installed) return;
  installed = true;
  process.on('exit', runActions);
  for (const [signal, number] of [
    ['SIGINT', 2],
    ['SIGTERM', 15],
    ['SIGHUP', 1],
  ]) {
    // Not `once`: a second signal, as npm and node's test runner send, must not cut the clearing short.
    process.on(signal, () => process.exit(128 + number));
  }
}

// Newest first: a folder made for a server is removed after the server has been ended.
function runActions() {
  for (const action of [...actions].reverse()) {
    actions.delete(action);
    try {
      action();
    } catch (error) {
      console.error(`Cannot clean up: ${error.message}`);
    }
  }
}
