import { createHash, type Hash } from 'node:crypto';
import type { ArchivedContent, Content } from '../layers/content';

/** Between two files that lie further apart, a plain archive is better opened anew than read through. */
const WIDEST_GAP = 8 * 1024 * 1024;

/**
 * Hashes slices of one archive into `digests`, in one pass over its uncompressed bytes, which `open` gives from
 * any position (of a plain archive without reading what comes before).
 */
export async function digestSlices(
  contents: readonly ArchivedContent[],
  digests: Map<Content, string>,
  open: (start: number, end: number) => AsyncIterable<Uint8Array>,
): Promise<void> {
  const sorted = [...contents].sort((a, b) => a.offset - b.offset);
  const canSeek = sorted[0]?.archive.compression === 'none';
  for (let first = 0; first < sorted.length; ) {
    let end = endOf(sorted[first]!);
    let next = first + 1;
    while (next < sorted.length && (!canSeek || sorted[next]!.offset <= end + WIDEST_GAP)) {
      end = Math.max(end, endOf(sorted[next]!));
      next++;
    }
    const start = sorted[first]!.offset;
    await digestRun(sorted.slice(first, next), digests, { start, chunks: open(start, end) });
    first = next;
  }
}

function endOf({ offset, size }: ArchivedContent): number {
  return offset + size;
}

interface Pending {
  readonly content: ArchivedContent;
  readonly hash: Hash;
}

async function digestRun(
  sorted: readonly ArchivedContent[],
  digests: Map<Content, string>,
  { start, chunks }: { start: number; chunks: AsyncIterable<Uint8Array> },
): Promise<void> {
  let at = start;
  let next = 0;
  let open: Pending[] = [];
  const advance = (chunk: Uint8Array) => {
    const end = at + chunk.length;
    while (next < sorted.length && sorted[next]!.offset <= end) {
      open.push({ content: sorted[next++]!, hash: createHash('sha256') });
    }
    const unfinished: Pending[] = [];
    for (const pending of open) {
      const { content, hash } = pending;
      hash.update(chunk.subarray(Math.max(0, content.offset - at), Math.max(0, endOf(content) - at)));
      if (endOf(content) <= end) digests.set(content, `sha256:${hash.digest('hex')}`);
      else unfinished.push(pending);
    }
    open = unfinished;
    at = end;
  };
  // Empty files need no bytes, also where an archive ends with them.
  advance(new Uint8Array(0));
  for await (const chunk of chunks) advance(chunk);
  const missing = open[0]?.content ?? sorted[next];
  if (missing)
    throw new Error(`Cannot read "${missing.archive.file}": it is shorter than when it was listed`);
}
