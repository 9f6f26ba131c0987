import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';

export interface CappedFolderOptions {
  /** Bytes that may lie in the folder. A file larger than this alone is kept until the next one comes. */
  readonly limit: number;
}

/** What is still being written by somebody; left over from a crash after this time. */
const UNFINISHED = '.part';
const ABANDONED_AFTER = 3600 * 1000;
/** A file's time of use is written down at most this often. */
const TOUCH_EVERY = 60 * 1000;

/**
 * Files by name in one folder of limited size; those that were not used for longest go first. Several processes may
 * use it at once: a file appears whole or not at all, and whoever finds that it has gone makes it anew.
 */
export class CappedFolder {
  constructor(
    readonly folder: string,
    private readonly options: CappedFolderOptions,
  ) {}

  /** Where the file of this name is or would be. */
  path(name: string): string {
    if (!/^[\w][\w.-]*$/.test(name))
      throw new Error(`Cannot store ${JSON.stringify(name)}: it is no file name`);
    return path.join(this.folder, name);
  }

  /** The file's path when it is there; that counts as a use of it. */
  async find(name: string): Promise<string | undefined> {
    const file = this.path(name);
    const found = await stat(file).catch(ifMissing);
    if (!found?.isFile()) return undefined;
    const now = new Date();
    if (now.getTime() - found.mtimeMs > TOUCH_EVERY) await utimes(file, now, now).catch(() => {});
    return file;
  }

  /**
   * Writes the chunks under `name`, which has all of them once this resolves. When they end in an error nothing is left
   * behind. Throws what the chunks or the file system throw.
   */
  async write(name: string, chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<string> {
    this.path(name);
    return this.writeNamed(() => name, chunks);
  }

  /** The same for a file whose name is known, or allowed, only once all of its chunks have passed. */
  async writeNamed(
    nameAtEnd: () => string,
    chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  ): Promise<string> {
    await mkdir(this.folder, { recursive: true });
    const unfinished = path.join(this.folder, `${randomBytes(12).toString('hex')}${UNFINISHED}`);
    try {
      await writeChunks(unfinished, chunks);
      const name = nameAtEnd();
      await rename(unfinished, this.path(name));
      await this.evict(name);
      return this.path(name);
    } catch (error) {
      await rm(unfinished, { force: true }).catch(() => {});
      throw error;
    }
  }

  async remove(name: string): Promise<void> {
    await rm(this.path(name), { force: true });
  }

  /** Removes what was used longest ago until the rest is within the limit; `keep` stays. */
  async evict(keep?: string): Promise<void> {
    const files = await this.list();
    let total = files.reduce((sum, { size }) => sum + size, 0);
    for (const { name, size, usedAt } of files.sort((a, b) => a.usedAt - b.usedAt)) {
      const isAbandoned = name.endsWith(UNFINISHED) && Date.now() - usedAt > ABANDONED_AFTER;
      const isOver = total > this.options.limit && name !== keep && !name.endsWith(UNFINISHED);
      if (!isAbandoned && !isOver) continue;
      await rm(path.join(this.folder, name), { force: true });
      total -= size;
    }
  }

  private async list(): Promise<{ name: string; size: number; usedAt: number }[]> {
    const names = await readdir(this.folder).catch(ifMissing);
    const files = await Promise.all(
      (names ?? []).map(async (name) => {
        const found = await stat(path.join(this.folder, name)).catch(ifMissing);
        return found?.isFile() ? [{ name, size: found.size, usedAt: found.mtimeMs }] : [];
      }),
    );
    return files.flat();
  }
}

async function writeChunks(
  file: string,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<void> {
  const handle = await open(file, 'wx');
  try {
    for await (const chunk of chunks) await handle.writeFile(chunk);
  } finally {
    await handle.close();
  }
}

function ifMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
  throw error;
}
