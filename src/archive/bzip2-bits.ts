import { ArchiveFault } from './fault';

/** No block is longer: 900,000 symbols of 20 bits, and its tables. */
const LONGEST_BLOCK = 2_500_000;

/** Bits, highest first. `fill` waits for input, so that a whole block can be read without waiting. */
export class BitSource {
  private bytes: Uint8Array = new Uint8Array(0);
  private at = 0;
  private held = 0;
  private count = 0;

  constructor(private readonly source: AsyncIterator<Uint8Array>) {}

  async fill(): Promise<void> {
    let total = this.bytes.length - this.at;
    if (total >= LONGEST_BLOCK) return;
    const parts = [this.bytes.subarray(this.at)];
    while (total < 2 * LONGEST_BLOCK) {
      const next = await this.source.next();
      if (next.done) break;
      parts.push(next.value);
      total += next.value.length;
    }
    this.bytes = Buffer.concat(parts);
    this.at = 0;
  }

  get hasMore(): boolean {
    return this.at < this.bytes.length;
  }

  /** At most 24 bits. */
  take(width: number): number {
    while (this.count < width) {
      if (this.at >= this.bytes.length) throw new ArchiveFault('truncated', 'its bzip2 data ends early');
      this.held = (this.held << 8) | this.bytes[this.at++]!;
      this.count += 8;
    }
    this.count -= width;
    return (this.held >>> this.count) & ((1 << width) - 1);
  }

  takeWord(): number {
    return ((this.take(16) << 16) | this.take(16)) >>> 0;
  }

  toByte(): void {
    this.count -= this.count % 8;
  }

  async close(): Promise<void> {
    await this.source.return?.();
  }
}

export function damaged(how: string): Error {
  return new ArchiveFault('damaged', `its bzip2 data is damaged: ${how}`);
}
