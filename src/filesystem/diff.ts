import type { Change, FileSystemNode } from '../layers/change';
import { type Content, sameContent } from '../layers/content';
import { baseName, childPath, comparePaths, isWithin, parentOf } from '../layers/path';
import { OPAQUE_MARKER, whiteoutTarget } from '../layers/whiteout';
import type { Entry } from './tree';
import type { Inode, WritableLayer } from './writable';

export interface DiffOptions {
  /** Places that belong to no layer, such as mounts: they and what is below them are left out. */
  readonly without?: readonly string[];
  /** Folders that may be in the layer while what is below them is not, such as /dev of a RUN. */
  readonly withoutContents?: readonly string[];
  /** Decides by reading when `sameContent` cannot tell. Two contents of which this says nothing count as different. */
  readonly compare?: (a: Content, b: Content) => Promise<boolean>;
}

/**
 * The changes of a writable layer against what is below it, sorted, with the parents of every change, as
 * BuildKit's differ writes them (build-semantics of the reference: a folder whose only change is its time is no
 * change; a lower folder that was removed and made again has one whiteout for each child that did not come back).
 */
export async function diffOf(layer: WritableLayer, options: DiffOptions = {}): Promise<Change[]> {
  const diff = new Diff(layer, options);
  await diff.directory(layer.lower.root, layer.root, '/');
  return linkNames(diff.changes.sort((a, b) => comparePaths(a.change.path, b.change.path)));
}

export interface FoundChange {
  readonly change: Change;
  readonly inode?: Inode;
}

class Diff {
  readonly changes: FoundChange[] = [];

  constructor(
    private readonly layer: WritableLayer,
    private readonly options: DiffOptions,
  ) {}

  /** Compares the names in a directory; says whether anything below it changed. */
  async directory(lower: Entry | undefined, upper: Inode, path: string): Promise<boolean> {
    const before = this.changes.length;
    const untouched = lower !== undefined && lower === upper.lower;
    // What nobody looked at in a directory that is still the lower one cannot have changed.
    const names = untouched ? [...upper.names.keys()] : this.layer.namesIn(upper);
    for (const name of names) {
      const inode = this.layer.child(upper, name);
      if (inode) await this.entry(lower?.children?.get(name), inode, childPath(path, name));
    }
    for (const name of lower?.children?.keys() ?? []) {
      const isGone = untouched ? upper.names.get(name) === null : !this.layer.child(upper, name);
      if (isGone) this.add({ change: { kind: 'remove', path: childPath(path, name) } });
    }
    return this.changes.length > before;
  }

  private async entry(lower: Entry | undefined, upper: Inode, path: string): Promise<void> {
    if (isLeftOut(path, this.options)) return;
    if (upper.node.kind !== 'directory') {
      if (!lower || !(await this.isSame(lower.node, upper.node))) this.put(upper, path);
      return;
    }
    const below = lower?.node.kind === 'directory' ? lower : undefined;
    const changed = await this.directory(below, upper, path);
    if (changed || !below || !sameMetadata(below.node, upper.node)) this.put(upper, path);
  }

  private put(inode: Inode, path: string): void {
    this.add(entryFor(inode, path));
  }

  private add(found: FoundChange): void {
    if (!isLeftOut(found.change.path, this.options)) this.changes.push(found);
  }

  private async isSame(a: FileSystemNode, b: FileSystemNode): Promise<boolean> {
    if (a === b) return true;
    if (!sameMetadata(a, b)) return false;
    if (a.mtime !== b.mtime) return false;
    if (a.kind === 'symlink' && b.kind === 'symlink') return a.target === b.target;
    if (a.kind === 'file' && b.kind === 'file') {
      if (a.content.size !== b.content.size) return false;
      return (
        sameContent(a.content, b.content) ?? (await this.options.compare?.(a.content, b.content)) ?? false
      );
    }
    if ((a.kind === 'character' || a.kind === 'block') && a.kind === b.kind) {
      return a.major === b.major && a.minor === b.minor;
    }
    return a.kind === b.kind;
  }
}

/** A file that was copied up is no longer linked with the other names of the lower one. */
function ownNode({ node, lower }: Inode): FileSystemNode {
  return node.kind !== 'directory' && node === lower?.node ? { ...node } : node;
}

export function isLeftOut(path: string, { without = [], withoutContents = [] }: DiffOptions): boolean {
  return (
    without.some((folder) => isWithin(path, folder)) ||
    withoutContents.some((folder) => path !== folder && isWithin(path, folder))
  );
}

/** The entry for what lies at `path`. A file that is named like a whiteout is one, once it lies in the layer's archive. */
export function entryFor(inode: Inode, path: string): FoundChange {
  const name = baseName(path);
  const hidden = whiteoutTarget(name);
  if (name === OPAQUE_MARKER) return { change: { kind: 'opaque', path: parentOf(path) } };
  if (hidden !== undefined) return { change: { kind: 'remove', path: childPath(parentOf(path), hidden) } };
  return { change: { kind: 'put', path, node: ownNode(inode) }, inode };
}

function sameMetadata(a: FileSystemNode, b: FileSystemNode): boolean {
  return (
    a.kind === b.kind &&
    a.mode === b.mode &&
    a.uid === b.uid &&
    a.gid === b.gid &&
    JSON.stringify(a.xattrs ?? {}) === JSON.stringify(b.xattrs ?? {})
  );
}

/** Names of one inode: the first is the file, the others are hard links to it. */
export function linkNames(found: readonly FoundChange[]): Change[] {
  const first = new Map<Inode, string>();
  return found.map(({ change, inode }) => {
    if (change.kind !== 'put' || !inode || change.node.kind === 'directory') return change;
    const target = first.get(inode);
    if (target) return { kind: 'hardlink', path: change.path, target };
    first.set(inode, change.path);
    return change;
  });
}
