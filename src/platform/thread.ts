import { homedir } from 'node:os';
import { Worker } from 'node:worker_threads';

/** A thread that takes messages. */
export interface Thread {
  post(message: unknown): void;
  /** Ends it, whatever it is doing. No event comes after this. */
  terminate(): void;
}

export interface ThreadEvents {
  message(message: unknown): void;
  /** It ended by itself: a fault nobody caught, or no memory left. */
  ended(reason: string): void;
}

/** Starts the script as a thread, which finds `given` as its `workerData`. */
export function startThread(script: string, events: ThreadEvents, given?: unknown): Thread {
  const worker = new Worker(script, { workerData: given });
  let isOver = false;
  const end = (reason: string) => {
    if (isOver) return;
    isOver = true;
    events.ended(reason);
  };
  worker.on('message', (message) => !isOver && events.message(message));
  worker.on('error', (error: unknown) => end(error instanceof Error ? error.message : String(error)));
  worker.on('exit', (code) => end(`it ended with code ${code}`));
  return {
    post: (message) => worker.postMessage(message),
    terminate: () => {
      isOver = true;
      void worker.terminate();
    },
  };
}

/** What `~` stands for in a path. */
export function homeFolder(): string {
  return homedir();
}
