import type { Inode, WritableLayer } from '../../filesystem/writable';
import type { Content, ContentReader } from '../../layers/content';

/** Which programs the image has: GNU coreutils and friends, or busybox. They differ in flags, messages and exit codes. */
export type Flavour = 'gnu' | 'busybox';

/** Where a program's output goes. Contents are handles: a copied 2 GB file passes as a promise, not as bytes. */
export interface Output {
  /** Ends in the build's log and nowhere else, so that a doubt about what is written (a time, a size) harms no layer. */
  readonly isLog?: boolean;
  /** The order in which lines are written shows in a file, or may: whoever writes them in an order of chance says so. */
  readonly keepsOrder?: boolean;
  /** The file that it is, and whether there are bytes in it or on the way to it. */
  readonly file?: { readonly inode: Inode; readonly isEmpty: boolean };
  write(piece: string | Uint8Array | Content): void;
}

/** What another program did when a command ran it (`xargs`, `find -exec`, `env`, `sh -c`). */
export interface Finished {
  readonly exitCode: number;
}

export interface RunOptions {
  readonly stdin?: Content;
  readonly env?: ReadonlyMap<string, string>;
  readonly cwd?: string;
  readonly stdout?: Output;
  readonly stderr?: Output;
  /** Run as somebody else (`su`, `gosu`); the caller's credentials come back afterwards. */
  readonly user?: { readonly uid: number; readonly gid: number; readonly groups: readonly number[] };
}

/** All that a simulated program sees of the world. */
export interface CommandContext {
  /** As it was called, without folders: `install`, `[`. */
  readonly name: string;
  /** Without the name. */
  readonly args: readonly string[];
  readonly env: ReadonlyMap<string, string>;
  /** An absolute path. */
  readonly cwd: string;
  /** Folders whose names all stand among the arguments, because the shell put them there for `folder/*`. */
  readonly wholeFolders: readonly string[];
  readonly stdin: Content;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly fileSystem: WritableLayer;
  readonly reader: ContentReader;
  readonly flavour: Flavour;
  /** The architecture of the image as the OCI spec spells it (`amd64`). */
  readonly architecture: string;
  /** Runs a program found by PATH (or a path), as `execvp` would. 127 when it is certainly absent. */
  run(argv: readonly string[], options?: RunOptions): Promise<Finished>;
  /** Runs shell text in a new shell of the given name (`sh`, `bash`), as `sh -c` does. */
  runScript(
    script: string,
    options: RunOptions & { shell: string; args?: readonly string[]; flags?: readonly string[] },
  ): Promise<Finished>;
  /** The whole result is at most `modelled` from here on, for this reason; `guess` is what it rests on, if on an earlier one. */
  model(reason: string, guess?: string): void;
  /** Marks a folder (or `/`) as one in which this command may have put or changed more than is simulated, but for the places (`isOfPlace`) in `except`. */
  openRegion(path: string, reason: string, except?: readonly string[]): void;
  /**
   * Throws when the run was cancelled or its budget is spent: loops over many entries call it. With `length`, also when
   * a text of so many characters is more than may be held.
   */
  checkBudget(length?: number): void;
  /** What takes so many seconds in a real build. */
  sleep(seconds: number): void;
}

/**
 * A simulated program: does what the real one does to the file system and returns its exit code. It throws
 * `NotSimulated` for what it cannot do faithfully: a limit of ours is never shown as a failing build.
 */
export type Command = (context: CommandContext) => Promise<number> | number;

/** From here on the run cannot be simulated; `reason` is a phrase for the user, such as "`sed --posix` is not simulated". */
export class NotSimulated extends Error {
  constructor(readonly reason: string) {
    super(reason);
    this.name = 'NotSimulated';
  }
}

/** The same for what a modelled command left unknown: a text that has to be read, or a place that has to be there. */
export class RestsOnGuess extends NotSimulated {
  constructor(
    reason: string,
    /** What the guess is about, without the command that met it. */
    readonly guess = reason,
  ) {
    super(reason);
    this.name = 'RestsOnGuess';
  }
}
