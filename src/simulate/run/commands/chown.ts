import type { Inode } from '../../../filesystem/writable';
import type { CommandContext } from '../command';
import { causeOf, complain, fail, failUsage, quote } from './complaints';
import { absolute, listsByChance, printText } from './input';
import { joinNames } from './names';
import { notSimulated, type ParsedOptions, parseOptions } from './options';
import { type OwnerNames, parseGroup, parseOwner, readOwnerNames } from './owner-names';

const OPTIONS = [
  '-R --recursive',
  '-h --no-dereference',
  '--dereference',
  '--from=OWNER',
  '--reference=FILE',
  '-H',
  '-L',
  '-P',
  '-f --silent --quiet',
  '-v --verbose',
  '-c --changes',
  '--preserve-root',
  '--no-preserve-root',
];

/** GNU coreutils manual, "chown invocation" and "chgrp invocation". */
export async function chown(context: CommandContext): Promise<number> {
  const options = parseOptions(context, OPTIONS);
  if (options.has('recursive') && options.has('dereference'))
    throw notSimulated(context.name, '-R --dereference');
  const names = [...options.operands];
  const spelled = names[0] ?? '';
  const known = await readOwnerNames(context);
  const wanted = ownerWanted(context, options, names, known);
  if (typeof wanted === 'number') return wanted;
  const from = options.value('from');
  const required = from === undefined ? {} : parseOwner(known, from);
  if ('error' in required) return fail(context, `${required.error}: ${quote(from!)}`);
  const work = new OwnerWork(context, options, wanted, required, known, spelled);
  for (const name of names) work.change(name, 'operand');
  return work.failed ? 1 : 0;
}

interface Owner {
  readonly uid?: number;
  readonly gid?: number;
}

function ownerWanted(
  context: CommandContext,
  options: ParsedOptions,
  names: string[],
  known: OwnerNames,
): Owner | number {
  const isGroup = context.name === 'chgrp';
  const reference = options.value('reference');
  if (reference !== undefined) {
    try {
      const { uid, gid } = context.fileSystem.stat(absolute(context, reference)).node;
      return isGroup ? { gid } : { uid, gid };
    } catch (error) {
      return fail(context, `failed to get attributes of ${quote(reference)}: ${causeOf(error)}`);
    }
  }
  const spec = names.shift();
  if (spec === undefined) return failUsage(context, 'missing operand');
  if (context.flavour === 'busybox' && !/^:?[A-Za-z0-9_][\w-]*(:[\w-]*)?$|^:[\w-]+$/.test(spec))
    throw notSimulated(context.name, `${spec} of busybox`);
  if (context.flavour === 'busybox' && /^\d+:$/.test(spec))
    throw notSimulated(context.name, `${spec} of busybox`);
  if (names.length === 0) return failUsage(context, `missing operand after ${quote(spec)}`);
  if (!isGroup) {
    const owner = parseOwner(known, spec);
    if (!('error' in owner) && !spec.includes(':') && spec.includes('.') && !known.user(spec)) {
      complain(context, `warning: '.' should be ':': ${quote(spec)}`);
    }
    return 'error' in owner ? fail(context, `${owner.error}: ${quote(spec)}`) : owner;
  }
  const gid = spec === '' ? -1 : parseGroup(known, spec);
  if (gid === undefined) return fail(context, `invalid group: ${quote(spec)}`);
  return gid === -1 ? {} : { gid };
}

class OwnerWork {
  failed = false;

  constructor(
    private readonly context: CommandContext,
    private readonly options: ParsedOptions,
    private readonly wanted: Owner,
    private readonly required: Owner,
    private readonly known: OwnerNames,
    private readonly spelled: string,
  ) {}

  /** `known` is what lies there, if it was met on the way. */
  change(name: string, place: 'operand' | 'below', known?: Inode): void {
    const { context, options } = this;
    context.checkBudget();
    try {
      if (known && known.node.kind !== 'directory' && known.node.kind !== 'symlink') {
        if (this.applies(known)) this.changeOne(name, known);
        return;
      }
      const path = absolute(context, name);
      const own = context.fileSystem.stat(path, { follow: name.endsWith('/') });
      const recursive = options.has('recursive');
      const enters = this.followsLink(place);
      const isLink = own.node.kind === 'symlink';
      // Without -R the target of a link is changed, with it the target of links that are followed (fts semantics).
      const target =
        isLink && (recursive ? enters || !this.changesLinks() : !this.changesLinks())
          ? context.fileSystem.stat(path)
          : own;
      if (
        recursive &&
        isLink &&
        enters &&
        target.node.kind === 'directory' &&
        options.last('H', 'L', 'P') === 'L'
      ) {
        throw notSimulated(context.name, '-R -L` through links to folders');
      }
      if (this.applies(target)) this.changeOne(name, target);
      if (!recursive || target.node.kind !== 'directory' || (isLink && !enters)) return;
      const found = [...context.fileSystem.entries(path)];
      if (this.options.has('verbose', 'changes')) listsByChance(context, found.length);
      for (const child of found) this.change(joinNames(name, child.name), 'below', child.inode);
    } catch (error) {
      const isDangling =
        context.fileSystem.find(absolute(context, name), { follow: false }).kind === 'present';
      const isRefused = causeOf(error) === 'Permission denied';
      const words = isRefused ? 'cannot read directory' : isDangling ? 'cannot dereference' : 'cannot access';
      this.fail(`${words} ${quote(name)}: ${causeOf(error)}`);
    }
  }

  private followsLink(place: 'operand' | 'below'): boolean {
    const followed = this.options.last('H', 'L', 'P');
    return followed === 'L' || (followed === 'H' && place === 'operand');
  }

  /** With -R and neither -H nor -L a link itself is changed only by -h; GNU's default for -R -P is -h. */
  private changesLinks(): boolean {
    if (this.options.has('no-dereference')) return true;
    const followed = this.options.last('H', 'L', 'P');
    return this.options.has('recursive') && (followed === undefined || followed === 'P');
  }

  private applies({ node }: Inode): boolean {
    const { uid = node.uid, gid = node.gid } = this.required;
    return node.uid === uid && node.gid === gid;
  }

  private changeOne(name: string, target: Inode): void {
    const { uid, gid } = target.node;
    const isGroup = this.wanted.uid === undefined && this.wanted.gid !== undefined;
    try {
      this.context.fileSystem.changeOwner(target, this.wanted.uid, this.wanted.gid, name);
    } catch (error) {
      this.fail(`changing ${isGroup ? 'group' : 'ownership'} of ${quote(name)}: ${causeOf(error)}`);
      return;
    }
    if (this.options.has('verbose', 'changes')) this.tell(name, uid, gid, target, isGroup);
  }

  /** The new owner is told as it was written, the old one by name. */
  private tell(name: string, uid: number, gid: number, { node }: Inode, isGroup: boolean): void {
    const user = this.known.user(uid)?.name ?? String(uid);
    const group = this.known.group(gid)?.name ?? String(gid);
    const both = this.wanted.gid !== undefined && !isGroup;
    const what = isGroup ? 'group' : 'ownership';
    const before = isGroup ? group : both ? `${user}:${group}` : user;
    if (uid !== node.uid || gid !== node.gid) {
      printText(this.context, `changed ${what} of ${quote(name)} from ${before} to ${this.spelled}\n`);
    } else if (this.options.has('verbose')) {
      printText(this.context, `${what} of ${quote(name)} retained as ${before}\n`);
    }
  }

  private fail(text: string): void {
    this.failed = true;
    if (!this.options.has('quiet')) complain(this.context, text);
  }
}
