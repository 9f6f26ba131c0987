import { EMPTY_CONTENT } from '../../../layers/content';
import { type Command, type CommandContext, NotSimulated } from '../command';
import { AccountFiles, readSettings } from './account-files';
import { decodeArgument } from './bytes';
import { groupadd } from './groups-of-accounts';
import { openFile, printText, readText } from './input';
import { notSimulated, type ParsedOptions, parseOptions } from './options';
import { requireName, requireRoot, useradd } from './useradd';
import { usermod } from './usermod';

const OPTIONS = [
  '--system',
  '--group',
  '--home=DIR',
  '--shell=SHELL',
  '--no-create-home',
  '--disabled-password',
  '--disabled-login',
  '--uid=ID',
  '--gid=ID',
  '--ingroup=GROUP',
  '--gecos=COMMENT',
  '-q --quiet',
  '--force-badname',
  '--allow-bad-names',
  '--allow-badname',
  '--allow-all-names',
  '-v --verbose',
];

/**
 * adduser(8) and addgroup(8) of Debian 12, a script over useradd, groupadd, usermod, chfn and gpasswd: each of them
 * writes the account files anew. Older ones differ in homes and groups.
 */
export async function debianAdduser(context: CommandContext): Promise<number> {
  const args = context.args.map((argument) =>
    argument.replace(/^--comment(?==|$)/, '--gecos').replace(/^--create-home$/, '--verbose'),
  );
  const options = parseOptions({ name: context.name, args }, OPTIONS);
  requireRoot(context);
  await requireKnownVersion(context);
  const home = options.value('home');
  if (home !== undefined && !home.startsWith('/')) {
    context.stderr.write('adduser: The home dir must be an absolute path.\n');
    return 1;
  }
  const work = new Adding(context, options, await readSettings(context, '/etc/adduser.conf'));
  const [first, second, ...more] = options.operands;
  if (more.length > 0) throw notSimulated(context.name, more.join(' '));
  const name = requireName(context, first);
  if (second !== undefined && context.name === 'addgroup')
    throw notSimulated('addgroup', `${name} ${second}`);
  if (second !== undefined) return work.join(name, second);
  if (
    !/^[a-z][-a-z0-9_]*$/.test(name) &&
    !options.has('force-badname', 'allow-bad-names', 'allow-badname', 'allow-all-names')
  )
    throw notSimulated(context.name, `with the name ${name}`);
  const onlyGroup = context.name === 'addgroup' || (options.has('group') && !options.has('system'));
  if (onlyGroup) return work.group(name);
  return options.has('system') ? work.systemUser(name) : work.user(name);
}

/** Tells the script of Debian 12 (3.130 and later) from older ones by words that only it has. */
async function requireKnownVersion(context: CommandContext): Promise<void> {
  const script = '/usr/sbin/adduser';
  const found = context.fileSystem.find(script);
  const text = found.kind === 'present' ? await readText(context, openFile(context, script)) : '';
  if (!text.includes('sys_dir_mode') || !text.includes('supplemental_groups')) {
    throw new NotSimulated('`adduser` of this version is not simulated');
  }
}

export function lockAdduser({ fileSystem }: CommandContext): void {
  if (fileSystem.find('/run/adduser').kind === 'absent') fileSystem.write('/run/adduser', EMPTY_CONTENT);
}

/** Runs one of the programs below a script, whose failure would end it. */
export async function callAs(
  caller: CommandContext,
  name: string,
  command: Command,
  args: readonly string[],
): Promise<void> {
  const context = Object.create(caller, {
    name: { value: name },
    args: { value: args },
  }) as CommandContext;
  if ((await command(context)) !== 0)
    throw new NotSimulated(`\`${caller.name}\` whose \`${name}\` fails is not simulated`);
}

class Adding {
  constructor(
    private readonly context: CommandContext,
    private readonly options: ParsedOptions,
    private readonly config: ReadonlyMap<string, string>,
  ) {
    for (const name of [
      'USERGROUPS',
      'USERS_GROUP',
      'USERS_GID',
      'EXTRA_GROUPS',
      'ADD_EXTRA_GROUPS',
      'SETGID_HOME',
      'QUOTAUSER',
      'LETTERHOMES',
      'GROUPHOMES',
      'UID_POOL',
      'GID_POOL',
    ]) {
      if (config.has(name))
        throw new NotSimulated(`\`adduser\` with ${name} in adduser.conf is not simulated`);
    }
  }

  private tell(text: string): void {
    if (!this.options.has('quiet')) printText(this.context, text);
  }

  private lock(): void {
    lockAdduser(this.context);
  }

  private call(name: string, command: Command, args: readonly string[]): Promise<void> {
    return callAs(this.context, name, command, args);
  }

  private setting(name: string, fallback: number): number {
    return Number(this.config.get(name) ?? fallback);
  }

  private free(from: number, ...lists: readonly (readonly string[][])[]): number {
    const used = new Set(lists.flatMap((rows) => rows.map((row) => Number(row[2]))));
    let id = from;
    while (used.has(id)) id++;
    return id;
  }

