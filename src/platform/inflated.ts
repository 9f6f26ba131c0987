/**
 * Small archives unpacked in memory, the least recently used ones forgotten first. One is unpacked at a time, and
 * one that turns out larger than the whole budget is given up at that point and remembered as too large.
 */
export class InflatedArchives {
  private readonly held = new Map<string, Promise<Uint8Array | undefined>>();
  private readonly sizes = new Map<string, number>();
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly budget: number) {}

  /** The bytes of the archive `key`, from `inflate` when they are not at hand; `undefined` when they are too many. */
  get(key: string, inflate: () => AsyncIterable<Uint8Array>): Promise<Uint8Array | undefined> {
    const known = this.held.get(key);
    if (known) {
      this.held.delete(key);
      this.held.set(key, known);
      return known;
    }
    const coming = this.turn.then(() => this.collect(key, inflate()));
    this.turn = coming.catch(() => {});
    this.held.set(key, coming);
    coming.catch(() => this.held.delete(key));
    return coming;
  }

  private async collect(key: string, chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array | undefined> {
    const parts: Uint8Array[] = [];
    let total = 0;
    for await (const chunk of chunks) {
      total += chunk.length;
      if (total > this.budget) {
        this.sizes.set(key, 0);
        return undefined;
      }
      parts.push(chunk);
    }
    this.sizes.set(key, total);
    this.makeRoom(key);
    const whole = Buffer.concat(parts, total);
    // A Buffer's `slice` would not copy.
    return new Uint8Array(whole.buffer, whole.byteOffset, total);
  }

  private makeRoom(newest: string): void {
    let used = 0;
    for (const size of this.sizes.values()) used += size;
    for (const key of this.held.keys()) {
      if (used <= this.budget) return;
      const size = this.sizes.get(key) ?? 0;
      if (key === newest || size === 0) continue;
      this.held.delete(key);
      this.sizes.delete(key);
      used -= size;
    }
  }
}
