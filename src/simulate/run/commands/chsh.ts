import type { CommandContext } from '../command';
import { AccountFiles } from './account-files';
import { complain } from './complaints';
import { notSimulated, parseOptions } from './options';
import { requireRoot } from './useradd';

/** chsh(1) of shadow-utils 4.13, by root. */
export async function chsh(context: CommandContext): Promise<number> {
  const options = parseOptions(context, ['-s --shell=SHELL']);
  const shell = options.value('shell');
  if (shell === undefined || options.operands.length > 1) throw notSimulated('chsh', 'that asks');
  requireRoot(context);
  const files = await AccountFiles.read(context);
  const name = options.operands[0] ?? files.rows('passwd').find((row) => row[2] === '0')?.[0] ?? '';
  const row = files.row('passwd', name);
  if (!row) {
    complain(context, `user '${name}' does not exist`);
    return 1;
  }
  if (/[:,=\n]/.test(shell) || shell === '') throw notSimulated('chsh', `-s ${shell}`);
  const found = shell.startsWith('/') ? context.fileSystem.find(shell) : undefined;
  if (!found) throw notSimulated('chsh', `-s ${shell}`);
  if (found.kind === 'absent') complain(context, `Warning: ${shell} does not exist`);
  else if (!context.fileSystem.allows(found.inode, 1))
    complain(context, `Warning: ${shell} is not executable`);
  files.replace('passwd', name, [...row.slice(0, 6), shell]);
  files.write();
  return 0;
}
