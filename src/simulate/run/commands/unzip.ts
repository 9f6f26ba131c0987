import { isArchiveFault } from '../../../archive/fault';
import { readZip, type ZipArchive, type ZipEntry } from '../../../archive/zip';
import { PosixError } from '../../../filesystem/posix';
import type { Content } from '../../../layers/content';
import { type CommandContext, NotSimulated } from '../command';
import { decodeArgument, encodeArgument } from './bytes';
import { archiveBytes } from './compressing';
import { absolute, print, printText } from './input';
import { patternToRegExp } from './names';
import { notSimulated } from './options';
import { memberContent, ZipExtraction } from './unzip-extract';

/** Info-ZIP's UnZip 6.0, by its manual: extracting, `-l`, `-t`, `-p` and `-Z1`. */
export interface UnzipOptions {
  readonly flags: ReadonlySet<string>;
  /** How often `-q` and `-D` were given. */
  readonly quiet: number;
  readonly archive: string;
  readonly members: readonly string[];
  readonly excluded: readonly string[];
  readonly folder: string | undefined;
}

const KNOWN = /^[CDKfjlnopqtuZ1]$/;

export async function unzip(context: CommandContext): Promise<number> {
  const options = readOptions(context);
  const found = openArchive(context, options);
  if (!found) return missing(context, options);
  if (found.content.kind === 'placeholder') return extractUnknown(context, options, found.content.reason);
  const bytes = await archiveBytes(context, found.content);
  let archive: ZipArchive;
  try {
    archive = readZip(bytes);
  } catch (error) {
    if (!isArchiveFault(error)) throw error;
    if (!context.stderr.isLog || !context.stdout.isLog)
      throw new NotSimulated('what `unzip` says of a damaged archive is not simulated');
    context.stderr.write(`[${found.name}]: ${error.message}\n`);
    return 9;
  }
  if (archive.before > 0) throw notSimulated('unzip', 'of an archive behind other bytes');
  const selected = select(context, options, archive.entries);
  const exitCode = await use(context, options, found.name, bytes, selected.entries);
  for (const text of selected.cautions) context.stderr.write(text);
  return exitCode === 0 && selected.isMissing ? 11 : exitCode;
}

async function use(
  context: CommandContext,
  options: UnzipOptions,
  name: string,
  bytes: Uint8Array,
  entries: readonly ZipEntry[],
): Promise<number> {
  const { flags, quiet } = options;
  if (flags.has('Z')) {
    if (!flags.has('1')) throw notSimulated('unzip', '-Z');
    for (const entry of entries) print(context, `${entry.name}\n`);
    return 0;
  }
  if (flags.has('p')) {
    for (const entry of entries)
      if (!entry.name.endsWith('/')) context.stdout.write(await memberContent(context, bytes, entry));
    return 0;
  }
  if (quiet === 0) print(context, `Archive:  ${encodeArgument(name)}\n`);
  if (flags.has('l')) return list(context, options, entries);
  if (flags.has('t')) return test(context, options, name, bytes, entries);
  return new ZipExtraction(context, options, bytes).extract(entries);
}

