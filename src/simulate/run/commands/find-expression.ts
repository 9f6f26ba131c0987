import type { Inode } from '../../../filesystem/writable';
import { type CommandContext, NotSimulated } from '../command';
import { encodeArgument } from './bytes';
import { causeOf, complain, quote } from './complaints';
import { formatFound } from './find-printf';
import { countNames, isSameFile, sizeOfNode } from './inodes';
import { absolute, print } from './input';
import { applyMode } from './modes';
import { folderName, joinNames, lastName, patternToRegExp } from './names';
import { notSimulated } from './options';
import type { OwnerNames } from './owner-names';
import { PosixRegex } from './posix-regex';
import { parseTime } from './times';

/** One file that find looks at. */
export interface Visit {
  /** As find prints it. */
  readonly path: string;
  /** The operand below which it was found. */
  readonly start: string;
  readonly depth: number;
  readonly inode: Inode;
  /** Set by -prune: do not go in. */
  pruned: boolean;
}

/** Most tests answer at once. Waiting for each of them would take most of the time of a large tree. */
type Test = (visit: Visit) => boolean | Promise<boolean>;

function after(
  answer: boolean | Promise<boolean>,
  next: (holds: boolean) => boolean | Promise<boolean>,
): boolean | Promise<boolean> {
  return typeof answer === 'boolean' ? next(answer) : answer.then(next);
}

const and =
  (first: Test, second: Test): Test =>
  (visit) =>
    after(first(visit), (holds) => holds && second(visit));

const or =
  (first: Test, second: Test): Test =>
  (visit) =>
    after(first(visit), (holds) => holds || second(visit));

export interface Expression {
  readonly test: Test;
  readonly minDepth: number;
  readonly maxDepth: number;
  readonly contentsFirst: boolean;
  readonly staysOnDevice: boolean;
  readonly prints: boolean;
  /** Commands of `-exec … +`, run when all names are known. */
  readonly batches: readonly { flush(): Promise<boolean> }[];
  quits(): boolean;
  takeFailure(): boolean;
}

/** A string is the complaint about a wrong expression. */
export function parseFind(
  context: CommandContext,
  args: readonly string[],
  owners: OwnerNames,
): Expression | string {
  const parser = new Parser(context, args, owners);
  try {
    return parser.parse();
  } catch (error) {
    if (error instanceof Wrong) return error.message;
    throw error;
  }
}

class Wrong extends Error {}

/** What every usual build of busybox has. */
const BUSYBOX = new Set([
  '-name',
  '-iname',
  '-path',
  '-regex',
  '-type',
  '-perm',
  '-mtime',
  '-mmin',
  '-newer',
  '-user',
  '-group',
  '-depth',
  '-size',
  '-links',
  '-empty',
  '-prune',
  '-quit',
  '-exec',
  '-delete',
  '-print',
  '-print0',
  '-maxdepth',
  '-mindepth',
  '-xdev',
]);

function compareBytes(text: string, unit: number, size: number): boolean {
  const wanted = Math.abs(Number(text)) * unit;
  return text.startsWith('+') ? size > wanted : text.startsWith('-') ? size < wanted : size === wanted;
}

class Parser {
  private at = 0;
  private minDepth = 0;
  private maxDepth = Number.POSITIVE_INFINITY;
  private contentsFirst = false;
  private staysOnDevice = false;
  private hasAction = false;
  private prints = false;
  private failed = false;
  private quit = false;
  private regexType = 'emacs';
  private readonly batches: Batch[] = [];

  constructor(
    private readonly context: CommandContext,
    private readonly args: readonly string[],
    private readonly owners: OwnerNames,
  ) {}

  parse(): Expression {
    const given: Test = this.at < this.args.length ? this.either() : () => true;
    if (this.at < this.args.length)
      throw new Wrong(`paths must precede expression: \`${this.args[this.at]}'`);
    const test: Test = this.hasAction ? given : and(given, (visit) => this.print(visit, '\n'));
    this.prints ||= !this.hasAction;
    const { minDepth, maxDepth, contentsFirst, staysOnDevice, prints, batches } = this;
    return {
      test,
      minDepth,
      maxDepth,
      contentsFirst,
      staysOnDevice,
      prints,
      batches,
      quits: () => this.quit,
      takeFailure: () => {
        const { failed } = this;
        this.failed = false;
        return failed;
      },
    };
  }

