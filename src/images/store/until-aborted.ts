/** The same stream, which ends with the signal's reason at once, also while the next chunk is still awaited. */
export async function* untilAborted(
  chunks: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  if (!signal) return yield* chunks;
  const source = chunks[Symbol.asyncIterator]();
  let stop = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
  });
  aborted.catch(() => {});
  signal.addEventListener('abort', stop, { once: true });
  let isDone = false;
  try {
    while (true) {
      signal.throwIfAborted();
      const next = await Promise.race([source.next(), aborted]);
      isDone = next.done === true;
      if (next.done) return;
      yield next.value;
    }
  } finally {
    signal.removeEventListener('abort', stop);
    // Closing waits for a chunk that may never come, so nobody waits for it.
    if (!isDone) source.return?.()?.catch(() => {});
  }
}
