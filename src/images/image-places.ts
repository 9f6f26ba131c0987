import type { Platform } from '../layers/image';
import type { FetchedImage, StoredImage, StoredSource } from '../layers/stored-image';
import type { EngineKind, Surroundings } from './engine/endpoint';
import { Engine, titleOf } from './engine/engine';
import { EngineFault } from './engine/engine-fault';
import { fetchFromEngine } from './engine/fetch-image';
import { findDocker } from './engine/find-docker';
import { findPodman } from './engine/find-podman';
import { credentialsOnDisk } from './registry/credentials';
import { RegistryFault } from './registry/fault';
import { fetchImage as fetchFromRegistry } from './registry/fetch-image';
import type { ImageStore } from './store/image-store';

export interface FetchOptions {
  readonly signal?: AbortSignal | undefined;
  /** Bytes that came so far, and about how many there will be. */
  readonly progress?: ((at: { readonly done: number; readonly total: number }) => void) | undefined;
  /** Whether a registry is asked even for what came from it lately. */
  readonly renews?: boolean | undefined;
  /** The place cannot be asked, for this reason, and what it gave before is taken. */
  readonly kept?: ((image: StoredImage, reason: Error) => void) | undefined;
}

/** Registries count what they are asked, and tags move rarely: so long an image counts as the newest. */
const NEWEST_FOR = 12 * 3600 * 1000;

/** Somewhere outside that images can be brought from into the store: an engine, the registries. */
export interface ImagePlace {
  readonly source: StoredSource;
  /**
   * Throws an error for the user when the place does not give the image, or the signal's reason.
   */
  fetch(
    reference: string,
    platform: Platform | undefined,
    store: ImageStore,
    options: FetchOptions,
  ): Promise<StoredImage>;
  /** Why it did not give the image, as a clause for a list of such: `Docker does not have it`. */
  clauseFor(error: unknown): string;
}

/**
 * Looks for an image in one place after the other. What a place gave before is taken when it cannot be asked now, so that
 * an engine which is stopped and a journey without a network change nothing. Throws only the signal's reason.
 */
export async function fetchImage(
  reference: string,
  platform: Platform | undefined,
  places: readonly ImagePlace[],
  store: ImageStore,
  options: FetchOptions = {},
): Promise<FetchedImage> {
  const reasons: string[] = [];
  for (const place of places) {
    try {
      return { kind: 'stored', image: await fetchOrKept(place, reference, platform, store, options) };
    } catch (error) {
      options.signal?.throwIfAborted();
      reasons.push(place.clauseFor(error));
    }
  }
  // What a registry gave once, with the user's consent, is here whoever may be asked now.
  const kept = await store.find('registry', reference, platform);
  if (kept) return { kind: 'stored', image: kept };
  return { kind: 'missing', reason: reasons.join(', ') };
}

/** The image from one place, or what it gave before when it cannot be asked. Throws as the place does. */
export async function fetchOrKept(
  place: ImagePlace,
  reference: string,
  platform: Platform | undefined,
  store: ImageStore,
  options: FetchOptions,
): Promise<StoredImage> {
  try {
    return await place.fetch(reference, platform, store, options);
  } catch (error) {
    options.signal?.throwIfAborted();
    const kept = isGone(error) ? undefined : await store.find(place.source, reference, platform);
    if (!kept) throw error;
    options.kept?.(kept, error as Error);
    return kept;
  }
}

/** The place itself says that it has no such image, so what it gave before is the past. */
function isGone(error: unknown): boolean {
  if (!(error instanceof EngineFault || error instanceof RegistryFault)) return false;
  return error.kind === 'missing' || error.kind === 'platform';
}

/** The place of that name on this machine. */
export function placeOf(source: StoredSource, around: Surroundings): ImagePlace {
  return source === 'registry' ? registryPlace(around) : enginePlace(source, around);
}

/** The engine that the program `docker`, or `podman`, would talk to. */
function enginePlace(kind: EngineKind, around: Surroundings): ImagePlace {
  return {
    source: kind,
    async fetch(reference, platform, store, options) {
      const engine = await openEngine(kind, around, options.signal);
      return fetchFromEngine(engine, reference, platform, store, options);
    },
    clauseFor: (error) => engineClause(error, titleOf(kind)),
  };
}

/** The registry that a reference names, with the logins of Docker and Podman. */
function registryPlace({ env, home }: Surroundings): ImagePlace {
  return {
    source: 'registry',
    async fetch(reference, platform, store, { signal, progress, renews }) {
      const known = renews ? undefined : await store.find('registry', reference, platform);
      if (known && Date.now() - known.fetchedAt < NEWEST_FOR) return known;
      return fetchFromRegistry(reference, platform, store, {
        signal,
        credentials: credentialsOnDisk(env, home),
        ...(progress && { progress }),
      });
    },
    clauseFor: (error) => (error as Error).message.replace(/^Cannot get \S+ from (\S+): /, '$1: '),
  };
}

/** Throws `EngineFault`. */
export async function openEngine(
  kind: EngineKind,
  around: Surroundings,
  signal?: AbortSignal,
): Promise<Engine> {
  const address = await (kind === 'docker' ? findDocker(around) : findPodman(around));
  return Engine.open(address, around, signal);
}

function engineClause(error: unknown, title: string): string {
  if (!(error instanceof EngineFault)) return `${title}: ${(error as Error).message}`;
  switch (error.kind) {
    case 'none':
      return `no ${title} engine answers`;
    case 'missing':
      return `${title} does not have it`;
    default:
      // Without the act in front, which the list as a whole tells.
      return `${title}: ${error.message.replace(/^Cannot .*?: /, '')}`;
  }
}
