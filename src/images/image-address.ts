import type { StoredSource } from '../layers/stored-image';

/** An image in an engine or a registry, as `docker://REF`, `podman://REF` or `registry://REF` name it. */
export interface ImageAddress {
  readonly source: StoredSource;
  readonly reference: string;
}

/** `docker://node:20` → its parts; `undefined` for anything else, which is a path. */
export function parseImageAddress(text: string): ImageAddress | undefined {
  const [, source, reference] = /^(docker|podman|registry):\/\/(.+)$/s.exec(text) ?? [];
  if (source === undefined || reference === undefined) return undefined;
  return { source: source as StoredSource, reference };
}

export function imageAddress({ source, reference }: ImageAddress): string {
  return `${source}://${reference}`;
}
