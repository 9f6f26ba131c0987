import { type CommandContext, NotSimulated } from '../command';
import { findProgram } from '../lookup';
import { decodeArgument } from './bytes';
import { fail } from './complaints';
import { openFile, readText } from './input';
import { notSimulated, type ParsedOptions, parseOptions } from './options';
import { readOwnerNames } from './owner-names';
import { accountOf } from './passwords';
import { groupsOf } from './users';

const OPTIONS = [
  '-b --background',
  '-E',
  '--preserve-env[=LIST]',
  '-g --group=GROUP',
  '-H --set-home',
  '-i --login',
  '-k --reset-timestamp',
  '-K --remove-timestamp',
  '-l --list',
  '-n --non-interactive',
  '-P --preserve-groups',
  '-S --stdin',
  '-s --shell',
  '-u --user=USER',
  '-v --validate',
  '-V --version',
];

/** What Debian's /etc/sudoers sets, and what is assumed where that file is not known. */
const SECURE_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Variables that stay when the environment is made anew (sudoers(5), "env_keep" and "env_check"). */
const KEPT =
  /^(COLORS|COLORTERM|DISPLAY|HOSTNAME|KRB5CCNAME|LANG|LANGUAGE|LC_\w+|LINGUAS|LS_COLORS|PATH|PS1|PS2|TERM|TZ|XAUTHORITY|XAUTHORIZATION|XDG_CURRENT_DESKTOP)$/;

/** sudo(8) 1.9 with the policy of /etc/sudoers, for root and for whoever may do all without a password. */
export async function sudo(context: CommandContext): Promise<number> {
  const options = parseOptions(context, OPTIONS, { stopAtOperand: true });
  const words = [...options.operands];
  const given = new Map<string, string>();
  for (; /^[A-Za-z_]\w*=/.test(words[0] ?? ''); words.shift()) {
    const [name, ...value] = words[0]!.split('=');
    given.set(name!, value.join('='));
  }
  if (options.has('login')) throw notSimulated('sudo', '-i');
  if (options.has('validate', 'reset-timestamp', 'remove-timestamp') && words.length === 0) return 0;
  if (options.has('list', 'version') || (words.length === 0 && !options.has('shell'))) return tell(context);
  const target = await targetOf(context, options);
  if (typeof target === 'string') return fail(context, target);
  const policy = await policyOf(context);
  const env = await environmentFor(context, options, target, policy);
  for (const [name, value] of given) env.set(name, value);
  const argv = options.has('shell') ? shellCommand(context, target.shell, words) : words;
  env.set('SUDO_COMMAND', argv.join(' '));
  const found = findProgram(context.fileSystem, argv[0]!, { path: env.get('PATH'), cwd: context.cwd });
  if (found.kind === 'absent') return fail(context, `${argv[0]}: command not found`);
  if (found.kind === 'present') env.set('SUDO_COMMAND', [found.path, ...argv.slice(1)].join(' '));
  const { fileSystem, stdin, stdout, stderr } = context;
  const { umask } = fileSystem;
  fileSystem.umask |= 0o022;
  try {
    return (await context.run(argv, { stdin, stdout, stderr, env, user: target })).exitCode;
  } finally {
    fileSystem.umask = umask;
  }
}

function tell({ stdout }: CommandContext): number {
  if (!stdout.isLog) throw new NotSimulated('what `sudo` tells of itself is not simulated');
  return 0;
}

