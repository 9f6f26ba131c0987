import type { Command, CommandContext } from '../command';
import { absolute } from '../lookup';
import { change, homeOf, query } from './model';

const CLONE_VALUES = new Set([
  '-b',
  '--branch',
  '--depth',
  '-c',
  '--config',
  '-o',
  '--origin',
  '-j',
  '--jobs',
  '--reference',
  '--template',
  '-u',
  '--separate-git-dir',
  '--filter',
]);
const QUERIES = new Set(
  'rev-parse log describe status diff ls-files ls-remote show ls-tree cat-file rev-list blame shortlog version --version branch tag remote grep archive'.split(
    ' ',
  ),
);
const NOT_KNOWN = 'what it fetches is not known';

export const git: Command = (context) => {
  let { args, cwd } = context;
  while (args[0] === '-C' || args[0] === '-c' || args[0]?.startsWith('--')) {
    if (args[0] === '--version') return query(context);
    if (args[0] === '-C') cwd = absolute(args[1] ?? '.', cwd);
    args = args.slice(args[0].startsWith('--') ? 1 : 2);
  }
  const [action, ...rest] = args;
  if (action === 'clone') return clone(context, rest, cwd);
  if (action === 'config') return configure(context, rest, cwd);
  if (action === 'init') return init(context, rest, cwd);
  // Listing branches and tags tells something; making them changes the repository.
  const changes =
    (action === 'branch' || action === 'tag' || action === 'remote') &&
    rest.some((arg) => !arg.startsWith('-'));
  if (action === undefined || (QUERIES.has(action) && !changes)) return query(context);
  return change(context, [cwd], NOT_KNOWN);
};

function clone(context: CommandContext, args: readonly string[], cwd: string): number {
  const operands: string[] = [];
  for (let index = 0; index < args.length; index++) {
    if (CLONE_VALUES.has(args[index]!)) index++;
    else if (!args[index]!.startsWith('-')) operands.push(args[index]!);
  }
  const [url = '', folder = nameOf(url)] = operands;
  const path = absolute(folder, cwd);
  const found = context.fileSystem.find(path);
  if (found.kind === 'present' && context.fileSystem.namesIn(found.inode).length > 0) {
    context.stderr.write(
      `fatal: destination path '${folder}' already exists and is not an empty directory.\n`,
    );
    return 128;
  }
  makeFolder(context, path);
  return change(context, [path], NOT_KNOWN);
}

function nameOf(url: string): string {
  return url
    .replace(/\/+$/, '')
    .replace(/(?:\/?\.git)$/, '')
    .replace(/^.*[/:]/, '');
}

function makeFolder(context: CommandContext, path: string): void {
  const { uid, gid } = context.fileSystem.credentials;
  context.fileSystem.makeFolders(path, { mode: 0o777 & ~context.fileSystem.umask, uid, gid });
}

function configure(context: CommandContext, args: readonly string[], cwd: string): number {
  if (args.some((arg) => /^(?:--get.*|-l|--list)$/.test(arg))) return query(context);
  const file = args.includes('--system')
    ? '/etc/gitconfig'
    : args.includes('--global')
      ? `${homeOf(context)}/.gitconfig`
      : `${cwd}/.git`;
  return change(context, [file], 'what it writes is not known');
}

function init(context: CommandContext, args: readonly string[], cwd: string): number {
  const folder = absolute(args.find((arg) => !arg.startsWith('-')) ?? '.', cwd);
  makeFolder(context, folder);
  return change(context, [`${folder}/.git`], 'what it makes is not known');
}
