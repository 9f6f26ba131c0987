import type { Inode } from '../../../filesystem/writable';
import type { FileSystemNode } from '../../../layers/change';
import type { CommandContext } from '../command';
import { encodeArgument } from './bytes';
import { causeOf, complain, quote } from './complaints';
import { countNames, sizeOfNode } from './inodes';
import { absolute, printsDoubtful, printText } from './input';
import { localeOf } from './locale';
import { formatMode } from './modes';
import { joinNames } from './names';
import { notSimulated, type ParsedOptions, parseOptions } from './options';
import { type OwnerNames, readOwnerNames } from './owner-names';
import { formatTime } from './times';
import { compareVersions } from './version-order';

const OPTIONS = [
  '-a --all',
  '-A --almost-all',
  '-d --directory',
  '-F --classify',
  '-p --indicator-style=WORD',
  '-l',
  '-g',
  '-o',
  '-G --no-group',
  '-n --numeric-uid-gid',
  '-h --human-readable',
  '-1',
  '-R --recursive',
  '-r --reverse',
  '-S',
  '-t',
  '-v',
  '-U',
  '-L --dereference',
  '-H',
  '-N --literal',
  '-q',
  '-b',
  '--color[=WHEN]',
  '--group-directories-first',
  '--sort=WORD',
  '-Q --quote-name',
  '-B --ignore-backups',
  '-w=COLS',
  '-k',
];
const FLAGS = OPTIONS.map((option) => option.replace('-p --indicator-style=WORD', '-p'));

interface Row {
  readonly name: string;
  readonly inode: Inode;
}

/** GNU coreutils manual, "ls invocation". Standard output is no terminal: one name a line, nothing quoted. */
export async function ls(context: CommandContext): Promise<number> {
  const options = parseOptions(context, FLAGS);
  if (options.has('b', 'q') || /^always|^yes/.test(options.value('color') ?? ''))
    throw notSimulated('ls', '-b, -q or --color');
  const listing = new Listing(context, options, await readOwnerNames(context));
  return listing.show(options.operands.length > 0 ? options.operands : ['.']);
}

class Listing {
  private exitCode = 0;
  private printed = false;
  private readonly long: boolean;

  constructor(
    private readonly context: CommandContext,
    private readonly options: ParsedOptions,
    private readonly owners: OwnerNames,
  ) {
    this.long = options.has('l', 'g', 'o', 'numeric-uid-gid');
    if (!localeOf(context).byteOrder)
      printsDoubtful(context, '`ls` in the order of a language is not simulated');
  }

  show(operands: readonly string[]): number {
    const files: Row[] = [];
    const folders: Row[] = [];
    for (const name of operands) {
      const inode = this.look(name);
      if (!inode) continue;
      const isFolder = inode.node.kind === 'directory' && !this.options.has('directory');
      (isFolder ? folders : files).push({ name, inode });
    }
    this.rows(this.sorted(files));
    const titled = operands.length > 1 || this.options.has('recursive');
    for (const { name } of this.sorted(folders)) this.folder(name, titled);
    return this.exitCode;
  }

  private look(name: string): Inode | undefined {
    const { context, options } = this;
    const { fileSystem } = context;
    try {
      const path = absolute(context, name);
      const own = fileSystem.stat(path, { follow: name.endsWith('/') || options.has('dereference', 'H') });
      if (own.node.kind !== 'symlink' || this.long || options.has('directory', 'classify')) return own;
      // A link to a folder is followed unless it is itself what is asked for.
      const found = fileSystem.find(path);
      return found.kind === 'present' && found.inode.node.kind === 'directory' ? found.inode : own;
    } catch (error) {
      complain(context, `cannot access ${quote(name)}: ${causeOf(error)}`);
      this.exitCode = this.context.flavour === 'gnu' ? 2 : 1;
      return undefined;
    }
  }