  async join(user: string, group: string): Promise<number> {
    const files = await AccountFiles.read(this.context);
    if (!files.row('passwd', user) || !files.row('group', group))
      throw notSimulated(this.context.name, `${user} ${group}`);
    if ((files.row('group', group)![3] ?? '').split(',').includes(user)) {
      if (!this.options.has('quiet'))
        this.context.stderr.write(
          `${this.context.name}: The user \`${user}' is already a member of \`${group}'.\n`,
        );
      return 0;
    }
    this.tell(`Adding user \`${user}' to group \`${group}' ...\n`);
    this.lock();
    await this.call('usermod', usermod, ['-a', '-G', group, user]);
    this.tell('Done.\n');
    return 0;
  }

  async group(name: string): Promise<number> {
    const files = await AccountFiles.read(this.context);
    const system = this.options.has('system');
    const existing = files.row('group', name);
    if (existing) {
      const isSystem = Number(existing[2]) >= 100 && Number(existing[2]) <= 999;
      if (!system || !isSystem || this.options.has('gid'))
        throw notSimulated(this.context.name, `${name}, which exists`);
      this.lock();
      if (!this.options.has('quiet'))
        this.context.stderr.write(
          `addgroup: The group \`${name}' already exists as a system group. Exiting.\n`,
        );
      return 0;
    }
    this.lock();
    const first = system ? this.setting('FIRST_SYSTEM_GID', 100) : this.setting('FIRST_GID', 1000);
    const gid = this.options.value('gid') ?? String(this.free(first, files.rows('group')));
    if (files.rows('group').some((row) => row[2] === gid))
      throw notSimulated(this.context.name, `--gid ${gid}, which is in use`);
    this.tell(`Adding group \`${name}' (GID ${gid}) ...\n`);
    await this.call('groupadd', groupadd, ['-g', gid, name]);
    this.tell('Done.\n');
    return 0;
  }

  async systemUser(name: string): Promise<number> {
    const { options } = this;
    const files = await AccountFiles.read(this.context);
    this.lock();
    const existing = files.row('passwd', name);
    if (existing) {
      const isSystem = Number(existing[2]) >= 100 && Number(existing[2]) <= 999;
      if (!isSystem || options.has('uid')) throw notSimulated('adduser', `${name}, which exists`);
      this.tell(`The system user \`${name}' already exists. Exiting.\n`);
      return 0;
    }
    const makesGroup = options.has('group');
    if (makesGroup && (options.has('ingroup', 'gid') || files.row('group', name)))
      throw notSimulated('adduser', '--group beside a group of that name');
    const first = this.setting('FIRST_SYSTEM_UID', 100);
    const uid = Number(options.value('uid') ?? this.free(first, files.rows('passwd')));
    const ownGroup = options.has('uid')
      ? uid
      : this.free(this.setting('FIRST_SYSTEM_GID', 100), files.rows('group'));
    const group = makesGroup ? { name, gid: ownGroup } : this.groupNamed(files, 'nogroup');
    this.tell(`Adding system user \`${name}' (UID ${uid}) ...\n`);
    if (makesGroup) {
      this.tell(`Adding new group \`${name}' (GID ${group.gid}) ...\n`);
      await this.call('groupadd', groupadd, ['-g', String(group.gid), name]);
    }
    this.tell(`Adding new user \`${name}' (UID ${uid}) with group \`${group.name}' ...\n`);
    const home = options.value('home') || '/nonexistent';
    const shell = options.value('shell') || '/usr/sbin/nologin';
    await this.call('useradd', useradd, [
      '-r',
      '-d',
      home,
      '-g',
      group.name,
      '-s',
      shell,
      '-u',
      String(uid),
      name,
    ]);
    if (options.has('gecos')) await this.comment(name, options.value('gecos')!);
    await this.home(home, { uid, gid: group.gid }, { skeleton: false });
    return 0;
  }

  private groupNamed(files: AccountFiles, fallback: string): { name: string; gid: number } {
    const wanted = this.options.value('ingroup') ?? this.options.value('gid') ?? fallback;
    const row = files.row('group', wanted) ?? files.rows('group').find((fields) => fields[2] === wanted);
    if (!row) throw notSimulated(this.context.name, `with the unknown group ${wanted}`);
    return { name: row[0]!, gid: Number(row[2]) };
  }