  // ── Operators ────────────────────────────────────────────────────────────────────────────────────────────

  private either(): Test {
    let left = this.both();
    while (this.args[this.at] === '-o' || this.args[this.at] === '-or') {
      this.at++;
      left = or(left, this.both());
    }
    if (this.args[this.at] === ',') throw notSimulated('find', ',');
    return left;
  }

  private both(): Test {
    let left = this.one();
    for (;;) {
      const next = this.args[this.at];
      if (next === undefined || next === '-o' || next === '-or' || next === ')' || next === ',') return left;
      if (next === '-a' || next === '-and') this.at++;
      left = and(left, this.one());
    }
  }

  private one(): Test {
    const word = this.args[this.at++];
    if (word === undefined) throw new Wrong('invalid expression; expected to find an operand');
    if (word === '!' || word === '-not') {
      const inner = this.one();
      return (visit) => after(inner(visit), (holds) => !holds);
    }
    if (word === '(') {
      const inner = this.either();
      if (this.args[this.at++] !== ')')
        throw new Wrong("invalid expression; I was expecting to find a ')' somewhere but did not see one.");
      return inner;
    }
    if (!word.startsWith('-')) throw new Wrong(`paths must precede expression: \`${word}'`);
    if (this.context.flavour === 'busybox' && word === '-executable')
      this.context.model('not every build of busybox has `find -executable`');
    else if (this.context.flavour === 'busybox' && !BUSYBOX.has(word))
      throw notSimulated('find', `${word} of busybox`);
    return (
      this.option(word) ??
      this.nameTest(word) ??
      this.nodeTest(word) ??
      this.timeTest(word) ??
      this.action(word)
    );
  }

  private value(word: string): string {
    const value = this.args[this.at++];
    if (value === undefined) throw new Wrong(`missing argument to \`${word}'`);
    return value;
  }

  private number(word: string): number {
    const value = this.value(word);
    if (!/^\d+$/.test(value))
      throw new Wrong(`Expected a positive decimal integer argument to ${word}, but got ${quote(value)}`);
    return Number(value);
  }

  // ── Options and tests ────────────────────────────────────────────────────────────────────────────────────

  private option(word: string): Test | undefined {
    switch (word) {
      case '-maxdepth':
        this.maxDepth = this.number(word);
        break;
      case '-mindepth':
        this.minDepth = this.number(word);
        break;
      case '-depth':
      case '-d':
        this.contentsFirst = true;
        break;
      case '-xdev':
      case '-mount':
        this.staysOnDevice = true;
        break;
      case '-noleaf':
      case '-warn':
      case '-nowarn':
      case '-ignore_readdir_race':
      case '-noignore_readdir_race':
        break;
      case '-regextype':
        this.regexType = this.value(word);
        break;
      default:
        return undefined;
    }
    return () => true;
  }

  private nameTest(word: string): Test | undefined {
    const ignoreCase = /^-i(name|path|wholename|regex|lname)$/.test(word);
    switch (word.replace(/^-i(?=name|path|wholename|regex|lname)/, '-')) {
      case '-name': {
        const pattern = patternToRegExp(this.value(word), { ignoreCase });
        return ({ path }) => pattern.test(lastName(path));
      }
      case '-path':
      case '-wholename': {
        const pattern = patternToRegExp(this.value(word), { ignoreCase });
        return ({ path }) => pattern.test(path);
      }
      case '-lname': {
        const pattern = patternToRegExp(this.value(word), { ignoreCase });
        return ({ inode: { node } }) => node.kind === 'symlink' && pattern.test(node.target);
      }
      case '-regex': {
        const regex = this.regex(this.value(word), ignoreCase);
        return ({ path }) => regex.test(encodeArgument(path));
      }
      case '-true':
        return () => true;
      case '-false':
        return () => false;
      default:
        return undefined;
    }
  }

