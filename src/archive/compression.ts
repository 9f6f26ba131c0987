import type { ArchiveLocation, Compression } from '../layers/content';
import { joined } from './byte-feed';

/** Where bytes lie on this machine, before anybody looked into them. */
export type ArchiveSlice = Omit<ArchiveLocation, 'compression' | 'digest'>;

/** The door to the decompressors. Throws `ArchiveFault` where the compressed bytes end early or are damaged. */
export type Decompress = (
  chunks: AsyncIterable<Uint8Array>,
  compression: Compression,
) => AsyncIterable<Uint8Array>;

/** What the platform gives to those who read archives. */
export interface ArchiveDoors {
  /** The bytes of a slice, from its start; closing the iteration early closes the file. */
  open(slice: ArchiveSlice): AsyncIterable<Uint8Array>;
  readonly decompress: Decompress;
}

const MAGIC: readonly (readonly [Compression, readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b, 0x08]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
];
const MAGIC_LENGTH = 6;

/** How the bytes that begin with `head` are compressed, by their first bytes and never by a name. */
export function sniffCompression(head: Uint8Array): Compression {
  for (const [compression, magic] of MAGIC) {
    if (magic.every((byte, index) => head[index] === byte)) return compression;
  }
  return isSkippableFrame(head) ? 'zstd' : 'none';
}

/** A zstd stream may begin with frames of somebody else's data: 184D2A50 to 184D2A5F, little-endian. */
function isSkippableFrame(head: Uint8Array): boolean {
  return head[0]! >> 4 === 5 && head[1] === 0x2a && head[2] === 0x4d && head[3] === 0x18;
}

/** The stream unpacked, and how it was packed. */
export async function unpacked(
  chunks: AsyncIterable<Uint8Array>,
  decompress: Decompress,
): Promise<{ compression: Compression; chunks: AsyncIterable<Uint8Array> }> {
  const { head, all } = await peek(chunks, MAGIC_LENGTH);
  const compression = sniffCompression(head);
  return { compression, chunks: compression === 'none' ? all : decompress(all, compression) };
}

/** The first `length` bytes (fewer where the stream is shorter), and the whole stream with them. */
export async function peek(
  chunks: AsyncIterable<Uint8Array>,
  length: number,
): Promise<{ head: Uint8Array; all: AsyncIterable<Uint8Array> }> {
  const source = chunks[Symbol.asyncIterator]();
  const parts: Uint8Array[] = [];
  let total = 0;
  while (total < length) {
    const next = await source.next();
    if (next.done) break;
    parts.push(next.value);
    total += next.value.length;
  }
  const first = joined(parts, total);
  return { head: first.subarray(0, length), all: continued(first, source) };
}

async function* continued(first: Uint8Array, source: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    if (first.length > 0) yield first;
    for (let next = await source.next(); !next.done; next = await source.next()) yield next.value;
  } finally {
    await source.return?.();
  }
}

/** The same stream, which ends with the signal's reason once that is given. */
export async function* abortable(
  chunks: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    signal?.throwIfAborted();
    yield chunk;
  }
}
