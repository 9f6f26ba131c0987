import type { Command, CommandContext } from '../command';
import { absolute } from '../lookup';
import { showUnknown } from '../unknown-text';
import { readArguments } from './arguments';
import { change, ensureFolder, homeOf, lookFor, query } from './model';

const CLONE_VALUES =
  'b branch depth c config o origin j jobs reference reference-if-able template u upload-pack separate-git-dir filter shallow-since shallow-exclude server-option bundle-uri revision';
/** What only tells something; with a name that is not there it fails. */
const LOOKS = new Set(
  'rev-parse log describe status diff ls-files ls-remote show ls-tree cat-file rev-list blame shortlog grep merge-base show-ref for-each-ref name-rev check-ignore'.split(
    ' ',
  ),
);
const FETCHES = 'what it fetches is not known';

export const git: Command = (context) => {
  const { action, args, cwd } = actionOf(context);
  if (action === undefined || /^(?:version|help|--.*|-v|-h)$/.test(action)) return query(context);
  if (LOOKS.has(action)) return lookFor(context);
  switch (action) {
    case 'clone':
      return clone(context, args, cwd);
    case 'config':
      return configure(context, args, cwd);
    case 'init':
      return init(context, args, cwd);
    case 'archive': {
      const file = readArguments(args, 'o output format prefix remote').value('o', 'output');
      return change(context, file === undefined ? [] : [absolute(file, cwd)], 'what it packs is not known', {
        title: 'git archive',
      });
    }
    case 'lfs':
      return change(context, [`${homeOf(context)}/.gitconfig`, '/etc/gitconfig', cwd], FETCHES, {
        title: 'git lfs',
      });
  }
  // Listing branches and tags tells something; making them changes the repository.
  const lists = /^(?:branch|tag|remote|stash|worktree|submodule|bisect|notes)$/.test(action);
  if (lists && args.every((arg) => arg.startsWith('-') || /^(?:list|show|status|get-url)$/.test(arg)))
    return lookFor(context);
  return change(context, [cwd], FETCHES, { title: `git ${action}` });
};

/** What follows the options of git itself: `-C DIR`, `-c NAME=VALUE`, `--git-dir=DIR`. */
function actionOf(context: CommandContext): {
  action: string | undefined;
  args: readonly string[];
  cwd: string;
} {
  let { args, cwd } = context;
  while (args[0]?.startsWith('-')) {
    const [option] = args as [string];
    if (option === '--version' || option === '--help' || option === '-v' || option === '-h') break;
    const value =
      option === '-C' || option === '-c' || /^--(?:git-dir|work-tree|namespace|exec-path)$/.test(option);
    if (option === '-C') cwd = absolute(args[1] ?? '.', cwd);
    args = args.slice(value ? 2 : 1);
  }
  return { action: args[0], args: args.slice(1), cwd };
}

function clone(context: CommandContext, args: readonly string[], cwd: string): number {
  const options = readArguments(args, CLONE_VALUES);
  const [url = ''] = options.operands;
  const isBare = options.has('bare', 'mirror');
  const folder = options.operands[1] ?? (isBare ? `${nameOf(url)}.git` : nameOf(url));
  const path = absolute(folder, cwd);
  const { fileSystem } = context;
  const found = fileSystem.find(path);
  if (found.kind === 'present' && fileSystem.namesIn(found.inode).length > 0) {
    context.stderr.write(
      `fatal: destination path '${folder}' already exists and is not an empty directory.\n`,
    );
    return 128;
  }
  ensureFolder(context, path);
  if (!isBare) ensureFolder(context, `${path}/.git`);
  const shown = showUnknown(url)
    .replace(/^(https?:\/\/)[^/@]*@/, '$1')
    .slice(0, 80);
  return change(context, [path], `${FETCHES} (${shown})`, { title: 'git clone' });
}

function nameOf(url: string): string {
  return url
    .replace(/\/+$/, '')
    .replace(/(?:\/?\.git)$/, '')
    .replace(/^.*[/:]/, '');
}

function configure(context: CommandContext, args: readonly string[], cwd: string): number {
  if (args.some((arg) => /^(?:--get.*|-l|--list|get|list)$/.test(arg))) return lookFor(context);
  const options = readArguments(args, 'f file type default blob');
  const given = options.value('f', 'file');
  const file = options.has('system')
    ? '/etc/gitconfig'
    : options.has('global')
      ? `${homeOf(context)}/.gitconfig`
      : given !== undefined
        ? absolute(given, cwd)
        : `${cwd}/.git`;
  // A single name asks for its value.
  if (options.operands.length === 1 && !options.has('unset', 'unset-all', 'remove-section'))
    return lookFor(context);
  return change(context, [file], 'what it writes is not known', { title: 'git config' });
}

function init(context: CommandContext, args: readonly string[], cwd: string): number {
  const options = readArguments(args, 'b initial-branch template separate-git-dir object-format');
  const folder = absolute(options.operands[0] ?? '.', cwd);
  const place = options.has('bare') ? folder : `${folder}/.git`;
  ensureFolder(context, place);
  return change(context, [place], 'what it makes is not known', { title: 'git init' });
}
