import { readFile } from 'node:fs/promises';
import { formatSize } from '../../layers/format';
import type { Platform } from '../../layers/image';
import type { StoredImage } from '../../layers/stored-image';
import { wholePlatform } from '../assemble-image';
import { byPlatform } from '../choose-image';
import { type ConfigFile, parseConfigFile } from '../image-config';
import type { ImageStore } from '../store/image-store';
import { type AskOptions, askRegistries } from './ask-registries';
import { streamBlob } from './blobs';
import type { Descriptor } from './descriptor';
import { RegistryFault } from './fault';
import { type ResolvedManifest, resolveManifest } from './manifests';
import type { Session } from './session';

export interface FetchOptions extends AskOptions {
  /** Bytes of what is not in the store yet. */
  readonly progress?: (at: { readonly done: number; readonly total: number }) => void;
}

/**
 * Has the image of a reference in the store, for the platform or else linux/amd64 where there is a choice. What is there
 * already is not fetched again; of a reference with a digest nothing is asked then.
 *
 * Throws `Cannot get docker.io/library/nope:1 from registry-1.docker.io: …` as a `RegistryFault` with its kind and the next
 * step, or the signal's reason at once.
 */
export async function fetchImage(
  reference: string,
  platform: Platform | undefined,
  store: ImageStore,
  options: FetchOptions = {},
): Promise<StoredImage> {
  if (reference.includes('@')) {
    const known = await store.find('registry', reference, platform);
    if (known) return known;
  }
  const job = { reference, platform, store, progress: options.progress };
  return askRegistries(reference, options, async (session, stop) => {
    const manifest = await resolveManifest(session, platform);
    const known = await store.findById(manifest.digest);
    if (known?.source === 'registry') {
      platformOf(known, manifest, platform);
      return save(store, { ...known, name: reference });
    }
    return fetchBlobs(session, manifest, { ...job, stop });
  });
}

interface Job {
  readonly reference: string;
  readonly platform: Platform | undefined;
  readonly store: ImageStore;
  readonly progress: FetchOptions['progress'];
  /** Ends every request. */
  readonly stop: (reason: unknown) => void;
}

async function save(store: ImageStore, record: Omit<StoredImage, 'fetchedAt'>): Promise<StoredImage> {
  const saved = { ...record, fetchedAt: Date.now() };
  await store.save(saved);
  return saved;
}

const MOST_CONFIG = 16 * 1024 * 1024;

async function fetchBlobs(session: Session, manifest: ResolvedManifest, job: Job): Promise<StoredImage> {
  const { store } = job;
  const { config: configBlob, layers, digest } = manifest;
  checkSizes(manifest, store);
  const wanted = new Map([configBlob, ...layers].map((blob) => [blob.digest, blob]));
  const missing: Descriptor[] = [];
  for (const blob of wanted.values()) {
    if (!(await store.blobs.find(blob.digest, blob.size))) missing.push(blob);
  }
  const count = counter(missing, job.progress);
  const fetch = async (blob: Descriptor) => {
    await store.blobs.put(blob.digest, count(streamBlob(session, blob)), session.signal);
  };
  // The configuration comes first: it tells of a wrong platform before anything large is fetched.
  if (missing[0] === configBlob) await fetch(missing.shift()!);
  const config = await readConfig(store, configBlob);
  const platform = platformOf(config, manifest, job.platform);
  await severalAtOnce(missing, fetch, job.stop);
  const { Labels: labels } = config.config;
  return save(store, {
    name: job.reference,
    source: 'registry',
    platform,
    id: digest,
    manifestDigest: digest,
    configDigest: configBlob.digest,
    layers: layers.map((layer, index) => storedLayer(layer, config.diffIds[index])),
    ...(labels && { labels }),
  });
}

function storedLayer({ digest, size, mediaType }: Descriptor, diffId: string | undefined) {
  return { digest, size, ...(mediaType !== '' && { mediaType }), ...(diffId !== undefined && { diffId }) };
}

function checkSizes({ config, layers }: ResolvedManifest, { limits }: ImageStore): void {
  if (config.size > MOST_CONFIG) {
    throw new RegistryFault('refused', `its configuration is ${formatSize(config.size)} large`);
  }
  const total = layers.reduce((sum, { size }) => sum + size, config.size);
  if (total > limits.bytes) {
    const held = `which may hold ${formatSize(limits.bytes)}`;
    throw new RegistryFault('refused', `its ${formatSize(total)} do not fit into the image store, ${held}`);
  }
}

async function readConfig(store: ImageStore, { digest }: Descriptor): Promise<ConfigFile> {
  const file = await store.blobs.find(digest);
  if (file === undefined)
    throw new RegistryFault('disk', 'its configuration was removed from the image store');
  try {
    return parseConfigFile(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    throw new RegistryFault('damaged', `its configuration ${digest} is not JSON`, { cause: error });
  }
}

/** Throws `RegistryFault` where the image is for another platform than the one that is wanted. */
function platformOf(
  { platform }: Pick<ConfigFile, 'platform'>,
  { isChosen, platform: listed }: ResolvedManifest,
  wanted: Platform | undefined,
): Platform {
  try {
    if (!isChosen) byPlatform([{ platform }], wanted);
  } catch (error) {
    throw new RegistryFault('platform', (error as Error).message, { cause: error });
  }
  return wholePlatform({ ...platform, ...listed });
}

const REPORT_EVERY = 100;

/** Counts what passes through all of the streams, and reports now and then. */
function counter(blobs: readonly Descriptor[], progress: FetchOptions['progress']) {
  const total = blobs.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  let reportedAt = 0;
  return async function* counted(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      done += chunk.length;
      if (done === total || Date.now() - reportedAt >= REPORT_EVERY) {
        reportedAt = Date.now();
        progress?.({ done, total });
      }
      yield chunk;
    }
  };
}

const AT_ONCE = 3;

/** When one fails, `stop` ends the others, and nothing of them goes on after this throws. */
async function severalAtOnce<T>(
  items: readonly T[],
  work: (item: T) => Promise<void>,
  stop: (reason: unknown) => void,
): Promise<void> {
  const queue = [...items];
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  const workers = Array.from({ length: AT_ONCE }, worker);
  try {
    await Promise.all(workers);
  } catch (error) {
    stop(error);
    await Promise.allSettled(workers);
    throw error;
  }
}
