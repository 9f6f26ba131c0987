import { EMPTY_CONTENT } from '../../../layers/content';
import type { CommandContext } from '../command';
import { type ByteString, decodeArgument, encodeArgument } from './bytes';
import { causeOf, complain, fail, failUsage } from './complaints';
import { absolute, openFile, readText } from './input';
import { notSimulated, type ParsedOptions, parseOptions } from './options';

const OPTIONS = [
  '-0 --null',
  '-a --arg-file=FILE',
  '-d --delimiter=C',
  '-E=EOF',
  '-e[EOF]',
  '--eof[=EOF]',
  '-I=R',
  '-i[R]',
  '--replace[=R]',
  '-L=N',
  '-l[N]',
  '--max-lines[=N]',
  '-n --max-args=N',
  '-P --max-procs=N',
  '-p --interactive',
  '-r --no-run-if-empty',
  '-s --max-chars=N',
  '-t --verbose',
  '-x --exit',
  '-o --open-tty',
];

interface Item {
  readonly text: ByteString;
  /** The item ends its line (for -L). */
  readonly endsLine: boolean;
}

/** GNU findutils 4.9, by its manual. Exit codes: 123 when a command failed, 124 for its 255, 126 and 127 as a shell's. */
export async function xargs(context: CommandContext): Promise<number> {
  const options = parseOptions(context, OPTIONS, { stopAtOperand: true });
  if (options.has('interactive', 'max-chars', 'E', 'e', 'eof', 'open-tty'))
    throw notSimulated('xargs', '-p, -s, -o or -E');
  const command = options.operands.length > 0 ? options.operands : ['echo'];
  let content = context.stdin;
  const file = options.value('arg-file');
  if (file !== undefined) {
    try {
      content = openFile(context, absolute(context, file));
    } catch (error) {
      return fail(context, `Cannot open input file '${file}': ${causeOf(error)}`);
    }
  }
  const wrong = wrongNumber(context, options);
  if (wrong) return failUsage(context, wrong);
  const last = lastOfRivals(context, options);
  const replace = isReplacing(last) ? last : undefined;
  const items = itemsOf(context, options, await readText(context, content), replace !== undefined);
  if (typeof items === 'string') return fail(context, items);
  const pattern = replace === undefined ? undefined : options.value(replace) || '{}';
  const runs =
    pattern === undefined ? grouped(options, last, command, items) : replaced(command, items, pattern);
  return runAll(context, options, runs, file !== undefined);
}

/** Of `-n`, `-L` and `-I` the last one counts, with a warning; only `-n 1` does not undo an earlier `-I`. */
function lastOfRivals(context: CommandContext, options: ParsedOptions): string | undefined {
  if (context.flavour === 'busybox' && options.has('I')) return 'I';
  let last: string | undefined;
  for (const { name, value } of options.list) {
    if (!/^(I|i|replace|L|l|max-lines|max-args)$/.test(name)) continue;
    if (name === 'max-args' && Number(value) === 1 && isReplacing(last)) continue;
    if (last !== undefined && kindOf(last) !== kindOf(name) && context.flavour === 'gnu')
      complain(
        context,
        `warning: options --${kindOf(last)} and ${spelling(name)} are mutually exclusive, ignoring previous --${kindOf(last)} value`,
      );
    last = name;
  }
  return last;
}

function isReplacing(name: string | undefined): boolean {
  return name !== undefined && kindOf(name) === 'replace';
}

function kindOf(name: string): 'replace' | 'max-lines' | 'max-args' {
  if (name === 'max-args') return name;
  return /^(I|i|replace)$/.test(name) ? 'replace' : 'max-lines';
}

function spelling(name: string): string {
  if (isReplacing(name)) return '--replace/-I/-i';
  if (name === 'max-args') return '--max-args/-n';
  return name === 'L' ? '-L' : '--max-lines/-l';
}

function wrongNumber(context: CommandContext, options: ParsedOptions): string | undefined {
  for (const [name, letter] of [
    ['max-args', 'n'],
    ['L', 'L'],
  ] as const) {
    const text = options.value(name);
    if (text === undefined || /^[1-9]\d*$/.test(text)) continue;
    if (context.flavour === 'busybox') throw notSimulated('xargs', `-${letter} ${text}`);
    return /^0+$/.test(text)
      ? `value ${text} for -${letter} option should be >= 1`
      : `invalid number "${text}" for -${letter} option`;
  }
  return undefined;
}

async function runAll(
  context: CommandContext,
  options: ParsedOptions,
  runs: readonly (readonly string[])[],
  keepsStdin: boolean,
) {
  let exitCode = 0;
  if (runs.length > 1 && Number(options.value('max-procs') ?? 1) !== 1 && context.stdout.keepsOrder)
    context.model('what `xargs -P` starts at once ends in any order');
  for (const argv of runs) {
    context.checkBudget();
    if (options.has('verbose')) context.stderr.write(`${argv.join(' ')}\n`);
    const { stdout, stderr } = context;
    const done = await context.run(argv, {
      stdin: keepsStdin ? context.stdin : EMPTY_CONTENT,
      stdout,
      stderr,
    });
    if (done.exitCode === 255) {
      complain(context, `${argv[0]}: exited with status 255; aborting`);
      return 124;
    }
    if (done.exitCode === 127 || done.exitCode === 126) {
      if (done.exitCode === 127 && !isShell(argv[0]!))
        complain(context, `${argv[0]}: No such file or directory`);
      // A shell that ends with 127 is a command that failed, a missing program ends xargs.
      if (!isShell(argv[0]!)) return done.exitCode;
    }
    if (done.exitCode !== 0) exitCode = 123;
  }
  return exitCode;
}

