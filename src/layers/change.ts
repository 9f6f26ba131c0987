import type { Certainty } from './certainty';
import type { Content } from './content';

/** What `stat` tells besides the type. `mode` has the twelve permission bits; `mtime` is in seconds. */
export interface Metadata {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: number;
  /** Extended attributes that the archive carries, such as `security.capability`. */
  readonly xattrs?: Readonly<Record<string, string>>;
}

export interface FileNode extends Metadata {
  readonly kind: 'file';
  readonly content: Content;
}
export interface DirectoryNode extends Metadata {
  readonly kind: 'directory';
}
export interface SymlinkNode extends Metadata {
  readonly kind: 'symlink';
  /** As written, relative or absolute. */
  readonly target: string;
}
export interface DeviceNode extends Metadata {
  readonly kind: 'character' | 'block';
  readonly major: number;
  readonly minor: number;
}
export interface FifoNode extends Metadata {
  readonly kind: 'fifo';
}

/** One inode. Two names that hold the same object are hard links of each other. */
export type FileSystemNode = FileNode | DirectoryNode | SymlinkNode | DeviceNode | FifoNode;

/** One entry of a layer. `path` is a container path (see path.ts), never the root. */
export type Change = PutChange | HardlinkChange | RemoveChange | OpaqueChange;

export interface PutChange {
  readonly kind: 'put';
  readonly path: string;
  readonly node: FileSystemNode;
  /** Only where it differs from the layer's. */
  readonly certainty?: Certainty;
}
/** One more name for the file that the same layer puts at `target`. */
export interface HardlinkChange {
  readonly kind: 'hardlink';
  readonly path: string;
  readonly target: string;
}
/** A whiteout: hides what lower layers hold at `path`. */
export interface RemoveChange {
  readonly kind: 'remove';
  readonly path: string;
}
/** Hides everything that lower layers hold below `path`, while the folder itself stays. */
export interface OpaqueChange {
  readonly kind: 'opaque';
  readonly path: string;
}

export function nodeSize(node: FileSystemNode): number {
  return node.kind === 'file' ? node.content.size : 0;
}
