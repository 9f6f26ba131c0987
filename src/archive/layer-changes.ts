import type { Change, FileSystemNode } from '../layers/change';
import type { ArchiveLocation } from '../layers/content';
import { childPath, compareNames, isWithin } from '../layers/path';
import { isReservedMarker, OPAQUE_MARKER, WHITEOUT_PREFIX, whiteoutTarget } from '../layers/whiteout';
import type { ByteFeed } from './byte-feed';
import { ArchiveFault, quoted } from './fault';
import { LayerRows } from './layer-rows';
import { type OrdinaryEntry, type ReadTarOptions, type TarEntry, type TarVisitor, walkTar } from './tar';
import { nodeOf } from './tar-node';

/** The changes of a layer in rows, of which `order` has those that count, sorted by `comparePaths`. */
export interface SortedRows {
  readonly rows: LayerRows;
  readonly order: readonly number[];
}

/**
 * The entries of a layer's tar as changes: https://github.com/opencontainers/image-spec/blob/v1.1.0/layer.md.
 * The contents of files stay where they are, in `archive`. Of several entries for one path the last counts.
 * Whiteouts stay beside entries of the same path, since they speak of lower layers only.
 *
 * Throws `ArchiveFault` for names that lead out of the root and for more names than can be held.
 */
export async function readLayerRows(
  tar: AsyncIterable<Uint8Array> | ByteFeed,
  archive: ArchiveLocation,
  options: Pick<ReadTarOptions, 'signal'> = {},
): Promise<SortedRows> {
  const layer = new LayerVisitor(archive);
  await walkTar(tar, layer, options);
  return layer.collected.sorted();
}

/** The same, a change each. */
export async function readLayerChanges(
  tar: AsyncIterable<Uint8Array> | ByteFeed,
  archive: ArchiveLocation,
  options: Pick<ReadTarOptions, 'signal'> = {},
): Promise<Change[]> {
  return changesOf(await readLayerRows(tar, archive, options), archive);
}

export function changesOf({ rows, order }: SortedRows, archive: ArchiveLocation): Change[] {
  return order.map((row) => rows.changeAt(row, archive));
}

class LayerVisitor implements TarVisitor {
  readonly collected = new CollectedChanges();
  private room = MAX_TEXT;

  constructor(private readonly archive: ArchiveLocation) {}

  ordinary(entry: OrdinaryEntry): void {
    this.count(entry.name.length + entry.linkname.length);
    const path = isPlainName(entry.name) ? plainPath(entry.name) : this.pathIn(entry);
    if (path === undefined) return;
    if (entry.type === 'hardlink') this.collected.link(path, targetOf(entry));
    else this.collected.ordinary(path, entry);
  }

  async entry(entry: TarEntry): Promise<void> {
    this.count(textOf(entry));
    const path = this.pathIn(entry);
    if (path === undefined || entry.type === 'note') return;
    if (entry.type === 'hardlink') this.collected.link(path, targetOf(entry));
    else this.collected.put(path, await nodeOf(entry, this.archive));
  }

  private count(characters: number): void {
    this.room -= characters;
    if (this.room < 0)
      throw new ArchiveFault('refused', `its names and links take more than ${MAX_TEXT} bytes`);
  }

  /** `undefined` for the root and for what is a mark, of which note is taken. */
  private pathIn(entry: Named & { readonly type: TarEntry['type'] }): string | undefined {
    const names = namesInRoot(entry.name, entry);
    if (names.length === 0 || entry.type === 'note') return undefined;
    const mark = markOf(names, entry);
    if (mark === undefined) return pathOf(names);
    if (mark !== 'reserved') this.collected.mark(mark);
    return undefined;
  }
}

interface Named {
  readonly name: string;
}

/** Whether the name has nothing to be cleaned but what stands around it, and marks nothing. */
function isPlainName(name: string): boolean {
  const start = name.startsWith('./') ? 2 : 0;
  if (name.length === start || name.includes('//') || name.includes(WHITEOUT_PREFIX)) return false;
  // A name of dots begins with one, be it the first or behind a slash.
  return name[start] !== '.' && name[start] !== '/' && !HAS_DOTS.test(name);
}

