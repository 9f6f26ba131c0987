import type { FileSystemNode } from '../layers/change';
import { childPath, containerPath, namesOf, parentOf } from '../layers/path';

/** What a walk needs to know of a tree; `T` is one place in it. */
export interface Walkable<T> {
  readonly root: T;
  node(at: T): FileSystemNode;
  child(at: T, name: string): T | undefined;
  /** Called with each folder that a name is looked up in, to refuse it by throwing. */
  enter?(at: T, path: string): void;
}

export type Walk<T> =
  | { readonly kind: 'present'; readonly path: string; readonly at: T; readonly parent: T }
  | {
      readonly kind: 'absent';
      readonly why: 'missing' | 'not a directory' | 'link loop';
      /** Where it would be, through the links that are there. */
      readonly path: string;
      /** The last place that exists on the way, its path, and the names that are missing below it. */
      readonly at: T;
      readonly atPath: string;
      readonly names: readonly string[];
    };

/** As the kernel's own limit (include/linux/namei.h, MAXSYMLINKS). */
const MAX_LINKS = 40;

/**
 * Follows `path` from the root of `tree`, links in the middle always, a link at the end if `follow`. Links stay
 * inside the tree: `..` stops at its root and absolute targets start there.
 */
export function walk<T>(tree: Walkable<T>, path: string, follow: boolean): Walk<T> {
  const names = namesOf(path);
  const trail: T[] = [tree.root];
  let here = '/';
  let links = 0;
  while (names.length > 0) {
    const at = trail[trail.length - 1]!;
    const absent = (why: 'missing' | 'not a directory' | 'link loop'): Walk<T> => {
      const rest = containerPath(names.join('/'), here);
      return { kind: 'absent', why, path: rest, at, atPath: here, names };
    };
    if (tree.node(at).kind !== 'directory') return absent('not a directory');
    tree.enter?.(at, here);
    const name = names[0]!;
    if (name === '.' || name === '..') {
      names.shift();
      if (name === '..' && trail.length > 1) {
        trail.pop();
        here = parentOf(here);
      }
      continue;
    }
    const next = tree.child(at, name);
    if (next === undefined) return absent('missing');
    const node = tree.node(next);
    if (node.kind === 'symlink' && (names.length > 1 || follow)) {
      if (++links > MAX_LINKS) return absent('link loop');
      names.shift();
      names.unshift(...namesOf(node.target));
      if (node.target.startsWith('/')) {
        trail.length = 1;
        here = '/';
      }
      continue;
    }
    names.shift();
    trail.push(next);
    here = childPath(here, name);
  }
  const at = trail[trail.length - 1]!;
  return { kind: 'present', path: here, at, parent: trail[trail.length - 2] ?? tree.root };
}
