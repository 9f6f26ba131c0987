import { PosixError } from '../../../filesystem/posix';
import { containerPath, isWithin, namesOf } from '../../../layers/path';
import type { CommandContext } from '../command';
import { causeOf, complain, failUsage, quoteIfNeeded } from './complaints';
import { absolute, printText } from './input';
import { folderName, lastName, withoutTrailingSlashes } from './names';
import { notSimulated, type ParsedOptions, parseOptions } from './options';

/** How much of a path must be there: all of it, all but the last name, or nothing. */
type Existing = 'all' | 'all but last' | 'none';

/** `canonicalize_filename_mode` of gnulib: links followed, missing parts as `existing` allows. */
export function canonical(context: CommandContext, operand: string, existing: Existing): string {
  const path = absolute(context, operand);
  const found = context.fileSystem.find(path);
  if (found.kind === 'present') {
    if (operand.endsWith('/') && found.inode.node.kind !== 'directory' && existing !== 'none')
      throw new PosixError('ENOTDIR', path);
    return found.path;
  }
  if (existing === 'none') return found.path;
  if (found.why === 'link loop') throw new PosixError('ELOOP', path);
  if (found.why === 'not a directory') throw new PosixError('ENOTDIR', path);
  const parent = context.fileSystem.find(folderOf(found.path));
  const onlyLastIsMissing = parent.kind === 'present' && parent.inode.node.kind === 'directory';
  if (existing === 'all' || !onlyLastIsMissing) throw new PosixError('ENOENT', path);
  return found.path;
}

/** Builds of busybox differ on names that are missing. */
function canonicalAs(
  context: CommandContext,
  operand: string,
  existing: Existing,
  missing: 'missing' | 'known',
): string {
  const found = context.fileSystem.find(absolute(context, operand));
  if (missing === 'missing' && found.kind === 'absent')
    throw notSimulated(context.name, 'of busybox of a missing name');
  return canonical(context, operand, existing);
}

function folderOf(path: string): string {
  return folderName(path);
}

/** The way from the folder `from` to `to`, both cleaned absolute paths. */
export function relativePath(to: string, from: string): string {
  const [target, start] = [namesOf(to), namesOf(from)];
  let common = 0;
  while (common < target.length && common < start.length && target[common] === start[common]) common++;
  const up = start.slice(common).map(() => '..');
  return [...up, ...target.slice(common)].join('/') || '.';
}

const READLINK_OPTIONS = [
  '-f --canonicalize',
  '-e --canonicalize-existing',
  '-m --canonicalize-missing',
  '-n --no-newline',
  '-q -s --silent --quiet',
  '-v --verbose',
  '-z --zero',
];

/** GNU coreutils manual, "readlink invocation". */
export function readlink(context: CommandContext): number {
  const options = parseOptions(context, READLINK_OPTIONS);
  if (options.operands.length === 0) return failUsage(context, 'missing operand');
  const mode = options.last('canonicalize', 'canonicalize-existing', 'canonicalize-missing');
  if (context.flavour === 'busybox' && options.operands.length > 1)
    throw notSimulated('readlink', 'of busybox with several names');
  const single = options.has('no-newline') && options.operands.length === 1;
  const end = options.has('zero') ? '\0' : single ? '' : '\n';
  let exitCode = 0;
  for (const operand of options.operands) {
    try {
      const existing = context.flavour === 'busybox' ? 'missing' : 'known';
      printText(
        context,
        `${mode ? canonicalAs(context, operand, existingOf(mode), existing) : linkText(context, operand)}${end}`,
      );
    } catch (error) {
      exitCode = 1;
      const cause = causeOf(error);
      if (options.has('verbose')) complain(context, `${quoteIfNeeded(operand)}: ${cause}`);
    }
  }
  return exitCode;
}

function existingOf(mode: string): Existing {
  return mode === 'canonicalize' ? 'all but last' : mode === 'canonicalize-existing' ? 'all' : 'none';
}

function linkText(context: CommandContext, operand: string): string {
  const { node } = context.fileSystem.stat(absolute(context, operand), { follow: operand.endsWith('/') });
  if (node.kind !== 'symlink') throw new PosixError('EINVAL', operand);
  return node.target;
}

const REALPATH_OPTIONS = [
  '-e --canonicalize-existing',
  '-m --canonicalize-missing',
  '-L --logical',
  '-P --physical',
  '-q --quiet',
  '--relative-to=DIR',
  '--relative-base=DIR',
  '-s --strip --no-symlinks',
  '-z --zero',
];

