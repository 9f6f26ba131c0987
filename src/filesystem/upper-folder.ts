import type { Change } from '../layers/change';
import { baseName, childPath, comparePaths } from '../layers/path';
import { type DiffOptions, entryFor, type FoundChange, isLeftOut, linkNames } from './diff';
import type { Entry } from './tree';
import type { Inode, WritableLayer } from './writable';

/**
 * What overlayfs holds in its upper folder after the changes of a writable layer, which is what a graph driver makes
 * a layer of: all that was copied up, changed or not; folders whose only change is their time; an opaque folder where
 * one took the place of something of a lower layer. `compare` counts for nothing here.
 * https://docs.kernel.org/filesystems/overlayfs.html
 */
export function upperFolderOf(layer: WritableLayer, options: DiffOptions = {}): Change[] {
  const upper = new UpperFolder(layer, options);
  upper.folder(layer.lower.root, layer.root, '/');
  return linkNames(upper.found.sort((a, b) => comparePaths(a.change.path, b.change.path)));
}

class UpperFolder {
  readonly found: FoundChange[] = [];

  constructor(
    private readonly layer: WritableLayer,
    private readonly options: DiffOptions,
  ) {}

  /** `lower` is what the folder is merged with; a folder that stands alone has none. Says whether it holds anything. */
  folder(lower: Entry | undefined, upper: Inode, path: string): boolean {
    const before = this.found.length;
    const names = lower ? [...upper.names.keys()] : this.layer.namesIn(upper);
    for (const name of names) {
      const place = childPath(path, name);
      if (isLeftOut(place, this.options)) continue;
      const inode = this.layer.child(upper, name);
      const below = lower?.children?.get(name);
      if (inode) this.entry(below, inode, place);
      else if (below) this.found.push({ change: { kind: 'remove', path: place } });
    }
    return this.found.length > before;
  }

  private entry(below: Entry | undefined, inode: Inode, path: string): void {
    const isLower = below !== undefined && inode.lower === below && !inode.isMoved;
    if (isLower && !inode.isTouched) return;
    if (inode.node.kind !== 'directory') {
      if (!isLower || inode.isCopiedUp) this.put(inode, path);
      return;
    }
    // What happens on a mounted file system leaves the folder below it alone.
    if (isLower && this.options.withoutContents?.includes(path)) return;
    const holdsSomething = this.folder(isLower ? below : undefined, inode, path);
    if (!isLower || holdsSomething || inode.isCopiedUp) this.put(inode, path);
    if (!isLower && inode.isOpaque) this.found.push({ change: { kind: 'opaque', path } });
  }

  private put(inode: Inode, path: string): void {
    this.found.push(entryFor(inode, path, baseName(path)));
  }
}
