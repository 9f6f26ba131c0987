import { type CommandContext, NotSimulated } from '../command';
import { AccountFiles } from './account-files';
import { callAs, lockAdduser } from './adduser';
import { fail } from './complaints';
import { gpasswd, groupdel } from './groups-of-accounts';
import { printText } from './input';
import { notSimulated, type ParsedOptions, parseOptions } from './options';
import { requireRoot } from './useradd';
import { userdel } from './usermod';

const OPTIONS = [
  '--group',
  '--system',
  '--only-if-empty',
  '--remove-home',
  '-q --quiet',
  '-v --verbose',
  '--no-preserve-root',
];

/** deluser(8) and delgroup(8) of Debian 12: a script over userdel, groupdel and gpasswd. */
export async function debianDeluser(context: CommandContext): Promise<number> {
  const options = parseOptions(context, OPTIONS);
  requireRoot(context);
  const [first, second, ...more] = options.operands;
  if (first === undefined || more.length > 0) throw notSimulated(context.name, 'without one name or two');
  const { fileSystem } = context;
  if (fileSystem.find('/etc/deluser.conf').kind === 'present') await requirePlainSettings(context);
  if (second !== undefined) return leaveGroup(context, options, first, second);
  if (context.name === 'delgroup' || options.has('group')) return removeGroup(context, options, first);
  return removeUser(context, options, first);
}

/** Settings that would remove or keep more than the command line says. */
async function requirePlainSettings(context: CommandContext): Promise<void> {
  const settings = await import('./account-files').then(({ readSettings }) =>
    readSettings(context, '/etc/deluser.conf'),
  );
  for (const name of ['REMOVE_HOME', 'REMOVE_ALL_FILES', 'BACKUP', 'ONLY_IF_EMPTY'])
    if (!/^0?$/.test(settings.get(name) ?? ''))
      throw new NotSimulated(`\`${context.name}\` with ${name} in deluser.conf is not simulated`);
}

function tell(context: CommandContext, options: ParsedOptions, text: string): void {
  if (!options.has('quiet')) printText(context, `${text}\n`);
}

function warn(context: CommandContext, options: ParsedOptions, text: string): void {
  if (!options.has('quiet')) context.stderr.write(`${context.name}: ${text}\n`);
}

const isOfSystem = (id: string) => Number(id) >= 100 && Number(id) <= 999;

async function removeUser(context: CommandContext, options: ParsedOptions, name: string): Promise<number> {
  const row = (await AccountFiles.read(context)).row('passwd', name);
  if (options.has('system')) {
    if (!row) {
      warn(context, options, `The user \`${name}' does not exist, but --system was given. Exiting.`);
      return 0;
    }
    if (!isOfSystem(row[2]!)) {
      warn(context, options, `The user \`${name}' is not a system user. Exiting.`);
      return 1;
    }
  }
  if (!row) return fail(context, `The user \`${name}' does not exist.`, 2);
  if (row[2] === '0' && !options.has('no-preserve-root')) return refuseRoot(context);
  if (options.has('remove-home')) throw notSimulated(context.name, '--remove-home');
  removeCrontab(context, options, name);
  tell(context, options, `Removing user \`${name}' ...`);
  lockAdduser(context);
  await callAs(context, 'userdel', userdel, [name]);
  if (context.fileSystem.find('/usr/local/sbin/deluser.local').kind === 'present')
    throw notSimulated(context.name, 'with deluser.local');
  tell(context, options, 'Done.');
  return 0;
}

function refuseRoot(context: CommandContext): number {
  if (!context.stdout.isLog) throw notSimulated(context.name, 'of root');
  printText(context, 'WARNING: the root account is not removed\n');
  return 9;
}

function removeCrontab(context: CommandContext, options: ParsedOptions, name: string): void {
  const { fileSystem } = context;
  if (fileSystem.find('/usr/bin/crontab').kind === 'absent') {
    context.stderr.write(
      `${context.name}: \`/usr/bin/crontab' not executed. Skipping crontab removal. Package \`cron' required.\n`,
    );
    return;
  }
  tell(context, options, 'Removing crontab ...');
  if (fileSystem.find(`/var/spool/cron/crontabs/${name}`).kind === 'present')
    throw notSimulated(context.name, 'of a user with a crontab');
}

async function removeGroup(context: CommandContext, options: ParsedOptions, name: string): Promise<number> {
  const files = await AccountFiles.read(context);
  const row = files.row('group', name);
  if (!row) {
    warn(context, options, `The group \`${name}' does not exist.`);
    return options.has('system') ? 0 : 3;
  }
  if (options.has('system') && !isOfSystem(row[2]!)) {
    warn(context, options, `The group \`${name}' is not a system group. Exiting.`);
    return 3;
  }
  if (options.has('only-if-empty') && (row[3] ?? '') !== '')
    return fail(context, `The group \`${name}' is not empty!`, 5);
  tell(context, options, `Removing group \`${name}' ...`);
  lockAdduser(context);
  if (files.rows('passwd').some((user) => user[3] === row[2])) {
    context.stderr.write(
      `groupdel: cannot remove the primary group of user '${files.rows('passwd').find((user) => user[3] === row[2])![0]}'\n`,
    );
    if (!context.stderr.isLog) throw notSimulated(context.name, 'of the first group of a user');
    return 1;
  }
  await callAs(context, 'groupdel', groupdel, [name]);
  tell(context, options, 'Done.');
  return 0;
}

async function leaveGroup(
  context: CommandContext,
  options: ParsedOptions,
  user: string,
  group: string,
): Promise<number> {
  const files = await AccountFiles.read(context);
  const [account, row] = [files.row('passwd', user), files.row('group', group)];
  if (!account) return fail(context, `The user \`${user}' does not exist.`, 2);
  if (!row) return fail(context, `The group \`${group}' does not exist.`, 3);
  if (account[3] === row[2]) return fail(context, 'You may not remove the user from their primary group.', 7);
  const members = (row[3] ?? '').split(',');
  if (!members.includes(user))
    return fail(context, `The user \`${user}' is not a member of group \`${group}'.`, 6);
  tell(context, options, `Removing user \`${user}' from group \`${group}' ...`);
  lockAdduser(context);
  const kept = members.filter((member) => member !== user && member !== '');
  await callAs(context, 'gpasswd', gpasswd, ['-M', kept.join(','), group]);
  tell(context, options, 'Done.');
  return 0;
}