function isShell(name: string): boolean {
  return /(^|\/)(ba|da|a)?sh$/.test(name);
}

function itemsOf(
  context: CommandContext,
  options: ParsedOptions,
  text: ByteString,
  byLine: boolean,
): Item[] | string {
  const delimiter = options.value('delimiter');
  const special = options.last('null', 'delimiter');
  if (special !== undefined) {
    const mark = special === 'null' ? '\0' : delimiterOf(delimiter!);
    const pieces = text.split(mark);
    if (pieces.at(-1) === '') pieces.pop();
    return pieces.map((piece) => ({ text: piece, endsLine: true }));
  }
  if (text.includes('\0')) {
    complain(
      context,
      'WARNING: a NUL character occurred in the input.  It cannot be passed through in the argument list.  Did you mean to use the --null option?',
    );
    throw notSimulated('xargs', 'of NUL characters');
  }
  return byLine ? lineItems(text) : wordItems(text);
}

function delimiterOf(text: string): string {
  const named: Record<string, string> = { '\\n': '\n', '\\t': '\t', '\\0': '\0', '\\\\': '\\', '\\r': '\r' };
  const mark = named[text] ?? encodeArgument(text);
  if (mark.length !== 1) throw notSimulated('xargs', `-d ${text}`);
  return mark;
}

/** -I: one item a line, leading blanks dropped, quotes and backslashes still special. */
function lineItems(text: ByteString): Item[] | string {
  const items: Item[] = [];
  for (const line of text.split('\n')) {
    const unquoted = unquote(line.replace(/^[ \t]+/, ''));
    if (unquoted.problem) return unquoted.problem;
    if (line.trim() !== '') items.push({ text: unquoted.text, endsLine: true });
  }
  return items;
}

function unquote(line: ByteString): { text: ByteString; problem?: string } {
  let text = '';
  for (let at = 0; at < line.length; at++) {
    const character = line[at]!;
    if (character === '\\') text += line[++at] ?? '';
    else if (character === '"' || character === "'") {
      const end = line.indexOf(character, at + 1);
      if (end < 0) return { text, problem: unmatched(character) };
      text += line.slice(at + 1, end);
      at = end;
    } else text += character;
  }
  return { text };
}

function unmatched(mark: string): string {
  const kind = mark === '"' ? 'double' : 'single';
  return `unmatched ${kind} quote; by default quotes are special to xargs unless you use the -0 option`;
}

/** Words, separated by blanks and newlines; a blank at the end of a line continues it for -L. */
function wordItems(text: ByteString): Item[] | string {
  const items: { text: ByteString; endsLine: boolean }[] = [];
  let at = 0;
  while (at < text.length) {
    const character = text[at]!;
    if (/[ \t\n\v\f\r]/.test(character)) {
      const last = items.at(-1);
      if (character === '\n' && last && !/[ \t]/.test(text[at - 1] ?? '')) last.endsLine = true;
      at++;
      continue;
    }
    let word = '';
    while (at < text.length && !/[ \t\n\v\f\r]/.test(text[at]!)) {
      const next = text[at]!;
      if (next === '\\') {
        word += text[at + 1] ?? '';
        at += 2;
      } else if (next === '"' || next === "'") {
        const end = text.indexOf(next, at + 1);
        if (end < 0 || text.slice(at, end).includes('\n')) return unmatched(next);
        word += text.slice(at + 1, end);
        at = end + 1;
      } else {
        word += next;
        at++;
      }
    }
    items.push({ text: word, endsLine: false });
  }
  return items;
}

/** The most bytes of a command line that GNU xargs builds by default. */
const LONGEST = 131_072;

function grouped(
  options: ParsedOptions,
  byLines: string | undefined,
  command: readonly string[],
  items: readonly Item[],
): string[][] {
  if (items.length === 0) return options.has('no-run-if-empty') ? [] : [[...command]];
  const lines =
    byLines && byLines !== 'max-args' ? Number(options.value(byLines) || 1) : Number.POSITIVE_INFINITY;
  const most =
    byLines === 'max-args' || byLines === undefined
      ? Number(options.value('max-args') ?? Number.POSITIVE_INFINITY)
      : Number.POSITIVE_INFINITY;
  const base = command.reduce((sum, word) => sum + encodeArgument(word).length + 1, 0);
  const runs: string[][] = [];
  let current: string[] = [];
  let length = base;
  let count = 0;
  for (const { text, endsLine } of items) {
    if (current.length > 0 && (current.length >= most || length + text.length + 1 > LONGEST)) {
      runs.push([...command, ...current]);
      [current, length, count] = [[], base, 0];
    }
    current.push(decodeArgument(text));
    length += text.length + 1;
    if (endsLine && ++count >= lines) {
      runs.push([...command, ...current]);
      [current, length, count] = [[], base, 0];
    }
  }
  if (current.length > 0) runs.push([...command, ...current]);
  return runs;
}

function replaced(command: readonly string[], items: readonly Item[], pattern: string): string[][] {
  return items.map(({ text }) =>
    command.map((word, index) => (index === 0 ? word : word.replaceAll(pattern, decodeArgument(text)))),
  );
}
