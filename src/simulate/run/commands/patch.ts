import type { FileNode } from '../../../layers/change';
import { parentOf } from '../../../layers/path';
import { type CommandContext, NotSimulated } from '../command';
import type { ByteString } from './bytes';
import { decodeArgument } from './bytes';
import { causeOf, complain, quoteIfNeeded } from './complaints';
import { absolute, contentOf, openInput, printText, readText } from './input';
import { notSimulated, type ParsedOptions, parseOptions } from './options';
import { applyHunks, type Patched } from './patch-hunks';
import { type FilePatch, parsePatch, reversed, reversedHunk } from './patch-text';

const OPTIONS = [
  '-b --backup',
  '--no-backup-if-mismatch',
  '-d --directory=DIR',
  '--dry-run',
  '-E --remove-empty-files',
  '-f --force',
  '-F --fuzz=LINES',
  '-i --input=FILE',
  '-N --forward',
  '-p --strip=N',
  '-R --reverse',
  '-s --quiet --silent',
  '-t --batch',
  '-u --unified',
];

interface Work {
  readonly context: CommandContext;
  readonly options: ParsedOptions;
  /** Files that have their backup: a second change makes no further one. */
  readonly backedUp: Set<string>;
}

/** GNU patch 2.7, by its manual, of unified diffs. */
export async function patch(context: CommandContext): Promise<number> {
  const options = parseOptions(context, OPTIONS);
  if (
    context.env.has('POSIXLY_CORRECT') ||
    context.env.has('VERSION_CONTROL') ||
    context.env.has('PATCH_GET')
  )
    throw notSimulated('patch', 'with such an environment');
  const folder = options.value('directory');
  if (folder !== undefined) {
    const { kind } = context.fileSystem.find(absolute(context, folder));
    if (kind === 'absent') {
      complain(
        context,
        `**** Can't change to directory ${quoteIfNeeded(folder)} : No such file or directory`,
      );
      return 2;
    }
  }
  const inside =
    folder === undefined ? context : { ...context, cwd: absolute(context, folder), stdin: context.stdin };
  const [file, operand, ...more] = options.operands;
  if (more.length > 0) throw notSimulated('patch', 'with so many operands');
  let text: ByteString;
  const input = options.value('input') ?? operand ?? '-';
  try {
    text = await readText(inside, openInput(inside, input));
  } catch (error) {
    complain(context, `**** Can't open patch file ${quoteIfNeeded(input)} : ${causeOf(error)}`);
    return 2;
  }
  if (text === '') return 0;
  const patches = parsePatch(text);
  if (patches.length === 0) {
    complain(context, '**** Only garbage was found in the patch input.');
    return 2;
  }
  const work: Work = { context: inside, options, backedUp: new Set() };
  let exitCode = 0;
  for (const one of patches) if (!(await applyOne(work, one, file))) exitCode = 1;
  return exitCode;
}

async function applyOne(work: Work, given: FilePatch, file: string | undefined): Promise<boolean> {
  const { context, options } = work;
  context.checkBudget();
  const one = options.has('reverse') ? reversed(given) : given;
  const name = file ?? nameOf(work, one);
  if (name === undefined) {
    if (!context.stdout.isLog) throw notSimulated('patch', 'that finds no file');
    printText(context, "can't find file to patch\n");
    return false;
  }
  const path = absolute(context, name);
  const found = context.fileSystem.find(path, { follow: false });
  const node = found.kind === 'present' ? found.inode.node : undefined;
  if (node && node.kind !== 'file') throw new NotSimulated('`patch` of what is no file is not simulated');
  const old = node ? await readText(context, openInput(context, name)) : '';
  const makes = saysAbsent(one, 'old');
  if (makes && old !== '') throw new NotSimulated('`patch` that makes a file that is there is not simulated');
  const maxFuzz = Number(options.value('fuzz') ?? 2);
  const patched = applyHunks(old, one.hunks, maxFuzz);
  tell(work, name, one, patched);
  const fuzz = patched.places[0]?.fuzz ?? maxFuzz + 1;
  if (fuzz > 0 && !makes) refuseReversed(work, one, old, fuzz - 1);
  const failed = patched.places.includes(undefined);
  if (failed) context.model('`patch` whose hunks fail writes them to a file, which is not simulated');
  if (!options.has('dry-run') && !patched.places.every((place) => place === undefined))
    store(work, path, { node: node as FileNode | undefined, one, patched });
  return !failed;
}

/** Whether the header and the hunk say that there is no such file before or after. */
function saysAbsent({ oldName, newName, hunks }: FilePatch, which: 'old' | 'new'): boolean {
  const [hunk] = hunks;
  const count = which === 'old' ? hunk!.oldCount + hunk!.oldStart : hunk!.newCount + hunk!.newStart;
  return (which === 'old' ? oldName : newName) === '/dev/null' && count === 0;
}

/** A first hunk that fits the other way round was applied before: patch asks, and nobody answers. */
function refuseReversed({ options }: Work, { hunks }: FilePatch, old: ByteString, fuzz: number): void {
  const fits = applyHunks(old, [reversedHunk(hunks[0]!)], fuzz).places[0];
  if (fits && !options.has('force'))
    throw new NotSimulated('`patch` that was applied before is not simulated');
}

