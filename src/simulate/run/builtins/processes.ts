import { PosixError } from '../../../filesystem/posix';
import { NotSimulated, RestsOnGuess } from '../command';
import { ExitSignal, ReturnSignal, ShellFault } from '../interpreter/control';
import { runText } from '../interpreter/invoke';
import { quoteWord } from '../interpreter/quoting';
import type { ShellState } from '../interpreter/shell-state';
import { runExternal } from '../interpreter/simple-command';
import { absolute } from '../lookup';
import { readText } from '../output';
import { isUnknown, reasonOfUnknown, showUnknown } from '../unknown-text';
import { runUnreadable } from '../unreadable';
import type { Builtin } from './builtin';
import { changeMask, maskText } from './umask';

/** `exec`: the program takes the shell's place, so the shell ends with its status and runs no trap. */
export const execBuiltin: Builtin = async ({ shell, args }) => {
  let words = args;
  while (words[0] === '-c' || words[0] === '-l' || words[0] === '-a' || words[0] === '--') {
    words = words.slice(words[0] === '-a' ? 2 : 1);
  }
  if (words.length === 0) return 0;
  shell.traps.delete('EXIT');
  throw new ExitSignal(await runExternal(shell, words));
};

export const evalBuiltin: Builtin = async ({ shell, args }) => {
  const words = args[0] === '--' ? args.slice(1) : args;
  const text = words.join(' ');
  shell.status = 0;
  if (isUnknown(text)) {
    shell.unknownVariables = `what \`eval\` sets is not known: ${reasonOfUnknown(text)}`;
    return runUnreadable(shell.session, '`eval`', reasonOfUnknown(text));
  }
  return shell.session.deeper(() => runText(shell, text));
};

/** `.` and `source`: the text of a file runs in the shell itself. */
export const dotBuiltin: Builtin = async ({ shell, name, args }) => {
  const [file, ...parameters] = args[0] === '--' ? args.slice(1) : args;
  if (file === undefined) throw new ShellFault(`${name}: filename argument required`, 2, !shell.isBash);
  const text = await sourceText(shell, name, file);
  if (text === undefined) return 0;
  const { positional } = shell;
  if (parameters.length > 0 && shell.dialect !== 'dash') shell.positional = parameters;
  shell.callDepth++;
  try {
    return await shell.session.deeper(() => runText(shell, text));
  } catch (signal) {
    if (signal instanceof ReturnSignal) return signal.status;
    throw signal;
  } finally {
    shell.callDepth--;
    if (parameters.length > 0 && shell.dialect !== 'dash') shell.positional = positional;
  }
};

/** `undefined` for a file of which only a real build knows what is in it. */
async function sourceText(shell: ShellState, name: string, file: string): Promise<string | undefined> {
  if (file === '/dev/null') return '';
  const path = file.includes('/') ? absolute(file, shell.cwd) : sourcePath(shell, file);
  try {
    if (shell.fileSystem.stat(path).node.kind === 'character') return '';
    const { content } = shell.fileSystem.readable(path);
    return await readText(content, shell.session);
  } catch (error) {
    const title = `${name} ${showUnknown(file)}`;
    if (error instanceof RestsOnGuess) {
      runUnreadable(shell.session, `\`${title}\``, error.guess);
      return sourceUnknown(shell, path, `what \`${title}\` sets is not known: ${error.guess}`);
    }
    if (!(error instanceof PosixError)) throw error;
    const [doubt] = shell.fileSystem.takeDoubts().values();
    if (doubt) return sourceUnknown(shell, path, `what \`${title}\` sets is not known: ${doubt.reason}`);
    const words = shell.isBash ? `${file}: ${error.reason}` : `${name}: cannot open ${file}: No such file`;
    throw new ShellFault(words, shell.isBash ? 1 : 2, shell.isPosix);
  }
}

/** From here on any variable may be another one. Of Python's `activate` it is known what it does for PATH. */
function sourceUnknown(shell: ShellState, path: string, reason: string): undefined {
  shell.session.model(reason);
  shell.unknownVariables = reason;
  const environment = /^(.*)\/bin\/activate$/.exec(path)?.[1];
  if (environment === undefined) return;
  const folders = shell.variables.text('PATH');
  shell.variables.put('VIRTUAL_ENV', { value: environment, exported: true });
  shell.variables.put('PATH', { value: `${environment}/bin:${folders ?? ''}`, exported: true });
}

/** A name without a slash is looked for in PATH; bash then takes it from the working folder. */
function sourcePath(shell: ShellState, file: string): string {
  for (const folder of (shell.variables.text('PATH') ?? '').split(':')) {
    const path = `${absolute(folder || '.', shell.cwd)}/${file}`;
    const found = shell.fileSystem.find(path);
    if (found.kind === 'present' && found.inode.node.kind === 'file') return path;
  }
  return shell.isPosix && shell.dialect === 'dash' ? `/nonexistent/${file}` : absolute(file, shell.cwd);
}

