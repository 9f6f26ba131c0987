import { splitDigest } from '../image-files';
import { type JsonObject, objectOf, textOf } from '../json-shape';
import { RegistryFault } from './fault';

/** https://github.com/opencontainers/image-spec/blob/v1.1.0/descriptor.md */
export interface Descriptor {
  readonly digest: string;
  readonly size: number;
  readonly mediaType: string;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Throws a `RegistryFault` where the digest could not be checked or the size is no size. */
export function descriptorOf(json: JsonObject): Descriptor {
  const { size } = json;
  const digest = textOf(json.digest) ?? '';
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
    throw new RegistryFault('damaged', 'its manifest has a blob without a size');
  }
  try {
    splitDigest(digest);
  } catch (error) {
    throw new RegistryFault('damaged', `in its manifest ${(error as Error).message}`, { cause: error });
  }
  const annotations = Object.entries(objectOf(json.annotations)).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return {
    digest,
    size,
    mediaType: textOf(json.mediaType) ?? '',
    annotations: Object.fromEntries(annotations),
  };
}
