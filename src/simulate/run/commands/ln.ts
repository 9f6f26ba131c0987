import { PosixError } from '../../../filesystem/posix';
import type { CommandContext } from '../command';
import { causeOf, complain, quote } from './complaints';
import { destinationOf } from './destination';
import { isSameFile } from './inodes';
import { absolute, printText } from './input';
import { folderName, lastName, withoutTrailingSlashes } from './names';
import { notSimulated, type ParsedOptions, parseOptions } from './options';
import { relativePath } from './real-paths';

const OPTIONS = [
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

/** GNU coreutils manual, "ln invocation"; backups and `-i` are not simulated. */
export function ln(context: CommandContext): number {
  const options = parseOptions(context, OPTIONS);
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
    if (found.kind === 'present' && options.has('force')) {
      if (context.flavour === 'busybox' && isSamePath(context, source, target))
        throw notSimulated('ln', 'of a file onto itself by busybox');
      const problem = removalProblem(context, options, source, target, made);
      if (problem) return problem;
      fileSystem.unlink(path);
    }
    const text = symbolic && options.has('relative') ? relativeTarget(context, source, target) : source;
    if (symbolic) fileSystem.symlink(text, path);
    else fileSystem.link(linkSource(context, options, source), path);
    made.add(fileSystem.find(path, { follow: false }).path);
    if (options.has('verbose'))
      printText(context, `${quote(target)} ${symbolic ? '->' : '=>'} ${quote(text)}\n`);
    return undefined;
  } catch (error) {
    const cause = causeOf(error);
    return symbolic || cause === 'File exists'
      ? `${failed}: ${cause}`
      : `${failed} => ${quote(source)}: ${cause}`;
  }
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
    if (node.kind === 'directory') return `${source}: hard link not allowed for directory`;
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
  const original = fileSystem.find(absolute(context, source || '.'), { follow: false });
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
