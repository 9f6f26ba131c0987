import type { WritableLayer } from '../../../filesystem/writable';
import type { Change } from '../../../layers/change';
import { byteStringOf } from './bytes';

/**
 * Doubts that only count if they are still there when the RUN has ended: a temporary folder has a name by chance, yet
 * it is usually removed again, and then the layer is exact after all.
 */
const names = new WeakMap<WritableLayer, string[]>();

const ALPHABET = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

/** Letters that stand for random ones, others at each `attempt`: the same in every simulation, since a step's result follows from its key. */
export function randomLetters(fileSystem: WritableLayer, length: number, attempt = 0): string {
  let state = 0x9e3779b9 ^ (((names.get(fileSystem)?.length ?? 0) + attempt * 0x1000) * 0x85ebca6b);
  let letters = '';
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + index) | 0;
    letters += ALPHABET[(state >>> 8) % ALPHABET.length];
  }
  return letters;
}

export function noteRandomName(fileSystem: WritableLayer, letters: string): void {
  names.set(fileSystem, [...(names.get(fileSystem) ?? []), letters]);
}

/**
 * Why some of `changes`, the layer that a RUN leaves, would look otherwise in another build, by path. To be asked
 * once, at the end, with the file system the commands worked on.
 */
export function lateDoubts(
  fileSystem: WritableLayer,
  changes: readonly Change[],
): ReadonlyMap<string, string> {
  const random = names.get(fileSystem) ?? [];
  const doubts = new Map<string, string>();
  for (const change of changes) {
    const reason = doubtOf(change, random);
    if (reason) doubts.set(change.path, reason);
  }
  return doubts;
}

function doubtOf(change: Change, random: readonly string[]): string | undefined {
  const isRandom = (text: string) => random.some((letters) => text.includes(letters));
  if (isRandom(change.path)) return '`mktemp` gives it another name in every build';
  if (change.kind !== 'put') return undefined;
  const { node } = change;
  if (node.kind === 'symlink' && isRandom(node.target)) return 'it points to a name that `mktemp` made';
  if (node.kind !== 'file' || node.content.kind !== 'inline') return undefined;
  if (random.length > 0 && node.content.size < 1_000_000 && isRandom(byteStringOf(node.content.bytes))) {
    return 'it has a name in it that `mktemp` made';
  }
  return undefined;
}
