import type { ArchiveEntry } from '../archive/archive-entries';
import type { BuildContext } from '../context/build-context';
import type { FileSystem } from '../filesystem/tree';
import type { Content, ContentReader } from '../layers/content';
import type { RunLimits, ShellEngine } from './run/engine';

/** All that a step may look at besides the file system it starts from. */
export interface Inputs {
  /** `undefined` when there is no context folder, such as for a Dockerfile that was never saved. */
  readonly context: BuildContext | undefined;
  /** What `--from` names: a stage that was simulated, or an image. */
  readonly source: (name: string) => SourceFileSystem;
  readonly reader: ContentReader;
  readonly archives: ArchiveOpener;
  readonly engine: ShellEngine;
  readonly limits: RunLimits & { readonly bytes: number };
  readonly architecture: string;
  /** The time of a change, in seconds; goes up with every call. */
  readonly clock: () => number;
  readonly signal?: AbortSignal | undefined;
}

export type SourceFileSystem =
  | { readonly kind: 'found'; readonly fileSystem: FileSystem }
  | { readonly kind: 'unknown'; readonly reason: string };

/** Tells a tar, plain or compressed, by its content and lists what is in it; `undefined` when it is none. */
export interface ArchiveOpener {
  open(content: Content, signal?: AbortSignal): Promise<readonly ArchiveEntry[] | undefined>;
}
