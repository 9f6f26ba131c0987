import { pipeline, Readable, type Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import { Decompress as ZstdDecompress } from 'fzstd';
import { XzReadableStream } from 'xz-decompress';
import { bunzip2 } from '../archive/bzip2';
import type { Decompress } from '../archive/compression';
import type { Compression } from '../layers/content';
import { archiveFault } from './fault';
import { cutAtFrames } from './zstd-frames';

/** Every compression a layer or an archive for ADD may have, as streams that hold little in memory. */
export const decompress: Decompress = (chunks, compression) => {
  switch (compression) {
    case 'none':
      return chunks;
    case 'gzip':
      return throughTransform(chunks, zlib.createGunzip({ chunkSize: PIECE }), 'gzip');
    case 'zstd':
      return unzstd(chunks);
    case 'bzip2':
      return bunzip2(chunks);
    case 'xz':
      return unxz(chunks);
    default:
      compression satisfies never;
      throw new Error(`Cannot unpack ${compression}: it is unknown`);
  }
};

const PIECE = 128 * 1024;

async function* throughTransform(
  chunks: AsyncIterable<Uint8Array>,
  transform: Transform,
  compression: Compression,
): AsyncGenerator<Uint8Array, void, undefined> {
  let sourceError: unknown;
  const watched = watchErrors(chunks, (error) => {
    sourceError = error;
  });
  // The callback is only there so that errors, which the loop below throws as well, count as handled.
  pipeline(Readable.from(watched, { objectMode: true, highWaterMark: 1 }), transform, () => {});
  try {
    for await (const chunk of transform) yield chunk as Uint8Array;
  } catch (error) {
    throw sourceError ?? faultOf(error, compression);
  }
}

async function* watchErrors(
  chunks: AsyncIterable<Uint8Array>,
  onError: (error: unknown) => void,
): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
  } catch (error) {
    onError(error);
    throw error;
  }
}

function faultOf(error: unknown, compression: Compression): unknown {
  const { code, message } = error as { code?: unknown; message?: string };
  const early = code === 'Z_BUF_ERROR' || /unexpected (end|eof)|ends? early/i.test(message ?? '');
  return early
    ? archiveFault('truncated', `its ${compression} data ends early`, { cause: error })
    : archiveFault('damaged', `its ${compression} data is damaged: ${message}`, { cause: error });
}

type ZstdModule = { createZstdDecompress?: (options?: { chunkSize?: number }) => Transform };

/** Node has zstd from 22.15 on; before that a decoder in JavaScript does it, at about a third of the speed. */
function unzstd(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const native = (zlib as ZstdModule).createZstdDecompress;
  const frames = cutAtFrames(chunks);
  return native ? throughTransform(frames, native({ chunkSize: PIECE }), 'zstd') : unzstdInScript(frames);
}

/** The decoder calls itself for each frame within a piece, and frames may be as short as 13 bytes. */
const ZSTD_INPUT = 8 * 1024;

export async function* unzstdInScript(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const ready: Uint8Array[] = [];
  const decoder = new ZstdDecompress((data) => {
    if (data.length > 0) ready.push(data.slice());
  });
  const push = (bytes: Uint8Array, final: boolean) => {
    try {
      decoder.push(bytes, final);
    } catch (error) {
      throw faultOf(error, 'zstd');
    }
  };
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += ZSTD_INPUT) {
      push(chunk.subarray(at, at + ZSTD_INPUT), false);
      yield* ready.splice(0);
    }
  }
  push(new Uint8Array(0), true);
  yield* ready.splice(0);
}

/** Several streams in one file count as one, as for `xz -d`. */
async function* unxz(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const source = chunks[Symbol.asyncIterator]();
  const input = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const next = await source.next();
      if (next.done) controller.close();
      else controller.enqueue(next.value);
    },
    cancel: async () => void (await source.return?.()),
  });
  const reader = new XzReadableStream(input).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(rethrowXz);
      if (done) break;
      if (value.length > 0) yield value;
    }
    const rest = await source.next();
    if (!rest.done) throw archiveFault('damaged', 'its xz data is damaged: there is more after its end');
  } finally {
    await reader.cancel().catch(() => {});
    await source.return?.();
  }
}

function rethrowXz(error: unknown): never {
  const code = /error code (\d+)/.exec(String(error))?.[1];
  // The decoder cannot go on without input (8), or fails on the input that never came.
  const early = code === '8' || error instanceof TypeError;
  throw early
    ? archiveFault('truncated', 'its xz data ends early', { cause: error })
    : archiveFault('damaged', `its xz data is damaged (code ${code ?? 'unknown'})`, { cause: error });
}
