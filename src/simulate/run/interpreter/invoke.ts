import { PosixError } from '../../../filesystem/posix';
import { baseName } from '../../../layers/path';
import { SHOPT_DEFAULTS } from '../builtins/shopt';
import { NotSimulated, RestsOnGuess } from '../command';
import { HOST_NAME } from '../host-name';
import { absolute, DEFAULT_PATH } from '../lookup';
import { readText } from '../output';
import type { Process } from '../program';
import type { Session } from '../session';
import { isUnknown, reasonOfUnknown, showUnknown } from '../unknown-text';
import { runUnreadable } from '../unreadable';
import { inCall, mainCode } from './call-stack';
import { SyntaxFault } from './command-list';
import { ShellFault } from './control';
import type { Dialect } from './dialect';
import { executeStatements } from './execute';
import { setOption, shellLetters } from './options';
import { ShellState } from './shell-state';
import { untilExit } from './subshell';
import { loadParser, parseShell } from './syntax';
import { ownShell } from './tilde';

interface Invocation {
  readonly session: Session;
  readonly dialect: Dialect;
  /** As the shell was called. */
  readonly argv: readonly string[];
  readonly process: Process;
}

/** How `sh` and its kin were called: options, then `-c` text, a file, or the text on standard input. */
interface Arguments {
  readonly settings: readonly (readonly ['-' | '+', string])[];
  readonly text: string | undefined;
  readonly login: boolean;
  readonly rest: readonly string[];
}

const LONG_WITH_VALUE = new Set(['--rcfile', '--init-file']);

/** Runs a shell as a program, to its end, and gives its exit code. */
export async function runShellProgram({ session, dialect, argv, process }: Invocation): Promise<number> {
  await loadParser();
  const { settings, text, login, rest } = readArguments(argv.slice(1));
  const { umask } = session.fileSystem;
  const name = rest[0] || argv[0]!;
  const shell = new ShellState({
    session,
    dialect,
    name,
    cwd: process.cwd,
    descriptors: process.descriptors.fork(),
  });
  shell.processId = process.isFirst ? 1 : session.newProcess();
  shell.leadsOut = process.isFirst === true;
  shell.positional = rest.slice(1);
  shell.lastWord = argv[0]!;
  if (dialect === 'bash') await prepareAccount(shell, process.env);
  prepareVariables(shell, process.env, text);
  if (dialect === 'bash' && baseName(argv[0]!) === 'sh') shell.options.add('posix');
  if (text === undefined && !rest[0]) shell.options.add('s');
  else if (text !== undefined && dialect !== 'dash') shell.options.add('c');
  for (const [sign, letter] of settings) setOption(shell, letter, sign === '-');
  try {
    const script = text ?? (await scriptText(shell, rest[0]));
    if (typeof script === 'number') return script;
    if (isUnknown(script)) return runUnreadable(session, 'a script', reasonOfUnknown(script));
    shell.code = mainCode(script, {
      file: text === undefined ? rest[0] : undefined,
      isText: text !== undefined,
    });
    if (text === undefined && rest[0]) startFile(shell, rest[0]);
    return await untilExit(shell, async () => {
      if (login) await readProfiles(shell);
      return runText(shell, script);
    });
  } finally {
    session.fileSystem.umask = umask;
  }
}

function startFile(shell: ShellState, source: string): void {
  shell.calls = [{ name: 'main', isFunction: false, source, line: 0, isLineCertain: true }];
}

/** Runs shell text in the shell itself, as `eval` and the main text are run. */
export async function runText(shell: ShellState, text: string): Promise<number> {
  await loadParser();
  try {
    const { statements } = parseShell(text, shell.dialect);
    return shell.options.has('n') ? 0 : await executeStatements(shell, statements);
  } catch (error) {
    if (!(error instanceof SyntaxFault)) throw error;
    // The lines before the fault would have run; in the shell of a RUN that makes no difference to a failing build.
    if (text.trim().includes('\n') && shell.processId !== 1)
      throw new NotSimulated(`a script with a ${error.message} is not simulated`);
    // Text that cannot be read ends the shell, but in bash an `eval` of it only fails.
    const words = shell.isBash
      ? error.message
      : `Syntax error: ${error.words ?? `"${error.token}" unexpected`}`;
    throw new ShellFault(words, 2, shell.isPosix);
  }
}

function readArguments(args: readonly string[]): Arguments {
  const settings: ['-' | '+', string][] = [];
  let takesText = false;
  let takesInput = false;
  let login = false;
  let index = 0;
  for (; index < args.length; index++) {
    const arg = args[index]!;
    if (arg === '-' || arg === '--') {
      index++;
      break;
    }
    if (arg.startsWith('--')) {
      if (arg === '--login') login = true;
      if (arg === '--posix') settings.push(['-', 'posix']);
      if (LONG_WITH_VALUE.has(arg)) index++;
      continue;
    }
    if (!/^[-+]./.test(arg)) break;
    for (const letter of arg.slice(1)) {
      if (letter === 'c') takesText = true;
      else if (letter === 's') takesInput = true;
      else if (letter === 'l') login = true;
      else if (letter === 'o' || letter === 'O') settings.push([arg[0] as '-' | '+', args[++index] ?? '']);
      else if (shellLetters.includes(letter)) settings.push([arg[0] as '-' | '+', letter]);
    }
  }
  if (takesInput && !takesText) return { settings, login, text: undefined, rest: ['', ...args.slice(index)] };
  return takesText
    ? { settings, login, text: args[index] ?? '', rest: args.slice(index + 1) }
    : { settings, login, text: undefined, rest: args.slice(index) };
}

