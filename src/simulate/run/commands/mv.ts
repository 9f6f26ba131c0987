import { PosixError } from '../../../filesystem/posix';
import type { Inode } from '../../../filesystem/writable';
import { childPath } from '../../../layers/path';
import type { CommandContext } from '../command';
import { BACKUP_OPTIONS, backUp, backupsOf } from './backups';
import { causeOf, complain, quote } from './complaints';
import { destinationOf } from './destination';
import { isSameFile, joinHardLinks } from './inodes';
import { absolute, printText } from './input';
import { lastName, withoutTrailingSlashes } from './names';
import { notSimulated, type ParsedOptions, parseOptions } from './options';

const OPTIONS = [
  ...BACKUP_OPTIONS,
  '-f --force',
  '-n --no-clobber',
  '-u --update',
  '-t --target-directory=DIR',
  '-T --no-target-directory',
  '-v --verbose',
  '--strip-trailing-slashes',
];

/**
 * GNU coreutils manual, "mv invocation". To overlayfs the move of a lower folder is a copy with all attributes and
 * a removal; the result is the same as of a rename.
 */
export function mv(context: CommandContext): number {
  const options = parseOptions(context, OPTIONS);
  const destination = destinationOf(context, options);
  if (typeof destination === 'number') return destination;
  const moved = new Set<Inode>();
  let exitCode = 0;
  for (const { source, target } of destination.pairs) {
    const problem = moveOne(context, options, source, target, moved);
    if (!problem) continue;
    complain(context, problem);
    exitCode = 1;
  }
  return exitCode;
}

function moveOne(
  context: CommandContext,
  options: ParsedOptions,
  source: string,
  target: string,
  moved: Set<Inode>,
): string | undefined {
  const { fileSystem } = context;
  if (source === '') return `cannot stat '': No such file or directory`;
  if (target === '') return `cannot move ${quote(source)} to '': No such file or directory`;
  const from = withoutTrailingSlashes(absolute(context, source));
  const to = withoutTrailingSlashes(absolute(context, target));
  let inode: Inode;
  let backup: string | undefined;
  try {
    inode = fileSystem.stat(absolute(context, source), { follow: false });
    if (source.endsWith('/') && inode.node.kind !== 'directory') {
      // `dlink/` is there as what it points to, yet a rename of it is refused.
      if (context.flavour === 'busybox') throw notSimulated('mv', `${source}\` of busybox`);
      const followed = fileSystem.stat(absolute(context, source)).node.kind === 'directory';
      if (followed) {
        const shown = options.has('strip-trailing-slashes') ? withoutTrailingSlashes(source) : source;
        return `cannot move ${quote(shown)} to ${quote(target)}: Not a directory`;
      }
      throw new PosixError('ENOTDIR', from);
    }
  } catch (error) {
    return `cannot stat ${quote(source)}: ${causeOf(error)}`;
  }
  if (!inode.isMountPoint && fileSystem.holdsMount(from))
    throw notSimulated('mv', 'of a folder that something is mounted in');
  // What overlayfs cannot rename is copied and removed.
  const isCopied = inode.node.kind === 'directory' && inode.isMerged;
  try {
    const found = fileSystem.find(to, { follow: false });
    if (found.kind === 'present') {
      const pointed = inode.node.kind === 'symlink' ? fileSystem.find(from) : undefined;
      if (
        pointed?.kind === 'present' &&
        pointed.inode === found.inode &&
        context.flavour === 'gnu' &&
        !keepsExisting(options)
      ) {
        return `${quote(source)} and ${quote(target)} are the same file`;
      }
      if (context.flavour === 'busybox' && isSameFile(inode, found.inode))
        throw notSimulated('mv', 'of busybox of a file onto itself');
      if (context.flavour === 'busybox' && inode.isMerged && found.inode.node.kind === 'directory')
        return `can't remove ${quote(target)}: Is a directory`;
      const problem = checkExisting(options, source, target, inode, found.inode, moved);
      if (problem === 'skip') return undefined;
      if (problem) return problem;
      // Two names of one file in a lower layer.
      if (isSameFile(inode, found.inode)) return `${quote(source)} and ${quote(target)} are the same file`;
      const backups = backupsOf(context, options);
      if (backups) backup = backUp(context, target, backups);
    } else if (target.endsWith('/') && inode.node.kind !== 'directory') {
      return `cannot move ${quote(source)} to ${quote(target)}: Not a directory`;
    }
    if (/^\.\.?$/.test(lastName(source))) throw new PosixError('EBUSY', source);
    fileSystem.rename(from, to);
  } catch (error) {
    if (causeOf(error) === 'Invalid argument') {
      return `cannot move ${quote(source)} to a subdirectory of itself, ${quote(target)}`;
    }
    return `cannot move ${quote(source)} to ${quote(target)}: ${causeOf(error)}`;
  }
  if (inode.node.kind === 'directory') joinHardLinks(fileSystem, inode);
  if (isCopied && context.flavour === 'busybox') loseTimes(context, to);
  moved.add(inode);
  const kept = backup === undefined ? '' : ` (backup: ${quote(backup)})`;
  if (options.has('verbose')) printText(context, `renamed ${quote(source)} -> ${quote(target)}${kept}\n`);
  return undefined;
}

/** A copy by busybox has times of whole seconds, and its links are of now. */
function loseTimes(context: CommandContext, folder: string): void {
  const { fileSystem } = context;
  const { inode } = fileSystem.find(folder, { follow: false }) as { inode: Inode };
  for (const name of fileSystem.namesIn(inode)) {
    const path = childPath(folder, name);
    const { node } = fileSystem.child(inode, name)!;
    if (node.kind === 'directory') loseTimes(context, path);
    const time = node.kind === 'symlink' ? fileSystem.now() : Math.floor(node.mtime);
    if (time !== node.mtime) fileSystem.setModified(path, time, { follow: false });
  }
}

function keepsExisting(options: ParsedOptions): boolean {
  return options.last('force', 'no-clobber') === 'no-clobber';
}

function checkExisting(
  options: ParsedOptions,
  source: string,
  target: string,
  from: Inode,
  to: Inode,
  moved: Set<Inode>,
): string | undefined {
  if (keepsExisting(options)) return 'skip';
  if (from === to) return `${quote(source)} and ${quote(target)} are the same file`;
  const isFolder = from.node.kind === 'directory';
  if (!isFolder && options.has('update') && to.node.mtime >= from.node.mtime) return 'skip';
  if (isFolder && to.node.kind !== 'directory') {
    return `cannot overwrite non-directory ${quote(target)} with directory ${quote(source)}`;
  }
  if (!isFolder && to.node.kind === 'directory')
    return `cannot overwrite directory ${quote(target)} with non-directory`;
  if (moved.has(to)) return `will not overwrite just-created ${quote(target)} with ${quote(source)}`;
  return undefined;
}
