import { stat } from 'node:fs/promises';
import type { ArchiveDoors, ArchiveSlice } from '../archive/compression';
import type { Compression } from '../layers/content';
import { decompress } from './decompress';
import { archiveFault } from './fault';
import { readFileRange, streamFileRange } from './files';
import { InflatedArchives } from './inflated';

/** An image archive that is compressed as a whole is held in memory up to this size, and refused beyond. */
const MAX_WRAPPED = 256 * 1024 * 1024;
const PIECE = 256 * 1024;

/** The bytes of archives on this machine; see `ArchiveDoors`. */
export class HostArchives implements ArchiveDoors {
  readonly decompress = decompress;
  private readonly wrapped = new InflatedArchives(MAX_WRAPPED);

  open(slice: ArchiveSlice): AsyncIterable<Uint8Array> {
    const { file, offset, length, wrapped } = slice;
    return wrapped ? this.streamUnwrapped(slice, wrapped) : streamFileRange(file, offset, offset + length);
  }

  /** The bytes from `start` to `end` (excluded) of the slice; fewer only where it, or the file, ends. */
  async read(slice: ArchiveSlice, start: number, end: number): Promise<Uint8Array> {
    const first = slice.offset + start;
    const last = slice.offset + Math.min(end, slice.length);
    if (!slice.wrapped) return readFileRange(slice.file, first, last);
    // A copy, because the receiver may hand its buffer to another thread.
    return (await this.unwrap(slice.file, slice.wrapped)).slice(first, last);
  }

  private async *streamUnwrapped(slice: ArchiveSlice, compression: Compression): AsyncGenerator<Uint8Array> {
    const whole = await this.unwrap(slice.file, compression);
    const end = Math.min(slice.offset + slice.length, whole.length);
    for (let at = slice.offset; at < end; at += PIECE) yield whole.subarray(at, Math.min(end, at + PIECE));
  }

  private async unwrap(file: string, compression: Compression): Promise<Uint8Array> {
    const inflate = () => decompress(streamFileRange(file, 0, Number.POSITIVE_INFINITY), compression);
    const bytes = await this.wrapped.get(await versionOf(file), inflate);
    if (bytes) return bytes;
    throw archiveFault(
      'refused',
      `it is compressed as a whole and unpacks to more than ${MAX_WRAPPED / 1024 / 1024} MiB: decompress it first`,
    );
  }
}

/** A file's name with what changes when it is written anew, so that nothing stale is ever taken for it. */
export async function versionOf(file: string): Promise<string> {
  const { mtimeMs, size, ino } = await stat(file);
  return `${file}\0${mtimeMs}\0${size}\0${ino}`;
}

/** The stream without its first `start` bytes, up to `end`. */
export async function* cut(
  chunks: AsyncIterable<Uint8Array>,
  start: number,
  end: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let at = 0;
  if (end <= start) return;
  for await (const chunk of chunks) {
    const part = chunk.subarray(Math.max(0, start - at), end - at);
    at += chunk.length;
    if (part.length > 0) yield part;
    if (at >= end) return;
  }
}
