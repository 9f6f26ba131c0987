import type { Compression, Content } from '../../../layers/content';
import { inlineContent } from '../../../layers/content';
import { type CommandContext, NotSimulated } from '../command';
import { causeOf } from './complaints';
import { archiveBytes, compress, DamagedInput, decompress } from './compressing';
import { absolute, openFile } from './input';
import { lastName } from './names';
import { notSimulated, type ParsedOptions, parseOptions } from './options';

const OPTIONS = [
  '-c --stdout --to-stdout',
  '-d --uncompress --decompress',
  '-f --force',
  '-k --keep',
  '-n --no-name',
  '-N --name',
  '-q --quiet',
  '-r --recursive',
  '-t --test',
  '-v --verbose',
  '-S --suffix=SUF',
  '-1 --fast',
  '-2',
  '-3',
  '-4',
  '-5',
  '-6',
  '-7',
  '-8',
  '-9 --best',
  '-e --extreme',
  '-T --threads=N',
  '-z --compress',
  '--rm',
];

interface Tool {
  readonly compression: Exclude<Compression, 'none'>;
  readonly suffixes: readonly (readonly [suffix: string, becomes: string])[];
}

const TOOLS: Readonly<Record<string, Tool>> = {
  gzip: {
    compression: 'gzip',
    suffixes: [
      ['.gz', ''],
      ['.tgz', '.tar'],
      ['.taz', '.tar'],
      ['-gz', ''],
      ['.z', ''],
      ['-z', ''],
    ],
  },
  xz: {
    compression: 'xz',
    suffixes: [
      ['.xz', ''],
      ['.txz', '.tar'],
    ],
  },
};

/** GNU gzip 1.12 (gzip, gunzip, zcat) and XZ Utils (xz, unxz, xzcat), by their manuals. */
export async function gzip(context: CommandContext): Promise<number> {
  const { name } = context;
  const options = parseOptions(context, OPTIONS);
  const tool = TOOLS[/xz/.test(name) ? 'xz' : 'gzip']!;
  if (options.has('recursive', 'name', 'suffix')) throw notSimulated(name, '-r, -N or -S');
  const unpacks = /^(gunzip|unxz|zcat|xzcat)$/.test(name) || options.has('decompress', 'test');
  const toStdout = /cat$/.test(name) || options.has('to-stdout');
  const operands = options.operands.length > 0 ? options.operands : ['-'];
  let exitCode = 0;
  for (const operand of operands) {
    const code = await convert(context, options, tool, {
      operand,
      unpacks,
      toStdout: toStdout || operand === '-',
    });
    exitCode = Math.max(exitCode, code);
  }
  return context.flavour === 'busybox' ? Math.min(exitCode, 1) : exitCode;
}

interface Task {
  readonly operand: string;
  readonly unpacks: boolean;
  readonly toStdout: boolean;
}

async function convert(
  context: CommandContext,
  options: ParsedOptions,
  tool: Tool,
  task: Task,
): Promise<number> {
  const { fileSystem } = context;
  const { operand } = task;
  const suffixed = suffixOf(tool, operand);
  if (
    task.unpacks &&
    !task.toStdout &&
    !suffixed &&
    !options.has('test') &&
    fileSystem.find(absolute(context, operand)).kind === 'present'
  ) {
    tell(context, tool, `${operand}: unknown suffix -- ignored`);
    return 2;
  }
  const path = operand === '-' ? undefined : absolute(context, operand);
  let content: Content;
  try {
    if (path !== undefined && fileSystem.stat(path).node.kind === 'directory') {
      if (context.flavour === 'busybox')
        throw new NotSimulated('`gzip` of busybox of a folder is not simulated');
      tell(context, tool, `${operand} is a directory -- ignored`);
      return 2;
    }
    content = path === undefined ? context.stdin : openFile(context, path);
  } catch (error) {
    tell(context, tool, `${operand}: ${causeOf(error)}`);
    return 1;
  }
  let result: Content;
  try {
    result = await converted(context, content, tool, task.unpacks);
  } catch (error) {
    if (!(error instanceof DamagedInput)) throw error;
    const shown = operand === '-' ? 'stdin' : operand;
    context.stderr.write(`\n${tool.compression}: ${shown}: not in ${tool.compression} format\n`);
    return 1;
  }
  if (options.has('test')) return 0;
  if (task.toStdout) {
    context.stdout.write(result);
    return 0;
  }
  return replaceFile(context, options, tool, task, path!, result);
}

async function converted(
  context: CommandContext,
  content: Content,
  tool: Tool,
  unpacks: boolean,
): Promise<Content> {
  // What is not known unpacked is not known packed, and the other way round.
  if (content.kind === 'placeholder') return content;
  const bytes = await archiveBytes(context, content);
  if (!unpacks) return compress(context, bytes, tool.compression);
  const unpacked = inlineContent(await decompress(context, bytes, tool.compression));
  // Bytes packed in the build are themselves again once unpacked; what varied inside them still does.
  return content.kind === 'inline' && content.varies && isTar(unpacked.bytes)
    ? { ...unpacked, varies: content.varies }
    : unpacked;
}

function isTar(bytes: Uint8Array): boolean {
  return new TextDecoder('latin1').decode(bytes.subarray(257, 262)) === 'ustar';
}

function suffixOf(tool: Tool, operand: string): Tool['suffixes'][number] | undefined {
  return tool.suffixes.find(([suffix]) => operand.endsWith(suffix) && lastName(operand) !== suffix);
}

/** gunzip and zcat are scripts that call gzip, which complains under its own name. */
function tell(context: CommandContext, { compression }: Tool, text: string): void {
  const name = compression === 'gzip' && context.flavour === 'gnu' ? 'gzip' : context.name;
  context.stderr.write(`${name}: ${text}\n`);
}

function replaceFile(
  context: CommandContext,
  options: ParsedOptions,
  tool: Tool,
  task: Task,
  path: string,
  result: Content,
): number {
  const { fileSystem } = context;
  const { operand, unpacks } = task;
  const match = suffixOf(tool, operand);
  if (!unpacks && match && !options.has('force')) {
    tell(context, tool, `${operand} already has ${match[0]} suffix -- unchanged`);
    return 2;
  }
  const own = fileSystem.stat(path, { follow: false });
  if (own.node.kind !== 'file') throw new NotSimulated(`\`${context.name}\` of a link is not simulated`);
  const target = unpacks ? path.slice(0, -match![0].length) + match![1] : path + tool.suffixes[0]![0];
  const shown = unpacks ? operand.slice(0, -match![0].length) + match![1] : operand + tool.suffixes[0]![0];
  try {
    const existing = fileSystem.find(target, { follow: false });
    if (existing.kind === 'present') {
      if (!options.has('force')) {
        tell(context, tool, `${shown} already exists;\tnot overwritten`);
        return 2;
      }
      fileSystem.unlink(target);
    }
    const { mode, uid, gid, mtime } = own.node;
    fileSystem.write(target, result, { mode: 0o600 });
    if (fileSystem.credentials.uid === 0) fileSystem.chown(target, uid, gid);
    fileSystem.chmod(target, mode & 0o777);
    fileSystem.setModified(target, mtime);
    if (!options.has('keep')) fileSystem.unlink(path);
    return 0;
  } catch (error) {
    tell(context, tool, `${shown}: ${causeOf(error)}`);
    return 1;
  }
}