  private folder(name: string, titled: boolean): void {
    const { context, options } = this;
    context.checkBudget();
    let names: string[];
    const path = absolute(context, name);
    try {
      names = context.fileSystem.list(path);
    } catch (error) {
      complain(context, `cannot open directory ${quote(name)}: ${causeOf(error)}`);
      this.exitCode = name === '.' || options.operands.includes(name) ? 2 : 1;
      return;
    }
    if (titled) printText(context, `${this.printed ? '\n' : ''}${name}:\n`);
    this.printed = true;
    const follow = options.has('dereference');
    const shown = this.visible(names).map((child) => ({
      name: child,
      inode: this.child(joinNames(path, child), follow),
    }));
    const rows = this.sorted(shown);
    if (this.long) this.total(rows);
    this.rows(rows);
    if (!options.has('recursive')) return;
    for (const row of rows) {
      if (row.inode.node.kind === 'directory' && row.name !== '.' && row.name !== '..')
        this.folder(joinNames(name, row.name), true);
    }
  }

  private child(path: string, follow: boolean): Inode {
    const found = this.context.fileSystem.find(path, { follow });
    return found.kind === 'present' ? found.inode : this.context.fileSystem.stat(path, { follow: false });
  }

  private visible(names: readonly string[]): string[] {
    const { options } = this;
    if (options.has('ignore-backups'))
      return names.filter((name) => !name.endsWith('~') && !name.startsWith('.'));
    const last = options.last('all', 'almost-all');
    if (last === 'all') return ['.', '..', ...names];
    return last === 'almost-all' ? [...names] : names.filter((name) => !name.startsWith('.'));
  }

  private sorted(rows: readonly Row[]): Row[] {
    const { options } = this;
    const word = options.value('sort');
    const words: Record<string, string> = { size: 'S', time: 't', version: 'v', none: 'U' };
    if (word !== undefined && !words[word] && word !== 'name') throw notSimulated('ls', `--sort=${word}`);
    const by = options.last('S', 't', 'v', 'U', 'sort');
    const order = by === 'sort' ? words[word!] : by;
    const compareText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
    const byName = (a: Row, b: Row) => compareText(encodeArgument(a.name), encodeArgument(b.name));
    if (order === 't' && rows.length > 1) printsDoubtful(this.context, '`ls -t` sorts by times of the build');
    const compare = (a: Row, b: Row) => {
      if (order === 'S')
        return sizeOf(this.context, b.inode.node) - sizeOf(this.context, a.inode.node) || byName(a, b);
      if (order === 't') return b.inode.node.mtime - a.inode.node.mtime || byName(a, b);
      return order === 'v' ? compareVersions(a.name, b.name) : byName(a, b);
    };
    const result = order === 'U' ? [...rows] : [...rows].sort(compare);
    if (order === 'U') printsDoubtful(this.context, '`ls -U` does not sort');
    if (options.has('reverse')) result.reverse();
    if (!options.has('group-directories-first')) return result;
    const isFolder = ({ inode }: Row) => inode.node.kind === 'directory';
    return [...result.filter(isFolder), ...result.filter((row) => !isFolder(row))];
  }

  private total(rows: readonly Row[]): void {
    printsDoubtful(this.context, 'the blocks that files take were printed');
    const blocks = rows.reduce(
      (sum, { inode }) => sum + Math.ceil(sizeOf(this.context, inode.node) / 4096) * 4,
      0,
    );
    printText(this.context, `total ${this.options.has('human-readable') ? human(blocks * 1024) : blocks}\n`);
  }

