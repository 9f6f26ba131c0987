import type { FileNode, FileSystemNode, Metadata } from '../layers/change';
import type { Content } from '../layers/content';
import type { OpenRegion } from '../layers/layer';
import {
  baseName,
  childPath,
  compareNames,
  containerPath,
  isOfPlace,
  isWithin,
  parentOf,
} from '../layers/path';
import { allows, type Credentials, Inode, READ, ROOT_USER, SEARCH, WRITE } from './inode';
import { Journal } from './journal';
import { PosixError, QuotaExceeded } from './posix';
import type { Doubt, FileSystem } from './tree';
import { type Walk, type Walkable, walk } from './walk';

export { type Credentials, Inode, READ, ROOT_USER } from './inode';

/** What a look-up finds; `path` is the real path. */
export type Found =
  | { readonly kind: 'present'; readonly path: string; readonly inode: Inode }
  | {
      readonly kind: 'absent';
      readonly path: string;
      readonly why: 'missing' | 'not a directory' | 'link loop';
    };

const KEPT_FOLDERS = 256;
/** include/uapi/linux/limits.h */
const NAME_MAX = 255;
const PATH_MAX = 4096;
const LARGEST_DISK = 64 * 2 ** 30;

/**
 * A file system with one more, writable, layer on top: what a step of a build or a container changes. The first
 * change of a lower file copies it up whole; a removal leaves a whiteout; `diffOf` (diff.ts) gives the layer.
 *
 * Operations do what the system call of that name does, as `credentials`, and throw a `PosixError` as it would
 * fail. Contents move as promises of bytes; nothing here reads any.
 */
export class WritableLayer {
  readonly root: Inode;
  credentials: Credentials = ROOT_USER;
  umask = 0o022;
  /** Bytes in memory that were written here so far; `byteLimit` stops a script that fills it. */
  private bytesWritten = 0;
  /** Bytes of what is only named: contents of an image, holes. */
  private bytesPromised = 0;
  /** How many files were given a content here. */
  private readonly holders = new WeakMap<Content, number>();
  /** What changed since somebody asked to know. */
  readonly journal = new Journal();
  /** Places (`isOfPlace`) emptied here: whatever was in doubt there is gone for certain. */
  readonly cleared: string[] = [];
  /** Folders whose contents depend on the machine that builds, such as /proc and a cache mount. */
  readonly machineFolders: {
    readonly path: string;
    readonly reason: string;
    /** Whether it is there at all depends on the machine too. */
    readonly itself?: true;
  }[] = [];
  private readonly met = new Map<string, Doubt>();
  /** Doubts that arose here, each with the number of folders that had been cleared before. */
  private readonly opened: { readonly doubt: Doubt; readonly clearedBefore: number }[] = [];
  private readonly tree: Walkable<Inode>;
  /** Folders by the path that led to them, as it was spelled. */
  private readonly folders = new Map<string, { readonly at: Inode; readonly path: string }>();

  /** `clock` gives the time of a change, in seconds. */
  constructor(
    readonly lower: FileSystem,
    private readonly clock: () => number,
    private readonly byteLimit = Number.POSITIVE_INFINITY,
  ) {
    this.root = new Inode(lower.root.node, lower.root, this.journal);
    this.tree = {
      root: this.root,
      node: (at) => at.node,
      child: (at, name) => this.child(at, name),
      enter: (at, path) => this.check(at, SEARCH, path),
    };
  }

  now(): number {
    return this.clock();
  }

  // ── Looking ──────────────────────────────────────────────────────────────────────────────────────────────

  /** Finds `path`; a doubt about the answer is noted, see `takeDoubts`. Throws only for a folder that may not be searched. */
  find(path: string, options: { follow?: boolean } = {}): Found {
    const found = this.walk(path, options.follow ?? true);
    return found.kind === 'present'
      ? { kind: 'present', path: found.path, inode: found.at }
      : { kind: 'absent', path: found.path, why: found.why };
  }

  /** The inode at `path`, or the error that `stat` gives. */
  stat(path: string, options: { follow?: boolean } = {}): Inode {
    return this.present(this.walk(path, options.follow ?? true), path).at;
  }

