import type { Inode } from '../../../filesystem/writable';
import { childPath } from '../../../layers/path';
import { type CommandContext, NotSimulated } from '../command';
import { AccountFiles, today } from './account-files';
import { dayOf } from './chage';
import { complain, failUsage } from './complaints';
import { notSimulated, type ParsedOptions, parseOptions } from './options';
import { groupId, groupsNamed, requireName, requireRoot, warnOfShell } from './useradd';

const OPTIONS = [
  '-a --append',
  '-c --comment=TEXT',
  '-d --home=DIR',
  '-e --expiredate=DATE',
  '-f --inactive=DAYS',
  '-g --gid=GROUP',
  '-G --groups=LIST',
  '-l --login=NAME',
  '-L --lock',
  '-m --move-home',
  '-o --non-unique',
  '-p --password=HASH',
  '-r --remove',
  '-s --shell=SHELL',
  '-u --uid=UID',
  '-U --unlock',
];

/** usermod(8) of shadow-utils 4.13. */
export async function usermod(context: CommandContext): Promise<number> {
  const options = parseOptions(context, OPTIONS);
  requireRoot(context);
  const name = requireName(context, options.operands[0]);
  const files = await AccountFiles.read(context);
  const row = files.row('passwd', name);
  if (!row) {
    complain(context, `user '${name}' does not exist`);
    return 6;
  }
  if (options.list.length === 0) return failUsage(context, 'no changes', 2);
  warnOfShell(context, options.value('shell'));
  const next = changedRow(context, options, files, row);
  if (typeof next === 'number') return next;
  const groups = options.has('groups') ? groupsNamed(context, files, options.value('groups')!) : undefined;
  if (typeof groups === 'number') return groups;
  const expires = options.value('expiredate');
  if (expires !== undefined && dayOf(expires) === undefined) {
    complain(context, `invalid date '${expires}'`);
    return 3;
  }
  if (options.has('password') && options.has('lock', 'unlock'))
    return failUsage(context, 'options -L, -p and -U exclude each other', 2);
  const shadow = files.row('shadow', name);
  const changesAge =
    (expires !== undefined && dayOf(expires) !== shadow?.[7]) ||
    (options.has('inactive') && options.value('inactive')!.replace(/^-1$/, '') !== shadow?.[6]);
  const changesUser =
    options.has('password', 'lock', 'unlock') || changesAge || next.join(':') !== row.join(':');
  if (!changesUser && !groups) {
    complain(context, 'no changes');
    return 0;
  }
  if (changesUser) changeUser(context, options, files, row, next);
  changeGroups(options, files, name, next[0]!, groups);
  files.write();
  changeHome(context, options, row, next);
  return 0;
}

function changedRow(
  context: CommandContext,
  options: ParsedOptions,
  files: AccountFiles,
  row: readonly string[],
): string[] | number {
  const next = [...row];
  const login = options.value('login');
  if (login !== undefined && login !== row[0]) {
    if (files.row('passwd', login)) {
      complain(context, `user '${login}' already exists`);
      return 9;
    }
    next[0] = requireName(context, login);
  }
  const uid = options.value('uid');
  if (uid !== undefined) {
    if (
      uid !== row[2] &&
      !options.has('non-unique') &&
      files.rows('passwd').some((fields) => fields[2] === uid)
    ) {
      complain(context, `UID '${uid}' already exists`);
      return 4;
    }
    next[2] = uid;
  }
  const group = options.value('gid');
  if (group !== undefined) {
    const gid = groupId(files, group);
    if (gid === undefined) {
      complain(context, `group '${group}' does not exist`);
      return 6;
    }
    next[3] = String(gid);
  }
  next[4] = options.value('comment') ?? row[4]!;
  const home = options.value('home');
  if (home !== undefined && !home.startsWith('/')) throw notSimulated('usermod', `-d ${home}`);
  next[5] = home ?? row[5]!;
  next[6] = options.value('shell') ?? row[6]!;
  return next;
}

/** Options that change the line in /etc/shadow. */
const SHADOWED = ['password', 'lock', 'unlock', 'expiredate', 'inactive'] as const;

function changeUser(
  context: CommandContext,
  options: ParsedOptions,
  files: AccountFiles,
  row: readonly string[],
  next: readonly string[],
): void {
  // Only the days when it ends are in the other file alone.
  if (options.has('password', 'lock', 'unlock') || next.join(':') !== row.join(':'))
    files.rename('passwd', row[0]!, next);
  const shadow = files.row('shadow', row[0]!);
  if (!shadow || !options.has(...SHADOWED, 'login')) return;
  const hash = options.value('password') ?? shadow[1]!;
  const locked = options.has('lock') && !hash.startsWith('!') ? `!${hash}` : hash;
  if (options.has('unlock') && hash === '!') {
    const words = "unlocking the user's password would result in a passwordless account.";
    complain(context, `${words}\nYou should set a password with usermod -p to unlock this user's password.`);
  }
  const inactive = options.value('inactive')?.replace(/^-1$/, '');
  const expires = options.value('expiredate');
  files.rename('shadow', row[0]!, [
    next[0]!,
    options.has('unlock') ? locked.replace(/^!(?=.)/, '') : locked,
    options.has('password') ? today(context) : shadow[2]!,
    ...shadow.slice(3, 6),
    inactive ?? shadow[6] ?? '',
    expires === undefined ? (shadow[7] ?? '') : dayOf(expires)!,
    ...shadow.slice(8),
  ]);
}

