import { EMPTY_CONTENT } from '../../../layers/content';
import { type CommandContext, NotSimulated } from '../command';
import { AccountFiles, readSettings, today } from './account-files';
import { nextId, nextSubRange } from './account-ids';
import { dayOf } from './chage';
import { complain } from './complaints';
import { copySkeleton, makeHomeParents } from './home-folder';
import { absolute } from './input';
import { notSimulated, type ParsedOptions, parseOptions } from './options';

const OPTIONS = [
  '-b --base-dir=DIR',
  '-c --comment=TEXT',
  '-d --home --home-dir=DIR',
  '-D --defaults',
  '-e --expiredate=DATE',
  '-f --inactive=DAYS',
  '-g --gid=GROUP',
  '-G --groups=LIST',
  '-k --skel=DIR',
  '-K --key=SETTING',
  '-l --no-log-init',
  '-m --create-home',
  '-M --no-create-home',
  '-N --no-user-group',
  '-o --non-unique',
  '-p --password=HASH',
  '-r --system',
  '-s --shell=SHELL',
  '-u --uid=UID',
  '-U --user-group',
];

interface NewUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  readonly shell: string;
  readonly makesGroup: boolean;
  readonly groups: readonly string[];
}

type Settings = ReadonlyMap<string, string>;

/** useradd(8) of shadow-utils 4.13, as Debian builds it. */
export async function useradd(context: CommandContext): Promise<number> {
  const options = parseOptions(context, OPTIONS);
  if (options.has('defaults')) throw notSimulated('useradd', '-D');
  requireRoot(context);
  const settings = await settingsOf(context, options);
  const defaults = await readSettings(context, '/etc/default/useradd');
  const files = await AccountFiles.read(context);
  const user = newUser(context, options, files, settings, defaults);
  if (typeof user === 'number') return user;
  addEntries(context, options, files, settings, defaults, user);
  files.write();
  if (makesHome(options, settings)) createHome(context, options, settings, defaults, user);
  if (defaults.get('CREATE_MAIL_SPOOL')?.toLowerCase() === 'yes' && !options.has('system'))
    makeMailSpool(context, settings, files, user);
  return 0;
}

export function requireRoot(context: CommandContext): void {
  if (context.fileSystem.credentials.uid !== 0)
    throw new NotSimulated(`\`${context.name}\` by who is not root is not simulated`);
}

export async function settingsOf(context: CommandContext, options: ParsedOptions): Promise<Settings> {
  const settings = new Map(await readSettings(context, '/etc/login.defs'));
  for (const setting of options.values('key')) {
    const [name, value] = setting.split('=') as [string, string | undefined];
    if (value === undefined) throw notSimulated(context.name, `-K ${setting}`);
    settings.set(name, value);
  }
  return settings;
}

function refuse(context: CommandContext, text: string, exitCode: number): number {
  complain(context, text);
  return exitCode;
}

/** Debian takes any name that is not plainly wrong; of others only those are simulated that all take. */
export function requireName(context: CommandContext, name: string | undefined): string {
  if (name === undefined || (!/^[a-z_][a-z0-9_.-]{0,31}$/i.test(name) && !isDebianName(context, name)))
    throw notSimulated(context.name, `with the name ${name}`);
  return name;
}

function isDebianName({ fileSystem }: CommandContext, name: string): boolean {
  if (fileSystem.find('/etc/debian_version').kind === 'absent') return false;
  return /^[^-+~:,/\s][^:,/\s]{0,31}$/.test(name);
}

/** The largest number of a user or group; one more stands for none. */
export const LARGEST_ID = 4_294_967_294;

/** Homes and shells have to be absolute paths that fit into a line of /etc/passwd. */
function wrongValue(options: ParsedOptions): string | undefined {
  const isPlace = (text: string) => text.startsWith('/') && !/[:\n]/.test(text);
  const [base, home, shell] = ['base-dir', 'home-dir', 'shell'].map((name) => options.value(name));
  if (base !== undefined && !isPlace(base)) return `invalid base directory '${base}'`;
  if (home !== undefined && !isPlace(home)) return `invalid home directory '${home}'`;
  if (shell && !isPlace(shell) && shell !== '*') return `invalid shell '${shell}'`;
  const comment = options.value('comment') ?? '';
  if (/[:\n]/.test(comment)) return `invalid comment '${comment}'`;
  const expires = options.value('expiredate');
  if (expires !== undefined && dayOf(expires) === undefined) return `invalid date '${expires}'`;
  const uid = options.value('uid');
  if (uid !== undefined && (!/^\d+$/.test(uid) || Number(uid) > LARGEST_ID))
    return `invalid user ID '${uid}'`;
  return undefined;
}

