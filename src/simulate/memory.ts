import type { FileSystem } from '../filesystem/tree';
import { type Change, nodeSize } from '../layers/change';
import { sameContent } from '../layers/content';
import type { Outcome } from './outcome';

/** A step's outcome, and the file system with its layer on top. */
export interface Remembered {
  readonly outcome: Outcome;
  readonly after: FileSystem;
}

/** As many outcomes are kept for one state of a file system; an edit goes back and forth between few. */
const KEPT = 12;

/**
 * Remembers what steps came to. A step's result is a function of the file system it starts from and of its key
 * (the expanded instruction, the environment it sees, what it copies), so an edit simulates anew only what it
 * touches. A step that is simulated again and comes to the same layer leads to the same file system object, and
 * what follows it is remembered too.
 */
export class SimulationMemory {
  private readonly byStart = new WeakMap<FileSystem, Map<string, Remembered>>();

  recall(start: FileSystem, key: string): Remembered | undefined {
    return this.byStart.get(start)?.get(key);
  }

  /** Keeps an outcome and gives the file system after it. */
  keep(start: FileSystem, key: string, outcome: Outcome): Remembered {
    const known = this.byStart.get(start) ?? new Map<string, Remembered>();
    this.byStart.set(start, known);
    const twin = [...known.values()].find((other) => sameOutcome(other.outcome, outcome));
    const remembered: Remembered = { outcome, after: twin?.after ?? afterwards(start, outcome) };
    known.delete(key);
    known.set(key, remembered);
    if (known.size > KEPT) known.delete(known.keys().next().value!);
    return remembered;
  }
}

function afterwards(start: FileSystem, outcome: Outcome): FileSystem {
  return outcome.isDropped ? start : start.with(outcome.layer);
}

function sameOutcome(a: Outcome, b: Outcome): boolean {
  const [left, right] = [a.layer, b.layer];
  return (
    a.error === b.error &&
    a.isDropped === b.isDropped &&
    left.createdBy === right.createdBy &&
    left.changes.length === right.changes.length &&
    left.certainty.level === right.certainty.level &&
    JSON.stringify([left.openRegions, left.closes]) === JSON.stringify([right.openRegions, right.closes]) &&
    left.changes.every((change, index) => sameChange(change, right.changes[index]!))
  );
}

function sameChange(a: Change, b: Change): boolean {
  if (a.kind !== b.kind || a.path !== b.path) return false;
  if (a.kind === 'hardlink' && b.kind === 'hardlink') return a.target === b.target;
  if (a.kind !== 'put' || b.kind !== 'put') return true;
  const [left, right] = [a.node, b.node];
  const same =
    left.kind === right.kind && left.mode === right.mode && left.uid === right.uid && left.gid === right.gid;
  if (!same || nodeSize(left) !== nodeSize(right)) return false;
  if (left.kind === 'symlink' && right.kind === 'symlink') return left.target === right.target;
  if (left.kind !== 'file' || right.kind !== 'file') return true;
  // Bytes of the context may have changed under the same name, so there the time decides.
  return left.mtime === right.mtime && sameContent(left.content, right.content) === true;
}