  async user(name: string): Promise<number> {
    const { options } = this;
    if (!options.has('disabled-password', 'disabled-login'))
      throw new NotSimulated('`adduser` that asks for a password is not simulated');
    if (!options.has('gecos')) throw new NotSimulated('`adduser` that asks for a name is not simulated');
    const files = await AccountFiles.read(this.context);
    const makesGroup = !options.has('ingroup', 'gid');
    if (files.row('passwd', name) || (makesGroup && files.row('group', name)))
      throw notSimulated('adduser', `${name}, which exists`);
    this.lock();
    this.tell(`Adding user \`${name}' ...\n`);
    const also = makesGroup ? files.rows('group') : [];
    const uid = Number(
      options.value('uid') ?? this.free(this.setting('FIRST_UID', 1000), files.rows('passwd'), also),
    );
    const group = makesGroup ? { name, gid: uid } : this.groupNamed(files, '');
    if (makesGroup) {
      this.tell(`Adding new group \`${name}' (${uid}) ...\n`);
      await this.call('groupadd', groupadd, ['-g', String(uid), name]);
    }
    this.tell(`Adding new user \`${name}' (${uid}) with group \`${group.name} (${group.gid})' ...\n`);
    const home = options.value('home') || `${this.config.get('DHOME') ?? '/home'}/${name}`;
    const plain = options.has('disabled-login')
      ? '/usr/sbin/nologin'
      : (this.config.get('DSHELL') ?? '/bin/bash');
    await this.call('useradd', useradd, [
      '-d',
      home,
      '-g',
      String(group.gid),
      '-s',
      options.value('shell') || plain,
      '-u',
      String(uid),
      name,
    ]);
    await this.home(home, { uid, gid: group.gid }, { skeleton: true });
    await this.comment(name, options.value('gecos')!);
    if (group.name === 'users') throw notSimulated('adduser', '--ingroup users');
    await this.joinUsers(name);
    return 0;
  }

  /** The extra group `users`, by `gpasswd -M`. */
  private async joinUsers(name: string): Promise<void> {
    this.tell(`Adding new user \`${name}' to supplemental / extra groups \`users' ...\n`);
    const files = await AccountFiles.read(this.context);
    if (!files.row('group', 'users')) {
      this.context.stderr.write("adduser: The group `users' does not exist.\n");
      return;
    }
    this.tell(`Adding user \`${name}' to group \`users' ...\n`);
    files.setMember('users', name, true);
    files.write();
  }

  /** The parts of the comment field: one call of chfn for the first two, one for each that follows. */
  private async comment(name: string, comment: string): Promise<void> {
    let files = await AccountFiles.read(this.context);
    const row = files.row('passwd', name)!;
    const parts = comment.split(',');
    if (parts.length > 4 || /[:=]/.test(comment)) throw notSimulated('adduser', `--gecos ${comment}`);
    for (const last of parts.keys()) {
      if (last === 0 && parts.length > 1) continue;
      const fields = [0, 1, 2, 3].map((index) => (index <= last ? (parts[index] ?? '') : ''));
      files.replace('passwd', name, [...row.slice(0, 4), fields.join(','), ...row.slice(5)]);
      files.write();
      files = await AccountFiles.read(this.context);
    }
  }

  private async home(
    home: string,
    owner: { uid: number; gid: number },
    { skeleton }: { skeleton: boolean },
  ): Promise<void> {
    const { fileSystem } = this.context;
    if (/^\/+nonexistent(\/|$)/.test(home)) return this.tell(`Not creating \`${home}'.\n`);
    if (this.options.has('no-create-home')) return this.tell(`Not creating home directory \`${home}'.\n`);
    if (fileSystem.find(home).kind === 'present') {
      if (!this.options.has('quiet'))
        this.context.stderr.write(
          `adduser: The home directory \`${home}' already exists.  Not touching this directory.\n`,
        );
      return;
    }
    this.tell(`Creating home directory \`${home}' ...\n`);
    const mode = Number.parseInt(
      (skeleton ? this.config.get('DIR_MODE') : this.config.get('SYS_DIR_MODE')) ??
        (skeleton ? '0700' : '0755'),
      8,
    );
    const { umask } = fileSystem;
    for (const [index] of [...home.matchAll(/\/+[^/]+/g)].entries()) {
      const prefix = home
        .split(/(?<=[^/])\/+/)
        .slice(0, index + 1)
        .join('/');
      if (fileSystem.find(prefix).kind === 'absent') fileSystem.mkdir(prefix, 0o755);
    }
    fileSystem.umask = umask;
    fileSystem.chown(home, owner.uid, owner.gid);
    fileSystem.chmod(home, mode);
    if (skeleton) this.copySkeleton(this.config.get('SKEL') ?? '/etc/skel', home, owner);
  }

  /** adduser copies by itself: modes and links are kept, times are not. */
  private copySkeleton(from: string, to: string, owner: { uid: number; gid: number }): void {
    const { fileSystem } = this.context;
    this.tell(`Copying files from \`${from}' ...\n`);
    const copy = (source: string, target: string): void => {
      for (const name of fileSystem.list(source)) {
        if (/\.(dpkg|ucf)-(old|new|dist)$/.test(decodeArgument(name))) continue;
        const { node } = fileSystem.stat(`${source}/${name}`, { follow: false });
        fileSystem.place(`${target}/${name}`, { ...node, ...owner, mtime: fileSystem.now() });
        if (node.kind === 'directory') copy(`${source}/${name}`, `${target}/${name}`);
      }
    };
    if (fileSystem.find(from).kind === 'present') copy(from, to);
  }
}
