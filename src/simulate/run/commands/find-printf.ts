import { C_ESCAPES } from '../c-escapes';
import type { CommandContext } from '../command';
import { type ByteString, encodeArgument } from './bytes';
import type { Visit } from './find-expression';
import { countNames, sizeOfNode } from './inodes';
import { printsDoubtful } from './input';
import { formatMode } from './modes';
import { folderName, lastName } from './names';
import { notSimulated } from './options';
import type { OwnerNames } from './owner-names';
import { formatTime } from './times';

const ESCAPES: Record<string, string> = { ...C_ESCAPES, '0': '\0' };
const TYPES: Record<string, string> = {
  file: 'f',
  directory: 'd',
  symlink: 'l',
  character: 'c',
  block: 'b',
  fifo: 'p',
};

/** find's -printf, with the directives that Dockerfiles use. */
export function formatFound(
  context: CommandContext,
  format: string,
  visit: Visit,
  owners: OwnerNames,
): ByteString {
  const text = format.replace(
    /\\([0-7]{1,3}|.)|%([-0-9.#+ ]*)(T.|[A-Za-z%])/g,
    (whole, escape, flags, directive) => {
      if (escape !== undefined) {
        if (/^[0-7]{2,3}$/.test(escape)) return String.fromCharCode(Number.parseInt(escape, 8));
        return ESCAPES[escape] ?? whole;
      }
      if (directive === '%') return '%';
      return padded(field(context, directive, visit, owners), flags);
    },
  );
  return encodeArgument(text);
}

function padded(text: string, flags: string): string {
  const match = /^([-0]*)(\d*)$/.exec(flags);
  if (!match) throw notSimulated('find', `-printf %${flags}`);
  const width = Number(match[2] || 0);
  return match[1]!.includes('-')
    ? text.padEnd(width)
    : text.padStart(width, match[1]!.includes('0') ? '0' : ' ');
}

function field(context: CommandContext, directive: string, visit: Visit, owners: OwnerNames): string {
  const { path, start, inode } = visit;
  const { node } = inode;
  switch (directive) {
    case 'p':
      return path;
    case 'f':
      return lastName(path);
    case 'h':
      return path.includes('/') ? folderName(path) : '.';
    case 'P':
      return path.slice(start.length).replace(/^\//, '');
    case 'H':
      return start;
    case 'd':
      return String(visit.depth);
    case 'l':
      return node.kind === 'symlink' ? node.target : '';
    case 'm':
      return node.mode.toString(8);
    case 'M':
      return formatMode(node.kind, node.mode);
    case 'y':
      return TYPES[node.kind]!;
    case 'u':
      return owners.user(node.uid)?.name ?? String(node.uid);
    case 'g':
      return owners.group(node.gid)?.name ?? String(node.gid);
    case 'U':
      return String(node.uid);
    case 'G':
      return String(node.gid);
    case 'n':
      if (node.kind === 'directory') throw notSimulated('find', '-printf %n of folders');
      return String(countNames(context.fileSystem, inode));
    case 's':
      if (node.kind === 'directory') {
        printsDoubtful(context, 'the size of a folder was printed');
        return '4096';
      }
      return String(sizeOfNode(context, node));
    default:
      if (!directive.startsWith('T')) throw notSimulated('find', `-printf %${directive}`);
      return time(context, directive[1]!, node.mtime);
  }
}

function time(context: CommandContext, letter: string, mtime: number): string {
  if (mtime > context.fileSystem.now() - 3600)
    printsDoubtful(context, 'the time of a file made in this build was printed');
  const seconds = Math.floor(mtime);
  if (letter === '@') return `${seconds}.${'0'.repeat(10)}`;
  if (letter === '+') return `${formatTime('%Y-%m-%d+%H:%M:%S', seconds)}.${'0'.repeat(10)}`;
  return letter === 'S'
    ? `${formatTime('%S', seconds)}.${'0'.repeat(10)}`
    : formatTime(`%${letter}`, seconds);
}
