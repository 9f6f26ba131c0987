import { NotSimulated } from './command';
import type { RunLimits } from './engine';

/** Steps between two looks at the clock. */
const CLOCK_STEPS = 64;
/** Steps between two pauses, in which an abort signal can arrive. */
const PAUSE_STEPS = 1000;

/** What a run may still spend. A tight loop of shell code gives way to the event loop now and then. */
export class Budget {
  private steps = 0;
  private readonly start = Date.now();

  constructor(
    private readonly limits: RunLimits,
    private readonly signal: AbortSignal | undefined,
  ) {}

  /** One simple command or loop turn. Await the result when there is one. */
  step(): Promise<void> | undefined {
    this.steps++;
    if (this.steps > this.limits.steps) throw new NotSimulated(`stopped after ${this.limits.steps} steps`);
    if (this.steps % CLOCK_STEPS === 0) this.check();
    return this.steps % PAUSE_STEPS === 0 ? this.pause() : undefined;
  }

  /** Throws when the run was cancelled or took too long. */
  check(): void {
    if (this.signal?.aborted) throw new NotSimulated('the simulation was cancelled');
    if (Date.now() - this.start > this.limits.milliseconds) {
      throw new NotSimulated(`stopped after ${this.limits.milliseconds / 1000} seconds`);
    }
  }

  private async pause(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve));
    this.check();
  }
}
