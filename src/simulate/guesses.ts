import { changeFacts } from '../filesystem/change-kinds';
import type { FileSystem } from '../filesystem/tree';
import { isWithin } from '../layers/path';
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
  if (places.length === 0) return outcome;
  return { ...outcome, layer: { ...outcome.layer, guesses: places.map((path) => ({ path, reason })) } };
}
