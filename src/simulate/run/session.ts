import type { Touched } from '../../filesystem/journal';
import { PosixError } from '../../filesystem/posix';
import type { WritableLayer } from '../../filesystem/writable';
import { type Certainty, EXACT, modelledFor } from '../../layers/certainty';
import type { ContentReader } from '../../layers/content';
import { Budget } from './budget';
import { NotSimulated, RestsOnGuess } from './command';
import type { OpenFile } from './descriptors';
import type { CommandReport, RunRequest } from './engine';
import { AsleepSignal } from './interpreter/control';
import { showUnknown, unknownText } from './unknown-text';

/** Programs started by programs and functions within functions; deeper is a runaway recursion. */
const MAX_DEPTH = 100;
/** Seconds after which a job in the background is left asleep: one that sleeps for ever waits to be killed. */
const LONGEST_SLEEP = 600;

/** What all processes of one run share: the file system, the budget, and what is known about the result. */
export class Session {
  readonly fileSystem: WritableLayer;
  readonly reader: ContentReader;
  readonly architecture: string;
  readonly budget: Budget;
  readonly reports: CommandReport[] = [];
  /** Open files with bytes that are not in the file system yet. */
  readonly unflushed = new Set<OpenFile>();
  private readonly reasons: { readonly reason: string; readonly guess: string }[] = [];
  /** The first thing that a command had to take for granted. */
  guess: string | undefined;
  /** Why the status of the last command is not known; it passes as 0 (interpreter/undecided.ts). */
  undecided: string | undefined;
  /** The first guess by which it was chosen how the run goes on. */
  chosen: string | undefined;
  /** Why it is not known whether what runs now really does, and why that will be so to the end of the run. */
  inDoubt: string | undefined;
  restInDoubt: string | undefined;
  /** What ended the run, once it was reported with the command it struck. */
  firstFailure: NotSimulated | undefined;
  private depth = 0;
  private lastProcess = 1;
  private unknownTexts = 0;
  /** Seconds that the job in the background has slept; nothing while none runs. */
  private slept: number | undefined;

  constructor(request: RunRequest) {
    this.fileSystem = request.fileSystem;
    this.reader = request.reader;
    this.architecture = request.architecture;
    this.budget = new Budget(request);
  }

  /** The whole result is at most `modelled`, for this reason; where it is one command's only, for the `guess` it rests on. */
  readonly model = (reason: string, guess = reason): void => {
    this.reasons.push({ reason, guess });
  };

  openRegion(path: string, reason: string, except?: readonly string[]): void {
    this.fileSystem.openRegion(path, reason, except);
  }

  leaveUndecided(reason: string, guess: string): void {
    this.model(reason, guess);
    this.guess ??= guess;
    this.undecided = guess;
    this.chosen ??= guess;
  }

  takeUndecided(): string | undefined {
    const { undecided } = this;
    this.undecided = undefined;
    return undecided;
  }

  /** A mark for `certaintySince`. */
  get mark(): number {
    return this.reasons.length;
  }

  certaintySince(mark: number): Certainty {
    const since = this.reasons.slice(mark);
    return since.length === 0 ? EXACT : modelledFor(since.map(({ reason }) => reason));
  }

  /** Of the whole run, in which each guess counts once, however much rests on it. */
  get certainty(): Certainty {
    if (this.reasons.length === 0) return EXACT;
    return modelledFor(this.reasons.map(({ guess }) => guess));
  }

  /** A mark for text that is not known; whatever is made with it is at most `modelled`. */
  unknownText(reason: string): string {
    this.model(reason);
    return unknownText(reason, ++this.unknownTexts);
  }

  /** Watches the file system for one command; the answer tells what it touched. */
  watch(): () => Touched {
    if (this.slept)
      this.model('what a job in the background does after a `sleep` depends on how long the rest takes');
    const { journal } = this.fileSystem;
    journal.begin();
    return () => journal.touched();
  }

  newProcess(): number {
    return ++this.lastProcess;
  }

  /** Runs a job in the background; nothing comes back from one that was left asleep. */
  async inBackground(act: () => Promise<number>): Promise<number | undefined> {
    const { slept } = this;
    this.slept = 0;
    try {
      return await act();
    } catch (signal) {
      if (signal instanceof AsleepSignal) return undefined;
      throw signal;
    } finally {
      this.slept = slept;
    }
  }

  /** `sleep` takes no time here. */
  sleep(seconds: number): void {
    if (this.slept === undefined) return;
    this.slept += seconds;
    if (this.slept < LONGEST_SLEEP) return;
    this.model('a job that sleeps in the background for minutes is left there');
    throw new AsleepSignal();
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
    for (const [met, doubt] of this.fileSystem.takeDoubts()) {
      const path = showUnknown(met);
      if (failed) throw new RestsOnGuess(`\`${command}\` depends on ${path}: ${doubt.reason}`, doubt.reason);
      this.model(doubt.reason);
      this.guess ??= doubt.reason;
    }
  }
}
