import type { SortedRows } from '../../archive/layer-changes';
import type { LayerRows } from '../../archive/layer-rows';
import type { Change, FileSystemNode } from '../../layers/change';
import type { ArchiveLocation, Content } from '../../layers/content';
import { baseName, isWithin, parentOf } from '../../layers/path';

/** What a row is. `folder` is no change: only a place that others lie in. */
export const KINDS = [
  'folder',
  'file',
  'directory',
  'symlink',
  'character',
  'block',
  'fifo',
  'hardlink',
  'remove',
  'opaque',
] as const;

/**
 * The changes of a layer in columns, a row each, folders before what is in them: plain memory that goes to a file or to
 * another thread as it is.
 */
export interface Columns {
  readonly kind: Uint8Array;
  readonly mode: Uint16Array;
  readonly uid: Uint32Array;
  readonly gid: Uint32Array;
  readonly mtime: Float64Array;
  readonly size: Float64Array;
  /** Of a file's bytes in the uncompressed tar. */
  readonly offset: Float64Array;
  /** The row of the folder, counted from 1; 0 is the root. */
  readonly parent: Uint32Array;
  /** Where the name begins in `text`; the target of a link, if there is one, follows the name. */
  readonly nameAt: Uint32Array;
  readonly targetAt: Uint32Array;
  readonly text: string;
  /** What few entries have, by row. */
  readonly rare: Readonly<Record<number, Rare>>;
}

export interface Rare {
  /** What is no unsigned number of 32 bits. */
  readonly ids?: readonly [uid: number, gid: number];
  readonly xattrs?: Readonly<Record<string, string>>;
  readonly device?: readonly [major: number, minor: number];
  /** Contents that are no slice of the tar; bytes one character each. */
  readonly content?:
    | { readonly kind: 'inline'; readonly bytes: string }
    | { readonly kind: 'zeros'; readonly size: number }
    | { readonly kind: 'placeholder'; readonly size: number; readonly reason: string };
}

const KIND_NUMBER = Object.fromEntries(KINDS.map((kind, index) => [kind, index])) as Record<
  (typeof KINDS)[number],
  number
>;

export function toColumns(changes: readonly Change[]): Columns {
  const table = new ColumnWriter();
  for (const change of changes) table.add(change);
  return table.columns();
}

/** The same of a layer that was just read, without its changes as objects. */
export function rowsToColumns({ rows, order }: SortedRows, archive: ArchiveLocation): Columns {
  const table = new ColumnWriter();
  for (const row of order) {
    const kind = rows.kind[row]!;
    if (kind === 'node' || kind === 'remove' || kind === 'opaque') table.add(rows.changeAt(row, archive));
    else table.ordinary(kind, rows, row);
  }
  return table.columns();
}

class ColumnWriter {
  /** The folders that the last row lies in, and their rows: a layer lists what is in one folder together. */
  private readonly folders: { readonly path: string; readonly row: number }[] = [];
  private readonly numbers: Record<NumberColumn, number[]> = {
    kind: [],
    mode: [],
    uid: [],
    gid: [],
    mtime: [],
    size: [],
    offset: [],
    parent: [],
    nameAt: [],
    targetAt: [],
  };
  private readonly rare: Record<number, Rare> = {};
  private readonly texts: string[] = [];
  private length = 0;
  private count = 0;

  add(change: Change): void {
    switch (change.kind) {
      case 'put':
        this.put(change.path, change.node);
        break;
      case 'hardlink':
        this.row(change.path, 'hardlink', change.target);
        break;
      case 'remove':
        this.row(change.path, 'remove');
        break;
      case 'opaque':
        this.row(change.path, 'opaque');
        break;
      default:
        change satisfies never;
    }
  }

