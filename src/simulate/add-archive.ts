import type { ArchiveEntry } from '../archive/archive-entries';
import { PosixError } from '../filesystem/posix';
import type { WritableLayer } from '../filesystem/writable';
import type { FileSystemNode, Metadata } from '../layers/change';
import { baseName, childPath, containerPath, namesOf, parentOf } from '../layers/path';
import type { Owner } from './accounts';
import type { Destination } from './copy';
import { BuildError } from './outcome';

/**
 * Unpacks a tar at the destination of an ADD, entry by entry as the builder does (moby/go-archive): modes come from
 * the archive, owners too unless `--chown` gives another; folders that the archive lacks are 0755 0:0. Only the
 * destination and its missing parents take the `--chown` owner among the made ones. Throws `BuildError`.
 */
export function unpackArchive(
  entries: readonly ArchiveEntry[],
  destination: Destination,
  layer: WritableLayer,
  owner: Owner | undefined,
): void {
  layer.makeFolders(destination.path, { mode: 0o755, uid: owner?.uid ?? 0, gid: owner?.gid });
  new Unpacker(layer, layer.find(destination.path).path, owner).unpack(entries);
}

const MAX_LINKS = 255;

class Unpacker {
  /** Folders get their time last. */
  private readonly folders: { path: string; name: string; mtime: number }[] = [];

  constructor(
    private readonly layer: WritableLayer,
    /** No name of the archive leads out of this folder. */
    private readonly root: string,
    private readonly owner: Owner | undefined,
  ) {}

  unpack(entries: readonly ArchiveEntry[]): void {
    for (const entry of entries) {
      if (entry.kind === 'fault') throw new BuildError(entry.message);
      this.entry(entry);
    }
    for (const { path, name, mtime } of this.folders) {
      try {
        this.layer.setModified(path, mtime);
      } catch (error) {
        throw failure('chtimesat', name, error);
      }
    }
  }

  private entry(entry: Exclude<ArchiveEntry, { kind: 'fault' }>): void {
    const name = cleaned(entry.name);
    if (name === undefined) throw new BuildError(`invalid entry name ${JSON.stringify(entry.name)}`);
    if (name === '') return;
    const path = this.resolve(name);
    const isFolder = entry.kind === 'put' && entry.node.kind === 'directory';
    const found = this.layer.find(path, { follow: false });
    if (found.kind === 'present' && !(isFolder && found.inode.node.kind === 'directory')) {
      this.layer.removeTree(path);
    }
    try {
      this.makeFolders(parentOf(path));
      if (entry.kind === 'hardlink') this.link(entry, path, name);
      else this.put(entry.node, path, name);
    } catch (error) {
      throw failure('openat', name, error);
    }
  }

  /** What the archive lacks: 0755 whatever lies around it, while the group comes from a setgid folder. */
  private makeFolders(path: string): void {
    if (this.layer.find(path).kind === 'present') return;
    this.makeFolders(parentOf(path));
    const made = this.layer.makeFolders(path, { mode: 0o755, uid: 0, gid: undefined });
    made.node = { ...made.node, mode: 0o755 };
  }

  private put(node: FileSystemNode, path: string, name: string): void {
    this.layer.place(path, { ...node, ...this.owner });
    if (node.kind === 'directory') this.folders.push({ path, name, mtime: node.mtime });
  }

  /** The linked file takes what the header of the new name says. */
  private link(
    { target, metadata }: { target: string; metadata: Metadata },
    path: string,
    name: string,
  ): void {
    const original = cleaned(target);
    if (!original) throw new BuildError(`invalid hardlink target ${JSON.stringify(target)}`);
    try {
      this.layer.link(this.resolve(original), path);
    } catch (error) {
      throw failure('linkat', `${target} ${name}`, error);
    }
    const inode = this.layer.stat(path, { follow: false });
    const { uid, gid } = this.owner ?? metadata;
    const isLink = inode.node.kind === 'symlink';
    const { mode, mtime } = isLink ? inode.node : metadata;
    inode.node = { ...inode.node, uid, gid, mode, mtime };
  }

  /**
   * The real place of a name: links in its folders are followed, absolute ones from the root of the archive. A
   * relative one may not lead out of it. What is missing is kept for the folders to be made.
   */
  private resolve(name: string): string {
    const names = namesOf(parentOf(`/${name}`));
    let path = this.root;
    let rooted = false;
    for (let links = 0; names.length > 0; ) {
      const next = names.shift()!;
      if (next === '..' && path === this.root && !rooted)
        throw new BuildError(`statat ${name}: path escapes from parent`);
      if (next === '..') path = path === this.root ? path : parentOf(path);
      if (next === '..' || next === '.' || next === '') continue;
      const found = this.layer.find(childPath(path, next), { follow: false });
      const node = found.kind === 'present' ? found.inode.node : undefined;
      if (node?.kind !== 'symlink') path = childPath(path, next);
      else if (++links > MAX_LINKS) throw new BuildError(`${name}: too many links`);
      else {
        rooted ||= node.target.startsWith('/');
        if (node.target.startsWith('/')) path = this.root;
        names.unshift(...node.target.split('/'));
      }
      if (node && node.kind !== 'directory' && node.kind !== 'symlink')
        throw new BuildError(`openat ${name}: not a directory`);
    }
    return childPath(path, baseName(`/${name}`));
  }
}

/** Without `.` and doubled slashes; `undefined` for a name that leads out of the archive, empty for its root. */
function cleaned(name: string): string | undefined {
  let depth = 0;
  for (const part of name.split('/')) {
    if (part === '..') depth--;
    else if (part !== '' && part !== '.') depth++;
    if (depth < 0) return undefined;
  }
  return containerPath(name).slice(1);
}

function failure(call: string, what: string, error: unknown): unknown {
  if (!(error instanceof PosixError)) return error;
  return new BuildError(`${call} ${what}: ${error.reason.toLowerCase()}`);
}
