import { packedBytes, type ZipEntry } from '../../../archive/zip';
import type { Inode } from '../../../filesystem/writable';
import { type Content, inlineContent } from '../../../layers/content';
import { parentOf } from '../../../layers/path';
import { type CommandContext, NotSimulated } from '../command';
import { byteStringOf, decodeArgument } from './bytes';
import { inflate } from './compressing';
import { absolute, printText } from './input';
import { refusal, safeName, type UnzipOptions } from './unzip';

/** The bytes of a member, unpacked. */
export async function memberContent(
  context: CommandContext,
  archive: Uint8Array,
  entry: ZipEntry,
): Promise<Content> {
  if (entry.encrypted) throw new NotSimulated('`unzip` of encrypted members is not simulated');
  const packed = packedBytes(archive, entry);
  if (entry.method === 0) return inlineContent(packed.slice());
  if (entry.method !== 8) throw new NotSimulated(`zip's method ${entry.method} is not simulated`);
  return inlineContent(await inflate(context, packed));
}

/** `unzip` without `-l` and its like: folders get their modes and times, and links are made, when all is there. */
export class ZipExtraction {
  private readonly links: { name: string; target: string }[] = [];
  private readonly folders: { path: string; entry: ZipEntry }[] = [];
  private exitCode = 0;
  private answer: 'none' | undefined;
  private saidAbsolute = false;

  constructor(
    private readonly context: CommandContext,
    private readonly options: UnzipOptions,
    private readonly archive: Uint8Array,
  ) {}

  async extract(entries: readonly ZipEntry[]): Promise<number> {
    if (!this.openFolder()) return 2;
    for (const entry of entries) {
      this.context.checkBudget();
      await this.extractOne(entry);
    }
    this.finishLinks();
    this.finishFolders();
    return this.exitCode;
  }

  private tell(text: string): void {
    if (this.options.quiet === 0) printText(this.context, text);
  }

  /** `-d` makes its folder, and not what is above it. */
  private openFolder(): boolean {
    const { folder } = this.options;
    if (folder === undefined) return true;
    const path = absolute(this.context, folder);
    if (this.context.fileSystem.find(path).kind === 'present') return true;
    try {
      this.context.fileSystem.mkdir(path);
      return true;
    } catch (error) {
      const shown = folder.replace(/(.)\/+$/, '$1');
      this.context.stderr.write(
        `checkdir:  cannot create extraction directory: ${shown}\n           ${refusal(error)}\n`,
      );
      return false;
    }
  }

  private async extractOne(entry: ZipEntry): Promise<void> {
    const { name, isAbsolute, climbs } = safeName(entry);
    const isFolder = entry.name.endsWith('/');
    if (isAbsolute) this.warnOfRoot(entry);
    if (climbs) {
      this.exitCode = 1;
      this.tell(`warning:  skipped "../" path component(s) in ${entry.name}\n`);
    }
    const junks = this.options.flags.has('j');
    if (name === '' || (isFolder && junks)) return;
    const base = this.options.folder?.replace(/(.)\/+$/, '$1');
    const below = junks ? name.slice(name.lastIndexOf('/') + 1) : name;
    const shown = base === undefined ? below : `${base === '/' ? '' : base}/${below}`;
    if (!this.makeParents(shown)) return;
    if (isFolder) this.makeFolder(entry, shown);
    else await this.put(entry, shown);
  }

  private warnOfRoot(entry: ZipEntry): void {
    this.exitCode = 1;
    if (!this.saidAbsolute)
      this.context.stderr.write(`warning:  stripped absolute path spec from ${decodeArgument(entry.name)}\n`);
    this.saidAbsolute = true;
  }

  private makeParents(shown: string): boolean {
    const { fileSystem } = this.context;
    const parent = parentOf(absolute(this.context, shown));
    const found = fileSystem.find(parent);
    if (found.kind === 'present') {
      if (found.inode.node.kind === 'directory') return true;
      throw new NotSimulated(`\`unzip\` below ${parent}, which is no folder, is not simulated`);
    }
    this.makeParents(parent);
    fileSystem.mkdir(parent);
    return true;
  }

