import { archiveFault } from './fault';

/**
 * The same bytes, cut so that no piece goes over the end of a zstd frame. Node's decoder drops what follows a frame
 * within one piece, and layers of many frames (zstd:chunked, pzstd) are in use.
 * https://www.rfc-editor.org/rfc/rfc8878#section-3.1
 */
export async function* cutAtFrames(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const walk = walkFrames();
  let wish = walk.next().value;
  let taken: number[] = [];
  for await (const chunk of chunks) {
    let start = 0;
    for (let at = 0; at < chunk.length && wish; ) {
      const step = Math.min(wish.bytes - taken.length, chunk.length - at);
      if (wish.kind === 'take') for (let end = at + step; at < end; at++) taken.push(chunk[at]!);
      else {
        at += step;
        wish = { ...wish, bytes: wish.bytes - step };
      }
      // What is skipped is counted down, what is taken is counted up.
      while (wish && wish.kind !== 'cut' && wish.bytes === taken.length) {
        wish = walk.next(taken).value;
        taken = [];
      }
      if (wish?.kind !== 'cut') continue;
      if (at > start) yield chunk.subarray(start, at);
      start = at;
      wish = walk.next([]).value;
    }
    if (start < chunk.length) yield chunk.subarray(start);
  }
}

interface Wish {
  readonly kind: 'take' | 'skip' | 'cut';
  readonly bytes: number;
}

/** Asks for the bytes it wants to see or to leave out, and says where a frame ends. Stops at what is no frame. */
function* walkFrames(): Generator<Wish, undefined, number[]> {
  for (;;) {
    const magic = number(yield { kind: 'take', bytes: 4 });
    if (magic === 0xfd2fb528) yield* walkBlocks();
    else if (magic >= 0x184d2a50 && magic <= 0x184d2a5f) {
      yield { kind: 'skip', bytes: number(yield { kind: 'take', bytes: 4 }) };
    } else return undefined;
    yield { kind: 'cut', bytes: 0 };
  }
}

const DICTIONARY_BYTES = [0, 1, 2, 4] as const;
const SIZE_BYTES = [0, 2, 4, 8] as const;

function* walkBlocks(): Generator<Wish, void, number[]> {
  const descriptor = number(yield { kind: 'take', bytes: 1 });
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const window = isSingleSegment ? undefined : number(yield { kind: 'take', bytes: 1 });
  yield { kind: 'skip', bytes: DICTIONARY_BYTES[(descriptor & 3) as 0 | 1 | 2 | 3] };
  const sizeBytes = SIZE_BYTES[(descriptor >> 6) as 0 | 1 | 2 | 3] || (isSingleSegment ? 1 : 0);
  const size = number(yield { kind: 'take', bytes: sizeBytes });
  checkMemory(window === undefined ? size : 2 ** (10 + (window >> 3)) * (1 + (window & 7) / 8));
  for (let last = false; !last; ) {
    const header = number(yield { kind: 'take', bytes: 3 });
    last = (header & 1) === 1;
    const isRun = ((header >> 1) & 3) === 1;
    yield { kind: 'skip', bytes: isRun ? 1 : header >> 3 };
  }
  const hasChecksum = (descriptor & 4) !== 0;
  yield { kind: 'skip', bytes: hasChecksum ? 4 : 0 };
}

/** What the reference decoder allows by default. */
const MAX_WINDOW = 128 * 1024 * 1024;

function checkMemory(window: number): void {
  if (window > MAX_WINDOW) {
    throw archiveFault('refused', `its zstd data asks for ${Math.ceil(window / 2 ** 20)} MiB of memory`);
  }
}

/** Little-endian. */
function number(bytes: readonly number[]): number {
  return bytes.reduceRight((value, byte) => value * 256 + byte, 0);
}
