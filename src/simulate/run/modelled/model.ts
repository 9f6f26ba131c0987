import { PosixError } from '../../../filesystem/posix';
import type { FileSystemNode } from '../../../layers/change';
import { parentOf } from '../../../layers/path';
import type { CommandContext } from '../command';
import { absolute, findProgram } from '../lookup';
import { showUnknown, startsUnknown } from '../unknown-text';

/** Bytes that only a real build makes. */
export function unknownContent(reason: string) {
  return { kind: 'placeholder', size: 0, reason } as const;
}

/** Why something is not known: "`npm ci` is modelled: what it installs is not known". */
export function modelledReason(context: CommandContext, what: string, name = title(context)): string {
  return `\`${name}\` is modelled: ${what}`;
}

/** Says of a command on which earlier guess it rests. */
export function restsOnGuess(context: Pick<CommandContext, 'model'>, name: string, guess: string): void {
  context.model(`\`${showUnknown(name)}\` rests on a guess: ${guess}`, guess);
}

interface Extent {
  /** Places (`isOfPlace`) in the regions that it leaves alone. */
  readonly except?: readonly string[];
  readonly title?: string;
}

/**
 * A program that changes more than is known: its run counts as a success, what it prints is not known, and the
 * folders in `regions` may hold other things afterwards. `what` ends the sentence "`npm ci` is modelled: …".
 */
export function change(
  context: CommandContext,
  regions: readonly string[],
  what: string,
  { except, title: name }: Extent = {},
): number {
  const reason = modelledReason(context, what, name);
  const used = usedGuess(context, regions);
  if (used !== undefined) restsOnGuess(context, name ?? title(context), used);
  context.model(reason);
  const places = new Set(regions.map((region) => realPlace(context, region)));
  for (const place of places) context.openRegion(place, reason, except);
  return printUnknown(context, reason);
}

/** The newest guess that the program uses: a file of its arguments that was downloaded, or what is in the folder it works in. */
function usedGuess(context: CommandContext, regions: readonly string[]): string | undefined {
  const { fileSystem, args, cwd } = context;
  for (const arg of args) {
    if (arg.startsWith('-') || arg.includes('://')) continue;
    const node = nodeAt(context, arg);
    if (node?.kind === 'file' && node.content.kind === 'placeholder') return node.content.reason;
  }
  const works = regions.some((region) => region === cwd || region.startsWith(`${cwd}/`));
  return works ? fileSystem.doubtsIn(cwd).at(-1)?.reason : undefined;
}

function nodeAt({ fileSystem, cwd }: CommandContext, path: string): FileSystemNode | undefined {
  try {
    const found = fileSystem.find(absolute(path, cwd));
    return found.kind === 'present' ? found.inode.node : undefined;
  } catch {
    return undefined;
  } finally {
    fileSystem.takeDoubts();
  }
}

/** A program that only tells something, and does not fail: exact, unless somebody uses what it tells. */
export function query(context: CommandContext): number {
  return printUnknown(context, `what \`${title(context)}\` prints is not known`);
}

/** A program that looks whether something holds, which it is taken to do. */
export function lookFor(context: CommandContext): number {
  context.model(`whether \`${shortLine(context)}\` succeeds is not known; it is taken to`);
  return query(context);
}

/** A program that tells something known. */
export function tell(context: CommandContext, text: string): number {
  context.stdout.write(`${text}\n`);
  return 0;
}

/** What only a real build prints; in the log nobody reads it. */
export function printUnknown(context: CommandContext, reason: string): number {
  if (!context.stdout.isLog) context.stdout.write(unknownContent(reason));
  return 0;
}

/** The name with its first word that is no option: `apt-get install`. */
export function title({ name, args }: CommandContext): string {
  const first = args.find((arg) => !arg.startsWith('-'));
  return first !== undefined && /^[\w:-]{1,30}$/.test(first) ? `${name} ${first}` : name;
}

export function shortLine({ name, args }: CommandContext): string {
  const line = showUnknown([name, ...args].join(' '));
  return line.length > 60 ? `${line.slice(0, 60)}…` : line;
}

/** A file made by the program, of which only the place is known. */
export function writeUnknown(context: CommandContext, file: string, reason: string, mode = 0o666): void {
  const path = absolute(file, context.cwd);
  if (path === '/dev/null') return;
  if (file === '-' || path === '/dev/stdout') {
    context.stdout.write(unknownContent(reason));
    return;
  }
  // Text that is not known may be an absolute path.
  if (startsUnknown(file)) context.openRegion('/', reason);
  try {
    context.fileSystem.write(path, unknownContent(reason), { mode });
  } catch (error) {
    if (!(error instanceof PosixError) || error.code !== 'ENOENT') throw error;
    const [doubt] = context.fileSystem.takeDoubts().values();
    if (!doubt) throw error;
    // Its folder may be there, by a guess that came before.
    context.model(doubt.reason);
    context.openRegion(path, reason);
  }
}

/** As `writeUnknown`, for programs that fail with a status of their own when the file cannot be made. */
export function tryWriteUnknown(
  context: CommandContext,
  file: string,
  reason: string,
): PosixError | undefined {
  try {
    writeUnknown(context, file, reason);
    return undefined;
  } catch (error) {
    if (error instanceof PosixError) return error;
    throw error;
  }
}

/** A folder that the program is sure to make, with those on the way to it. */
export function ensureFolder(context: CommandContext, folder: string, mode = 0o777): void {
  const { fileSystem } = context;
  const { uid, gid } = fileSystem.credentials;
  try {
    fileSystem.makeFolders(absolute(folder, context.cwd), { mode: mode & ~fileSystem.umask, uid, gid });
  } catch (error) {
    // Something else is there: the program would fail, or knows a way.
    if (!(error instanceof PosixError)) throw error;
  }
}

function realPlace({ fileSystem, cwd }: CommandContext, region: string): string {
  if (startsUnknown(region)) return '/';
  try {
    return fileSystem.find(absolute(region, cwd)).path;
  } catch {
    return absolute(region, cwd);
  } finally {
    fileSystem.takeDoubts();
  }
}

export function homeOf({ env, fileSystem }: CommandContext): string {
  return env.get('HOME') || (fileSystem.credentials.uid === 0 ? '/root' : '/');
}

/** The folder that a program is installed under: `/usr/local` for `/usr/local/bin/pip`. */
export function prefixOf({ fileSystem, name, env, cwd }: CommandContext): string {
  const found = findProgram(fileSystem, name, { path: env.get('PATH'), cwd });
  return found.kind === 'present' ? parentOf(parentOf(found.path)) : '/usr/local';
}