  private regex(pattern: string, ignoreCase: boolean): PosixRegex {
    const extended = ['posix-extended', 'egrep', 'posix-egrep', 'gnu-awk', 'posix-awk'].includes(
      this.regexType,
    );
    const known =
      extended ||
      ['emacs', 'findutils-default', 'posix-basic', 'grep', 'sed', 'ed', 'posix-minimal-basic'].includes(
        this.regexType,
      );
    if (!known) throw notSimulated('find', `-regextype ${this.regexType}`);
    const bytes = encodeArgument(pattern);
    const isEmacs = this.regexType === 'emacs' || this.regexType === 'findutils-default';
    const text = isEmacs ? emacsToBasic(bytes) : bytes;
    return new PosixRegex(text, { syntax: extended ? 'extended' : 'basic', ignoreCase, whole: 'line' });
  }

  private nodeTest(word: string): Test | undefined {
    const { fileSystem } = this.context;
    switch (word) {
      case '-type':
      case '-xtype':
        return this.typeTest(word);
      case '-size':
        return this.sizeTest(this.value(word));
      case '-perm':
        return this.permTest(this.value(word));
      case '-empty':
        return ({ path, inode }) => {
          if (inode.node.kind === 'file') return sizeOfNode(this.context, inode.node) === 0;
          return (
            inode.node.kind === 'directory' && fileSystem.list(absolute(this.context, path)).length === 0
          );
        };
      case '-user':
      case '-uid':
      case '-group':
      case '-gid':
        return this.ownerTest(word);
      case '-nouser':
        return ({ inode }) => this.owners.user(inode.node.uid) === undefined;
      case '-nogroup':
        return ({ inode }) => this.owners.group(inode.node.gid) === undefined;
      case '-links': {
        const compare = comparison(this.value(word));
        return ({ inode }) => {
          if (inode.node.kind === 'directory') throw notSimulated('find', '-links of folders');
          return compare(countNames(fileSystem, inode));
        };
      }
      case '-samefile': {
        const other = fileSystem.stat(absolute(this.context, this.value(word)), { follow: false });
        return ({ inode }) => isSameFile(inode, other);
      }
      case '-readable':
        return ({ inode }) => fileSystem.allows(inode, 4);
      case '-writable':
        return ({ inode }) => fileSystem.allows(inode, 2);
      case '-executable':
        return ({ inode }) => fileSystem.allows(inode, 1);
      default:
        return undefined;
    }
  }

  private typeTest(word: string): Test {
    const letters: Record<string, string> = {
      f: 'file',
      d: 'directory',
      l: 'symlink',
      c: 'character',
      b: 'block',
      p: 'fifo',
      s: 'socket',
    };
    const value = this.value(word);
    if (value.includes(',') && this.context.flavour === 'busybox')
      throw notSimulated('find', `-type ${value} of busybox`);
    const kinds = value.split(',').map((letter) => letters[letter]);
    if (kinds.some((kind) => kind === undefined)) throw new Wrong(`Unknown argument to ${word}: ${value}`);
    if (word === '-type') return ({ inode }) => kinds.includes(inode.node.kind);
    return ({ path, inode }) => {
      const found = this.context.fileSystem.find(absolute(this.context, path));
      return kinds.includes(found.kind === 'present' ? found.inode.node.kind : inode.node.kind);
    };
  }

  private sizeTest(value: string): Test {
    const match = /^([-+]?\d+)([cwbkMG]?)$/.exec(value);
    if (!match) throw new Wrong(`Invalid argument \`${value}' to -size`);
    const unit = { c: 1, w: 2, '': 512, b: 512, k: 1024, M: 1024 ** 2, G: 1024 ** 3 }[match[2]!]!;
    const compare = comparison(match[1]!);
    return ({ inode: { node } }) => {
      if (node.kind === 'directory') {
        // The size of a folder is its file system's business: a few bytes to some blocks.
        const answers = [6, 4096, 65536].map((size) => compare(Math.ceil(size / unit)));
        if (answers.includes(true) && answers.includes(false)) throw notSimulated('find', '-size of folders');
        return answers[0]!;
      }
      const size = sizeOfNode(this.context, node);
      // busybox compares bytes, GNU whole units.
      return this.context.flavour === 'busybox'
        ? compareBytes(match[1]!, unit, size)
        : compare(Math.ceil(size / unit));
    };
  }

