import { createHash } from 'node:crypto';
import { joined } from '../../archive/byte-feed';
import type { Decompress } from '../../archive/compression';
import { isArchiveFault } from '../../archive/fault';
import { readTar } from '../../archive/tar';
import type { Compression } from '../../layers/content';
import type { Platform } from '../../layers/image';
import { type AskOptions, askRegistries } from './ask-registries';
import { readBlobRange } from './blobs';
import type { Descriptor } from './descriptor';
import { RegistryFault } from './fault';
import { resolveManifest } from './manifests';
import type { Session } from './session';
import { parseTable, type TableEntry } from './table-entries';

/** Of a layer with some hundred thousand entries it is a tenth of this. */
const MOST_BYTES = 256 * 1024 * 1024;

export interface LayerTable {
  readonly digest: string;
  readonly size: number;
  /** `undefined` for a layer without a table. */
  readonly entries: readonly TableEntry[] | undefined;
}

/**
 * What the layers of an image hold, without the layers: eStargz and zstd:chunked ones have a table at their end, and only
 * these bytes are fetched. Throws as `fetchImage` does.
 */
export async function fetchTables(
  reference: string,
  platform: Platform | undefined,
  decompress: Decompress,
  options: AskOptions = {},
): Promise<LayerTable[]> {
  return askRegistries(reference, options, async (session) => {
    const { layers } = await resolveManifest(session, platform);
    const tables: LayerTable[] = [];
    for (const layer of layers) {
      const { digest, size } = layer;
      tables.push({ digest, size, entries: await fetchTable(session, layer, decompress) });
    }
    return tables;
  });
}

/**
 * Whether there is a table is told from the manifest alone. One that the manifest gives no digest of is not read: nothing
 * would vouch for it.
 */
async function fetchTable(
  session: Session,
  layer: Descriptor,
  decompress: Decompress,
): Promise<TableEntry[] | undefined> {
  const place = placeOf(layer);
  if (!place) return undefined;
  try {
    const bytes = await (place.kind === 'chunked'
      ? readChunked(session, layer, place, decompress)
      : readStargz(session, layer, place.digest, decompress));
    return parseTable(JSON.parse(Buffer.from(bytes).toString('utf8')));
  } catch (error) {
    if (isArchiveFault(error) || error instanceof SyntaxError) {
      throw damaged(layer, 'it cannot be unpacked', error);
    }
    throw error;
  }
}

interface Chunked {
  readonly kind: 'chunked';
  readonly digest: string;
  readonly offset: number;
  readonly length: number;
  readonly unpackedLength: number;
}

type Place = Chunked | { readonly kind: 'stargz'; readonly digest: string };

/**
 * https://github.com/containers/storage/blob/v1.59.1/docs/containers-storage-zstd-chunked.md (older tools leave `github` out) and
 * https://github.com/containerd/stargz-snapshotter/blob/v0.16.3/docs/estargz.md
 */
function placeOf({ annotations, size }: Descriptor): Place | undefined {
  const chunked = (name: string) =>
    annotations[`io.github.containers.zstd-chunked.${name}`] ??
    annotations[`io.containers.zstd-chunked.${name}`];
  const digest = chunked('manifest-checksum');
  const [, ...numbers] =
    /^(\d{1,15}):(\d{1,15}):(\d{1,15}):1$/.exec(chunked('manifest-position') ?? '') ?? [];
  const [offset = 0, length = 0, unpackedLength = 0] = numbers.map(Number);
  if (digest !== undefined && length > 0 && offset + length <= size) {
    return { kind: 'chunked', digest, offset, length, unpackedLength };
  }
  const stargz = annotations['containerd.io/snapshot/stargz/toc.digest'];
  return stargz === undefined ? undefined : { kind: 'stargz', digest: stargz };
}

async function readChunked(
  session: Session,
  layer: Descriptor,
  { digest, offset, length, unpackedLength }: Chunked,
  decompress: Decompress,
): Promise<Uint8Array> {
  if (Math.max(length, unpackedLength) > MOST_BYTES) throw tooLarge(layer);
  const packed = await readBlobRange(session, layer, offset, offset + length);
  // Here the digest is of the packed bytes, in eStargz of the unpacked ones.
  check(packed, digest, layer);
  return unpack(packed, 'zstd', { layer, decompress });
}

/** An empty gzip member, whose extra field says where the table begins: `SG`, 16 hexadecimal digits, `STARGZ`. */
const FOOTER = 51;
const TABLE_NAME = 'stargz.index.json';

async function readStargz(
  session: Session,
  layer: Descriptor,
  digest: string,
  decompress: Decompress,
): Promise<Uint8Array> {
  const end = layer.size - FOOTER;
  if (end <= 0) throw damaged(layer, 'there is none');
  const footer = await readBlobRange(session, layer, end, layer.size);
  const [, hex] = /^SG\x16\x00([0-9a-f]{16})STARGZ$/.exec(footer.subarray(12, 38).toString('latin1')) ?? [];
  const offset = hex === undefined ? end : Number.parseInt(hex, 16);
  if (offset >= end) throw damaged(layer, 'there is none');
  if (end - offset > MOST_BYTES) throw tooLarge(layer);
  const packed = await readBlobRange(session, layer, offset, end);
  const tar = await unpack(packed, 'gzip', { layer, decompress });
  for await (const entry of readTar(once(tar))) {
    if (entry.name !== TABLE_NAME) continue;
    const table = tar.subarray(entry.offset, entry.offset + entry.size);
    check(table, digest, layer);
    return table;
  }
  throw damaged(layer, 'there is none');
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function unpack(
  packed: Uint8Array,
  compression: Compression,
  { layer, decompress }: { layer: Descriptor; decompress: Decompress },
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of decompress(once(packed), compression)) {
    parts.push(part);
    size += part.length;
    if (size > MOST_BYTES) throw tooLarge(layer);
  }
  return joined(parts, size);
}

function check(bytes: Uint8Array, digest: string, layer: Descriptor): void {
  const actual = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  if (actual !== digest)
    throw damaged(layer, `its bytes have the digest ${actual}, not ${digest.slice(0, 80)}`);
}

function damaged({ digest }: Descriptor, why: string, cause?: unknown): RegistryFault {
  return new RegistryFault('damaged', `the table of contents of layer ${digest} is damaged: ${why}`, {
    cause,
  });
}

function tooLarge({ digest }: Descriptor): RegistryFault {
  return new RegistryFault('refused', `the table of contents of layer ${digest} is too large`);
}
