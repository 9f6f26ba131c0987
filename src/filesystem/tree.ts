import type { FileSystemNode } from '../layers/change';
import type { Layer, OpenRegion, PutRows } from '../layers/layer';
import { baseName, containerPath, isOfPlace, isWithin, parentOf } from '../layers/path';
import { type Walkable, walk } from './walk';

/** A name in the union: what is there, which layer put it there, and what it hides. */
export interface Entry {
  readonly node: FileSystemNode;
  /** Index into `FileSystem.layers`; -1 is the root, which no layer puts. */
  readonly layer: number;
  /** What the next older layer holds at this path. */
  readonly hides?: Entry | undefined;
  /** Directories only. */
  readonly children?: ReadonlyMap<string, Entry> | undefined;
}

/** A folder about which something is not known unless layer `layer` or a later one put it there, but for the places in `except`. */
export interface Doubt {
  readonly path: string;
  readonly reason: string;
  readonly layer: number;
  readonly except: readonly string[];
}

/**
 * What a look-up finds. `path` is the real path, without links in its folders. Absence and presence may both be
 * in doubt: `unknown` is an entry that may or may not be there, `present` with `doubt` one that a layer above may
 * have changed or removed.
 */
export type Lookup =
  | { readonly kind: 'present'; readonly path: string; readonly entry: Entry; readonly doubt?: Doubt }
  | {
      readonly kind: 'absent';
      readonly path: string;
      readonly why: 'missing' | 'not a directory' | 'link loop';
    }
  | { readonly kind: 'unknown'; readonly path: string; readonly doubt: Doubt };

const ROOT: Entry = {
  node: { kind: 'directory', mode: 0o755, uid: 0, gid: 0, mtime: 0 },
  layer: -1,
  children: new Map(),
};

/**
 * The union of a stack of layers, an immutable value: `with` gives the next one, which shares every directory
 * that the new layer leaves alone.
 */
export class FileSystem {
  static readonly empty = new FileSystem(ROOT, [], []);

  /** A tree that no layers make, such as a build context. */
  static over(root: Entry): FileSystem {
    return new FileSystem(root, [], []);
  }

  private constructor(
    readonly root: Entry,
    /** Oldest first. */
    readonly layers: readonly Layer[],
    readonly doubts: readonly Doubt[],
  ) {}

  /** The file system with one more layer on top. */
  with(layer: Layer): FileSystem {
    const stack = new LayerStacking(this.root, this.layers.length);
    const { rows } = layer;
    const others = rows ? rows.others : layer.changes;
    // A whiteout hides lower layers only, wherever it stands in the archive, so removals go before the entries
    // of the same layer.
    for (const change of others) {
      if (change.kind === 'remove') stack.remove(change.path);
      if (change.kind === 'opaque') stack.empty(change.path);
    }
    if (rows) stack.putRows(rows);
    else
      for (const change of layer.changes) {
        if (change.kind === 'put') stack.put(change.path, change.node);
      }
    // A hard link may name a file that sorts after it.
    for (const change of others) {
      if (change.kind === 'hardlink') stack.link(change.path, change.target);
    }
    return new FileSystem(stack.root, [...this.layers, layer], this.doubtsWith(layer));
  }

  private doubtsWith(layer: Layer): Doubt[] {
    const kept = this.doubts
      .filter((doubt) => !layer.closes.some((place) => isOfPlace(doubt.path, place)))
      .map((doubt) => {
        const except = layer.closes.filter((path) => isWithin(path, doubt.path));
        return except.length === 0 ? doubt : { ...doubt, except: [...doubt.except, ...except] };
      });
    const since = (index: number) => (region: OpenRegion) => ({ except: [], ...region, layer: index });
    const opened = layer.openRegions.map(since(this.layers.length));
    // Only what a later layer puts there is certain.
    const guessed = (layer.guesses ?? []).map(since(this.layers.length + 1));
    return [...kept, ...opened, ...guessed];
  }

  /** Finds `path`, through links on the way; a link at the end is followed unless `follow` is false. */
  lookup(path: string, options: { follow?: boolean } = {}): Lookup {
    const found = walk(walkEntries(this.root), path, options.follow ?? true);
    if (found.kind === 'present') {
      const { path: real, at: entry } = found;
      const doubt = this.doubtAt(real, entry.layer);
      return doubt ? { kind: 'present', path: real, entry, doubt } : { kind: 'present', path: real, entry };
    }
    const doubt = found.why === 'missing' ? this.doubtAt(found.path) : undefined;
    if (doubt) return { kind: 'unknown', path: found.path, doubt };
    return { kind: 'absent', path: found.path, why: found.why };
  }

  /** The newest doubt about `path`; with `layer`, only one that came with that layer's entry in place or later. */
  doubtAt(path: string, layer = Number.NEGATIVE_INFINITY): Doubt | undefined {
    if (path === '/') return undefined;
    for (let index = this.doubts.length - 1; index >= 0; index--) {
      const doubt = this.doubts[index]!;
      if (doubt.layer <= layer) continue;
      if (isWithin(path, doubt.path) && !doubt.except.some((place) => isOfPlace(path, place))) return doubt;
    }
    return undefined;
  }
}

function walkEntries(root: Entry): Walkable<Entry> {
  return { root, node: (at) => at.node, child: (at, name) => at.children?.get(name) };
}

function loopAt(path: string): Error {
  return new Error(`Cannot place "${path}": its folder is a loop of symbolic links`);
}

