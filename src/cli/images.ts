import type { FetchImage } from '../doors';
import { parseImageAddress } from '../images/image-address';
import { fetchImage, fetchOrKept, type ImagePlace, placeOf } from '../images/image-places';
import type { ImageStore } from '../images/store/image-store';
import type { StoredImage, StoredSource } from '../layers/stored-image';
import { surroundings } from '../platform/surroundings';
import { type CliArguments, UsageError } from './arguments';

/** Images of engines and registries stay here up to this size; the least recently used go first. */
export const STORE_LIMIT = 10e9;

/** Looks for the images of a Dockerfile where the arguments allow. */
export function imageFetcher(
  { sources }: Pick<CliArguments, 'sources'>,
  store: ImageStore | undefined,
): FetchImage | undefined {
  if (!store || sources.length === 0) return undefined;
  return (reference, platform, signal) => fetchImage(reference, platform, places(sources), store, { signal });
}

/** The image that `docker://REF` and the like name, brought into the store. Throws `UsageError`. */
export async function fetchAddressed(
  { source, platform }: Pick<CliArguments, 'source' | 'platform'>,
  store: ImageStore | undefined,
): Promise<StoredImage | undefined> {
  const address = parseImageAddress(source);
  if (!address || !store) return undefined;
  const [place] = places([address.source]);
  // An engine has the platform that it has, and that is the one to look at.
  const wanted = address.source === 'registry' ? platform : undefined;
  try {
    return await fetchOrKept(place!, address.reference, wanted, store, { renews: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function places(sources: readonly StoredSource[]): ImagePlace[] {
  return sources.map((source) => placeOf(source, surroundings()));
}
