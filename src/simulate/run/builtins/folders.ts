import { PosixError } from '../../../filesystem/posix';
import { containerPath } from '../../../layers/path';
import { type Command, NotSimulated } from '../command';
import type { ShellState } from '../interpreter/shell-state';
import { absolute } from '../lookup';
import { holdsUnknown, reasonOfUnknown, showUnknown, startsUnknown } from '../unknown-text';
import { type Builtin, readFlags } from './builtin';

/** `cd` (POSIX XCU): the logical path, unless `-P`; CDPATH; `-` for the folder before. */
export const cdBuiltin: Builtin = ({ shell, args }) => {
  const read = readFlags(
    args.filter((arg) => arg !== '-e' && arg !== '-@'),
    'LP',
  );
  if (shell.isBash && (read?.rest.length ?? 0) > 1) return refuse(shell, 'cd: too many arguments');
  const operand = read?.rest[0] ?? shell.variables.text('HOME');
  if (operand === undefined) return shell.isBash ? refuse(shell, 'cd: HOME not set') : 0;
  const toOld = operand === '-';
  const old = shell.variables.text('OLDPWD');
  if (toOld && old === undefined && shell.isBash) return refuse(shell, 'cd: OLDPWD not set');
  const target = toOld ? (old ?? '') : operand;
  if (/^\/\/(?!\/)/.test(target))
    throw new NotSimulated('`cd` to a path with two slashes at its start is not simulated');
  if (target === '') {
    if (toOld) shell.descriptors.output(1).write(`${shell.cwd}\n`);
    return 0;
  }
  const { path, shown } = place(shell, target);
  const status = enter(shell, path, target, read?.flags.has('P') ?? false);
  if (status === 0 && (toOld || shown)) shell.descriptors.output(1).write(`${shell.cwd}\n`);
  return status;
};

/** A relative folder is looked for in CDPATH first. */
function place(shell: ShellState, target: string): { path: string; shown: boolean } {
  const search = shell.variables.text('CDPATH');
  if (search && !/^(?:\/|\.\.?(?:\/|$))/.test(target)) {
    for (const folder of search.split(':')) {
      const path = `${absolute(folder || '.', shell.cwd)}/${target}`;
      if (!isFolder(shell, path)) continue;
      if (folder.endsWith('/') && !shell.isBash)
        throw new NotSimulated('`cd` by a CDPATH with a slash at an end is not simulated');
      return { path, shown: folder !== '' };
    }
  }
  return { path: absolute(target, shell.cwd), shown: false };
}

function isFolder(shell: ShellState, path: string): boolean {
  try {
    const found = shell.fileSystem.find(path);
    return found.kind === 'present' && found.inode.node.kind === 'directory';
  } catch {
    return false;
  }
}

/** Makes `path` the working folder. `..` is taken off the path as written, not off where links lead. */
function enter(shell: ShellState, path: string, shown: string, physical: boolean): number {
  try {
    const logical = physical ? path : containerPath(path);
    const found = shell.fileSystem.find(logical);
    if (found.kind === 'absent' && isAssumed(shell, found.why, shown)) return move(shell, logical);
    if (found.kind === 'absent') throw new PosixError(found.why === 'missing' ? 'ENOENT' : 'ENOTDIR', shown);
    if (found.inode.node.kind !== 'directory') throw new PosixError('ENOTDIR', shown);
    if (!shell.fileSystem.allows(found.inode, 1)) throw new PosixError('EACCES', shown);
    return move(shell, physical ? found.path : logical);
  } catch (error) {
    if (!(error instanceof PosixError)) throw error;
    return refuse(shell, shell.isBash ? `cd: ${shown}: ${error.reason}` : `cd: can't cd to ${shown}`);
  }
}

/** A folder that a modelled command may have made is taken to be there. */
function isAssumed({ fileSystem, session }: ShellState, why: string, shown: string): boolean {
  const [doubt] = fileSystem.takeDoubts().values();
  const reason = holdsUnknown(shown) ? reasonOfUnknown(shown) : doubt?.reason;
  if (why !== 'missing' || reason === undefined) return false;
  // Text that is not known may be an absolute path.
  if (startsUnknown(shown)) session.openRegion('/', reason);
  session.model(`\`cd ${showUnknown(shown)}\` rests on a guess: ${reason}`, reason);
  return true;
}

function move(shell: ShellState, folder: string): number {
  shell.variables.put('OLDPWD', {
    ...shell.variables.raw('OLDPWD'),
    value: shell.cwd,
    exported: shell.isBash || shell.variables.raw('OLDPWD')?.exported === true,
  });
  shell.cwd = folder;
  shell.variables.put('PWD', { value: folder, exported: true });
  return 0;
}

function refuse(shell: ShellState, words: string): number {
  shell.complain(words);
  return shell.isBash ? 1 : 2;
}

export const pwdBuiltin: Builtin = ({ shell, args }) => {
  const physical = args.includes('-P');
  const found = physical ? shell.fileSystem.find(shell.cwd) : undefined;
  shell.descriptors.output(1).write(`${found?.path ?? shell.cwd}\n`);
  return 0;
};

/** The program: the physical path, unless `-L` and `PWD` names the same folder. */
export const pwdProgram: Command = ({ args, env, cwd, fileSystem, stdout }) => {
  const logical = args.includes('-L') ? env.get('PWD') : undefined;
  const path =
    logical && fileSystem.find(logical).path === fileSystem.find(cwd).path
      ? logical
      : fileSystem.find(cwd).path;
  stdout.write(`${path}\n`);
  return 0;
};

/** bash's folder stack: `pushd`, `popd`, `dirs`. */
export const pushdBuiltin: Builtin = ({ shell, args }) => {
  const [target] = args.filter((arg) => arg !== '-n');
  const { cwd, folders } = shell;
  const next = target ?? folders[0];
  if (next === undefined) return refuse(shell, 'pushd: no other directory');
  const status = enter(shell, absolute(next, cwd), next, false);
  if (status !== 0) return status;
  shell.folders = [cwd, ...(target === undefined ? folders.slice(1) : folders)];
  showFolders(shell);
  return 0;
};

export const popdBuiltin: Builtin = ({ shell }) => {
  const [next, ...rest] = shell.folders;
  if (next === undefined) return refuse(shell, 'popd: directory stack empty');
  const status = enter(shell, next, next, false);
  if (status !== 0) return status;
  shell.folders = rest;
  showFolders(shell);
  return 0;
};

export const dirsBuiltin: Builtin = ({ shell, args }) => {
  if (args[0] === '-c') shell.folders = [];
  else showFolders(shell);
  return 0;
};

function showFolders(shell: ShellState): void {
  const home = shell.variables.text('HOME');
  const shown = [shell.cwd, ...shell.folders].map((folder) => {
    const isBelow = home !== undefined && home !== '/' && (folder === home || folder.startsWith(`${home}/`));
    return isBelow ? `~${folder.slice(home.length)}` : folder;
  });
  shell.descriptors.output(1).write(`${shown.join(' ')}\n`);
}