  /** Names in a folder, in byte order. */
  list(path: string): string[] {
    return this.namesIn(this.openFolder(path).at);
  }

  /**
   * Names in a folder, in byte order, each with what `find` without following gives for it, for programs that go through
   * whole trees. Without an inode it takes a look-up by path to tell.
   */
  *entries(path: string): Generator<{ readonly name: string; readonly inode?: Inode }> {
    const { at, path: real } = this.openFolder(path);
    const isPlain = this.credentials.uid === 0 && !this.mayDoubtIn(real);
    for (const name of this.namesIn(at)) {
      const inode = isPlain ? this.child(at, name) : undefined;
      yield inode ? { name, inode } : { name };
    }
  }

  private openFolder(path: string): { readonly at: Inode; readonly path: string } {
    const found = this.present(this.walk(path, true), path);
    if (found.at.node.kind !== 'directory') throw new PosixError('ENOTDIR', path);
    this.check(found.at, READ, path);
    this.noteDoubt(childPath(found.path, '*'), this.doubtAt(childPath(found.path, '*')));
    return found;
  }

  /** Whether anything that lies directly in a folder may be in doubt. */
  private mayDoubtIn(folder: string): boolean {
    const reaches = ({ path }: { readonly path: string }) =>
      isWithin(folder, path) || (isWithin(path, folder) && parentOf(path) === folder);
    return (
      this.machineFolders.some(reaches) ||
      this.lower.doubts.some(reaches) ||
      this.opened.some(({ doubt }) => reaches(doubt))
    );
  }

  /** Names in a directory, in byte order, without any check. */
  namesIn(directory: Inode): string[] {
    const lower = directory.lower?.children;
    const own: string[] = [];
    const gone = new Set<string>();
    for (const [name, inode] of directory.names) {
      if (!inode) gone.add(name);
      else if (!lower?.has(name)) own.push(name);
    }
    const kept = [...(lower?.keys() ?? [])];
    const names = gone.size === 0 ? kept : kept.filter((name) => !gone.has(name));
    return names.concat(own).sort(compareNames);
  }

  child(directory: Inode, name: string): Inode | undefined {
    const known = directory.names.get(name);
    if (known !== undefined) return known ?? undefined;
    const lower = directory.lower?.children?.get(name);
    if (!lower) return undefined;
    const inode = new Inode(lower.node, lower, this.journal);
    directory.meet(name, inode);
    return inode;
  }

  /** A doubt that `takeDoubts` is going to give. */
  get firstDoubt(): Doubt | undefined {
    return this.met.values().next().value;
  }

  /** The doubts that look-ups met since the last call: path and what is not known about it. */
  takeDoubts(): ReadonlyMap<string, Doubt> {
    const taken = new Map(this.met);
    this.met.clear();
    return taken;
  }

  /** From here on something in the folder `path`, but for `except`, is not known: a modelled command changed it. */
  openRegion(path: string, reason: string, except: readonly string[] = []): void {
    const doubt: Doubt = { path, reason, layer: this.lower.layers.length, except };
    this.opened.push({ doubt, clearedBefore: this.cleared.length });
  }

  /**
   * Runs `act`, of which it is not known whether it really runs: all that it changes is in doubt afterwards, also what
   * it makes or takes away.
   */
  async inDoubt<T>(reason: string, act: () => Promise<T>): Promise<T> {
    const changed = this.journal.record();
    const clearedBefore = this.cleared.length;
    const doubted = [
      ...this.opened.map(({ doubt }) => doubt.path),
      ...this.lower.doubts.map(({ path }) => path),
    ];
    try {
      return await act();
    } finally {
      const places = changed();
      const layer = this.lower.layers.length;
      for (const [path, inode] of places) if (inode) inode.doubt ??= { path, reason, layer, except: [] };
      // What was emptied of what is not known may not have been.
      const emptied = this.cleared.slice(clearedBefore).map((place) => place.replace(/(.)\/$/, '$1'));
      const still = emptied.filter((place) =>
        doubted.some((path) => isWithin(place, path) || isWithin(path, place)),
      );
      for (const path of outermost([...places.keys(), ...still]))
        if (!this.isOpened(path)) this.openRegion(path, reason);
    }
  }

