import type { Content } from '../../../layers/content';
import { inlineContent } from '../../../layers/content';
import { type CommandContext, NotSimulated } from '../command';
import { causeOf } from './complaints';
import { archiveBytes, compress, DamagedInput, decompress } from './compressing';
import { type Complaint, type Compressor, compressorOf, unpacksByName } from './compressors';
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
  '-o=FILE',
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
  '-s --small',
  '-T --threads=N',
  '-z --compress',
  '--rm',
];

/** GNU gzip 1.12, XZ Utils 5.4, bzip2 1.0.8 and zstd 1.5 under all their names, by their manuals. */
export async function gzip(context: CommandContext): Promise<number> {
  const { name } = context;
  const options = parseOptions(context, OPTIONS);
  const tool = compressorOf(name);
  if (options.has('recursive', 'name', 'suffix')) throw notSimulated(name, '-r, -N or -S');
  if (options.has('o') && tool.compression !== 'zstd') throw notSimulated(name, '-o');
  if (context.flavour === 'busybox' && (tool.compression === 'zstd' || options.has('small', 'rm')))
    throw notSimulated(name, 'of busybox');
  const unpacks = unpacksByName(name) || options.has('decompress', 'test');
  const toStdout = /cat$/.test(name) || options.has('to-stdout');
  const work = new Conversion(context, options, tool, unpacks);
  let exitCode = 0;
  for (const operand of options.operands.length > 0 ? options.operands : ['-'])
    exitCode = Math.max(exitCode, await work.convert(operand, toStdout || operand === '-'));
  return context.flavour === 'busybox' ? Math.min(exitCode, 1) : exitCode;
}

class Conversion {
  /** The time in the header of what gzip packed, if it noted one. */
  private notedTime: number | undefined;

  constructor(
    private readonly context: CommandContext,
    private readonly options: ParsedOptions,
    private readonly tool: Compressor,
    private readonly unpacks: boolean,
  ) {}

  async convert(operand: string, toStdout: boolean): Promise<number> {
    const { context, tool } = this;
    const path = operand === '-' ? undefined : absolute(context, operand);
    const refused = path === undefined ? undefined : this.refusal(operand, path, toStdout);
    if (refused) return this.tell(refused);
    let content: Content;
    try {
      content = path === undefined ? context.stdin : openFile(context, path);
    } catch (error) {
      return this.tell(tool.absent(operand, causeOf(error)));
    }
    const guessed = this.unpacks && path !== undefined && !toStdout && !this.suffixOf(operand);
    if (guessed && !this.options.has('test', 'o')) this.tell(tool.noSuffix(operand));
    let result: Content;
    try {
      result = await this.converted(content);
    } catch (error) {
      if (!(error instanceof DamagedInput)) throw error;
      const complaint = tool.damaged(operand, error.how);
      if (!complaint) throw new NotSimulated(`\`${context.name}\` of damaged data is not simulated`);
      return this.tell(complaint);
    }
    if (this.options.has('test')) return 0;
    if (!toStdout) return this.replaceFile(operand, path!, result);
    context.stdout.write(result);
    return 0;
  }

  /** Why an operand is not even opened. */
  private refusal(operand: string, path: string, toStdout: boolean): Complaint | undefined {
    const { context, tool } = this;
    const found = context.fileSystem.find(path, { follow: false });
    if (found.kind === 'absent') return undefined;
    const target = context.fileSystem.find(path);
    if (target.kind === 'present' && target.inode.node.kind === 'directory') {
      if (context.flavour === 'busybox')
        throw new NotSimulated(`\`${context.name}\` of busybox of a folder is not simulated`);
      return tool.folder(operand);
    }
    const isLink = found.inode.node.kind === 'symlink';
    if (isLink && !toStdout && !this.options.has('test')) {
      if (tool.compression !== 'gzip' || context.flavour !== 'gnu' || this.options.has('force'))
        throw new NotSimulated(`\`${context.name}\` of a link is not simulated`);
      return tool.absent(operand, 'Too many levels of symbolic links');
    }
    const isNamed = !this.unpacks || toStdout || this.options.has('test', 'o') || this.suffixOf(operand);
    if (isNamed || tool.unpacksAnyName) return undefined;
    // xz looks at the bytes before it minds the name.
    if (tool.compression === 'xz' && context.flavour === 'gnu') return tool.damaged(operand, 'format');
    return tool.noSuffix(operand);
  }

