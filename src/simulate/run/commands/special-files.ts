import type { FileSystemNode } from '../../../layers/change';
import { type CommandContext, NotSimulated } from '../command';
import { bytesOf, encodeArgument } from './bytes';
import { attempt, complain, failUsage, quote } from './complaints';
import { absolute, linesOf, print, readOperands } from './input';
import { adjustMode, parseMode } from './modes';
import { notSimulated, type ParsedOptions, parseOptions } from './options';

/** GNU coreutils manual, "mkfifo invocation" and "mknod invocation". */
export function mkfifo(context: CommandContext): number {
  const options = parseOptions(context, ['-m --mode=MODE']);
  if (options.operands.length === 0) return failUsage(context, 'missing operand');
  let exitCode = 0;
  for (const operand of options.operands)
    if (!make(context, options, operand, { kind: 'fifo' })) exitCode = 1;
  return exitCode;
}

export function mknod(context: CommandContext): number {
  const options = parseOptions(context, ['-m --mode=MODE']);
  const [name, type, major, minor, ...more] = options.operands;
  if (name === undefined || type === undefined || more.length > 0)
    throw notSimulated('mknod', options.operands.join(' '));
  if (type === 'p' && major === undefined) return make(context, options, name, { kind: 'fifo' }) ? 0 : 1;
  const isNumber = (text: string | undefined): text is string => text !== undefined && /^\d+$/.test(text);
  if (!/^[bcu]$/.test(type) || !isNumber(major) || !isNumber(minor))
    throw notSimulated('mknod', options.operands.join(' '));
  if (context.fileSystem.credentials.uid !== 0) {
    complain(context, `${name}: Operation not permitted`);
    return 1;
  }
  const kind = type === 'b' ? 'block' : 'character';
  return make(context, options, name, { kind, major: Number(major), minor: Number(minor) }) ? 0 : 1;
}

type Special = { kind: 'fifo' } | { kind: 'block' | 'character'; major: number; minor: number };

function make(context: CommandContext, options: ParsedOptions, operand: string, special: Special): boolean {
  const { fileSystem } = context;
  const spec = options.value('mode');
  const changes = spec === undefined ? undefined : parseMode(spec);
  if (spec !== undefined && !changes) throw notSimulated(context.name, `-m ${spec}`);
  const mode = changes ? adjustMode(changes, 0o666, false, fileSystem.umask) : 0o666 & ~fileSystem.umask;
  const { uid, gid } = fileSystem.credentials;
  const node: FileSystemNode = { ...special, mode, uid, gid, mtime: fileSystem.now() };
  const words = context.name === 'mknod' ? operand : `cannot create fifo ${quote(operand)}`;
  return attempt(context, words, () => fileSystem.create(absolute(context, operand), node));
}

/** What `yes` writes before whoever reads it has enough: 1 MiB, more than any reader in a Dockerfile takes. */
const ENOUGH = 1024 * 1024;

/** GNU coreutils manual, "yes invocation": it ends when nobody reads on. */
export function yes(context: CommandContext): number {
  if (context.stdout.isLog || context.stdout.file)
    throw new NotSimulated('`yes` without an end is not simulated');
  const line = encodeArgument(`${context.args.length > 0 ? context.args.join(' ') : 'y'}\n`);
  const bytes = bytesOf(line.repeat(Math.ceil(ENOUGH / line.length)));
  const varies = 'only the beginning of what `yes` writes is known';
  context.stdout.write({ kind: 'inline', bytes, size: bytes.length, varies });
  return 0;
}

/** GNU coreutils manual, "shuf invocation", of lines: which order they come in is chance. */
export async function shuf(context: CommandContext): Promise<number> {
  const options = parseOptions(context, ['-e --echo', '-n --head-count=N']);
  const { texts, failed } = options.has('echo')
    ? { texts: [], failed: false }
    : await readOperands(context, options.operands);
  const lines = options.has('echo')
    ? options.operands.map(encodeArgument)
    : linesOf(texts.map(({ text }) => text).join('')).lines;
  if (lines.length > 1) context.model('`shuf` orders lines by chance');
  print(
    context,
    lines
      .slice(0, Number(options.value('head-count') ?? lines.length))
      .map((line) => `${line}\n`)
      .join(''),
  );
  return failed ? 1 : 0;
}

/** `du` and `df` tell of disks; in the build's log that is of no consequence. */
export function tellOfDisks(context: CommandContext): number {
  if (!context.stdout.isLog) throw new NotSimulated(`what \`${context.name}\` prints is not simulated`);
  const missing = context.args
    .filter((argument) => !argument.startsWith('-'))
    .some((name) => context.fileSystem.find(absolute(context, name)).kind === 'absent');
  if (missing) throw notSimulated(context.name, 'of what is not there');
  return 0;
}
