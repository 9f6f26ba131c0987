import { type CommandContext, NotSimulated } from '../command';
import { type ByteString, encodeArgument } from './bytes';
import { fail } from './complaints';
import { absolute, contentOf, linesOf, print, readOperands } from './input';
import { localeOf } from './locale';
import { notSimulated, type ParsedOptions, parseOptions } from './options';
import { writeFile } from './output';
import { compareVersions } from './version-order';

const OPTIONS = [
  '-b --ignore-leading-blanks',
  '-c',
  '--check[=HOW]',
  '-C',
  '-d --dictionary-order',
  '-f --ignore-case',
  '-g --general-numeric-sort',
  '-h --human-numeric-sort',
  '-i --ignore-nonprinting',
  '-k --key=KEY',
  '-m --merge',
  '-M --month-sort',
  '-n --numeric-sort',
  '-o --output=FILE',
  '-r --reverse',
  '-s --stable',
  '-S --buffer-size=SIZE',
  '-t --field-separator=SEP',
  '-T --temporary-directory=DIR',
  '-u --unique',
  '-V --version-sort',
  '-z --zero-terminated',
  '--parallel=N',
  '--batch-size=N',
];

const LETTERS: Record<string, string> = {
  'ignore-leading-blanks': 'b',
  'dictionary-order': 'd',
  'ignore-case': 'f',
  'general-numeric-sort': 'g',
  'human-numeric-sort': 'h',
  'ignore-nonprinting': 'i',
  'numeric-sort': 'n',
  reverse: 'r',
  'version-sort': 'V',
  'month-sort': 'M',
};

interface Key {
  readonly start: Position;
  readonly end: Position | undefined;
  readonly flags: string;
}
interface Position {
  readonly field: number;
  readonly character: number;
  readonly skipsBlanks: boolean;
}

/** GNU coreutils manual, "sort invocation", in the order of bytes (locale C). */
export async function sort(context: CommandContext): Promise<number> {
  const options = parseOptions(context, OPTIONS);
  const flags = options.list.map(({ name }) => LETTERS[name] ?? '').join('');
  if (context.flavour === 'busybox' && options.has('ignore-case') && options.has('unique'))
    throw notSimulated('sort', '-fu of busybox');
  const isOdd = options.has('stable', 'merge') && flags.includes('r');
  if (context.flavour === 'busybox' && (isOdd || options.operands.some((name) => isFolder(context, name))))
    throw notSimulated('sort', '-rs of busybox, or of a folder');
  const separator = separatorOf(options);
  const keys = options.values('key').map((text) => keyOf(text, flags));
  const wrong = options.values('key').find((_, index) => !keys[index]);
  if (wrong !== undefined) throw notSimulated('sort', `-k ${wrong}`);
  const { texts, failed } = await readOperands(context, options.operands, (name) =>
    isFolder(context, name) ? `read failed: ${name}` : `cannot read: ${name}`,
  );
  if (failed) return 2;
  const end = options.has('zero-terminated') ? '\0' : '\n';
  const lines = texts.flatMap(({ text }) => linesOf(text, end).lines);
  if (!localeOf(context).byteOrder) requirePlain(lines, flags);
  const compare = comparison(keys as Key[], flags, separator);
  const isStable = options.has('stable') || options.has('unique');
  const reversed = flags.includes('r');
  const full = (a: ByteString, b: ByteString) =>
    compare(a, b) || (isStable ? 0 : (reversed ? -1 : 1) * compareBytes(a, b));
  const check = options.last('c', 'C', 'check');
  if (check) return checkOrder(context, lines, full, options, texts[0]!.name, check);
  let sorted = options.has('merge')
    ? merged(
        texts.map(({ text }) => linesOf(text, end).lines),
        full,
      )
    : lines.sort(full);
  if (options.has('unique'))
    sorted = sorted.reduce<ByteString[]>((kept, line) => {
      if (kept.length === 0 || compare(kept.at(-1)!, line) !== 0) kept.push(line);
      return kept;
    }, []);
  const result = sorted.map((line) => line + end).join('');
  const output = options.value('output');
  if (output === undefined) print(context, result);
  else writeFile(context, absolute(context, output), contentOf(result));
  return 0;
}

