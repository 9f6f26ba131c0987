import type { FileSystemNode } from '../layers/change';
import type { Entry } from './tree';

/**
 * An inode of the writable view. It stands for what a lower layer holds (`lower`) until its first change, which
 * copies it up: `node` is replaced, the lower entry never. Two names that hold the same `Inode` are hard links.
 */
export class Inode {
  /** Names of a directory that were looked at or changed here; `null` is a removed one. */
  readonly names = new Map<string, Inode | null>();

  /** Something is mounted here: the place itself cannot be removed or renamed. */
  isMountPoint = false;
  /** Part of a read-only mount. */
  isReadOnly = false;

  /** Given another name, so that overlayfs has it in the upper folder with all below it, whatever the name now. */
  isMoved = false;
  /** A folder that hides what lower layers hold of that name. */
  isOpaque = false;
  private wasOpened = false;

  constructor(
    public node: FileSystemNode,
    readonly lower: Entry | undefined,
  ) {}

  /** Whether overlayfs copied it up: any change does, and opening for writing. */
  get isCopiedUp(): boolean {
    return this.wasOpened || this.isMoved || this.node !== this.lower?.node;
  }

  /** A folder that shows what lower layers have in it as well: `rename` refuses it, and programs copy it instead. */
  get isMerged(): boolean {
    return this.lower !== undefined && !this.isMoved;
  }

  copyUp(): void {
    this.wasOpened = true;
  }

  /** A copy of a folder hides nothing, whatever was made anew in the one it is of. */
  move(): void {
    this.isMoved = true;
    this.isOpaque = false;
    for (const inode of this.names.values()) inode?.move();
  }
}

/** Who acts. Only uid 0 passes every check. */
export interface Credentials {
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
}

export const ROOT_USER: Credentials = { uid: 0, gid: 0, groups: [] };

export const READ = 4;
export const WRITE = 2;
export const SEARCH = 1;

/** Whether somebody has all of `rights` (READ, WRITE, SEARCH or execute) on a node, as the kernel decides. */
export function allows({ uid, gid, groups }: Credentials, node: FileSystemNode, rights: number): boolean {
  if (uid === 0) return !(rights & SEARCH) || node.kind === 'directory' || (node.mode & 0o111) !== 0;
  const member = node.gid === gid || groups.includes(node.gid);
  const bits = node.uid === uid ? node.mode >> 6 : member ? node.mode >> 3 : node.mode;
  return (bits & rights) === rights;
}
