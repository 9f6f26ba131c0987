import { type CommandContext, NotSimulated } from '../command';
import { complain } from './complaints';
import { printText } from './input';

interface Spec {
  readonly name: string;
  readonly argument: 'none' | 'needed' | 'optional';
}

interface Call {
  short: string;
  longs: Spec[];
  name: string;
  quiet: boolean;
  quietOutput: boolean;
  quotes: boolean;
}

/** getopt(1) of util-linux 2.38, which writes a command line out in order and quoted. */
export function getopt(context: CommandContext): number {
  const args = [...context.args];
  if (args[0] === '-T' || args[0] === '--test') return 4;
  if (args.length === 0) {
    complain(context, 'missing optstring argument');
    context.stderr.write("Try 'getopt --help' for more information.\n");
    return 2;
  }
  const call: Call = { short: '', longs: [], name: 'getopt', quiet: false, quietOutput: false, quotes: true };
  // Without an option of its own it is the old one: no quotes.
  if (!args[0]!.startsWith('-')) {
    call.short = args.shift()!;
    call.quotes = false;
    if (args[0] === '--') args.shift();
    return write(context, call, args);
  }
  const rest = ownOptions(call, args);
  return write(context, call, rest);
}

function ownOptions(call: Call, args: string[]): string[] {
  let hasShort = false;
  while (args.length > 0) {
    const word = args.shift()!;
    if (word === '--') break;
    const [, short, attached] = /^-([^-])(.*)$/s.exec(word) ?? [];
    const [, long, value] = /^--([a-z]+)(?:=(.*))?$/s.exec(word) ?? [];
    const key = short ?? long;
    const argument = () => (attached || value) ?? args.shift() ?? '';
    if (key === 'o' || key === 'options') {
      call.short = argument();
      hasShort = true;
    } else if (/^(l|long|longoptions)$/.test(key ?? '')) call.longs.push(...longSpecs(argument()));
    else if (key === 'n' || key === 'name') call.name = argument();
    else if (key === 'q' || key === 'quiet') call.quiet = true;
    else if (key === 'u' || key === 'unquoted') call.quotes = false;
    else if (key === 's' || key === 'shell') {
      if (!/^(sh|bash)$/.test(argument())) throw new NotSimulated('`getopt -s` is not simulated');
    } else throw new NotSimulated(`\`getopt ${word}\` is not simulated`);
  }
  if (!hasShort) call.short = args.shift() ?? '';
  return args;
}

function longSpecs(list: string): Spec[] {
  return list
    .split(/[,\s]+/)
    .filter((word) => word !== '')
    .map((word) => ({
      name: word.replace(/:+$/, ''),
      argument: word.endsWith('::') ? 'optional' : word.endsWith(':') ? 'needed' : 'none',
    }));
}

function write(context: CommandContext, call: Call, args: readonly string[]): number {
  const { short } = call;
  if (/^[+-]/.test(short) || context.env.has('POSIXLY_CORRECT'))
    throw new NotSimulated('`getopt` that keeps the order is not simulated');
  const found: string[] = [];
  const operands: string[] = [];
  const words = [...args];
  let failed = false;
  const refuse = (text: string) => {
    failed = true;
    if (!call.quiet) context.stderr.write(`${call.name}: ${text}\n`);
    return undefined;
  };
  const quote = (text: string) => (call.quotes ? `'${text.replaceAll("'", "'\\''")}'` : text);
  const reading: Reading = { call, words, found, refuse, quote };
  while (words.length > 0) {
    const word = words.shift()!;
    if (word === '--') {
      operands.push(...words);
      break;
    }
    if (word.startsWith('--')) longOption(reading, word);
    else if (word.startsWith('-') && word !== '-') shortOptions(reading, word);
    else operands.push(word);
  }
  printText(
    context,
    `${[...found.map((word) => ` ${word}`), ' --', ...operands.map((word) => ` ${quote(word)}`)].join('')}\n`,
  );
  return failed ? 1 : 0;
}

/** A command line that is gone through, word by word. */
interface Reading {
  readonly call: Call;
  /** What is left of it. */
  readonly words: string[];
  /** Options as they are written out. */
  readonly found: string[];
  refuse(text: string): undefined;
  quote(text: string): string;
}

function longOption({ call, words, found, refuse, quote }: Reading, word: string): undefined {
  const [written, ...parts] = word.slice(2).split('=') as [string, ...string[]];
  const value = parts.length > 0 ? parts.join('=') : undefined;
  const exact = call.longs.find(({ name }) => name === written);
  const candidates = exact ? [exact] : call.longs.filter(({ name }) => name.startsWith(written));
  const [spec] = candidates;
  if (!spec) return refuse(`unrecognized option '--${written}'`);
  if (candidates.length > 1)
    return refuse(
      `option '--${written}' is ambiguous; possibilities: ${candidates.map(({ name }) => `'--${name}'`).join(' ')}`,
    );
  if (spec.argument === 'none') {
    if (value !== undefined) return refuse(`option '--${spec.name}' doesn't allow an argument`);
    found.push(`--${spec.name}`);
    return undefined;
  }
  const given = value ?? (spec.argument === 'needed' ? words.shift() : '');
  if (given === undefined) return refuse(`option '--${spec.name}' requires an argument`);
  found.push(`--${spec.name}`, quote(given));
  return undefined;
}

function shortOptions({ call, words, found, refuse, quote }: Reading, word: string): undefined {
  for (let at = 1; at < word.length; at++) {
    const letter = word[at]!;
    const place = letter === ':' ? -1 : call.short.indexOf(letter);
    if (place < 0) {
      refuse(`invalid option -- '${letter}'`);
      continue;
    }
    if (call.short[place + 1] !== ':') {
      found.push(`-${letter}`);
      continue;
    }
    const attached = word.slice(at + 1);
    const isOptional = call.short[place + 2] === ':';
    const value = attached !== '' || isOptional ? attached : words.shift();
    if (value === undefined) refuse(`option requires an argument -- '${letter}'`);
    else found.push(`-${letter}`, quote(value));
    return undefined;
  }
  return undefined;
}
