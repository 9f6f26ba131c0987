import type { Content } from '../../../layers/content';
import { inlineContent } from '../../../layers/content';
import { type CommandContext, NotSimulated } from '../command';
import { causeOf, complain, fail, quote } from './complaints';
import { openInput, print, readText, refuseUnreadable } from './input';
import { type ParsedOptions, parseOptions } from './options';

const HEAD_OPTIONS = [
  '-c --bytes=NUM',
  '-n --lines=NUM',
  '-q --silent --quiet',
  '-v --verbose',
  '-z --zero-terminated',
];
const TAIL_OPTIONS = [...HEAD_OPTIONS];

interface Amount {
  readonly unit: 'lines' | 'bytes';
  readonly sign: '' | '-' | '+';
  readonly count: number;
}

/** GNU coreutils manual, "head invocation". */
export function head(context: CommandContext): Promise<number> {
  const args = context.args.map((argument, index) =>
    index === 0 ? argument.replace(/^-(\d+)$/, '-n$1') : argument,
  );
  const options = parseOptions({ name: context.name, args }, HEAD_OPTIONS);
  return each(context, options, async (content, amount) => {
    if (amount.unit === 'bytes' && amount.sign !== '-') return slice(context, content, 0, amount.count);
    const text = await readText(context, content);
    if (amount.unit === 'bytes')
      return print(context, text.slice(0, Math.max(text.length - amount.count, 0)));
    const lines = pieces(text, options);
    print(
      context,
      lines.slice(0, amount.sign === '-' ? Math.max(lines.length - amount.count, 0) : amount.count).join(''),
    );
  });
}

/** GNU coreutils manual, "tail invocation". `-f` never ends and is not simulated. */
export function tail(context: CommandContext): Promise<number> {
  const args = context.args.map((argument, index) => {
    return index === 0 ? argument.replace(/^-(\d+)$/, '-n$1').replace(/^\+(\d+)$/, '-n+$1') : argument;
  });
  const options = parseOptions({ name: context.name, args }, TAIL_OPTIONS);
  const [old] = context.args;
  if (context.flavour === 'gnu' && /^-\d+$/.test(old ?? '') && options.operands.length > 1)
    return Promise.resolve(fail(context, `option used in invalid context -- ${old!.slice(1, 2)}`));
  return each(context, options, async (content, amount) => {
    const { count } = amount;
    if (amount.unit === 'bytes') {
      const start = amount.sign === '+' ? Math.max(count - 1, 0) : Math.max(content.size - count, 0);
      return slice(context, content, start, content.size);
    }
    const lines = pieces(await readText(context, content), options);
    const start = amount.sign === '+' ? Math.max(count - 1, 0) : Math.max(lines.length - count, 0);
    print(context, lines.slice(start).join(''));
  });
}

function pieces(text: string, options: ParsedOptions): string[] {
  return text.match(options.has('zero-terminated') ? /[^\0]*\0|[^\0]+$/g : /[^\n]*\n|[^\n]+$/g) ?? [];
}

async function slice(context: CommandContext, content: Content, start: number, end: number): Promise<void> {
  if (start >= end || start >= content.size) return;
  if (start === 0 && end >= content.size) return context.stdout.write(content);
  refuseUnreadable(content);
  if (Math.min(end, content.size) - start > 64 * 1024 * 1024)
    throw new NotSimulated('more than 64 MB are not read');
  context.stdout.write(
    inlineContent(await context.reader.read(content, { start, end: Math.min(end, content.size) })),
  );
}

async function each(
  context: CommandContext,
  options: ParsedOptions,
  show: (content: Content, amount: Amount) => Promise<void>,
): Promise<number> {
  const unit = options.last('bytes', 'lines') === 'bytes' ? 'bytes' : 'lines';
  const written = options.value(unit) ?? '10';
  const amount = amountOf(unit, written);
  if (!amount) return fail(context, `invalid number of ${unit}: ${quote(written)}`);
  if (
    context.flavour === 'busybox' &&
    (/[A-Z]/.test(written) || (context.name === 'head' && amount.sign === '+'))
  )
    throw new NotSimulated(`\`${context.name}\` of busybox of ${written} ${unit} is not simulated`);
  const names = options.operands.length > 0 ? options.operands : ['-'];
  const titled =
    options.last('quiet', 'verbose') === 'verbose' || (names.length > 1 && !options.has('quiet'));
  let exitCode = 0;
  let first = true;
  for (const name of names) {
    try {
      const content = fromEndlessDevice(context, name, amount) ?? openInput(context, name);
      if (titled) print(context, `${first ? '' : '\n'}==> ${name === '-' ? 'standard input' : name} <==\n`);
      first = false;
      await show(content, amount);
    } catch (error) {
      const cause = causeOf(error);
      if (context.flavour === 'busybox' && names.length > 1)
        throw new NotSimulated(
          `\`${context.name}\` of busybox of several files of which one is missing is not simulated`,
        );
      const words = cause === 'Is a directory' ? 'error reading' : `cannot open`;
      complain(context, `${words} ${quote(name)}${words === 'cannot open' ? ' for reading' : ''}: ${cause}`);
      exitCode = 1;
    }
  }
  return exitCode;
}

/** `head -c N /dev/urandom`: so many bytes of chance, or of zeros. */
function fromEndlessDevice(
  context: CommandContext,
  name: string,
  { unit, sign, count }: Amount,
): Content | undefined {
  if (context.name !== 'head' || unit !== 'bytes' || sign === '-') return undefined;
  if (name === '/dev/zero') return { kind: 'zeros', size: count };
  const isRandom = name === '/dev/urandom' || name === '/dev/random';
  return isRandom
    ? { kind: 'placeholder', size: count, reason: `${name} gives other bytes in every build` }
    : undefined;
}

const UNITS: Record<string, number> = {
  '': 1,
  b: 512,
  k: 1024,
  K: 1024,
  KiB: 1024,
  M: 1024 ** 2,
  MiB: 1024 ** 2,
  G: 1024 ** 3,
  kB: 1000,
  KB: 1000,
  MB: 1e6,
  GB: 1e9,
};

function amountOf(unit: Amount['unit'], text: string): Amount | undefined {
  const match = /^([-+]?)(\d+)([a-zA-Z]*)$/.exec(text);
  const factor = match && UNITS[match[3]!];
  return factor ? { unit, sign: match[1] as Amount['sign'], count: Number(match[2]) * factor } : undefined;
}