function isFolder(context: CommandContext, name: string): boolean {
  const found = name === '-' || name === '' ? undefined : context.fileSystem.find(absolute(context, name));
  return found?.kind === 'present' && found.inode.node.kind === 'directory';
}

/** `-m`: the least of the lines that the files are at, of equal ones the first file's. */
function merged(
  files: readonly (readonly ByteString[])[],
  compare: (a: ByteString, b: ByteString) => number,
): ByteString[] {
  const queues = files.map((lines) => ({ lines, at: 0 }));
  const result: ByteString[] = [];
  for (;;) {
    let least: (typeof queues)[number] | undefined;
    for (const queue of queues) {
      if (queue.at >= queue.lines.length) continue;
      if (!least || compare(queue.lines[queue.at]!, least.lines[least.at]!) < 0) least = queue;
    }
    if (!least) return result;
    result.push(least.lines[least.at++]!);
  }
}

function separatorOf(options: ParsedOptions): ByteString | undefined {
  const text = options.value('field-separator');
  if (text === undefined) return undefined;
  if (text === '\\0') return '\0';
  const bytes = encodeArgument(text);
  if (bytes.length !== 1) throw notSimulated('sort', `-t ${text}`);
  return bytes;
}

function requirePlain(lines: readonly ByteString[], flags: string): void {
  if (/^[nr]*$/.test(flags) && lines.every((line) => /^-?\d+$/.test(line))) return;
  if (lines.every((line) => /^[a-z]*$/.test(line)) || lines.every((line) => /^\d*$/.test(line))) return;
  throw new NotSimulated('`sort` in the order of a language is not simulated');
}

function checkOrder(
  context: CommandContext,
  lines: readonly ByteString[],
  compare: (a: ByteString, b: ByteString) => number,
  options: ParsedOptions,
  name: string,
  how: string,
): number {
  const limit = options.has('unique') ? 0 : 1;
  const index = lines.findIndex((line, at) => at > 0 && compare(lines[at - 1]!, line) >= limit);
  if (index < 0) return 0;
  if (how !== 'C' && !/^(quiet|silent)/.test(options.value('check') ?? '')) {
    return fail(context, `${name}:${index + 1}: disorder: ${lines[index]}`);
  }
  return 1;
}

/** `F[.C][OPTS][,F[.C][OPTS]]`; letters of its own replace the global ones. */
function keyOf(text: string, globalFlags: string): Key | undefined {
  const match = /^(\d+)(?:\.(\d+))?([bdfghinrVM]*)(?:,(\d+)(?:\.(\d+))?([bdfghinrVM]*))?$/.exec(text);
  if (!match) return undefined;
  const own = `${match[3]}${match[6] ?? ''}`;
  const flags = own === '' ? globalFlags : own;
  const skips = (letters: string) => (own === '' ? globalFlags : letters).includes('b');
  const start = {
    field: Number(match[1]) - 1,
    character: Number(match[2] ?? 1) - 1,
    skipsBlanks: skips(match[3]!),
  };
  if (start.field < 0 || start.character < 0) return undefined;
  if (match[4] === undefined) return { start, end: undefined, flags };
  const end = {
    field: Number(match[4]) - 1,
    character: Number(match[5] ?? 0),
    skipsBlanks: skips(match[6]!),
  };
  return { start, end, flags };
}

function comparison(keys: readonly Key[], flags: string, separator: ByteString | undefined) {
  if (keys.length === 0) {
    const ordering = flags.replace(/[r]/g, '');
    const whole = flags.includes('b')
      ? (line: string) => line.replace(/^[ \t]+/, '')
      : (line: string) => line;
    const sign = flags.includes('r') ? -1 : 1;
    return (a: ByteString, b: ByteString) => sign * compareBy(ordering, whole(a), whole(b));
  }
  return (a: ByteString, b: ByteString) => {
    for (const key of keys) {
      const order = compareBy(key.flags, extract(a, key, separator), extract(b, key, separator));
      if (order !== 0) return key.flags.includes('r') ? -order : order;
    }
    return 0;
  };
}

