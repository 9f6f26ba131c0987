import { isArchiveFault } from '../../../archive/fault';
import { readTar } from '../../../archive/tar';
import { type CommandContext, NotSimulated } from '../command';
import { printText } from './input';
import type { ParsedOptions } from './options';
import { exclusionsOf, selectionOf } from './tar-names';

/** `tar -t`: the names of the members; with -v more, which only the build's log may have. */
export async function listArchive(
  context: CommandContext,
  options: ParsedOptions,
  bytes: Uint8Array | undefined,
  reason?: string,
): Promise<number> {
  if (!bytes) {
    if (context.stdout.isLog) return 0;
    throw new NotSimulated(`the contents of the archive are not known: ${reason}`);
  }
  if (options.has('verbose') && !context.stdout.isLog) throw new NotSimulated('`tar -tv` is not simulated');
  const isExcluded = await exclusionsOf(context, options);
  const selection = selectionOf(options);
  try {
    for await (const entry of readTar(chunksOf(bytes))) {
      context.checkBudget();
      if (entry.type === 'note' || isExcluded(entry.name) || !selection.selects(entry.name)) continue;
      // Names are listed as they are in the archive, whatever would be made of them.
      printText(context, `${entry.name}\n`);
    }
  } catch (error) {
    return archiveFault(context, error);
  }
  return reportUnused(context, selection.unused());
}

export async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield bytes;
}

export function reportUnused(context: CommandContext, names: readonly string[], failed = false): number {
  for (const name of names) context.stderr.write(`tar: ${name}: Not found in archive\n`);
  if (names.length === 0 && !failed) return 0;
  context.stderr.write('tar: Exiting with failure status due to previous errors\n');
  return 2;
}

export function archiveFault(context: CommandContext, error: unknown): number {
  if (!isArchiveFault(error)) throw error;
  const { fault } = error as { fault: string };
  if (fault === 'refused') throw new NotSimulated('an archive beyond the limits of the simulation');
  if (fault === 'truncated')
    context.stderr.write('tar: Unexpected EOF in archive\ntar: Error is not recoverable: exiting now\n');
  else
    context.stderr.write(
      'tar: This does not look like a tar archive\ntar: Exiting with failure status due to previous errors\n',
    );
  return 2;
}
