import { setTimeout as wait } from 'node:timers/promises';
import type { RegistryFault } from './fault';

/** How patient the client is. Times are in milliseconds. */
export interface Timing {
  /** A connection on which nothing arrives for so long is given up. */
  readonly silence: number;
  /** A manifest, a token or an error has to be there in this time. */
  readonly smallAnswer: number;
  /** Tries that may fail one after the other before it is given up. */
  readonly tries: number;
  /** Before the second try; it doubles from try to try. */
  readonly firstWait: number;
  /** A server that asks to wait longer than this is not asked again. */
  readonly longestWait: number;
}

export const TIMING: Timing = {
  silence: 30_000,
  smallAnswer: 60_000,
  tries: 5,
  firstWait: 500,
  longestWait: 60_000,
};

/** Counts the tries that failed one after the other and waits between them. */
export class Patience {
  private failed = 0;

  constructor(
    private readonly timing: Timing,
    private readonly signal: AbortSignal | undefined,
  ) {}

  /** After something went well the count begins anew. */
  restore(): void {
    this.failed = 0;
  }

  /** Waits before the next try. Throws the fault when there is to be none, or the signal's reason at once. */
  async wait(fault: RegistryFault, retryAfter?: number): Promise<void> {
    this.failed++;
    const { tries, firstWait, longestWait } = this.timing;
    if (this.failed >= tries || (retryAfter ?? 0) > longestWait) throw fault;
    // Those whom one outage hit at the same moment should not come back at the same moment.
    const grown = firstWait * 2 ** (this.failed - 1) * (1 + Math.random() / 4);
    const time = Math.min(longestWait, Math.max(retryAfter ?? 0, grown));
    await wait(time, undefined, this.signal && { signal: this.signal }).catch(() => {});
    this.signal?.throwIfAborted();
  }
}

/** The time that `Retry-After` asks for, in milliseconds: seconds or a date. */
export function retryAfterOf(header: string | undefined, now = Date.now()): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
