import { PosixError } from '../../../filesystem/posix';
import { type Inode, READ } from '../../../filesystem/writable';
import type { FileNode, FileSystemNode } from '../../../layers/change';
import { EMPTY_CONTENT } from '../../../layers/content';
import { type CommandContext, NotSimulated } from '../command';
import { type Backups, backUp } from './backups';
import { causeOf, complain, quote } from './complaints';
import { identityOf, isSameFile } from './inodes';
import { absolute, listsByChance, openFile, printText } from './input';
import { joinNames } from './names';
import { writeFile } from './output';

/** How files are copied: the fields of `struct cp_options` (coreutils, src/copy.h) that are simulated. */
export interface CopyOptions {
  readonly recursive: boolean;
  /** Which links are copied as what they point to. */
  readonly dereference: 'never' | 'operands' | 'always';
  readonly preserve: {
    readonly mode: boolean;
    readonly ownership: boolean;
    readonly timestamps: boolean;
    readonly links: boolean;
  };
  /** `--no-preserve=mode`: new files get the mode any new file gets. */
  readonly plainModes: boolean;
  readonly make: 'copies' | 'hard links' | 'symbolic links';
  readonly existing: 'replace' | 'keep' | 'update';
  readonly force: boolean;
  readonly removeDestination: boolean;
  readonly verbose: boolean;
  /** `--attributes-only`: a file that is there keeps what is in it, a new one is empty. */
  readonly attributesOnly: boolean;
  readonly backups: Backups | undefined;
}

/**
 * Copies one source after another as `copy_internal` (coreutils 9.1, src/copy.c) does. Contents move as they are,
 * unread. `failed` says whether there was a complaint.
 */
export class Copying {
  failed = false;
  /** Where each file with several names went, so that its other names become links. */
  private readonly copied = new Map<object, string>();
  private readonly created = new Map<Inode, Set<string>>();
  /** The folders on the way to what is being copied. */
  private readonly entered = new Set<Inode>();
  private readonly seenSources = new Set<string>();

  constructor(
    private readonly context: CommandContext,
    private readonly options: CopyOptions,
  ) {}

  copy(source: string, target: string): void {
    try {
      if (source === '') return void this.fail("cannot stat '': No such file or directory");
      if (this.warnsOfRepetition(source)) return;
      this.copyEntry(source, target, 'operand');
      this.carryDoubts(source, target);
    } catch (error) {
      this.fail(`cannot create regular file ${quote(target)}: ${causeOf(error)}`);
    }
  }

  private carryDoubts(source: string, target: string): void {
    const { fileSystem } = this.context;
    const from = fileSystem.find(absolute(this.context, source));
    if (!this.options.recursive || from.kind === 'absent' || from.inode.node.kind !== 'directory') return;
    fileSystem.carryDoubts(from.path, fileSystem.find(absolute(this.context, target)).path);
  }

  private warnsOfRepetition(source: string): boolean {
    const found = this.context.fileSystem.find(absolute(this.context, source), { follow: false });
    if (found.kind === 'absent') return false;
    const isRepeated = this.seenSources.has(source);
    this.seenSources.add(source);
    const kind = found.inode.node.kind === 'directory' ? 'directory' : 'file';
    if (isRepeated && this.context.flavour === 'busybox')
      throw new NotSimulated('`cp` of busybox of one source twice is not simulated');
    if (isRepeated)
      complain(this.context, `warning: source ${kind} ${quote(source)} specified more than once`);
    return isRepeated;
  }

  /** A folder of the source's path that `cp --parents` makes. */
  makeParent(target: string, node: FileSystemNode): void {
    this.context.fileSystem.mkdir(absolute(this.context, target), node.mode & 0o1777);
    this.carryMetadata(target, node, undefined);
  }