  private permTest(value: string): Test {
    const kind = /^[-/]/.exec(value)?.[0] ?? '';
    const mode = applyMode(value.slice(kind.length), 0, false, 0);
    if (mode === undefined) throw new Wrong(`invalid mode ${quote(value)}`);
    return ({ inode: { node } }) => {
      if (kind === '-') return (node.mode & mode) === mode;
      return kind === '/' ? mode === 0 || (node.mode & mode) !== 0 : node.mode === mode;
    };
  }

  private ownerTest(word: string): Test {
    const isUser = word === '-user' || word === '-uid';
    const value = this.value(word);
    const of = ({ inode: { node } }: Visit) => (isUser ? node.uid : node.gid);
    if (word === '-uid' || word === '-gid') {
      const compare = comparison(value);
      return (visit) => compare(of(visit));
    }
    const id = isUser ? this.owners.user(value)?.uid : this.owners.group(value)?.gid;
    if (id === undefined && !/^\d+$/.test(value)) {
      throw new Wrong(
        isUser
          ? `${quote(value)} is not the name of a known user`
          : `${quote(value)} is not the name of an existing group`,
      );
    }
    return (visit) => of(visit) === (id ?? Number(value));
  }

  private timeTest(word: string): Test | undefined {
    const { context } = this;
    if (word === '-newer' || word === '-newermt') {
      const value = this.value(word);
      const since =
        word === '-newer' ? context.fileSystem.stat(absolute(context, value)).node.mtime : parseTime(value);
      if (since === undefined) throw notSimulated('find', `-newermt ${value}`);
      return ({ inode: { node } }) => {
        if (node.mtime !== since && Math.min(node.mtime, since) > context.fileSystem.now() - 3600) {
          throw notSimulated('find', '-newer among files of this build');
        }
        return node.mtime > since;
      };
    }
    if (word !== '-mtime' && word !== '-mmin') return undefined;
    const value = this.value(word);
    const compare = comparison(value);
    const unit = word === '-mtime' ? 86400 : 60;
    return ({ inode: { node } }) => {
      const age = context.fileSystem.now() - node.mtime;
      const limit = Math.abs(Number(value)) * unit;
      if (age > 3600 && age < limit + unit)
        context.model(`\`find ${word} ${value}\` depends on the day of the build`);
      return compare(word === '-mtime' ? Math.floor(age / unit) : Math.ceil(age / unit));
    };
  }

  // ── Actions ──────────────────────────────────────────────────────────────────────────────────────────────

  private action(word: string): Test {
    switch (word) {
      case '-prune':
        return (visit) => {
          visit.pruned = true;
          return true;
        };
      case '-quit':
        this.hasAction = true;
        return () => {
          this.quit = true;
          return true;
        };
      case '-print':
      case '-print0': {
        this.hasAction = true;
        this.prints = true;
        return (visit) => this.print(visit, word === '-print0' ? '\0' : '\n');
      }
      case '-printf': {
        this.hasAction = true;
        this.prints = true;
        const format = this.value(word);
        return (visit) => {
          print(this.context, formatFound(this.context, format, visit, this.owners));
          return true;
        };
      }
      case '-delete':
        this.hasAction = true;
        this.contentsFirst = true;
        return (visit) => this.delete(visit);
      case '-exec':
      case '-execdir':
        this.hasAction = true;
        return this.exec(word);
      default:
        throw notSimulated('find', word);
    }
  }

  private print({ path }: Visit, end: string): true {
    print(this.context, encodeArgument(path) + end);
    return true;
  }

  private delete({ path, inode }: Visit): boolean {
    const { fileSystem } = this.context;
    if (path === '.') return true;
    try {
      if (inode.node.kind === 'directory') fileSystem.rmdir(absolute(this.context, path));
      else fileSystem.unlink(absolute(this.context, path));
      return true;
    } catch (error) {
      complain(this.context, `cannot delete ${quote(path)}: ${causeOf(error)}`);
      this.failed = true;
      return false;
    }
  }

