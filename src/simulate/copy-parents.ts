import { compilePattern, type PathMatcher } from '../context/pattern';
import type { Entry, FileSystem } from '../filesystem/tree';
import type { WritableLayer } from '../filesystem/writable';
import { type CopyOptions, copyTree, type Destination, splitPivot } from './copy';
import { BuildError } from './outcome';

/**
 * `COPY --parents`: the folders of a source are kept below the destination, with their modes; `**` works.
 * https://docs.docker.com/reference/dockerfile/#copy---parents
 */
export function copyWithParents(
  source: string,
  root: FileSystem,
  destination: Destination,
  layer: WritableLayer,
  options: CopyOptions,
): void {
  const { pivot, kept } = splitPivot(source);
  const found = root.lookup(pivot);
  if (found.kind !== 'present') throw new BuildError(`"${pivot}": not found`);
  const matches = matcherOf(kept);
  const entry = selected(found.entry, '', matches);
  const isPlain = !/[*?[]/.test(kept);
  if (entry.children!.size === 0) {
    if (isPlain) throw new BuildError(`"/${kept}": not found`);
    return;
  }
  copyTree({ entry, path: pivot, name: '' }, { ...destination, isFolder: true }, layer, options);
}

/** The tree with nothing in it but what matches, what is below a match, and the folders on the way. */
function selected(folder: Entry, path: string, matches: PathMatcher): Entry {
  const children = new Map<string, Entry>();
  for (const [name, entry] of folder.children ?? []) {
    const place = path === '' ? name : `${path}/${name}`;
    if (matches(place)) children.set(name, entry);
    else if (entry.node.kind === 'directory') {
      const inside = selected(entry, place, matches);
      if (inside.children!.size > 0) children.set(name, inside);
    }
  }
  return { node: folder.node, layer: folder.layer, children };
}

function matcherOf(pattern: string): PathMatcher {
  try {
    return pattern === '' ? () => true : compilePattern(pattern);
  } catch (error) {
    throw new BuildError(`cannot use "${pattern}" as a source: ${(error as Error).message}`);
  }
}
