import { type CommandContext, NotSimulated } from '../command';
import { decodeArgument } from './bytes';
import { complain, fail } from './complaints';
import { absolute, openFile, printText, readText } from './input';
import { notSimulated, type ParsedOptions, parseOptions } from './options';
import { readOwnerNames } from './owner-names';
import { accountOf } from './passwords';
import { requireRoot } from './useradd';

const OPTIONS = [
  '-c --command=TEXT',
  '--session-command=TEXT',
  '-f --fast',
  '-g --group=GROUP',
  '-l --login',
  '-m -p --preserve-environment',
  '-P --pty',
  '-s --shell=SHELL',
  '-u --user=USER',
  '-w --whitelist-environment=LIST',
];

type Account = Awaited<ReturnType<typeof accountOf>>;

/** su(1) and runuser(1) of util-linux 2.38, for root. */
export async function su(context: CommandContext): Promise<number> {
  if (context.name === 'runuser' && context.args.some((arg) => /^(-u|--user)/.test(arg)))
    return runAsUser(context);
  // A lone dash is a login, wherever it stands before the user.
  const options = parseOptions(context, OPTIONS);
  requireRoot(context);
  const operands = [...options.operands];
  const isLogin = options.has('login') || operands[0] === '-';
  if (operands[0] === '-') operands.shift();
  if (isLogin && context.flavour === 'busybox') throw notSimulated('su', '-l` of busybox');
  const name = operands.shift() ?? 'root';
  const account = await knownAccount(context, name);
  if (!account)
    return fail(
      context,
      `user ${name} does not exist or the user entry does not contain all the required fields`,
    );
  const target = await withGroup(context, options, account);
  const keeps = options.has('preserve-environment') && !isLogin;
  const shell = options.value('shell') ?? ((keeps && context.env.get('SHELL')) || target.shell);
  if (/\/(nologin|false)$/.test(shell)) {
    if (shell.endsWith('nologin')) printText(context, 'This account is currently not available.\n');
    return 1;
  }
  const env = await environmentFor(context, options, { target, shell, isLogin, keeps });
  const cwd = isLogin ? homeOf(context, target) : context.cwd;
  const command = options.value('command') ?? options.value('session-command');
  const argv = [shell, ...(isLogin ? ['-l'] : []), ...commandWords(shell, command, operands, isLogin)];
  const { stdin, stdout, stderr } = context;
  return (await context.run(argv, { stdin, stdout, stderr, env, cwd, user: target })).exitCode;
}

/** The first word behind the text is `$0`; a login shell without one calls itself `-bash`. */
function commandWords(
  shell: string,
  command: string | undefined,
  operands: readonly string[],
  isLogin: boolean,
): readonly string[] {
  if (command === undefined) return operands;
  const own = isLogin ? [`-${shell.slice(shell.lastIndexOf('/') + 1)}`] : [];
  return ['-c', command, ...(operands.length > 0 ? operands : own)];
}

/** `runuser -u USER COMMAND`: no shell, and little of the environment is made anew. */
async function runAsUser(context: CommandContext): Promise<number> {
  const options = parseOptions(context, OPTIONS, { stopAtOperand: true });
  requireRoot(context);
  const account = await knownAccount(context, options.value('user')!);
  if (!account) throw notSimulated('runuser', `-u ${options.value('user')}`);
  const target = await withGroup(context, options, account);
  const env = new Map(context.env).set('HOME', target.home);
  if (target.uid !== 0) env.set('USER', target.name).set('LOGNAME', target.name);
  const { stdin, stdout, stderr } = context;
  return (await context.run(options.operands, { stdin, stdout, stderr, env, user: target })).exitCode;
}

async function knownAccount(context: CommandContext, name: string): Promise<Account | undefined> {
  const names = await readOwnerNames(context);
  if (names.user(name)) return accountOf(context, name);
  const doubt = [...context.fileSystem.takeDoubts().values()][0];
  if (!doubt) return undefined;
  // An earlier step may have made the account. Its number is then a guess, as all is that it makes.
  context.model(`the user ${name} may have another number: ${doubt.reason}`);
  return { uid: 1000, gid: 1000, groups: [1000], home: `/home/${name}`, shell: '/bin/sh', name };
}

