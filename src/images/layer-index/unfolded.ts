import type { Change, FileSystemNode, Metadata } from '../../layers/change';
import type { ArchiveLocation, Content } from '../../layers/content';
import type { PutRows } from '../../layers/layer';
import { type Columns, KINDS, type Rare } from './columns';

/** The changes again, their contents in `archive`. */
export function fromColumns(columns: Columns, archive: ArchiveLocation): Change[] {
  return new UnfoldedColumns(columns, archive).changes();
}

/** Columns as what they stand for. A node is made once, so that whoever asks gets the same. */
export class UnfoldedColumns implements PutRows {
  readonly count: number;
  private readonly nodes: FileSystemNode[] = [];

  constructor(
    private readonly columns: Columns,
    private readonly archive: ArchiveLocation,
  ) {
    this.count = columns.kind.length;
  }

  parent(row: number): number {
    return this.columns.parent[row]!;
  }

  name(row: number): string {
    const { text, nameAt, targetAt } = this.columns;
    return text.slice(nameAt[row]!, targetAt[row]!);
  }

  path(row: number): string {
    const parent = this.parent(row);
    return `${parent === 0 ? '' : this.path(parent - 1)}/${this.name(row)}`;
  }

  node(row: number): FileSystemNode | undefined {
    return this.nodes[row] ?? this.make(row);
  }

  private make(row: number): FileSystemNode | undefined {
    const kind = KINDS[this.columns.kind[row]!]!;
    if (kind === 'folder' || kind === 'hardlink' || kind === 'remove' || kind === 'opaque') return undefined;
    const node = this.columns.rare[row] ? this.rareNode(row, kind) : this.usualNode(row, kind);
    this.nodes[row] = node;
    return node;
  }

  /** Written out without spreads: this runs for every entry of every layer. */
  private usualNode(row: number, kind: FileSystemNode['kind']): FileSystemNode {
    const columns = this.columns;
    const mode = columns.mode[row]!;
    const uid = columns.uid[row]!;
    const gid = columns.gid[row]!;
    const mtime = columns.mtime[row]!;
    if (kind === 'file') {
      const offset = columns.offset[row]!;
      const content: Content = { kind: 'archived', archive: this.archive, offset, size: columns.size[row]! };
      return { kind, mode, uid, gid, mtime, content };
    }
    if (kind === 'symlink') return { kind, mode, uid, gid, mtime, target: this.target(row) };
    if (kind === 'directory' || kind === 'fifo') return { kind, mode, uid, gid, mtime };
    throw new Error('Cannot read the index of a layer: a device has no numbers');
  }

  private rareNode(row: number, kind: FileSystemNode['kind']): FileSystemNode {
    const { mode, uid, gid, mtime, size, offset, rare } = this.columns;
    const plain = { mode: mode[row]!, uid: uid[row]!, gid: gid[row]!, mtime: mtime[row]! };
    const entry = { archive: this.archive, size: size[row]!, offset: offset[row]! };
    return rareNode(plain, kind, rare[row]!, { ...entry, target: () => this.target(row) });
  }

  private target(row: number): string {
    const { text, nameAt, targetAt } = this.columns;
    return text.slice(targetAt[row]!, nameAt[row + 1]!);
  }

  get others(): Change[] {
    const found: Change[] = [];
    for (let row = 0; row < this.count; row++) {
      const kind = KINDS[this.columns.kind[row]!]!;
      if (kind === 'hardlink' || kind === 'remove' || kind === 'opaque')
        found.push(this.otherAt(row, kind, this.path(row)));
    }
    return found;
  }

  private otherAt(row: number, kind: 'hardlink' | 'remove' | 'opaque', path: string): Change {
    return kind === 'hardlink' ? { kind, path, target: this.target(row) } : { kind, path };
  }

  changes(): Change[] {
    const { kind, parent } = this.columns;
    const changes: Change[] = [];
    const paths: string[] = ['', ...new Array<string>(this.count)];
    for (let row = 0; row < this.count; row++) {
      const path = `${paths[parent[row]!]}/${this.name(row)}`;
      paths[row + 1] = path;
      const name = KINDS[kind[row]!]!;
      if (name === 'folder') continue;
      if (name === 'hardlink' || name === 'remove' || name === 'opaque')
        changes.push(this.otherAt(row, name, path));
      else changes.push({ kind: 'put', path, node: this.node(row)! });
    }
    return changes;
  }
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
