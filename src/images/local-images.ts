import type { Engine } from './engine/engine';
import { type EngineImage, listImages, NONE } from './engine/engine-images';
import { type InspectedImage, inspectImage } from './engine/inspect-image';
import { layerSharers } from './engine/shared-layers';

/** An image of an engine, with the other images that stand on the same layers. */
export interface LocalImage extends EngineImage {
  /** What can be asked for: the name, or the ID where it has none. */
  readonly reference: string;
  /** Undefined where the engine could not tell. */
  readonly details: InspectedImage | undefined;
  /** For each layer, the base's first, the names of the other images that have it. */
  readonly sharers: readonly (readonly string[])[];
}

/** Images are asked about at once up to this number. */
const AT_ONCE = 8;

/** The images as `docker images` lists them, each with its layers. Throws `EngineFault`, or the signal's reason. */
export async function localImages(engine: Engine, signal?: AbortSignal): Promise<LocalImage[]> {
  const listed = await listImages(engine, signal);
  const details = new Map<string, InspectedImage>();
  const ids = [...new Set(listed.map(({ id }) => id))];
  const inspectNext = async (): Promise<void> => {
    for (let id = ids.pop(); id !== undefined; id = ids.pop()) {
      // An image may go while its list is read.
      const found = await inspectImage(engine, id, signal).catch(() => undefined);
      signal?.throwIfAborted();
      if (found) details.set(id, found);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, inspectNext));
  const inspected = [...details.values()];
  const sharersOf = layerSharers(inspected);
  const sharers = new Map(inspected.map((image) => [image.id, sharersOf(image)]));
  return listed.map((image) => ({
    ...image,
    reference: referenceOf(image),
    details: details.get(image.id),
    sharers: (sharers.get(image.id) ?? []).map((others) => others.map(nameOf)),
  }));
}

function referenceOf({ repository, tag, id }: EngineImage): string {
  return repository === NONE || tag === NONE ? id : `${repository}:${tag}`;
}

function nameOf({ tags, id }: InspectedImage): string {
  return tags[0] ?? shortId(id);
}

/** As `docker images` shows it. */
export function shortId(id: string): string {
  return id.replace(/^sha256:/, '').slice(0, 12);
}
