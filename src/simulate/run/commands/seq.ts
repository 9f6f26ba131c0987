import { type CommandContext, NotSimulated } from '../command';
import { encodeArgument } from './bytes';
import { failUsage, quote } from './complaints';
import { print } from './input';
import { notSimulated, parseOptions } from './options';

/** GNU coreutils manual, "seq invocation"; formats other than plain integers and `%0Ng` are not simulated. */
export function seq(context: CommandContext): number {
  const isNumber = (argument: string) => /^-(\d|\.\d)/.test(argument);
  const options = parseOptions(context, ['-f --format=F', '-s --separator=S', '-w --equal-width'], {
    isOperand: isNumber,
    stopAtOperand: true,
  });
  const { operands } = options;
  if (context.flavour === 'busybox' && operands.some((operand) => !/^\d+$/.test(operand)))
    throw notSimulated('seq', 'of busybox with such numbers');
  if (operands.length === 0) return failUsage(context, 'missing operand');
  if (operands.length > 3) return failUsage(context, `extra operand ${quote(operands[3]!)}`);
  for (const operand of operands) {
    if (!/^[-+]?(\d+\.?\d*|\.\d+)$/.test(operand)) {
      if (/^[-+]?[\d.]/.test(operand)) throw notSimulated('seq', operand);
      return failUsage(context, `invalid floating point argument: ${quote(operand)}`);
    }
  }
  const [first, step, last] =
    operands.length === 1
      ? ['1', '1', operands[0]!]
      : operands.length === 2
        ? [operands[0]!, '1', operands[1]!]
        : (operands as [string, string, string]);
  const digits = Math.max(decimals(first), decimals(step));
  const scale = 10 ** digits;
  const [from, by, to] = [first, step, last].map((text) => Math.round(Number(text) * scale)) as [
    number,
    number,
    number,
  ];
  if (by === 0) return failUsage(context, `invalid Zero increment value: ${quote(step)}`);
  // A last value with more decimals than the others is cut, not rounded.
  const end = decimals(last) > digits ? Number(last) * scale : to;
  const values: string[] = [];
  for (let value = from; by > 0 ? value <= end : value >= end; value += by) {
    if (values.length % 1000 === 0) context.checkBudget();
    if (values.length > 5_000_000)
      throw new NotSimulated('`seq` of more than 5 million numbers is not simulated');
    values.push((value / scale).toFixed(digits));
  }
  const format = options.value('format');
  const shown =
    format === undefined
      ? options.has('equal-width')
        ? widened(values, first, last)
        : values
      : values.map((value) => formatted(format, value));
  if (shown.length > 0) print(context, `${shown.join(encodeArgument(options.value('separator') ?? '\n'))}\n`);
  return 0;
}

function decimals(text: string): number {
  return text.includes('.') ? text.length - text.indexOf('.') - 1 : 0;
}

function widened(values: readonly string[], first: string, last: string): string[] {
  const width = Math.max(
    first.replace(/^\+/, '').length,
    last.replace(/^\+/, '').length,
    ...values.slice(-1).map((value) => value.length),
  );
  return values.map((value) =>
    value.startsWith('-') ? `-${value.slice(1).padStart(width - 1, '0')}` : value.padStart(width, '0'),
  );
}

function formatted(format: string, value: string): string {
  const match = /^([^%]*)%(0?)(\d*)(?:g|\.0f)([^%]*)$/.exec(format);
  if (!match || value.includes('.')) throw notSimulated('seq', `-f ${format}`);
  return match[1]! + value.padStart(Number(match[3] || 0), match[2] ? '0' : ' ') + match[4]!;
}