/** Puts one layer on a tree, copying the directories on the way to each change once. */
class LayerStacking {
  root: Entry;
  private readonly owned = new Set<Entry>();
  /** The tree as a walk sees it that makes every folder on its way ours. */
  private readonly tree: Walkable<Entry>;
  /** The folder of the last change, unless links lead to it: a layer lists the entries of one folder together. */
  private last: { readonly path: string; readonly folder: Entry } | undefined;

  constructor(
    root: Entry,
    private readonly layer: number,
  ) {
    this.root = this.own(root);
    this.tree = {
      root: this.root,
      node: (at) => at.node,
      child: (at, name) => {
        const child = at.children?.get(name);
        return child?.node.kind === 'directory' ? this.set(at, name, this.own(child)) : child;
      },
    };
  }

  private own(directory: Entry): Entry {
    if (this.owned.has(directory)) return directory;
    const copy: Entry = { ...directory, children: new Map(directory.children) };
    this.owned.add(copy);
    return copy;
  }

  private set(folder: Entry, name: string, entry: Entry): Entry {
    (folder.children as Map<string, Entry>).set(name, entry);
    return entry;
  }

  /** The folder at `path`, ours to change, through links; made with 0755 0:0 where the layer leaves it out. */
  private folder(path: string, options: { make: boolean }): Entry | undefined {
    if (this.last?.path === path) return this.last.folder;
    for (;;) {
      const found = walk(this.tree, path, true);
      if (found.kind === 'present') {
        const folder = found.at.node.kind === 'directory' ? found.at : undefined;
        this.last = folder && found.path === path ? { path, folder } : undefined;
        return folder;
      }
      if (!options.make || found.why === 'link loop') return undefined;
      if (found.why === 'not a directory') {
        // The layer has entries below a file of a lower layer, so its archive left out the folder that replaces it.
        this.set(
          this.folder(parentOf(found.atPath), options)!,
          baseName(found.atPath),
          this.newFolder(found.at),
        );
      } else {
        this.set(found.at, found.names[0]!, this.newFolder(undefined));
      }
    }
  }

  private newFolder(hides: Entry | undefined): Entry {
    const node: FileSystemNode = { kind: 'directory', mode: 0o755, uid: 0, gid: 0, mtime: 0 };
    const entry: Entry = { node, layer: this.layer, hides, children: new Map() };
    this.owned.add(entry);
    return entry;
  }

  /** Something else is at `path` now, so that a path through it leads elsewhere. */
  private forget(path: string): void {
    if (this.last && isWithin(this.last.path, path)) this.last = undefined;
  }

  remove(path: string): void {
    this.forget(path);
    const folder = this.folder(parentOf(path), { make: false });
    (folder?.children as Map<string, Entry> | undefined)?.delete(baseName(path));
  }

  empty(path: string): void {
    const folder = this.folder(path, { make: false });
    (folder?.children as Map<string, Entry> | undefined)?.clear();
  }

  put(path: string, node: FileSystemNode): void {
    const folder = this.folder(parentOf(path), { make: true });
    if (!folder) throw loopAt(path);
    this.forget(path);
    this.place(folder, baseName(path), node);
  }

  /** All that the rows put, each into the folder that its row was found or put at. */
  putRows(rows: PutRows): void {
    const folders = new Map<number, Entry>();
    for (let row = 0; row < rows.count; row++) {
      const node = rows.node(row);
      if (!node) continue;
      const parent = rows.parent(row);
      let folder: Entry | undefined = parent === 0 ? this.root : folders.get(parent);
      if (!folder) {
        const path = rows.path(parent - 1);
        this.last = undefined;
        folder = this.folder(path, { make: true });
        if (!folder) throw loopAt(rows.path(row));
        if (this.isAt(path)) folders.set(parent, folder);
      }
      const entry = this.place(folder, rows.name(row), node);
      // Where a link led, what is put may take the place of a folder that was found before, or of the link itself.
      if (!folders.has(parent) && parent !== 0) folders.clear();
      else if (node.kind === 'directory') folders.set(row + 1, entry);
    }
    this.last = undefined;
  }

  /** Whether the folder that was found last lies at this path without a link on the way. */
  private isAt(path: string): boolean {
    return this.last?.path === path;
  }

  private place(folder: Entry, name: string, node: FileSystemNode): Entry {
    const below = folder.children!.get(name);
    // Two entries of one path in one layer: the later one counts, and both hide what lower layers hold.
    const hides = below?.layer === this.layer ? below.hides : below;
    if (node.kind !== 'directory') return this.set(folder, name, { node, layer: this.layer, hides });
    const children = new Map(below?.node.kind === 'directory' ? below.children : undefined);
    const entry = this.set(folder, name, { node, layer: this.layer, hides, children });
    this.owned.add(entry);
    return entry;
  }

  link(path: string, target: string): void {
    const folder = this.folder(parentOf(target), { make: false });
    const original = folder?.children?.get(baseName(target));
    if (original) this.put(path, original.node);
  }
}

/** The layers that put something at `path` or hide it, newest first. */
export function historyOf(fileSystem: FileSystem, path: string): { layer: number; change: string }[] {
  const wanted = containerPath(path);
  const found: { layer: number; change: string }[] = [];
  for (let layer = fileSystem.layers.length - 1; layer >= 0; layer--) {
    for (const change of fileSystem.layers[layer]!.changes) {
      const hidesIt = change.kind === 'remove' && isWithin(wanted, change.path);
      const emptiesIt = change.kind === 'opaque' && wanted !== change.path && isWithin(wanted, change.path);
      if (change.path === wanted || hidesIt || emptiesIt) found.push({ layer, change: change.kind });
    }
  }
  return found;
}
