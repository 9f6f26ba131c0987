/**
 * How layer archives spell deletions.
 * https://github.com/opencontainers/image-spec/blob/v1.1.0/layer.md#whiteouts
 */
export const WHITEOUT_PREFIX = '.wh.';
export const OPAQUE_MARKER = '.wh..wh..opq';

/** `.wh.name` is the whiteout of `name`; names with `.wh..wh.` are reserved for the storage driver itself. */
export function whiteoutTarget(name: string): string | undefined {
  if (!name.startsWith(WHITEOUT_PREFIX) || name.length === WHITEOUT_PREFIX.length) return undefined;
  return name.startsWith('.wh..wh.') ? undefined : name.slice(WHITEOUT_PREFIX.length);
}

/** Marks of the storage driver (`.wh..wh.plnk`, `.wh..wh.aufs`) that are neither files nor deletions. */
export function isReservedMarker(name: string): boolean {
  return name.startsWith('.wh..wh.') && name !== OPAQUE_MARKER;
}