  private copyEntry(source: string, target: string, place: 'operand' | 'below'): boolean {
    const { context, options } = this;
    context.checkBudget();
    const found = this.lookUpSource(source, place);
    if (!found) return false;
    const { node } = found;
    if (context.flavour === 'busybox') this.refuseOddLinks(source, node, target);
    if (node.kind === 'directory' && !options.recursive) {
      return this.fail(`-r not specified; omitting directory ${quote(source)}`);
    }
    const makesLink = options.make !== 'copies' && node.kind !== 'directory';
    const isPlain =
      node.kind === 'file' || (!options.recursive && node.kind !== 'directory' && node.kind !== 'symlink');
    const atTarget = context.fileSystem.find(absolute(context, target), {
      follow: isPlain && !makesLink && !options.removeDestination && !options.backups,
    });
    if (atTarget.kind === 'absent' && atTarget.why === 'not a directory')
      return this.fail(`cannot stat ${quote(target)}: Not a directory`);
    let existing = atTarget.kind === 'present' ? atTarget.inode : undefined;
    let backup: string | undefined;
    if (existing && target.endsWith('/') && existing.node.kind !== 'directory') {
      return this.fail(`cannot stat ${quote(target)}: Not a directory`);
    }
    if (existing) {
      const verdict = this.checkExisting(source, target, found, existing);
      if (verdict !== 'go on') return verdict === 'skip';
      if (options.backups && existing.node.kind !== 'directory') {
        backup = backUp(context, target, options.backups);
        existing = undefined;
      } else if (this.isReplaced(node, existing, makesLink)) {
        context.fileSystem.unlink(absolute(context, target));
        if (options.verbose) printText(context, `removed ${quote(target)}\n`);
        existing = undefined;
      }
    }
    if (node.kind === 'directory') return this.copyFolder(source, target, found, existing);
    if (this.linkToEarlierCopy(source, target, found, existing)) return true;
    if (options.verbose) this.tell(source, target, backup);
    if (makesLink) return this.makeLink(source, target, existing);
    if (!isPlain) this.copySpecial(target, node, existing);
    else if (atTarget.kind === 'absent' && this.copyToNewFile(target, found, atTarget.path)) return true;
    else if (!this.copyFile(source, target, found)) return false;
    if (isOfSystem(context.fileSystem.find(absolute(context, target)).path)) return true;
    this.remember(target);
    this.carryMetadata(target, node, existing);
    return true;
  }

  /** A file is just created under one name; another name of it that was there before may be written again. */
  private remember(target: string): void {
    const { fileSystem } = this.context;
    const made = fileSystem.stat(absolute(this.context, target), { follow: false });
    this.created.set(made, (this.created.get(made) ?? new Set()).add(this.placeOf(target)));
  }

  private placeOf(target: string): string {
    return this.context.fileSystem.find(absolute(this.context, target), { follow: false }).path;
  }

  /**
   * The short way for what nearly every copy is: a file where nothing is. What has more to it, and what fails, is left
   * for `copyFile`.
   */
  private copyToNewFile(target: string, from: Inode, place: string): boolean {
    const { fileSystem } = this.context;
    if (from.node.kind !== 'file' || target.endsWith('/') || isOfSystem(place)) return false;
    if (!fileSystem.allows(from, READ)) return false;
    const content = this.options.attributesOnly ? EMPTY_CONTENT : from.node.content;
    let made: Inode;
    try {
      const mode = this.modeOfNew(from.node);
      made = fileSystem.write(absolute(this.context, target), content, { mode, exclusive: true });
    } catch (error) {
      if (error instanceof PosixError) return false;
      throw error;
    }
    this.created.set(made, new Set([place]));
    this.carryMetadata(target, from.node, undefined, made);
    return true;
  }

  /** Busybox takes a slash off a link, and does not write a link over what is there. */
  private refuseOddLinks(source: string, node: FileSystemNode, target: string): void {
    const { fileSystem } = this.context;
    const at = (name: string) => fileSystem.find(absolute(this.context, name), { follow: false });
    const own = source.endsWith('/') ? at(source.replace(/\/+$/, '') || '/') : undefined;
    const isLink = own?.kind === 'present' && own.inode.node.kind === 'symlink';
    if (isLink || (node.kind === 'symlink' && at(target).kind === 'present'))
      throw new NotSimulated(`\`cp\` of busybox of the link ${source} to ${target} is not simulated`);
  }

  private lookUpSource(source: string, place: 'operand' | 'below'): Inode | undefined {
    const { dereference } = this.options;
    const follow =
      dereference === 'always' || (dereference === 'operands' && place === 'operand') || source.endsWith('/');
    try {
      const inode = this.context.fileSystem.stat(absolute(this.context, source), { follow });
      if (source.endsWith('/') && inode.node.kind !== 'directory') {
        this.fail(`cannot stat ${quote(source)}: Not a directory`);
        return undefined;
      }
      return inode;
    } catch (error) {
      const real = this.context.fileSystem.find(absolute(this.context, source)).path;
      if (/^\/(dev|proc|sys)\//.test(real)) {
        const mode = 0o666;
        return { node: { kind: 'character', major: 0, minor: 0, mode, uid: 0, gid: 0, mtime: 0 } } as Inode;
      }
      this.fail(`cannot stat ${quote(source)}: ${causeOf(error)}`);
      return undefined;
    }
  }

