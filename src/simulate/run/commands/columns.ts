import type { CommandContext } from '../command';
import { type ByteString, encodeArgument } from './bytes';
import { causeOf, fail, failUsage, quote } from './complaints';
import { absolute, contentOf, linesOf, print, readOperands } from './input';
import { localeOf } from './locale';
import { notSimulated, type ParsedOptions, parseOptions } from './options';
import { writeFile } from './output';

const CUT_OPTIONS = [
  '-b --bytes=LIST',
  '-c --characters=LIST',
  '-d --delimiter=DELIM',
  '-f --fields=LIST',
  '-n',
  '--complement',
  '-s --only-delimited',
  '--output-delimiter=STRING',
  '-z --zero-terminated',
];

type Ranges = readonly (readonly [from: number, to: number])[];

/** GNU coreutils manual, "cut invocation"; characters are bytes, as GNU's cut has it in every locale. */
export async function cut(context: CommandContext): Promise<number> {
  const options = parseOptions(context, CUT_OPTIONS);
  const lists = options.list.filter(({ name }) => ['bytes', 'characters', 'fields'].includes(name));
  if (lists.length === 0)
    return failUsage(context, 'you must specify a list of bytes, characters, or fields');
  if (lists.length > 1) return failUsage(context, 'only one list may be specified');
  const ranges = rangesOf(lists[0]!.value, options.has('complement'));
  if (!ranges) throw notSimulated('cut', lists[0]!.value);
  const byFields = lists[0]!.name === 'fields';
  const delimiter = encodeArgument(options.value('delimiter') ?? '\t') || '\0';
  if (delimiter.length > 1 && context.flavour === 'busybox')
    throw notSimulated('cut', '-d of busybox with several characters');
  if (delimiter.length > 1) return failUsage(context, 'the delimiter must be a single character');
  const given = options.value('output-delimiter');
  const glue = given === undefined ? (byFields ? delimiter : '') : encodeArgument(given);
  const { texts, failed } = await readOperands(context, options.operands);
  const end = options.has('zero-terminated') ? '\0' : '\n';
  for (const { text } of texts) {
    const kept = linesOf(text, end).lines.flatMap((line) => {
      if (!byFields) return [cutBytes(line, ranges, glue)];
      const fields = line.split(delimiter);
      if (fields.length === 1) return options.has('only-delimited') ? [] : [line];
      if (fields[0] === '' && context.flavour === 'busybox' && lists[0]!.value.includes(','))
        throw notSimulated('cut', '-f of busybox of an empty field');
      return [fields.filter((_, index) => isIn(ranges, index + 1)).join(glue)];
    });
    print(context, kept.map((line) => line + end).join(''));
  }
  return failed ? 1 : 0;
}

function cutBytes(line: ByteString, ranges: Ranges, glue: ByteString): ByteString {
  if (glue === '') return [...line].filter((_, index) => isIn(ranges, index + 1)).join('');
  return ranges
    .map(([from, to]) => line.slice(from - 1, to))
    .filter((piece) => piece !== '')
    .join(glue);
}

function isIn(ranges: Ranges, position: number): boolean {
  return ranges.some(([from, to]) => position >= from && position <= to);
}

function rangesOf(list: string, complement: boolean): Ranges | undefined {
  const ranges: [number, number][] = [];
  for (const item of list.split(/[, \t]/)) {
    const match = /^(\d*)(-?)(\d*)$/.exec(item);
    if (!match || (match[1] === '' && match[3] === '')) return undefined;
    const from = Number(match[1] || 1);
    const to = match[2] === '' ? from : Number(match[3] || Number.POSITIVE_INFINITY);
    if (from === 0 || to < from) return undefined;
    ranges.push([from, to]);
  }
  ranges.sort((a, b) => a[0] - b[0]);
  const merged: [number, number][] = [];
  for (const range of ranges) {
    const last = merged.at(-1);
    if (last && range[0] <= last[1]) last[1] = Math.max(last[1], range[1]);
    else merged.push(range);
  }
  return complement ? gapsOf(merged) : merged;
}

function gapsOf(ranges: readonly [number, number][]): Ranges {
  const gaps: [number, number][] = [];
  let next = 1;
  for (const [from, to] of ranges) {
    if (from > next) gaps.push([next, from - 1]);
    next = to + 1;
  }
  if (next !== Number.POSITIVE_INFINITY) gaps.push([next, Number.POSITIVE_INFINITY]);
  return gaps;
}

