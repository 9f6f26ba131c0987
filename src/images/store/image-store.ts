import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { ArchiveFault, isArchiveFault } from '../../archive/fault';
import { formatSize } from '../../layers/format';
import { formatPlatform, type Image, type Platform } from '../../layers/image';
import { fullReference } from '../../layers/reference';
import type { StoredImage, StoredSource } from '../../layers/stored-image';
import { assembleImage } from '../assemble-image';
import { bestPlatform } from '../choose-image';
import { parseConfigFile } from '../image-config';
import { readJsonBlob } from '../image-files';
import type { IndexLayerOptions } from '../index-layer';
import type { ImageDoors } from '../source';
import { BlobStore } from './blob-store';
import { CappedFolder } from './capped-folder';
import { parseStoredImage } from './stored-image';

export interface ImageStoreLimits {
  /** Bytes of blobs on disk; what was not used for longest goes first. */
  readonly bytes: number;
}

/** Records are some kilobytes, so this is thousands of images. */
const RECORDS_LIMIT = 16 * 1024 * 1024;

/**
 * What came from registries and engines, on disk: blobs by digest, and a record for each image. Everything that is
 * shown of such an image is read from here, so it works offline, and several processes may use one store.
 */
export class ImageStore {
  readonly blobs: BlobStore;
  private readonly records: CappedFolder;

  constructor(
    folder: string,
    readonly limits: ImageStoreLimits,
  ) {
    this.blobs = new BlobStore(new CappedFolder(path.join(folder, 'blobs'), { limit: limits.bytes }));
    this.records = new CappedFolder(path.join(folder, 'images'), { limit: RECORDS_LIMIT });
  }

  /**
   * The image of this name that fits the platform (without one linux/amd64, or the only one), if all of its blobs are there. Two
   * spellings of one reference are one name.
   */
  async find(source: StoredSource, name: string, platform?: Platform): Promise<StoredImage | undefined> {
    const named = await this.read((file) => file.startsWith(`${nameKey(source, name)}-`));
    const whole: StoredImage[] = [];
    for (const record of named) if (await this.isWhole(record)) whole.push(record);
    const only = !platform && whole.length === 1 ? whole[0] : undefined;
    return bestPlatform(whole, platform) ?? only;
  }

  /** The image of this ID, manifest digest or configuration digest, if all of its blobs are there. */
  async findById(id: string): Promise<StoredImage | undefined> {
    for (const record of await this.read(() => true)) {
      const isMeant = [record.id, record.manifestDigest, record.configDigest].includes(id);
      if (isMeant && (await this.isWhole(record))) return record;
    }
    return undefined;
  }

  /** Every image whose blobs are all there, the latest first. */
  async list(): Promise<StoredImage[]> {
    const whole: StoredImage[] = [];
    for (const record of await this.read(() => true)) if (await this.isWhole(record)) whole.push(record);
    return whole.sort((a, b) => b.fetchedAt - a.fetchedAt);
  }

  /**
   * Keeps the record of an image whose blobs were put before, instead of one with its source, name and platform. Throws
   * where not all blobs are there any more, which is so when they are larger together than the store may be.
   */
  async save(record: StoredImage): Promise<void> {
    if (!(await this.isWhole(record))) throw this.tooLarge(record);
    await this.records.write(recordName(record), [Buffer.from(JSON.stringify(record))]);
  }

  /** Forgets the record; its blobs go when their turn comes. */
  async remove(record: StoredImage): Promise<void> {
    await this.records.remove(recordName(record));
  }

  /**
   * The image, read from the store's blobs as from a layout. Blobs that were damaged on disk are removed, so that
   * fetching the image again mends it. Throws an `ArchiveFault`, or the signal's reason.
   */
  async open(record: StoredImage, doors: ImageDoors, options: IndexLayerOptions): Promise<Image> {
    try {
      return await this.assemble(record, doors, options);
    } catch (error) {
      options.signal?.throwIfAborted();
      const isGone = (error as NodeJS.ErrnoException).code === 'ENOENT';
      if (isGone)
        throw new ArchiveFault('damaged', 'it is no longer in the store: fetch it again', { cause: error });
      if (!isArchiveFault(error) || !(await this.removeDamaged(record, doors))) throw error;
      const message = `${error.message}: the copy on this machine was damaged and is removed; fetch it again`;
      throw new ArchiveFault('damaged', message, { cause: error });
    }
  }

  private async assemble(record: StoredImage, doors: ImageDoors, options: IndexLayerOptions): Promise<Image> {
    const files = { doors, find: (name: string) => this.sliceOf(name) };
    const config = parseConfigFile(await readJsonBlob(files, record.configDigest, 'configuration'));
    const layers = await Promise.all(
      record.layers.map(async ({ digest, diffId }, index) => {
        const slice = await this.sliceOf(blobPath(digest));
        if (!slice) throw new ArchiveFault('damaged', `layer ${digest} is no longer in the store`);
        const expected = diffId ?? config.diffIds[index];
        return { slice, label: digest, digest, ...(expected !== undefined && { diffId: expected }) };
      }),
    );
    const digest = record.manifestDigest ?? record.configDigest;
    return assembleImage(record.name, { config, layers, digest }, doors, options);
  }

  /** Names are those of a layout, so that one reader of JSON blobs serves both. */
  private async sliceOf(name: string) {
    const [, algorithm, hex] = /^blobs\/(\w+)\/(\w+)$/.exec(name) ?? [];
    const file = hex === undefined ? undefined : await this.blobs.find(`${algorithm}:${hex}`);
    return file === undefined ? undefined : { file, offset: 0, length: (await stat(file)).size };
  }

  private async removeDamaged(record: StoredImage, doors: ImageDoors): Promise<boolean> {
    const open = (file: string) => doors.open({ file, offset: 0, length: Number.MAX_SAFE_INTEGER });
    let anyRemoved = false;
    for (const digest of [record.configDigest, ...record.layers.map((layer) => layer.digest)]) {
      if (await this.blobs.removeIfDamaged(digest, open)) anyRemoved = true;
    }
    return anyRemoved;
  }

  /** Asking for every blob counts as a use of each, so the blobs of one image stay and go together. */
  private async isWhole({ configDigest, layers }: StoredImage): Promise<boolean> {
    const found = await Promise.all([
      this.blobs.find(configDigest),
      ...layers.map(({ digest, size }) => this.blobs.find(digest, size)),
    ]);
    return found.every((file) => file !== undefined);
  }

  private tooLarge({ layers }: StoredImage): Error {
    const total = layers.reduce((sum, { size }) => sum + size, 0);
    const held = `which may hold ${formatSize(this.limits.bytes)}`;
    return new Error(`not all of its ${formatSize(total)} stayed in the image store, ${held}`);
  }

  private async read(isMeant: (file: string) => boolean): Promise<StoredImage[]> {
    const names = await readdir(this.records.folder).catch(() => []);
    const records: StoredImage[] = [];
    for (const name of names.filter((file) => file.endsWith('.json') && isMeant(file))) {
      const file = await this.records.find(name);
      const text = file && (await readFile(file, 'utf8').catch(() => undefined));
      const record = text === undefined ? undefined : parseStoredImage(text);
      if (record) records.push(record);
    }
    return records;
  }
}

function blobPath(digest: string): string {
  return `blobs/${digest.replace(':', '/')}`;
}

function nameKey(source: StoredSource, name: string): string {
  return shortHash(`${source}\0${fullReference(name)}`);
}

function recordName({ source, name, platform }: StoredImage): string {
  return `${nameKey(source, name)}-${shortHash(formatPlatform(platform))}.json`;
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
