import { type CommandContext, NotSimulated } from '../command';
import { AccountFiles, today } from './account-files';
import { complain } from './complaints';
import { copySkeleton } from './home-folder';
import { notSimulated, type ParsedOptions, parseOptions } from './options';
import { requireName, requireRoot } from './useradd';

/**
 * busybox' adduser and addgroup (loginutils/adduser.c, addgroup.c, as Alpine configures them): ids count up from
 * 100 for system accounts and from 1000 for others; homes are 02755.
 */
export async function busyboxAdduser(context: CommandContext): Promise<number> {
  const options = parseOptions(context, [
    '-h --home=DIR',
    '-g --gecos=GECOS',
    '-s --shell=SHELL',
    '-G --ingroup=GROUP',
    '-S --system',
    '-D --disabled-password',
    '-H --no-create-home',
    '-u --uid=UID',
    '-k --skel=DIR',
  ]);
  requireRoot(context);
  const [login, group, ...more] = options.operands;
  const name = requireName(context, login);
  if (more.length > 0) throw notSimulated('adduser', more.join(' '));
  const files = await AccountFiles.read(context);
  if (group !== undefined) return busyboxJoin(context, files, name, group);
  if (!options.has('system', 'disabled-password'))
    throw new NotSimulated('`adduser` that asks for a password is not simulated');
  if (files.row('passwd', name)) {
    complain(context, `user '${name}' in use`);
    return 1;
  }
  const system = options.has('system');
  const uid =
    options.value('uid') ??
    firstFree(files.rows('passwd'), system, options.has('ingroup') || system ? [] : files.rows('group'));
  if (files.rows('passwd').some((row) => row[2] === String(uid))) {
    complain(context, `uid '${uid}' in use`);
    return 1;
  }
  const gid = primaryGroup(files, options, name, String(uid));
  if (gid === undefined) {
    complain(context, `unknown group ${options.value('ingroup') ?? 'nogroup'}`);
    return 1;
  }
  const home = options.value('home') ?? `/home/${name}`;
  const shell = options.value('shell') ?? (system ? '/sbin/nologin' : '/bin/sh');
  files.append('passwd', [name, 'x', uid, gid, options.value('gecos') ?? `Linux User,,,`, home, shell]);
  files.append('shadow', [name, '!', today(context), '0', '99999', '7', '', '', '']);
  busyboxWrite(context, files);
  if (!options.has('no-create-home')) busyboxHome(context, options, home, { uid: Number(uid), gid });
  return 0;
}

function firstFree(rows: readonly string[][], system: boolean, also: readonly string[][] = []): number {
  const used = new Set([...rows, ...also].map((row) => Number(row[2])));
  const [from, to] = system ? [100, 999] : [1000, 64999];
  for (let id = from; id <= to; id++) if (!used.has(id)) return id;
  throw new NotSimulated('no free id is left');
}

function primaryGroup(
  files: AccountFiles,
  options: ParsedOptions,
  name: string,
  uid: string,
): number | undefined {
  const given = options.value('ingroup');
  if (given !== undefined || options.has('system')) {
    const row =
      files.row('group', given ?? 'nogroup') ?? files.rows('group').find((fields) => fields[2] === given);
    return row && Number(row[2]);
  }
  // Without -G the user gets a group of the same name and number.
  if (files.row('group', name))
    throw new NotSimulated('`adduser` beside a group of that name is not simulated');
  files.append('group', [name, 'x', uid, '']);
  return Number(uid);
}

function busyboxHome(
  context: CommandContext,
  options: ParsedOptions,
  home: string,
  owner: { uid: number; gid: number },
): void {
  const { fileSystem } = context;
  if (fileSystem.find(home).kind === 'absent') {
    fileSystem.mkdir(home, 0o755);
    if (!options.has('system')) copySkeleton(context, options.value('skel') ?? '/etc/skel', home, owner);
  }
  fileSystem.chown(home, owner.uid, owner.gid);
  fileSystem.chmod(home, 0o2755);
}

/** `adduser USER GROUP`, `addgroup USER GROUP`. */
function busyboxJoin(context: CommandContext, files: AccountFiles, user: string, group: string): number {
  if (!files.row('passwd', user)) {
    complain(context, `unknown user ${user}`);
    return 1;
  }
  if (!files.row('group', group)) {
    complain(context, `unknown group ${group}`);
    return 1;
  }
  files.setMember(group, user, true);
  busyboxWrite(context, files);
  return 0;
}

export async function busyboxAddgroup(context: CommandContext): Promise<number> {
  const options = parseOptions(context, ['-g --gid=GID', '-S --system']);
  requireRoot(context);
  const [first, second] = options.operands;
  const files = await AccountFiles.read(context);
  if (second !== undefined) return busyboxJoin(context, files, requireName(context, first), second);
  const name = requireName(context, first);
  if (files.row('group', name)) {
    complain(context, `group '${name}' in use`);
    return 1;
  }
  const gid = options.value('gid') ?? firstFree(files.rows('group'), options.has('system'));
  if (files.rows('group').some((row) => row[2] === String(gid))) {
    complain(context, `gid '${gid}' in use`);
    return 1;
  }
  files.append('group', [name, 'x', gid, '']);
  files.append('gshadow', [name, '!', '', '']);
  busyboxWrite(context, files);
  return 0;
}

export async function busyboxDeluser(context: CommandContext): Promise<number> {
  const options = parseOptions(context, ['--remove-home']);
  requireRoot(context);
  const [first, second] = options.operands;
  const name = requireName(context, first);
  const files = await AccountFiles.read(context);
  const isGroup = context.name === 'delgroup';
  if (second !== undefined) {
    files.setMember(second, name, false);
  } else if (isGroup) {
    if (!files.row('group', name)) return unknown(context, 'group', name);
    files.replace('group', name, undefined);
    files.replace('gshadow', name, undefined);
  } else {
    const row = files.row('passwd', name);
    if (!row) return unknown(context, 'user', name);
    for (const database of ['passwd', 'shadow', 'group', 'gshadow'] as const)
      files.replace(database, name, undefined);
    for (const [group] of files.rows('group')) files.setMember(group!, name, false);
    if (options.has('remove-home') && context.fileSystem.find(row[5]!).kind === 'present')
      context.fileSystem.removeTree(row[5]!);
  }
  busyboxWrite(context, files);
  return 0;
}

function unknown(context: CommandContext, kind: string, name: string): number {
  complain(context, `unknown ${kind} ${name}`);
  return 1;
}

/** busybox keeps a copy with a `-` as well, and no lock file (libbb/update_passwd.c). */
function busyboxWrite(context: CommandContext, files: AccountFiles): void {
  const { fileSystem } = context;
  const hadLock = fileSystem.find('/etc/.pwd.lock').kind === 'present';
  files.write();
  if (!hadLock) fileSystem.unlink('/etc/.pwd.lock');
}
