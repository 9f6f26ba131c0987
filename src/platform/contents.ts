import type { ArchivedContent, ArchiveLocation, Content, ContentReader } from '../layers/content';
import { cut, HostArchives, versionOf } from './archive-bytes';
import { CheckpointStore, type FindCheckpoints } from './checkpoints/checkpoint-store';
import { digestSlices } from './digests';
import { readFileRange, streamFileRange } from './files';
import { sha256 } from './hash';
import { InflatedArchives } from './inflated';

export interface HostContentsOptions {
  /** Bytes of unpacked archives that may stay in memory, 128 MiB unless given. */
  readonly cacheSize?: number;
  /** Without it, what is too large to be held is unpacked from its start for each read. */
  readonly findCheckpoints?: FindCheckpoints | undefined;
}

/** The contents of files on this machine and of slices of archives. Any number of reads may go on at once. */
export function hostContents(
  archives: HostArchives = new HostArchives(),
  options: HostContentsOptions = {},
): ContentReader {
  return new HostContents(archives, options);
}

/** More than this has to be read in ranges. */
const MAX_READ = 1024 * 1024 * 1024;

class HostContents implements ContentReader {
  private readonly inflated: InflatedArchives;
  private readonly checkpoints: CheckpointStore;

  constructor(
    private readonly archives: HostArchives,
    { cacheSize = 128 * 1024 * 1024, findCheckpoints = async () => undefined }: HostContentsOptions,
  ) {
    this.inflated = new InflatedArchives(cacheSize);
    this.checkpoints = new CheckpointStore(findCheckpoints);
  }

  async read(content: Content, range?: { start: number; end: number }): Promise<Uint8Array> {
    const start = clamp(range?.start ?? 0, content.size);
    const end = Math.max(start, clamp(range?.end ?? content.size, content.size));
    if (end - start > MAX_READ)
      throw new Error(`Cannot read ${end - start} bytes at once: ask for a part of them`);
    switch (content.kind) {
      case 'inline':
        return new Uint8Array(content.bytes.subarray(start, end));
      case 'zeros':
        return new Uint8Array(end - start);
      case 'placeholder':
        throw unreadable(content.reason);
      case 'file':
        return whole(await readFileRange(content.file, start, end), end - start, content.file);
      case 'archived': {
        const { archive, offset } = content;
        const bytes = await this.readArchive(archive, offset + start, offset + end);
        return whole(bytes, end - start, archive.file);
      }
      default:
        content satisfies never;
        throw new Error('Cannot read a content of a kind that is not known');
    }
  }

  async digest(content: Content): Promise<string> {
    if (content.kind === 'placeholder' && !content.digest) throw unreadable(content.reason);
    const digest = (await this.digests([content])).get(content);
    if (digest === undefined) throw new Error('Cannot compute a digest: nothing was read');
    return digest;
  }

  async digests(contents: Iterable<Content>): Promise<Map<Content, string>> {
    const digests = new Map<Content, string>();
    const byArchive = new Map<string, ArchivedContent[]>();
    for (const content of contents) {
      if (digests.has(content)) continue;
      if (content.digest) digests.set(content, content.digest);
      else if (content.kind === 'placeholder') continue;
      else if (content.kind === 'archived') {
        const key = keyOf(content.archive);
        const group = byArchive.get(key);
        if (group) group.push(content);
        else byArchive.set(key, [content]);
      } else digests.set(content, await sha256(streamOf(content)));
    }
    for (const group of byArchive.values()) {
      const { archive } = group[0]!;
      await digestSlices(group, digests, (start, end) => this.streamArchive(archive, start, end));
    }
    return digests;
  }

  private async readArchive(archive: ArchiveLocation, start: number, end: number): Promise<Uint8Array> {
    if (end <= start) return new Uint8Array(0);
    if (archive.compression === 'none') return this.archives.read(archive, start, end);
    const near = await this.readNear(archive, start, end);
    if (near) return near;
    const { compression } = archive;
    const key = (await versionOf(archive.file)) + keyOf(archive);
    const held = await this.inflated.get(key, () =>
      this.archives.decompress(this.archives.open(archive), compression),
    );
    if (held) return held.slice(start, end);
    const parts: Uint8Array[] = [];
    for await (const part of this.streamArchive(archive, start, end)) parts.push(part);
    return new Uint8Array(Buffer.concat(parts));
  }

  /** From the checkpoint before it, where there is one. */
  private async readNear(
    archive: ArchiveLocation,
    start: number,
    end: number,
  ): Promise<Uint8Array | undefined> {
    const near = await this.checkpoints.streamNear(archive, start, this.archives);
    if (!near) return undefined;
    const bytes = new Uint8Array(end - start);
    let filled = 0;
    try {
      for await (const part of cut(near.chunks, start - near.output, end - near.output)) {
        bytes.set(part, filled);
        filled += part.length;
      }
      return bytes.subarray(0, filled);
    } catch {
      // Read from its start it will tell what is wrong with it, if it is not the checkpoint.
      this.checkpoints.forget(archive);
      return undefined;
    }
  }

  /** The uncompressed bytes from `start` to `end`, as they come. */
  private streamArchive(archive: ArchiveLocation, start: number, end: number): AsyncIterable<Uint8Array> {
    const { compression, offset, length } = archive;
    if (compression !== 'none') {
      return cut(this.archives.decompress(this.archives.open(archive), compression), start, end);
    }
    return this.archives.open({ ...archive, offset: offset + start, length: Math.min(end, length) - start });
  }
}

function streamOf(
  content: Exclude<Content, { kind: 'placeholder' | 'archived' }>,
): AsyncIterable<Uint8Array> | Uint8Array[] {
  if (content.kind === 'inline') return [content.bytes];
  return content.kind === 'file' ? exactly(content.file, content.size) : zeros(content.size);
}

async function* exactly(file: string, size: number): AsyncGenerator<Uint8Array> {
  let total = 0;
  for await (const chunk of streamFileRange(file, 0, size)) {
    total += chunk.length;
    yield chunk;
  }
  if (total < size) throw shorter(file);
}

async function* zeros(size: number): AsyncGenerator<Uint8Array> {
  const piece = new Uint8Array(Math.min(size, 1024 * 1024));
  for (let left = size; left > 0; left -= piece.length) yield piece.subarray(0, Math.min(left, piece.length));
}

function keyOf({ file, wrapped, offset, length }: ArchiveLocation): string {
  return `${file}\0${wrapped ?? ''}\0${offset}\0${length}`;
}

function clamp(position: number, size: number): number {
  return Math.min(Math.max(0, position), size);
}

function whole(bytes: Uint8Array, length: number, file: string): Uint8Array {
  if (bytes.length < length) throw shorter(file);
  return bytes;
}

function shorter(file: string): Error {
  return new Error(`Cannot read "${file}": it is shorter than when it was listed`);
}

function unreadable(reason: string): Error {
  return new Error(`Cannot read the contents: ${reason}`);
}