  private isOpened(path: string): boolean {
    return this.opened.some(({ doubt, clearedBefore }) => {
      const since = [...doubt.except, ...this.cleared.slice(clearedBefore)];
      return (
        isWithin(path, doubt.path) && !since.some((place) => isOfPlace(path, place) || isWithin(place, path))
      );
    });
  }

  /** From here on nothing unlisted is left in a place (`isOfPlace`), as after `rm -rf` of it. */
  clear(place: string): void {
    this.cleared.push(place);
  }

  /** What is still not known of the regions opened here: those that were emptied again are known. */
  get openRegions(): OpenRegion[] {
    const left = new Map<string, OpenRegion>();
    for (const { doubt, clearedBefore } of this.opened) {
      const { path, reason } = doubt;
      const since = [...doubt.except, ...this.cleared.slice(clearedBefore)];
      if (since.some((place) => isOfPlace(path, place))) continue;
      const except = [...new Set(since.filter((place) => isWithin(place, path)))];
      left.set(`${path} ${reason}`, except.length === 0 ? { path, reason } : { path, reason, except });
    }
    return [...left.values()];
  }

  /** Throws EACCES when the acting user may not open the file at `path` for reading. */
  readable(path: string): FileNode {
    return this.openForReading(this.stat(path), path);
  }

  /** `path` is for the error. */
  openForReading(inode: Inode, path: string): FileNode {
    if (inode.node.kind === 'directory') throw new PosixError('EISDIR', path);
    this.check(inode, READ, path);
    refuseFifo(inode, path);
    if (inode.node.kind !== 'file') throw new PosixError('EINVAL', path);
    return inode.node;
  }

  /** Throws what `open(O_WRONLY)` of an existing inode fails with. */
  openForWriting(inode: Inode, path: string): void {
    if (inode.node.kind === 'directory') throw new PosixError('EISDIR', path);
    this.check(inode, WRITE, path);
    refuseFifo(inode, path);
    inode.copyUp();
  }

  // ── Making ───────────────────────────────────────────────────────────────────────────────────────────────

  mkdir(path: string, mode = 0o777): Inode {
    return this.create(path, { kind: 'directory', ...this.fresh(mode & ~this.umask) });
  }

  symlink(target: string, path: string): Inode {
    return this.create(path, { kind: 'symlink', target, ...this.fresh(0o777) });
  }

  /** Makes a file, device or fifo where nothing is; for `mknod`, `mkfifo` and the like. */
  create(path: string, node: FileSystemNode): Inode {
    const found = this.walk(path, false);
    if (found.kind === 'present') throw new PosixError('EEXIST', path);
    const folder = this.folderOfMissing(found, path);
    this.check(folder, WRITE | SEARCH, path);
    return this.attach(folder, found.names[0]!, this.made(this.inherited(folder, node)));
  }

  /**
   * Writes a file as `open(O_CREAT | O_TRUNC)` does: through links, also to a missing target; an existing inode
   * keeps its mode and owner. `exclusive` fails when something is there.
   */
  write(path: string, content: Content, options: { mode?: number; exclusive?: boolean } = {}): Inode {
    const found = this.walk(path, !options.exclusive);
    if (found.kind === 'absent') {
      const folder = this.folderOfMissing(found, path);
      this.check(folder, WRITE | SEARCH, path);
      const node: FileNode = { kind: 'file', content, ...this.fresh((options.mode ?? 0o666) & ~this.umask) };
      this.count(content);
      return this.attach(folder, found.names[0]!, this.made(this.inherited(folder, node)));
    }
    if (options.exclusive) throw new PosixError('EEXIST', path);
    const { at: inode } = found;
    this.openForWriting(inode, path);
    if (inode.node.kind === 'file') this.setContent(inode, content);
    return inode;
  }

  /** Gives a file other bytes. Who is not root loses the setuid and setgid bits by it, as in the kernel. */
  setContent(inode: Inode, content: Content): void {
    if (inode.node.kind !== 'file') return;
    this.release(inode.node.content);
    this.count(content);
    const mode = this.credentials.uid === 0 ? inode.node.mode : withoutSetId(inode.node.mode);
    inode.node = { ...inode.node, content, mode, mtime: this.now() };
  }