  /** Only a folder that is made here gets what the archive says of it. */
  private makeFolder(entry: ZipEntry, shown: string): void {
    const { fileSystem } = this.context;
    const path = absolute(this.context, shown);
    const found = fileSystem.find(path);
    if (found.kind === 'present') {
      if (found.inode.node.kind === 'directory') return;
      throw new NotSimulated(`\`unzip\` of a folder over ${path} is not simulated`);
    }
    fileSystem.mkdir(path);
    this.tell(`   creating: ${shown}/\n`);
    this.folders.push({ path, entry });
  }

  private async put(entry: ZipEntry, shown: string): Promise<void> {
    const { fileSystem } = this.context;
    const path = absolute(this.context, shown);
    const found = fileSystem.find(path, { follow: false });
    if (found.kind === 'present' && !this.mayReplace(entry, shown, found.inode)) return;
    if (found.kind === 'absent' && this.options.flags.has('f')) return;
    const content = await memberContent(this.context, this.archive, entry);
    if (found.kind === 'present') fileSystem.unlink(path);
    const mode = modeOf(entry, fileSystem.umask);
    if (isLink(entry)) {
      const target = decodeArgument(byteStringOf((content as { bytes: Uint8Array }).bytes));
      this.links.push({ name: shown, target });
      this.tell(`    linking: ${shown.padEnd(22)}  -> ${target} \n`);
      // Its place is taken meanwhile.
      fileSystem.write(path, content);
      return;
    }
    this.tell(`${entry.method === 0 ? ' extracting' : '  inflating'}: ${shown.padEnd(22)}  \n`);
    fileSystem.write(path, content);
    fileSystem.chmod(path, this.options.flags.has('K') ? mode & 0o7777 : mode & 0o777);
    fileSystem.setModified(path, entry.mtime);
  }

  /** Without `-o` and `-n` it asks, and takes the end of its input for "none". */
  private mayReplace(entry: ZipEntry, shown: string, existing: Inode): boolean {
    const { flags } = this.options;
    const { node } = existing;
    if (node.kind === 'directory') throw new NotSimulated('`unzip` over a folder is not simulated');
    if (flags.has('u') || flags.has('f')) {
      if (node.kind === 'symlink') throw new NotSimulated('`unzip -u` over a link is not simulated');
      if (entry.mtime <= node.mtime) return false;
    }
    if (flags.has('n')) {
      if (node.kind === 'symlink') this.tell(`${shown} exists and is a symbolic link.\n`);
      return false;
    }
    if (flags.has('o')) return true;
    if (this.answer === 'none') return false;
    if (this.context.stdin.size > 0) throw new NotSimulated('answers to `unzip` are not simulated');
    this.answer = 'none';
    this.exitCode = 1;
    this.context.stderr.write(
      `replace ${shown}? [y]es, [n]o, [A]ll, [N]one, [r]ename:  NULL\n(EOF or read error, treating as "[N]one" ...)\n`,
    );
    return false;
  }

  private finishLinks(): void {
    const { fileSystem } = this.context;
    if (this.links.length > 0) this.tell('finishing deferred symbolic links:\n');
    for (const { name, target } of this.links) {
      this.tell(`  ${name.padEnd(22)} -> ${target}\n`);
      const path = absolute(this.context, name);
      fileSystem.unlink(path);
      fileSystem.symlink(target, path);
    }
  }

  private finishFolders(): void {
    const { fileSystem } = this.context;
    for (const { path, entry } of this.folders.reverse()) {
      const mode = modeOf(entry, fileSystem.umask);
      fileSystem.chmod(path, this.options.flags.has('K') ? mode & 0o7777 : mode & 0o777);
      if (!this.options.flags.has('D')) fileSystem.setModified(path, entry.mtime);
    }
  }
}

const UNIX = 3;
const LINK = 0o120000;

function isLink({ system, attributes }: ZipEntry): boolean {
  return system === UNIX && ((attributes >>> 16) & 0o170000) === LINK;
}

/** Unix' modes as they are, of DOS' the bit for read-only under the umask. */
function modeOf({ name, system, attributes }: ZipEntry, umask: number): number {
  const mode = attributes >>> 16;
  if (system === UNIX && mode !== 0) return mode & 0o7777;
  if (system !== 0 || mode !== 0)
    throw new NotSimulated(`the modes of a zip archive made on system ${system} are not simulated`);
  const isReadOnly = (attributes & 1) !== 0;
  const plain = name.endsWith('/') || attributes & 0x10 ? 0o777 : 0o666;
  return (isReadOnly ? plain & 0o555 : plain) & ~umask;
}