/** GNU coreutils manual, "paste invocation". */
export async function paste(context: CommandContext): Promise<number> {
  const options = parseOptions(context, ['-d --delimiters=LIST', '-s --serial', '-z --zero-terminated']);
  const end = options.has('zero-terminated') ? '\0' : '\n';
  const delimiters = delimitersOf(encodeArgument(options.value('delimiters') ?? '\t'));
  const dashes = options.operands.filter((name) => name === '-').length;
  if (dashes > 1) return pasteStdin(context, options, delimiters, end);
  const { texts, failed } = await readOperands(context, options.operands);
  if (failed) return 1;
  const files = texts.map(({ text }) => linesOf(text, end).lines);
  const isEven = new Set(files.map((lines) => lines.length)).size <= 1;
  if (context.flavour === 'busybox' && !isEven && !options.has('serial'))
    throw notSimulated('paste', 'of busybox of unequal files');
  const rows = options.has('serial') ? files : transpose(files);
  print(context, rows.map((row) => glued(row, delimiters) + end).join(''));
  return 0;
}

/** Several `-`: they take the lines of standard input in turn. */
async function pasteStdin(
  context: CommandContext,
  options: ParsedOptions,
  delimiters: string[],
  end: string,
) {
  if (options.has('serial') || options.operands.some((name) => name !== '-'))
    throw notSimulated('paste', '- with files');
  const { texts } = await readOperands(context, ['-']);
  const { lines } = linesOf(texts[0]!.text, end);
  if (context.flavour === 'busybox' && lines.length % options.operands.length !== 0)
    throw notSimulated('paste', 'of busybox of unequal lines');
  const width = options.operands.length;
  for (let start = 0; start < lines.length; start += width) {
    const row = Array.from({ length: width }, (_, index) => lines[start + index] ?? '');
    print(context, glued(row, delimiters) + end);
  }
  return 0;
}

function transpose(files: readonly (readonly string[])[]): string[][] {
  const height = Math.max(0, ...files.map((lines) => lines.length));
  return Array.from({ length: height }, (_, row) => files.map((lines) => lines[row] ?? ''));
}

function glued(row: readonly string[], delimiters: readonly string[]): string {
  return row.reduce(
    (line, piece, index) =>
      index === 0 ? piece : line + delimiters[(index - 1) % delimiters.length] + piece,
    '',
  );
}

const ESCAPED: Record<string, string> = {
  n: '\n',
  t: '\t',
  '\\': '\\',
  '0': '',
  b: '\b',
  f: '\f',
  r: '\r',
  v: '\v',
};

function delimitersOf(list: ByteString): string[] {
  const found = [...list.matchAll(/\\(.)|([\s\S])/g)].map(([, escaped, plain]) =>
    plain !== undefined ? plain : (ESCAPED[escaped!] ?? escaped!),
  );
  return found.length > 0 ? found : [''];
}

/** GNU coreutils manual, "uniq invocation". */
export async function uniq(context: CommandContext): Promise<number> {
  const options = parseOptions(context, [
    '-c --count',
    '-d --repeated',
    '-D',
    '-f --skip-fields=N',
    '-i --ignore-case',
    '-s --skip-chars=N',
    '-u --unique',
    '-w --check-chars=N',
    '-z --zero-terminated',
  ]);
  const [input = '-', target, ...more] = options.operands;
  if (more.length > 0) throw notSimulated('uniq', 'with so many files');
  if (target !== undefined && target === input) throw notSimulated('uniq', 'onto its own input');
  const { texts, failed } = await readOperands(context, [input]);
  if (failed) return 1;
  const end = options.has('zero-terminated') ? '\0' : '\n';
  const key = (line: string) => {
    const fields = new RegExp(`^(?:[ \\t]*[^ \\t]+){0,${Number(options.value('skip-fields') ?? 0)}}`);
    const compared = line.replace(fields, '').slice(Number(options.value('skip-chars') ?? 0));
    const cutKey = options.has('check-chars')
      ? compared.slice(0, Number(options.value('check-chars')))
      : compared;
    return options.has('ignore-case') ? cutKey.replace(/[a-z]/g, (letter) => letter.toUpperCase()) : cutKey;
  };
  const groups: { key: string; lines: string[] }[] = [];
  for (const line of linesOf(texts[0]!.text, end).lines) {
    const last = groups.at(-1);
    if (last && last.key === key(line)) last.lines.push(line);
    else groups.push({ key: key(line), lines: [line] });
  }
  const written: string[] = [];
  for (const { lines } of groups) {
    if (options.has('D')) {
      if (lines.length > 1) written.push(...lines.map((line) => line + end));
      continue;
    }
    if (options.has('repeated') && lines.length === 1) continue;
    if (options.has('unique') && lines.length > 1) continue;
    written.push(`${options.has('count') ? `${String(lines.length).padStart(7)} ` : ''}${lines[0]}${end}`);
  }
  if (target === undefined || target === '-') {
    print(context, written.join(''));
    return 0;
  }
  try {
    writeFile(context, absolute(context, target), contentOf(written.join('')));
    return 0;
  } catch (error) {
    return fail(context, `${target}: ${causeOf(error)}`);
  }
}

