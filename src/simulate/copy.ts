import { IgnoreRules, type ParentMatches } from '../context/ignore';
import type { Entry } from '../filesystem/tree';
import type { WritableLayer } from '../filesystem/writable';
import type { FileSystemNode } from '../layers/change';
import { childPath, compareNames, containerPath, parentOf } from '../layers/path';
import type { Owner } from './accounts';
import type { ModeRule } from './copy-mode';
import type { Picked } from './copy-sources';
import { makeFoldersOrFail } from './make-folders';
import { BuildError } from './outcome';

/** What the flags of a COPY ask for. */
export interface CopyOptions {
  readonly owner: Owner | undefined;
  readonly chmod: ModeRule | undefined;
  readonly excludes: IgnoreRules;
  readonly keepsOwners: boolean;
}

/** A copy that no flags change. */
export function asItIs(keepsOwners: boolean): CopyOptions {
  return { owner: undefined, chmod: undefined, excludes: IgnoreRules.none, keepsOwners };
}

/** The target of a COPY: an absolute path; `isFolder` when it was written with a slash (or `.`) at its end. */
export interface Destination {
  readonly path: string;
  readonly isFolder: boolean;
}

/** Follows BuildKit: the working directory goes before a relative path. */
export function destinationOf(written: string, workdir: string): Destination {
  const isFolder = written === '' || written === '.' || written.endsWith('/') || written.endsWith('/.');
  return { path: containerPath(written, workdir), isFolder };
}

/**
 * Copies one source as BuildKit's file copier does (tonistiigi/fsutil, copy): a folder gives its contents, links at
 * the destination are followed, links inside the source are kept.
 */
export function copyTree(
  source: Picked,
  destination: Destination,
  layer: WritableLayer,
  options: CopyOptions,
): void {
  new Copier(layer, options).copy(source, destination);
}

class Copier {
  /** Names of one inode in the source, and where it was put first. */
  private readonly linked = new Map<FileSystemNode, string>();

  constructor(
    private readonly layer: WritableLayer,
    private readonly options: CopyOptions,
  ) {}

  copy(source: Picked, destination: Destination): void {
    const isFolder = source.entry.node.kind === 'directory';
    const { target, exists } = this.prepare(source.name, isFolder, destination);
    if (isFolder) {
      if (exists) this.touch(target);
      this.children(source.entry, target, '', undefined);
    } else {
      // --exclude speaks of what is inside a folder, never of a file that is named itself.
      this.leaf(source.entry.node, target);
    }
  }

  /** A folder that is there keeps mode and owner, and takes the time of the copied one. */
  private touch(path: string): void {
    const inode = this.layer.stat(path);
    if (inode.node.kind !== 'directory') throw notAFolder(path);
    inode.node = { ...inode.node, mtime: this.layer.now() };
  }

  /** Makes the folders that are missing, and finds the real path to write to. */
  private prepare(name: string, isFolder: boolean, destination: Destination) {
    const { layer } = this;
    if (destination.isFolder) this.makeFolders(destination.path);
    else if (parentOf(destination.path) !== '/') this.makeFolders(parentOf(destination.path));
    const found = layer.find(destination.path);
    if (found.kind === 'absent') {
      this.makeFolders(isFolder ? found.path : parentOf(found.path));
      return { target: found.path, exists: false };
    }
    if (found.inode.node.kind !== 'directory' || isFolder) return { target: found.path, exists: true };
    return { target: childPath(found.path, name), exists: true };
  }

  private makeFolders(path: string): void {
    makeFoldersOrFail(this.layer, path, this.madeFolder());
  }

  private madeFolder(): { mode: number; uid: number; gid: number | undefined } {
    const { chmod, owner } = this.options;
    return { mode: chmod?.ofMadeFolders ?? 0o755, uid: owner?.uid ?? 0, gid: owner?.gid };
  }

  /** `missing` are the folders on the way that were excluded: they are made for what is taken back in them. */
  private children(
    folder: Entry,
    target: string,
    relative: string,
    matches: ParentMatches | undefined,
    missing: readonly { node: FileSystemNode; path: string }[] = [],
  ): void {
    let open = missing;
    for (const name of [...(folder.children?.keys() ?? [])].sort(compareNames)) {
      const entry = folder.children!.get(name)!;
      const path = relative === '' ? name : `${relative}/${name}`;
      const answer = this.options.excludes.test(path, matches);
      const place = childPath(target, name);
      if (!answer.ignored) {
        for (const parent of open) this.folderOnTheWay(parent.node, parent.path);
        open = [];
        if (entry.node.kind === 'directory') this.folder(entry.node, place);
        else this.leaf(entry.node, place);
      }
      if (entry.node.kind !== 'directory') continue;
      const own = answer.ignored ? [...open, { node: entry.node, path: place }] : [];
      this.children(entry, place, path, answer.matches, own);
    }
  }

  /** One that exists takes the mode of the copied one, and not its owner. */
  private folderOnTheWay(node: FileSystemNode, path: string): void {
    const found = this.layer.find(path, { follow: false });
    if (found.kind === 'absent') this.folder(node, path);
    else if (found.inode.node.kind !== 'directory') throw notAFolder(path);
    else found.inode.node = { ...found.inode.node, mode: node.mode };
  }

  /** A sub folder that exists takes mode and owner of the copied one. */
  private folder(node: FileSystemNode, path: string): void {
    const found = this.layer.find(path, { follow: false });
    if (found.kind === 'present' && found.inode.node.kind !== 'directory') throw notAFolder(path);
    this.layer.place(path, this.adapted(node));
  }

  private leaf(node: FileSystemNode, path: string): void {
    const found = this.layer.find(path, { follow: false });
    if (found.kind === 'present' && found.inode.node.kind === 'directory') {
      throw new BuildError(`cannot replace to directory ${path} with file`);
    }
    const first = this.linked.get(node);
    if (first !== undefined && node.kind !== 'symlink') {
      if (found.kind === 'present') this.layer.unlink(path);
      this.layer.link(first, path);
      return;
    }
    this.layer.place(path, this.adapted(node));
    this.linked.set(node, path);
  }

  /** The node with the owner and the mode that the flags give. */
  private adapted(node: FileSystemNode): FileSystemNode {
    const { owner, chmod, keepsOwners } = this.options;
    const { uid, gid } = owner ?? (keepsOwners ? node : { uid: 0, gid: 0 });
    const mode = node.kind === 'symlink' ? undefined : chmod?.apply(node.mode, node.kind === 'directory');
    return { ...node, uid, gid, mode: mode ?? node.mode };
  }
}

function notAFolder(path: string): BuildError {
  return new BuildError(`cannot copy to non-directory: ${path}`);
}

/** `--parents`: the part of the source that is kept below the destination begins after `/./`. */
export function splitPivot(source: string): { pivot: string; kept: string } {
  const at = source.indexOf('/./');
  return at < 0
    ? { pivot: '/', kept: containerPath(source).slice(1) }
    : { pivot: containerPath(source.slice(0, at)), kept: containerPath(source.slice(at + 3)).slice(1) };
}