/** A shell that cannot be run is taken all the same, with a warning; /sbin/nologin may be missing without one. */
export function warnOfShell(context: CommandContext, shell: string | undefined): void {
  if (!shell || shell === '*' || shell === '/sbin/nologin') return;
  const found = context.fileSystem.find(shell);
  const runs =
    found.kind === 'present' &&
    found.inode.node.kind !== 'directory' &&
    context.fileSystem.allows(found.inode, 1);
  if (!runs) complain(context, `Warning: missing or non-executable shell '${shell}'`);
}

function warnOfNumber(
  { stderr }: CommandContext,
  settings: Settings,
  { name, id, system }: { name: string; id: number; system: boolean },
): void {
  const [min, max] = [Number(settings.get('UID_MIN') ?? 1000), Number(settings.get('UID_MAX') ?? 60000)];
  const systemMax = Number(settings.get('SYS_UID_MAX') ?? min - 1);
  if (system && id > systemMax)
    stderr.write(`useradd warning: ${name}'s uid ${id} is greater than SYS_UID_MAX ${systemMax}\n`);
  if (!system && min <= max && (id < min || id > max))
    stderr.write(
      `useradd warning: ${name}'s uid ${id} outside of the UID_MIN ${min} and UID_MAX ${max} range.\n`,
    );
}

function newUser(
  context: CommandContext,
  options: ParsedOptions,
  files: AccountFiles,
  settings: Settings,
  defaults: Settings,
): NewUser | number {
  if (options.operands.length !== 1) throw notSimulated('useradd', 'without one name');
  const wrong = wrongValue(options);
  if (wrong !== undefined) return refuse(context, wrong, 3);
  warnOfShell(context, options.value('shell'));
  const name = requireName(context, options.operands[0]);
  const system = options.has('system');
  const groups = groupsNamed(context, files, options.value('groups') ?? '');
  if (typeof groups === 'number') {
    files.lock();
    return groups;
  }
  const givenGroup = options.value('gid');
  const makesGroup =
    options.has('user-group') ||
    (givenGroup === undefined && !options.has('no-user-group') && settings.get('USERGROUPS_ENAB') !== 'no');
  if (makesGroup && givenGroup !== undefined) return refuse(context, 'options -g and -U conflict', 2);
  const gid = givenGroup === undefined ? undefined : groupId(files, givenGroup);
  if (givenGroup !== undefined && gid === undefined)
    return refuse(context, `group '${givenGroup}' does not exist`, 6);
  if (files.row('passwd', name)) return refuse(context, `user '${name}' already exists`, 9);
  if (makesGroup && files.row('group', name)) {
    return refuse(context, `group ${name} exists - if you want to add this user to that group, use -g.`, 9);
  }
  const uid = userId(context, options, files, settings);
  if (typeof uid !== 'object') return uid;
  const id = uid.id;
  if (options.has('uid')) warnOfNumber(context, settings, { name, id, system });
  const ownGid = makesGroup
    ? nextId(files, 'GID', { system, settings, preferred: id })
    : (gid ?? Number(defaults.get('GROUP') ?? 100));
  if (ownGid === undefined) return refuse(context, "can't create group", 4);
  const home =
    options.value('home-dir') ?? `${options.value('base-dir') ?? defaults.get('HOME') ?? '/home'}/${name}`;
  return {
    name,
    uid: id,
    gid: ownGid,
    home,
    shell: options.value('shell') ?? defaults.get('SHELL') ?? '',
    makesGroup,
    groups,
  };
}

export function groupsNamed(context: CommandContext, files: AccountFiles, list: string): string[] | number {
  const names: string[] = [];
  let failed = false;
  for (const text of list.split(',').filter((item) => item !== '')) {
    const row =
      files.row('group', text) ??
      (/^\d+$/.test(text) ? files.rows('group').find((fields) => fields[2] === text) : undefined);
    if (row) names.push(row[0]!);
    else {
      complain(context, `group '${text}' does not exist`);
      failed = true;
    }
  }
  return failed ? 6 : names;
}

export function groupId(files: AccountFiles, text: string): number | undefined {
  const row =
    files.row('group', text) ??
    (/^\d+$/.test(text) ? files.rows('group').find((fields) => fields[2] === text) : undefined);
  return row && Number(row[2]);
}

function userId(
  context: CommandContext,
  options: ParsedOptions,
  files: AccountFiles,
  settings: Settings,
): { id: number } | number {
  const given = options.value('uid');
  if (given === undefined) {
    const id = nextId(files, 'UID', { system: options.has('system'), settings });
    return id === undefined ? refuse(context, "can't get unique UID (no more available UIDs)", 4) : { id };
  }
  if (!/^\d+$/.test(given)) return refuse(context, `invalid user ID '${given}'`, 3);
  const isUsed = files.rows('passwd').some((row) => row[2] === given);
  if (isUsed && !options.has('non-unique')) {
    files.lock();
    return refuse(context, `UID ${given} is not unique`, 4);
  }
  return { id: Number(given) };
}

