import type { StoredImage, StoredSource } from '../../layers/stored-image';
import { isDigest } from '../image-files';
import { isObject, type JsonObject, objectsOf, textOf } from '../json-shape';

const SOURCES: ReadonlySet<string> = new Set<StoredSource>(['registry', 'docker', 'podman']);

/** The record in a file; undefined for what another version, or nobody, wrote. */
export function parseStoredImage(text: string): StoredImage | undefined {
  const json = parsed(text);
  const { platform, layers, fetchedAt } = json;
  const isWhole =
    SOURCES.has(json.source as string) &&
    [json.name, json.id, json.configDigest].every((field) => typeof field === 'string') &&
    isDigest(json.configDigest as string) &&
    (json.manifestDigest === undefined || typeof json.manifestDigest === 'string') &&
    isObject(platform) &&
    textOf(platform.os) !== undefined &&
    textOf(platform.architecture) !== undefined &&
    typeof fetchedAt === 'number' &&
    Array.isArray(layers) &&
    objectsOf(layers).length === layers.length &&
    objectsOf(layers).every(
      ({ digest, size }) => typeof digest === 'string' && isDigest(digest) && typeof size === 'number',
    );
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
