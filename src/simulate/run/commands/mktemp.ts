import { PosixError } from '../../../filesystem/posix';
import { EMPTY_CONTENT } from '../../../layers/content';
import type { CommandContext } from '../command';
import { causeOf, failUsage, quote } from './complaints';
import { absolute, printText } from './input';
import { noteRandomName, randomLetters } from './late-doubts';
import { notSimulated, parseOptions } from './options';

const OPTIONS = [
  '-d --directory',
  '-u --dry-run',
  '-q --quiet',
  '--suffix=SUFFIX',
  '-p --tmpdir[=DIR]',
  '-t',
];

/** GNU coreutils manual, "mktemp invocation". Names are made up here and noted, see late-doubts.ts. */
export function mktemp(context: CommandContext): number {
  // `-p` needs its value, `--tmpdir` may have one.
  const args = context.args.flatMap((argument, index, all) =>
    all[index - 1] === '-p' ? [] : argument === '-p' ? [`--tmpdir=${all[index + 1] ?? ''}`] : [argument],
  );
  const options = parseOptions({ name: context.name, args }, OPTIONS);
  const [template = 'tmp.XXXXXXXXXX', ...more] = options.operands;
  if (more.length > 0) return failUsage(context, 'too many templates');
  const suffix = options.value('suffix') ?? '';
  const match = /^(.*?)(X+)([^X/]*)$/s.exec(template + suffix);
  if (!match || match[2]!.length < 3)
    return complainOnce(context, options.has('quiet'), `too few X's in template ${quote(template)}`);
  if (suffix !== '' && !template.endsWith('X')) throw notSimulated('mktemp', `--suffix with ${template}`);
  const inTemporary = options.operands.length === 0 || options.has('tmpdir', 't');
  const folder = inTemporary ? options.value('tmpdir') || context.env.get('TMPDIR') || '/tmp' : undefined;
  const place = folder === undefined ? '' : `${folder.replace(/(.)\/+$/, '$1')}/`;
  const pathOf = (letters: string) => `${place}${match[1]}${letters}${match[3]}`;
  const letters = freeLetters(context, match[2]!.length, pathOf);
  const path = pathOf(letters);
  try {
    if (!options.has('dry-run')) make(context, path, options.has('directory'));
  } catch (error) {
    const kind = options.has('directory') ? 'directory' : 'file';
    const shown = folder === undefined ? template : `${folder}/${template}`;
    return complainOnce(
      context,
      options.has('quiet'),
      `failed to create ${kind} via template ${quote(shown)}: ${causeOf(error)}`,
    );
  }
  noteRandomName(context.fileSystem, letters);
  printText(context, `${path}\n`);
  return 0;
}

/** An earlier RUN may have left what got the first name that is made up. */
function freeLetters(context: CommandContext, length: number, pathOf: (letters: string) => string): string {
  for (let attempt = 0; ; attempt++) {
    const letters = randomLetters(context.fileSystem, length, attempt);
    if (attempt === 100 || !isTaken(context, pathOf(letters))) return letters;
  }
}

function isTaken(context: CommandContext, path: string): boolean {
  try {
    return context.fileSystem.find(absolute(context, path), { follow: false }).kind === 'present';
  } catch (error) {
    if (error instanceof PosixError) return false;
    throw error;
  } finally {
    context.fileSystem.takeDoubts();
  }
}

function make(context: CommandContext, path: string, folder: boolean): void {
  const { fileSystem } = context;
  if (folder) fileSystem.mkdir(absolute(context, path), 0o700);
  else fileSystem.write(absolute(context, path), EMPTY_CONTENT, { mode: 0o600, exclusive: true });
}

function complainOnce(context: CommandContext, quiet: boolean, text: string): number {
  if (!quiet) context.stderr.write(`${context.name}: ${text}\n`);
  return 1;
}
