import type { Change, FileSystemNode, Metadata } from '../../layers/change';
import type { ArchiveLocation, Content } from '../../layers/content';
import { baseName, parentOf } from '../../layers/path';

/** What a row is. `folder` is no change: only a place that others lie in. */
const KINDS = [
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

interface Rare {
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

export function toColumns(changes: readonly Change[]): Columns {
  const table = new ColumnWriter();
  for (const change of changes) table.add(change);
  return table.columns();
}

class ColumnWriter {
  private readonly rows = new Map<string, number>([['/', 0]]);
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
  private row(path: string, kind: (typeof KINDS)[number], target?: string): number {
    const parent = this.folder(parentOf(path));
    const row = this.count++;
    const columns = this.numbers;
    columns.kind.push(KINDS.indexOf(kind));
    for (const column of [
      columns.mode,
      columns.uid,
      columns.gid,
      columns.mtime,
      columns.size,
      columns.offset,
    ])
      column.push(0);
    columns.parent.push(parent);
    columns.nameAt.push(this.write(baseName(path)));
    columns.targetAt.push(this.write(target ?? ''));
    if (kind === 'directory' || kind === 'folder' || kind === 'opaque') this.rows.set(path, row + 1);
    return row;
  }

  private folder(path: string): number {
    return this.rows.get(path) ?? this.row(path, 'folder') + 1;
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
      kind: Uint8Array.from(of.kind),
      mode: Uint16Array.from(of.mode),
      uid: Uint32Array.from(of.uid),
      gid: Uint32Array.from(of.gid),
      mtime: Float64Array.from(of.mtime),
      size: Float64Array.from(of.size),
      offset: Float64Array.from(of.offset),
      parent: Uint32Array.from(of.parent),
      nameAt: Uint32Array.from([...of.nameAt, this.length]),
      targetAt: Uint32Array.from(of.targetAt),
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

/** The changes again, their contents in `archive`. */
export function fromColumns(columns: Columns, archive: ArchiveLocation): Change[] {
  const { kind, parent, nameAt, targetAt, text } = columns;
  const changes: Change[] = [];
  const paths: string[] = ['', ...new Array<string>(kind.length)];
  for (let row = 0; row < kind.length; row++) {
    const path = `${paths[parent[row]!]}/${text.slice(nameAt[row]!, targetAt[row]!)}`;
    paths[row + 1] = path;
    const name = KINDS[kind[row]!]!;
    const target = () => text.slice(targetAt[row]!, nameAt[row + 1]!);
    if (name === 'folder') continue;
    if (name === 'hardlink') changes.push({ kind: name, path, target: target() });
    else if (name === 'remove' || name === 'opaque') changes.push({ kind: name, path: path });
    else changes.push({ kind: 'put', path, node: nodeAt(columns, row, name, { target, archive }) });
  }
  return changes;
}

function nodeAt(
  { mode, uid, gid, mtime, size, offset, rare }: Columns,
  row: number,
  kind: FileSystemNode['kind'],
  { target, archive }: { target: () => string; archive: ArchiveLocation },
): FileSystemNode {
  const metadata = { mode: mode[row]!, uid: uid[row]!, gid: gid[row]!, mtime: mtime[row]! };
  const seldom = rare[row];
  if (seldom)
    return rareNode(metadata, kind, seldom, { target, archive, size: size[row]!, offset: offset[row]! });
  // Written out without spreads: this runs for every entry of every layer.
  if (kind === 'file') {
    const content: Content = { kind: 'archived', archive, offset: offset[row]!, size: size[row]! };
    return { kind, mode: mode[row]!, uid: uid[row]!, gid: gid[row]!, mtime: mtime[row]!, content };
  }
  if (kind === 'symlink') return { kind, ...metadata, target: target() };
  if (kind === 'directory' || kind === 'fifo') return { kind, ...metadata };
  throw new Error('Cannot read the index of a layer: a device has no numbers');
}

function rareNode(
  plain: Metadata,
  kind: FileSystemNode['kind'],
  { ids, xattrs, device, content }: Rare,
  entry: { target: () => string; archive: ArchiveLocation; size: number; offset: number },
): FileSystemNode {
  const metadata: Metadata = {
    ...plain,
    ...(ids && { uid: ids[0], gid: ids[1] }),
    ...(xattrs && { xattrs }),
  };
  switch (kind) {
    case 'file': {
      const { archive, offset, size } = entry;
      return {
        kind,
        ...metadata,
        content: content ? usualContent(content) : { kind: 'archived', archive, offset, size },
      };
    }
    case 'symlink':
      return { kind, ...metadata, target: entry.target() };
    case 'character':
    case 'block':
      return { kind, ...metadata, major: device![0], minor: device![1] };
    default:
      return { kind, ...metadata };
  }
}

function usualContent(content: Rare['content'] & {}): Content {
  if (content.kind !== 'inline') return content;
  const bytes = new Uint8Array(Buffer.from(content.bytes, 'latin1'));
  return { kind: 'inline', bytes, size: bytes.length };
}