  /** Makes `path` a hard link of the inode at `existing`, a link itself if it is one. */
  link(existing: string, path: string): void {
    const original = this.stat(existing, { follow: false });
    if (original.node.kind === 'directory' || !this.mayLink(original))
      throw new PosixError('EPERM', existing);
    const found = this.walk(path, false);
    if (found.kind === 'present') throw new PosixError('EEXIST', path);
    const folder = this.folderOfMissing(found, path);
    this.check(folder, WRITE | SEARCH, path);
    this.attach(folder, found.names[0]!, original);
  }

  /** `fs.protected_hardlinks`, which distributions set (fs/namei.c, may_linkat): others' files only if one may write them. */
  private mayLink({ node }: Inode): boolean {
    const { uid } = this.credentials;
    if (uid === 0 || uid === node.uid) return true;
    const isSafe = node.kind === 'file' && (node.mode & 0o4000) === 0 && (node.mode & 0o2010) !== 0o2010;
    return isSafe && allows(this.credentials, node, READ | WRITE);
  }

  /** Puts a node at `path` as it is, whatever is there, without checks or umask: for COPY and archives. */
  place(path: string, node: FileSystemNode): Inode {
    const parent = this.present(this.walk(parentOf(path), true), parentOf(path));
    if (parent.at.node.kind !== 'directory') throw new PosixError('ENOTDIR', parent.path);
    if (node.kind === 'file') this.count(node.content);
    const name = baseName(path);
    const inode = this.child(parent.at, name);
    if (inode?.node.kind === 'directory' && node.kind === 'directory') {
      inode.node = node;
      return inode;
    }
    if (inode) this.cleared.push(childPath(parent.path, name));
    return this.attach(parent.at, name, this.made(node));
  }

  /**
   * The folder at `path` and every missing one on the way, made with `metadata`; existing ones stay as they are. In
   * a setgid folder a new one takes the bit, and its group as well where `metadata` names none.
   */
  makeFolders(path: string, metadata: { mode: number; uid: number; gid: number | undefined }): Inode {
    for (;;) {
      const found = this.walk(path, true);
      if (found.kind === 'present') {
        if (found.at.node.kind !== 'directory') throw new PosixError('ENOTDIR', found.path);
        return found.at;
      }
      if (found.why !== 'missing') throw errorOf(found, found.atPath);
      const { mode, uid, gid } = metadata;
      const made = this.inherited(found.at, {
        kind: 'directory',
        mode,
        uid,
        gid: gid ?? 0,
        mtime: this.now(),
      });
      this.attach(found.at, found.names[0]!, this.made(gid === undefined ? made : { ...made, gid }));
    }
  }

  /** Marks what lies at `path` as mounted there: it cannot be removed, and when `readOnly`, nothing in it changed. */
  mount(path: string, options: { readOnly: boolean }): void {
    const inode = this.stat(path);
    inode.isMountPoint = true;
    if (options.readOnly) this.protect(inode);
  }

  /** Whether something is mounted at `path` or below it. */
  holdsMount(path: string): boolean {
    return holdsMount(this.stat(path, { follow: false }));
  }

  private protect(inode: Inode): void {
    inode.isReadOnly = true;
    for (const name of this.namesIn(inode)) this.protect(this.child(inode, name)!);
  }

  // ── Removing and renaming ────────────────────────────────────────────────────────────────────────────────

  unlink(path: string): void {
    const { folder, name, inode, real } = this.removable(path);
    if (inode.node.kind === 'directory') throw new PosixError('EISDIR', path);
    this.detach(folder, name);
    this.cleared.push(real);
  }

  rmdir(path: string): void {
    const { folder, name, inode, real } = this.removable(path);
    if (inode.node.kind !== 'directory') throw new PosixError('ENOTDIR', path);
    if (this.namesIn(inode).length > 0) throw new PosixError('ENOTEMPTY', path);
    this.noteDoubt(childPath(real, '*'), this.doubtAt(childPath(real, '*')));
    this.detach(folder, name);
    this.cleared.push(real);
  }

