import type { Change } from '../layers/change';
import type { ArchiveLocation } from '../layers/content';
import { feedOfChunks } from './byte-feed';
import { type ArchiveDoors, type ArchiveSlice, abortable, unpacked } from './compression';
import { isArchiveFault } from './fault';
import { type LayerChangesOptions, readLayerChanges } from './layer-changes';
import { readTar } from './tar';
import { BLOCK, hasRightChecksum, isZeroBlock } from './tar-header';

export interface ArchiveListing {
  readonly archive: ArchiveLocation;
  /** In path order. */
  readonly changes: Change[];
}

/**
 * What lies in the tar at `slice`, packed or not. Names with `.wh.` are whiteouts unless `whiteouts` is `ordinary`.
 * Throws `ArchiveFault`.
 */
export async function listArchive(
  slice: ArchiveSlice,
  doors: ArchiveDoors,
  options: LayerChangesOptions & { readonly signal?: AbortSignal } = {},
): Promise<ArchiveListing> {
  const { compression, chunks } = await unpacked(
    abortable(doors.open(slice), options.signal),
    doors.decompress,
  );
  const archive: ArchiveLocation = { ...slice, compression };
  return { archive, changes: await readLayerChanges(readTar(chunks, options), archive, options) };
}

/**
 * Where the tar is that ADD would unpack, or `undefined` when the builder would copy the file: a tar is told by
 * its first header, behind gzip, bzip2, xz or zstd, and never by its name.
 */
export async function findArchive(
  slice: ArchiveSlice,
  doors: ArchiveDoors,
): Promise<ArchiveLocation | undefined> {
  try {
    const { compression, chunks } = await unpacked(doors.open(slice), doors.decompress);
    const feed = feedOfChunks(chunks);
    const head = await feed.take(BLOCK).finally(() => feed.close());
    const isTar = head.length === BLOCK && !isZeroBlock(head) && hasRightChecksum(head);
    return isTar ? { ...slice, compression } : undefined;
  } catch (error) {
    if (isArchiveFault(error)) return undefined;
    throw error;
  }
}