async function scriptText(shell: ShellState, file: string | undefined): Promise<string | number> {
  const { session } = shell;
  try {
    if (!file) return await readText(shell.descriptors.input(0).takeRest(), session);
    const node = shell.fileSystem.readable(absolute(file, shell.cwd));
    session.settleDoubts(`sh ${file}`, false);
    return await readText(node.content, session);
  } catch (error) {
    if (error instanceof RestsOnGuess)
      return runUnreadable(session, file ? `the script ${showUnknown(file)}` : 'a script', error.guess);
    if (!file || !(error instanceof PosixError)) throw error;
    const [doubt] = shell.fileSystem.takeDoubts().values();
    if (doubt) return runUnreadable(session, `the script ${showUnknown(file)}`, doubt.reason);
    shell.name = 'sh';
    shell.complain(shell.isBash ? `${file}: ${error.reason}` : `cannot open ${file}: ${error.reason}`);
    return shell.dialect === 'dash' ? 2 : error.code === 'ENOENT' ? 127 : 126;
  }
}

function prepareVariables(
  shell: ShellState,
  env: ReadonlyMap<string, string>,
  text: string | undefined,
): void {
  const { variables } = shell;
  // bash has a `_` of its own for each program that it starts.
  for (const [name, value] of env)
    if (name !== '_' || !shell.isBash) variables.put(name, { value, exported: true });
  if (shell.dialect === 'dash' && !env.has('PATH')) variables.put('PATH', { value: DEFAULT_PATH });
  if (shell.dialect === 'ash') prepareAsh(shell);
  if (shell.isBash) prepareBash(shell, text);
  variables.put('PWD', { value: shell.cwd, exported: true });
  variables.put('IFS', { value: ' \t\n' });
  variables.put('OPTIND', { value: '1' });
  variables.put('PS4', { value: '+ ', exported: env.has('PS4') });
  variables.put('PPID', { value: shell.processId === 1 ? '0' : '1' });
}

/** What bash takes from the account it runs as, and from a terminal that is not there. */
async function prepareAccount(shell: ShellState, env: ReadonlyMap<string, string>): Promise<void> {
  if (!env.has('TERM')) shell.variables.put('TERM', { value: 'dumb' });
  if (!env.has('SHELL')) shell.variables.put('SHELL', { value: (await ownShell(shell)) || '/bin/sh' });
}

function prepareAsh({ variables }: ShellState): void {
  countLevel(variables);
  if (variables.text('PATH') === undefined)
    variables.put('PATH', { value: '/sbin:/usr/sbin:/bin:/usr/bin', exported: true });
  if (variables.text('HOSTNAME') === undefined) variables.put('HOSTNAME', { value: HOST_NAME });
}

/** bash and busybox count how deep shells are nested; dash does not. */
function countLevel(variables: ShellState['variables']): void {
  const level = Number(variables.text('SHLVL') ?? 0) + 1;
  variables.put('SHLVL', { value: level.toString(), exported: true });
}

function prepareBash(shell: ShellState, text: string | undefined): void {
  const { variables, session } = shell;
  const machine =
    { amd64: 'x86_64', arm64: 'aarch64', '386': 'i686', arm: 'arm' }[session.architecture] ??
    session.architecture;
  countLevel(variables);
  const values: Record<string, string> = {
    BASH: '/bin/bash',
    BASH_VERSION: '5.2.15(1)-release',
    HOSTNAME: variables.text('HOSTNAME') ?? HOST_NAME,
    HOSTTYPE: machine,
    OSTYPE: 'linux-gnu',
    MACHTYPE: `${machine}-pc-linux-gnu`,
    ...(variables.text('PATH') === undefined ? { PATH: DEFAULT_PATH } : {}),
    ...(text === undefined ? {} : { BASH_EXECUTION_STRING: text }),
  };
  for (const [name, value] of Object.entries(values)) variables.declare(name, { value });
  variables.put('BASH_VERSINFO', {
    list: new Map(['5', '2', '15', '1', 'release', values.MACHTYPE!].map((part, index) => [index, part])),
  });
  shell.options.add('B').add('h');
  for (const name of SHOPT_DEFAULTS.split(' ')) shell.shopt.add(name);
}

/** What a login shell reads first (bash manual 6.2; dash and ash read `~/.profile` only). */
async function readProfiles(shell: ShellState): Promise<void> {
  await readProfile(shell, '/etc/profile');
  const home = shell.variables.text('HOME') ?? '/';
  const names = shell.isBash ? ['.bash_profile', '.bash_login', '.profile'] : ['.profile'];
  for (const name of names) {
    if (await readProfile(shell, `${home}/${name}`)) return;
  }
}

async function readProfile(shell: ShellState, path: string): Promise<boolean> {
  const found = shell.fileSystem.find(path);
  shell.session.settleDoubts(path, found.kind === 'absent');
  if (found.kind !== 'present' || found.inode.node.kind !== 'file') return false;
  const text = await readText(found.inode.node.content, shell.session);
  const called = { name: 'source', isFunction: false };
  await inCall(shell, called, { source: path, text }, () => runText(shell, text));
  return true;
}
