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
  let rest = path;
  const trail: T[] = [tree.root];
  let here = '/';
  let links = 0;
  for (let start = nextName(rest, 0); start < rest.length; start = nextName(rest, start)) {
    const at = trail[trail.length - 1]!;
    const absent = (why: 'missing' | 'not a directory' | 'link loop'): Walk<T> => {
      const names = namesOf(rest.slice(start));
      return { kind: 'absent', why, path: containerPath(names.join('/'), here), at, atPath: here, names };
    };
    if (tree.node(at).kind !== 'directory') return absent('not a directory');
    tree.enter?.(at, here);
    const slash = rest.indexOf('/', start);
    const end = slash < 0 ? rest.length : slash;
    const name = rest.slice(start, end);
    if (name === '..' && trail.length > 1) {
      trail.pop();
      here = parentOf(here);
    }
    const next = name === '.' || name === '..' ? at : tree.child(at, name);
    if (next === undefined) return absent('missing');
    const isLast = nextName(rest, end) >= rest.length;
    const node = tree.node(next);
    if (next === at) start = end;
    else if (node.kind === 'symlink' && (!isLast || follow)) {
      if (++links > MAX_LINKS) return absent('link loop');
      rest = `${node.target}/${rest.slice(end)}`;
      start = 0;
      if (node.target.startsWith('/')) {
        trail.length = 1;
        here = '/';
      }
    } else {
      start = end;
      trail.push(next);
      here = childPath(here, name);
    }
  }
  const at = trail[trail.length - 1]!;
  return { kind: 'present', path: here, at, parent: trail[trail.length - 2] ?? tree.root };
}

/** Where the next name of `path` begins; its length when there is none. */
function nextName(path: string, from: number): number {
  let at = from;
  while (path.charCodeAt(at) === 47) at++;
  return at;
}
