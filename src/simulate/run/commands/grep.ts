import { inlineContent } from '../../../layers/content';
import { childPath } from '../../../layers/path';
import { type CommandContext, NotSimulated } from '../command';
import { watched } from '../matching';
import { type ByteString, bytesOf, encodeArgument } from './bytes';
import { causeOf, complain } from './complaints';
import { absolute, linesOf, listsByChance, openInput, print, readText } from './input';
import { localeOf } from './locale';
import { joinNames, lastName, patternToRegExp } from './names';
import { type ParsedOptions, parseOptions } from './options';
import { perlMatcher } from './perl-regex';
import { PosixRegex, RegexError } from './posix-regex';

/** Lines between two looks at the clock. */
const LINES = 1000;

const OPTIONS = [
  '-A --after-context=N',
  '-a --text',
  '-B --before-context=N',
  '-C --context=N',
  '-c --count',
  '--color[=WHEN]',
  '--colour[=WHEN]',
  '-E --extended-regexp',
  '-e --regexp=PATTERN',
  '-F --fixed-strings',
  '-f --file=FILE',
  '-G --basic-regexp',
  '-H --with-filename',
  '-h --no-filename',
  '-I',
  '-i -y --ignore-case',
  '--include=GLOB',
  '--exclude=GLOB',
  '--exclude-dir=GLOB',
  '-L --files-without-match',
  '-l --files-with-matches',
  '--line-buffered',
  '-m --max-count=N',
  '-n --line-number',
  '-o --only-matching',
  '-P --perl-regexp',
  '-q --silent --quiet',
  '-R --dereference-recursive',
  '-r --recursive',
  '-s --no-messages',
  '-v --invert-match',
  '-w --word-regexp',
  '-x --line-regexp',
  '-Z --null',
  '-z --null-data',
  '-b --byte-offset',
  '-U --binary',
  '--no-ignore-case',
];

/** Finds the first match of a line at or after a place. */
export type Matcher = (
  line: ByteString,
  from: number,
) => { readonly index: number; readonly end: number } | undefined;

/** GNU grep's manual. 0: a line was selected, 1: none was, 2: there was trouble. */
export async function grep(context: CommandContext): Promise<number> {
  // musl's regcomp knows more escapes than glibc's.
  if (context.flavour === 'busybox' && context.args.some((argument) => /\\[dDaefnrtvx]/.test(argument)))
    throw new NotSimulated('`grep` of busybox with such an escape is not simulated');
  if (context.flavour === 'busybox' && context.args.some((argument) => /^-\d+$/.test(argument)))
    throw new NotSimulated('`grep -N` of busybox is not simulated');
  const args = context.args.map((argument) =>
    /^-\d+$/.test(argument) ? `-C${argument.slice(1)}` : argument,
  );
  const options = parseOptions({ name: context.name, args }, OPTIONS);
  const operands = [...options.operands];
  const patterns = await patternsOf(context, options, operands);
  if (!patterns) return usage(context);
  let match: Matcher;
  try {
    match = matcherOf(context, options, patterns);
  } catch (error) {
    if (!(error instanceof RegexError)) throw error;
    complain(context, error.message.startsWith('Unmatched [') ? 'Invalid regular expression' : error.message);
    return 2;
  }
  const search = new Search(context, options, match, operands);
  const recursive = options.has('recursive', 'dereference-recursive');
  for (const operand of operands.length > 0 ? operands : [recursive ? '.' : '-']) {
    await search.operand(operand, operands.length === 0 && recursive ? '' : operand);
    if (search.isDone) return 0;
  }
  if (search.failed && !(search.selected && options.has('quiet'))) return 2;
  return search.selected ? 0 : 1;
}

function usage(context: CommandContext): number {
  context.stderr.write(
    `Usage: ${context.name} [OPTION]... PATTERNS [FILE]...\nTry '${context.name} --help' for more information.\n`,
  );
  return 2;
}

async function patternsOf(
  context: CommandContext,
  options: ParsedOptions,
  operands: string[],
): Promise<ByteString[] | undefined> {
  const given = options.list.filter(({ name }) => name === 'regexp' || name === 'file');
  if (given.length === 0) {
    const pattern = operands.shift();
    return pattern === undefined ? undefined : encodeArgument(pattern).split('\n');
  }
  const patterns: ByteString[] = [];
  for (const { name, value } of given) {
    if (name === 'regexp') patterns.push(...encodeArgument(value).split('\n'));
    else patterns.push(...linesOf(await readText(context, openInput(context, value))).lines);
  }
  return patterns;
}

