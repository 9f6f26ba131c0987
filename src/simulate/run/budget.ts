import { NotSimulated } from './command';
import type { RunLimits, RunRequest } from './engine';

/** Steps between two looks at the clock. */
const CLOCK_STEPS = 64;
/** Steps between two pauses, in which an abort signal can arrive. */
const PAUSE_STEPS = 1000;
/** A pause takes a millisecond or two; a longer one is the turn of somebody else. */
const OWN_PAUSE = 5;
/** Milliseconds between two calls of `listen`. */
const LISTEN_EVERY = 50;

/** What a run may still spend. A tight loop of shell code gives way to the event loop now and then. */
export class Budget {
  private steps = 0;
  /** Moves on while others have the thread: each run has its own time. */
  private start = Date.now();
  private listened = this.start;
  private readonly limits: RunLimits;

  constructor(private readonly request: Pick<RunRequest, 'limits' | 'signal' | 'listen'>) {
    this.limits = request.limits;
  }

  /** One simple command or loop turn. Await the result when there is one. */
  step(): Promise<void> | undefined {
    this.steps++;
    if (this.steps > this.limits.steps) throw new NotSimulated(`stopped after ${this.limits.steps} steps`);
    if (this.steps % CLOCK_STEPS === 0) this.check();
    return this.steps % PAUSE_STEPS === 0 ? this.pause() : undefined;
  }

  /** Throws when the run was cancelled or took too long. */
  check(): void {
    const now = Date.now();
    if (now - this.listened > LISTEN_EVERY) {
      this.listened = now;
      this.request.listen?.();
    }
    if (this.request.signal?.aborted) throw new NotSimulated('the simulation was cancelled');
    if (now - this.start > this.limits.milliseconds) {
      throw new NotSimulated(`stopped after ${this.limits.milliseconds / 1000} seconds`);
    }
  }

  /** Throws when a text of this many characters is more than may be held. */
  hold(length: number): void {
    if (length > this.limits.bytes) {
      throw new NotSimulated(`stopped at a text of more than ${Math.round(this.limits.bytes / 2 ** 20)} MB`);
    }
  }

  private async pause(): Promise<void> {
    const since = Date.now();
    await new Promise((resolve) => setTimeout(resolve));
    const away = Date.now() - since;
    if (away > OWN_PAUSE) this.start += away;
    this.check();
  }
}

/** Fields of this many characters are put together; a script that asks for a gigabyte is stopped. */
const WIDEST = 2 ** 24;

/** A width or precision, if so many characters can be held. */
export function heldWidth(width = 0): number {
  if (width > WIDEST) throw new NotSimulated(`stopped at a field of ${width} characters`);
  return width;
}
