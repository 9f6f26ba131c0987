import { Worker } from 'node:worker_threads';
import type { StepWatch } from '../flow-doors';

/** How much longer than its limit a RUN may take: reading layers takes time that no limit counts. */
const MARGIN = 30_000;

/** Looks at the clock where the watched thread cannot: it may be in a loop that nothing in it can end. */
const WATCHMAN = `
const { workerData: { deadline, words } } = require('node:worker_threads');
setInterval(() => {
  const end = Number(Atomics.load(deadline, 0));
  if (end === 0 || Date.now() < end) return;
  require('node:fs').writeSync(2, words);
  process.kill(process.pid, 'SIGKILL');
}, 250);`;

/** When the RUN under way has to be over, in milliseconds since 1970; 0 while there is none. One for the process. */
const deadline = new BigInt64Array(new SharedArrayBuffer(8));
let isWatched = false;

/**
 * Ends the process when the simulation of a RUN goes on long after its limit, which no script is known to do. The
 * editor restarts a thread that hangs; a command has nothing to go on with.
 */
export function endingWhenHung(limit: number): StepWatch {
  return {
    begin() {
      if (!isWatched) watch();
      isWatched = true;
      Atomics.store(deadline, 0, BigInt(Date.now() + limit + MARGIN));
      return () => Atomics.store(deadline, 0, 0n);
    },
    hung: () => undefined,
  };
}

function watch(): void {
  const words = 'dockerfile-layers: the simulation of a RUN does not end and was given up\n';
  new Worker(WATCHMAN, { eval: true, workerData: { deadline, words } }).unref();
}