  private rows(rows: readonly Row[]): void {
    if (rows.length === 0) return;
    this.printed = true;
    if (!this.long) {
      printText(this.context, rows.map((row) => `${this.label(row)}\n`).join(''));
      return;
    }
    const columns = rows.map((row) => this.columns(row));
    const width = (index: number) => Math.max(...columns.map((cells) => cells[index]!.length));
    const widths = columns[0]!.map((_, index) => width(index));
    for (const [index, cells] of columns.entries()) {
      const [mode, links, owner, group, size, time] = cells as [
        string,
        string,
        string,
        string,
        string,
        string,
      ];
      const line = [mode, links.padStart(widths[1]!)];
      if (!this.options.has('g')) line.push(owner.padEnd(widths[2]!));
      if (!this.options.has('o', 'no-group')) line.push(group.padEnd(widths[3]!));
      line.push(size.padStart(widths[4]!), time, this.label(rows[index]!));
      printText(this.context, `${line.join(' ')}\n`);
    }
  }

  private columns({ inode }: Row): string[] {
    const { node } = inode;
    const { context, options } = this;
    const isFolder = node.kind === 'directory';
    if (isFolder) printsDoubtful(context, 'the size of a folder was printed');
    const links = isFolder ? '1' : String(countNames(context.fileSystem, inode));
    const numeric = options.has('numeric-uid-gid');
    const user = (numeric ? undefined : this.owners.user(node.uid)?.name) ?? String(node.uid);
    const group = (numeric ? undefined : this.owners.group(node.gid)?.name) ?? String(node.gid);
    const isDevice = node.kind === 'character' || node.kind === 'block';
    const size = isDevice
      ? `${node.major}, ${node.minor}`
      : options.has('human-readable')
        ? human(sizeOf(this.context, node))
        : String(sizeOf(this.context, node));
    return [formatMode(node.kind, node.mode), links, user, group, size, this.time(node.mtime)];
  }

  /** The hour for the last half year, else the year. */
  private time(mtime: number): string {
    const age = this.context.fileSystem.now() - mtime;
    const isRecent = age >= 0 && age < 31_556_952 / 2;
    if (isRecent) printsDoubtful(this.context, '`ls -l` shows times by the day of the build');
    return formatTime(isRecent ? '%b %e %H:%M' : '%b %e  %Y', Math.floor(mtime));
  }

  /** busybox shows a question mark for each byte that is not of ASCII, unless the locale is of UTF-8. */
  private printable(name: string): string {
    const bytes = encodeArgument(name);
    const shown = bytes.replace(/[^ -~]/g, '?');
    const { env } = this.context;
    if (shown !== bytes && /utf-?8/i.test(env.get('LC_ALL') || env.get('LC_CTYPE') || env.get('LANG') || ''))
      printsDoubtful(this.context, 'how busybox lists names beyond ASCII is not simulated');
    return shown;
  }

  private label({ name, inode }: Row): string {
    const { node } = inode;
    const plain = this.context.flavour === 'busybox' ? this.printable(name) : name;
    const shown = this.options.has('quote-name') ? `"${plain.replace(/["\\]/g, '\\$&')}"` : plain;
    if (node.kind === 'symlink' && this.long) return `${shown} -> ${node.target}`;
    if (this.options.has('classify')) return shown + indicator(node);
    return this.options.has('p') && node.kind === 'directory' ? `${shown}/` : shown;
  }
}

function indicator(node: FileSystemNode): string {
  if (node.kind === 'file') return node.mode & 0o111 ? '*' : '';
  return { directory: '/', symlink: '@', fifo: '|' }[node.kind as string] ?? '';
}

function sizeOf(context: CommandContext, node: FileSystemNode): number {
  return node.kind === 'directory' ? 4096 : sizeOfNode(context, node);
}

/** `-h`: powers of 1024, rounded up, one decimal below ten. */
export function human(size: number): string {
  if (size < 1024) return String(size);
  let value = size;
  let unit = -1;
  while (value >= 1024 && unit < 5) {
    value /= 1024;
    unit++;
  }
  const tenths = Math.ceil(value * 10) / 10;
  const text = tenths < 10 ? tenths.toFixed(1) : String(Math.ceil(value));
  return text === '1024' ? `1.0${'KMGTPE'[unit + 1]}` : `${text}${'KMGTPE'[unit]}`;
}
