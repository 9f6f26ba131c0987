import type { Change, FileSystemNode } from '../layers/change';
import type { ArchiveLocation } from '../layers/content';
import type { OrdinaryEntry } from './ordinary-header';

/** What a row puts at its path, or hides there. */
export type RowKind = OrdinaryEntry['type'] | 'node' | 'remove' | 'opaque';

/**
 * The changes of a layer while they are gathered: a row each, numbers in lists of their own, so that a hundred thousand
 * entries are no objects. Of what is more than an ordinary header `nodes` has the node.
 */
export class LayerRows {
  readonly kind: RowKind[] = [];
  readonly path: string[] = [];
  /** Of links. */
  readonly target: string[] = [];
  readonly mode: number[] = [];
  readonly uid: number[] = [];
  readonly gid: number[] = [];
  readonly mtime: number[] = [];
  readonly size: number[] = [];
  readonly offset: number[] = [];
  readonly nodes = new Map<number, FileSystemNode>();

  /** A row of numbers; its place is returned. */
  add(kind: RowKind, path: string, target: string, entry: Omit<OrdinaryEntry, 'type' | 'name' | 'linkname'>) {
    this.path.push(path);
    this.target.push(target);
    this.mode.push(entry.mode);
    this.uid.push(entry.uid);
    this.gid.push(entry.gid);
    this.mtime.push(entry.mtime);
    this.size.push(entry.size);
    this.offset.push(entry.offset);
    return this.kind.push(kind) - 1;
  }

  addNode(path: string, node: FileSystemNode): number {
    const row = this.add('node', path, '', NOTHING);
    this.nodes.set(row, node);
    return row;
  }

  /** The same under another path. */
  copy(row: number, path: string): number {
    const node = this.nodes.get(row);
    if (node) return this.addNode(path, node);
    const numbers = { mode: this.mode[row]!, uid: this.uid[row]!, gid: this.gid[row]! };
    const place = { mtime: this.mtime[row]!, size: this.size[row]!, offset: this.offset[row]! };
    return this.add(this.kind[row]!, path, this.target[row]!, { ...numbers, ...place });
  }

  isDirectory(row: number): boolean {
    const kind = this.kind[row]!;
    return kind === 'directory' || (kind === 'node' && this.nodes.get(row)!.kind === 'directory');
  }

  changeAt(row: number, archive: ArchiveLocation): Change {
    const [kind, path] = [this.kind[row]!, this.path[row]!];
    if (kind === 'remove' || kind === 'opaque') return { kind, path };
    if (kind === 'hardlink') return { kind, path, target: this.target[row]! };
    return { kind: 'put', path, node: this.nodes.get(row) ?? this.ordinaryNode(row, archive) };
  }

  private ordinaryNode(row: number, archive: ArchiveLocation): FileSystemNode {
    const kind = this.kind[row] as 'file' | 'directory' | 'symlink';
    const [mode, uid, gid] = [this.mode[row]!, this.uid[row]!, this.gid[row]!];
    const metadata = { mode, uid, gid, mtime: this.mtime[row]! };
    if (kind === 'directory') return { kind, ...metadata };
    if (kind === 'symlink') return { kind, ...metadata, target: this.target[row]! };
    const [offset, size] = [this.offset[row]!, this.size[row]!];
    return { kind, ...metadata, content: { kind: 'archived', archive, offset, size } };
  }
}

const NOTHING = { mode: 0, uid: 0, gid: 0, mtime: 0, size: 0, offset: 0 };
