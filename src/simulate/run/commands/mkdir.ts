import { type CommandContext, NotSimulated } from '../command';
import { attempt, causeOf, complain, failUsage, quote } from './complaints';
import { absolute, printText } from './input';
import { adjustMode, type ModeChange, parseMode } from './modes';
import { withoutTrailingSlashes } from './names';
import { parseOptions } from './options';

const OPTIONS = ['-p --parents', '-m --mode=MODE', '-v --verbose', '-Z --context[=CTX]'];

/** GNU coreutils manual, "mkdir invocation". */
export function mkdir(context: CommandContext): number {
  const options = parseOptions(context, OPTIONS);
  if (options.has('context')) throw new NotSimulated('`mkdir -Z` is not simulated');
  if (options.operands.length === 0) return failUsage(context, 'missing operand');
  const spec = options.value('mode');
  // A sticky bit set by letters makes mkdir drop the others' write bits on the way.
  if (spec && /^[^0-7].*t/.test(spec)) throw new NotSimulated(`\`mkdir -m ${spec}\` is not simulated`);
  const mode = spec === undefined ? undefined : parseMode(spec);
  if (spec !== undefined && !mode) {
    complain(context, `invalid mode ${quote(spec)}`);
    return 1;
  }
  const made = options.has('verbose')
    ? (name: string) => printText(context, `${context.name}: created directory ${quote(name)}\n`)
    : () => {};
  let exitCode = 0;
  for (const operand of options.operands) {
    const done = options.has('parents')
      ? makeWithParents(context, operand, mode, made)
      : attempt(context, `cannot create directory ${quote(operand)}`, () => {
          makeOne(context, operand, mode);
          made(operand);
        });
    if (!done) exitCode = 1;
  }
  return exitCode;
}

function makeOne(context: CommandContext, operand: string, mode: readonly ModeChange[] | undefined): void {
  const path = absolute(context, operand);
  const { node } = context.fileSystem.mkdir(path);
  if (mode)
    context.fileSystem.chmod(
      path,
      adjustMode(
        mode,
        0o777 | (node.mode & 0o2000),
        true,
        context.fileSystem.umask,
        context.flavour === 'gnu' ? 'GNU' : 'plain',
      ),
    );
}

/** Missing parents get the umask's mode plus write and search for their owner; only the last gets `-m`. */
function makeWithParents(
  context: CommandContext,
  operand: string,
  mode: readonly ModeChange[] | undefined,
  made: (name: string) => void,
): boolean {
  const { fileSystem } = context;
  const names = withoutTrailingSlashes(operand).split(/(?<=[^/])\/+/);
  let prefix = '';
  for (const [index, name] of names.entries()) {
    prefix = prefix === '' ? name : `${prefix}/${name}`;
    const isLast = index === names.length - 1;
    try {
      const found = fileSystem.find(absolute(context, prefix));
      if (found.kind === 'present' && found.inode.node.kind === 'directory') continue;
      if (isLast) makeOne(context, prefix, mode);
      else makeParent(context, prefix);
      made(prefix);
    } catch (error) {
      const isFile = !isLast && causeOf(error) === 'File exists';
      const dangles =
        context.flavour === 'busybox' &&
        prefix !== '' &&
        fileSystem.find(absolute(context, prefix)).kind === 'absent';
      const cause = dangles ? 'No such file or directory' : causeOf(error);
      complain(context, `cannot create directory ${quote(prefix)}: ${isFile ? 'Not a directory' : cause}`);
      return false;
    }
  }
  return true;
}

function makeParent(context: CommandContext, name: string): void {
  const { fileSystem } = context;
  const { umask } = fileSystem;
  fileSystem.umask = umask & ~0o300;
  try {
    fileSystem.mkdir(absolute(context, name));
  } finally {
    fileSystem.umask = umask;
  }
}
