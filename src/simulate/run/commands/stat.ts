import type { Inode } from '../../../filesystem/writable';
import { C_ESCAPES } from '../c-escapes';
import type { CommandContext } from '../command';
import { encodeArgument } from './bytes';
import { causeOf, complain, failUsage, quote } from './complaints';
import { countNames, sizeOfNode } from './inodes';
import { absolute, print, printsDoubtful } from './input';
import { formatMode } from './modes';
import { notSimulated, parseOptions } from './options';
import { type OwnerNames, readOwnerNames } from './owner-names';
import { formatTime } from './times';

const OPTIONS = [
  '-L --dereference',
  '-c --format=FORMAT',
  '--printf=FORMAT',
  '-f --file-system',
  '-t --terse',
  '--cached=MODE',
];
const KINDS: Record<string, string> = {
  directory: 'directory',
  symlink: 'symbolic link',
  character: 'character special file',
  block: 'block special file',
  fifo: 'fifo',
};
const TYPE_BITS: Record<string, number> = {
  file: 0o100000,
  directory: 0o40000,
  symlink: 0o120000,
  character: 0o20000,
  block: 0o60000,
  fifo: 0o10000,
};

/** GNU coreutils manual, "stat invocation"; busybox' `-c` takes the same directives. */
export async function stat(context: CommandContext): Promise<number> {
  const options = parseOptions(context, OPTIONS);
  if (options.has('file-system', 'terse')) throw notSimulated('stat', '-f or -t');
  if (options.operands.length === 0) return failUsage(context, 'missing operand');
  const chosen = options.last('format', 'printf');
  const owners = await readOwnerNames(context);
  let exitCode = 0;
  for (const operand of options.operands) {
    try {
      const path = absolute(context, operand);
      const inode = context.fileSystem.stat(path, {
        follow: options.has('dereference') || operand.endsWith('/'),
      });
      if (!chosen) {
        // The long form has inode numbers and times of change.
        printsDoubtful(context, '`stat` shows inode numbers and times');
        print(context, `  File: ${encodeArgument(operand)}\n`);
        continue;
      }
      const written = options.value(chosen)!;
      const format = chosen === 'printf' ? unescape(written) : written;
      const text = format.replace(
        /%([-#+ 0']*)(\d*)(?:\.(\d+))?([HL]?[a-zA-Z%])/g,
        (whole, flags, width, precision, letter) => {
          if (precision !== undefined || /[#+ ']/.test(flags)) throw notSimulated('stat', `-c ${whole}`);
          const value = field(context, letter, operand, inode, owners);
          return flags.includes('-')
            ? value.padEnd(Number(width || 0))
            : value.padStart(Number(width || 0), flags.includes('0') ? '0' : ' ');
        },
      );
      print(context, encodeArgument(text) + (chosen === 'printf' ? '' : '\n'));
    } catch (error) {
      complain(context, `cannot statx ${quote(operand)}: ${causeOf(error)}`);
      exitCode = 1;
    }
  }
  return exitCode;
}

function unescape(text: string): string {
  const named: Record<string, string> = { ...C_ESCAPES, '"': '"' };
  return text.replace(/\\([0-7]{1,3}|.)/g, (whole, escape: string) => {
    return /^[0-7]/.test(escape) ? String.fromCharCode(Number.parseInt(escape, 8)) : (named[escape] ?? whole);
  });
}

function field(
  context: CommandContext,
  letter: string,
  operand: string,
  inode: Inode,
  owners: OwnerNames,
): string {
  const { node } = inode;
  switch (letter) {
    case '%':
      return '%';
    case 'n':
      return operand;
    case 'N':
      return context.flavour === 'busybox' && node.kind !== 'symlink' ? operand : quotedName(operand, inode);
    case 'a':
      return node.mode.toString(8);
    case 'A':
      return formatMode(node.kind, node.mode);
    case 'f':
      return (TYPE_BITS[node.kind]! | node.mode).toString(16);
    case 'F':
      if (node.kind === 'file')
        return sizeOfNode(context, node) === 0 ? 'regular empty file' : 'regular file';
      return KINDS[node.kind]!;
    case 'u':
      return String(node.uid);
    case 'g':
      return String(node.gid);
    case 'U':
      return owners.user(node.uid)?.name ?? 'UNKNOWN';
    case 'G':
      return owners.group(node.gid)?.name ?? 'UNKNOWN';
    case 'h':
      if (node.kind === 'directory') {
        printsDoubtful(context, 'the link count of a folder was printed');
        return '1';
      }
      return String(countNames(context.fileSystem, inode));
    case 's':
      if (node.kind === 'directory') printsDoubtful(context, 'the size of a folder was printed');
      return String(node.kind === 'directory' ? 4096 : sizeOfNode(context, node));
    case 'Y':
    case 'y':
      if (node.mtime > context.fileSystem.now() - 3600)
        printsDoubtful(context, 'the time of a file made in this build was printed');
      if (letter === 'Y') return String(Math.floor(node.mtime));
      return `${formatTime('%Y-%m-%d %H:%M:%S', Math.floor(node.mtime))}.${'0'.repeat(9)} +0000`;
    case 'b':
    case 'B':
    case 'd':
    case 'D':
    case 'i':
    case 'o':
    case 'm':
    case 'x':
    case 'X':
    case 'z':
    case 'Z':
    case 'w':
    case 'W':
      printsDoubtful(context, `\`stat -c %${letter}\` depends on the machine that builds`);
      return '0';
    default:
      throw notSimulated('stat', `-c %${letter}`);
  }
}

function quotedName(operand: string, { node }: Inode): string {
  return node.kind === 'symlink' ? `${quote(operand)} -> ${quote(node.target)}` : quote(operand);
}
