import { type CommandContext, NotSimulated } from '../command';
import { AccountFiles, today } from './account-files';
import { complain } from './complaints';
import { linesOf, printText, readText } from './input';
import { notSimulated, parseOptions } from './options';
import { readOwnerNames } from './owner-names';
import { requireRoot } from './useradd';
import { groupsOf } from './users';

/** passwd(1) of shadow-utils 4.13 with -d, -l or -u; asking for a password is not simulated. */
export async function passwd(context: CommandContext): Promise<number> {
  const options = parseOptions(context, [
    '-d --delete',
    '-l --lock',
    '-u --unlock',
    '-q --quiet',
    '-e --expire',
  ]);
  if (!options.has('delete', 'lock', 'unlock', 'expire'))
    throw new NotSimulated('`passwd` that asks for a password is not simulated');
  requireRoot(context);
  const name = options.operands[0] ?? 'root';
  const files = await AccountFiles.read(context);
  const row = files.row('shadow', name);
  if (!files.row('passwd', name) || !row) {
    complain(context, `user '${name}' does not exist`);
    return 1;
  }
  let hash = options.has('delete') ? '' : row[1]!;
  if (options.has('lock') && !hash.startsWith('!')) hash = `!${hash}`;
  if (options.has('unlock')) {
    if (/^!+$/.test(hash)) {
      complain(context, 'unlocking the password would result in a passwordless account.');
      context.stderr.write(
        'You should set a password with usermod -p to unlock the password of this account.\n',
      );
      return 3;
    }
    hash = hash.replace(/^!/, '');
  }
  files.replace('shadow', name, [name, hash, options.has('expire') ? 0 : row[2]!, ...row.slice(3)]);
  files.write();
  if (!options.has('quiet')) printText(context, 'passwd: password changed.\n');
  return 0;
}

/** chpasswd(8): the hash has a random salt, so that the line is known but for it. */
export async function chpasswd(context: CommandContext): Promise<number> {
  const options = parseOptions(context, ['-e --encrypted', '-c --crypt-method=METHOD']);
  if (options.has('crypt-method')) throw notSimulated('chpasswd', '-c');
  requireRoot(context);
  const files = await AccountFiles.read(context);
  const { lines } = linesOf(await readText(context, context.stdin));
  for (const [index, line] of lines.entries()) {
    const [name, password] = [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)];
    const row = files.row('shadow', name);
    if (!row || !line.includes(':')) {
      complain(context, `line ${index + 1}: user '${name}' does not exist`);
      return 1;
    }
    if (!options.has('encrypted')) context.model('`chpasswd` salts a password by chance');
    // yescrypt, Debian's method: a salt of 22 and a sum of 43 characters.
    const hash = options.has('encrypted') ? password : `$y$j9T$${'.'.repeat(22)}$${'.'.repeat(43)}`;
    files.replace('shadow', name, [name, hash, today(context), ...row.slice(3)]);
  }
  files.write();
  return 0;
}

/** gosu, su-exec and setpriv-like tools: `gosu USER[:GROUP] COMMAND…`. They set HOME and nothing else. */
export async function gosu(context: CommandContext): Promise<number> {
  const [spec, ...argv] = context.args;
  if (spec === undefined || spec.startsWith('-') || argv.length === 0)
    throw notSimulated(context.name, spec ?? '');
  const target = await accountOf(context, spec);
  const env = new Map(context.env).set('HOME', target.home);
  const { stdin, stdout, stderr } = context;
  return (await context.run(argv, { stdin, stdout, stderr, env, user: target })).exitCode;
}

/** The account that a name or number stands for. */
export async function accountOf(context: CommandContext, spec: string) {
  const names = await readOwnerNames(context);
  const [userPart, groupPart] = spec.split(':') as [string, string?];
  const user = names.user(userPart) ?? (/^\d+$/.test(userPart) ? names.user(Number(userPart)) : undefined);
  if (!user && !/^\d+$/.test(userPart)) throw notSimulated(context.name, `for the unknown user ${userPart}`);
  const uid = user?.uid ?? Number(userPart);
  const group = groupPart === undefined ? undefined : (names.group(groupPart)?.gid ?? Number(groupPart));
  if (Number.isNaN(group)) throw notSimulated(context.name, spec);
  const gid = group ?? user?.gid ?? 0;
  const groups = group === undefined && user ? groupsOf(names, user) : [gid];
  return {
    uid,
    gid,
    groups,
    home: user?.home ?? '/',
    shell: user?.shell || '/bin/sh',
    name: user?.name ?? userPart,
  };
}
