/**
 * Bytes taken one after the other, whether they come as a stream or lie in a file that can be read anywhere.
 * Only the second kind skips without reading.
 */
export interface ByteFeed {
  /** How many bytes were taken or skipped so far. */
  readonly position: number;
  /** The next `length` bytes; fewer only where the feed ends. */
  take(length: number): Promise<Uint8Array>;
  /** At least one and at most `length` of the next bytes, as they come; none only where the feed ends. */
  takeSome(length: number): Promise<Uint8Array>;
  /** How many of the `length` bytes were there to skip. */
  skip(length: number): Promise<number>;
  close(): Promise<void>;
}

export function feedOfChunks(chunks: AsyncIterable<Uint8Array>): ByteFeed {
  return new ChunkFeed(chunks[Symbol.asyncIterator]());
}

/** `read(start, end)` gives these bytes, fewer only at the end; `size` is where they end. */
export function feedOfReads(
  read: (start: number, end: number) => Promise<Uint8Array>,
  size: number,
): ByteFeed {
  return new SeekingFeed(read, size);
}

const NOTHING = new Uint8Array(0);

class ChunkFeed implements ByteFeed {
  position = 0;
  private chunk: Uint8Array = NOTHING;
  private at = 0;

  constructor(private readonly source: AsyncIterator<Uint8Array>) {}

  async take(length: number): Promise<Uint8Array> {
    const first = await this.takeSome(length);
    if (first.length === length || first.length === 0) return first;
    const parts = [first];
    let total = first.length;
    while (total < length) {
      const part = await this.takeSome(length - total);
      if (part.length === 0) break;
      parts.push(part);
      total += part.length;
    }
    return joined(parts, total);
  }

  async takeSome(length: number): Promise<Uint8Array> {
    if (length === 0 || !(await this.refill())) return NOTHING;
    const part = this.chunk.subarray(this.at, this.at + length);
    this.at += part.length;
    this.position += part.length;
    return part;
  }

  async skip(length: number): Promise<number> {
    let skipped = 0;
    while (skipped < length && (await this.refill())) {
      const step = Math.min(length - skipped, this.chunk.length - this.at);
      this.at += step;
      skipped += step;
    }
    this.position += skipped;
    return skipped;
  }

  /** Whether there is at least one byte in hand. */
  private async refill(): Promise<boolean> {
    while (this.at >= this.chunk.length) {
      const next = await this.source.next();
      if (next.done) return false;
      this.chunk = next.value;
      this.at = 0;
    }
    return true;
  }

  async close(): Promise<void> {
    await this.source.return?.();
  }
}

/** Large enough to hold the headers of several small entries, small enough to waste little on large ones. */
const WINDOW = 16 * 1024;

class SeekingFeed implements ByteFeed {
  position = 0;
  private window: Uint8Array = NOTHING;
  private windowStart = 0;

  constructor(
    private readonly read: (start: number, end: number) => Promise<Uint8Array>,
    private readonly size: number,
  ) {}

  async take(length: number): Promise<Uint8Array> {
    const start = this.position;
    const end = Math.min(start + length, this.size);
    if (end <= start) return NOTHING;
    if (start < this.windowStart || end > this.windowStart + this.window.length) {
      this.window = await this.read(start, Math.min(this.size, Math.max(end, start + WINDOW)));
      this.windowStart = start;
    }
    const bytes = this.window.subarray(start - this.windowStart, end - this.windowStart);
    this.position += bytes.length;
    return bytes;
  }

  takeSome(length: number): Promise<Uint8Array> {
    return this.take(Math.min(length, WINDOW));
  }

  async skip(length: number): Promise<number> {
    const skipped = Math.max(0, Math.min(length, this.size - this.position));
    this.position += skipped;
    return skipped;
  }

  async close(): Promise<void> {
    this.window = NOTHING;
  }
}

export function joined(parts: readonly Uint8Array[], total: number): Uint8Array {
  if (parts.length === 1) return parts[0]!;
  const bytes = new Uint8Array(total);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
