import type { Change, HardlinkChange, PutChange } from '../layers/change';
import type { ArchiveLocation } from '../layers/content';
import { childPath, compareNames, isWithin } from '../layers/path';
import { isReservedMarker, OPAQUE_MARKER, whiteoutTarget } from '../layers/whiteout';
import { ArchiveFault, quoted } from './fault';
import type { TarEntry } from './tar';
import { nodeOf } from './tar-node';

/**
 * The entries of a layer's tar as changes, sorted by `comparePaths`: https://github.com/opencontainers/image-spec/blob/v1.1.0/layer.md.
 * The contents of files stay where they are, in `archive`. Of several entries for one path the last counts.
 * Whiteouts stay beside entries of the same path, since they speak of lower layers only.
 *
 * Throws `ArchiveFault` for names that lead out of the root and for more names than can be held.
 */
export async function readLayerChanges(
  entries: AsyncIterable<TarEntry>,
  archive: ArchiveLocation,
): Promise<Change[]> {
  const collected = new CollectedChanges();
  let room = MAX_TEXT;
  for await (const entry of entries) {
    room -= textOf(entry);
    if (room < 0) throw new ArchiveFault('refused', `its names and links take more than ${MAX_TEXT} bytes`);
    const names = namesInRoot(entry.name, entry);
    if (names.length === 0 || entry.type === 'note') continue;
    const mark = markOf(names, entry);
    if (mark === 'reserved') continue;
    if (mark) collected.mark(mark);
    else if (entry.type === 'hardlink') {
      collected.link(pathOf(names), pathOf(namesInRoot(entry.linkname, entry)));
    } else collected.put({ kind: 'put', path: pathOf(names), node: await nodeOf(entry, archive) });
  }
  return collected.sorted();
}

/** Millions of the longest names would fill the memory, though they compress to nothing. */
const MAX_TEXT = 256 * 1024 * 1024;
/** PATH_MAX of Linux: nobody can make a longer one. */
const MAX_PATH = 4096;

function textOf(entry: TarEntry): number {
  for (const text of [entry.name, entry.linkname]) {
    if (text.length > MAX_PATH) {
      throw new ArchiveFault(
        'refused',
        `entry ${quoted(entry.name)} has a name or link of ${text.length} bytes`,
      );
    }
  }
  let total = entry.name.length + entry.linkname.length;
  for (const value of Object.values(entry.xattrs ?? {})) total += value.length;
  return total;
}

function pathOf(names: readonly string[]): string {
  return `/${names.join('/')}`;
}

/** The cleaned names of a path in the archive, whose root is the container's. */
function namesInRoot(path: string, entry: TarEntry): string[] {
  const names: string[] = [];
  for (const name of path.split('/')) {
    if (name === '' || name === '.') continue;
    if (name !== '..') names.push(name);
    else if (names.pop() === undefined) {
      throw new ArchiveFault(
        'refused',
        `entry ${quoted(entry.name)} leads out of the root by ${quoted(path)}`,
      );
    }
  }
  return names;
}

type Mark = { readonly kind: 'remove' | 'opaque'; readonly path: string };

function markOf(names: readonly string[], entry: TarEntry): Mark | 'reserved' | undefined {
  const name = names.at(-1)!;
  const folder = pathOf(names.slice(0, -1));
  if (name === OPAQUE_MARKER) return { kind: 'opaque', path: folder };
  if (names.some(isReservedMarker)) return 'reserved';
  const target = whiteoutTarget(name);
  if (target === undefined) return undefined;
  if (target === '.' || target === '..') {
    throw new ArchiveFault('refused', `entry ${quoted(entry.name)} is a whiteout of no name`);
  }
  return { kind: 'remove', path: childPath(folder, target) };
}

class CollectedChanges {
  private readonly puts = new Map<string, PutChange | HardlinkChange>();
  private readonly marks = new Map<string, Mark>();
  /** Names that were linked to a path, to find those that lose their file when it is replaced. */
  private readonly linked = new Map<string, string[]>();

  mark(mark: Mark): void {
    this.marks.set(`${mark.kind} ${mark.path}`, mark);
  }

  put(change: PutChange): void {
    const before = this.puts.get(change.path);
    if (before) this.release(before, change.node.kind === 'directory');
    this.puts.set(change.path, change);
  }

  link(path: string, target: string): void {
    const aim = this.puts.get(target);
    const file = aim?.kind === 'hardlink' ? aim.target : target;
    if (path === file) return;
    const before = this.puts.get(path);
    if (before) this.release(before, false);
    this.puts.set(path, { kind: 'hardlink', path, target: file });
    const names = this.linked.get(file);
    if (names) names.push(path);
    else this.linked.set(file, [path]);
  }

  /** What unpacking does when an entry takes the place of an earlier one. */
  private release(before: PutChange | HardlinkChange, forDirectory: boolean): void {
    if (before.kind === 'hardlink') return;
    if (before.node.kind !== 'directory') this.handOn(before);
    else if (!forDirectory) {
      for (const path of [...this.puts.keys()]) {
        if (path !== before.path && isWithin(path, before.path)) this.puts.delete(path);
      }
    }
  }

  /** A replaced file lives on under its other names. */
  private handOn(file: PutChange): void {
    const names = (this.linked.get(file.path) ?? []).filter((name) => {
      const link = this.puts.get(name);
      return link?.kind === 'hardlink' && link.target === file.path;
    });
    this.linked.delete(file.path);
    const [first, ...others] = names;
    if (first === undefined) return;
    this.puts.set(first, { ...file, path: first });
    for (const path of others) this.puts.set(path, { kind: 'hardlink', path, target: first });
    this.linked.set(first, others);
  }

  sorted(): Change[] {
    // With the lowest of all characters between the names, the order of texts is that of `comparePaths`.
    const keyed = [...this.marks.values(), ...this.puts.values()].map((change: Change) => ({
      change,
      key: change.path.replaceAll('/', '\0'),
    }));
    // The sort is stable, so of one path the whiteout comes first.
    return keyed.sort((a, b) => compareNames(a.key, b.key)).map(({ change }) => change);
  }
}
