import type { CommandContext } from '../command';
import { BACKUP_OPTIONS, backUp, backupsOf } from './backups';
import { causeOf, complain, fail, failUsage, quote } from './complaints';
import { destinationOf } from './destination';
import { isSameFile } from './inodes';
import { absolute, openFile, printText } from './input';
import { adjustMode, type ModeChange, parseMode } from './modes';
import { folderName, withoutTrailingSlashes } from './names';
import { notSimulated, type ParsedOptions, parseOptions } from './options';
import { type OwnerNames, readOwnerNames } from './owner-names';

const OPTIONS = [
  ...BACKUP_OPTIONS,
  '-c',
  '-C --compare',
  '-D',
  '-d --directory',
  '-g --group=GROUP',
  '-m --mode=MODE',
  '-o --owner=OWNER',
  '-p --preserve-timestamps',
  '-t --target-directory=DIR',
  '-T --no-target-directory',
  '-v --verbose',
];

interface Attributes {
  /** `undefined` is 0755, which takes the setgid bit of a folder away; 0755 that is asked for leaves it. */
  readonly mode: readonly ModeChange[] | undefined;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
}

/** GNU coreutils manual, "install invocation". Stripping (`-s`) and comparing (`-C`) are not simulated. */
export async function install(context: CommandContext): Promise<number> {
  const options = parseOptions(context, OPTIONS);
  if (options.has('compare')) throw notSimulated('install', '-C');
  const attributes = await attributesOf(context, options);
  if (typeof attributes === 'number') return attributes;
  if (options.has('directory')) return installFolders(context, options, attributes);
  if (options.has('D')) {
    const exitCode = makeLeadingFolders(context, options);
    if (exitCode !== 0) return exitCode;
  }
  const destination = destinationOf(context, options);
  if (typeof destination === 'number') return destination;
  let failed = false;
  const made = new Set<string>();
  for (const { source, target } of destination.pairs) {
    const problem = installFile(context, options, attributes, source, target, made);
    if (!problem) continue;
    complain(context, problem);
    failed = true;
  }
  return failed ? 1 : 0;
}

async function attributesOf(context: CommandContext, options: ParsedOptions): Promise<Attributes | number> {
  const spec = options.value('mode');
  const mode = spec === undefined ? undefined : parseMode(spec);
  if (spec !== undefined && !mode) return fail(context, `invalid mode ${quote(spec)}`);
  const owner = options.value('owner');
  const group = options.value('group');
  const names = owner === undefined && group === undefined ? undefined : await readOwnerNames(context);
  const uid = idOf(names, 'user', owner);
  const gid = idOf(names, 'group', group);
  if (owner !== undefined && uid === undefined) return fail(context, `invalid user ${quote(owner)}`);
  if (group !== undefined && gid === undefined) return fail(context, `invalid group ${quote(group)}`);
  return { mode, uid, gid };
}

function idOf(
  names: OwnerNames | undefined,
  kind: 'user' | 'group',
  text: string | undefined,
): number | undefined {
  if (text === undefined) return undefined;
  const named = kind === 'user' ? names?.user(text)?.uid : names?.group(text)?.gid;
  return named ?? (/^\d+$/.test(text) ? Number(text) : undefined);
}

function installFolders(context: CommandContext, options: ParsedOptions, attributes: Attributes): number {
  if (options.operands.length === 0) return failUsage(context, 'missing file operand');
  if (options.has('target-directory')) throw notSimulated('install', '-d -t');
  let exitCode = 0;
  for (const operand of options.operands) {
    try {
      const problem = makeFolders(context, options, operand);
      if (problem !== undefined) exitCode = fail(context, problem);
      else giveAttributes(context, operand, attributes);
    } catch (error) {
      exitCode = fail(context, `cannot create directory ${quote(operand)}: ${causeOf(error)}`);
    }
  }
  return exitCode;
}

/** Makes every missing folder of a path with 0755, whatever the umask: install sets it to 0. */
function makeFolders(context: CommandContext, options: ParsedOptions, operand: string): string | undefined {
  const { fileSystem } = context;
  const { umask } = fileSystem;
  fileSystem.umask = 0;
  try {
    let prefix = '';
    for (const name of withoutTrailingSlashes(operand).split(/(?<=[^/])\/+/)) {
      prefix = prefix === '' ? name : `${prefix}/${name}`;
      const found = fileSystem.find(absolute(context, prefix));
      if (found.kind === 'present' && found.inode.node.kind === 'directory') continue;
      if (found.kind === 'present' && prefix !== withoutTrailingSlashes(operand))
        return `cannot create directory ${quote(prefix)}: Not a directory`;
      fileSystem.mkdir(absolute(context, prefix), 0o755);
      if (options.has('verbose'))
        printText(context, `${context.name}: creating directory ${quote(prefix)}\n`);
    }
    return undefined;
  } finally {
    fileSystem.umask = umask;
  }
}

