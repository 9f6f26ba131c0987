import type { ArchiveSlice } from '../archive/compression';
import type { Change } from '../layers/change';
import type { ArchiveLocation } from '../layers/content';
import { wrongDigest } from './image-files';
import { fromColumns } from './layer-index/columns';
import type { FoundIndex } from './layer-index/indexer';
import { readBlob } from './layer-index/read-blob';
import type { ImageDoors } from './source';

/** A layer as an archive holds it. */
export interface LayerBlob {
  readonly slice: ArchiveSlice;
  /** What a message calls it. */
  readonly label: string;
  /** Of the bytes as they lie there, compressed or not. */
  readonly digest?: string;
  /** Of the uncompressed tar. */
  readonly diffId?: string;
}

export interface IndexedLayer {
  readonly archive: ArchiveLocation;
  readonly changes: readonly Change[];
  readonly diffId: string;
}

/** Layers by digest or diff ID. What it holds was compared with both. */
export type LayerCache = Map<string, Promise<IndexedLayer>>;

export interface IndexLayerOptions {
  readonly signal?: AbortSignal | undefined;
  readonly cache?: LayerCache | undefined;
}

/**
 * The changes of a layer, by the machine's indexer where there is one. A layer in `cache` is not read again; its contents
 * are then looked for where `blob` lies, since offsets count in the uncompressed tar, which its digest vouches for.
 */
export async function indexLayer(
  blob: LayerBlob,
  doors: ImageDoors,
  { signal, cache = new Map() }: IndexLayerOptions = {},
): Promise<IndexedLayer> {
  const key = blob.digest ?? blob.diffId;
  const known = key === undefined ? undefined : cache.get(key);
  // The listing that somebody else began may fail for reasons of theirs: another file, another signal.
  const listed = await known?.catch(() => undefined);
  if (listed) return at(listed, blob.slice);
  const listing = listLayer(blob, doors, signal);
  if (key !== undefined) {
    cache.set(key, listing);
    listing.catch(() => {
      if (cache.get(key) === listing) cache.delete(key);
    });
  }
  return listing;
}

const LARGE = 1024 * 1024;

async function listLayer(
  blob: LayerBlob,
  doors: ImageDoors,
  signal: AbortSignal | undefined,
): Promise<IndexedLayer> {
  // What is unpacked in this thread's memory is of no use to another one, and a small layer is read in less time than
  // a thread takes to start.
  if (doors.indexer && !blob.slice.wrapped && blob.slice.length >= LARGE)
    return new LazyLayer(await doors.indexer.index(blob, signal), blob);
  return readBlob(blob, doors, { signal });
}

/** An index out of the cache is unfolded only when somebody asks. */
class LazyLayer implements IndexedLayer {
  readonly archive: ArchiveLocation;
  readonly diffId: string;
  private unfolded: readonly Change[] | undefined;

  constructor(
    private readonly index: FoundIndex,
    { slice, label, digest, diffId }: LayerBlob,
  ) {
    // An index that was kept knows the digest of its own tar; this image may claim another one.
    if (diffId !== undefined && index.diffId !== diffId)
      throw wrongDigest(`layer ${label}`, `${index.diffId} unpacked, and not ${diffId}`);
    const key = digest ?? diffId;
    this.archive = {
      ...slice,
      compression: index.compression,
      ...(key !== undefined && { digest: key }),
    };
    this.diffId = index.diffId;
    // This thread has nothing else to do while the others list the next layer.
    if (index.isFresh) void this.changes;
  }

  get changes(): readonly Change[] {
    this.unfolded ??= fromColumns(this.index.columns, this.archive);
    return this.unfolded;
  }
}

/** The same listing with its contents in another file. */
function at(listed: IndexedLayer, slice: ArchiveSlice): IndexedLayer {
  const { archive: old } = listed;
  const same = old.file === slice.file && old.offset === slice.offset && old.wrapped === slice.wrapped;
  if (same) return listed;
  const { compression, digest } = old;
  const archive: ArchiveLocation = { ...slice, compression, ...(digest !== undefined && { digest }) };
  const changes = listed.changes.map((change) => {
    if (change.kind !== 'put' || change.node.kind !== 'file') return change;
    const { node } = change;
    if (node.content.kind !== 'archived') return change;
    return { ...change, node: { ...node, content: { ...node.content, archive } } };
  });
  return { archive, diffId: listed.diffId, changes };
}
