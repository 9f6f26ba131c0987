import type { Certainty } from './certainty';
import type { Change, FileSystemNode } from './change';

/** The difference between two states of a file system, and where it came from. */
export interface Layer {
  /** Sorted by `comparePaths`. */
  readonly changes: readonly Change[];
  /** The same where they are at hand row by row. */
  readonly rows?: PutRows;
  readonly certainty: Certainty;
  /** Places where this layer may have put, changed or removed more than `changes` tells. */
  readonly openRegions: readonly OpenRegion[];
  /** Places of which what this layer put there is a guess itself, so that whoever looks there rests on it. */
  readonly guesses?: readonly OpenRegion[];
  /** Places (`isOfPlace`) of which this layer makes sure that nothing unlisted is left, whatever was open before. */
  readonly closes: readonly string[];
  /** The history's words for it, as the builder writes them. */
  readonly createdBy: string;
  /** Digest of the uncompressed archive, where there is one. */
  readonly diffId?: string;
}

/** The changes of a layer without a path and an object for each: folders come before what is in them, each path once. */
export interface PutRows {
  readonly count: number;
  /** The row of the folder, counted from 1; 0 is the root. */
  parent(row: number): number;
  name(row: number): string;
  path(row: number): string;
  /** What the row puts, if it does: always the same object. */
  node(row: number): FileSystemNode | undefined;
  /** The changes that are no puts. */
  readonly others: readonly Change[];
}

/** A folder (or the whole tree, `/`) about whose contents something is not known, and why. */
export interface OpenRegion {
  readonly path: string;
  readonly reason: string;
  /** Places (`isOfPlace`) in it of which all is known after all. */
  readonly except?: readonly string[];
}

/** Bytes of the files in the layer, a hard-linked file counted once. */
export function layerSize(layer: Layer): number {
  let size = 0;
  for (const change of layer.changes) {
    if (change.kind === 'put' && change.node.kind === 'file') size += change.node.content.size;
  }
  return size;
}
