import { createHash, type Hash } from 'node:crypto';
import { type ArchiveSlice, abortable, unpacked } from '../archive/compression';
import { ArchiveFault, isArchiveFault } from '../archive/fault';
import { readLayerChanges } from '../archive/layer-changes';
import { readTar } from '../archive/tar';
import type { Change } from '../layers/change';
import type { ArchiveLocation } from '../layers/content';
import { splitDigest, wrongDigest } from './image-files';
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
 * The changes of a layer, read in one pass without keeping its bytes, while both digests are computed and compared.
 * A layer in `cache` is not read again; its contents are then looked for where `blob` lies, since offsets count in
 * the uncompressed tar, which its digest vouches for.
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

async function listLayer(
  blob: LayerBlob,
  doors: ImageDoors,
  signal: AbortSignal | undefined,
): Promise<IndexedLayer> {
  try {
    const packedHash = new StreamHash(blob.digest);
    const packed = packedHash.over(abortable(doors.open(blob.slice), signal));
    const { compression, chunks } = await unpacked(packed, doors.decompress);
    const archive: ArchiveLocation = { ...blob.slice, compression };
    // Of a plain tar both digests are the same, so one pass of hashing does.
    const plainHash =
      compression === 'none' && isSha256(blob.digest) ? undefined : new StreamHash(blob.diffId);
    const tar = plainHash ? plainHash.over(chunks) : chunks;
    const changes = await readLayerChanges(readTar(tar, { signal }), archive);
    if (packedHash.size < blob.slice.length) throw new ArchiveFault('truncated', 'its file ends before it');
    packedHash.check(blob.digest, `layer ${blob.label}`);
    const diffId = (plainHash ?? packedHash).digest;
    (plainHash ?? packedHash).check(blob.diffId, `layer ${blob.label}`);
    return { archive, changes, diffId };
  } catch (error) {
    throw aboutLayer(error, blob.label);
  }
}

function isSha256(digest: string | undefined): boolean {
  return digest?.startsWith('sha256:') ?? false;
}

function aboutLayer(error: unknown, label: string): unknown {
  if (!isArchiveFault(error) || error.message.startsWith('layer ')) return error;
  const { fault, message } = error;
  if (fault === 'truncated') {
    return new ArchiveFault(fault, `it is truncated: layer ${label} ends early`, { cause: error });
  }
  return new ArchiveFault(fault, `layer ${label} cannot be read: ${message}`, { cause: error });
}

/** Hashes what passes, by the algorithm of the digest that is expected. */
class StreamHash {
  size = 0;
  private readonly algorithm: string;
  private readonly hash: Hash;
  private result: string | undefined;

  constructor(expected: string | undefined) {
    this.algorithm = expected === undefined ? 'sha256' : splitDigest(expected).algorithm;
    this.hash = createHash(this.algorithm);
  }

  async *over(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      this.hash.update(chunk);
      this.size += chunk.length;
      yield chunk;
    }
  }

  get digest(): string {
    this.result ??= `${this.algorithm}:${this.hash.digest('hex')}`;
    return this.result;
  }

  check(expected: string | undefined, what: string): void {
    if (expected !== undefined && this.digest !== expected) throw wrongDigest(what, this.digest);
  }
}

/** The same listing with its contents in another file. */
function at(listed: IndexedLayer, slice: ArchiveSlice): IndexedLayer {
  const { archive: old } = listed;
  const same = old.file === slice.file && old.offset === slice.offset && old.wrapped === slice.wrapped;
  if (same) return listed;
  const archive: ArchiveLocation = { ...slice, compression: old.compression };
  const changes = listed.changes.map((change) => {
    if (change.kind !== 'put' || change.node.kind !== 'file') return change;
    const { node } = change;
    if (node.content.kind !== 'archived') return change;
    return { ...change, node: { ...node, content: { ...node.content, archive } } };
  });
  return { ...listed, archive, changes };
}
