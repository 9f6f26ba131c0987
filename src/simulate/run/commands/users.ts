import type { CommandContext } from '../command';
import { complain, fail, failUsage, quote } from './complaints';
import { printText } from './input';
import { notSimulated, type ParsedOptions, parseOptions } from './options';
import { type OwnerNames, readOwnerNames, type User } from './owner-names';

const ID_OPTIONS = ['-u --user', '-g --group', '-G --groups', '-n --name', '-r --real', '-z --zero', '-a'];

/** GNU coreutils manual, "id invocation". */
export async function id(context: CommandContext): Promise<number> {
  const options = parseOptions(context, ID_OPTIONS);
  if (context.flavour === 'gnu' && new Set(kindsAsked(options)).size > 1)
    return fail(context, 'cannot print "only" of more than one choice');
  if (context.flavour === 'busybox' && (kindsAsked(options).length > 1 || options.operands.length > 1))
    throw notSimulated('id', `${context.args.join(' ')}\` of busybox`);
  if (options.has('zero') && kindsAsked(options).length === 0)
    return fail(context, 'option --zero not permitted in default format');
  const names = await readOwnerNames(context);
  let exitCode = 0;
  const operands = options.operands.length > 0 ? options.operands : [undefined];
  if (options.has('zero') && operands.length > 1) throw notSimulated('id', '-z` of several users');
  for (const operand of operands) exitCode = Math.max(exitCode, tellOf(context, options, names, operand));
  return exitCode;
}

function kindsAsked(options: ParsedOptions): string[] {
  return options.list.map(({ name }) => name).filter((name) => /^(user|group|groups)$/.test(name));
}

function tellOf(
  context: CommandContext,
  options: ParsedOptions,
  names: OwnerNames,
  operand: string | undefined,
): number {
  const subject = subjectOf(context, names, operand);
  if (!subject) return fail(context, `${quote(operand!)}: no such user`);
  const { uid, gid, groups } = subject;
  const userName = names.user(uid)?.name;
  const groupName = (one: number) => names.group(one)?.name;
  const asked = options.last('user', 'group', 'groups');
  const named = options.has('name');
  if (named && !asked) return fail(context, 'cannot print only names or real IDs in default format');
  if (asked === undefined) {
    const paren = (value: number, name: string | undefined) =>
      name === undefined ? String(value) : `${value}(${name})`;
    const list = groups.map((one) => paren(one, groupName(one))).join(',');
    // busybox asks the kernel alone, whose list may be empty.
    const hasNone = operand === undefined && context.fileSystem.credentials.groups.length === 0;
    const tail = context.flavour === 'busybox' && hasNone ? '' : ` groups=${list}`;
    printText(context, `uid=${paren(uid, userName)} gid=${paren(gid, groupName(gid))}${tail}\n`);
    return 0;
  }
  const spell = (value: number, name: string | undefined, kind: string): string => {
    if (!named) return String(value);
    if (name === undefined) complain(context, `cannot find name for ${kind} ID ${value}`);
    return name ?? String(value);
  };
  const hasName = (value: number) => !named || groupName(value) !== undefined;
  const end = options.has('zero') ? '\0' : '\n';
  if (asked === 'user') printText(context, spell(uid, userName, 'user') + end);
  else if (asked === 'group') printText(context, spell(gid, groupName(gid), 'group') + end);
  else
    printText(
      context,
      [...new Set([gid, ...groups])]
        .map((one) => spell(one, groupName(one), 'group'))
        .join(options.has('zero') ? '\0' : ' ') + end,
    );
  const complete =
    asked === 'user'
      ? !named || userName !== undefined
      : asked === 'group'
        ? hasName(gid)
        : groups.every(hasName);
  return complete ? 0 : 1;
}

function subjectOf(context: CommandContext, names: OwnerNames, operand: string | undefined) {
  if (operand !== undefined) {
    const user =
      names.user(operand) ??
      (context.flavour === 'gnu' && /^\d+$/.test(operand) ? names.user(Number(operand)) : undefined);
    if (!user) return undefined;
    // What GNU's id takes for the login group is that of the first account with this number.
    const login = context.flavour === 'gnu' ? names.user(user.uid)! : user;
    return { uid: user.uid, gid: user.gid, groups: groupsOf(names, { name: user.name, gid: login.gid }) };
  }
  const { uid, gid, groups } = context.fileSystem.credentials;
  return { uid, gid, groups: [gid, ...groups.filter((group) => group !== gid)] };
}

/** `getgrouplist(3)`: the login group, then those that list the user, in the order of `/etc/group`. */
export function groupsOf(names: OwnerNames, user: Pick<User, 'name' | 'gid'>): number[] {
  const others = names.groups.filter((group) => group.members.includes(user.name)).map((group) => group.gid);
  return [...new Set([user.gid, ...others])];
}

/** GNU coreutils manual, "whoami invocation". */
export async function whoami(context: CommandContext): Promise<number> {
  const { operands } = parseOptions(context, []);
  if (operands.length > 0) return failUsage(context, `extra operand ${quote(operands[0]!)}`);
  const { uid } = context.fileSystem.credentials;
  const user = (await readOwnerNames(context)).user(uid);
  if (!user) return fail(context, `cannot find name for user ID ${uid}`);
  printText(context, `${user.name}\n`);
  return 0;
}

/** GNU coreutils manual, "groups invocation". */
export async function groups(context: CommandContext): Promise<number> {
  const { operands } = parseOptions(context, []);
  const names = await readOwnerNames(context);
  const spell = (ids: readonly number[]) => ids.map((one) => names.group(one)?.name ?? String(one)).join(' ');
  if (operands.length === 0) {
    const subject = subjectOf(context, names, undefined)!;
    printText(context, `${spell(subject.groups)}\n`);
    return 0;
  }
  let exitCode = 0;
  for (const operand of operands) {
    const user = names.user(operand);
    const title = context.flavour === 'busybox' ? '' : `${operand} : `;
    const subject = user && subjectOf(context, names, operand);
    if (subject) printText(context, `${title}${spell([...new Set([subject.gid, ...subject.groups])])}\n`);
    else exitCode = fail(context, `${quote(operand)}: no such user`);
  }
  return exitCode;
}

/** glibc's getent(1) for the databases that are files of the image. */
export async function getent(context: CommandContext): Promise<number> {
  const [database, ...keys] = parseOptions(context, []).operands;
  const names = await readOwnerNames(context);
  if (database !== 'passwd' && database !== 'group') throw notSimulated('getent', database ?? '');
  const userLine = (user: User) =>
    `${user.name}:x:${user.uid}:${user.gid}:${user.gecos}:${user.home}:${user.shell}\n`;
  const groupLine = (group: { name: string; gid: number; members: readonly string[] }) =>
    `${group.name}:x:${group.gid}:${group.members.join(',')}\n`;
  if (keys.length === 0) {
    const lines = database === 'passwd' ? names.users.map(userLine) : names.groups.map(groupLine);
    printText(context, lines.join(''));
    return 0;
  }
  let exitCode = 0;
  for (const key of keys) {
    const nameOrId = /^\d+$/.test(key) ? Number(key) : key;
    const user = database === 'passwd' ? names.user(nameOrId) : undefined;
    const group = database === 'group' ? names.group(nameOrId) : undefined;
    if (user) printText(context, userLine(user));
    else if (group) printText(context, groupLine(group));
    else exitCode = 2;
  }
  return exitCode;
}
