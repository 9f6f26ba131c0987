import { PosixError } from '../../../filesystem/posix';
import type { CommandContext } from '../command';
import { attempt, causeOf, complain, failUsage, quote } from './complaints';
import { absolute, listsByChance, printText } from './input';
import { folderName, joinNames, lastName, withoutTrailingSlashes } from './names';
import { notSimulated, type ParsedOptions, parseOptions } from './options';

const OPTIONS = [
  '-f --force',
  '-i',
  '-I',
  '--interactive[=WHEN]',
  '-r -R --recursive',
  '-d --dir',
  '-v --verbose',
  '--one-file-system',
  '--no-preserve-root',
  '--preserve-root[=all]',
];

/** GNU coreutils manual, "rm invocation". Standard input is no terminal, so nothing asks without `-i`. */
export function rm(context: CommandContext): number {
  const options = parseOptions(context, OPTIONS);
  const force = options.has('force');
  if (asks(options)) throw notSimulated('rm', 'that asks');
  if (options.operands.length === 0) return force ? 0 : failUsage(context, 'missing operand');
  let exitCode = 0;
  for (const operand of options.operands) {
    if (!removeOperand(context, operand, options)) exitCode = 1;
  }
  if (exitCode === 0 && options.has('recursive')) clearWholeFolders(context);
  return exitCode;
}

/** Whether it wants an answer. `-I` asks before more than three names or a folder. */
function asks(options: ParsedOptions): boolean {
  const last = options.last('force', 'i', 'I', 'interactive');
  const when = last === 'interactive' ? options.value('interactive') : undefined;
  if (last === undefined || last === 'force' || /^(never|no|none)$/.test(when ?? '')) return false;
  return last !== 'I' && when !== 'once' ? true : options.has('recursive') || options.operands.length > 3;
}

/** `rm -rf folder/*` also takes what is in the folder without our knowing. */
function clearWholeFolders({ fileSystem, wholeFolders, cwd }: CommandContext): void {
  for (const folder of wholeFolders) {
    const { path } = fileSystem.find(absolute({ cwd }, folder));
    fileSystem.clear(path === '/' ? '/' : `${path}/`);
  }
}

function removeOperand(context: CommandContext, operand: string, options: ParsedOptions): boolean {
  const name = lastName(operand);
  if (options.has('recursive') && (name === '.' || name === '..')) {
    complain(context, `refusing to remove '.' or '..' directory: skipping ${quote(operand)}`);
    return false;
  }
  try {
    const path = absolute(context, operand);
    const found = context.fileSystem.find(path, { follow: false });
    if (found.kind === 'absent') {
      throw new PosixError(
        found.why === 'missing' ? 'ENOENT' : found.why === 'link loop' ? 'ELOOP' : 'ENOTDIR',
        path,
      );
    }
    if (found.inode.node.kind !== 'directory') {
      // Busybox takes the slash off first, and removes the link.
      if (operand.endsWith('/') && context.flavour === 'busybox') throw notSimulated('rm', operand);
      if (operand.endsWith('/')) return removeThroughLink(context, operand, options);
      context.fileSystem.unlink(path);
      if (options.has('verbose')) printText(context, `removed ${quote(operand)}\n`);
      return true;
    }
    if (found.path === '/' && options.has('recursive')) throw notSimulated('rm', '-r /');
    return removeFolder(context, operand, options);
  } catch (error) {
    if (options.has('force') && isGone(context, error)) {
      if (operand !== '')
        context.fileSystem.clear(context.fileSystem.find(absolute(context, operand), { follow: false }).path);
      return true;
    }
    complain(context, `cannot remove ${quote(operand)}: ${causeOf(error)}`);
    return false;
  }
}

/** What is missing, or lies below a file, is gone already. */
function isGone({ flavour }: CommandContext, error: unknown): boolean {
  if (!(error instanceof PosixError)) return false;
  return error.code === 'ENOENT' || (error.code === 'ENOTDIR' && flavour === 'gnu');
}

/** `link/`: what is in the folder goes, then the link refuses to be removed as a folder. */
function removeThroughLink(context: CommandContext, operand: string, options: ParsedOptions): boolean {
  const path = absolute(context, operand);
  if (context.fileSystem.stat(path).node.kind !== 'directory') throw new PosixError('ENOTDIR', path);
  if (!options.has('recursive')) throw new PosixError('EISDIR', path);
  for (const child of context.fileSystem.list(path)) removeTree(context, joinNames(operand, child), options);
  throw new PosixError('ENOTDIR', path);
}

