import type { Change, FileSystemNode } from './change';
import type { Content } from './content';
import { octalMode } from './format';

/** One entry of a layer or of a merged file system as the command line prints it. */
export interface ListedEntry {
  readonly path: string;
  readonly type: 'file' | 'dir' | 'symlink' | 'hardlink' | 'char' | 'block' | 'fifo' | 'whiteout' | 'opaque';
  readonly mode?: string;
  readonly uid?: number;
  readonly gid?: number;
  readonly size?: number;
  readonly sha256?: string;
  readonly linkname?: string;
  readonly dev?: readonly [number, number];
}

/** Bytes of a file as hexadecimal SHA-256, or `undefined` when only a real build makes them. */
export type DigestOf = (content: Content) => string | undefined;

/** The entries of a layer, in its order. */
export function entriesOf(changes: readonly Change[], digestOf: DigestOf): ListedEntry[] {
  const nodes = new Map<string, FileSystemNode>();
  for (const change of changes) if (change.kind === 'put') nodes.set(change.path, change.node);
  return changes.map((change): ListedEntry => {
    switch (change.kind) {
      case 'put':
        return nodeEntry(change.path, change.node, digestOf);
      case 'hardlink': {
        const node = nodes.get(change.target);
        return { path: change.path, type: 'hardlink', ...(node && metadata(node)), linkname: change.target };
      }
      case 'remove':
        return { path: change.path, type: 'whiteout' };
      case 'opaque':
        return { path: change.path, type: 'opaque' };
      default:
        return change satisfies never;
    }
  });
}

export function nodeEntry(path: string, node: FileSystemNode, digestOf: DigestOf): ListedEntry {
  switch (node.kind) {
    case 'file': {
      const sha256 = digestOf(node.content);
      return { path, type: 'file', ...metadata(node), size: node.content.size, ...(sha256 && { sha256 }) };
    }
    case 'directory':
      return { path, type: 'dir', ...metadata(node) };
    case 'symlink':
      return { path, type: 'symlink', ...metadata(node), linkname: node.target };
    case 'character':
    case 'block':
      return {
        path,
        type: node.kind === 'block' ? 'block' : 'char',
        ...metadata(node),
        dev: [node.major, node.minor],
      };
    case 'fifo':
      return { path, type: 'fifo', ...metadata(node) };
    default:
      return node satisfies never;
  }
}

function metadata({ mode, uid, gid }: FileSystemNode) {
  return { mode: octalMode(mode), uid, gid };
}