const HAS_DOTS = /\/\.{1,2}(\/|$)/;

function plainPath(name: string): string {
  const end = name.endsWith('/') ? name.length - 1 : name.length;
  return name.startsWith('./') ? name.slice(1, end) : `/${name.slice(0, end)}`;
}

function targetOf(entry: Named & { readonly linkname: string }): string {
  const { linkname } = entry;
  return isPlainName(linkname) ? plainPath(linkname) : pathOf(namesInRoot(linkname, entry));
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
function namesInRoot(path: string, entry: Named): string[] {
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

function markOf(names: readonly string[], entry: Named): Mark | 'reserved' | undefined {
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
  private readonly rows = new LayerRows();
  private readonly puts = new Map<string, number>();
  private readonly marks = new Map<string, number>();
  /** Names that were linked to a path, to find those that lose their file when it is replaced. */
  private readonly linked = new Map<string, string[]>();

  mark({ kind, path }: Mark): void {
    const key = `${kind} ${path}`;
    if (!this.marks.has(key)) this.marks.set(key, this.rows.add(kind, path, '', NO_NUMBERS));
  }

  ordinary(path: string, entry: OrdinaryEntry): void {
    this.release(path, entry.type === 'directory');
    this.puts.set(path, this.rows.add(entry.type, path, entry.linkname, entry));
  }

  put(path: string, node: FileSystemNode): void {
    this.release(path, node.kind === 'directory');
    this.puts.set(path, this.rows.addNode(path, node));
  }

  link(path: string, target: string): void {
    const aim = this.puts.get(target);
    const file = aim !== undefined && this.rows.kind[aim] === 'hardlink' ? this.rows.target[aim]! : target;
    if (path === file) return;
    this.release(path, false);
    this.putLink(path, file);
    const names = this.linked.get(file);
    if (names) names.push(path);
    else this.linked.set(file, [path]);
  }

  private putLink(path: string, target: string): void {
    this.puts.set(path, this.rows.add('hardlink', path, target, NO_NUMBERS));
  }

  /** What unpacking does when an entry takes the place of an earlier one. */
  private release(path: string, forDirectory: boolean): void {
    const before = this.puts.get(path);
    if (before === undefined || this.rows.kind[before] === 'hardlink') return;
    if (!this.rows.isDirectory(before)) this.handOn(path, before);
    else if (!forDirectory) {
      for (const other of [...this.puts.keys()]) {
        if (other !== path && isWithin(other, path)) this.puts.delete(other);
      }
    }
  }

  /** A replaced file lives on under its other names. */
  private handOn(file: string, row: number): void {
    const { kind, target } = this.rows;
    const names = (this.linked.get(file) ?? []).filter((name) => {
      const link = this.puts.get(name);
      return link !== undefined && kind[link] === 'hardlink' && target[link] === file;
    });
    this.linked.delete(file);
    const [first, ...others] = names;
    if (first === undefined) return;
    this.puts.set(first, this.rows.copy(row, first));
    for (const path of others) this.putLink(path, first);
    this.linked.set(first, others);
  }

  sorted(): SortedRows {
    const { path } = this.rows;
    // The sort is stable, so of one path the whiteout comes first.
    const order = [...this.marks.values(), ...this.puts.values()];
    return { rows: this.rows, order: order.sort((a, b) => compareInOrder(path[a]!, path[b]!)) };
  }
}

const NO_NUMBERS = { mode: 0, uid: 0, gid: 0, mtime: 0, size: 0, offset: 0 };

const SLASH = 0x2f;

/** As `comparePaths`, of which it is the same without taking the paths apart: nothing comes before the end of a name. */
function compareInOrder(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  let at = 0;
  while (at < length && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  if (at === length) return a.length - b.length;
  if (a.charCodeAt(at) === SLASH) return -1;
  if (b.charCodeAt(at) === SLASH) return 1;
  return compareNames(a.slice(at, at + 1), b.slice(at, at + 1));
}