function changeGroups(
  options: ParsedOptions,
  files: AccountFiles,
  name: string,
  newName: string,
  groups: readonly string[] | undefined,
): void {
  if (groups) {
    for (const [group] of files.rows('group')) {
      if (
        options.has('remove') ? groups.includes(group!) : !options.has('append') && !groups.includes(group!)
      )
        files.setMember(group!, name, false);
    }
    if (!options.has('remove')) for (const group of groups) files.setMember(group, name, true);
  }
  if (newName === name) return;
  for (const database of ['group', 'gshadow'] as const) {
    for (const row of files.rows(database)) {
      const members = (row[3] ?? '').split(',');
      if (!members.includes(name)) continue;
      files.replace(database, row[0]!, [
        ...row.slice(0, 3),
        members.map((member) => (member === name ? newName : member)).join(','),
      ]);
    }
  }
}

function changeHome(
  context: CommandContext,
  options: ParsedOptions,
  row: readonly string[],
  next: readonly string[],
): void {
  const { fileSystem } = context;
  const [before, after] = [row[5]!, next[5]!];
  if (options.has('move-home') && before !== after) {
    if (fileSystem.find(before).kind === 'present') {
      if (fileSystem.find(after).kind === 'present')
        throw new NotSimulated('`usermod -m` to an existing folder is not simulated');
      fileSystem.rename(before, after);
    }
  }
  if (next[2] === row[2] && next[3] === row[3]) return;
  const home = fileSystem.find(options.has('move-home') ? after : before);
  if (home.kind === 'absent') return;
  // Files of the user below his home follow him to the new number.
  const [uid, newUid, gid, newGid] = [Number(row[2]), Number(next[2]), Number(row[3]), Number(next[3])];
  const visit = (path: string, inode: Inode): void => {
    context.checkBudget();
    const { node } = inode;
    const owner = node.uid === uid ? newUid : undefined;
    const group = node.gid === gid ? newGid : undefined;
    const changes = (owner !== undefined && owner !== uid) || (group !== undefined && group !== gid);
    if (changes) fileSystem.chown(path, owner, group, { follow: false });
    if (node.kind !== 'directory') return;
    for (const name of fileSystem.namesIn(inode))
      visit(childPath(path, name), fileSystem.child(inode, name)!);
  };
  if (home.inode.node.uid === uid) visit(home.path, home.inode);
}

/** userdel(8) of shadow-utils 4.13. */
export async function userdel(context: CommandContext): Promise<number> {
  const options = parseOptions(context, ['-f --force', '-r --remove']);
  requireRoot(context);
  const name = requireName(context, options.operands[0]);
  const files = await AccountFiles.read(context);
  const row = files.row('passwd', name);
  if (!row) {
    complain(context, `user '${name}' does not exist`);
    return 6;
  }
  for (const database of ['passwd', 'shadow', 'subuid', 'subgid'] as const)
    files.replace(database, name, undefined);
  for (const [group] of files.rows('group')) files.setMember(group!, name, false);
  removeOwnGroup(context, files, name, row);
  files.write();
  return options.has('remove') ? removeHome(context, name, row) : 0;
}

function removeOwnGroup(
  context: CommandContext,
  files: AccountFiles,
  name: string,
  row: readonly string[],
): void {
  const own = files.row('group', name);
  if (!own) return;
  const isPrimaryOfOther = files.rows('passwd').some((fields) => fields[0] !== name && fields[3] === own[2]);
  const words = `group ${name} not removed because it`;
  if (own[2] !== row[3]) complain(context, `${words} is not the primary group of user ${name}.`);
  else if ((own[3] ?? '') !== '') complain(context, `${words} has other members.`);
  else if (isPrimaryOfOther)
    complain(context, `group ${name} is the primary group of another user and is not removed.`);
  else {
    files.replace('group', name, undefined);
    files.replace('gshadow', name, undefined);
  }
}

function removeHome(context: CommandContext, name: string, row: readonly string[]): number {
  const { fileSystem } = context;
  const spool = `/var/mail/${name}`;
  const mail = fileSystem.find(spool, { follow: false });
  const isForeign = mail.kind === 'present' && mail.inode.node.uid !== Number(row[2]);
  if (mail.kind === 'absent') complain(context, `${name} mail spool (${spool}) not found`);
  else if (isForeign) complain(context, `${spool} not owned by ${name}, not removing`);
  else fileSystem.unlink(spool);
  const exitCode = isForeign ? 12 : 0;
  const home = fileSystem.find(row[5]!);
  if (home.kind === 'absent') {
    complain(context, `${name} home directory (${row[5]}) not found`);
    return exitCode;
  }
  if (home.inode.node.uid !== Number(row[2])) {
    complain(context, `${row[5]} not owned by ${name}, not removing`);
    throw new NotSimulated("`userdel -r` of a home that is somebody else's is not simulated");
  }
  fileSystem.removeTree(home.path);
  return exitCode;
}
