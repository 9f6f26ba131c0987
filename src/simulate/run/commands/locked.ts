import { EMPTY_CONTENT } from '../../../layers/content';
import { type CommandContext, NotSimulated, type RunOptions } from '../command';
import { causeOf, complain } from './complaints';
import { absolute } from './input';
import { notSimulated, parseOptions } from './options';
import { readOwnerNames } from './owner-names';
import { groupsOf } from './users';

const FLOCK = [
  '-c --command=COMMAND',
  '-E --conflict-exit-code=N',
  '-e -x --exclusive',
  '-n --nonblock',
  '-o --close',
  '-s --shared',
  '-w --timeout=SECONDS',
];

/** flock(1) of util-linux: nobody else holds the lock of a file in a build. */
export async function flock(context: CommandContext): Promise<number> {
  const { args } = context;
  // `-c` stands behind the file.
  const options = parseOptions(context, FLOCK, { stopAtOperand: true });
  const [file, ...words] = options.operands;
  if (file === undefined || words.length === 0 || options.has('command'))
    throw notSimulated('flock', args.join(' '));
  const path = absolute(context, file);
  try {
    const found = context.fileSystem.find(path);
    if (found.kind === 'absent') context.fileSystem.write(path, EMPTY_CONTENT);
  } catch (error) {
    complain(context, `cannot open lock file ${file}: ${causeOf(error)}`);
    return 66;
  }
  const isScript = words[0] === '-c' || words[0] === '--command';
  if (isScript && words.length !== 2) throw notSimulated('flock', args.join(' '));
  const { stdin, stdout, stderr } = context;
  const argv = isScript ? ['/bin/sh', '-c', words[1]!] : words;
  const { exitCode } = await context.run(argv, { stdin, stdout, stderr });
  if (exitCode === 127 && !isScript)
    throw new NotSimulated('`flock` of a program that is not there is not simulated');
  return exitCode;
}

const SETPRIV = [
  '--clear-groups',
  '--init-groups',
  '--keep-groups',
  '--nnp --no-new-privs',
  '--reuid=USER',
  '--regid=GROUP',
];

/** setpriv(1) of util-linux, for users and groups. */
export async function setpriv(context: CommandContext): Promise<number> {
  const options = parseOptions(context, SETPRIV, { stopAtOperand: true });
  const { credentials } = context.fileSystem;
  if (credentials.uid !== 0 || options.operands.length === 0)
    throw notSimulated('setpriv', context.args.join(' '));
  const names = await readOwnerNames(context);
  const [user, group] = [options.value('reuid'), options.value('regid')];
  const id = (text: string, known: number | undefined) =>
    known ?? (/^\d+$/.test(text) ? Number(text) : undefined);
  const uid = user === undefined ? credentials.uid : id(user, names.user(user)?.uid);
  const gid = group === undefined ? credentials.gid : id(group, names.group(group)?.gid);
  const kept = options.list.filter(({ name }) => name.endsWith('-groups'));
  if (uid === undefined || gid === undefined || (group !== undefined && kept.length !== 1))
    throw notSimulated('setpriv', context.args.join(' '));
  const account = names.user(uid);
  if (options.has('init-groups') && !account) throw notSimulated('setpriv', '--init-groups of nobody');
  const groups = options.has('clear-groups')
    ? []
    : options.has('init-groups')
      ? groupsOf(names, { name: account!.name, gid })
      : credentials.groups;
  const { stdin, stdout, stderr } = context;
  const run: RunOptions = { stdin, stdout, stderr, user: { uid, gid, groups } };
  const { exitCode } = await context.run(options.operands, run);
  if (exitCode === 127) throw new NotSimulated('`setpriv` of a program that is not there is not simulated');
  return exitCode;
}