/** GNU coreutils manual, "comm invocation". */
export async function comm(context: CommandContext): Promise<number> {
  const options = parseOptions(context, [
    '-1',
    '-2',
    '-3',
    '--output-delimiter=STR',
    '--nocheck-order',
    '--check-order',
    '-z --zero-terminated',
    '--total',
  ]);
  if (options.has('total', 'check-order')) throw notSimulated('comm', '--total');
  if (options.operands.length < 2)
    return failUsage(
      context,
      options.operands.length === 0
        ? 'missing operand'
        : `missing operand after ${quote(options.operands[0]!)}`,
    );
  const { texts, failed } = await readOperands(context, options.operands);
  if (failed) return 1;
  const end = options.has('zero-terminated') ? '\0' : '\n';
  const [left, right] = texts.map(({ text }) => linesOf(text, end).lines) as [string[], string[]];
  if (!localeOf(context).byteOrder) throw notSimulated('comm', 'in the order of a language');
  for (const lines of [left, right]) {
    if (lines.some((line, index) => index > 0 && line < lines[index - 1]!))
      throw notSimulated('comm', 'of unsorted files');
  }
  const tab = options.value('output-delimiter') ?? '\t';
  const shown = [1, 2, 3].filter((column) => !options.has(String(column)));
  const put = (column: number, line: string) => {
    if (shown.includes(column))
      print(context, `${tab.repeat(shown.filter((other) => other < column).length)}${line}${end}`);
  };
  let [i, j] = [0, 0];
  while (i < left.length || j < right.length) {
    const [a, b] = [left[i], right[j]];
    if (b === undefined || (a !== undefined && a < b)) put(1, left[i++]!);
    else if (a === undefined || b < a) put(2, right[j++]!);
    else {
      put(3, a);
      i++;
      j++;
    }
  }
  return 0;
}

/** GNU coreutils manual, "fold invocation". */
export async function fold(context: CommandContext): Promise<number> {
  const args = context.args.map((argument) => argument.replace(/^-(\d+)$/, '-w$1'));
  const options = parseOptions({ name: context.name, args }, [
    '-b --bytes',
    '-s --spaces',
    '-w --width=WIDTH',
  ]);
  const width = Number(options.value('width') ?? 80);
  if (!(width > 0)) return fail(context, `invalid number of columns: ${quote(options.value('width')!)}`);
  const { texts, failed } = await readOperands(context, options.operands);
  for (const { text } of texts) {
    if (/[\t\b\r]/.test(text) && !options.has('bytes')) throw notSimulated('fold', 'of tabs');
    const { lines, complete } = linesOf(text);
    print(
      context,
      lines.map((line) => foldLine(line, width, options.has('spaces'))).join('\n') +
        (complete && lines.length > 0 ? '\n' : ''),
    );
  }
  return failed ? 1 : 0;
}

function foldLine(line: string, width: number, atSpaces: boolean): string {
  const pieces: string[] = [];
  let rest = line;
  while (rest.length > width) {
    const space = atSpaces ? rest.lastIndexOf(' ', width - 1) + 1 : 0;
    const at = space > 0 ? space : width;
    pieces.push(rest.slice(0, at));
    rest = rest.slice(at);
  }
  return [...pieces, rest].join('\n');
}

/** GNU coreutils manual, "expand invocation", with one tab width. */
export async function expand(context: CommandContext): Promise<number> {
  const options = parseOptions(context, ['-i --initial', '-t --tabs=N']);
  const width = Number(options.value('tabs') ?? 8);
  if (!(width > 0) || options.has('initial')) throw notSimulated('expand', '-i or a list of tabs');
  const { texts, failed } = await readOperands(context, options.operands);
  for (const { text } of texts) {
    let column = 0;
    let result = '';
    for (const character of text) {
      const piece = character === '\t' ? ' '.repeat(width - (column % width)) : character;
      column = character === '\n' ? 0 : column + piece.length;
      result += piece;
    }
    print(context, result);
  }
  return failed ? 1 : 0;
}

