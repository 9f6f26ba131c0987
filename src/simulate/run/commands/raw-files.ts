import { type Content, inlineContent } from '../../../layers/content';
import { type CommandContext, NotSimulated } from '../command';
import { joinBytes } from './bytes';
import { attempt, causeOf, fail, failUsage, quote } from './complaints';
import { isSameFile } from './inodes';
import { absolute, openFile, readBytes, refuseUnreadable } from './input';
import { notSimulated, parseOptions } from './options';
import { writeFile } from './output';

const UNITS: Record<string, number> = {
  '': 1,
  c: 1,
  w: 2,
  b: 512,
  K: 1024,
  k: 1024,
  KiB: 1024,
  kB: 1000,
  KB: 1000,
  M: 1024 ** 2,
  MiB: 1024 ** 2,
  MB: 1e6,
  G: 1024 ** 3,
  GiB: 1024 ** 3,
  GB: 1e9,
};

/** A size with a suffix, as dd and truncate read it. */
export function sizeOf(text: string): number | undefined {
  const match = /^(\d+)([a-zA-Z]*)$/.exec(text);
  const unit = match && UNITS[match[2]!];
  return unit ? Number(match[1]) * unit : undefined;
}

/** The first `size` bytes of a content, or all of it and zeros behind. */
async function resized(context: CommandContext, content: Content, size: number): Promise<Content> {
  if (size === content.size) return content;
  if (content.size === 0 || content.kind === 'zeros') return { kind: 'zeros', size };
  refuseUnreadable(content);
  if (size > 64 * 1024 * 1024) throw new NotSimulated('files of more than 64 MB are not resized');
  const bytes = new Uint8Array(size);
  bytes.set((await readBytes(context, content)).subarray(0, size));
  return inlineContent(bytes);
}

/** GNU coreutils manual, "truncate invocation". Holes are zeros to whoever reads. */
export async function truncate(context: CommandContext): Promise<number> {
  const args = context.args.flatMap((argument, index) =>
    context.args[index - 1] === '-s'
      ? []
      : argument === '-s'
        ? [`--size=${context.args[index + 1] ?? ''}`]
        : [argument],
  );
  const options = parseOptions({ name: context.name, args }, [
    '-c --no-create',
    '-o --io-blocks',
    '-r --reference=FILE',
    '-s --size=SIZE',
  ]);
  if (options.has('io-blocks')) throw notSimulated('truncate', '-o');
  if (context.flavour === 'busybox' && !/^\d+[kKmMgG]?$/.test(options.value('size') ?? ''))
    throw notSimulated('truncate', 'of busybox with such a size');
  const reference = options.value('reference');
  const written = options.value('size');
  if (written === undefined && reference === undefined)
    return failUsage(context, "you must specify either '--size' or '--reference'");
  if (options.operands.length === 0) return failUsage(context, 'missing file operand');
  const match = /^([-+<>/%]?)(.*)$/.exec((written ?? '').trim())!;
  const amount = written === undefined ? 0 : sizeOf(match[2]!);
  if (written !== undefined && reference !== undefined && match[1] === '')
    return failUsage(context, "you must specify a relative '--size' with '--reference'");
  if (amount === 0 && /[/%]/.test(match[1]!)) return fail(context, 'division by zero');
  if (amount === undefined) return fail(context, `Invalid number: ${quote(written!)}`);
  let base: number | undefined;
  if (reference !== undefined) {
    try {
      base = openFile(context, absolute(context, reference)).size;
    } catch (error) {
      return fail(context, `cannot stat ${quote(reference)}: ${causeOf(error)}`);
    }
  }
  let exitCode = 0;
  for (const operand of options.operands) {
    const path = absolute(context, operand);
    const found = context.fileSystem.find(path);
    if (found.kind === 'absent' && options.has('no-create')) continue;
    const before: Content =
      found.kind === 'present' && found.inode.node.kind === 'file'
        ? found.inode.node.content
        : { kind: 'zeros', size: 0 };
    const size = newSize(match[1]!, amount, base ?? before.size, written === undefined);
    const content = await resized(context, before, size);
    if (
      !attempt(context, `cannot open ${quote(operand)} for writing`, () => writeFile(context, path, content))
    )
      exitCode = 1;
  }
  return exitCode;
}

function newSize(sign: string, amount: number, before: number, copies: boolean): number {
  if (copies) return before;
  switch (sign) {
    case '+':
      return before + amount;
    case '-':
      return Math.max(0, before - amount);
    case '<':
      return Math.min(before, amount);
    case '>':
      return Math.max(before, amount);
    case '/':
      return Math.floor(before / amount) * amount;
    case '%':
      return Math.ceil(before / amount) * amount;
    default:
      return amount;
  }
}

