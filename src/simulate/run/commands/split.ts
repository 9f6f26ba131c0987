import { type CommandContext, NotSimulated } from '../command';
import { type ByteString, decodeArgument } from './bytes';
import { causeOf, fail, failUsage, quote } from './complaints';
import { absolute, contentOf, openInput, readText } from './input';
import { notSimulated, type ParsedOptions, parseOptions } from './options';
import { writeFile } from './output';
import { sizeOf } from './raw-files';

const OPTIONS = [
  '-a --suffix-length=N',
  '--additional-suffix=TEXT',
  '-b --bytes=SIZE',
  '-C --line-bytes=SIZE',
  '-d',
  '--numeric-suffixes[=FROM]',
  '-x',
  '--hex-suffixes[=FROM]',
  '-e --elide-empty-files',
  '-l --lines=N',
  '-n --number=CHUNKS',
  '-t --separator=SEP',
  '--verbose',
];

/** GNU coreutils manual, "split invocation": by lines, bytes, lines up to so many bytes, or into so many pieces. */
export async function split(context: CommandContext): Promise<number> {
  const options = parseOptions(context, OPTIONS);
  if (options.has('verbose', 'separator')) throw notSimulated('split', '--verbose or -t');
  const [input = '-', prefix = 'x', ...more] = options.operands;
  if (more.length > 0) return failUsage(context, `extra operand ${quote(more[0]!)}`);
  let text: ByteString;
  try {
    text = await readText(context, openInput(context, input));
  } catch (error) {
    return fail(context, `cannot open ${quote(input)} for reading: ${causeOf(error)}`);
  }
  const pieces = piecesOf(options, text);
  const nameOf = naming(options, pieces.length);
  for (const [index, piece] of pieces.entries()) {
    context.checkBudget();
    const suffix = nameOf(index);
    if (suffix === undefined) return fail(context, 'output file suffixes exhausted');
    const path = absolute(context, prefix + suffix + (options.value('additional-suffix') ?? ''));
    writeFile(context, path, contentOf(piece));
  }
  return 0;
}

function piecesOf(options: ParsedOptions, text: ByteString): ByteString[] {
  const how = options.last('lines', 'bytes', 'line-bytes', 'number') ?? 'lines';
  const value = options.value(how) ?? '1000';
  if (how === 'number') return numbered(options, text, value);
  const size = sizeOf(value);
  if (!size) throw notSimulated('split', `with the size ${value}`);
  if (how === 'bytes') return cutEvery(text, size);
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  if (how === 'lines')
    return cutEvery(lines.map((_, index) => String.fromCharCode(index % 2)).join(''), size).map((_, index) =>
      lines.slice(index * size, (index + 1) * size).join(''),
    );
  return packed(lines, size);
}

function cutEvery(text: ByteString, size: number): ByteString[] {
  const pieces: ByteString[] = [];
  for (let at = 0; at < text.length; at += size) pieces.push(text.slice(at, at + size));
  return pieces;
}

/** `-C`: as many whole lines as fit; a longer line is cut. */
function packed(lines: readonly ByteString[], size: number): ByteString[] {
  const pieces: ByteString[] = [];
  let current = '';
  for (const line of lines) {
    if (line.length > size) throw new NotSimulated('`split -C` of longer lines is not simulated');
    if (current.length + line.length > size) {
      pieces.push(current);
      current = '';
    }
    current += line;
  }
  if (current !== '') pieces.push(current);
  return pieces;
}

/** `-n N`: pieces of one size, the last with what is left over. */
function numbered(options: ParsedOptions, text: ByteString, value: string): ByteString[] {
  if (!/^[1-9]\d*$/.test(value)) throw notSimulated('split', `-n ${value}`);
  const count = Number(value);
  const size = Math.floor(text.length / count);
  const pieces = Array.from({ length: count }, (_, index) =>
    text.slice(index * size, index === count - 1 ? undefined : (index + 1) * size),
  );
  if (size === 0) throw notSimulated('split', '-n of fewer bytes than pieces');
  return options.has('elide-empty-files') ? pieces.filter((piece) => piece !== '') : pieces;
}

/** Suffixes of two letters; without a length given they grow when they run out (`yz`, `zaaa`). */
function naming(options: ParsedOptions, count: number): (index: number) => string | undefined {
  const kind = options.last('d', 'numeric-suffixes', 'x', 'hex-suffixes');
  const digits =
    kind === undefined
      ? 'abcdefghijklmnopqrstuvwxyz'
      : /^(x|hex)/.test(kind)
        ? '0123456789abcdef'
        : '0123456789';
  const from = Number(options.value('numeric-suffixes') || options.value('hex-suffixes') || 0);
  const asked = options.value('suffix-length');
  const length = Number(asked ?? 2);
  if (asked === undefined && from + count > (digits.length - 1) * digits.length)
    throw new NotSimulated('`split` into so many files is not simulated');
  return (index) => {
    let rest = from + index;
    let suffix = '';
    for (let place = 0; place < length; place++) {
      suffix = digits[rest % digits.length] + suffix;
      rest = Math.floor(rest / digits.length);
    }
    return rest > 0 ? undefined : decodeArgument(suffix);
  };
}
