import type { Platform } from './image';

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

/** What came of looking for an image. */
export type FetchedImage =
  | { readonly kind: 'stored'; readonly image: StoredImage }
  /** A clause: `Docker does not have it, no Podman engine answers`. */
  | { readonly kind: 'missing'; readonly reason: string };
