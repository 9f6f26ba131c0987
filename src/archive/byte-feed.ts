/**
 * Bytes taken one after the other, whether they come as a stream or lie in a file that can be read anywhere.
 * Only the second kind skips without reading.
 */
export interface ByteFeed {
  /** How many bytes were taken or skipped so far. */
  readonly position: number;
  /** Whether the next `length` bytes are there without waiting: they then lie at `at` of `hand`, until more is taken. */
  has(length: number): boolean;
  readonly hand: Uint8Array;
  readonly at: number;
  /** The next `length` bytes; fewer only where the feed ends. They are valid until more is asked for. */
  take(length: number): Uint8Array | Promise<Uint8Array>;
  /** At least one and at most `length` of the next bytes, as they come; none only where the feed ends. Valid as long. */
  takeSome(length: number): Promise<Uint8Array>;
  /** How many of the `length` bytes were there to skip. */
  skip(length: number): number | Promise<number>;
  close(): Promise<void>;
}

export function feedOfChunks(chunks: AsyncIterable<Uint8Array>): ByteFeed {
  return new ChunkFeed(chunks[Symbol.asyncIterator]());
}

type ReadBytes = (start: number, end: number) => Uint8Array | Promise<Uint8Array>;

/** `read(start, end)` gives these bytes, fewer only at the end; `size` is where they end. */
export function feedOfReads(read: ReadBytes, size: number): ByteFeed {
  return new SeekingFeed(read, size);
}

const NOTHING = new Uint8Array(0);

class ChunkFeed implements ByteFeed {
  position = 0;
  hand: Uint8Array = NOTHING;
  at = 0;

  constructor(private readonly source: AsyncIterator<Uint8Array>) {}

  has(length: number): boolean {
    return length <= this.hand.length - this.at;
  }

  take(length: number): Uint8Array | Promise<Uint8Array> {
    if (length <= this.hand.length - this.at) return this.part(length);
    return this.takeAcross(length);
  }

  private part(length: number): Uint8Array {
    const part = this.hand.subarray(this.at, this.at + length);
    this.at += part.length;
    this.position += part.length;
    return part;
  }

  /** Copied as it comes, for a chunk's memory may be used for the next one. */
  private async takeAcross(length: number): Promise<Uint8Array> {
    let whole: Uint8Array = NOTHING;
    let total = 0;
    while (total < length && (await this.refill())) {
      const part = this.part(length - total);
      if (part.length === length) return part;
      if (total + part.length > whole.length)
        whole = grown(whole, Math.min(length, 2 * (total + part.length)));
      whole.set(part, total);
      total += part.length;
    }
    return whole.subarray(0, total);
  }

  async takeSome(length: number): Promise<Uint8Array> {
    return length === 0 || !(await this.refill()) ? NOTHING : this.part(length);
  }

  skip(length: number): number | Promise<number> {
    if (length > this.hand.length - this.at) return this.skipAcross(length);
    this.at += length;
    this.position += length;
    return length;
  }

  private async skipAcross(length: number): Promise<number> {
    let skipped = 0;
    while (skipped < length && (await this.refill())) {
      const step = Math.min(length - skipped, this.hand.length - this.at);
      this.at += step;
      skipped += step;
    }
    this.position += skipped;
    return skipped;
  }

  /** Whether there is at least one byte in hand. */
  private async refill(): Promise<boolean> {
    while (this.at >= this.hand.length) {
      const next = await this.source.next();
      if (next.done) return false;
      this.hand = next.value;
      this.at = 0;
    }
    return true;
  }

  async close(): Promise<void> {
    await this.source.return?.();
  }
}

/** Large enough to hold the headers of several small entries, small enough to waste little on large ones. */
const WINDOW = 4 * 1024;

class SeekingFeed implements ByteFeed {
  position = 0;
  hand: Uint8Array = NOTHING;
  private windowStart = 0;
  private waits = false;

  constructor(
    private readonly read: ReadBytes,
    private readonly size: number,
  ) {}

  get at(): number {
    return this.position - this.windowStart;
  }

  has(length: number): boolean {
    const { at, position } = this;
    if (at >= 0 && length <= this.hand.length - at) return true;
    if (this.waits || position + length > this.size) return false;
    const read = this.read(position, Math.min(this.size, position + Math.max(length, WINDOW)));
    if (read instanceof Promise) {
      this.waits = true;
      read.catch(() => {});
      return false;
    }
    this.hand = read;
    this.windowStart = position;
    return length <= read.length;
  }

  take(length: number): Uint8Array | Promise<Uint8Array> {
    const start = this.position;
    const end = Math.min(start + length, this.size);
    if (end <= start) return NOTHING;
    if (start >= this.windowStart && end <= this.windowStart + this.hand.length) return this.part(end);
    const read = this.read(start, Math.min(this.size, Math.max(end, start + WINDOW)));
    if (read instanceof Promise) return read.then((bytes) => this.partOf(bytes, start, end));
    return this.partOf(read, start, end);
  }

  private partOf(window: Uint8Array, start: number, end: number): Uint8Array {
    this.hand = window;
    this.windowStart = start;
    return this.part(end);
  }

  private part(end: number): Uint8Array {
    const bytes = this.hand.subarray(this.position - this.windowStart, end - this.windowStart);
    this.position += bytes.length;
    return bytes;
  }

  async takeSome(length: number): Promise<Uint8Array> {
    return this.take(Math.min(length, WINDOW));
  }

  skip(length: number): number {
    const skipped = Math.max(0, Math.min(length, this.size - this.position));
    this.position += skipped;
    return skipped;
  }

  async close(): Promise<void> {
    this.hand = NOTHING;
  }
}

function grown(bytes: Uint8Array, length: number): Uint8Array {
  const larger = new Uint8Array(length);
  larger.set(bytes);
  return larger;
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
