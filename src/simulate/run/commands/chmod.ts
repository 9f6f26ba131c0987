import type { Inode } from '../../../filesystem/writable';
import type { CommandContext } from '../command';
import { causeOf, complain, failUsage, quote } from './complaints';
import { absolute, listsByChance, printText } from './input';
import { adjustMode, formatMode, type ModeChange, parseMode } from './modes';
import { joinNames } from './names';
import { notSimulated, type ParsedOptions, parseOptions } from './options';

const OPTIONS = [
  '-R --recursive',
  '-f --silent --quiet',
  '-v --verbose',
  '-c --changes',
  '--reference=FILE',
  '--preserve-root',
  '--no-preserve-root',
];

/** GNU coreutils manual, "chmod invocation". */
export function chmod(context: CommandContext): number {
  const isMode = (argument: string) => /^-[rwxXstugoa,=+-]/.test(argument) && !argument.startsWith('--');
  const options = parseOptions(context, OPTIONS, { isOperand: isMode });
  if (context.flavour === 'busybox') refuseModesOfBusybox(options.operands[0] ?? '');
  const names = [...options.operands];
  const work = new ModeWork(context, options);
  const reference = options.value('reference');
  if (reference !== undefined) {
    try {
      const { node } = context.fileSystem.stat(absolute(context, reference));
      work.changes = [{ operator: '=', kind: 'bits', affected: 0o7777, value: node.mode, mentioned: 0o7777 }];
    } catch (error) {
      complain(context, `failed to get attributes of ${quote(reference)}: ${causeOf(error)}`);
      return 1;
    }
  } else {
    const spec = names.shift();
    if (spec === undefined) return failUsage(context, 'missing operand');
    const changes = parseMode(spec);
    if (!changes) return failUsage(context, `invalid mode: ${quote(spec)}`);
    if (names.length === 0) return failUsage(context, `missing operand after ${quote(spec)}`);
    work.changes = changes;
    // Only a mode that looks like an option warns when the umask kept some of it from happening.
    work.warnsOfUmask = spec.startsWith('-') && context.flavour === 'gnu';
  }
  for (const name of names) work.change(name, 'operand');
  return work.failed ? 1 : 0;
}

/** busybox reads some symbolic modes in ways of its own. */
function refuseModesOfBusybox(spec: string): void {
  if (/^[0-7]+$/.test(spec) || /^[ugoa]*[-+=]([rwxXs]+|[ugo])(,[ugoa]*[-+=]([rwxXs]+|[ugo]))*$/.test(spec))
    return;
  throw notSimulated('chmod', `${spec} of busybox`);
}

class ModeWork {
  changes: readonly ModeChange[] = [];
  warnsOfUmask = false;
  failed = false;

  constructor(
    private readonly context: CommandContext,
    private readonly options: ParsedOptions,
  ) {}

  /** `known` is what lies there, if it was met on the way. */
  change(name: string, place: 'operand' | 'below', known?: Inode): void {
    const { context } = this;
    context.checkBudget();
    try {
      if (known && known.node.kind !== 'directory' && known.node.kind !== 'symlink') {
        this.changeOne(name, known);
        return;
      }
      const path = absolute(context, name);
      const link = context.fileSystem.find(path, { follow: false });
      const isLink = link.kind === 'present' && link.inode.node.kind === 'symlink';
      // -R does not touch links that it meets; it goes into those that are named, which busybox does not.
      if (isLink && place === 'below') {
        if (this.options.has('verbose'))
          printText(context, `neither symbolic link ${quote(name)} nor referent has been changed\n`);
        return;
      }
      if (isLink && context.fileSystem.find(path).kind === 'absent') {
        this.fail(`cannot operate on dangling symlink ${quote(name)}`);
        return;
      }
      if (isLink && context.flavour === 'busybox' && this.options.has('recursive'))
        throw notSimulated('chmod', '-R of a link by busybox');
      const inode = isLink || link.kind === 'absent' ? context.fileSystem.stat(path) : link.inode;
      this.changeOne(name, inode);
      if (!this.options.has('recursive') || inode.node.kind !== 'directory') return;
      const found = [...context.fileSystem.entries(path)];
      if (this.options.has('verbose', 'changes')) listsByChance(context, found.length);
      for (const child of found) this.change(joinNames(name, child.name), 'below', child.inode);
    } catch (error) {
      const cause = causeOf(error);
      const words =
        cause === 'Permission denied' && this.options.has('recursive')
          ? 'cannot read directory'
          : 'cannot access';
      this.fail(`${words} ${quote(name)}: ${cause}`);
    }
  }

  private changeOne(name: string, inode: Inode): void {
    const { fileSystem } = this.context;
    const { node } = inode;
    const isFolder = node.kind === 'directory';
    const manner = this.context.flavour === 'gnu' ? 'GNU' : 'plain';
    const mode = adjustMode(this.changes, node.mode, isFolder, fileSystem.umask, manner);
    try {
      fileSystem.changeMode(inode, mode, name);
    } catch (error) {
      this.fail(`changing permissions of ${quote(name)}: ${causeOf(error)}`);
      return;
    }
    this.tell(name, node.kind, node.mode, mode);
    const naive = this.warnsOfUmask ? adjustMode(this.changes, node.mode, isFolder, 0) : mode;
    if (mode & ~naive) {
      const [is, expected] = [formatMode('', mode).slice(1), formatMode('', naive).slice(1)];
      this.fail(`${quote(name).slice(1, -1)}: new permissions are ${is}, not ${expected}`);
    }
  }

  private tell(name: string, kind: string, before: number, after: number): void {
    const spell = (mode: number) =>
      `${mode.toString(8).padStart(4, '0')} (${formatMode(kind, mode).slice(1)})`;
    if (before !== after && this.options.has('verbose', 'changes')) {
      printText(this.context, `mode of ${quote(name)} changed from ${spell(before)} to ${spell(after)}\n`);
    } else if (this.options.has('verbose')) {
      printText(this.context, `mode of ${quote(name)} retained as ${spell(after)}\n`);
    }
  }

  private fail(text: string): void {
    this.failed = true;
    if (!this.options.has('quiet')) complain(this.context, text);
  }
}
