const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Work that leaves something behind unless it ends by itself: Ctrl-C aborts it, and ends the process once it has
 * cleaned up. Only while such work goes on, since a busy thread would not hear the signal.
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const interrupt = (signal: NodeJS.Signals) => {
    received = signal;
    controller.abort(new Error(`interrupted by ${signal}`));
  };
  let received: NodeJS.Signals | undefined;
  for (const signal of SIGNALS) process.on(signal, interrupt);
  try {
    return await work(controller.signal);
  } finally {
    for (const signal of SIGNALS) process.off(signal, interrupt);
    // Whoever waits for this process sees that it ended by the signal.
    if (received) process.kill(process.pid, received);
  }
}
