import { type TarSource, writeTar } from '../../../archive/write-tar';
import { PosixError } from '../../../filesystem/posix';
import type { Inode } from '../../../filesystem/writable';
import type { CommandContext } from '../command';
import { NotSimulated } from '../command';
import { joinBytes } from './bytes';
import { causeOf } from './complaints';
import { identityOf } from './inodes';
import { absolute, listsByChance, printText, refuseUnreadable } from './input';
import { adjustMode, type ModeChange, parseMode } from './modes';
import { joinNames } from './names';
import { notSimulated, type ParsedOptions } from './options';
import { type OwnerNames, readOwnerNames } from './owner-names';
import { exclusionsOf, renamingOf } from './tar-names';
import { parseTime } from './times';

/** GNU tar writes whole records of twenty blocks. */
const RECORD = 10_240;

/**
 * `tar -c`: the members in byte order below each name. The bytes are a sound archive and not those that GNU tar would
 * write, which have the times of the build in them.
 */
export async function createArchive(
  context: CommandContext,
  options: ParsedOptions,
  names: readonly { name: string; folder: string }[],
  output: string | undefined,
): Promise<{ bytes: Uint8Array; failed: boolean }> {
  const creation = new Creation(
    context,
    options,
    await readOwnerNames(context),
    await exclusionsOf(context, options),
    output,
  );
  for (const { name, folder } of names) await creation.add(name, folder);
  const pieces: Uint8Array[] = [];
  for await (const piece of writeTar(creation.members)) pieces.push(piece);
  const bytes = joinBytes(pieces);
  const padded = new Uint8Array(Math.ceil(bytes.length / RECORD) * RECORD);
  padded.set(bytes);
  return { bytes: padded, failed: creation.failed };
}

class Creation {
  failed = false;
  readonly members: TarSource[] = [];
  private saidAbsolute = false;
  /** The folders on the way to what is being added. */
  private readonly entered = new Set<Inode>();
  private readonly first = new Map<object, string>();
  private readonly mode: readonly ModeChange[] | undefined;
  private readonly output: object | undefined;
  private readonly rename: ReturnType<typeof renamingOf>;

  constructor(
    private readonly context: CommandContext,
    private readonly options: ParsedOptions,
    private readonly owners: OwnerNames,
    private readonly isExcluded: (name: string) => boolean,
    output: string | undefined,
  ) {
    const mode = options.value('mode');
    this.mode = mode === undefined ? undefined : parseMode(mode);
    if (mode !== undefined && !this.mode) throw notSimulated('tar', `--mode=${mode}`);
    const found = output === undefined ? undefined : context.fileSystem.find(output);
    this.output = found?.kind === 'present' ? found.inode : undefined;
    this.rename = renamingOf(context, options);
  }

  async add(name: string, folder: string): Promise<void> {
    const { context } = this;
    context.checkBudget();
    if (this.isExcluded(name)) return;
    const path = absolute({ cwd: folder }, name);
    let inode: Inode;
    try {
      inode = context.fileSystem.stat(path, {
        follow: this.options.has('dereference') || name.endsWith('/'),
      });
    } catch (error) {
      return this.fail(`${name}: Cannot stat: ${causeOf(error)}`);
    }
    if (inode === this.output) {
      context.stderr.write(`tar: ${name}: file is the archive; not dumped\n`);
      return;
    }
    const isFolder = inode.node.kind === 'directory';
    let names: string[] = [];
    try {
      // What cannot be read is left out.
      if (inode.node.kind === 'file') context.fileSystem.readable(path);
      if (isFolder && !this.options.has('no-recursion')) names = context.fileSystem.list(path);
    } catch (error) {
      if (!(error instanceof PosixError)) throw error;
      return this.fail(`${name}: Cannot open: ${causeOf(error)}`);
    }
    await this.member(isFolder && !name.endsWith('/') ? `${name}/` : name, path, inode);
    if (this.options.has('verbose')) listsByChance(context, names.length);
    if (this.entered.has(inode)) throw notSimulated('tar', '-h` of a folder that a link puts into itself');
    this.entered.add(inode);
    for (const child of names) await this.add(joinNames(name, child), folder);
    this.entered.delete(inode);
  }