/** The part of a line that a key names: `begfield` and `limfield` of sort.c. */
function extract(line: ByteString, { start, end }: Key, separator: ByteString | undefined): ByteString {
  const from = skip(line, fieldStart(line, start.field, separator), start);
  if (!end) return line.slice(from);
  if (end.character === 0) return line.slice(from, Math.max(from, fieldEnd(line, end.field, separator)));
  return line.slice(from, Math.max(from, skip(line, fieldStart(line, end.field, separator), end)));
}

function skip(line: ByteString, at: number, { skipsBlanks, character }: Position): number {
  let from = at;
  if (skipsBlanks) while (from < line.length && /[ \t\n]/.test(line[from]!)) from++;
  return Math.min(line.length, from + character);
}

function fieldStart(line: ByteString, field: number, separator: ByteString | undefined): number {
  let at = 0;
  for (let index = 0; index < field && at < line.length; index++) {
    at = oneFieldEnd(line, at, separator);
    if (separator !== undefined && at < line.length) at++;
  }
  return at;
}

function fieldEnd(line: ByteString, field: number, separator: ByteString | undefined): number {
  return oneFieldEnd(line, fieldStart(line, field, separator), separator);
}

function oneFieldEnd(line: ByteString, from: number, separator: ByteString | undefined): number {
  if (separator !== undefined) {
    const at = line.indexOf(separator, from);
    return at < 0 ? line.length : at;
  }
  let at = from;
  while (at < line.length && /[ \t\n]/.test(line[at]!)) at++;
  while (at < line.length && !/[ \t\n]/.test(line[at]!)) at++;
  return at;
}

const HUMAN = 'kKMGTPEZY';
const MONTH_NAMES = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];

function compareBy(flags: string, left: ByteString, right: ByteString): number {
  if (/[gnhM]/.test(flags)) {
    const value = flags.includes('g')
      ? generalNumber
      : flags.includes('h')
        ? humanNumber
        : flags.includes('M')
          ? monthNumber
          : plainNumber;
    return Math.sign(value(left) - value(right)) || 0;
  }
  let [a, b] = [left, right];
  if (flags.includes('d'))
    [a, b] = [a.replace(/[^A-Za-z0-9 \t\n]/g, ''), b.replace(/[^A-Za-z0-9 \t\n]/g, '')];
  if (flags.includes('i')) [a, b] = [a.replace(/[^ -~]/g, ''), b.replace(/[^ -~]/g, '')];
  if (flags.includes('f')) [a, b] = [upper(a), upper(b)];
  return flags.includes('V') ? compareVersions(a, b) : compareBytes(a, b);
}

export function upper(text: ByteString): ByteString {
  return text.replace(/[a-z]+/g, (letters) => letters.toUpperCase());
}

export function compareBytes(a: ByteString, b: ByteString): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function plainNumber(text: ByteString): number {
  const match = /^[ \t\n]*(-?(?:\d+(?:\.\d*)?|\.\d+))/.exec(text);
  if (!match) return 0;
  if (match[1]!.replace(/[^\d]/g, '').length > 15)
    throw new NotSimulated('`sort -n` of very long numbers is not simulated');
  return Number(match[1]);
}

function generalNumber(text: ByteString): number {
  const trimmed = text.trim();
  if (/^[-+]?inf/i.test(trimmed))
    return trimmed.startsWith('-') ? -Number.MAX_VALUE : Number.POSITIVE_INFINITY;
  if (/^[-+]?nan/i.test(trimmed) || /^[-+]?0x/i.test(trimmed))
    throw new NotSimulated('`sort -g` of NaN or hexadecimal numbers is not simulated');
  const value = Number.parseFloat(trimmed);
  // What is no number comes before all numbers.
  return Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value;
}

function humanNumber(text: ByteString): number {
  const match = /^[ \t\n]*(-?)(\d*\.?\d*)([kKMGTPEZY]?)/.exec(text)!;
  const magnitude = Number(match[2] || 0);
  const unit = match[3] === '' ? 0 : Math.max(HUMAN.indexOf(match[3]!.toUpperCase()), 1);
  // sort -h compares the unit first, then the number.
  const value = magnitude === 0 ? 0 : unit * 1e12 + magnitude;
  return match[1] ? -value : value;
}

function monthNumber(text: ByteString): number {
  return MONTH_NAMES.indexOf(text.trim().slice(0, 3).toUpperCase());
}