  private checkExisting(source: string, target: string, from: Inode, to: Inode): 'go on' | 'skip' | 'failed' {
    const { options } = this;
    const failed = (text: string) => {
      this.fail(text);
      return 'failed' as const;
    };
    // What is kept is not even looked at.
    if (from.node.kind !== 'directory' && options.existing === 'keep') return 'skip';
    if (this.refusesSameFile(source, target, from, to)) {
      if (this.context.flavour === 'busybox' || options.backups)
        throw new NotSimulated(
          `\`cp\` of ${options.backups ? '' : 'busybox of '}a file onto itself${options.backups ? ' with a backup' : ''} is not simulated`,
        );
      if (options.make === 'hard links') return 'skip';
      return failed(`${quote(source)} and ${quote(target)} are the same file`);
    }
    const isFolder = from.node.kind === 'directory';
    if (!isFolder && options.existing === 'update' && to.node.mtime >= from.node.mtime) return 'skip';
    if (!isFolder && options.existing === 'keep') return 'skip';
    if (isFolder && to.node.kind !== 'directory') {
      return failed(`cannot overwrite non-directory ${quote(target)} with directory ${quote(source)}`);
    }
    if (!isFolder && to.node.kind === 'directory') {
      return failed(`cannot overwrite directory ${quote(target)} with non-directory`);
    }
    const made = isFolder ? undefined : this.created.get(to);
    if (made?.has(this.placeOf(target)))
      return failed(`will not overwrite just-created ${quote(target)} with ${quote(source)}`);
    return 'go on';
  }

  /** The simple part of `same_file_ok`: a file is never copied onto itself, not through a link either. */
  private refusesSameFile(source: string, target: string, from: Inode, to: Inode): boolean {
    const { fileSystem } = this.context;
    const at = (name: string) => fileSystem.find(absolute(this.context, name), { follow: false });
    const [sourceName, targetName] = [at(source), at(target)];
    if (this.options.make === 'symbolic links' && this.options.force)
      return sourceName.path === targetName.path;
    if (this.options.removeDestination && sourceName.path !== targetName.path) return false;
    const targetLink = targetName.kind === 'present' && targetName.inode.node.kind === 'symlink';
    if (this.options.dereference === 'never' && targetLink && from.node.kind !== 'symlink') {
      // A link that is to be replaced by what it points to would lose nothing, yet GNU refuses it.
      return isSameFile(from, to) || isSameFile(from, this.followed(target) ?? to);
    }
    // A link that is copied as a link must not take the place of what it leads to.
    if (from.node.kind === 'symlink' && !targetLink && isSameFile(this.followed(source) ?? from, to))
      return true;
    return from.node.kind !== 'directory' || to.node.kind === 'directory' ? isSameFile(from, to) : false;
  }

  private followed(name: string): Inode | undefined {
    return this.inodeAt(absolute(this.context, name), true);
  }

  /** Whether what is there goes before the copy is made, in place of being written into. */
  private isReplaced(node: FileSystemNode, existing: Inode, makesLink: boolean): boolean {
    if (existing.node.kind === 'directory') return false;
    if (this.options.removeDestination) return true;
    if (makesLink) return this.options.force;
    return this.options.dereference === 'never' && node.kind !== 'file';
  }

  private linkToEarlierCopy(
    source: string,
    target: string,
    from: Inode,
    existing: Inode | undefined,
  ): boolean {
    if (!this.options.preserve.links || this.options.make !== 'copies') return false;
    const earlier = this.copied.get(identityOf(from));
    this.copied.set(identityOf(from), earlier ?? absolute(this.context, target));
    if (!earlier) return false;
    if (existing) this.context.fileSystem.unlink(absolute(this.context, target));
    this.context.fileSystem.link(earlier, absolute(this.context, target));
    if (this.options.verbose) this.tell(source, target);
    return true;
  }

