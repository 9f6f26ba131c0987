import { readTar, type TarEntry } from '../../../archive/tar';
import { PosixError } from '../../../filesystem/posix';
import type { FileSystemNode } from '../../../layers/change';
import { type Content, EMPTY_CONTENT, inlineContent } from '../../../layers/content';
import { type CommandContext, NotSimulated } from '../command';
import { joinBytes } from './bytes';
import { causeOf } from './complaints';
import { absolute, printText } from './input';
import { folderName, withoutTrailingSlashes } from './names';
import type { ParsedOptions } from './options';
import { type OwnerNames, readOwnerNames } from './owner-names';
import { archiveFault, chunksOf, reportUnused } from './tar-list';
import { exclusionsOf, renamingOf, selectionOf } from './tar-names';

/** `tar -x`. An archive of unknown contents leaves its folder open. */
export async function extractArchive(
  context: CommandContext,
  options: ParsedOptions,
  bytes: Uint8Array | undefined,
  reason = '',
): Promise<number> {
  let folder = context.cwd;
  for (const { name, value } of options.list) {
    if (name !== 'directory') continue;
    const found = context.fileSystem.find(absolute({ cwd: folder }, value));
    if (found.kind === 'absent' || found.inode.node.kind !== 'directory') {
      const cause = found.kind === 'absent' ? 'No such file or directory' : 'Not a directory';
      context.stderr.write(
        `tar: ${value}: Cannot open: ${cause}\ntar: Error is not recoverable: exiting now\n`,
      );
      return 2;
    }
    folder = found.path;
  }
  if (options.has('one-top-level')) {
    const named =
      options.value('one-top-level') ||
      (options.value('file') ?? '').replace(/.*\//, '').replace(/\.(tar(\.\w+)?|t[gx]z|tbz2?)$/, '');
    folder = absolute({ cwd: folder }, named);
  }
  if (!bytes) {
    if (options.has('to-stdout'))
      throw new NotSimulated(`the contents of the archive are not known: ${reason}`);
    context.openRegion(
      context.fileSystem.find(folder).path,
      `what an archive holds is not known (${reason})`,
    );
    context.model(`what an archive holds is not known (${reason})`);
    return 0;
  }
  const extraction = new Extraction(context, options, folder, await readOwnerNames(context));
  const isExcluded = await exclusionsOf(context, options);
  const selection = selectionOf(options);
  const rename = renamingOf(context, options);
  try {
    for await (const entry of readTar(chunksOf(bytes))) {
      context.checkBudget();
      if (entry.type === 'note' || isExcluded(entry.name) || !selection.selects(entry.name)) continue;
      const name = rename(entry.name, 'member');
      if (name === undefined) continue;
      if (options.has('verbose')) extraction.tell(entry.name);
      await extraction.extract(
        entry,
        name,
        entry.linkname && rename(entry.linkname, entry.type === 'hardlink' ? 'hardlink' : 'symlink'),
      );
    }
  } catch (error) {
    return archiveFault(context, error);
  } finally {
    extraction.finishFolders();
  }
  return reportUnused(context, selection.unused(), extraction.failed);
}

class Extraction {
  failed = false;
  private saidAbsolute = false;
  /** Folders get their time, and a mode that would lock us out, when all is there. */
  private readonly folders = new Map<string, { mode: number; mtime: number | undefined }>();
  private readonly isRoot: boolean;
  /** Bits of the archive's modes that do not come through. */
  private readonly masked: number;
  private readonly existing: string;

  constructor(
    private readonly context: CommandContext,
    private readonly options: ParsedOptions,
    private readonly folder: string,
    private readonly owners: OwnerNames,
  ) {
    this.isRoot = context.fileSystem.credentials.uid === 0;
    const permissions = options.last('preserve-permissions', 'no-same-permissions');
    const keepsModes = permissions ? permissions === 'preserve-permissions' : this.isRoot;
    this.masked = keepsModes ? 0 : context.fileSystem.umask | 0o7000;
    this.existing =
      options.last('keep-old-files', 'skip-old-files', 'overwrite', 'unlink-first', 'no-overwrite-dir') ??
      'replace';
    if (options.has('xattrs', 'acls', 'selinux')) this.refusesXattrs = false;
  }
  private readonly refusesXattrs: boolean = true;

  tell(name: string): void {
    const text = `${name}\n`;
    if (this.options.has('to-stdout')) this.context.stderr.write(text);
    else printText(this.context, text);
  }

  async extract(entry: TarEntry, written: string, link: string | undefined): Promise<void> {
    if (entry.xattrs && !this.refusesXattrs) throw new NotSimulated('`tar --xattrs` is not simulated');
    if (this.options.has('to-stdout')) {
      if (entry.type === 'file') this.context.stdout.write(await contentOf(entry));
      return;
    }
    const name = this.safeName(written);
    if (name === undefined) return;
    const path = `${this.folder}/${name}`;
    try {
      this.makeParents(path);
      if (entry.type === 'directory') this.makeFolder(entry, path);
      else if (await this.clear(entry, path, written)) await this.put(entry, path, link ?? entry.linkname);
    } catch (error) {
      this.fail(`${written}: Cannot ${entry.type === 'directory' ? 'mkdir' : 'open'}: ${causeOf(error)}`);
    }
  }

  private safeName(written: string): string | undefined {
    if (written.split('/').includes('..') && !this.options.has('absolute-names')) {
      this.fail(`${written}: Member name contains '..'`);
      return undefined;
    }
    if (written.startsWith('/')) {
      if (this.options.has('absolute-names')) throw new NotSimulated('`tar -xP` is not simulated');
      if (!this.saidAbsolute) this.context.stderr.write("tar: Removing leading `/' from member names\n");
      this.saidAbsolute = true;
    }
    return withoutTrailingSlashes(written.replace(/^\/+/, '')) || '.';
  }

  private makeParents(path: string): void {
    const { fileSystem } = this.context;
    const parent = folderName(path);
    if (fileSystem.find(parent).kind === 'present') return;
    this.makeParents(parent);
    fileSystem.mkdir(parent, 0o777);
  }

  private makeFolder(entry: TarEntry, path: string): void {
    const { fileSystem } = this.context;
    const found = fileSystem.find(path, {
      follow: this.options.has('keep-directory-symlink') || path === `${this.folder}/.`,
    });
    const isThere = found.kind === 'present' && found.inode.node.kind === 'directory';
    if (isThere && this.existing === 'no-overwrite-dir') return;
    if (this.isKept(path, isThere)) return;
    if (!isThere) {
      // Whatever is in the way of a folder goes, a link to a folder as well.
      if (found.kind === 'present') {
        if (this.context.flavour === 'busybox')
          throw new NotSimulated('`tar` of busybox with a folder over something else is not simulated');
        if (this.existing === 'keep-old-files') throw new PosixError('EEXIST', path);
        fileSystem.unlink(path);
      }
      fileSystem.mkdir(path, 0o700);
    }
    this.giveOwner(entry, path, true);
    this.folders.set(path, {
      mode: entry.mode & ~this.masked,
      mtime: this.options.has('touch') ? undefined : entry.mtime,
    });
    if (!this.isRoot) fileSystem.chmod(path, (entry.mode & ~this.masked) | 0o700);
  }

  /** A folder that is there already, or a link to one, may have to stay as it is. */
  private isKept(path: string, isThere: boolean): boolean {
    const followed = this.context.fileSystem.find(path);
    if (followed.kind === 'absent' || followed.inode.node.kind !== 'directory') return false;
    if (this.existing === 'keep-old-files' || this.existing === 'skip-old-files') return true;
    const own = this.context.fileSystem.stat(path, { follow: false });
    return isThere && own.node.kind === 'symlink' && this.options.has('keep-directory-symlink');
  }

  /** Removes what is in the way; says whether the entry is to be written. */
  private async clear(entry: TarEntry, path: string, written: string): Promise<boolean> {
    const { fileSystem } = this.context;
    const found = fileSystem.find(path, { follow: false });
    if (found.kind === 'absent') return true;
    if (this.existing === 'skip-old-files') return false;
    if (this.existing === 'keep-old-files') {
      this.fail(`${written}: Cannot open: File exists`);
      return false;
    }
    if (found.inode.node.kind === 'directory') {
      if (fileSystem.list(path).length > 0) {
        this.fail(`${written}: Cannot open: ${entry.type === 'file' ? 'Is a directory' : 'File exists'}`);
        return false;
      }
      fileSystem.rmdir(path);
    } else if (this.existing === 'overwrite') {
      throw new NotSimulated('`tar --overwrite` of existing files is not simulated');
    } else {
      // A hard link onto itself stays.
      if (entry.type === 'hardlink' && this.sameFile(path, entry.linkname)) return false;
      fileSystem.unlink(path);
    }
    return true;
  }

  private sameFile(path: string, linkname: string): boolean {
    const { fileSystem } = this.context;
    const other = fileSystem.find(`${this.folder}/${linkname}`, { follow: false });
    return other.kind === 'present' && other.inode === fileSystem.stat(path, { follow: false });
  }

  private async put(entry: TarEntry, path: string, link: string): Promise<void> {
    const { fileSystem } = this.context;
    const mtime = this.options.has('touch') ? fileSystem.now() : entry.mtime;
    if (entry.type === 'hardlink') {
      try {
        fileSystem.link(`${this.folder}/${link.replace(/^\/+/, '')}`, path);
      } catch (error) {
        this.fail(`${path.slice(this.folder.length + 1)}: Cannot hard link to '${link}': ${causeOf(error)}`);
      }
      return;
    }
    if (entry.type === 'symlink') {
      fileSystem.symlink(link, path);
      // busybox leaves links as they are made.
      if (this.context.flavour === 'busybox') return;
      this.giveOwner(entry, path, false);
      fileSystem.setModified(path, mtime, { follow: false });
      return;
    }
    if (entry.type === 'file')
      fileSystem.write(path, await contentOf(entry), { mode: 0o600, exclusive: true });
    else fileSystem.create(path, specialNode(entry, fileSystem.credentials, fileSystem.now()));
    this.giveOwner(entry, path, true);
    fileSystem.chmod(path, entry.mode & ~this.masked);
    fileSystem.setModified(path, mtime);
  }

  /** By name where the image knows it, else by number; only root gives files away. */
  private giveOwner(entry: TarEntry, path: string, follow: boolean): void {
    const same = this.options.last('same-owner', 'no-same-owner');
    if (same ? same === 'no-same-owner' : !this.isRoot) return;
    const byNumber = this.options.has('numeric-owner');
    const uid =
      (byNumber || entry.uname === '' ? undefined : this.owners.user(entry.uname)?.uid) ?? entry.uid;
    const gid =
      (byNumber || entry.gname === '' ? undefined : this.owners.group(entry.gname)?.gid) ?? entry.gid;
    this.context.fileSystem.chown(path, uid, gid, { follow });
  }

  finishFolders(): void {
    const { fileSystem } = this.context;
    for (const [path, { mode, mtime }] of [...this.folders].reverse()) {
      const found = fileSystem.find(path, { follow: false });
      if (found.kind === 'absent' || found.inode.node.kind !== 'directory') continue;
      fileSystem.chmod(path, mode);
      if (mtime !== undefined) fileSystem.setModified(path, mtime);
    }
  }

  private fail(text: string): void {
    this.context.stderr.write(`tar: ${text}\n`);
    this.failed = true;
  }
}

function specialNode(
  entry: TarEntry,
  { uid, gid }: { uid: number; gid: number },
  mtime: number,
): FileSystemNode {
  const metadata = { mode: 0o600, uid, gid, mtime };
  if (entry.type === 'fifo') return { kind: 'fifo', ...metadata };
  return {
    kind: entry.type === 'block' ? 'block' : 'character',
    ...metadata,
    major: entry.major,
    minor: entry.minor,
  };
}

async function contentOf(entry: TarEntry): Promise<Content> {
  if (entry.size === 0) return EMPTY_CONTENT;
  const pieces: Uint8Array[] = [];
  for await (const piece of entry.body()) pieces.push(piece);
  // A copy, so that one small file does not keep the whole archive alive.
  return inlineContent(joinBytes(pieces).slice());
}