  /** Removes `path` with all below it, as root can without looking at what is there; no doubt about it is left. */
  removeTree(path: string): void {
    const { folder, name, real } = this.removable(path);
    this.detach(folder, name);
    this.cleared.push(real);
  }

  /** Empties a folder for what is mounted over it: no layer records that. */
  hideContents(path: string): void {
    const folder = this.stat(path);
    this.folders.clear();
    for (const name of this.namesIn(folder)) folder.hold(name, null);
  }

  /** What `rename(2)` does: replaces a file by a file and an empty folder by a folder. */
  rename(from: string, to: string): void {
    const source = this.removable(from);
    const found = this.walk(to, false);
    if (found.kind === 'absent') this.folderOfMissing(found, to);
    else if (found.at === source.inode) return;
    else this.checkReplacement(source.inode, found.at, to);
    if (source.inode.node.kind === 'directory' && isWithin(found.path, source.real))
      throw new PosixError('EINVAL', to);
    const folder = found.kind === 'present' ? found.parent : found.at;
    this.check(folder, WRITE | SEARCH, to);
    // A merged folder cannot be renamed: programs copy it, so that its new name hides nothing.
    const hides = !source.inode.isMerged && folder.isMerged;
    this.detach(source.folder, source.name);
    this.attach(folder, baseName(found.path), source.inode);
    if (hides) source.inode.isOpaque = true;
    const doubts = source.inode.node.kind === 'directory' ? this.doubtsIn(source.real) : [];
    this.cleared.push(source.real, found.path);
    this.reopen(doubts, source.real, found.path);
  }

  /** What is not known of the inside of a folder is not known of a copy of it either. */
  carryDoubts(from: string, to: string): void {
    this.reopen(this.doubtsIn(from), from, to);
  }

  private reopen(doubts: readonly Doubt[], from: string, to: string): void {
    for (const { path, reason } of doubts)
      this.openRegion(isWithin(path, from) ? to + path.slice(from.length) : to, reason);
  }

  /** Doubts about what is in a folder, the newest last: those of a folder around it, and those that began in it. */
  doubtsIn(folder: string): Doubt[] {
    const within = this.opened
      .filter(({ doubt, clearedBefore }) => {
        const since = this.cleared.slice(clearedBefore);
        return isWithin(doubt.path, folder) && !since.some((place) => isOfPlace(doubt.path, place));
      })
      .map(({ doubt }) => doubt);
    const earlier = this.lower.doubts.filter(
      ({ path }) => isWithin(path, folder) && !this.cleared.some((place) => isOfPlace(path, place)),
    );
    const around = this.doubtAt(childPath(folder, '*'));
    return [...(around && !isWithin(around.path, folder) ? [around] : []), ...earlier, ...within];
  }

  private checkReplacement(source: Inode, target: Inode, path: string): void {
    const folder = source.node.kind === 'directory';
    if (folder && target.node.kind !== 'directory') throw new PosixError('ENOTDIR', path);
    if (!folder && target.node.kind === 'directory') throw new PosixError('EISDIR', path);
    if (folder && this.namesIn(target).length > 0) throw new PosixError('ENOTEMPTY', path);
  }

  // ── Changing metadata ────────────────────────────────────────────────────────────────────────────────────

  chmod(path: string, mode: number, options: { follow?: boolean } = {}): void {
    this.changeMode(this.stat(path, options), mode, path);
  }

  /** `fchmod(2)`: `path` is for the error. */
  changeMode(inode: Inode, mode: number, path: string): void {
    if (!this.owns(inode, path)) throw new PosixError('EPERM', path);
    if (inode.node.kind === 'symlink') return;
    // Who is not in the group of the file cannot set its setgid bit (fs/attr.c, setattr_prepare).
    const { uid, gid, groups } = this.credentials;
    const isMember = uid === 0 || inode.node.gid === gid || groups.includes(inode.node.gid);
    inode.node = { ...inode.node, mode: isMember ? mode : mode & ~0o2000 };
  }

  /** An owner or group that is `undefined` stays. A file loses its setuid and setgid bits, as in the kernel. */
  chown(
    path: string,
    uid: number | undefined,
    gid: number | undefined,
    options: { follow?: boolean } = {},
  ): void {
    this.changeOwner(this.stat(path, options), uid, gid, path);
  }