  private exec(word: string): Test {
    const start = this.at;
    while (this.at < this.args.length) {
      const argument = this.args[this.at]!;
      if (argument === ';' || (argument === '+' && this.args[this.at - 1] === '{}')) break;
      this.at++;
    }
    if (this.at >= this.args.length) throw new Wrong(`missing argument to \`${word}'`);
    const argv = this.args.slice(start, this.at);
    const isBatch = this.args[this.at++] === '+';
    if (argv.length === 0) throw new Wrong(`invalid argument \`;' to \`${word}'`);
    if (isBatch) return this.batch(word, argv.slice(0, -1));
    return async (visit) => {
      const place = word === '-execdir' ? directoryOf(visit.path) : undefined;
      const name = place ? place.name : visit.path;
      const options = place ? { cwd: absolute(this.context, place.folder) } : {};
      const { exitCode } = await this.run(
        argv.map((argument) => argument.replaceAll('{}', name)),
        options,
      );
      const { fileSystem } = this.context;
      const isGone =
        visit.inode.node.kind === 'directory' &&
        fileSystem.find(absolute(this.context, visit.path)).kind === 'absent';
      if (isGone && !visit.pruned && !this.contentsFirst && visit.depth < this.maxDepth) {
        // find goes into the folder next and complains that it is gone.
        visit.pruned = true;
        this.failed = true;
        this.afterwards(visit.path);
      }
      return exitCode === 0;
    };
  }

  private afterwards(path: string): void {
    complain(this.context, `${quote(path)}: No such file or directory`);
  }

  private async run(argv: readonly string[], options: { cwd?: string }): Promise<{ exitCode: number }> {
    const { stdout, stderr } = this.context;
    const done = await this.context.run(argv, { ...options, stdout, stderr });
    if (done.exitCode === 127 && this.context.fileSystem.find(`/${argv[0]}`).kind === 'absent') {
      complain(this.context, `${quote(argv[0]!)}: No such file or directory`);
    }
    return done;
  }

  private batch(word: string, argv: readonly string[]): Test {
    if (argv.includes('{}')) throw new Wrong(`Only one instance of {} is supported with ${word} ... +`);
    const batch = new Batch(async (names, folder) => {
      const options = folder === undefined ? {} : { cwd: absolute(this.context, folder) };
      const { exitCode } = await this.run([...argv, ...names], options);
      return exitCode === 0;
    });
    this.batches.push(batch);
    return (visit) => {
      if (word === '-execdir') {
        const { folder, name } = directoryOf(visit.path);
        batch.add(name, folder);
      } else batch.add(visit.path, undefined);
      return true;
    };
  }
}

/** The names of `-exec … {} +`, by folder for -execdir. */
class Batch {
  private readonly names = new Map<string | undefined, string[]>();

  constructor(
    private readonly run: (names: readonly string[], folder: string | undefined) => Promise<boolean>,
  ) {}

  add(name: string, folder: string | undefined): void {
    const names = this.names.get(folder);
    if (names) names.push(name);
    else this.names.set(folder, [name]);
  }

  async flush(): Promise<boolean> {
    let good = true;
    for (const [folder, names] of this.names) {
      if (!(await this.run(names, folder))) good = false;
    }
    this.names.clear();
    return good;
  }
}

function directoryOf(path: string): { folder: string; name: string } {
  return path === '/'
    ? { folder: '/', name: '/' }
    : { folder: folderName(path), name: joinNames('.', lastName(path)) };
}

function comparison(text: string): (value: number) => boolean {
  const match = /^([-+]?)(\d+)$/.exec(text);
  if (!match) throw new NotSimulated(`\`find\` with the number ${text} is not simulated`);
  const wanted = Number(match[2]);
  if (match[1] === '+') return (value) => value > wanted;
  return match[1] === '-' ? (value) => value < wanted : (value) => value === wanted;
}

/** Emacs' syntax has `+` and `?` as operators, `\|` and `\(` as in the basic one, and no intervals. */
function emacsToBasic(pattern: string): string {
  return pattern.replace(/\[\^?\]?[^\]]*\]|\\.|[+?]/g, (piece) => {
    if (piece === '+' || piece === '?') return `\\${piece}`;
    if (piece === '\\+' || piece === '\\?' || piece === '\\{' || piece === '\\}') return piece[1]!;
    return piece;
  });
}