  private copyFolder(source: string, target: string, from: Inode, existing: Inode | undefined): boolean {
    const { context, options } = this;
    const { fileSystem } = context;
    const path = absolute(context, target);
    const sourcePath = fileSystem.find(absolute(context, source)).path;
    const targetPath = fileSystem.find(path).path;
    if (targetPath === sourcePath || targetPath.startsWith(sourcePath === '/' ? '/' : `${sourcePath}/`)) {
      if (!existing || targetPath !== sourcePath) {
        return this.copyIntoItself(source, target);
      }
    }
    if (this.entered.has(from))
      throw new NotSimulated(`\`${context.name}\` of a folder that a link puts into itself is not simulated`);
    if (!existing) {
      const { mode } = from.node;
      const kept = options.preserve.ownership ? mode & 0o1700 : mode & 0o1755;
      try {
        fileSystem.mkdir(path, options.plainModes ? 0o777 : kept | 0o700);
      } catch (error) {
        return this.fail(`cannot create directory ${quote(target)}: ${causeOf(error)}`);
      }
      if (options.verbose) this.tell(source, target);
    }
    // A folder that cannot be read is there all the same, empty.
    const names = this.namesOf(source);
    let complete = names !== undefined;
    if (options.verbose) listsByChance(context, names?.length ?? 0);
    this.entered.add(from);
    for (const name of names ?? []) {
      if (!this.copyEntry(joinNames(source, name), joinNames(target, name), 'below')) complete = false;
    }
    this.entered.delete(from);
    this.carryMetadata(target, from.node, existing);
    return complete;
  }

  private copyIntoItself(source: string, target: string): boolean {
    throw new NotSimulated(
      `\`${this.context.name}\` of a folder into itself (${source} to ${target}) is not simulated`,
    );
  }

  private namesOf(source: string): string[] | undefined {
    try {
      return this.context.fileSystem.list(absolute(this.context, source));
    } catch (error) {
      this.fail(`cannot access ${quote(source)}: ${causeOf(error)}`);
      return undefined;
    }
  }

  private makeLink(source: string, target: string, existing: Inode | undefined): boolean {
    const { context } = this;
    const path = absolute(context, target);
    if (this.options.make === 'symbolic links') {
      if (!source.startsWith('/') && target.includes('/')) {
        return this.fail(`${target}: can make relative symbolic links only in current directory`);
      }
      try {
        context.fileSystem.symlink(source, path);
      } catch (error) {
        return this.fail(
          `cannot create symbolic link ${quote(target)} to ${quote(source)}: ${causeOf(error)}`,
        );
      }
      return true;
    }
    if (existing && !this.options.force)
      return this.fail(`cannot create hard link ${quote(target)} to ${quote(source)}: File exists`);
    const from = absolute(context, source);
    context.fileSystem.link(
      this.options.dereference === 'never' ? from : context.fileSystem.find(from).path,
      path,
    );
    return true;
  }

  /** What a new file is opened with; what `-p` keeps comes later. */
  private modeOfNew({ mode }: FileSystemNode): number {
    if (this.options.plainModes) return 0o666;
    return mode & (this.options.preserve.ownership ? 0o700 : this.keptBits);
  }

  private copyFile(source: string, target: string, { node }: Inode): boolean {
    const { context, options } = this;
    const { fileSystem } = context;
    const path = absolute(context, target);
    const content = options.attributesOnly ? this.contentKept(path) : this.contentOf(source, node);
    if (!content) return false;
    if (target.endsWith('/'))
      return this.fail(`cannot create regular file ${quote(target)}: Not a directory`);
    const link = fileSystem.find(path, { follow: false });
    const dangles =
      link.kind === 'present' &&
      link.inode.node.kind === 'symlink' &&
      fileSystem.find(path).kind === 'absent';
    if (dangles && !/^\/dev\/./.test(fileSystem.find(path).path)) {
      if (context.flavour === 'busybox')
        throw new NotSimulated('`cp` of busybox onto a dangling link is not simulated');
      return this.fail(`not writing through dangling symlink ${quote(target)}`);
    }
    const mode = this.modeOfNew(node);
    // An open without O_TRUNC leaves a file as it was.
    if (options.attributesOnly && link.kind === 'present') return true;
    try {
      writeFile(context, path, content, mode);
    } catch (error) {
      const isThere = link.kind === 'present';
      if (!options.force || !isThere) {
        return this.fail(`cannot create regular file ${quote(target)}: ${causeOf(error)}`);
      }
      fileSystem.unlink(path);
      writeFile(context, path, content, mode);
    }
    return true;
  }

  private contentKept(path: string): FileNode['content'] {
    const found = this.context.fileSystem.find(path);
    return found.kind === 'present' && found.inode.node.kind === 'file'
      ? found.inode.node.content
      : EMPTY_CONTENT;
  }

  private contentOf(source: string, node: FileSystemNode): FileNode['content'] | undefined {
    try {
      if (node.kind === 'fifo') throw new NotSimulated('copying what a fifo gives is not simulated');
      return openFile(this.context, absolute(this.context, source));
    } catch (error) {
      this.fail(`cannot open ${quote(source)} for reading: ${causeOf(error)}`);
      return undefined;
    }
  }