  ordinary(kind: 'file' | 'hardlink' | 'symlink' | 'directory', rows: LayerRows, from: number): void {
    const row = this.row(rows.path[from]!, kind, rows.target[from]!);
    const { mode, uid, gid, mtime, size, offset } = this.numbers;
    mode[row] = rows.mode[from]!;
    uid[row] = rows.uid[from]!;
    gid[row] = rows.gid[from]!;
    mtime[row] = rows.mtime[from]!;
    size[row] = rows.size[from]!;
    offset[row] = kind === 'file' ? rows.offset[from]! : 0;
  }

  private put(path: string, node: FileSystemNode): void {
    const row = this.row(path, node.kind, node.kind === 'symlink' ? node.target : undefined);
    const { mode, uid, gid, mtime, size, offset } = this.numbers;
    mode[row] = node.mode;
    mtime[row] = node.mtime;
    const fits = uid32(node.uid) && uid32(node.gid);
    uid[row] = fits ? node.uid : 0;
    gid[row] = fits ? node.gid : 0;
    if (!fits) this.keep(row, { ids: [node.uid, node.gid] });
    if (node.xattrs) this.keep(row, { xattrs: node.xattrs });
    if (node.kind === 'character' || node.kind === 'block')
      this.keep(row, { device: [node.major, node.minor] });
    if (node.kind !== 'file') return;
    const { content } = node;
    size[row] = content.size;
    if (content.kind === 'archived') offset[row] = content.offset;
    else this.keep(row, { content: rareContent(content) });
  }

  private keep(row: number, more: Rare): void {
    this.rare[row] = { ...this.rare[row], ...more };
  }

  /** The row's index. A folder that the layer has no entry for gets a row of its own. */
  private row(path: string, kind: (typeof KINDS)[number], target = ''): number {
    const parent = this.folder(parentOf(path));
    const row = this.count++;
    const columns = this.numbers;
    columns.kind.push(KIND_NUMBER[kind]);
    columns.mode.push(0);
    columns.uid.push(0);
    columns.gid.push(0);
    columns.mtime.push(0);
    columns.size.push(0);
    columns.offset.push(0);
    columns.parent.push(parent);
    columns.nameAt.push(this.write(baseName(path)));
    columns.targetAt.push(this.write(target));
    if (kind === 'directory' || kind === 'folder' || kind === 'opaque') this.folders.push({ path, row });
    return row;
  }

  /** Of which this is the row, counted from 1. */
  private folder(path: string): number {
    if (path === '/') return 0;
    const { folders } = this;
    for (let last = folders.at(-1); last !== undefined; last = folders.at(-1)) {
      if (last.path === path) return last.row + 1;
      if (isWithin(path, last.path)) break;
      folders.pop();
    }
    return this.row(path, 'folder') + 1;
  }

  private write(text: string): number {
    const at = this.length;
    this.texts.push(text);
    this.length += text.length;
    return at;
  }

  columns(): Columns {
    const of = this.numbers;
    return {
      kind: new Uint8Array(of.kind),
      mode: new Uint16Array(of.mode),
      uid: new Uint32Array(of.uid),
      gid: new Uint32Array(of.gid),
      mtime: new Float64Array(of.mtime),
      size: new Float64Array(of.size),
      offset: new Float64Array(of.offset),
      parent: new Uint32Array(of.parent),
      nameAt: Uint32Array.from([...of.nameAt, this.length]),
      targetAt: new Uint32Array(of.targetAt),
      text: this.texts.join(''),
      rare: this.rare,
    };
  }
}

type NumberColumn = Exclude<keyof Columns, 'text' | 'rare'>;

function uid32(id: number): boolean {
  return Number.isInteger(id) && id >= 0 && id <= 0xffffffff;
}

function rareContent(content: Content): Rare['content'] & {} {
  switch (content.kind) {
    case 'inline':
      return { kind: 'inline', bytes: Buffer.from(content.bytes).toString('latin1') };
    case 'zeros':
      return { kind: 'zeros', size: content.size };
    case 'placeholder':
      return { kind: 'placeholder', size: content.size, reason: content.reason };
    default:
      throw new Error(`Cannot index a layer: a content in it is of the kind ${content.kind}`);
  }
}
