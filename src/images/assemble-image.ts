import { ArchiveFault } from '../archive/fault';
import { EXACT } from '../layers/certainty';
import type { Image, Platform } from '../layers/image';
import type { Layer } from '../layers/layer';
import type { ImageParts } from './choose-image';
import type { ConfigFile } from './image-config';
import { type IndexedLayer, type IndexLayerOptions, indexLayer, type LayerBlob } from './index-layer';
import type { ImageDoors } from './source';

/** Lists the layers, several at a time, and puts the history's words to them. */
export async function assembleImage(
  name: string,
  parts: ImageParts,
  doors: ImageDoors,
  options: IndexLayerOptions,
): Promise<Image> {
  const { config, layers, digest } = parts;
  if (config.diffIds.length > 0 && config.diffIds.length !== layers.length) {
    const counts = `${config.diffIds.length} layers, its manifest ${layers.length}`;
    throw new ArchiveFault('damaged', `the image's configuration lists ${counts}`);
  }
  const indexed = await indexLayers(layers, doors, options);
  const words = createdByOf(config, layers.length);
  return {
    name,
    platform: wholePlatform(config.platform),
    config: config.config,
    history: config.history,
    layers: indexed.map((layer, index) => layerOf(layer, words[index] ?? '')),
    ...(digest !== undefined && { digest }),
  };
}

function layerOf(indexed: IndexedLayer, createdBy: string): Layer {
  const { diffId } = indexed;
  return {
    // Unfolded when somebody asks.
    get changes() {
      return indexed.changes;
    },
    ...(indexed.rows && { rows: indexed.rows }),
    certainty: EXACT,
    openRegions: [],
    closes: [],
    createdBy,
    diffId,
  };
}

/** Entries that made no layer say so; where the others do not add up, no layer gets words that are not its own. */
function createdByOf({ history }: ConfigFile, layerCount: number): string[] {
  const entries = history.filter((entry) => entry.empty_layer !== true);
  return entries.length === layerCount ? entries.map((entry) => entry.created_by ?? '') : [];
}

/** What is not said is what images are for mostly. */
export function wholePlatform({
  os = 'linux',
  architecture = 'amd64',
  variant,
}: Partial<Platform>): Platform {
  return variant === undefined ? { os, architecture } : { os, architecture, variant };
}

/** More than there are threads for it, so that none of them waits for its next one. */
const AT_ONCE = 4;

async function indexLayers(
  blobs: readonly LayerBlob[],
  doors: ImageDoors,
  { signal, cache = new Map() }: IndexLayerOptions,
): Promise<IndexedLayer[]> {
  const indexed: IndexedLayer[] = [];
  // The largest first: so the threads come to their end together.
  const order = [...blobs.keys()].sort((a, b) => blobs[b]!.slice.length - blobs[a]!.slice.length);
  const failure = new AbortController();
  const either = signal ? AbortSignal.any([signal, failure.signal]) : failure.signal;
  const work = async () => {
    for (let index = order.shift(); index !== undefined; index = order.shift())
      indexed[index] = await indexLayer(blobs[index]!, doors, { signal: either, cache });
  };
  const workers = Array.from({ length: AT_ONCE }, work);
  try {
    await Promise.all(workers);
    return indexed;
  } catch (error) {
    // Nobody waits for the other layer any more.
    failure.abort(error);
    await Promise.allSettled(workers);
    throw error;
  }
}
