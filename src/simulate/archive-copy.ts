import type { ArchiveEntry } from '../archive/archive-entries';
import type { Entry } from '../filesystem/tree';
import type { WritableLayer } from '../filesystem/writable';
import type { FileSystemNode } from '../layers/change';
import { childPath, compareNames, parentOf } from '../layers/path';
import type { Owner } from './accounts';
import { unpackArchive } from './add-archive';
import type { Destination } from './copy';
import type { Picked } from './copy-sources';
import { makeFoldersOrFail } from './make-folders';

const ROOT_FOLDER = { mode: 0o755, uid: 0, gid: 0 };

/**
 * Copies one source as the classic builder does, which packs it into an archive and unpacks that: whatever is in the
 * way of an entry goes, except a folder for a folder. Without `owner` the copy keeps its owners.
 */
export function copyThroughArchive(
  source: Picked,
  destination: Destination,
  layer: WritableLayer,
  owner: Owner | undefined,
): void {
  const copier = new ArchiveCopier(layer, owner);
  const found = layer.find(destination.path);
  if (source.entry.node.kind === 'directory') copier.folder(source.entry, found.path);
  else {
    const isInside =
      destination.isFolder || (found.kind === 'present' && found.inode.node.kind === 'directory');
    copier.file(
      source.entry.node,
      isInside && source.name !== '.' ? childPath(found.path, source.name) : found.path,
    );
  }
}

/** Unpacks the archive of an ADD: its owners stay, whatever `--chown` says. */
export function unpackThroughArchive(
  entries: readonly ArchiveEntry[],
  destination: Destination,
  layer: WritableLayer,
): void {
  makeFoldersOrFail(layer, destination.path, ROOT_FOLDER);
  unpackArchive(entries, destination, layer, undefined);
  touchFolder(layer, destination.path);
}

class ArchiveCopier {
  private readonly linked = new Map<FileSystemNode, string>();

  constructor(
    private readonly layer: WritableLayer,
    private readonly owner: Owner | undefined,
  ) {}

  /** The folder that is made takes the owner; those on the way to it are root's. */
  folder(source: Entry, path: string): void {
    const isNew = this.layer.find(path).kind === 'absent';
    makeFoldersOrFail(this.layer, path, ROOT_FOLDER);
    this.children(source, path);
    touchFolder(this.layer, path);
    if (isNew) this.own(path);
  }

  private children(folder: Entry, path: string): void {
    const names = [...(folder.children?.keys() ?? [])].sort(compareNames);
    for (const name of names) {
      const entry = folder.children!.get(name)!;
      const place = childPath(path, name);
      const first = this.linked.get(entry.node);
      if (first !== undefined && entry.node.kind !== 'symlink') this.link(first, place);
      else this.put(entry.node, place);
      this.linked.set(entry.node, place);
      if (entry.node.kind === 'directory') this.children(entry, place);
      this.own(place);
    }
  }

  /** All folders that are missing on the way to a file take the owner. */
  file(node: FileSystemNode, path: string): void {
    makeFoldersOrFail(this.layer, parentOf(path), { mode: 0o755, uid: 0, gid: undefined, ...this.owner });
    this.put(node, path);
    touchFolder(this.layer, parentOf(path));
    this.own(path);
  }

  put(node: FileSystemNode, path: string): void {
    const found = this.layer.find(path, { follow: false });
    const isMerged =
      found.kind === 'present' && found.inode.node.kind === 'directory' && node.kind === 'directory';
    if (found.kind === 'present' && !isMerged) this.layer.removeTree(path);
    this.layer.place(path, node);
  }

  link(first: string, path: string): void {
    if (this.layer.find(path, { follow: false }).kind === 'present') this.layer.removeTree(path);
    this.layer.link(first, path);
  }

  /** The owner is given afterwards, which takes setuid and setgid bits off files, as the kernel has it. */
  private own(path: string): void {
    if (!this.owner) return;
    this.layer.chown(path, this.owner.uid, this.owner.gid, { follow: false });
    const inode = this.layer.stat(path, { follow: false });
    if (inode.node.xattrs) this.layer.setXattrs(inode, withoutCapability(inode.node.xattrs));
  }
}

function withoutCapability(xattrs: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(xattrs).filter(([name]) => name !== 'security.capability'));
}

/** Unpacking works in a root of its own, which leaves a trace in the time of the folder. */
function touchFolder(layer: WritableLayer, path: string): void {
  const inode = layer.stat(path);
  inode.node = { ...inode.node, mtime: layer.now() };
}
