import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { splitDigest, wrongDigest } from '../image-files';
import type { CappedFolder } from './capped-folder';
import { untilAborted } from './until-aborted';

/**
 * Blobs by digest on disk: layers, configurations and manifests that came over a connection. What has a blob's name
 * had its digest when it was written; bytes that have not never get one. Names are `sha256-HEX`.
 */
export class BlobStore {
  constructor(private readonly files: CappedFolder) {}

  /**
   * The blob's path when it is there; that counts as a use of it. One that is not as long as it should be was damaged
   * since, and goes.
   */
  async find(digest: string, size?: number): Promise<string | undefined> {
    const file = await this.files.find(blobName(digest));
    if (file === undefined || size === undefined) return file;
    const found = await stat(file).catch(() => undefined);
    if (found?.size === size) return file;
    await this.remove(digest);
    return undefined;
  }

  /**
   * Writes a blob and returns its path. Throws an `ArchiveFault` where the bytes have another digest, the signal's
   * reason as soon as that is given, and what the chunks throw; then nothing is kept.
   */
  async put(digest: string, chunks: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<string> {
    const { algorithm, hex } = splitDigest(digest);
    const hash = createHash(algorithm);
    const nameWhenRight = () => {
      const actual = hash.digest('hex');
      if (actual !== hex) throw wrongDigest(`blob ${digest}`, `${algorithm}:${actual}`);
      return blobName(digest);
    };
    return this.write(nameWhenRight, hashing(untilAborted(chunks, signal), hash));
  }

  /** Writes a blob whose digest nobody told, by the digest that its bytes have. */
  async add(
    chunks: AsyncIterable<Uint8Array>,
    signal?: AbortSignal,
  ): Promise<{ readonly digest: string; readonly size: number; readonly file: string }> {
    const hash = createHash('sha256');
    let digest = '';
    const nameAtEnd = () => {
      digest = `sha256:${hash.digest('hex')}`;
      return blobName(digest);
    };
    const file = await this.write(nameAtEnd, hashing(untilAborted(chunks, signal), hash));
    return { digest, size: (await stat(file)).size, file };
  }

  async remove(digest: string): Promise<void> {
    await this.files.remove(blobName(digest));
  }

  /** Removes the blob unless its bytes still have its digest, and tells whether it did. */
  async removeIfDamaged(digest: string, open: (file: string) => AsyncIterable<Uint8Array>): Promise<boolean> {
    const file = await this.files.find(blobName(digest));
    if (file === undefined) return false;
    const { algorithm, hex } = splitDigest(digest);
    const hash = createHash(algorithm);
    for await (const chunk of open(file)) hash.update(chunk);
    if (hash.digest('hex') === hex) return false;
    await this.remove(digest);
    return true;
  }

  private async write(name: () => string, chunks: AsyncIterable<Uint8Array>): Promise<string> {
    try {
      return await this.files.writeNamed(name, chunks);
    } catch (error) {
      throw storageFault(error) ?? error;
    }
  }
}

function blobName(digest: string): string {
  const { algorithm, hex } = splitDigest(digest);
  return `${algorithm}-${hex}`;
}

async function* hashing(
  chunks: AsyncIterable<Uint8Array>,
  hash: { update(chunk: Uint8Array): unknown },
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
}

const STORAGE_FAULTS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota of the disk is used up',
  ENOTDIR: 'the folder of the image store cannot be made: a file is in its way',
  EROFS: 'the folder of the image store is on a read-only file system',
  EACCES: 'the folder of the image store cannot be written to',
};

/** What the disk refuses, in words; undefined for other errors. */
function storageFault(error: unknown): Error | undefined {
  const { code, syscall } = error as NodeJS.ErrnoException;
  const words = code !== undefined && syscall !== 'connect' ? STORAGE_FAULTS[code] : undefined;
  return words === undefined ? undefined : new Error(words, { cause: error });
}