  private copySpecial(target: string, node: FileSystemNode, existing: Inode | undefined): void {
    const { fileSystem } = this.context;
    const path = absolute(this.context, target);
    const { uid, gid } = fileSystem.credentials;
    if (existing) fileSystem.unlink(path);
    if (node.kind === 'symlink') fileSystem.symlink(node.target, path);
    else
      fileSystem.create(path, {
        ...node,
        uid,
        gid,
        mtime: fileSystem.now(),
        mode: node.mode & ~fileSystem.umask,
      });
  }

  /** What `-p` keeps, in the order of copy.c: times, owner, mode. */
  private carryMetadata(
    target: string,
    node: FileSystemNode,
    existing: Inode | undefined,
    known?: Inode,
  ): void {
    const { context, options } = this;
    const { fileSystem } = context;
    const path = absolute(context, target);
    const { preserve } = options;
    const made = known ?? this.inodeAt(path, node.kind !== 'symlink');
    if (!made) return;
    let { mode } = node;
    if (preserve.ownership && !this.giveAway(path, node, existing, made)) mode &= 0o777;
    // A new folder keeps the setgid bit that its parent handed on, also under `-a`.
    const isNewFolder = !existing && made.node.kind === 'directory';
    const handedOn = isNewFolder && context.flavour === 'gnu' ? made.node.mode & 0o2000 : 0;
    if (preserve.mode && node.kind !== 'symlink') fileSystem.changeMode(made, mode | handedOn, path);
    else if (!existing && node.kind !== 'symlink') this.settleMode(path, node, made);
    if (node.xattrs && node.kind === 'file' && preserve.mode && preserve.ownership) {
      throw new NotSimulated('copying extended attributes is not simulated');
    }
    // busybox cannot set the time of a link.
    const keepsTime = preserve.timestamps && (node.kind !== 'symlink' || context.flavour === 'gnu');
    // busybox keeps whole seconds.
    const time = context.flavour === 'busybox' ? Math.floor(node.mtime) : node.mtime;
    if (keepsTime) fileSystem.changeTime(made, time, path);
  }

  private inodeAt(path: string, follow: boolean): Inode | undefined {
    const found = this.context.fileSystem.find(path, { follow });
    return found.kind === 'present' ? found.inode : undefined;
  }

  /** Busybox copies setuid and setgid bits with the rest of the mode; GNU takes them off. */
  private get keptBits(): number {
    return this.context.flavour === 'busybox' ? 0o7777 : 0o777;
  }

  /** The mode of a new entry without `-p`: the source's under the umask, or any new file's. */
  private settleMode(path: string, node: FileSystemNode, inode: Inode): void {
    const { fileSystem } = this.context;
    const { node: made } = inode;
    // busybox gives a folder just the mode of the source, setgid bit and all.
    if (this.context.flavour === 'busybox' && made.kind === 'directory') {
      fileSystem.changeMode(inode, node.mode & ~fileSystem.umask, path);
      return;
    }
    const inheritedBit = made.kind === 'directory' ? made.mode & 0o2000 : 0;
    const isFolder = node.kind === 'directory';
    const own = this.options.plainModes
      ? isFolder
        ? 0o777
        : 0o666
      : node.mode & (isFolder ? 0o1777 : this.keptBits);
    const mode = (own & ~fileSystem.umask) | inheritedBit;
    if (mode !== made.mode) fileSystem.changeMode(inode, mode, path);
  }

  private giveAway(path: string, node: FileSystemNode, existing: Inode | undefined, made: Inode): boolean {
    const { uid, gid } = node;
    if (existing && existing.node.uid === uid && existing.node.gid === gid) return true;
    const { fileSystem } = this.context;
    for (const owner of [uid, undefined]) {
      try {
        fileSystem.changeOwner(made, owner, gid, path);
        return owner !== undefined;
      } catch (error) {
        // Who is not root keeps what the kernel lets him keep, without a word.
        if (causeOf(error) !== 'Operation not permitted') throw error;
      }
    }
    return false;
  }

  private tell(source: string, target: string, backup?: string): void {
    const kept = backup === undefined ? '' : ` (backup: ${quote(backup)})`;
    printText(this.context, `${quote(source)} -> ${quote(target)}${kept}\n`);
  }

  private fail(text: string): false {
    this.failed = true;
    complain(this.context, text);
    return false;
  }
}

/** Devices and what the kernel tells: to write there makes no file. */
function isOfSystem(path: string): boolean {
  return /^\/(dev|proc)\/./.test(path);
}
