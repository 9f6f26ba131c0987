import type { FileSystemNode, Metadata } from '../layers/change';
import type { ArchiveLocation } from '../layers/content';
import { quoted } from './fault';
import type { TarEntry } from './tar';
import { metadataOf, nodeOf } from './tar-node';

/** An entry of an archive that is to be unpacked, with its name as written. The order of entries counts. */
export type ArchiveEntry =
  | { readonly kind: 'put'; readonly name: string; readonly node: FileSystemNode }
  | {
      readonly kind: 'hardlink';
      readonly name: string;
      readonly target: string;
      /** What the header says of the linked file: unpacking gives it to the file anew. */
      readonly metadata: Metadata;
    }
  /** What unpacking stops at: why, in the words of Go's archive reader. */
  | { readonly kind: 'fault'; readonly message: string };

/** The types that the builder's unpacker knows; the older spellings of a file, with holes or contiguous, it does not. */
const KNOWN_TYPES = new Set(['\0', '0', '1', '2', '3', '4', '5', '6']);

/** All entries of a tar up to the first that the builder does not unpack. Throws `ArchiveFault`. */
export async function readArchiveEntries(
  entries: AsyncIterable<TarEntry>,
  archive: ArchiveLocation,
): Promise<ArchiveEntry[]> {
  const found: ArchiveEntry[] = [];
  for await (const entry of entries) {
    if (!KNOWN_TYPES.has(entry.typeFlag)) {
      const code = entry.typeFlag.charCodeAt(0);
      found.push({ kind: 'fault', message: `unhandled tar header type ${code} of ${quoted(entry.name)}` });
      break;
    }
    const { name } = entry;
    if (entry.type === 'hardlink')
      found.push({ kind: 'hardlink', name, target: entry.linkname, metadata: metadataOf(entry) });
    else found.push({ kind: 'put', name, node: await nodeOf(entry, archive) });
  }
  return found;
}