/** Letters may be spread: `-qq -o a.zip b c -x d -d e`. */
function readOptions(context: CommandContext): UnzipOptions {
  const flags = new Set<string>();
  const operands: string[] = [];
  const excluded: string[] = [];
  let quiet = 0;
  let folder: string | undefined;
  let isExcluding = false;
  const words = [...context.args];
  while (words.length > 0) {
    const word = words.shift()!;
    if (!word.startsWith('-') || word === '-') {
      (isExcluding ? excluded : operands).push(word);
      continue;
    }
    isExcluding = false;
    for (let at = 1; at < word.length; at++) {
      const letter = word[at]!;
      if (letter === 'd') {
        folder = word.slice(at + 1) || words.shift();
        break;
      }
      if (letter === 'x') isExcluding = true;
      else if (!KNOWN.test(letter)) throw notSimulated('unzip', `-${letter}`);
      else flags.add(letter);
      if (letter === 'q') quiet++;
    }
  }
  const [archive, ...members] = operands;
  if (archive === undefined || /[*?[]/.test(archive)) throw notSimulated('unzip', context.args.join(' '));
  return { flags, quiet, archive, members, excluded, folder };
}

/** The name as given, or with `.zip` behind it. */
function openArchive(
  context: CommandContext,
  { archive }: UnzipOptions,
): { name: string; content: Content } | undefined {
  for (const name of [archive, `${archive}.zip`, `${archive}.ZIP`]) {
    const path = absolute(context, name);
    const found = context.fileSystem.find(path);
    if (found.kind === 'present' && found.inode.node.kind === 'file')
      return { name, content: context.fileSystem.readable(path).content };
  }
  return undefined;
}

function missing(context: CommandContext, { archive, flags }: UnzipOptions): number {
  const text = `unzip:  cannot find or open ${archive}, ${archive}.zip or ${archive}.ZIP.\n`;
  (flags.has('t') ? context.stdout : context.stderr).write(text);
  return 9;
}

/** An archive that was downloaded: what it holds is not known, where it goes is. */
function extractUnknown(context: CommandContext, { flags, folder }: UnzipOptions, reason: string): number {
  if (flags.has('p') || flags.has('l') || flags.has('Z') || flags.has('t')) {
    if (!context.stdout.isLog) throw new NotSimulated(`the contents of the archive are not known: ${reason}`);
    return 0;
  }
  const path = absolute(context, folder ?? '.');
  if (context.fileSystem.find(path).kind === 'absent') context.fileSystem.mkdir(path);
  const because = `an archive was unpacked here whose contents are not known: ${reason}`;
  context.openRegion(context.fileSystem.find(path).path, because);
  context.model(because);
  return 0;
}

function select(context: CommandContext, options: UnzipOptions, entries: readonly ZipEntry[]) {
  const ignoreCase = options.flags.has('C');
  const matcher = (text: string) => {
    const pattern = patternToRegExp(encodeArgument(text), { ignoreCase });
    return { text, matched: false, test: (name: string) => pattern.test(name) };
  };
  const wanted = options.members.map(matcher);
  const unwanted = options.excluded.map(matcher);
  const hits = (list: typeof wanted, name: string) => {
    const hit = list.find(({ test }) => test(name));
    if (hit) hit.matched = true;
    return hit !== undefined;
  };
  const selected = entries.filter(({ name }) => {
    context.checkBudget();
    if (wanted.length > 0 && !hits(wanted, name)) return false;
    return !hits(unwanted, name);
  });
  const lost = (list: typeof wanted) => list.filter(({ matched }) => !matched);
  return {
    entries: selected,
    isMissing: lost(wanted).length > 0,
    cautions: [
      ...lost(wanted).map(({ text }) => `caution: filename not matched:  ${text}\n`),
      ...lost(unwanted).map(({ text }) => `caution: excluded filename not matched:  ${text}\n`),
    ],
  };
}

function list(context: CommandContext, { quiet }: UnzipOptions, entries: readonly ZipEntry[]): number {
  if (quiet < 2) print(context, '  Length      Date    Time    Name\n---------  ---------- -----   ----\n');
  for (const { name, size, mtime } of entries) {
    const [day, time] = new Date(mtime * 1000).toISOString().split('T') as [string, string];
    print(context, `${String(size).padStart(9)}  ${day} ${time.slice(0, 5)}   ${name}\n`);
  }
  const total = entries.reduce((sum, { size }) => sum + size, 0);
  const files = `${entries.length} file${entries.length === 1 ? '' : 's'}`;
  if (quiet < 2)
    print(
      context,
      `---------                     -------\n${String(total).padStart(9)}                     ${files}\n`,
    );
  return 0;
}

async function test(
  context: CommandContext,
  { quiet }: UnzipOptions,
  name: string,
  bytes: Uint8Array,
  entries: readonly ZipEntry[],
): Promise<number> {
  for (const entry of entries) {
    await memberContent(context, bytes, entry);
    if (quiet === 0) print(context, `    testing: ${entry.name.padEnd(22)}   OK\n`);
  }
  if (quiet < 2) printText(context, `No errors detected in compressed data of ${name}.\n`);
  return 0;
}

/** A member's name as a path below the folder, and what was taken off it. */
export function safeName(entry: ZipEntry): { name: string; isAbsolute: boolean; climbs: boolean } {
  if (entry.name.includes('\\')) throw new NotSimulated('`unzip` of names with backslashes is not simulated');
  const parts = entry.name.split('/');
  const kept = parts.filter((part) => part !== '' && part !== '.' && part !== '..');
  return {
    name: decodeArgument(kept.join('/')),
    isAbsolute: entry.name.startsWith('/'),
    climbs: parts.includes('..'),
  };
}

export function refusal(error: unknown): string {
  if (error instanceof PosixError) return error.reason;
  throw error;
}
