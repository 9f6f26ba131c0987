import { createHash, type Hash } from 'node:crypto';
import { feedOfReads } from '../../archive/byte-feed';
import { type ArchiveSlice, abortable, sniffCompression, unpacked } from '../../archive/compression';
import { ArchiveFault, isArchiveFault } from '../../archive/fault';
import { readLayerRows, type SortedRows } from '../../archive/layer-changes';
import type { ArchiveLocation } from '../../layers/content';
import { splitDigest, wrongDigest } from '../image-files';
import type { LayerBlob } from '../index-layer';
import type { ImageDoors } from '../source';

export interface ReadBlob {
  readonly archive: ArchiveLocation;
  readonly rows: SortedRows;
  readonly diffId: string;
  /** What is still to be compared: of a plain tar its digests, of a packed one that of what it unpacks to. */
  readonly unverified: 'nothing' | 'digests' | 'diffId';
}

export interface ReadBlobOptions {
  readonly signal?: AbortSignal | undefined;
  /** A plain tar from this size on is listed by its headers only, and its digest compared later. */
  readonly plainUnreadFrom?: number;
  /** A packed layer from this size on is listed without hashing what it unpacks to. */
  readonly unhashedFrom?: number;
}

/**
 * The changes of a layer in rows, read in one pass without keeping its bytes, while both digests are computed and compared.
 * Hashing what was unpacked costs a quarter of that pass, several times as much without a processor's help; of a plain
 * tar, whose bodies can be skipped unread, it would be nearly all. Of large layers both can come later.
 */
export async function readBlob(
  blob: LayerBlob,
  doors: ImageDoors,
  options: ReadBlobOptions = {},
): Promise<ReadBlob> {
  try {
    const isPlain = blob.slice.length >= (options.plainUnreadFrom ?? Number.POSITIVE_INFINITY);
    return isPlain && (await isPlainTar(blob.slice, doors))
      ? await readHeaders(blob, doors, options.signal)
      : await readAll(blob, doors, options);
  } catch (error) {
    throw aboutLayer(error, blob.label);
  }
}

async function isPlainTar(slice: ArchiveSlice, doors: ImageDoors): Promise<boolean> {
  return sniffCompression(await doors.read(slice, 0, 6)) === 'none';
}

async function readAll(
  blob: LayerBlob,
  doors: ImageDoors,
  { signal, unhashedFrom = Number.POSITIVE_INFINITY }: ReadBlobOptions,
): Promise<ReadBlob> {
  const packedHash = new StreamHash(blob.digest);
  const packed = packedHash.over(abortable(doors.open(blob.slice), signal));
  const { compression, chunks } = await unpacked(packed, doors.decompress);
  const archive: ArchiveLocation = { ...blob.slice, compression };
  const { digest, diffId } = blob;
  // The digest vouches for the bytes, so what they unpack to can wait until somebody has time.
  const isUnhashed =
    compression !== 'none' &&
    blob.slice.length >= unhashedFrom &&
    digest !== undefined &&
    diffId !== undefined;
  // Of a plain tar both digests are the same, so one pass of hashing does.
  const isSame = compression === 'none' && isSha256(digest);
  const plainHash = isSame || isUnhashed ? undefined : new StreamHash(diffId);
  const tar = plainHash ? plainHash.over(chunks) : chunks;
  const rows = await readLayerRows(tar, archive, { signal });
  if (packedHash.size < blob.slice.length) throw new ArchiveFault('truncated', 'its file ends before it');
  packedHash.check(digest, `layer ${blob.label}`);
  if (isUnhashed) return { archive, rows, diffId, unverified: 'diffId' };
  const hash = plainHash ?? packedHash;
  hash.check(diffId, `layer ${blob.label}`);
  return { archive, rows, diffId: hash.digest, unverified: 'nothing' };
}

async function readHeaders(
  { slice, digest, diffId }: LayerBlob,
  doors: ImageDoors,
  signal: AbortSignal | undefined,
): Promise<ReadBlob> {
  const { length } = slice;
  if ((await doors.read(slice, length - 1, length)).length === 0)
    throw new ArchiveFault('truncated', 'its file ends before it');
  const archive: ArchiveLocation = { ...slice, compression: 'none' };
  const feed = feedOfReads((start, end) => doors.read(slice, start, end), length);
  const rows = await readLayerRows(feed, archive, { signal });
  // Where both are told they have to be the same; where none is, nothing can be compared.
  return { archive, rows, diffId: diffId ?? digest ?? '', unverified: 'digests' };
}

/** Compares the digests of a plain tar that was listed by its headers. */
export async function verifyPlain(
  { slice, digest, diffId, label }: LayerBlob,
  doors: ImageDoors,
  signal?: AbortSignal,
): Promise<void> {
  for (const expected of new Set([digest, diffId])) {
    if (expected === undefined) continue;
    const hash = new StreamHash(expected);
    for await (const _ of hash.over(abortable(doors.open(slice), signal)));
    hash.check(expected, `layer ${label}`);
  }
}

/** Compares the digest of what a layer unpacks to. */
export async function verifyUnpacked({ slice, diffId, label }: LayerBlob, doors: ImageDoors): Promise<void> {
  try {
    const hash = new StreamHash(diffId);
    const { chunks } = await unpacked(doors.open(slice), doors.decompress);
    for await (const _ of hash.over(chunks));
    hash.check(diffId, `layer ${label}`);
  } catch (error) {
    throw aboutLayer(error, label);
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