async function targetOf(context: CommandContext, options: ParsedOptions) {
  const spec = (options.value('user') ?? 'root').replace(/^#(?=\d+$)/, '');
  const names = await readOwnerNames(context);
  if (!names.user(spec) && !/^\d+$/.test(spec)) {
    if (spec === 'root')
      return { uid: 0, gid: 0, groups: [0], home: '/root', shell: '/bin/sh', name: 'root' };
    context.fileSystem.takeDoubts().size > 0 && context.model(`the user ${spec} may not be in the image`);
    return `unknown user ${spec}\nsudo: error initializing audit plugin sudoers_audit`;
  }
  const account = await accountOf(context, spec);
  const group = options.value('group')?.replace(/^#(?=\d+$)/, '');
  if (group === undefined) return account;
  const gid = names.group(group)?.gid ?? (/^\d+$/.test(group) ? Number(group) : undefined);
  if (gid === undefined) throw notSimulated('sudo', `-g ${group}`);
  return { ...account, gid, groups: [gid, ...account.groups.filter((one) => one !== gid)] };
}

interface Policy {
  readonly securePath: string | undefined;
}

/** Reads who may do what; anything beyond a plain rule without a password is a limit of the simulation. */
async function policyOf(context: CommandContext): Promise<Policy> {
  const text = await policyText(context);
  if (text === undefined) {
    context.model('what /etc/sudoers allows is not known');
    return { securePath: SECURE_PATH };
  }
  const lines = text.replace(/\\\n/g, ' ').split('\n');
  const rules = lines.map((line) => line.replace(/(^|\s)#(?!\d|include).*/, '').trim());
  const odd = rules.find(
    (line) =>
      /^Defaults/.test(line) &&
      /env_(keep|reset|check|delete|file)|umask|runas|always_set_home/.test(line) &&
      !/env_reset\s*$/.test(line),
  );
  if (odd !== undefined) throw new NotSimulated(`\`sudo\` with "${odd.slice(0, 60)}" is not simulated`);
  if (context.fileSystem.credentials.uid !== 0 && !(await mayDoAll(context, rules)))
    throw new NotSimulated('`sudo` that asks for a password is not simulated');
  const path = rules
    .map((line) => /^Defaults\s+secure_path\s*=\s*"?([^"]*)"?$/.exec(line)?.[1])
    .find(Boolean);
  return { securePath: path };
}

async function policyText(context: CommandContext): Promise<string | undefined> {
  const { fileSystem } = context;
  const names = ['/etc/sudoers'];
  const folder = fileSystem.find('/etc/sudoers.d');
  if (folder.kind === 'present' && folder.inode.node.kind === 'directory')
    names.push(
      ...fileSystem
        .list('/etc/sudoers.d')
        .filter((name) => !/[.~]/.test(name))
        .map((name) => `/etc/sudoers.d/${name}`),
    );
  let text = '';
  const reader = { ...fileSystem.credentials };
  fileSystem.credentials = { uid: 0, gid: 0, groups: [] };
  try {
    for (const name of names) {
      const found = fileSystem.find(name);
      if (found.kind !== 'present') return undefined;
      const content = openFile(context, name);
      if (content.kind === 'placeholder') return undefined;
      text += `${decodeArgument(await readText(context, content))}\n`;
    }
  } finally {
    fileSystem.credentials = reader;
  }
  return text;
}

async function mayDoAll(context: CommandContext, rules: readonly string[]): Promise<boolean> {
  const names = await readOwnerNames(context);
  const { uid } = context.fileSystem.credentials;
  const user = names.user(uid);
  const groups = user ? groupsOf(names, user).map((gid) => `%${names.group(gid)?.name ?? `#${gid}`}`) : [];
  const who = new Set(['ALL', user?.name ?? '', `#${uid}`, ...groups]);
  // The last rule that fits counts.
  const fitting = rules.filter(
    (line) => who.has(line.split(/[\s=]+/)[0]!) && /=/.test(line) && !/^Defaults/.test(line),
  );
  return /^\S+\s+ALL\s*=\s*(\(\s*ALL\s*(:\s*ALL\s*)?\)\s*)?NOPASSWD:\s*(SETENV:\s*)?ALL$/.test(
    fitting.at(-1) ?? '',
  );
}

async function environmentFor(
  context: CommandContext,
  options: ParsedOptions,
  target: Awaited<ReturnType<typeof accountOf>>,
  { securePath }: Policy,
): Promise<Map<string, string>> {
  const list = options.has('preserve-env') ? options.value('preserve-env')! : undefined;
  const keepsAll = options.has('E') || list === '';
  const named = new Set((list ?? '').split(','));
  const env = new Map([...context.env].filter(([name]) => keepsAll || KEPT.test(name) || named.has(name)));
  if (securePath !== undefined) env.set('PATH', securePath);
  if (!env.has('TERM')) env.set('TERM', 'unknown');
  env.set('LOGNAME', target.name).set('USER', target.name).set('SHELL', target.shell);
  if (!keepsAll || options.has('set-home') || !env.has('HOME')) env.set('HOME', target.home);
  if (!keepsAll) env.set('MAIL', `/var/mail/${target.name}`);
  const { uid, gid } = context.fileSystem.credentials;
  const caller = (await readOwnerNames(context)).user(uid)?.name ?? (uid === 0 ? 'root' : String(uid));
  return env.set('SUDO_USER', caller).set('SUDO_UID', String(uid)).set('SUDO_GID', String(gid));
}

/** `-s`: the shell of the environment gets the words with everything special escaped. */
function shellCommand(context: CommandContext, shell: string, words: readonly string[]): string[] {
  const program = context.env.get('SHELL') || shell;
  if (words.length === 0) return [program];
  return [program, '-c', words.map((word) => word.replace(/[^\w$-]/g, '\\$&')).join(' ')];
}
