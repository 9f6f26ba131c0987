import type { Touched } from '../../filesystem/journal';
import type { WritableLayer } from '../../filesystem/writable';
import type { Certainty } from '../../layers/certainty';
import type { ContentReader } from '../../layers/content';
import type { OpenRegion } from '../../layers/layer';

/**
 * The door of the shell engine (`runShell` in shell.ts is the one behind it).
 *
 * **An interpreter of our own** walks the syntax tree that just-bash's parser makes; just-bash's own interpreter was tried
 * and left. Of 551 scripts of the shells' corners whose answers a real dash, bash and ash gave (test/core/shell/golden.json) it gives the same
 * output and exit code for 368 as shipped (dash 111 of 199, bash 144 of 199, ash 113 of 153), ours for all. Its faults are
 * where Dockerfiles are: `set -e` in `{ …; } || x` and in loops, `set -u`, `trap`, `umask`, `exec`, subshells and background
 * jobs, redirects that fail, 64-bit arithmetic, and one dialect for all shells. On the 115 golden RUNs
 * (test/golden/run-cases) an adapter around it, over its own file system filled with the base, leaves the tree of the
 * real build for 72, for 63 with the modes too (owners it has none); ours for all. By a reading of the 43 misses about ten are
 * the interpreter's own (`set -e`, `set -u`, `umask`, arrays, dash's `echo`, a redirect into a missing folder); the others
 * are its commands', and file bytes would pass through them as strings, where ours move as handles.
 *
 * **It runs in the thread that holds the file systems** (the editor's inspection worker, the main thread of the command
 * line). A base of 100,000 entries takes longer to copy to another thread (over 100 ms) than nearly every RUN takes to
 * run: half a millisecond for five commands. Stages that do not need each other are simulated at the same time: they
 * take turns at each pause of a run (budget.ts), as different Dockerfiles do, and no run pays with its own time for that of
 * another; what waits for the machine waits together (two 200 MB bases in two archives: 2.7 s in place of 2.95 s on two
 * busy cores). More threads would not show a result sooner than its slowest RUN allows.
 *
 * **What stops it**: steps, time and bytes, looked at between commands and within those that loop; a watchdog for patterns,
 * which nothing can stop from inside (matching.ts); the byte quota of the file system. Should a fault of ours hang the
 * thread nevertheless, the editor's host ends it and starts it anew with that step left out, and the command line ends
 * (`StepWatch` in flow-doors.ts).
 */
export interface ShellEngine {
  run(request: RunRequest): Promise<RunReport>;
}

export interface RunRequest {
  /** The program and its arguments, as `execve` gets them: `['/bin/sh', '-c', 'mkdir /a']` for the shell form. */
  readonly argv: readonly string[];
  readonly env: ReadonlyMap<string, string>;
  readonly cwd: string;
  /** Changed in place; its `credentials` are those of the RUN's user. */
  readonly fileSystem: WritableLayer;
  readonly reader: ContentReader;
  /** As the OCI spec spells it. */
  readonly architecture: string;
  /** Text for standard input; a RUN has none unless a here-document feeds it. */
  readonly stdin?: string;
  readonly limits: RunLimits;
  readonly signal?: AbortSignal;
  /**
   * Called now and then by commands that do not give way to the event loop, so that a message can be looked at that
   * aborts `signal`.
   */
  readonly listen?: () => void;
}

export interface RunLimits {
  /** Simple commands and loop turns. */
  readonly steps: number;
  readonly milliseconds: number;
  /** The largest text that a command may hold. What is written to files is limited by `fileSystem`. */
  readonly bytes: number;
}

export interface RunReport {
  readonly exitCode: number;
  /** `exact` when every command that ran was simulated faithfully. */
  readonly certainty: Certainty;
  readonly commands: readonly CommandReport[];
  readonly openRegions: readonly OpenRegion[];
  /** Why a command that went well may really not have: it looked at something that is not known. */
  readonly guess?: string | undefined;
  /** The end of what was printed, for messages: at most a few kilobytes each. */
  readonly stdout: string;
  readonly stderr: string;
}

/** One simple command that ran, or began to. `text` is how it reads after expansion. */
export interface CommandReport {
  readonly text: string;
  readonly certainty: Certainty;
  /** Nothing where the simulation ended in it. */
  readonly exitCode?: number;
  readonly touched: Touched;
}
