import { PosixError } from '../../../filesystem/posix';
import { parentOf } from '../../../layers/path';
import type { CommandContext } from '../command';
import { absolute, findProgram } from '../lookup';

/** Bytes that only a real build makes. */
export function unknownContent(reason: string) {
  return { kind: 'placeholder', size: 0, reason } as const;
}

/**
 * A program that changes more than is known: its run counts as a success, what it prints is not known, and the
 * folders in `regions` may hold other things afterwards. `what` ends the sentence "`npm ci` is modelled: …".
 */
export function change(context: CommandContext, regions: readonly string[], what: string): number {
  const reason = `\`${title(context)}\` is modelled: ${what}`;
  context.model(reason);
  const places = new Set(regions.map((region) => realPlace(context, region)));
  for (const place of places) context.openRegion(place, reason);
  return printUnknown(context, reason);
}

/** A program that only tells something: exact, unless somebody uses what it tells. */
export function query(context: CommandContext): number {
  return printUnknown(context, `what \`${title(context)}\` prints is not known`);
}

function printUnknown(context: CommandContext, reason: string): number {
  if (!context.stdout.isLog) context.stdout.write(unknownContent(reason));
  return 0;
}

/** The name with its first word that is no option: `apt-get install`. */
export function title({ name, args }: CommandContext): string {
  const first = args.find((arg) => !arg.startsWith('-'));
  return first !== undefined && /^[\w:-]{1,30}$/.test(first) ? `${name} ${first}` : name;
}

/** A file made by the program, of which only the place is known. */
export function writeUnknown(context: CommandContext, file: string, reason: string, mode = 0o666): void {
  const path = absolute(file, context.cwd);
  if (path === '/dev/null') return;
  if (file === '-' || path === '/dev/stdout') context.stdout.write(unknownContent(reason));
  else context.fileSystem.write(path, unknownContent(reason), { mode });
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

function realPlace({ fileSystem, cwd }: CommandContext, region: string): string {
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

/** The value of an option written as `-o VALUE`, `-oVALUE`, `--long VALUE` or `--long=VALUE`. */
export function optionValue(args: readonly string[], ...names: string[]): string | undefined {
  for (const [index, arg] of args.entries()) {
    for (const name of names) {
      if (arg === name) return args[index + 1];
      if (name.startsWith('--') && arg.startsWith(`${name}=`)) return arg.slice(name.length + 1);
      if (!name.startsWith('--') && name.length === 2 && arg.startsWith(name)) return arg.slice(2);
    }
  }
  return undefined;
}

export function asksVersion(args: readonly string[]): boolean {
  return args.length > 0 && /^(?:--version|-v|-V|version|--help|-h|help)$/.test(args[0]!);
}