function removeFolder(context: CommandContext, operand: string, options: ParsedOptions): boolean {
  const path = withoutTrailingSlashes(absolute(context, operand));
  if (!options.has('recursive')) {
    if (!options.has('dir')) throw new PosixError('EISDIR', path);
    context.fileSystem.rmdir(path);
    if (options.has('verbose')) printText(context, `removed directory ${quote(operand)}\n`);
    return true;
  }
  // Only a mount keeps root from removing a whole folder, so it need not be looked through.
  const { fileSystem } = context;
  if (fileSystem.credentials.uid === 0 && !options.has('verbose') && !fileSystem.holdsMount(path)) {
    fileSystem.removeTree(path);
    return true;
  }
  return removeTree(context, withoutTrailingSlashes(operand), options);
}

function removeTree(context: CommandContext, name: string, options: ParsedOptions): boolean {
  const { fileSystem } = context;
  context.checkBudget();
  const path = absolute(context, name);
  let complete = true;
  if (fileSystem.stat(path, { follow: false }).node.kind !== 'directory') {
    complete = attempt(context, `cannot remove ${quote(name)}`, () => fileSystem.unlink(path));
    if (complete && options.has('verbose')) printText(context, `removed ${quote(name)}\n`);
    return complete;
  }
  const listed = attempt(context, `cannot remove ${quote(name)}`, () => {
    const children = fileSystem.list(path);
    if (options.has('verbose')) listsByChance(context, children.length);
    for (const child of children) {
      if (!removeTree(context, joinNames(name, child), options)) complete = false;
    }
  });
  if (!listed || !complete) return false;
  const removed = attempt(context, `cannot remove ${quote(name)}`, () => fileSystem.rmdir(path));
  if (removed && options.has('verbose')) printText(context, `removed directory ${quote(name)}\n`);
  return removed;
}

const RMDIR_OPTIONS = ['-p --parents', '--ignore-fail-on-non-empty', '-v --verbose'];

/** GNU coreutils manual, "rmdir invocation". */
export function rmdir(context: CommandContext): number {
  const options = parseOptions(context, RMDIR_OPTIONS);
  if (options.operands.length === 0) return failUsage(context, 'missing operand');
  let exitCode = 0;
  for (const operand of options.operands) {
    for (let name = operand; ; name = folderName(name)) {
      if (options.has('verbose')) printText(context, `${context.name}: removing directory, ${quote(name)}\n`);
      const outcome = removeEmpty(context, name);
      const isIgnored = outcome === 'Directory not empty' && options.has('ignore-fail-on-non-empty');
      if (outcome && !isIgnored) {
        const words = name === operand ? 'failed to remove' : 'failed to remove directory';
        const isLink = outcome === 'Not a directory' && name.endsWith('/') && leadsToFolder(context, name);
        complain(context, `${words} ${quote(name)}: ${isLink ? 'Symbolic link not followed' : outcome}`);
        exitCode = 1;
      }
      if (outcome || !options.has('parents') || !withoutTrailingSlashes(name).includes('/')) break;
      if (folderName(name) === '/') break;
    }
  }
  return exitCode;
}

function leadsToFolder(context: CommandContext, operand: string): boolean {
  const found = context.fileSystem.find(absolute(context, operand));
  return found.kind === 'present' && found.inode.node.kind === 'directory';
}

function removeEmpty(context: CommandContext, operand: string): string | undefined {
  try {
    if (lastName(operand) === '.') throw new PosixError('EINVAL', operand);
    context.fileSystem.rmdir(withoutTrailingSlashes(absolute(context, operand)));
    return undefined;
  } catch (error) {
    return causeOf(error);
  }
}

/** GNU coreutils manual, "link invocation". */
export function link(context: CommandContext): number {
  const { operands } = parseOptions(context, []);
  const [from, to, ...more] = operands;
  if (from === undefined) return failUsage(context, 'missing operand');
  if (to === undefined) return failUsage(context, `missing operand after ${quote(from)}`);
  if (more.length > 0) return failUsage(context, `extra operand ${quote(more[0]!)}`);
  const words = `cannot create link ${quote(to)} to ${quote(from)}`;
  return attempt(context, words, () =>
    context.fileSystem.link(absolute(context, from), absolute(context, to)),
  )
    ? 0
    : 1;
}

/** GNU coreutils manual, "unlink invocation". */
export function unlink(context: CommandContext): number {
  const { operands } = parseOptions(context, []);
  if (operands.length === 0) return failUsage(context, 'missing operand');
  if (operands.length > 1) return failUsage(context, `extra operand ${quote(operands[1]!)}`);
  const [operand] = operands as [string];
  return attempt(context, `cannot unlink ${quote(operand)}`, () =>
    context.fileSystem.unlink(absolute(context, operand)),
  )
    ? 0
    : 1;
}