/** Of the names that the header gives, stripped, the one that is there: the shortest in folders, in its last part, in all. */
function nameOf(
  { context, options }: Work,
  { oldName, newName, newMode, hunks }: FilePatch,
): string | undefined {
  const strip = options.value('strip');
  if (strip !== undefined && !/^\d+$/.test(strip)) throw notSimulated('patch', `-p ${strip}`);
  const names = [oldName, newName]
    .filter((name) => name !== '/dev/null')
    .map((name) => stripped(decodeArgument(name), strip))
    .filter((name) => name !== undefined);
  if (names.some((name) => name.startsWith('/') || name.split('/').includes('..')))
    throw notSimulated('patch', 'outside of its folder');
  const there = names.filter((name) => context.fileSystem.find(absolute(context, name)).kind === 'present');
  const size = (name: string) => [name.split(/\/+/).length, name.replace(/.*\//s, '').length, name.length];
  const best = [...new Set(there)].sort((a, b) => {
    const [left, right] = [size(a), size(b)];
    return left[0]! - right[0]! || left[1]! - right[1]! || left[2]! - right[2]!;
  });
  if (best.length > 0) return best[0];
  const isNew = hunks[0]!.oldStart + hunks[0]!.oldCount === 0;
  const makes = isNew || newMode !== undefined;
  return makes ? names[0] : undefined;
}

function stripped(name: string, count: string | undefined): string | undefined {
  if (count === undefined) return name.replace(/.*\//s, '');
  let rest = name;
  for (let left = Number(count); left > 0; left--) {
    const slash = /\/+/.exec(rest);
    if (!slash) return undefined;
    rest = rest.slice(slash.index + slash[0].length);
  }
  return rest === '' ? undefined : rest;
}

function tell({ context, options }: Work, name: string, { hunks }: FilePatch, { places }: Patched): void {
  if (options.has('silent')) return;
  const failed = places.filter((place) => place === undefined).length;
  if (failed > 0 && !context.stdout.isLog) throw notSimulated('patch', 'that tells of failed hunks');
  printText(context, `${options.has('dry-run') ? 'checking' : 'patching'} file ${quoteIfNeeded(name)}\n`);
  let grown = 0;
  for (const [index, place] of places.entries()) {
    const hunk = hunks[index]!;
    if (place && (place.fuzz > 0 || place.offset !== 0)) {
      const fuzz = place.fuzz > 0 ? ` with fuzz ${place.fuzz}` : '';
      const lines = place.offset === 1 ? 'line' : 'lines';
      const offset = place.offset === 0 ? '' : ` (offset ${place.offset} ${lines})`;
      printText(context, `Hunk #${index + 1} succeeded at ${place.line + grown}${fuzz}${offset}.\n`);
    }
    if (place) grown += hunk.newCount - hunk.oldCount;
  }
  if (failed > 0) printText(context, `${failed} out of ${hunks.length} hunks FAILED\n`);
}

function store(
  { context, options, backedUp }: Work,
  path: string,
  { node, one, patched }: { node: FileNode | undefined; one: FilePatch; patched: Patched },
): void {
  const { fileSystem } = context;
  const fits = patched.places.every((place) => place && place.fuzz === 0 && place.offset === 0);
  const backsUp = options.has('backup') || (!fits && !options.has('no-backup-if-mismatch'));
  if (backsUp && !node) throw notSimulated('patch', '-b of a file that it makes');
  if (backsUp && !backedUp.has(path)) fileSystem.rename(path, `${path}.orig`);
  else if (node) fileSystem.unlink(path);
  backedUp.add(path);
  const isGone = patched.text === '' && (saysAbsent(one, 'new') || options.has('remove-empty-files'));
  if (patched.text !== '' && saysAbsent(one, 'new'))
    throw new NotSimulated('`patch` that leaves of a file that is to go is not simulated');
  if (isGone) {
    removeEmpty(context, parentOf(path));
    return;
  }
  makeFolders(context, parentOf(path));
  fileSystem.write(path, contentOf(patched.text));
  if (node) {
    fileSystem.chown(path, node.uid, node.gid);
    fileSystem.chmod(path, node.mode & 0o7777);
  } else if (one.newMode !== undefined) fileSystem.chmod(path, one.newMode);
}

/** Folders that the last file leaves empty go with it. */
function removeEmpty({ fileSystem, cwd }: CommandContext, folder: string): void {
  if (folder === cwd || !folder.startsWith(cwd === '/' ? '/' : `${cwd}/`)) return;
  const found = fileSystem.find(folder);
  if (found.kind !== 'present' || fileSystem.list(folder).length > 0) return;
  fileSystem.rmdir(folder);
  removeEmpty({ fileSystem, cwd } as CommandContext, parentOf(folder));
}

function makeFolders(context: CommandContext, folder: string): void {
  if (folder === '/' || context.fileSystem.find(folder).kind === 'present') return;
  makeFolders(context, parentOf(folder));
  context.fileSystem.mkdir(folder);
}