  /** `fchown(2)`: `path` is for the error. */
  changeOwner(inode: Inode, uid: number | undefined, gid: number | undefined, path: string): void {
    this.checkChown(inode, uid, gid, path);
    const node = inode.node;
    // A setgid bit without group execution means mandatory locking and stays (fs/attr.c, setattr_should_drop_suidgid).
    const mode = node.kind === 'file' ? withoutSetId(node.mode) : node.mode;
    inode.node = { ...node, uid: uid ?? node.uid, gid: gid ?? node.gid, mode };
  }

  private checkChown(inode: Inode, uid: number | undefined, gid: number | undefined, path: string): void {
    if (inode.isReadOnly) throw new PosixError('EROFS', path);
    const { uid: actor, gid: own, groups } = this.credentials;
    if (actor === 0) return;
    const keepsOwner = uid === undefined || uid === inode.node.uid;
    const toOwnGroup = gid === undefined || gid === inode.node.gid || gid === own || groups.includes(gid);
    if (actor !== inode.node.uid || !keepsOwner || !toOwnGroup) throw new PosixError('EPERM', path);
  }

  setModified(path: string, mtime: number, options: { follow?: boolean } = {}): void {
    this.changeTime(this.stat(path, options), mtime, path);
  }

  /** `futimens(2)`: `path` is for the error. */
  changeTime(inode: Inode, mtime: number, path: string): void {
    if (!this.owns(inode, path)) this.check(inode, WRITE, path);
    inode.node = { ...inode.node, mtime };
  }

  setXattrs(inode: Inode, xattrs: Readonly<Record<string, string>>): void {
    inode.node = { ...inode.node, xattrs };
  }

  // ── Rights ───────────────────────────────────────────────────────────────────────────────────────────────

  /** Whether the acting user has all of `rights` (4 read, 2 write, 1 execute or search) on the inode. */
  allows(inode: Inode, rights: number): boolean {
    return allows(this.credentials, inode.node, rights);
  }

  private check(inode: Inode, rights: number, path: string): void {
    if (rights & WRITE && inode.isReadOnly) throw new PosixError('EROFS', path);
    if (!this.allows(inode, rights)) throw new PosixError('EACCES', path);
  }

  /** Owners may change a mode, unless it lies on a read-only mount. */
  private owns(inode: Inode, path: string): boolean {
    if (inode.isReadOnly) throw new PosixError('EROFS', path);
    return this.credentials.uid === 0 || this.credentials.uid === inode.node.uid;
  }

  // ── Inside ───────────────────────────────────────────────────────────────────────────────────────────────

  private walk(path: string, follow: boolean): Walk<Inode> {
    // Programs reach deeper with relative paths, from folder to folder, which is not how it is done here.
    if (path.length >= PATH_MAX)
      throw new QuotaExceeded(`paths of ${PATH_MAX} bytes and more are not simulated`);
    const spelled = containerSpelling(path);
    const found = this.walkFromKnown(spelled, follow) ?? walk(this.tree, spelled, follow);
    if (found.kind === 'absent' && found.why === 'missing')
      this.noteDoubt(found.path, this.doubtAt(found.path));
    if (found.kind === 'present') {
      const { lower, doubt } = found.at;
      this.noteDoubt(
        found.path,
        doubt !== undefined
          ? doubt
          : lower
            ? this.doubtAt(found.path, lower.layer)
            : this.foreignDoubt(found.path),
      );
    }
    return found;
  }

  /**
   * The walk of a path whose folder was walked to before: programs name one file of a folder after the other. Only for
   * root, who may search any folder.
   */
  private walkFromKnown(path: string, follow: boolean): Walk<Inode> | undefined {
    const slash = path.lastIndexOf('/');
    const name = path.slice(slash + 1);
    if (this.credentials.uid !== 0 || name === '' || name === '.' || name === '..') return undefined;
    const folder = this.folderAt(path.slice(0, slash));
    if (!folder) return undefined;
    const { at: parent, path: atPath } = folder;
    const place = childPath(atPath, name);
    const at = this.child(parent, name);
    if (!at) return { kind: 'absent', why: 'missing', path: place, at: parent, atPath, names: [name] };
    return follow && at.node.kind === 'symlink' ? undefined : { kind: 'present', path: place, at, parent };
  }