  private async member(written: string, path: string, inode: Inode): Promise<void> {
    const { node } = inode;
    const name = this.memberName(written);
    if (name === undefined) return;
    if (this.options.has('verbose')) this.tell(written);
    const common = { name, ...this.metadata(inode) };
    const earlier = node.kind === 'directory' ? undefined : this.first.get(identityOf(inode));
    if (earlier !== undefined && !this.options.has('hard-dereference')) {
      this.members.push({ ...common, type: 'hardlink', linkname: earlier });
      return;
    }
    this.first.set(identityOf(inode), name);
    switch (node.kind) {
      case 'file': {
        const content = this.context.fileSystem.readable(path).content;
        refuseUnreadable(content);
        const body = content.kind === 'inline' ? content.bytes : await this.context.reader.read(content);
        this.members.push({ ...common, type: 'file', body });
        return;
      }
      case 'symlink': {
        this.members.push({
          ...common,
          type: 'symlink',
          mode: 0o777,
          linkname: this.rename(node.target, 'symlink') ?? node.target,
        });
        return;
      }
      case 'character':
      case 'block':
        this.members.push({ ...common, type: node.kind, major: node.major, minor: node.minor });
        return;
      default:
        this.members.push({ ...common, type: node.kind });
    }
  }

  private memberName(written: string): string | undefined {
    let name = written;
    if (/(^|\/)\.\.(\/|$)/.test(name)) throw new NotSimulated('`tar -c` of names with .. is not simulated');
    if (name.startsWith('/') && !this.options.has('absolute-names')) {
      if (!this.saidAbsolute) this.context.stderr.write("tar: Removing leading `/' from member names\n");
      this.saidAbsolute = true;
      name = name.replace(/^\/+/, '') || './';
    }
    return this.rename(name, 'member');
  }

  private metadata({ node }: Inode): Pick<TarSource, 'mode' | 'uid' | 'gid' | 'uname' | 'gname' | 'mtime'> {
    const mode = this.mode
      ? adjustMode(this.mode, node.mode, node.kind === 'directory', this.context.fileSystem.umask)
      : node.mode;
    const user = this.owner('owner', node.uid);
    const group = this.owner('group', node.gid);
    const names = this.options.has('numeric-owner')
      ? { uname: '', gname: '' }
      : { uname: user.name, gname: group.name };
    return { mode, uid: user.id, gid: group.id, ...names, mtime: this.time(node.mtime) };
  }

  private time(mtime: number): number {
    const written = this.options.value('mtime');
    if (written === undefined) return Math.floor(mtime);
    const seconds = parseTime(written);
    if (seconds === undefined) throw notSimulated('tar', `--mtime=${written}`);
    return seconds;
  }

  /** `--owner=NAME`, `--owner=ID` or `--owner=NAME:ID`, else the file's own. */
  private owner(option: 'owner' | 'group', own: number): { id: number; name: string } {
    const find = (key: string | number) => {
      if (option === 'owner') return this.owners.user(key);
      return this.owners.group(key);
    };
    const idOf = (name: string) =>
      option === 'owner' ? this.owners.user(name)?.uid : this.owners.group(name)?.gid;
    const written = this.options.value(option);
    if (written === undefined) return { id: own, name: find(own)?.name ?? '' };
    const [name, id] = written.split(':') as [string, string?];
    if (id !== undefined) return { id: Number(id), name };
    if (/^\+?\d+$/.test(name)) return { id: Number(name), name: '' };
    const known = idOf(name);
    if (known === undefined) throw notSimulated('tar', `--${option}=${written}`);
    return { id: known, name };
  }

  private tell(name: string): void {
    const text = `${name}\n`;
    if (this.options.value('file') === undefined || this.options.value('file') === '-')
      this.context.stderr.write(text);
    else printText(this.context, text);
  }

  private fail(text: string): void {
    this.context.stderr.write(`tar: ${text}\n`);
    this.failed = true;
  }
}
