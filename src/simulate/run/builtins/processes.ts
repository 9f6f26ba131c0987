import { PosixError } from '../../../filesystem/posix';
import { NotSimulated, RestsOnGuess } from '../command';
import { inCall, inText } from '../interpreter/call-stack';
import { ExitSignal, ReturnSignal, ShellFault } from '../interpreter/control';
import { runText } from '../interpreter/invoke';
import type { ShellState } from '../interpreter/shell-state';
import { runExternal } from '../interpreter/simple-command';
import { absolute } from '../lookup';
import { readText } from '../output';
import { isUnknown, reasonOfUnknown, showUnknown } from '../unknown-text';
import { runUnreadable } from '../unreadable';
import { type Builtin, readFlags } from './builtin';
import { changeMask, maskText } from './umask';

/** `exec`: the program takes the shell's place, so the shell ends with its status and runs no trap. */
export const execBuiltin: Builtin = async ({ shell, args }) => {
  let words = args;
  if (words[0] === '--') words = words.slice(1);
  else if (shell.dialect !== 'dash' && /^-[acl]/.test(words[0] ?? ''))
    throw new NotSimulated(`\`exec ${words[0]}\` is not simulated`);
  if (words.length === 0) return 0;
  const { exitCode, failure } = await runExternal(shell, words, 'exec: ');
  // The other shells still are there when there was nothing to run.
  if (shell.isBash || failure === undefined) shell.traps.delete('EXIT');
  throw new ExitSignal(exitCode);
};

export const evalBuiltin: Builtin = async ({ shell, args }) => {
  const words = args[0] === '--' ? args.slice(1) : args;
  const text = words.join(' ');
  shell.status = 0;
  if (isUnknown(text)) {
    shell.unknownVariables = `what \`eval\` sets is not known: ${reasonOfUnknown(text)}`;
    return runUnreadable(shell.session, '`eval`', reasonOfUnknown(text));
  }
  shell.texts++;
  try {
    return await inText(shell, () => shell.session.deeper(() => runText(shell, text)));
  } catch (error) {
    if (error instanceof ShellFault) error.isInner = true;
    throw error;
  } finally {
    shell.texts--;
  }
};

/** `.` and `source`: the text of a file runs in the shell itself. */
export const dotBuiltin: Builtin = async ({ shell, name, args }) => {
  const [file, ...parameters] = args[0] === '--' ? args.slice(1) : args;
  if (file === undefined) {
    // dash takes it for nothing to do.
    if (shell.dialect === 'dash') return 0;
    if (shell.isBash) shell.complain(`${name}: filename argument required`);
    return 2;
  }
  const source = sourceName(shell, file);
  const text = await sourceText(shell, name, file);
  if (text === undefined) return 0;
  const { positional } = shell;
  if (parameters.length > 0 && shell.dialect !== 'dash') shell.positional = parameters;
  shell.callDepth++;
  shell.texts++;
  const { tested } = shell;
  // dash and busybox forget that the status of `.` is looked at, so that `set -e` acts within the file.
  if (!shell.isBash) shell.tested = 0;
  try {
    const called = { name: 'source', isFunction: false };
    const run = () => shell.session.deeper(() => runText(shell, text));
    return await inCall(shell, called, { source, text }, run);
  } catch (signal) {
    if (signal instanceof ReturnSignal) return signal.status;
    if (signal instanceof ShellFault) signal.isInner = true;
    throw signal;
  } finally {
    shell.callDepth--;
    shell.texts--;
    shell.tested = tested;
    if (parameters.length > 0 && shell.dialect !== 'dash') shell.positional = positional;
  }
};

/** `undefined` for a file of which only a real build knows what is in it. */
async function sourceText(shell: ShellState, name: string, file: string): Promise<string | undefined> {
  if (file === '/dev/null') return '';
  const path = absolute(sourceName(shell, file), shell.cwd);
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
    const words = shell.isBash
      ? `${file}: ${error.reason}`
      : file.includes('/')
        ? `${name}: cannot open ${file}: No such file`
        : `${name}: ${file}: not found`;
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
function sourceName(shell: ShellState, file: string): string {
  if (file.includes('/')) return file;
  for (const folder of (shell.variables.text('PATH') ?? '').split(':')) {
    const name = `${folder || '.'}/${file}`;
    const found = shell.fileSystem.find(absolute(name, shell.cwd));
    if (found.kind === 'present' && found.inode.node.kind === 'file') return name;
  }
  return shell.isPosix && shell.dialect === 'dash' ? `/nonexistent/${file}` : file;
}

export const umaskBuiltin: Builtin = ({ shell, args }) => {
  const { fileSystem } = shell.session;
  const read = readFlags(args, shell.isBash ? 'Sp' : 'S');
  if (!read) return shell.misuse('umask', args.find((arg) => /^-[^S]/.test(arg))!.slice(0, 2));
  const symbolic = read.flags.has('S');
  const [mode] = read.rest;
  if (mode === undefined) {
    const prefix = read.flags.has('p') ? (symbolic ? 'umask -S ' : 'umask ') : '';
    shell.descriptors.output(1).write(`${prefix}${maskText(fileSystem.umask, symbolic)}\n`);
    return 0;
  }
  const mask = changeMask(fileSystem.umask, mode);
  if (mask === undefined) throw new ShellFault(`umask: Illegal mode: ${mode}`, shell.isBash ? 1 : 2, false);
  fileSystem.umask = mask;
  return 0;
};

export const timesBuiltin: Builtin = ({ shell }) => {
  if (!shell.descriptors.output(1).isLog) shell.session.model('`times` tells how long commands took');
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
  const isQuery = args.every((arg) => !arg.includes('='));
  if (isQuery) {
    for (const name of args) sayNoAlias(shell, 'alias', name);
    return args.length > 0 ? 1 : 0;
  }
  if (shell.isBash && !shell.shopt.has('expand_aliases')) return 0;
  throw new NotSimulated('`alias` is not simulated');
};

export const unaliasBuiltin: Builtin = ({ shell, args }) => {
  if (args[0] === '-a') return 0;
  for (const name of args) sayNoAlias(shell, 'unalias', name);
  return args.length > 0 ? 1 : shell.isBash ? 2 : 0;
};

function sayNoAlias(shell: ShellState, asked: string, name: string): void {
  if (shell.isBash) shell.complain(`${asked}: ${name}: not found`);
  else shell.say(`${asked}: ${name} not found`, true);
}
