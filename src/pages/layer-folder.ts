import { type ChangeFact, changeFacts } from '../filesystem/change-kinds';
import type { FileSystem } from '../filesystem/tree';
import type { ListedLayer } from '../inspection';
import type { FileSystemNode } from '../layers/change';
import { nodeSize } from '../layers/change';
import { isSizeUnknown } from '../layers/content';
import { symbolicMode } from '../layers/format';
import type { Layer } from '../layers/layer';
import { baseName, compareNames, parentOf } from '../layers/path';
import type { ChangeRow } from './protocol';

/** What a layer changes directly in a folder (`/` for the top), folders first. */
export function layerFolder({ layer, below }: ListedLayer, folder: string): ChangeRow[] {
  const rows = changeRows(layer, below).filter((row) => row.path !== '/' && parentOf(row.path) === folder);
  return rows.sort(
    (a, b) => Number(b.type === 'directory') - Number(a.type === 'directory') || compareNames(a.name, b.name),
  );
}

/** Bytes that a layer's deletions hide and that stay in the layers below. */
export function hiddenBytes({ layer, below }: ListedLayer): number {
  let bytes = 0;
  for (const change of layer.changes) {
    if (change.kind !== 'remove') continue;
    const found = below.lookup(change.path, { follow: false });
    if (found.kind === 'present') bytes += bytesBelow(found.entry);
  }
  return bytes;
}

function bytesBelow(entry: FileSystem['root']): number {
  let bytes = nodeSize(entry.node);
  for (const child of entry.children?.values() ?? []) bytes += bytesBelow(child);
  return bytes;
}

const known = new WeakMap<Layer, { below: FileSystem; rows: ChangeRow[] }>();

/** All rows of a layer, kept as long as the layer is: the tree asks folder by folder. */
export function changeRows(layer: Layer, below: FileSystem): ChangeRow[] {
  const kept = known.get(layer);
  if (kept?.below === below) return kept.rows;
  const facts = changeFacts(layer, below);
  const nodes = new Map<string, FileSystemNode>();
  for (const { change } of facts) if (change.kind === 'put') nodes.set(change.path, change.node);
  const sizes = folderSizes(facts);
  const folders = new Set(facts.map(({ change }) => parentOf(change.path)));
  const rows = facts.map((fact) => changeRow(fact, below, nodes, sizes, folders));
  known.set(layer, { below, rows });
  return rows;
}

function folderSizes(facts: readonly ChangeFact[]): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const { change } of facts) {
    if (change.kind !== 'put' || change.node.kind !== 'file') continue;
    for (let path = parentOf(change.path); path !== '/'; path = parentOf(path)) {
      sizes.set(path, (sizes.get(path) ?? 0) + change.node.content.size);
    }
  }
  return sizes;
}

function changeRow(
  { change, kind, why }: ChangeFact,
  below: FileSystem,
  nodes: ReadonlyMap<string, FileSystemNode>,
  sizes: ReadonlyMap<string, number>,
  folders: ReadonlySet<string>,
): ChangeRow {
  const { path } = change;
  const common = { path, name: baseName(path), kind, why, hasChildren: folders.has(path) };
  if (change.kind === 'remove' || change.kind === 'opaque') {
    const found = below.lookup(path, { follow: false });
    const type = found.kind === 'present' ? found.entry.node.kind : 'file';
    const size = found.kind === 'present' ? bytesBelow(found.entry) : 0;
    return { ...common, type, words: '', size };
  }
  const node = change.kind === 'put' ? change.node : nodes.get(change.target);
  if (!node) return { ...common, type: 'file', words: '', size: 0 };
  const words = `${symbolicMode(node)} ${node.uid}:${node.gid}`;
  const size =
    node.kind === 'directory' ? (sizes.get(path) ?? 0) : change.kind === 'put' ? nodeSize(node) : 0;
  const linkTarget =
    change.kind === 'hardlink' ? change.target : node.kind === 'symlink' ? node.target : undefined;
  return {
    ...common,
    type: node.kind,
    words,
    size,
    ...(node.kind === 'file' && isSizeUnknown(node.content) && { isSizeUnknown: true }),
    ...(linkTarget !== undefined && { linkTarget }),
  };
}

/** The largest files that a layer brings. */
export function largestFiles({ layer, below }: ListedLayer, limit: number): ChangeRow[] {
  return changeRows(layer, below)
    .filter((row) => row.type === 'file' && row.kind !== 'deleted')
    .sort((a, b) => b.size - a.size || compareNames(a.path, b.path))
    .slice(0, limit);
}
