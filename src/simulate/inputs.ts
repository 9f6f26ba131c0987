import type { ArchiveEntry } from '../archive/archive-entries';
import type { BuildContext } from '../context/build-context';
import type { FileSystem } from '../filesystem/tree';
import type { BuilderTraits } from '../graph/builder';
import type { Content, ContentReader } from '../layers/content';
import type { RunLimits, ShellEngine } from './run/engine';

/** All that a step may look at besides the file system it starts from. */
export interface Inputs {
  /** `undefined` when there is no context folder, such as for a Dockerfile that was never saved. */
  readonly context: BuildContext | undefined;
  /** What COPY or a mount takes from: a stage that was simulated, a named context or an image. */
  readonly source: (name: string, asked: SourceOf) => SourceFileSystem;
  /** What servers say of the files that this step downloads; empty unless they may be asked. */
  readonly remoteSizes: ReadonlyMap<string, RemoteSize>;
  readonly reader: ContentReader;
  readonly archives: ArchiveOpener;
  readonly engine: ShellEngine;
  readonly limits: RunLimits;
  readonly architecture: string;
  /** What the builder does otherwise than others. */
  readonly traits: BuilderTraits;
  /** The time of a change, in seconds; goes up with every call. */
  readonly clock: () => number;
  readonly signal?: AbortSignal | undefined;
  /** See `RunRequest`. */
  readonly listen?: (() => void) | undefined;
}

/** COPY knows stages by number too; to a mount a number is the name of an image. */
export type SourceOf = 'copy' | 'mount';

export type SourceFileSystem =
  | {
      readonly kind: 'found';
      readonly fileSystem: FileSystem;
      /** Set when it is a named build context. */
      readonly context?: BuildContext;
    }
  | { readonly kind: 'unknown'; readonly reason: string };

export type RemoteSize =
  | { readonly kind: 'known'; readonly size: number }
  | { readonly kind: 'unknown'; readonly reason: string };

/** Tells a tar, plain or compressed, by its content and lists what is in it; `undefined` when it is none. */
export interface ArchiveOpener {
  open(content: Content, signal?: AbortSignal): Promise<readonly ArchiveEntry[] | undefined>;
}
