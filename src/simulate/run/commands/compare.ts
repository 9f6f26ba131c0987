import { type Content, sameContent } from '../../../layers/content';
import { type CommandContext, NotSimulated } from '../command';
import { encodeArgument } from './bytes';
import { causeOf, complain, failUsage, quote } from './complaints';
import { isSameFile } from './inodes';
import { absolute, openInput, print, readText, refuseUnreadable } from './input';
import { joinNames, lastName } from './names';
import { notSimulated, type ParsedOptions, parseOptions } from './options';

/** GNU diffutils 3.8, "Invoking cmp". 0: the same, 1: different, 2: trouble. */
export async function cmp(context: CommandContext): Promise<number> {
  const options = parseOptions(context, [
    '-s --quiet --silent',
    '-b --print-bytes',
    '-l --verbose',
    '-n --bytes=N',
    '-i --ignore-initial=N',
  ]);
  if (options.has('print-bytes', 'verbose', 'bytes', 'ignore-initial'))
    throw notSimulated('cmp', '-b, -l, -n or -i');
  const [first, second = '-', ...more] = options.operands;
  if (first === undefined || more.length > 0)
    return failUsage(
      context,
      first === undefined ? "missing operand after 'cmp'" : `extra operand ${quote(more[0]!)}`,
      2,
    );
  const contents: Content[] = [];
  for (const name of [first, second]) {
    try {
      contents.push(openInput(context, name));
    } catch (error) {
      if (!options.has('silent')) complain(context, `${name}: ${causeOf(error)}`);
      return 2;
    }
  }
  const [a, b] = contents as [Content, Content];
  if (await areSame(context, a, b)) return 0;
  if (options.has('silent')) return 1;
  const [left, right] = [await readText(context, a), await readText(context, b)];
  let at = 0;
  while (at < left.length && at < right.length && left[at] === right[at]) at++;
  const lines = left.slice(0, at).split('\n');
  if (at < left.length && at < right.length) {
    print(context, encodeArgument(`${first} ${second} differ: char ${at + 1}, line ${lines.length}\n`));
  } else {
    const short = left.length < right.length ? first : second;
    const place =
      at === 0
        ? 'which is empty'
        : left[at - 1] === '\n'
          ? `after byte ${at}, line ${lines.length - 1}`
          : `after byte ${at}, in line ${lines.length}`;
    complain(context, `EOF on ${short === '-' ? short : quote(short)} ${place}`);
  }
  return 1;
}

async function areSame(context: CommandContext, a: Content, b: Content): Promise<boolean> {
  refuseUnreadable(a);
  refuseUnreadable(b);
  const known = sameContent(a, b);
  if (known !== undefined) return known;
  if (a.size < 1_000_000) return (await readText(context, a)) === (await readText(context, b));
  return (await context.reader.digest(a)) === (await context.reader.digest(b));
}

const DIFF_OPTIONS = [
  '-q --brief',
  '-r --recursive',
  '-s --report-identical-files',
  '-u',
  '-U=N',
  '-N --new-file',
  '-a --text',
  '--unified[=N]',
  '--no-dereference',
  '-w',
  '-b',
  '-B',
  '-i',
];

/** GNU diffutils 3.8, "Invoking diff", as far as files are equal or only `-q` is asked; the differences themselves are not simulated. */
export async function diff(context: CommandContext): Promise<number> {
  const options = parseOptions(context, DIFF_OPTIONS);
  const [first, second, ...more] = options.operands;
  if (first === undefined || second === undefined || more.length > 0)
    return failUsage(context, 'missing operand', 2);
  if (options.has('new-file', 'w', 'b', 'B', 'i')) throw notSimulated('diff', '-N, -w, -b, -B or -i');
  return compareNames(context, options, first, second);
}

async function compareNames(
  context: CommandContext,
  options: ParsedOptions,
  first: string,
  second: string,
): Promise<number> {
  const { fileSystem } = context;
  const kindOf = (name: string) =>
    name === '-' ? undefined : fileSystem.stat(absolute(context, name)).node.kind;
  let kinds: (string | undefined)[];
  try {
    kinds = [kindOf(first), kindOf(second)];
  } catch {
    for (const name of [first, second]) {
      if (name !== '-' && fileSystem.find(absolute(context, name)).kind === 'absent')
        complain(context, `${name}: No such file or directory`);
    }
    return 2;
  }
  if (kinds[0] === 'directory' && kinds[1] === 'directory')
    return compareFolders(context, options, first, second);
  if (kinds[0] === 'directory')
    return compareNames(context, options, joinNames(first, lastName(second)), second);
  if (kinds[1] === 'directory')
    return compareNames(context, options, first, joinNames(second, lastName(first)));
  const same = await areSame(context, openInput(context, first), openInput(context, second));
  if (same) {
    if (options.has('report-identical-files'))
      print(context, encodeArgument(`Files ${first} and ${second} are identical\n`));
    return 0;
  }
  if (options.has('brief')) print(context, encodeArgument(`Files ${first} and ${second} differ\n`));
  else if (!context.stdout.isLog) throw new NotSimulated('what `diff` prints is not simulated');
  return 1;
}

async function compareFolders(
  context: CommandContext,
  options: ParsedOptions,
  first: string,
  second: string,
): Promise<number> {
  const { fileSystem } = context;
  if (isSameFile(fileSystem.stat(absolute(context, first)), fileSystem.stat(absolute(context, second))))
    return 0;
  const names = [
    fileSystem.list(absolute(context, first)),
    fileSystem.list(absolute(context, second)),
  ] as const;
  let exitCode = 0;
  for (const name of [...new Set([...names[0], ...names[1]])].sort()) {
    context.checkBudget();
    const only = !names[0].includes(name) ? second : !names[1].includes(name) ? first : undefined;
    if (only !== undefined) {
      print(context, encodeArgument(`Only in ${only}: ${name}\n`));
      exitCode = Math.max(exitCode, 1);
      continue;
    }
    const [a, b] = [joinNames(first, name), joinNames(second, name)];
    const areFolders = [a, b].every(
      (path) => fileSystem.stat(absolute(context, path)).node.kind === 'directory',
    );
    if (areFolders && !options.has('recursive'))
      print(context, encodeArgument(`Common subdirectories: ${a} and ${b}\n`));
    else exitCode = Math.max(exitCode, await compareNames(context, options, a, b));
  }
  return exitCode;
}
