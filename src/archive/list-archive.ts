import type { ArchiveLocation } from '../layers/content';
import { type ArchiveEntry, readArchiveEntries } from './archive-entries';
import { type ArchiveDoors, type ArchiveSlice, abortable, unpacked } from './compression';
import { isArchiveFault } from './fault';
import { readTar } from './tar';

/** How the builder's own reader of archives is more lenient. */
const AS_THE_BUILDER = { unknownTypes: 'given', cutPadding: 'taken' } as const;

/** What ADD would unpack from the tar at `slice`, packed or not. Throws `ArchiveFault`. */
export async function listArchive(
  slice: ArchiveSlice,
  doors: ArchiveDoors,
  options: { readonly signal?: AbortSignal } = {},
): Promise<ArchiveEntry[]> {
  const { compression, chunks } = await unpacked(
    abortable(doors.open(slice), options.signal),
    doors.decompress,
  );
  return readArchiveEntries(readTar(chunks, { ...options, ...AS_THE_BUILDER }), {
    ...slice,
    compression,
  });
}

/**
 * Where the tar is that ADD would unpack, or `undefined` when the builder would copy the file: a tar is told by
 * its first entry, behind gzip, bzip2, xz or zstd, and never by its name.
 */
export async function findArchive(
  slice: ArchiveSlice,
  doors: ArchiveDoors,
): Promise<ArchiveLocation | undefined> {
  try {
    const { compression, chunks } = await unpacked(doors.open(slice), doors.decompress);
    for await (const _ of readTar(chunks, AS_THE_BUILDER)) return { ...slice, compression };
    return undefined;
  } catch (error) {
    if (isArchiveFault(error)) return undefined;
    throw error;
  }
}
