/**
 * A promise of bytes: plain data that says where they are, so that it crosses threads and costs nothing
 * until somebody reads. `size` is in bytes; `digest` (`sha256:…`) is there once somebody computed it.
 */
export type Content = InlineContent | FileContent | ArchivedContent | ZeroContent | PlaceholderContent;

/** Bytes at hand. */
export interface InlineContent {
  readonly kind: 'inline';
  readonly bytes: Uint8Array;
  readonly size: number;
  /** Why another build would have other bytes here, where it would: an archive holds the times of its files. */
  readonly varies?: string;
  readonly digest?: string;
}

/** A file of the build context, at `file` on this machine (an absolute host path). */
export interface FileContent {
  readonly kind: 'file';
  readonly file: string;
  readonly size: number;
  readonly digest?: string;
}

/** A slice of a tar that lies, compressed or not, in a file on this machine: a layer, or an archive for ADD. */
export interface ArchivedContent {
  readonly kind: 'archived';
  readonly archive: ArchiveLocation;
  /** Where the bytes start in the uncompressed tar. */
  readonly offset: number;
  readonly size: number;
  readonly digest?: string;
}

/** Nothing but zeros, as `truncate` and `dd if=/dev/zero` make: kept as a number, whatever its size. */
export interface ZeroContent {
  readonly kind: 'zeros';
  readonly size: number;
  readonly digest?: string;
}

/** Stands for bytes that only a real build can make. `size` is an estimate, 0 when there is none. */
export interface PlaceholderContent {
  readonly kind: 'placeholder';
  readonly size: number;
  readonly reason: string;
  /** Where it is known without the bytes, as by `ADD --checksum`. */
  readonly digest?: string;
}

export type Compression = 'none' | 'gzip' | 'zstd' | 'bzip2' | 'xz';

/**
 * Where a tar lies: `length` bytes from `offset` in the host file `file`. When that file is itself compressed as a
 * whole (`docker save | gzip`), `wrapped` says how, and `offset` and `length` count its uncompressed bytes.
 */
export interface ArchiveLocation {
  readonly file: string;
  readonly wrapped?: Compression;
  readonly offset: number;
  readonly length: number;
  readonly compression: Compression;
  /** By which more is known of it: places from where it can be unpacked. */
  readonly digest?: string;
}

/** The door through which contents are read. Ranges are in bytes, `end` excluded, clamped to the content. */
export interface ContentReader {
  read(content: Content, range?: { start: number; end: number }): Promise<Uint8Array>;
  /** `sha256:…` of the whole content. Throws for a placeholder without one. */
  digest(content: Content): Promise<string>;
  /** The digests of many, each archive read once. Placeholders without one are left out. */
  digests(contents: Iterable<Content>): Promise<Map<Content, string>>;
}

/** Whether it is not known how many bytes there are. */
export function isSizeUnknown(content: Content): boolean {
  return content.kind === 'placeholder' && content.size === 0;
}

export const EMPTY_CONTENT: InlineContent = { kind: 'inline', bytes: new Uint8Array(0), size: 0 };

export function inlineContent(bytes: Uint8Array | string): InlineContent {
  const data = typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes;
  return { kind: 'inline', bytes: data, size: data.length };
}

/**
 * Whether two contents are the same bytes, when that can be told without reading; `undefined` when it cannot.
 */
export function sameContent(a: Content, b: Content): boolean | undefined {
  if (a === b) return true;
  if (a.kind === 'placeholder' || b.kind === 'placeholder') return undefined;
  if (a.size !== b.size) return false;
  if (a.digest && b.digest) return a.digest === b.digest;
  if (a.kind === 'zeros' && b.kind === 'zeros') return true;
  if (a.kind === 'inline' && b.kind === 'inline')
    return a.bytes.every((byte, index) => byte === b.bytes[index]);
  if (a.kind === 'file' && b.kind === 'file' && a.file === b.file) return true;
  if (a.kind === 'archived' && b.kind === 'archived' && a.offset === b.offset) {
    if (a.archive.file === b.archive.file && a.archive.offset === b.archive.offset) return true;
  }
  return undefined;
}