function matcherOf(
  context: CommandContext,
  options: ParsedOptions,
  patterns: readonly ByteString[],
): Matcher {
  const kind =
    options.last('extended-regexp', 'fixed-strings', 'basic-regexp', 'perl-regexp') ??
    defaultKind(context.name);
  const ignoreCase = options.last('ignore-case', 'no-ignore-case') === 'ignore-case';
  const whole = options.has('line-regexp') ? 'line' : options.has('word-regexp') ? 'word' : undefined;
  const { utf8 } = localeOf(context);
  if (kind === 'perl-regexp') return perlMatcher(patterns, { ignoreCase, whole, utf8 });
  const syntax = kind === 'extended-regexp' ? 'extended' : 'basic';
  const regexes = patterns.map((pattern) => {
    const text = kind === 'fixed-strings' ? pattern.replace(/[\\[\].*^$]/g, '\\$&') : pattern;
    return new PosixRegex(text, { syntax, ignoreCase, whole, utf8 });
  });
  return (line, from) => {
    let best: { index: number; end: number } | undefined;
    for (const regex of regexes) {
      const match = regex.exec(line, from);
      if (
        match &&
        (!best || match.index < best.index || (match.index === best.index && match.end > best.end))
      )
        best = match;
    }
    return best;
  };
}

function defaultKind(name: string): string {
  return name === 'egrep' ? 'extended-regexp' : name === 'fgrep' ? 'fixed-strings' : 'basic-regexp';
}

class Search {
  selected = false;
  failed = false;
  isDone = false;
  private printedGroup = false;
  private readonly named: boolean;

  constructor(
    private readonly context: CommandContext,
    private readonly options: ParsedOptions,
    private readonly match: Matcher,
    operands: readonly string[],
  ) {
    const asked = options.last('with-filename', 'no-filename');
    const several = operands.length > 1 || options.has('recursive', 'dereference-recursive');
    this.named = asked ? asked === 'with-filename' : several;
    if (options.has('byte-offset')) throw new NotSimulated('`grep -b` is not simulated');
  }

  async operand(operand: string, shown: string): Promise<void> {
    const { context, options } = this;
    const recursive = options.has('recursive', 'dereference-recursive');
    if (operand !== '-') {
      try {
        const { node } = context.fileSystem.stat(absolute(context, operand));
        if (node.kind === 'directory') {
          if (recursive) return await this.folder(absolute(context, operand), shown);
          if (context.flavour === 'busybox')
            throw new NotSimulated('`grep` of busybox of a folder is not simulated');
          return this.complain(operand, 'Is a directory');
        }
      } catch (error) {
        const cause = causeOf(error);
        if (
          context.fileSystem.find(absolute(context, operand)).kind === 'absent' &&
          !operand.startsWith('/dev/')
        ) {
          return this.complain(operand, cause);
        }
      }
      if (this.isExcluded(lastName(operand), 'operand')) return;
    }
    await this.file(operand, operand === '-' ? '(standard input)' : shown);
  }

  private async folder(path: string, shown: string): Promise<void> {
    const { context } = this;
    const { fileSystem } = context;
    const follow = this.options.has('dereference-recursive');
    const names = fileSystem.list(path);
    if (!this.options.has('quiet')) listsByChance(context, names.length);
    for (const name of names) {
      this.context.checkBudget();
      const child = childPath(path, name);
      const label = shown === '' ? name : joinNames(shown, name);
      const found = fileSystem.find(child, { follow });
      if (found.kind === 'absent') {
        if (follow) this.complain(label, 'No such file or directory');
        continue;
      }
      const { node } = found.inode;
      if (node.kind === 'symlink' && context.flavour === 'busybox')
        throw new NotSimulated('`grep -r` of busybox through links is not simulated');
      if (node.kind === 'directory') {
        const skipped = this.options
          .values('exclude-dir')
          .some((glob) => patternToRegExp(glob.replace(/\/$/, '')).test(name));
        if (!skipped) await this.folder(child, label);
      } else if (node.kind === 'file' && !this.isExcluded(name, 'below')) {
        await this.file(child, label);
      }
      if (this.isDone) return;
    }
  }

  /** The last of --include and --exclude that matches decides; without one, whether the first is an exclusion. */
  private isExcluded(name: string, place: 'operand' | 'below'): boolean {
    const globs = this.options.list.filter(
      (option) => option.name === 'include' || option.name === 'exclude',
    );
    if (
      globs.length === 0 ||
      (place === 'operand' && globs.every((glob) => glob.name === 'include') && name === '-')
    )
      return false;
    const last = globs.filter((glob) => patternToRegExp(glob.value).test(name)).at(-1);
    return last ? last.name === 'exclude' : globs[0]!.name === 'include';
  }

