import { posix } from 'node:path';
import { feedOfReads } from '../archive/byte-feed';
import type { ArchiveSlice } from '../archive/compression';
import { ArchiveFault, isArchiveFault } from '../archive/fault';
import { readTar, type TarEntry } from '../archive/tar';
import type { Compression } from '../layers/content';
import type { ImageFiles } from './image-files';
import type { ImageDoors } from './source';

export interface TarFilesOptions {
  readonly size: number;
  readonly compression: Compression;
  readonly signal?: AbortSignal | undefined;
}

type Found = Pick<TarEntry, 'type' | 'offset' | 'size' | 'linkname'>;

/** The tar is read by its headers only: what lies between them is skipped without reading, unless it is compressed. */
export async function openTarFiles(
  file: string,
  doors: ImageDoors,
  options: TarFilesOptions,
): Promise<ImageFiles> {
  const whole = wholeOf(file, options);
  const entries = new Map<string, Found>();
  let last: TarEntry | undefined;
  try {
    for await (const entry of entriesOf(whole, doors, options)) {
      last = entry;
      const { type, offset, size, linkname } = entry;
      if (type === 'note' || type === 'directory') continue;
      entries.set(cleanedName(entry.name), { type, offset, size, linkname });
    }
  } catch (error) {
    throw await aboutLayer(error, last, (start, end) => doors.read(whole, start, end));
  }
  return {
    doors,
    find: async (name) => {
      const found = followLinks(entries, name);
      return found && { ...whole, offset: found.offset, length: found.size };
    },
  };
}

function wholeOf(file: string, { compression, size }: TarFilesOptions): ArchiveSlice {
  if (compression === 'none') return { file, offset: 0, length: size };
  return { file, offset: 0, length: Number.MAX_SAFE_INTEGER, wrapped: compression };
}

/** An image has some ten files a layer. */
const MAX_FILES = 100_000;

export function entriesOf(
  whole: ArchiveSlice,
  doors: ImageDoors,
  { signal }: { readonly signal?: AbortSignal | undefined },
): AsyncIterable<TarEntry> {
  const source = whole.wrapped
    ? doors.open(whole)
    : feedOfReads((start, end) => doors.read(whole, start, end), whole.length);
  return readTar(source, { maxEntries: MAX_FILES, signal });
}

/** The name as a path from the archive's root, which nothing leads out of. */
export function cleanedName(name: string): string {
  return posix.join('/', name).slice(1).replace(/\/$/, '');
}

/** Podman and old engines link layers to each other; the way leads at most from link to link to file. */
export function followLinks<T extends Pick<TarEntry, 'type' | 'linkname'>>(
  entries: ReadonlyMap<string, T>,
  name: string,
): T | undefined {
  let at = cleanedName(name);
  for (let hops = 0; hops < 8; hops++) {
    const found = entries.get(at);
    if (found?.type === 'hardlink') at = cleanedName(found.linkname);
    else if (found?.type === 'symlink') at = cleanedName(posix.join(posix.dirname(at), found.linkname));
    else return found?.type === 'file' ? found : undefined;
  }
  return undefined;
}

/** In a half-written archive the manifest is not there yet; the name and first bytes tell that it was a layer. */
async function aboutLayer(
  error: unknown,
  entry: TarEntry | undefined,
  read: (start: number, end: number) => Uint8Array | Promise<Uint8Array>,
): Promise<unknown> {
  if (!isArchiveFault(error) || error.fault !== 'truncated' || !entry) return error;
  const name = cleanedName(entry.name);
  const blob = /^blobs\/(\w+)\/([0-9a-f]{64,128})$/.exec(name);
  if (!blob && !name.endsWith('.tar')) return error;
  const [first] = await read(entry.offset, entry.offset + 1);
  if (first === undefined || first === 0x7b) return error;
  const layer = blob ? `${blob[1]}:${blob[2]}` : name;
  return new ArchiveFault('truncated', `it is truncated: layer ${layer} ends early`, { cause: error });
}