function makeLeadingFolders(context: CommandContext, options: ParsedOptions): number {
  const named = options.value('target-directory');
  const target = named ?? (options.operands.length > 1 ? folderName(options.operands.at(-1)!) : undefined);
  if (target === undefined) return 0;
  try {
    const found = context.fileSystem.find(absolute(context, target));
    const problem = found.kind === 'absent' ? makeFolders(context, options, target) : undefined;
    return problem === undefined ? 0 : fail(context, problem);
  } catch (error) {
    return fail(context, `cannot create directory ${quote(target)}: ${causeOf(error)}`);
  }
}

function installFile(
  context: CommandContext,
  options: ParsedOptions,
  attributes: Attributes,
  source: string,
  target: string,
  made: Set<string>,
): string | undefined {
  const { fileSystem } = context;
  let content: ReturnType<typeof openFile>;
  const isDevice = /^\/dev\//.test(source);
  try {
    const inode = isDevice ? undefined : fileSystem.stat(absolute(context, source));
    if (inode?.node.kind === 'directory') return `omitting directory ${quote(source)}`;
    content = openFile(context, absolute(context, source));
  } catch (error) {
    const words =
      fileSystem.find(absolute(context, source)).kind === 'absent' ? 'cannot stat' : 'cannot open';
    return `${words} ${quote(source)}${words === 'cannot open' ? ' for reading' : ''}: ${causeOf(error)}`;
  }
  let backup: string | undefined;
  try {
    const path = absolute(context, target);
    const existing = fileSystem.find(path, { follow: false });
    if (existing.kind === 'present') {
      if (existing.inode.node.kind === 'directory')
        return `cannot overwrite directory ${quote(target)} with non-directory`;
      const from = isDevice ? undefined : fileSystem.stat(absolute(context, source));
      if (from && isSameFile(from, existing.inode))
        return `${quote(source)} and ${quote(target)} are the same file`;
      if (made.has(existing.path))
        return `will not overwrite just-created ${quote(target)} with ${quote(source)}`;
      const backups = backupsOf(context, options);
      if (backups) backup = backUp(context, target, backups);
      else {
        fileSystem.unlink(path);
        if (options.has('verbose')) printText(context, `removed ${quote(target)}\n`);
      }
    }
    if (target.endsWith('/')) return `cannot create regular file ${quote(target)}: Not a directory`;
    fileSystem.write(path, content, { mode: 0o600 });
    made.add(fileSystem.find(path, { follow: false }).path);
    const kept = backup === undefined ? '' : ` (backup: ${quote(backup)})`;
    if (options.has('verbose')) printText(context, `${quote(source)} -> ${quote(target)}${kept}\n`);
  } catch (error) {
    return `cannot create regular file ${quote(target)}: ${causeOf(error)}`;
  }
  const mtime = isDevice ? undefined : fileSystem.stat(absolute(context, source)).node.mtime;
  try {
    giveAttributes(context, target, attributes);
  } catch (error) {
    return `cannot change ownership of ${quote(target)}: ${causeOf(error)}`;
  }
  if (options.has('preserve-timestamps') && mtime !== undefined)
    fileSystem.setModified(absolute(context, target), mtime);
  return undefined;
}

/** The owner first: the kernel takes setuid bits away with it. A mode starts from nothing, not from the file's. */
function giveAttributes(context: CommandContext, target: string, { mode, uid, gid }: Attributes): void {
  const { fileSystem } = context;
  const path = absolute(context, target);
  if (uid !== undefined || gid !== undefined) fileSystem.chown(path, uid, gid);
  const { node } = fileSystem.stat(path);
  if (mode === undefined) fileSystem.chmod(path, 0o755);
  else if (node.kind === 'directory') fileSystem.chmod(path, folderMode(mode, node.mode));
  else fileSystem.chmod(path, adjustMode(mode, 0, false, 0));
}

/** Of a folder only the bits change that the mode speaks of, those that come out the same whatever they were. */
function folderMode(change: readonly ModeChange[], mode: number): number {
  if (change.some(({ kind }) => kind === 'copy')) throw notSimulated('install', '-d -m with copied bits');
  const fromNothing = adjustMode(change, 0, true, 0);
  const untouched = fromNothing ^ adjustMode(change, 0o7777, true, 0);
  return (fromNothing & ~untouched) | (mode & untouched);
}