/** GNU coreutils manual, "realpath invocation". */
export function realpath(context: CommandContext): number {
  const options = parseOptions(context, REALPATH_OPTIONS);
  if (options.has('logical')) throw notSimulated('realpath', '-L');
  if (options.operands.length === 0) return failUsage(context, 'missing operand');
  const mode = options.last('canonicalize-existing', 'canonicalize-missing');
  const existing = mode ? existingOf(mode) : 'all but last';
  const manner = context.flavour === 'busybox' ? 'missing' : 'known';
  const resolve = (operand: string) => {
    if (!options.has('no-symlinks')) return canonicalAs(context, operand, existing, manner);
    if (existing === 'all') context.fileSystem.stat(absolute(context, operand));
    return containerPath(absolute(context, operand));
  };
  let exitCode = 0;
  for (const operand of options.operands) {
    try {
      printText(context, relative(resolve(operand), options, resolve) + (options.has('zero') ? '\0' : '\n'));
    } catch (error) {
      exitCode = 1;
      if (!options.has('quiet')) complain(context, `${quoteIfNeeded(operand)}: ${causeOf(error)}`);
    }
  }
  return exitCode;
}

function relative(path: string, options: ParsedOptions, resolve: (operand: string) => string): string {
  const base = options.value('relative-base');
  const to = options.value('relative-to') ?? base;
  if (to === undefined) return path;
  const from = resolve(to);
  if (base !== undefined && !(isWithin(path, resolve(base)) && isWithin(from, resolve(base)))) return path;
  return relativePath(path, from);
}

/** GNU coreutils manual, "basename invocation". */
export function basename(context: CommandContext): number {
  const options = parseOptions(context, ['-a --multiple', '-s --suffix=SUFFIX', '-z --zero'], {
    stopAtOperand: true,
  });
  const { operands } = options;
  if (operands.length === 0) return failUsage(context, 'missing operand');
  const several = options.has('multiple', 'suffix');
  if (!several && operands.length > 2) return failUsage(context, `extra operand '${operands[2]}'`);
  const suffix = options.value('suffix') ?? (several ? '' : (operands[1] ?? ''));
  for (const operand of several ? operands : operands.slice(0, 1)) {
    const name = lastName(operand);
    const cut =
      suffix !== '' && name !== suffix && name.endsWith(suffix) ? name.slice(0, -suffix.length) : name;
    printText(context, cut + (options.has('zero') ? '\0' : '\n'));
  }
  return 0;
}

/** GNU coreutils manual, "dirname invocation". */
export function dirname(context: CommandContext): number {
  const options = parseOptions(context, ['-z --zero']);
  if (options.operands.length === 0) return failUsage(context, 'missing operand');
  if (context.flavour === 'busybox' && options.operands.length > 1)
    throw notSimulated('dirname', 'of busybox with several names');
  for (const operand of options.operands) {
    printText(context, folderName(withoutTrailingSlashes(operand)) + (options.has('zero') ? '\0' : '\n'));
  }
  return 0;
}

/** debianutils' which(1): every name's first executable on PATH; 1 when one has none. */
export function which(context: CommandContext): number {
  const options = parseOptions(context, ['-a', '-s'], { stopAtOperand: true });
  if (context.flavour === 'gnu' && options.has('s')) {
    context.stderr.write('Illegal option -s\n');
    printText(context, 'Usage: /usr/bin/which [-a] args\n');
    return 2;
  }
  const { fileSystem } = context;
  let exitCode = 0;
  for (const name of options.operands) {
    const folders = name.includes('/') ? [undefined] : (context.env.get('PATH') ?? '').split(':');
    const found = folders
      .map((folder) => (folder === undefined ? name : `${folder === '' ? '.' : folder}/${name}`))
      .filter((path) => {
        const { kind, ...at } = fileSystem.find(absolute(context, path));
        if (kind === 'absent' || !('inode' in at)) return false;
        return at.inode.node.kind === 'file' && fileSystem.allows(at.inode, 1);
      });
    if (found.length === 0) exitCode = 1;
    for (const path of options.has('a') ? found : found.slice(0, 1)) {
      if (!options.has('s')) printText(context, `${path}\n`);
    }
  }
  return exitCode;
}
