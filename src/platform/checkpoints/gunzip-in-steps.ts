import { InflateSteps } from './inflate-steps';

/** How far back a deflate block may refer. https://www.rfc-editor.org/rfc/rfc1951#section-2 */
export const WINDOW = 32 * 1024;
const PIECE = 256 * 1024;

/** Is told of the output as it comes, and of the ends of blocks while it wants them. */
export interface BlockWatch {
  wantsBlock(output: number): boolean;
  /** `input` bytes of the file and `output` bytes of the stream lie before the block's end, `window` just before. */
  block(input: number, output: number, window: Uint8Array): void;
  written(bytes: Uint8Array): void;
}

/**
 * The stream unpacked in this thread. A piece's memory is used again for the next one, so that it is valid until that is
 * asked for.
 */
export async function* gunzipInSteps(
  chunks: AsyncIterable<Uint8Array>,
  watch?: BlockWatch,
): AsyncGenerator<Uint8Array, void, undefined> {
  const steps = new InflateSteps('gzip');
  // The last bytes of the piece before stand in front of the next one, for the window.
  const memory = new Uint8Array(WINDOW + PIECE);
  let [input, output] = [0, 0];
  try {
    for await (const chunk of chunks) {
      for (let rest = chunk, more = true; more; ) {
        const until = watch?.wantsBlock(output) ? 'block' : 'full';
        const { taken, written } = steps.step(rest, memory.subarray(WINDOW), until);
        const isStuck = taken === 0 && written === 0;
        rest = rest.subarray(taken);
        input += taken;
        output += written;
        const piece = memory.subarray(WINDOW, WINDOW + written);
        if (written > 0) {
          watch?.written(piece);
          yield piece;
          memory.copyWithin(0, written, written + WINDOW);
        }
        more = written === PIECE || (rest.length > 0 && !isStuck);
        if (until === 'block' && rest.length > 0 && written < PIECE && !isStuck)
          watch!.block(input, output, memory.subarray(WINDOW - Math.min(WINDOW, output), WINDOW));
      }
    }
    steps.finish();
  } finally {
    steps.close();
  }
}
