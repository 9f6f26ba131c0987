import { PosixError } from '../../filesystem/posix';
import type { WritableLayer } from '../../filesystem/writable';
import { type Certainty, EXACT, leastCertain, modelled } from '../../layers/certainty';
import type { ContentReader } from '../../layers/content';
import type { OpenRegion } from '../../layers/layer';
import { Budget } from './budget';
import { NotSimulated } from './command';
import type { OpenFile } from './descriptors';
import type { CommandReport, RunRequest } from './engine';

/** Programs started by programs and functions within functions; deeper is a runaway recursion. */
const MAX_DEPTH = 100;

/** What all processes of one run share: the file system, the budget, and what is known about the result. */
export class Session {
  readonly fileSystem: WritableLayer;
  readonly reader: ContentReader;
  readonly architecture: string;
  readonly budget: Budget;
  readonly reports: CommandReport[] = [];
  readonly openRegions: OpenRegion[] = [];
  /** Open files with bytes that are not in the file system yet. */
  readonly unflushed = new Set<OpenFile>();
  private readonly reasons: string[] = [];
  /** The first thing that a command had to take for granted. */
  guess: string | undefined;
  /** What ended the run, once it was reported with the command it struck. */
  firstFailure: NotSimulated | undefined;
  private depth = 0;
  private lastProcess = 1;

  constructor(request: RunRequest) {
    this.fileSystem = request.fileSystem;
    this.reader = request.reader;
    this.architecture = request.architecture;
    this.budget = new Budget(request);
  }

  /** The whole result is at most `modelled`, for this reason. */
  readonly model = (reason: string): void => {
    this.reasons.push(reason);
  };

  openRegion(path: string, reason: string): void {
    this.openRegions.push({ path, reason });
    this.fileSystem.openRegion(path, reason);
  }

  /** A mark for `certaintySince`. */
  get mark(): number {
    return this.reasons.length;
  }

  certaintySince(mark: number): Certainty {
    return mark === this.reasons.length ? EXACT : leastCertain([modelled(...this.reasons.slice(mark))]);
  }

  newProcess(): number {
    return ++this.lastProcess;
  }

  /** Runs something one level deeper. */
  async deeper<T>(act: () => Promise<T>): Promise<T> {
    this.budget.check();
    if (this.depth >= MAX_DEPTH) throw new NotSimulated(`stopped at a recursion ${MAX_DEPTH} deep`);
    this.depth++;
    try {
      return await act();
    } finally {
      this.depth--;
    }
  }

  /** Brings what was written through descriptors into the file system. */
  async flush(): Promise<void> {
    if (this.unflushed.size === 0) return;
    const files = [...this.unflushed];
    this.unflushed.clear();
    try {
      for (const file of files) await file.flush(this.reader, this.fileSystem);
    } catch (error) {
      if (error instanceof PosixError)
        throw new NotSimulated(`writing failed: ${error.reason.toLowerCase()}`);
      throw error;
    }
  }

  /**
   * What look-ups could not tell decides how far a finished command is trusted: its success is assumed to be
   * what really happens, while a failure may be ours alone.
   */
  settleDoubts(command: string, failed: boolean): void {
    for (const [path, doubt] of this.fileSystem.takeDoubts()) {
      if (failed) throw new NotSimulated(`\`${command}\` depends on ${path}: ${doubt.reason}`);
      this.model(doubt.reason);
      this.guess ??= doubt.reason;
    }
  }
}