function addEntries(
  context: CommandContext,
  options: ParsedOptions,
  files: AccountFiles,
  settings: Settings,
  defaults: Settings,
  user: NewUser,
): void {
  const { name, uid, gid } = user;
  const system = options.has('system');
  const comment = options.value('comment') ?? '';
  files.append('passwd', [name, files.has('shadow') ? 'x' : '!', uid, gid, comment, user.home, user.shell]);
  const age = (setting: string) => (system ? '' : (settings.get(setting) ?? '').replace(/^-1$/, ''));
  files.append('shadow', [
    name,
    options.value('password') ?? '!',
    today(context),
    age('PASS_MIN_DAYS'),
    age('PASS_MAX_DAYS'),
    age('PASS_WARN_AGE'),
    (options.value('inactive') ?? defaults.get('INACTIVE') ?? '').replace(/^-1$/, ''),
    dayOf(options.value('expiredate') ?? defaults.get('EXPIRE') ?? '') ?? '',
    '',
  ]);
  for (const group of user.groups) files.setMember(group, name, true);
  if (user.makesGroup) {
    files.append('group', [name, files.has('gshadow') ? 'x' : '*', gid, '']);
    files.append('gshadow', [name, '!', '', '']);
  }
  const [min, max] = [Number(settings.get('UID_MIN') ?? 1000), Number(settings.get('UID_MAX') ?? 60000)];
  if (system || (uid !== 0 && (uid < min || uid > max))) return;
  const [users, groups] = [nextSubRange(files, 'UID', settings), nextSubRange(files, 'GID', settings)];
  if (users) files.append('subuid', [name, ...users]);
  if (groups) files.append('subgid', [name, ...groups]);
}

function makesHome(options: ParsedOptions, settings: Settings): boolean {
  if (options.has('no-create-home')) return false;
  return options.has('create-home') || (settings.get('CREATE_HOME') === 'yes' && !options.has('system'));
}

function createHome(
  context: CommandContext,
  options: ParsedOptions,
  settings: Settings,
  defaults: Settings,
  user: NewUser,
): void {
  const { fileSystem } = context;
  const home = absolute({ cwd: '/' }, user.home).replace(/(.)\/+$/, '$1');
  if (fileSystem.find(home).kind === 'present') {
    complain(context, `warning: the home directory ${home} already exists.`);
    complain(context, 'Not copying any file from skel directory into it.');
    return;
  }
  makeHomeParents(context, home);
  fileSystem.mkdir(home);
  fileSystem.chown(home, user.uid, user.gid);
  fileSystem.chmod(home, homeMode(settings));
  copySkeleton(context, options.value('skel') ?? defaults.get('SKEL') ?? '/etc/skel', home, {
    uid: user.uid,
    gid: user.gid,
  });
}

/** An empty mailbox, for the group `mail` where there is one (useradd.c, `create_mail`); no mailbox is no failure. */
function makeMailSpool(
  { fileSystem, stderr }: CommandContext,
  settings: Settings,
  files: AccountFiles,
  { name, uid, gid }: NewUser,
): void {
  const folder = settings.get('MAIL_DIR') ?? (settings.has('MAIL_FILE') ? undefined : '/var/mail');
  if (folder === undefined) return;
  const path = `${folder}/${name}`;
  const isTaken = fileSystem.find(path, { follow: false }).kind === 'present';
  const parent = fileSystem.find(folder);
  const isFolder = parent.kind === 'present' && parent.inode.node.kind === 'directory';
  if (isTaken || !isFolder) {
    const cause = isTaken
      ? 'File exists'
      : parent.kind === 'absent'
        ? 'No such file or directory'
        : 'Not a directory';
    stderr.write(`Creating mailbox file: ${cause}\n`);
    return;
  }
  const group = files.row('group', 'mail');
  if (!group) stderr.write("Group 'mail' not found. Creating the user mailbox file with 0600 mode.\n");
  fileSystem.write(path, EMPTY_CONTENT);
  fileSystem.chown(path, uid, group ? Number(group[2]) : gid);
  fileSystem.chmod(path, group ? 0o660 : 0o600);
}

export function homeMode(settings: Settings): number {
  const own = settings.get('HOME_MODE');
  if (own !== undefined) return Number.parseInt(own, 8);
  return 0o777 & ~Number.parseInt(settings.get('UMASK') ?? '022', 8);
}
