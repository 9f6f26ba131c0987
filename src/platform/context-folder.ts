import { closeSync, lstatSync, openSync, readdirSync, readFileSync, readlinkSync, type Stats } from 'node:fs';
import path from 'node:path';
import type { ContextEntry, ContextFolder } from '../context/build-context';
import type { FileSystemNode } from '../layers/change';
import type { Content } from '../layers/content';

/** A listing is looked over again when it is older than this. */
const TRUSTED_FOR = 1000;

export interface HostContextFolder extends ContextFolder {
  /** Whether all that was listed and read is still as it was, as far as names, sizes, times and modes tell. */
  isCurrent(): boolean;
}

/** A build context on this machine's disk. `root` is an absolute path. */
export function contextFolderOnDisk(root: string): HostContextFolder {
  /** What each place that was looked at was like: `stamp` of its stat. */
  const seen = new Map<string, string>();
  let checked = Date.now();

  const hasModes = process.platform !== 'win32';
  /** Names of one inode hold one node, so that hard links stay hard links. */
  const inodes = new Map<string, FileSystemNode>();

  function read(file: string): FileSystemNode | undefined {
    const stats = lstatSync(file);
    if (!stats.isDirectory()) seen.set(file, stamp(stats));
    if (stats.nlink < 2 || stats.isDirectory()) return nodeOf(file, stats, hasModes);
    const inode = `${stats.dev}:${stats.ino}`;
    const node = inodes.get(inode) ?? nodeOf(file, stats, hasModes);
    if (node) inodes.set(inode, node);
    return node;
  }

  return {
    hasModes,
    list(relative) {
      const folder = path.join(root, relative);
      seen.set(folder, stampAt(folder));
      const entries: ContextEntry[] = [];
      for (const name of namesIn(folder)) {
        try {
          const node = read(path.join(folder, name));
          if (node) entries.push({ name, node });
        } catch (error) {
          // Gone since the folder was listed: the builder does not send it either.
          requireAbsent(error, path.join(folder, name));
        }
      }
      return entries;
    },
    text(relative) {
      const file = path.join(root, relative);
      seen.set(file, stampAt(file));
      try {
        return readFileSync(file, 'utf8');
      } catch (error) {
        requireAbsent(error, file);
        return undefined;
      }
    },
    isCurrent() {
      if (Date.now() - checked < TRUSTED_FOR) return true;
      checked = Date.now();
      for (const [place, known] of seen) if (stampAt(place) !== known) return false;
      return true;
    },
  };
}

function stamp({ mtimeMs, size, mode, ino }: Stats): string {
  return `${mtimeMs} ${size} ${mode} ${ino}`;
}

function stampAt(file: string): string {
  try {
    return stamp(lstatSync(file));
  } catch {
    return 'gone';
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    requireAbsent(error, folder);
    return [];
  }
}

/** What is there and cannot be read fails a build; to take it for absent would make wrong layers. */
function requireAbsent(error: unknown, file: string): void {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR' || code === 'ELOOP') return;
  const cause = code === 'EACCES' || code === 'EPERM' ? 'permission denied' : (code ?? String(error));
  throw new Error(`Cannot read "${file}" in the build context: ${cause}`, { cause: error });
}

/** A file that is not ours to read stops a build that copies it, and only such a build. */
function contentAt(file: string, { mode, size }: Stats, hasModes: boolean): Content {
  const mayBeClosed = hasModes && (mode & 0o444) !== 0o444;
  if (!mayBeClosed || isReadable(file)) return { kind: 'file', file, size };
  return {
    kind: 'placeholder',
    size,
    reason: `the build fails: "${file}" in the build context cannot be read: permission denied`,
  };
}

function isReadable(file: string): boolean {
  try {
    closeSync(openSync(file, 'r'));
    return true;
  } catch {
    return false;
  }
}

/** Owners of a context count for nothing, so all is 0:0. Sockets are left out. */
function nodeOf(file: string, stats: Stats, hasModes: boolean): FileSystemNode | undefined {
  const mode = hasModes ? stats.mode & 0o7777 : 0o755;
  const metadata = { mode, uid: 0, gid: 0, mtime: stats.mtimeMs / 1000 };
  if (stats.isFile()) return { kind: 'file', content: contentAt(file, stats, hasModes), ...metadata };
  if (stats.isDirectory()) return { kind: 'directory', ...metadata };
  if (stats.isSymbolicLink())
    return { kind: 'symlink', target: readlinkSync(file), ...metadata, mode: 0o777 };
  if (stats.isFIFO()) return { kind: 'fifo', ...metadata };
  if (!stats.isCharacterDevice() && !stats.isBlockDevice()) return undefined;
  const [major, minor] = [(stats.rdev >> 8) & 0xfff, (stats.rdev & 0xff) | ((stats.rdev >> 12) & 0xfff00)];
  return { kind: stats.isBlockDevice() ? 'block' : 'character', major, minor, ...metadata };
}
