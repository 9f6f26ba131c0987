import type { FetchImage } from '../doors';
import { parseImageAddress } from '../images/image-address';
import { fetchImage, fetchOrKept, type ImagePlace, placeOf } from '../images/image-places';
import type { ImageStore } from '../images/store/image-store';
import type { StoredImage, StoredSource } from '../layers/stored-image';
import { surroundings } from '../platform/surroundings';
import { type CliArguments, UsageError } from './arguments';
import { interruptible } from './interruption';
import { notice } from './notice';

/** Images of engines and registries stay here up to this size; the least recently used go first. */
export const STORE_LIMIT = 10e9;

/** Looks for the images of a Dockerfile where the arguments allow. */
export function imageFetcher(
  { sources }: Pick<CliArguments, 'sources'>,
  store: ImageStore | undefined,
): FetchImage | undefined {
  if (!store || sources.length === 0) return undefined;
  return (reference, platform) =>
    interruptible((signal) => fetchImage(reference, platform, places(sources), store, { signal, kept }));
}

/** The image that `docker://REF` and the like name, brought into the store. Throws `UsageError`. */
export async function fetchAddressed(
  { source, platform, isPlatformGiven }: Pick<CliArguments, 'source' | 'platform' | 'isPlatformGiven'>,
  store: ImageStore | undefined,
): Promise<StoredImage | undefined> {
  const address = parseImageAddress(source);
  if (!address && /^\w+:\/\//.test(source)) {
    const forms = 'docker://REFERENCE, podman://REFERENCE or registry://REFERENCE';
    throw new UsageError(`Cannot read "${source}": images that are no files are written ${forms}`);
  }
  if (!address || !store) return undefined;
  const [place] = places([address.source]);
  const wanted = isPlatformGiven ? platform : undefined;
  try {
    return await interruptible((signal) =>
      fetchOrKept(place!, address.reference, wanted, store, { renews: true, signal, kept }),
    );
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function kept({ name, fetchedAt }: StoredImage, reason: Error): void {
  const day = new Date(fetchedAt).toISOString().slice(0, 10);
  notice(`${reason.message}; ${name} is taken as it was fetched on ${day}`);
}

function places(sources: readonly StoredSource[]): ImagePlace[] {
  return sources.map((source) => placeOf(source, surroundings()));
}
