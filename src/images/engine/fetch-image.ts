import { isArchiveFault } from '../../archive/fault';
import { formatPlatform, type Platform } from '../../layers/image';
import type { StoredImage, StoredLayer } from '../../layers/stored-image';
import { bestPlatform, type ImageParts } from '../choose-image';
import { wrongDigest } from '../image-files';
import type { LayerBlob } from '../index-layer';
import { objectOf, textOf } from '../json-shape';
import { chooseAmong } from '../read-image';
import type { ImageStore } from '../store/image-store';
import type { Engine } from './engine';
import { EngineFault, telling } from './engine-fault';
import { askImage, platformQuery } from './image-name';
import { type InspectedImage, inspected } from './inspect-image';
import { type SavedFiles, storeSaved } from './saved-files';

export interface FetchFromEngineOptions {
  readonly signal?: AbortSignal | undefined;
  /** Bytes that came so far, and about how many there will be. */
  readonly progress?: ((at: { readonly done: number; readonly total: number }) => void) | undefined;
}

/**
 * Brings an image that the engine holds into the store, as `docker save` would write it; without a platform the one
 * that the engine prefers. An image of the same ID that is in the store already is not fetched again.
 *
 * Throws `EngineFault`: `Cannot get app:1 from Docker at …: it has no image app:1: …`, or the signal's reason.
 */
export function fetchFromEngine(
  engine: Engine,
  reference: string,
  platform: Platform | undefined,
  store: ImageStore,
  { signal, progress }: FetchFromEngineOptions = {},
): Promise<StoredImage> {
  return telling(`get ${reference} from ${engine.title}`, signal, async () => {
    const image = await inspected(engine, reference, signal);
    const chosen = platformHeld(image, platform, engine);
    const known = await storedBefore(store, engine, { image, reference, chosen });
    if (known) return known;
    const files = await receive(engine, reference, { image, chosen, store, signal, progress });
    const candidate = await chooseAmong(files, { platform: chosen });
    const parts = await candidate.load();
    const record = recordOf(parts, { files, image, name: reference, source: engine.kind, chosen });
    await store.save(record);
    return record;
  });
}

interface Wanted {
  readonly image: InspectedImage;
  readonly chosen: Platform;
}

/** The engine's own name for the platform that fits. */
function platformHeld(image: InspectedImage, wanted: Platform | undefined, engine: Engine): Platform {
  if (!wanted) return image.platform;
  const fitting = bestPlatform(
    image.platforms.map((platform) => ({ platform })),
    wanted,
  );
  if (fitting) return fitting.platform;
  // Before this version the containerd store, which has no folders to show, did not tell what else it holds.
  if (!engine.speaks('1.48') && image.layers.every(({ folder }) => folder === undefined)) return wanted;
  const [has, asked] = [image.platforms.map(formatPlatform).join(', '), formatPlatform(wanted)];
  const next = `pull or build it there with --platform ${asked}`;
  throw new EngineFault('platform', `it has this image for ${has}, not for ${asked}: ${next}`);
}

async function storedBefore(
  store: ImageStore,
  engine: Engine,
  { image, chosen, reference }: Wanted & { readonly reference: string },
): Promise<StoredImage | undefined> {
  const named = await store.find(engine.kind, reference, chosen);
  if (named?.id === image.id && isSame(named.platform, chosen)) return named;
  const other = await store.findById(image.id);
  if (!other || !isSame(other.platform, chosen)) return undefined;
  const record = { ...other, name: reference, source: engine.kind };
  await store.save(record);
  return record;
}

function isSame(a: Platform, b: Platform): boolean {
  return formatPlatform(a) === formatPlatform(b);
}

async function receive(
  engine: Engine,
  reference: string,
  {
    image,
    chosen,
    store,
    signal,
    progress,
  }: Wanted & FetchFromEngineOptions & { readonly store: ImageStore },
): Promise<SavedFiles> {
  const query = engine.speaks('1.48') && image.platforms.length > 1 ? platformQuery(chosen) : '';
  const chunks = await askImage(engine, reference, (path) => engine.stream(`${path}/get${query}`, signal));
  const passing = new Passing(chunks, (done) => progress?.({ done, total: Math.max(image.size, done) }));
  try {
    const expected = new Set(image.layers.map(({ diffId }) => diffId));
    return await storeSaved(passing.chunks(), store.blobs, { expected, signal });
  } catch (error) {
    if (!isArchiveFault(error)) throw error;
    const said = passing.errorAtEnd();
    if (said !== undefined) throw new EngineFault('failed', `it stopped midway: ${said}`, { cause: error });
    const message = `what it sent cannot be read: ${error.message}: try again, and see whether "${engine.kind} save" works`;
    throw new EngineFault('garbage', message, { cause: error });
  }
}

const END = 4096;

/** Counts what passes, and remembers its end: an engine that fails midway writes the reason there, as JSON. */
class Passing {
  private received = 0;
  private last: Uint8Array = new Uint8Array(0);

  constructor(
    private readonly source: AsyncIterable<Uint8Array>,
    private readonly count: (received: number) => void,
  ) {}

  async *chunks(): AsyncGenerator<Uint8Array> {
    for await (const chunk of this.source) {
      this.received += chunk.length;
      this.last = chunk.subarray(-END);
      this.count(this.received);
      yield chunk;
    }
  }

  errorAtEnd(): string | undefined {
    const json = /\{"errorDetail":.*\}/.exec(Buffer.from(this.last).toString())?.[0];
    if (json === undefined) return undefined;
    try {
      return textOf(objectOf(JSON.parse(json)).error);
    } catch {
      return undefined;
    }
  }
}

function recordOf(
  parts: ImageParts,
  {
    files,
    image,
    name,
    source,
    chosen,
  }: Wanted & {
    readonly files: SavedFiles;
    readonly name: string;
    readonly source: StoredImage['source'];
  },
): StoredImage {
  const { configDigest, digest } = parts;
  if (configDigest === undefined) throw new EngineFault('garbage', 'what it sent has no configuration');
  return {
    name,
    source,
    platform: { ...chosen, ...parts.config.platform },
    id: image.id,
    ...(digest !== undefined && digest !== configDigest && { manifestDigest: digest }),
    configDigest,
    layers: parts.layers.map((layer) => layerRecord(layer, files)),
    fetchedAt: Date.now(),
    labels: image.labels,
  };
}

function layerRecord({ slice, label, digest, diffId }: LayerBlob, { blobs }: SavedFiles): StoredLayer {
  const blob = blobs.get(slice.file);
  if (!blob) throw new EngineFault('garbage', `layer ${label} is missing in what it sent`);
  // Where nothing but the diff ID names the layer, it is a plain tar, so that is its digest.
  if (digest === undefined && diffId !== undefined && blob.digest !== diffId) {
    throw wrongDigest(`layer ${diffId}`, blob.digest);
  }
  return { ...blob, ...(diffId !== undefined && { diffId }) };
}
