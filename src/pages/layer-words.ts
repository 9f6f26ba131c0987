import { formatSize } from '../layers/format';
import type { LayerPage } from './protocol';

/*
 * What the tree, the hover, the hints and the command line say of a layer, in the same words everywhere.
 */

/** `+1.2 kB`, `0 B`, and where more comes than is known `≥ 1.2 kB`, `size unknown`. */
export function sizeWords({ size, holdsMore }: LayerPage): string {
  if (holdsMore) return size === 0 ? 'size unknown' : `≥ ${formatSize(size)}`;
  return size === 0 ? '0 B' : `+${formatSize(size)}`;
}

/** `3 added`, `1 modified`, `2 deleted`: what there is none of is left out. */
export function countWords({ added, changed, deleted }: LayerPage): string[] {
  const counts = [
    [added, 'added'],
    [changed, 'modified'],
    [deleted, 'deleted'],
  ] as const;
  return counts
    .filter(([number]) => number > 0)
    .map(([number, word]) => `${number.toLocaleString('en-US')} ${word}`);
}

/** Size and counts, and how certain they are unless that goes without saying. */
export function layerWords(layer: LayerPage): string {
  const { level } = layer.certainty;
  if (isBlank(layer)) return level === 'exact' ? 'no changes' : level;
  const counts = countWords(layer);
  return [sizeWords(layer), ...counts, ...(level === 'exact' ? [] : [level])].join(' · ');
}

/** Whether nothing is known to change; unless that is exact, it says little. */
export function isBlank({ added, changed, deleted }: LayerPage): boolean {
  return added + changed + deleted === 0;
}
