import type { CommandContext } from '../command';
import type { ByteString } from './bytes';
import { print, readOperands } from './input';
import { notSimulated, parseOptions } from './options';

const OPTIONS = [
  '-A --address-radix=R',
  '-t --format=TYPE',
  '-c',
  '-x',
  '-b',
  '-v --output-duplicates',
  '-j --skip-bytes=N',
  '-N --read-bytes=N',
  '-w=BYTES',
];
const NAMED: Record<string, string> = {
  '\0': '\\0',
  '\x07': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
};

interface Column {
  readonly size: number;
  readonly width: number;
  show(bytes: ByteString): string;
}

/** GNU coreutils manual, "od invocation", with one format of those that scripts use: c, x1, x2, u1, o1, d1. */
export async function od(context: CommandContext): Promise<number> {
  const options = parseOptions(context, OPTIONS);
  const formats = [
    ...options.values('format'),
    ...['c', 'x', 'b']
      .filter((letter) => options.has(letter))
      .map((letter) => ({ c: 'c', x: 'x2', b: 'o1' })[letter]!),
  ];
  if (formats.length > 1) throw notSimulated('od', 'with several formats');
  const column = columnOf(formats[0] ?? 'o2');
  const { texts, failed } = await readOperands(context, options.operands);
  if (failed && texts.length === 0) return 1;
  let text = texts.map((input) => input.text).join('');
  const skipped = Number(options.value('skip-bytes') ?? 0);
  const limit = options.value('read-bytes');
  text = text.slice(skipped, limit === undefined ? undefined : skipped + Number(limit));
  const radix = options.value('address-radix') ?? 'o';
  const perLine = Number(options.value('w') ?? 16);
  let last: ByteString | undefined;
  let starred = false;
  for (let at = 0; at < text.length; at += perLine) {
    const bytes = text.slice(at, at + perLine);
    if (bytes === last && bytes.length === perLine && !options.has('output-duplicates')) {
      if (!starred) print(context, '*\n');
      starred = true;
      continue;
    }
    [last, starred] = [bytes, false];
    const cells: string[] = [];
    for (let index = 0; index < bytes.length; index += column.size) {
      cells.push(
        column.show(bytes.slice(index, index + column.size).padEnd(column.size, '\0')).padStart(column.width),
      );
    }
    print(context, `${address(skipped + at, radix)}${cells.join('')}\n`);
  }
  if (radix !== 'n') print(context, `${address(skipped + text.length, radix)}\n`);
  return failed ? 1 : 0;
}

function address(at: number, radix: string): string {
  if (radix === 'n') return '';
  const base = { o: 8, d: 10, x: 16 }[radix];
  if (!base) throw notSimulated('od', `-A ${radix}`);
  return at.toString(base).padStart(radix === 'x' ? 6 : 7, '0');
}

function columnOf(format: string): Column {
  const value = (bytes: ByteString) =>
    [...bytes].reduce((sum, byte, index) => sum + byte.charCodeAt(0) * 256 ** index, 0);
  const match = /^([xuo])([12])$/.exec(format);
  if (format === 'c') {
    const show = (byte: ByteString) =>
      NAMED[byte] ?? (/[ -~]/.test(byte) ? byte : byte.charCodeAt(0).toString(8).padStart(3, '0'));
    return { size: 1, width: 4, show };
  }
  if (!match) throw notSimulated('od', `-t ${format}`);
  const size = Number(match[2]);
  const base = { x: 16, u: 10, o: 8 }[match[1] as 'x' | 'u' | 'o'];
  const digits = { x: size * 2, u: size === 1 ? 3 : 5, o: size === 1 ? 3 : 6 }[match[1] as 'x' | 'u' | 'o'];
  const show = (bytes: ByteString) =>
    match[1] === 'u' ? String(value(bytes)) : value(bytes).toString(base).padStart(digits, '0');
  return { size, width: digits + 1, show };
}
