import type { ArchiveSlice } from '../archive/compression';
import { changesOf } from '../archive/layer-changes';
import type { Change } from '../layers/change';
import type { ArchiveLocation } from '../layers/content';
import type { PutRows } from '../layers/layer';
import { wrongDigest } from './image-files';
import type { LayerIndex } from './layer-index/index-file';
import { readBlob } from './layer-index/read-blob';
import { UnfoldedColumns } from './layer-index/unfolded';
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
  /** The same for who puts them on a tree. */
  readonly rows?: PutRows;
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
  const { archive, rows, diffId } = await readBlob(blob, doors, { signal });
  return { archive, changes: changesOf(rows, archive), diffId };
}

/** An index out of the cache is unfolded only when somebody asks. */
class LazyLayer implements IndexedLayer {
  readonly archive: ArchiveLocation;
  readonly diffId: string;
  readonly rows: UnfoldedColumns;
  private unfolded: readonly Change[] | undefined;

  constructor(index: LayerIndex, { slice, label, digest, diffId }: LayerBlob) {
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
    this.rows = new UnfoldedColumns(index.columns, this.archive);
  }

  get changes(): readonly Change[] {
    this.unfolded ??= this.rows.changes();
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
