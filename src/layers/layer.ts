import type { Certainty } from './certainty';
import type { Change } from './change';

/** The difference between two states of a file system, and where it came from. */
export interface Layer {
  /** Sorted by `comparePaths`. */
  readonly changes: readonly Change[];
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
