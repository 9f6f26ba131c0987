import { changeFacts } from '../filesystem/change-kinds';
import type { FileSystem } from '../filesystem/tree';
import { ROOT_USER, type WritableLayer } from '../filesystem/writable';
import type { OpenRegion } from '../layers/layer';
import { baseName, childPath, isWithin, parentOf } from '../layers/path';
import { OPAQUE_MARKER, WHITEOUT_PREFIX } from '../layers/whiteout';
import type { Outcome } from './outcome';

/**
 * The outcome of a step that had to guess what it found: what it put there may be missing or another, and whatever looks
 * there later rests on that guess. Folders that the layer merely carries are what they were.
 */
export function restingOnGuess(outcome: Outcome, below: FileSystem, reason: string): Outcome {
  const places: string[] = [];
  for (const { change, kind } of changeFacts(outcome.layer, below)) {
    const isCovered = places.some((place) => isWithin(change.path, place));
    if (kind !== 'carried' && kind !== 'deleted' && !isCovered) places.push(change.path);
  }
  return withGuesses(
    outcome,
    places.map((path) => ({ path, reason })),
  );
}

/**
 * A file that is named like a whiteout is one in the image, and hides what lies below. The steps that follow in the same
 * build still see a file and all that it will hide.
 */
export function withUnreadWhiteouts(outcome: Outcome, layer: WritableLayer): Outcome {
  layer.credentials = ROOT_USER;
  const isThere = (path: string) => layer.find(path, { follow: false }).kind === 'present';
  const folders: string[] = [];
  for (const { kind, path } of outcome.layer.changes) {
    if (kind === 'opaque' && isThere(childPath(path, OPAQUE_MARKER))) folders.push(path);
    if (kind === 'remove' && isThere(childPath(parentOf(path), WHITEOUT_PREFIX + baseName(path))))
      folders.push(parentOf(path));
  }
  const words = 'holds a file that is named like a whiteout, which later steps of the build see as a file';
  return withGuesses(
    outcome,
    [...new Set(folders)].map((path) => ({ path, reason: `${path} ${words}` })),
  );
}

function withGuesses(outcome: Outcome, guesses: readonly OpenRegion[]): Outcome {
  if (guesses.length === 0) return outcome;
  const { layer } = outcome;
  return { ...outcome, layer: { ...layer, guesses: [...(layer.guesses ?? []), ...guesses] } };
}
