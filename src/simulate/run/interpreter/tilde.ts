import { readText } from '../output';
import type { ShellState } from './shell-state';

/** What `~` or `~user` stands for (POSIX XCU 2.6.1); an unknown user's stays as it is. */
export async function homeOf(shell: ShellState, user: string | null): Promise<string> {
  if (user === null || user === '') {
    const home = shell.variables.text('HOME');
    if (home !== undefined || !shell.isBash) return home ?? '~';
    return (await homeInPasswd(shell, (_, uid) => uid === ownUid(shell))) ?? '~';
  }
  if (user === '+' && shell.isBash) return shell.cwd;
  if (user === '-' && shell.isBash) return shell.variables.text('OLDPWD') ?? '~-';
  return (await homeInPasswd(shell, (name) => name === user)) ?? `~${user}`;
}

function ownUid(shell: ShellState): string {
  return shell.fileSystem.credentials.uid.toString();
}

/** The shell of the account that a shell runs as. */
export function ownShell(shell: ShellState): Promise<string | undefined> {
  return accountField(shell, (_, uid) => uid === ownUid(shell), 6);
}

function homeInPasswd(
  shell: ShellState,
  isWanted: (name: string, uid: string) => boolean,
): Promise<string | undefined> {
  return accountField(shell, isWanted, 5);
}

async function accountField(
  shell: ShellState,
  isWanted: (name: string, uid: string) => boolean,
  field: number,
): Promise<string | undefined> {
  const found = shell.fileSystem.find('/etc/passwd');
  if (found.kind !== 'present' || found.inode.node.kind !== 'file') return undefined;
  const text = await readText(found.inode.node.content, shell.session);
  for (const line of text.split('\n')) {
    const fields = line.split(':');
    if (fields.length >= 6 && isWanted(fields[0]!, fields[2]!)) return fields[field];
  }
  return undefined;
}
