import { readFile } from 'node:fs/promises';
import { ArchiveFault } from '../../archive/fault';
import { readTar, type TarEntry } from '../../archive/tar';
import type { ImageFiles } from '../image-files';
import type { BlobStore } from '../store/blob-store';
import { cleanedName, followLinks } from '../tar-files';

export interface StoreSavedOptions {
  /** Digests that the image is known to have: a file named after one of them is that blob. */
  readonly expected: ReadonlySet<string>;
  readonly signal?: AbortSignal | undefined;
}

export interface StoredBlob {
  readonly digest: string;
  readonly size: number;
}

/** The files of a saved image, whose larger ones are in the store now. */
export interface SavedFiles extends ImageFiles {
  /** What a path in the store holds. */
  readonly blobs: ReadonlyMap<string, StoredBlob>;
}

type Found =
  | { readonly type: 'file'; readonly linkname: ''; readonly file: string; readonly size: number }
  | { readonly type: 'symlink' | 'hardlink'; readonly linkname: string };

/** An image has some ten files a layer. */
const MAX_FILES = 100_000;
/** The lists of what the archive holds: not part of the image, so they stay in memory. */
const LISTS: ReadonlySet<string> = new Set(['manifest.json', 'index.json', 'oci-layout']);
const MAX_LIST = 16 * 1024 * 1024;

/**
 * Puts the blobs of the archive that an engine saves into the store as they pass, by their digests, and gives its files
 * as a reader of images wants them. What is in the store already is not written again; what is written stays when the
 * archive ends early, so that trying again goes on from there.
 *
 * Throws `ArchiveFault`, what the chunks throw, or the signal's reason.
 */
export async function storeSaved(
  chunks: AsyncIterable<Uint8Array>,
  store: BlobStore,
  options: StoreSavedOptions,
): Promise<SavedFiles> {
  const entries = new Map<string, Found>();
  const blobs = new Map<string, StoredBlob>();
  const lists = new Map<string, Uint8Array>();
  for await (const entry of readTar(chunks, { maxEntries: MAX_FILES, signal: options.signal })) {
    const name = cleanedName(entry.name);
    if (entry.type === 'symlink' || entry.type === 'hardlink') {
      entries.set(name, { type: entry.type, linkname: entry.linkname });
    } else if (entry.type === 'file' && LISTS.has(name)) {
      lists.set(name, await wholeBody(entry));
      entries.set(name, { type: 'file', linkname: '', file: name, size: entry.size });
    } else if (entry.type === 'file' && !isForOldEngines(name)) {
      const { file, ...blob } = await storeEntry(
        entry,
        digestIn(name, options.expected),
        store,
        options.signal,
      );
      blobs.set(file, blob);
      entries.set(name, { type: 'file', linkname: '', file, size: blob.size });
    }
  }
  return {
    blobs,
    find: async (name) => {
      const found = followLinks(entries, name);
      return found?.type === 'file' ? { file: found.file, offset: 0, length: found.size } : undefined;
    },
    doors: {
      read: async ({ file }, start, end) => (lists.get(file) ?? (await readFile(file))).subarray(start, end),
    },
  };
}

async function storeEntry(
  entry: TarEntry,
  digest: string | undefined,
  store: BlobStore,
  signal: AbortSignal | undefined,
): Promise<StoredBlob & { readonly file: string }> {
  if (digest === undefined) return store.add(entry.body(), signal);
  const known = await store.find(digest, entry.size);
  const file = known ?? (await store.put(digest, entry.body(), signal));
  return { digest, size: entry.size, file };
}

async function wholeBody(entry: TarEntry): Promise<Uint8Array> {
  if (entry.size > MAX_LIST) throw new ArchiveFault('refused', `${entry.name} is ${entry.size} bytes long`);
  const chunks: Uint8Array[] = [];
  for await (const chunk of entry.body()) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The description of each layer that Docker read before 1.10. */
function isForOldEngines(name: string): boolean {
  return name === 'repositories' || /(^|\/)(VERSION|json)$/.test(name);
}

/**
 * `blobs/sha256/HEX` and the configuration `HEX.json` have the digest in their names, Podman's layers `HEX.tar` as well.
 * Docker before 25 named `ID/layer.tar` after something else, so that one is hashed first.
 */
function digestIn(name: string, expected: ReadonlySet<string>): string | undefined {
  const [, algorithm, blob] = /^blobs\/(sha256|sha384|sha512)\/([0-9a-f]{64,128})$/.exec(name) ?? [];
  if (blob !== undefined) return `${algorithm}:${blob}`;
  const [, hex, kind] = /^([0-9a-f]{64})\.(json|tar)$/.exec(name) ?? [];
  const digest = `sha256:${hex}`;
  return hex !== undefined && (kind === 'json' || expected.has(digest)) ? digest : undefined;
}
