import type { FileSystemNode } from '../layers/change';
import type { Journal } from './journal';
import type { Doubt, Entry } from './tree';

/**
 * An inode of the writable view. It stands for what a lower layer holds (`lower`) until its first change, which
 * copies it up: `node` is replaced, the lower entry never. Two names that hold the same `Inode` are hard links.
 */
export class Inode {
  /** Names of a directory that were looked at or changed here; `null` is a removed one. Most inodes never have any. */
  private held: Map<string, Inode | null> | undefined;
  private current: FileSystemNode;
  /** A folder that holds it; of several, only the last one counts, for the others know already that it changed. */
  private folder: Inode | undefined;

  /** Something is mounted here: the place itself cannot be removed or renamed. */
  isMountPoint = false;
  /** Part of a read-only mount. */
  isReadOnly = false;

  /** Given another name, so that overlayfs has it in the upper folder with all below it, whatever the name now. */
  isMoved = false;
  /** A folder that hides what lower layers hold of that name. */
  isOpaque = false;
  /** Whether it or anything below it may have changed: what is not touched, a diff need not look at. */
  isTouched = false;
  /** Whether it ever had more than one name. */
  hasOtherNames = false;
  private wasOpened = false;
  /** What was done to it may not have been done, nor it be there at all. */
  doubt: Doubt | undefined;
  /** The journal's own mark, so that it notes an inode once. */
  notedIn = -1;

  constructor(
    node: FileSystemNode,
    readonly lower: Entry | undefined,
    private readonly journal: Journal,
  ) {
    this.current = node;
  }

  get node(): FileSystemNode {
    return this.current;
  }

  set node(node: FileSystemNode) {
    this.current = node;
    this.touch();
    this.journal.note(this);
  }

  /** The folder that holds it, as far as is known. */
  get holder(): Inode | undefined {
    return this.folder;
  }

  /** What making or removing a name does to its folder; nobody thinks of that as a change of the folder. */
  setTime(mtime: number): void {
    // A folder that many names are made in gets a node of its own once, not for each of them.
    if (this.current.mtime === mtime && this.current !== this.lower?.node) return;
    this.current = { ...this.current, mtime };
    this.touch();
  }

  get names(): ReadonlyMap<string, Inode | null> {
    return this.held ?? NO_NAMES;
  }

  private keep(name: string, inode: Inode | null): void {
    this.held ??= new Map();
    this.held.set(name, inode);
  }

  /** Keeps what was found under a name of the lower folder. */
  meet(name: string, inode: Inode): void {
    inode.isMoved = this.isMoved;
    inode.folder = this;
    this.keep(name, inode);
  }

  /** Gives a name to something, or with `null` hides what the lower folder has of that name. */
  hold(name: string, inode: Inode | null): void {
    this.touch();
    this.journal.noteName(this, name, inode);
    if (inode) {
      // The folder that held it before learns of it now, and is not told again.
      inode.touch();
      inode.hasOtherNames ||= inode.folder !== undefined;
      inode.folder = this;
    }
    this.keep(name, inode);
  }

  /** Forgets a name that no lower folder has. */
  drop(name: string): void {
    this.touch();
    this.journal.noteName(this, name, null);
    this.held?.delete(name);
  }

  /** Whether the folder has something of that name. */
  has(name: string): boolean {
    const known = this.held?.get(name);
    return known === undefined ? this.lower?.children?.has(name) === true : known !== null;
  }

  private touch(): void {
    for (let at: Inode | undefined = this; at && !at.isTouched; at = at.folder) at.isTouched = true;
  }

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
    this.touch();
    this.journal.note(this);
  }

  /** A copy of a folder hides nothing, whatever was made anew in the one it is of. */
  move(): void {
    this.isMoved = true;
    this.isOpaque = false;
    for (const inode of this.names.values()) inode?.move();
  }
}

const NO_NAMES: ReadonlyMap<string, Inode | null> = new Map();

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
