import type { FileSystemNode, Metadata } from '../layers/change';
import { type ArchiveLocation, type Content, inlineContent } from '../layers/content';
import { quoted } from './fault';
import type { TarEntry } from './tar';

/** What an entry puts. The contents of a file stay where they are, in `archive`. */
export async function nodeOf(entry: TarEntry, archive: ArchiveLocation): Promise<FileSystemNode> {
  const metadata = metadataOf(entry);
  switch (entry.type) {
    case 'file':
      return { kind: 'file', ...metadata, content: await contentOf(entry, archive) };
    case 'directory':
    case 'fifo':
      return { kind: entry.type, ...metadata };
    case 'symlink':
      return { kind: 'symlink', ...metadata, target: entry.linkname };
    case 'character':
    case 'block':
      return { kind: entry.type, ...metadata, major: entry.major, minor: entry.minor };
    default:
      throw new Error(`Cannot place ${quoted(entry.name)}: it is no entry of its own`);
  }
}

export function metadataOf({ mode, uid, gid, mtime, xattrs }: TarEntry): Metadata {
  return xattrs ? { mode, uid, gid, mtime, xattrs } : { mode, uid, gid, mtime };
}

const SMALL_SPARSE = 1024 * 1024;

/**
 * The stored bytes of a file with holes are not its contents, so a small one is kept as it is read; docker
 * and BuildKit never write such files.
 */
async function contentOf(entry: TarEntry, archive: ArchiveLocation): Promise<Content> {
  const { size, sparse, offset } = entry;
  if (!sparse || (sparse.length === 1 && sparse[0]!.length === size))
    return { kind: 'archived', archive, offset, size };
  if (entry.storedSize === 0) return { kind: 'zeros', size };
  if (size > SMALL_SPARSE) {
    return { kind: 'placeholder', size, reason: 'the archive holds this file with holes (GNU sparse)' };
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for await (const part of entry.body()) {
    bytes.set(part, at);
    at += part.length;
  }
  return inlineContent(bytes);
}
