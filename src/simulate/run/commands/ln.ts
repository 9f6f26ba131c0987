import { PosixError } from '../../../filesystem/posix';
import type { CommandContext } from '../command';
import { BACKUP_OPTIONS, backUp, backupsOf } from './backups';
import { causeOf, complain, fail, quote } from './complaints';
import { destinationOf } from './destination';
import { isSameFile } from './inodes';
import { absolute, printText } from './input';
import { folderName, lastName, withoutTrailingSlashes } from './names';
import { notSimulated, type ParsedOptions, parseOptions } from './options';
import { relativePath } from './real-paths';

const OPTIONS = [
  ...BACKUP_OPTIONS,
  '-f --force',
  '-L --logical',
  '-n -h --no-dereference',
  '-P --physical',
  '-r --relative',
  '-s --symbolic',
  '-t --target-directory=DIR',
  '-T --no-target-directory',
  '-v --verbose',
  '-F',
  '-d --directory',
];

/** GNU coreutils manual, "ln invocation"; `-i` is not simulated. */
export function ln(context: CommandContext): number {
  const options = parseOptions(context, OPTIONS);
  if (options.has('relative') && !options.has('symbolic'))
    return fail(context, 'cannot do --relative without --symbolic');
  const destination = destinationOf(context, options);
  if (typeof destination === 'number') return destination;
  const made = new Set<string>();
  let exitCode = 0;
  for (const { source, target } of destination.pairs) {
    const problem = linkOne(context, options, source, target, made);
    if (!problem) continue;
    complain(context, problem);
    exitCode = 1;
  }
  return exitCode;
}

function linkOne(
  context: CommandContext,
  options: ParsedOptions,
  source: string,
  target: string,
  made: Set<string>,
) {
  const { fileSystem } = context;
  const symbolic = options.has('symbolic');
  const failed = `failed to create ${symbolic ? 'symbolic' : 'hard'} link ${quote(target)}`;
  if (target === '' || (symbolic && source === ''))
    return `${failed}${source === '' ? " -> ''" : ''}: No such file or directory`;
  const path = absolute(context, target);
  if (!symbolic) {
    const problem = hardLinkProblem(context, options, source);
    if (problem) return problem;
  }
  try {
    if (target.endsWith('/') && lastName(target) !== '/') {
      // `link` and `symlink` refuse a new name with a slash at its end.
      const { kind } = fileSystem.find(path);
      throw new PosixError(kind === 'absent' ? 'ENOENT' : 'EEXIST', path);
    }
    const found = fileSystem.find(path, { follow: false });
    const backups = backupsOf(context, options);
    let backup: string | undefined;
    if (found.kind === 'present' && backups && found.inode.node.kind !== 'directory') {
      backup = backUp(context, target, backups);
    } else if (found.kind === 'present' && options.has('force')) {
      if (!symbolic && isOtherName(context, source, target)) return undefined;
      if (context.flavour === 'busybox' && isSamePath(context, source, target))
        throw notSimulated('ln', 'of a file onto itself by busybox');
      const problem = removalProblem(context, options, source, target, made);
      if (problem) return problem;
      fileSystem.unlink(path);
    }
    const text = symbolic && options.has('relative') ? relativeTarget(context, source, target) : source;
    if (context.flavour === 'busybox' && found.kind === 'present' && found.inode.node.kind === 'directory')
      throw notSimulated('ln', `${source} ${target}\` of busybox over a folder`);
    if (symbolic) fileSystem.symlink(text, path);
    else fileSystem.link(linkSource(context, options, source), path);
    made.add(fileSystem.find(path, { follow: false }).path);
    const kept = backup === undefined ? '' : `${quote(backup)} ~ `;
    if (options.has('verbose'))
      printText(context, `${kept}${quote(target)} ${symbolic ? '->' : '=>'} ${quote(text)}\n`);
    return undefined;
  } catch (error) {
    const cause = causeOf(error);
    return symbolic || cause === 'File exists'
      ? `${failed}: ${cause}`
      : `${failed} => ${quote(source)}: ${cause}`;
  }
}

/** Two names of one file already: there is nothing to link. */
function isOtherName(context: CommandContext, source: string, target: string): boolean {
  const at = (name: string) => context.fileSystem.find(absolute(context, name), { follow: false });
  const [from, to] = [at(source), at(target)];
  return (
    from.kind === 'present' &&
    to.kind === 'present' &&
    from.path !== to.path &&
    isSameFile(from.inode, to.inode)
  );
}

function isSamePath(context: CommandContext, source: string, target: string): boolean {
  const at = (name: string) => context.fileSystem.find(absolute(context, name), { follow: false }).path;
  return at(source || '.') === at(target);
}

function hardLinkProblem(
  context: CommandContext,
  options: ParsedOptions,
  source: string,
): string | undefined {
  try {
    const follow = options.last('logical', 'physical') === 'logical' || source.endsWith('/');
    const { node } = context.fileSystem.stat(absolute(context, source), { follow });
    if (node.kind === 'directory' && !options.has('directory'))
      return `${source}: hard link not allowed for directory`;
    if (source.endsWith('/')) throw new PosixError('ENOTDIR', source);
    return undefined;
  } catch (error) {
    return `failed to access ${quote(source)}: ${causeOf(error)}`;
  }
}

function linkSource(context: CommandContext, options: ParsedOptions, source: string): string {
  const path = absolute(context, source);
  return options.last('logical', 'physical') === 'logical' ? context.fileSystem.find(path).path : path;
}

function removalProblem(
  context: CommandContext,
  options: ParsedOptions,
  source: string,
  target: string,
  made: Set<string>,
): string | undefined {
  const { fileSystem } = context;
  const found = fileSystem.find(absolute(context, target), { follow: false });
  if (found.kind === 'absent') return undefined;
  if (found.inode.node.kind === 'directory') return `${target}: cannot overwrite directory`;
  if (made.has(found.path)) return `will not overwrite just-created ${quote(target)} with ${quote(source)}`;
  // For a symbolic link it is what the source leads to that must not go, so a link may come to point to itself.
  const follow = options.has('symbolic');
  const original = fileSystem.find(absolute(context, source || '.'), { follow });
  const isSame = original.kind === 'present' && isSameFile(original.inode, found.inode);
  const isSameName = original.path === found.path;
  if (isSame && (!options.has('symbolic') || isSameName)) {
    return `${quote(source)} and ${quote(target)} are the same file`;
  }
  return undefined;
}

/** `-r`: the way from the link's folder to the source, both through links as far as they are there. */
function relativeTarget(context: CommandContext, source: string, target: string): string {
  const folder = context.fileSystem.find(absolute(context, folderName(withoutTrailingSlashes(target)))).path;
  return relativePath(context.fileSystem.find(absolute(context, source)).path, folder);
}
