import type { Platform } from '../../layers/image';
import { isObject, type JsonObject, objectsOf, textOf } from '../json-shape';

/** Where an image in the store came from. */
export type StoredSource = 'registry' | 'docker' | 'podman';

export interface StoredLayer {
  /** Of the bytes in the store, compressed or not. */
  readonly digest: string;
  /** Of the uncompressed tar. */
  readonly diffId?: string;
  readonly mediaType?: string;
  readonly size: number;
}

/** An image whose blobs are in the store: what `docker image inspect` and a manifest tell, base layer first. */
export interface StoredImage {
  /** The reference as it was asked for. */
  readonly name: string;
  readonly source: StoredSource;
  readonly platform: Platform;
  /** As the source shows it: an engine's image ID, or of a registry the manifest's digest. */
  readonly id: string;
  readonly manifestDigest?: string;
  readonly configDigest: string;
  readonly layers: readonly StoredLayer[];
  /** Milliseconds since 1970. */
  readonly fetchedAt: number;
  readonly labels?: Readonly<Record<string, string>>;
}

const SOURCES: ReadonlySet<string> = new Set<StoredSource>(['registry', 'docker', 'podman']);

/** The record in a file; undefined for what another version, or nobody, wrote. */
export function parseStoredImage(text: string): StoredImage | undefined {
  const json = parsed(text);
  const { platform, layers, fetchedAt } = json;
  const isWhole =
    SOURCES.has(json.source as string) &&
    [json.name, json.id, json.configDigest].every((field) => typeof field === 'string') &&
    (json.manifestDigest === undefined || typeof json.manifestDigest === 'string') &&
    isObject(platform) &&
    textOf(platform.os) !== undefined &&
    textOf(platform.architecture) !== undefined &&
    typeof fetchedAt === 'number' &&
    Array.isArray(layers) &&
    objectsOf(layers).length === layers.length &&
    objectsOf(layers).every(({ digest, size }) => typeof digest === 'string' && typeof size === 'number');
  return isWhole ? (json as unknown as StoredImage) : undefined;
}

function parsed(text: string): JsonObject {
  try {
    const json: unknown = JSON.parse(text);
    return isObject(json) ? json : {};
  } catch {
    return {};
  }
}
