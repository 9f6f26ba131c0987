import { type DiffOptions, diffOf } from '../filesystem/diff';
import { upperFolderOf } from '../filesystem/upper-folder';
import type { WritableLayer } from '../filesystem/writable';
import type { BuilderTraits } from '../graph/builder';
import type { Change } from '../layers/change';
import type { Outcome } from './outcome';

/** What the builder's store makes of a writable layer: what differs, or all that was touched. */
export async function changesIn(
  layer: WritableLayer,
  traits: BuilderTraits,
  options: DiffOptions,
): Promise<Change[]> {
  return traits.keepsWhatWasTouched ? upperFolderOf(layer, options) : diffOf(layer, options);
}

/** Marks the outcome of a step that changed nothing, where the builder keeps no layer for that. */
export function keptBy(traits: BuilderTraits, outcome: Outcome): Outcome {
  const { changes, openRegions, certainty } = outcome.layer;
  const isNothing = changes.length === 0 && openRegions.length === 0 && certainty.level === 'exact';
  return isNothing && !traits.keepsEmptyLayers && outcome.error === undefined
    ? { ...outcome, isDropped: true }
    : outcome;
}