/** GNU coreutils manual, "dd invocation": copying with bs, count, skip, seek, conv=notrunc. */
export async function dd(context: CommandContext): Promise<number> {
  const operands = new Map<string, string>();
  for (const argument of context.args) {
    const match = /^([a-z]+)=(.*)$/s.exec(argument);
    if (!match || !/^(if|of|bs|ibs|obs|count|skip|seek|conv|status|oflag|iflag)$/.test(match[1]!))
      throw notSimulated('dd', argument);
    operands.set(match[1]!, match[2]!);
  }
  const conversions = (operands.get('conv') ?? '').split(',').filter((word) => word !== '');
  const flags = [
    ...(operands.get('oflag') ?? '').split(','),
    ...(operands.get('iflag') ?? '').split(','),
  ].filter((word) => word !== '');
  if (
    conversions.some((word) => !/^(notrunc|fsync|fdatasync|noerror|sync)$/.test(word)) ||
    conversions.includes('sync')
  )
    throw notSimulated('dd', `conv=${conversions}`);
  if (flags.some((word) => !/^(direct|dsync|sync|fullblock|append)$/.test(word)) || flags.includes('append'))
    throw notSimulated('dd', `flags ${flags}`);
  const number = (name: string, fallback: number) =>
    operands.has(name) ? sizeOf(operands.get(name)!) : fallback;
  const [bs, count, skip, seek] = [
    number('bs', number('ibs', 512)!),
    number('count', Number.POSITIVE_INFINITY),
    number('skip', 0),
    number('seek', 0),
  ];
  if (bs === undefined || count === undefined || skip === undefined || seek === undefined || bs === 0)
    throw notSimulated('dd', 'with such a number');
  const outputUnit = number('bs', number('obs', 512)!)!;
  const input = operands.get('if');
  if (input !== undefined && isSamePlace(context, input, operands.get('of')))
    throw notSimulated('dd', 'of a file onto itself');
  let piece: Content;
  try {
    piece = await pieceOf(context, input, skip * bs, count * bs);
  } catch (error) {
    return fail(context, `failed to open ${quote(input ?? 'standard input')}: ${causeOf(error)}`);
  }
  const status = report(context, operands.get('status'), piece.size, bs);
  const output = operands.get('of');
  if (output === undefined) context.stdout.write(piece);
  else {
    const path = absolute(context, output);
    try {
      const content = await placed(context, path, piece, seek * outputUnit, conversions.includes('notrunc'));
      writeFile(context, path, content);
    } catch (error) {
      return fail(context, `failed to open ${quote(output)}: ${causeOf(error)}`);
    }
  }
  status();
  return 0;
}

function report(context: CommandContext, status: string | undefined, size: number, bs: number): () => void {
  if (status === 'none') return () => {};
  if (!context.stderr.isLog) throw new NotSimulated('the times that `dd` prints are not simulated');
  const records = `${Math.floor(size / bs)}+${size % bs === 0 ? 0 : 1}`;
  return () => context.stderr.write(`${records} records in\n${records} records out\n`);
}

async function pieceOf(
  context: CommandContext,
  input: string | undefined,
  start: number,
  length: number,
): Promise<Content> {
  if (input === '/dev/zero') {
    if (!Number.isFinite(length)) throw notSimulated('dd', 'if=/dev/zero without a count');
    return { kind: 'zeros', size: length };
  }
  const isRandom = input === '/dev/urandom' || input === '/dev/random';
  if (isRandom && Number.isFinite(length))
    return { kind: 'placeholder', size: length, reason: 'it is random' };
  const content =
    input === undefined || input === '/dev/stdin'
      ? context.stdin
      : openFile(context, absolute(context, input));
  const end = Math.min(content.size, start + length);
  if (start === 0 && end === content.size) return content;
  if (content.kind === 'zeros') return { kind: 'zeros', size: Math.max(0, end - start) };
  refuseUnreadable(content);
  return inlineContent(await context.reader.read(content, { start: Math.min(start, end), end }));
}

async function placed(
  context: CommandContext,
  path: string,
  piece: Content,
  offset: number,
  keeps: boolean,
): Promise<Content> {
  const found = context.fileSystem.find(path);
  const before =
    found.kind === 'present' && found.inode.node.kind === 'file' ? found.inode.node.content : undefined;
  if (offset === 0 && (!keeps || !before || before.size <= piece.size)) return piece;
  const head = await resized(context, before ?? { kind: 'zeros', size: 0 }, offset);
  if (head.kind === 'zeros' && piece.kind === 'zeros' && (!keeps || !before))
    return { kind: 'zeros', size: offset + piece.size };
  const parts = [await readBytes(context, head), await readBytes(context, piece)];
  if (keeps && before && before.size > offset + piece.size)
    parts.push((await readBytes(context, before)).subarray(offset + piece.size));
  return inlineContent(joinBytes(parts));
}

/** Opening the output empties the input then. */
function isSamePlace(context: CommandContext, input: string, output: string | undefined): boolean {
  if (output === undefined) return false;
  const [from, to] = [input, output].map((name) => context.fileSystem.find(absolute(context, name)));
  return from!.kind === 'present' && to!.kind === 'present' && isSameFile(from!.inode, to!.inode);
}