  private folderAt(spelled: string): { at: Inode; path: string } | undefined {
    const known = this.folders.get(spelled);
    if (known) return known;
    const found = walk(this.tree, spelled, true);
    if (found.kind === 'absent' || found.at.node.kind !== 'directory') return undefined;
    if (this.folders.size >= KEPT_FOLDERS) this.folders.clear();
    const folder = { at: found.at, path: found.path };
    this.folders.set(spelled, folder);
    return folder;
  }

  /** To be called with what a name stood for, when it no longer does: paths go through folders and links. */
  private forgetFolders(before: Inode | null | undefined): void {
    if (before && before.node.kind !== 'file') this.folders.clear();
  }

  /** The doubt about `path`, unless it was cleared here or the path was made here. */
  private doubtAt(path: string, layer?: number): Doubt | undefined {
    for (const { doubt, clearedBefore } of this.opened) {
      const known = [...doubt.except, ...this.cleared.slice(clearedBefore)];
      const cleared = known.some((place) => isOfPlace(path, place));
      if (path !== '/' && isWithin(path, doubt.path) && !cleared) return doubt;
    }
    const foreign =
      this.foreignDoubt(path) ??
      (layer === undefined ? this.foreignDoubt(path, { inside: true }) : undefined);
    if (foreign) return foreign;
    const doubt = this.lower.doubtAt(path, layer);
    return doubt && !this.cleared.some((place) => isOfPlace(path, place)) ? doubt : undefined;
  }

  /** The doubt about what the machine may not have mounted at all; with `inside`, about what is in what it mounts. */
  private foreignDoubt(path: string, { inside = false } = {}): Doubt | undefined {
    const foreign = this.machineFolders.find((folder) =>
      inside
        ? path !== folder.path && isWithin(path, folder.path)
        : folder.itself && isWithin(path, folder.path),
    );
    return (
      foreign && { path: foreign.path, reason: foreign.reason, layer: this.lower.layers.length, except: [] }
    );
  }

  private noteDoubt(path: string, doubt: Doubt | undefined): void {
    if (doubt) this.met.set(path, doubt);
  }

  private present(found: Walk<Inode>, path: string): Extract<Walk<Inode>, { kind: 'present' }> {
    if (found.kind === 'present') return found;
    throw errorOf(found, path);
  }

  private folderOfMissing(found: Extract<Walk<Inode>, { kind: 'absent' }>, path: string): Inode {
    if (found.why !== 'missing' || isTooLong(found.names[0]!)) throw errorOf(found, path);
    if (found.names.length > 1) throw new PosixError('ENOENT', path);
    return found.at;
  }

  private removable(path: string): { folder: Inode; name: string; inode: Inode; real: string } {
    const found = this.present(this.walk(path, false), path);
    if (found.path === '/') throw new PosixError('EBUSY', path);
    this.check(found.parent, WRITE | SEARCH, path);
    if (holdsMount(found.at)) throw new PosixError('EBUSY', path);
    const sticky = (found.parent.node.mode & 0o1000) !== 0;
    if (sticky && !this.owns(found.parent, path) && !this.owns(found.at, path))
      throw new PosixError('EPERM', path);
    return { folder: found.parent, name: baseName(found.path), inode: found.at, real: found.path };
  }

  /** What no lower layer has. */
  private made(node: FileSystemNode): Inode {
    return new Inode(node, undefined, this.journal);
  }

  private attach(folder: Inode, name: string, inode: Inode): Inode {
    if (inode.lower) inode.move();
    if (folder.isMerged && folder.lower?.children?.has(name)) inode.isOpaque = true;
    this.forgetFolders(folder.names.get(name));
    folder.hold(name, inode);
    folder.setTime(this.now());
    return inode;
  }

  private detach(folder: Inode, name: string): void {
    this.forgetFolders(folder.names.get(name));
    if (folder.lower?.children?.has(name)) folder.hold(name, null);
    else folder.drop(name);
    folder.setTime(this.now());
  }