/** GNU coreutils manual, "nl invocation", for bodies without sections. */
export async function nl(context: CommandContext): Promise<number> {
  const options = parseOptions(context, [
    '-b --body-numbering=STYLE',
    '-w --number-width=N',
    '-s --number-separator=S',
    '-v --starting-line-number=N',
    '-i --line-increment=N',
    '-n --number-format=F',
  ]);
  const style = options.value('body-numbering') ?? 't';
  if (!/^[atn]$/.test(style)) throw notSimulated('nl', `-b ${style}`);
  const { texts, failed } = await readOperands(context, options.operands);
  const width = Number(options.value('number-width') ?? 6);
  const separator = encodeArgument(options.value('number-separator') ?? '\t');
  const format = options.value('number-format') ?? 'rn';
  let number = Number(options.value('starting-line-number') ?? 1);
  for (const line of linesOf(texts.map(({ text }) => text).join('')).lines) {
    if (/^(\\:){1,3}$/.test(line)) throw notSimulated('nl', 'with sections');
    if (style === 'n' || (style === 't' && line === '')) {
      print(context, `${' '.repeat(width + separator.length)}${line}\n`);
      continue;
    }
    const digits = String(number);
    const padded =
      format === 'ln' ? digits.padEnd(width) : digits.padStart(width, format === 'rz' ? '0' : ' ');
    print(context, `${padded}${separator}${line}\n`);
    number += Number(options.value('line-increment') ?? 1);
  }
  return failed ? 1 : 0;
}

/** GNU coreutils manual, "join invocation": the default output of two sorted files, with -t, -1, -2, -j, -a and -v. */
export async function join(context: CommandContext): Promise<number> {
  const options = parseOptions(context, [
    '-t=CHAR',
    '-1=FIELD',
    '-2=FIELD',
    '-j=FIELD',
    '-a=FILE',
    '-v=FILE',
  ]);
  if (options.operands.length !== 2) return failUsage(context, 'missing operand');
  const { texts, failed } = await readOperands(context, options.operands);
  if (failed) return 1;
  const separator = options.value('t');
  const split = (line: string) =>
    separator === undefined ? line.trim().split(/[ \t]+/) : line.split(separator);
  const fields = ['1', '2'].map((name) => Number(options.value(name) ?? options.value('j') ?? 1) - 1) as [
    number,
    number,
  ];
  const [left, right] = texts.map(({ text }) => linesOf(text).lines.map(split)) as [string[][], string[][]];
  const keyOf = (row: string[], side: 0 | 1) => row[fields[side]] ?? '';
  const sides: [string[][], 0 | 1][] = [
    [left, 0],
    [right, 1],
  ];
  for (const [rows, side] of sides) {
    if (rows.some((row, index) => index > 0 && keyOf(row, side) < keyOf(rows[index - 1]!, side)))
      throw notSimulated('join', 'of unsorted files');
  }
  const glue = separator ?? ' ';
  const rest = (row: string[], side: 0 | 1) => row.filter((_, index) => index !== fields[side]);
  const only = (side: 0 | 1) => [...options.values('a'), ...options.values('v')].includes(String(side + 1));
  const put = (pieces: string[]) => print(context, `${pieces.join(glue)}\n`);
  let [i, j] = [0, 0];
  while (i < left.length || j < right.length) {
    const [a, b] = [left[i] && keyOf(left[i]!, 0), right[j] && keyOf(right[j]!, 1)];
    if (b === undefined || (a !== undefined && a < b)) {
      if (only(0)) put([a!, ...rest(left[i]!, 0)]);
      i++;
    } else if (a === undefined || b < a) {
      if (only(1)) put([b, ...rest(right[j]!, 1)]);
      j++;
    } else {
      const [iEnd, jEnd] = [
        endOfKey(left, i, (row) => keyOf(row, 0)),
        endOfKey(right, j, (row) => keyOf(row, 1)),
      ];
      if (!options.has('v')) {
        for (let x = i; x < iEnd; x++)
          for (let y = j; y < jEnd; y++) put([a, ...rest(left[x]!, 0), ...rest(right[y]!, 1)]);
      }
      [i, j] = [iEnd, jEnd];
    }
  }
  return 0;
}

function endOfKey(rows: readonly string[][], from: number, keyOf: (row: string[]) => string): number {
  let end = from;
  while (end < rows.length && keyOf(rows[end]!) === keyOf(rows[from]!)) end++;
  return end;
}
