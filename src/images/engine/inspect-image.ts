import type { Platform } from '../../layers/image';
import { isObject, type JsonObject, objectOf, objectsOf, textOf, textsOf } from '../json-shape';
import type { Engine } from './engine';
import { labelsOf, numberOf, withAlgorithm } from './engine-answer';
import { EngineFault, telling } from './engine-fault';
import { askImage } from './image-name';

export interface EngineLayer {
  readonly diffId: string;
  /** Where the engine's overlay driver keeps the layer on its machine. */
  readonly folder?: string;
}

/** What `docker image inspect` tells. */
export interface InspectedImage {
  readonly id: string;
  readonly tags: readonly string[];
  readonly digests: readonly string[];
  readonly platform: Platform;
  readonly size: number;
  /** The base's first. */
  readonly layers: readonly EngineLayer[];
  readonly driver: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Platforms of the same name that the engine holds; one, except with the containerd store. */
  readonly platforms: readonly Platform[];
}

/** What `docker image inspect` tells of the image. */
export function inspectImage(
  engine: Engine,
  reference: string,
  signal?: AbortSignal,
): Promise<InspectedImage> {
  return telling(`inspect ${reference} in ${engine.title}`, signal, () =>
    inspected(engine, reference, signal),
  );
}

const INSPECTED_AT_ONCE = 4;

/** The same of many; an image that was removed meanwhile is left out. */
export async function inspectAll(
  engine: Engine,
  references: readonly string[],
  signal?: AbortSignal,
): Promise<InspectedImage[]> {
  const found: (InspectedImage | undefined)[] = [];
  let next = 0;
  const work = async () => {
    for (let index = next++; index < references.length; index = next++) {
      found[index] = await inspectImage(engine, references[index]!, signal).catch(ifMissing);
    }
  };
  await Promise.all(Array.from({ length: INSPECTED_AT_ONCE }, work));
  return found.flatMap((image) => image ?? []);
}

function ifMissing(error: unknown): undefined {
  if (error instanceof EngineFault && error.kind === 'missing') return undefined;
  throw error;
}

/** The same as a step of something larger, which names the act. */
export async function inspected(
  engine: Engine,
  reference: string,
  signal?: AbortSignal,
): Promise<InspectedImage> {
  const query = engine.speaks('1.48') ? '?manifests=1' : '';
  const json = await askImage(engine, reference, (path) => engine.json(`${path}/json${query}`, signal));
  const id = isObject(json) ? textOf(json.Id) : undefined;
  if (!isObject(json) || id === undefined) throw new EngineFault('garbage', 'the answer describes no image');
  const platform = platformOf({ os: json.Os, architecture: json.Architecture, variant: json.Variant });
  const held = objectsOf(json.Manifests)
    .filter((manifest) => manifest.Kind === 'image' && manifest.Available === true)
    .map((manifest) => platformOf(objectOf(objectOf(manifest.ImageData).Platform)));
  const driver = objectOf(json.GraphDriver);
  return {
    id: withAlgorithm(id),
    tags: textsOf(json.RepoTags),
    digests: textsOf(json.RepoDigests),
    platform,
    size: numberOf(json.Size),
    layers: layersOf(textsOf(objectOf(json.RootFS).Layers), objectOf(driver.Data)),
    driver: textOf(driver.Name) ?? '',
    labels: labelsOf(objectOf(json.Config).Labels),
    platforms: held.length > 0 ? held : [platform],
  };
}

/** The overlay driver lists the lower folders from the top down. No other number of folders says whose they are. */
function layersOf(diffIds: readonly string[], { LowerDir, UpperDir }: JsonObject): EngineLayer[] {
  const lower = textOf(LowerDir)?.split(':').filter(Boolean) ?? [];
  const folders = [...lower.reverse(), ...(textOf(UpperDir) ? [textOf(UpperDir)!] : [])];
  if (folders.length !== diffIds.length) return diffIds.map((diffId) => ({ diffId }));
  return diffIds.map((diffId, index) => ({ diffId, folder: folders[index]! }));
}

function platformOf({ os, architecture, variant }: JsonObject): Platform {
  return {
    os: textOf(os) || 'linux',
    architecture: textOf(architecture) || 'amd64',
    ...(textOf(variant) && { variant: textOf(variant)! }),
  };
}
