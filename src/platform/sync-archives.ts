import { closeSync, openSync, readSync } from 'node:fs';
import type { ArchiveDoors, ArchiveSlice } from '../archive/compression';
import type { Compression } from '../layers/content';
import { type BlockWatch, gunzipInSteps } from './checkpoints/gunzip-in-steps';
import { canInflateInSteps } from './checkpoints/inflate-steps';
import { decompress } from './decompress';

const PIECE = 256 * 1024;

export interface SyncArchivesOptions {
  /** Reading ends once its first number is not 0. */
  readonly isCancelled?: Int32Array;
  readonly recorder?: BlockWatch;
}

/** Archives on this machine for a thread that has nothing else to do: it waits for the disk itself, which is faster. */
export class SyncArchives implements ArchiveDoors {
  private readonly files = new Map<string, number>();

  constructor(private readonly options: SyncArchivesOptions = {}) {}

  /** A piece is valid until the next one is asked for: they share their memory. */
  async *open({ file, offset, length }: ArchiveSlice): AsyncGenerator<Uint8Array, void, undefined> {
    const piece = new Uint8Array(Math.min(PIECE, length));
    for (let at = 0; at < length; ) {
      const bytes = this.fill(file, piece.subarray(0, length - at), offset + at);
      if (bytes.length === 0) return;
      at += bytes.length;
      yield bytes;
    }
  }

  /** In memory that is used again by the next call. */
  read({ file, offset, length }: ArchiveSlice, start: number, end: number): Uint8Array {
    const wanted = Math.max(0, Math.min(end, length) - start);
    if (wanted > this.memory.length) this.memory = new Uint8Array(wanted);
    return this.fill(file, this.memory.subarray(0, wanted), offset + start);
  }

  private memory = new Uint8Array(16 * 1024);

  private fill(file: string, bytes: Uint8Array, position: number): Uint8Array {
    const { isCancelled } = this.options;
    if (isCancelled && Atomics.load(isCancelled, 0) !== 0) throw new Error('Nobody waits for this any more');
    const descriptor = this.files.get(file) ?? openSync(file, 'r');
    this.files.set(file, descriptor);
    let filled = 0;
    while (filled < bytes.length) {
      const read = readSync(descriptor, bytes, filled, bytes.length - filled, position + filled);
      if (read === 0) break;
      filled += read;
    }
    return bytes.subarray(0, filled);
  }

  readonly decompress = (chunks: AsyncIterable<Uint8Array>, compression: Compression) =>
    compression === 'gzip' && canInflateInSteps
      ? gunzipInSteps(chunks, this.options.recorder)
      : decompress(copied(chunks), compression);

  close(): void {
    for (const descriptor of this.files.values()) closeSync(descriptor);
    this.files.clear();
  }
}

/** For what reads ahead. */
async function* copied(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of chunks) yield Uint8Array.from(chunk);
}