  private complain(name: string, cause: string): void {
    this.failed = true;
    if (!this.options.has('no-messages')) complain(this.context, `${name}: ${cause}`);
  }

  private async file(operand: string, shown: string): Promise<void> {
    const { context, options } = this;
    let text: ByteString;
    try {
      text = await readText(context, openInput(context, operand));
    } catch (error) {
      return this.complain(shown, causeOf(error));
    }
    const isBinary = text.includes('\0') && !options.has('text', 'null-data') && context.flavour === 'gnu';
    if (isBinary && options.has('I')) return;
    const separator = options.has('null-data') ? '\0' : '\n';
    const { lines } = linesOf(text, separator);
    const wanted = this.selectedLines(lines);
    if (wanted.length > 0) this.selected = true;
    const label = encodeArgument(shown);
    const end = options.has('null') ? '\0' : '\n';
    if (options.has('quiet')) this.isDone = this.selected;
    else if (options.has('files-without-match')) {
      // Which files -L lists decides the exit code since grep 3.5: 0 when it lists one.
      if (wanted.length === 0) print(context, label + end);
    } else if (options.has('files-with-matches')) {
      if (wanted.length > 0) print(context, label + end);
    } else if (options.has('count')) print(context, `${this.prefix(label, ':')}${wanted.length}\n`);
    else if (isBinary) {
      if (wanted.length > 0) complain(context, `${shown}: binary file matches`);
    } else this.show(lines, wanted, label, separator);
  }

  private selectedLines(lines: readonly ByteString[]): number[] {
    const { options } = this;
    const inverted = options.has('invert-match');
    const most = Number(options.value('max-count') ?? Number.POSITIVE_INFINITY);
    const stopsEarly = options.has('quiet', 'files-with-matches', 'files-without-match');
    const wanted: number[] = [];
    const isDone = () => wanted.length >= (stopsEarly ? Math.min(most, 1) : most);
    const look = (from: number, to: number) => {
      for (let index = from; index < to && !isDone(); index++) {
        if ((this.match(lines[index]!, 0) !== undefined) !== inverted) wanted.push(index);
      }
    };
    for (let from = 0; from < lines.length && !isDone(); from += LINES) {
      this.context.checkBudget();
      const to = Math.min(from + LINES, lines.length);
      // One watchdog for many lines: it takes longer to start than a usual line to match.
      if (to - from < LINES) look(from, to);
      else watched(() => look(from, to), `a pattern on ${LINES} lines`);
    }
    return wanted;
  }

  private prefix(label: ByteString, mark: string): ByteString {
    if (!this.named) return '';
    return label + (this.options.has('null') ? '\0' : mark);
  }

  private show(
    lines: readonly ByteString[],
    wanted: readonly number[],
    label: ByteString,
    separator: string,
  ): void {
    const { options } = this;
    const number = (name: string) => Number(options.value(name) ?? options.value('context') ?? 0);
    const [before, after] = [number('before-context'), number('after-context')];
    const numbered = (index: number, mark: string) =>
      options.has('line-number') ? `${index + 1}${mark}` : '';
    const selected = new Set(wanted);
    const pieces: ByteString[] = [];
    let last = -1;
    for (const index of wanted) {
      if (options.has('only-matching')) {
        for (const found of options.has('invert-match') ? [] : this.matches(lines[index]!)) {
          pieces.push(`${this.prefix(label, ':')}${numbered(index, ':')}${found}\n`);
        }
        continue;
      }
      const from = Math.max(index - before, last + 1);
      if ((before > 0 || after > 0) && this.printedGroup && from > last + 1) pieces.push('--\n');
      else if ((before > 0 || after > 0) && this.printedGroup && last < 0) pieces.push('--\n');
      for (let at = from; at <= Math.min(index + after, lines.length - 1); at++) {
        if (at > index && selected.has(at)) break;
        const mark = selected.has(at) ? ':' : '-';
        pieces.push(`${this.prefix(label, mark)}${numbered(at, mark)}${lines[at]}${separator}`);
        last = at;
      }
      this.printedGroup = true;
    }
    if (pieces.length > 0) this.context.stdout.write(inlineContent(bytesOf(pieces.join(''))));
  }

  private matches(line: ByteString): ByteString[] {
    const found: ByteString[] = [];
    for (let from = 0; from <= line.length; ) {
      const match = this.match(line, from);
      if (!match) break;
      if (match.end > match.index) found.push(line.slice(match.index, match.end));
      from = Math.max(match.end, match.index + (match.end === match.index ? 1 : 0));
    }
    return found;
  }
}