  private async converted(content: Content): Promise<Content> {
    const { context, tool } = this;
    // What is not known unpacked is not known packed, and the other way round.
    if (content.kind === 'placeholder') return content;
    const bytes = await archiveBytes(context, content);
    if (context.flavour === 'busybox' && bytes.length === 0 && this.unpacks)
      throw new NotSimulated(`\`${context.name}\` of busybox of nothing is not simulated`);
    if (tool.compression === 'gzip' && bytes.length > 8)
      this.notedTime = new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true) || undefined;
    if (!this.unpacks) return compress(context, bytes, tool.compression);
    const unpacked = inlineContent(await decompress(context, bytes, tool.compression));
    // Bytes packed in the build are themselves again once unpacked; what varied inside them still does.
    return content.kind === 'inline' && content.varies && isTar(unpacked.bytes)
      ? { ...unpacked, varies: content.varies }
      : unpacked;
  }

  private suffixOf(operand: string): Compressor['suffixes'][number] | undefined {
    if (this.context.flavour === 'busybox' && /\.(tbz2?|bz|taz|z|tzst)$/.test(operand))
      throw notSimulated(this.context.name, `${operand}\` of busybox`);
    return this.tool.suffixes.find(([suffix]) => operand.endsWith(suffix) && lastName(operand) !== suffix);
  }

  /** gunzip and zcat are scripts that call gzip, which complains under its own name; so does zstd. */
  private tell({ text, exitCode }: Complaint): number {
    const { context, tool } = this;
    const isQuiet = this.options.has('quiet') && exitCode === 2 && tool.compression === 'gzip';
    const isOne = /^(gzip|zstd)$/.test(tool.compression) && context.flavour === 'gnu';
    const name = isOne ? tool.compression : context.name;
    if (!isQuiet)
      context.stderr.write(text.startsWith('\n') ? `\n${name}: ${text.slice(1)}\n` : `${name}: ${text}\n`);
    return exitCode;
  }

  private targetOf(operand: string): string | undefined {
    const match = this.suffixOf(operand);
    const named = this.options.value('o');
    if (named !== undefined) return named;
    if (!this.unpacks) return operand + this.tool.suffixes[0]![0];
    return match ? operand.slice(0, -match[0].length) + match[1] : `${operand}.out`;
  }

  private replaceFile(operand: string, path: string, result: Content): number {
    const { context, options, tool } = this;
    const { fileSystem } = context;
    if (!this.unpacks && this.suffixOf(operand) && !options.has('force')) {
      if (tool.compression !== 'gzip')
        throw new NotSimulated(`\`${context.name}\` of what has its suffix already is not simulated`);
      return this.tell({
        text: `${operand} already has ${this.suffixOf(operand)![0]} suffix -- unchanged`,
        exitCode: 2,
      });
    }
    const shown = this.targetOf(operand)!;
    const target = absolute(context, shown);
    const own = fileSystem.stat(path);
    try {
      const existing = fileSystem.find(target, { follow: false });
      if (existing.kind === 'present') {
        if (!options.has('force')) return this.tell(tool.exists(shown));
        fileSystem.unlink(target);
      }
      const { mode, uid, gid, mtime } = own.node;
      fileSystem.write(target, result, { mode: 0o600 });
      // busybox leaves owner and time, but for the time that gzip notes down in what it packs.
      const isOwn = context.flavour === 'busybox' && this.unpacks;
      if (fileSystem.credentials.uid === 0 && !isOwn) fileSystem.chown(target, uid, gid);
      fileSystem.chmod(target, mode & 0o777);
      const time = isOwn ? this.notedTime : mtime;
      if (time !== undefined) fileSystem.setModified(target, time);
      const keeps = tool.keepsInput ? !options.has('rm') : options.has('keep');
      if (!keeps) fileSystem.unlink(path);
    } catch (error) {
      return this.tell({ text: `${shown}: ${causeOf(error)}`, exitCode: 1 });
    }
    this.report(operand, result);
    return 0;
  }

  private report(operand: string, { size }: Content): void {
    const { context, options, tool } = this;
    if (tool.compression === 'zstd' && !options.has('quiet')) {
      if (!this.unpacks && !context.stderr.isLog) throw notSimulated('zstd', 'with its report');
      if (this.unpacks) context.stderr.write(`${operand.padEnd(20)}: ${size} bytes \n`);
    } else if (options.has('verbose') && !context.stderr.isLog) throw notSimulated(context.name, '-v');
  }
}

function isTar(bytes: Uint8Array): boolean {
  return new TextDecoder('latin1').decode(bytes.subarray(257, 262)) === 'ustar';
}