const SIGNALS: Readonly<Record<string, string>> = {
  0: 'EXIT',
  1: 'HUP',
  2: 'INT',
  3: 'QUIT',
  13: 'PIPE',
  14: 'ALRM',
  15: 'TERM',
};

/** `trap`: EXIT (and in bash ERR) act; signals do not arrive in a build. */
export const trapBuiltin: Builtin = ({ shell, args }) => {
  const words = args[0] === '--' ? args.slice(1) : args;
  if (words.length === 0 || words[0] === '-p') {
    for (const [signal, text] of shell.traps) {
      const name = shell.isBash && signal !== 'EXIT' ? `SIG${signal}` : signal;
      shell.descriptors.output(1).write(`trap -- ${quoteWord(text)} ${name}\n`);
    }
    return 0;
  }
  if (words[0] === '-l') throw new NotSimulated('`trap -l` is not simulated');
  const resets = words[0] === '-' || /^\d+$/.test(words[0]!);
  const action = words[0]!;
  for (const word of resets && words[0] !== '-' ? words : words.slice(1)) {
    const signal = SIGNALS[word] ?? word.toUpperCase().replace(/^SIG/, '');
    if (signal === 'DEBUG' || signal === 'RETURN')
      throw new NotSimulated(`\`trap … ${signal}\` is not simulated`);
    if (resets) shell.traps.delete(signal);
    else shell.traps.set(signal, action);
  }
  return 0;
};

export const umaskBuiltin: Builtin = ({ shell, args }) => {
  const { fileSystem } = shell.session;
  const symbolic = args.includes('-S');
  const [mode] = args.filter((arg) => !/^-[Sp]+$/.test(arg));
  if (mode === undefined) {
    // `-p` of bash prints what can be read back; dash has no such option.
    const reusable = shell.isBash && args.some((arg) => /^-S*p/.test(arg));
    const head = reusable ? `umask ${symbolic ? '-S ' : ''}` : '';
    shell.descriptors.output(1).write(`${head}${maskText(fileSystem.umask, symbolic)}\n`);
    return 0;
  }
  const mask = changeMask(fileSystem.umask, mode);
  if (mask === undefined) throw new ShellFault(`umask: Illegal mode: ${mode}`, shell.isBash ? 1 : 2, false);
  fileSystem.umask = mask;
  return 0;
};

/** All jobs have ended already; an explicit one gives its status. */
export const waitBuiltin: Builtin = ({ shell, args }) => {
  const jobs = args.filter((arg) => !arg.startsWith('-'));
  if (jobs.length === 0) {
    const first = args.includes('-n') ? [...shell.jobs.values()][0] : 0;
    shell.jobs.clear();
    return first ?? 127;
  }
  let status = 127;
  for (const job of jobs) {
    const number = job.startsWith('%') ? [...shell.jobs.keys()][Number(job.slice(1)) - 1] : Number(job);
    status = shell.jobs.get(number ?? -1) ?? 127;
  }
  return status;
};

export const killBuiltin: Builtin = ({ shell, args }) => {
  if (args[0] === '-l' || args[0] === '-L') throw new NotSimulated('`kill -l` is not simulated');
  const targets = args.filter((arg) => /^(?:\d+|%\d+)$/.test(arg));
  // What runs in the background has ended by now: a signal to it finds nobody, or comes too late to matter.
  if (targets.every((target) => shell.jobs.has(Number(target)) || target.startsWith('%'))) {
    shell.session.model('processes in the background are run to their end at once');
    return 0;
  }
  throw new NotSimulated('`kill` of a process is not simulated');
};

export const jobsBuiltin: Builtin = () => 0;

export const timesBuiltin: Builtin = ({ shell }) => {
  shell.descriptors.output(1).write('0m0.00s 0m0.00s\n0m0.00s 0m0.00s\n');
  return 0;
};

export const ulimitBuiltin: Builtin = ({ shell, args }) => {
  const isQuery = args.every((arg) => arg.startsWith('-'));
  if (isQuery && !shell.descriptors.output(1).isLog)
    throw new NotSimulated('`ulimit` tells of the build machine');
  return 0;
};

/** An alias would change how later lines are read, in dash and ash also in scripts. */
export const aliasBuiltin: Builtin = ({ shell, args }) => {
  if (args.length === 0 || (shell.isBash && !shell.shopt.has('expand_aliases'))) return 0;
  throw new NotSimulated('`alias` is not simulated');
};
