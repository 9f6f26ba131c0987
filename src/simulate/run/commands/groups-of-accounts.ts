import type { CommandContext } from '../command';
import { AccountFiles } from './account-files';
import { nextId } from './account-ids';
import { complain } from './complaints';
import { printText } from './input';
import { notSimulated, parseOptions } from './options';
import { LARGEST_ID, requireName, requireRoot, settingsOf } from './useradd';

/** groupadd(8) of shadow-utils 4.13. */
export async function groupadd(context: CommandContext): Promise<number> {
  const options = parseOptions(context, [
    '-f --force',
    '-g --gid=GID',
    '-K --key=SETTING',
    '-o --non-unique',
    '-p --password=HASH',
    '-r --system',
    '-U --users=LIST',
  ]);
  if (options.has('users')) throw notSimulated('groupadd', '-U');
  requireRoot(context);
  if (options.operands.length !== 1) {
    if (!context.stderr.isLog) throw notSimulated('groupadd', 'without one name');
    return 2;
  }
  const name = requireName(context, options.operands[0]);
  const settings = await settingsOf(context, options);
  const files = await AccountFiles.read(context);
  if (files.row('group', name)) {
    if (options.has('force')) return 0;
    complain(context, `group '${name}' already exists`);
    return 9;
  }
  let gid: number | undefined;
  const given = options.value('gid');
  if (given !== undefined) {
    if (!/^\d+$/.test(given) || Number(given) > LARGEST_ID) {
      complain(context, `invalid group ID '${given}'`);
      return 3;
    }
    const isUsed = files.rows('group').some((row) => row[2] === given);
    if (isUsed && !options.has('non-unique') && !options.has('force')) {
      complain(context, `GID '${given}' already exists`);
      return 4;
    }
    // -f gives another number where that one is taken.
    if (!isUsed || options.has('non-unique')) gid = Number(given);
  }
  gid ??= nextId(files, 'GID', { system: options.has('system'), settings });
  if (gid === undefined) return 4;
  files.append('group', [name, files.has('gshadow') ? 'x' : (options.value('password') ?? '*'), gid, '']);
  files.append('gshadow', [name, options.value('password') ?? '!', '', '']);
  files.write();
  return 0;
}

/** groupdel(8) of shadow-utils 4.13. */
export async function groupdel(context: CommandContext): Promise<number> {
  const options = parseOptions(context, ['-f --force']);
  requireRoot(context);
  const name = requireName(context, options.operands[0]);
  const files = await AccountFiles.read(context);
  const row = files.row('group', name);
  if (!row) {
    complain(context, `group '${name}' does not exist`);
    return 6;
  }
  const owner = files.rows('passwd').find((fields) => fields[3] === row[2]);
  if (owner && !options.has('force')) {
    complain(context, `cannot remove the primary group of user '${owner[0]}'`);
    return 8;
  }
  files.replace('group', name, undefined);
  files.replace('gshadow', name, undefined);
  files.write();
  return 0;
}

/** groupmod(8) of shadow-utils 4.13. */
export async function groupmod(context: CommandContext): Promise<number> {
  const options = parseOptions(context, ['-g --gid=GID', '-n --new-name=NAME', '-o --non-unique']);
  requireRoot(context);
  const name = requireName(context, options.operands[0]);
  const files = await AccountFiles.read(context);
  const row = files.row('group', name);
  if (!row) {
    complain(context, `group '${name}' does not exist`);
    return 6;
  }
  const newName = options.value('new-name') ?? name;
  if (newName !== name && files.row('group', newName)) {
    complain(context, `group '${newName}' already exists`);
    return 9;
  }
  const gid = options.value('gid') ?? row[2]!;
  if (
    gid !== row[2] &&
    !options.has('non-unique') &&
    files.rows('group').some((fields) => fields[2] === gid)
  ) {
    complain(context, `GID '${gid}' already exists`);
    return 4;
  }
  const shadow = files.row('gshadow', name);
  if (newName === name) files.replace('group', name, [newName, row[1]!, gid, row[3] ?? '']);
  else {
    // Under its new name a group goes to the end.
    files.replace('group', name, undefined);
    files.append('group', [newName, row[1]!, gid, row[3] ?? '']);
    if (shadow) files.replace('gshadow', name, undefined);
    if (shadow) files.append('gshadow', [newName, ...shadow.slice(1)]);
  }
  if (gid !== row[2]) {
    for (const user of files.rows('passwd')) {
      if (user[3] === row[2]) files.replace('passwd', user[0]!, [...user.slice(0, 3), gid, ...user.slice(4)]);
    }
  }
  files.write();
  return 0;
}

/** gpasswd(1) of shadow-utils 4.13 with -a, -d or -M. */
export async function gpasswd(context: CommandContext): Promise<number> {
  const options = parseOptions(context, ['-a --add=USER', '-d --delete=USER', '-M --members=LIST']);
  requireRoot(context);
  const group = requireName(context, options.operands[0]);
  const files = await AccountFiles.read(context);
  const [added, removed, members] = [options.value('add'), options.value('delete'), options.value('members')];
  const row = files.row('group', group);
  if (!row) {
    complain(context, `group '${group}' does not exist in /etc/group`);
    return 3;
  }
  const unknown = [added, ...(members ?? '').split(',')].find((user) => user && !files.row('passwd', user));
  if (unknown) {
    complain(context, `user '${unknown}' does not exist`);
    return 3;
  }
  const current = (row[3] ?? '').split(',').filter((user) => user !== '');
  if (removed !== undefined) printText(context, `Removing user ${removed} from group ${group}\n`);
  if (removed !== undefined && !current.includes(removed)) {
    complain(context, `user '${removed}' is not a member of '${group}'`);
    return 3;
  }
  if (added !== undefined) {
    printText(context, `Adding user ${added} to group ${group}\n`);
    files.setMember(group, added, true);
  } else if (removed !== undefined) {
    files.setMember(group, removed, false);
  } else if (members !== undefined) {
    for (const user of current) files.setMember(group, user, false);
    for (const user of members.split(',').filter((name) => name !== '')) files.setMember(group, user, true);
  } else throw notSimulated('gpasswd', 'that asks for a password');
  for (const name of ['group', 'gshadow'] as const) files.markChanged(name);
  files.write();
  return 0;
}