async function withGroup(
  context: CommandContext,
  options: ParsedOptions,
  account: Account,
): Promise<Account> {
  const group = options.value('group');
  if (group === undefined) return account;
  const gid = (await readOwnerNames(context)).group(group)?.gid;
  if (gid === undefined) throw notSimulated(context.name, `-g ${group}`);
  return { ...account, gid, groups: [gid] };
}

function homeOf(context: CommandContext, { home }: Account): string {
  const found = context.fileSystem.find(absolute(context, home || '/'));
  if (found.kind === 'present' && found.inode.node.kind === 'directory') return found.path;
  if (found.kind !== 'absent')
    throw new NotSimulated(`\`su -\` to a home ${home} that is no folder is not simulated`);
  complain(context, `warning: cannot change directory to ${home}: No such file or directory`);
  return context.cwd;
}

interface Session {
  readonly target: Account;
  readonly shell: string;
  readonly isLogin: boolean;
  readonly keeps: boolean;
}

async function environmentFor(
  context: CommandContext,
  options: ParsedOptions,
  { target, shell, isLogin, keeps }: Session,
): Promise<Map<string, string>> {
  const listed = new Set((options.value('whitelist-environment') ?? '').split(','));
  const stays = (name: string) => name === 'TERM' || listed.has(name);
  const env = new Map([...context.env].filter(([name]) => !isLogin || stays(name)));
  if (!keeps) env.set('HOME', target.home).set('SHELL', shell);
  if (!keeps && (isLogin || target.uid !== 0)) env.set('USER', target.name).set('LOGNAME', target.name);
  if (isLogin) env.set('PATH', await pathOfLogin(context, target));
  if (context.flavour === 'busybox') return env;
  await addOfSession(context, env, target);
  return env;
}

/** `ENV_PATH` and `ENV_SUPATH` of /etc/login.defs, else what util-linux is built with. */
async function pathOfLogin(context: CommandContext, { uid }: Account): Promise<string> {
  const text = (await textOf(context, '/etc/login.defs')) ?? '';
  const name = uid === 0 ? '(?:ENV_SUPATH|ENV_ROOTPATH)' : 'ENV_PATH';
  const value = new RegExp(`^\\s*${name}\\s+(?:PATH=)?(\\S+)`, 'm').exec(text)?.[1];
  if (value !== undefined) return value;
  return uid === 0
    ? '/usr/local/sbin:/usr/local/bin:/sbin:/bin:/usr/sbin:/usr/bin'
    : '/usr/local/bin:/bin:/usr/bin';
}

/** What PAM adds: the mail box where `pam_mail` is asked for, and what /etc/environment says. */
async function addOfSession(
  context: CommandContext,
  env: Map<string, string>,
  { name }: Account,
): Promise<void> {
  const rules = await textOf(context, `/etc/pam.d/${context.name}`);
  if (rules !== undefined && /^session\s.*pam_mail\.so/m.test(rules)) env.set('MAIL', `/var/mail/${name}`);
  if (rules === undefined || !/^\s*session\s.*pam_env\.so/m.test(rules)) return;
  for (const line of ((await textOf(context, '/etc/environment')) ?? '').split('\n')) {
    const match = /^\s*(?:export\s+)?(\w+)=(?:"([^"]*)"|'([^']*)'|(\S*))\s*$/.exec(line);
    if (match) env.set(match[1]!, match[2] ?? match[3] ?? match[4] ?? '');
  }
}

async function textOf(context: CommandContext, path: string): Promise<string | undefined> {
  const found = context.fileSystem.find(path);
  if (found.kind !== 'present' || found.inode.node.kind !== 'file') return undefined;
  return decodeArgument(await readText(context, openFile(context, path)));
}
