import type { Change, FileSystemNode } from '../layers/change';
import { type Content, sameContent } from '../layers/content';
import { childPath, compareNames, comparePaths, isWithin, parentOf } from '../layers/path';
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
  diff.directory(layer.lower.root, layer.root, '/');
  if (diff.undecided.length === 0) return linkNames(inOrder(diff.changes));
  // Reading decides, and takes time: the next walk knows.
  for (const { before, after } of diff.undecided) {
    diff.decide(before, after, (await options.compare?.(before, after)) ?? false);
  }
  diff.changes = [];
  diff.directory(layer.lower.root, layer.root, '/');
  return linkNames(inOrder(diff.changes));
}

export interface FoundChange {
  readonly change: Change;
  readonly inode?: Inode;
}

class Diff {
  changes: FoundChange[] = [];
  /** Contents of which only reading tells whether they are the same. */
  readonly undecided: { readonly before: Content; readonly after: Content }[] = [];
  private readonly decided = new Map<Content, Map<Content, boolean>>();

  constructor(
    private readonly layer: WritableLayer,
    private readonly options: DiffOptions,
  ) {}

  decide(before: Content, after: Content, isSame: boolean): void {
    this.decided.set(before, (this.decided.get(before) ?? new Map<Content, boolean>()).set(after, isSame));
  }

  /** Compares the names in a directory. */
  directory(lower: Entry | undefined, upper: Inode, path: string): void {
    // What nobody changed in a directory that is still the lower one is as it was.
    const isLower = lower !== undefined && lower === upper.lower;
    // Asked for the folder, so that it need not be asked for every name in it.
    if (isLeftOut(childPath(path, ''), this.options)) return;
    const isWhole = !this.options.without?.some((place) => parentOf(place) === path);
    const prefix = childPath(path, '');
    for (const name of isLower ? touchedNames(upper) : this.namesOf(lower, upper)) {
      const place = prefix + name;
      if (!isWhole && isLeftOut(place, this.options)) continue;
      const inode = this.layer.child(upper, name);
      if (inode) this.entry(lower?.children?.get(name), inode, place, name);
      else this.changes.push({ change: { kind: 'remove', path: place } });
    }
  }

  /** All names of both sides, in order. */
  private namesOf(lower: Entry | undefined, upper: Inode): string[] {
    const names = this.layer.namesIn(upper);
    const known = new Set(names);
    const gone = [...(lower?.children?.keys() ?? [])].filter((name) => !known.has(name));
    return gone.length === 0 ? names : names.concat(gone).sort(compareNames);
  }

  private entry(lower: Entry | undefined, upper: Inode, path: string, name: string): void {
    if (upper.node.kind !== 'directory') {
      if (!lower || !this.isSame(lower.node, upper.node)) this.add(entryFor(upper, path, name), path);
      return;
    }
    const below = lower?.node.kind === 'directory' ? lower : undefined;
    const place = this.changes.length;
    this.changes.push(entryFor(upper, path, name));
    this.directory(below, upper, path);
    // A folder is in the layer for its own sake, or for what is below it.
    const isChanged = this.changes.length > place + 1 || !below || !sameMetadata(below.node, upper.node);
    if (!isChanged) this.changes.pop();
  }

  /** A file that is named like a whiteout stands for another place than its own. */
  private add(found: FoundChange, path: string): void {
    if (found.change.path === path || !isLeftOut(found.change.path, this.options)) this.changes.push(found);
  }

  private isSame(a: FileSystemNode, b: FileSystemNode): boolean {
    if (a === b) return true;
    if (!sameMetadata(a, b)) return false;
    if (a.mtime !== b.mtime) return false;
    if (a.kind === 'symlink' && b.kind === 'symlink') return a.target === b.target;
    if (a.kind === 'file' && b.kind === 'file') return this.isSameContent(a.content, b.content);
    if ((a.kind === 'character' || a.kind === 'block') && a.kind === b.kind) {
      return a.major === b.major && a.minor === b.minor;
    }
    return a.kind === b.kind;
  }

  private isSameContent(before: Content, after: Content): boolean {
    if (before.size !== after.size) return false;
    const known = sameContent(before, after) ?? this.decided.get(before)?.get(after);
    if (known === undefined) this.undecided.push({ before, after });
    return known ?? false;
  }
}

/** Names that were changed, or lead to something that was, in order. */
function touchedNames({ names }: Inode): string[] {
  const touched: string[] = [];
  for (const [name, inode] of names) if (!inode || inode.isTouched) touched.push(name);
  return touched.sort(compareNames);
}

/** The walk meets paths in their order, except for files that are named like whiteouts, which stand for other paths. */
function inOrder(found: FoundChange[]): FoundChange[] {
  const isSorted = found.every(({ change, inode }) => (change.kind === 'put') === (inode !== undefined));
  return isSorted ? found : found.sort((a, b) => comparePaths(a.change.path, b.change.path));
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
export function entryFor(inode: Inode, path: string, name: string): FoundChange {
  const hidden = whiteoutTarget(name);
  if (name === OPAQUE_MARKER) return { change: { kind: 'opaque', path: parentOf(path) }, inode };
  if (hidden !== undefined)
    return { change: { kind: 'remove', path: childPath(parentOf(path), hidden) }, inode };
  return { change: { kind: 'put', path, node: ownNode(inode) }, inode };
}

function sameMetadata(a: FileSystemNode, b: FileSystemNode): boolean {
  return (
    a.kind === b.kind &&
    a.mode === b.mode &&
    a.uid === b.uid &&
    a.gid === b.gid &&
    (a.xattrs === b.xattrs || JSON.stringify(a.xattrs ?? {}) === JSON.stringify(b.xattrs ?? {}))
  );
}

/** Names of one inode: the first is the file, the others are hard links to it. */
export function linkNames(found: readonly FoundChange[]): Change[] {
  const first = new Map<Inode, string>();
  return found.map(({ change, inode }) => {
    if (change.kind !== 'put' || !inode?.hasOtherNames || change.node.kind === 'directory') return change;
    const target = first.get(inode);
    if (target) return { kind: 'hardlink', path: change.path, target };
    first.set(inode, change.path);
    return change;
  });
}