  private fresh(mode: number): Metadata {
    return { mode, uid: this.credentials.uid, gid: this.credentials.gid, mtime: this.now() };
  }

  /** A setgid folder hands its group on to new children, and the bit to new folders. */
  private inherited(folder: Inode, node: FileSystemNode): FileSystemNode {
    if (!(folder.node.mode & 0o2000)) return node;
    const mode = node.kind === 'directory' ? node.mode | 0o2000 : node.mode;
    return { ...node, gid: folder.node.gid, mode };
  }

  /** Throws when writing this would be more than `byteLimit` allows, so that nobody puts it together in vain. */
  admit(content: Pick<Content, 'kind' | 'size'>): void {
    const isHeld = content.kind === 'inline';
    if (isHeld && this.bytesWritten + content.size > this.byteLimit)
      throw new QuotaExceeded(`stopped after ${inMegabytes(this.byteLimit)} of written files`);
    // What is elsewhere takes no memory, but a disk of the size that a build may need is not certain to be there.
    if (!isHeld && this.bytesPromised + content.size > LARGEST_DISK)
      throw new QuotaExceeded(
        `files of more than ${inMegabytes(LARGEST_DISK)} may not fit on the disk of a builder`,
      );
  }

  /** Counts bytes in memory once, however many files have them. */
  private count(content: Content): void {
    this.journal.noteBytes(content.size);
    const holders = this.holders.get(content) ?? 0;
    if (holders === 0 || content.kind !== 'inline') this.admit(content);
    if (content.kind !== 'inline') this.bytesPromised += content.size;
    else if (holders === 0) this.bytesWritten += content.size;
    this.holders.set(content, holders + 1);
  }

  /** A file that is written again and again holds the last bytes only. */
  private release(content: Content): void {
    const holders = this.holders.get(content);
    if (holders === undefined || holders === 0) return;
    this.holders.set(content, holders - 1);
    if (content.kind !== 'inline') this.bytesPromised -= content.size;
    else if (holders === 1) this.bytesWritten -= content.size;
  }
}

/** Regions are looked through at every look-up, so many paths are told by the folders they are in. */
const MOST_REGIONS = 50;

function outermost(paths: readonly string[]): string[] {
  const kept: string[] = [];
  for (const path of [...paths].sort(compareNames))
    if (!kept.some((folder) => isWithin(path, folder))) kept.push(path);
  return kept.length > MOST_REGIONS ? outermost([...new Set(kept.map((path) => parentOf(path)))]) : kept;
}

function inMegabytes(bytes: number): string {
  return bytes >= 2 ** 30 ? `${bytes / 2 ** 30} GB` : `${Math.round(bytes / 2 ** 20)} MB`;
}

/** To open one waits for somebody at its other end, often for ever. */
function refuseFifo({ node }: Inode, path: string): void {
  if (node.kind === 'fifo')
    throw new QuotaExceeded(`${path} is a fifo, and what waits for its other end is not simulated`);
}

/** A folder cannot go while something is mounted in it. */
function holdsMount(inode: Inode): boolean {
  if (inode.isMountPoint) return true;
  return [...inode.names.values()].some((child) => child !== null && holdsMount(child));
}

/** NAME_MAX of the file systems in use. */
function isTooLong(name: string): boolean {
  if (name.length * 3 <= NAME_MAX) return false;
  return new TextEncoder().encode(name).length > NAME_MAX;
}

function withoutSetId(mode: number): number {
  const cleared = mode & ~0o4000;
  return mode & 0o010 ? cleared & ~0o2000 : cleared;
}

function errorOf(found: Extract<Walk<Inode>, { kind: 'absent' }>, path: string): PosixError {
  if (found.why === 'link loop') return new PosixError('ELOOP', path);
  if (found.why === 'missing' && isTooLong(found.names[0]!)) return new PosixError('ENAMETOOLONG', path);
  return new PosixError(found.why === 'missing' ? 'ENOENT' : 'ENOTDIR', path);
}

/** Keeps `..` for the walk, which goes through links first, and makes the path absolute. */
function containerSpelling(path: string): string {
  return path.startsWith('/') ? path : containerPath(path);
}
