import type { Touched } from '../../filesystem/journal';
import type { WritableLayer } from '../../filesystem/writable';
import type { Certainty } from '../../layers/certainty';
import type { ContentReader } from '../../layers/content';
import type { OpenRegion } from '../../layers/layer';

/** The door of the shell engine (`runShell` in shell.ts is the one behind it). */
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
