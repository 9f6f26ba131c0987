import { statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { findArchive, listArchive } from './archive/list-archive';
import type { FoundImage } from './build-sources';
import { type BuildContext, openContext } from './context/build-context';
import type { Doors, Memory } from './flow-doors';
import type { LayerCache } from './images/index-layer';
import { KeptIndexes, keptName } from './images/layer-index/kept-indexes';
import { readImage } from './images/read-image';
import type { ImageDoors } from './images/source';
import { CappedFolder } from './images/store/capped-folder';
import { ImageStore } from './images/store/image-store';
import type { Content, ContentReader } from './layers/content';
import { formatPlatform, type Image, type Platform } from './layers/image';
import { fullReference } from './layers/reference';
import type { FetchedImage, StoredImage } from './layers/stored-image';
import { HostArchives } from './platform/archive-bytes';
import { hostContents } from './platform/contents';
import { contextFolderOnDisk, type HostContextFolder } from './platform/context-folder';
import { LayerThreads } from './platform/index-threads';
import { watchdog } from './platform/watchdog';
import type { ArchiveOpener } from './simulate/inputs';
import { watchMatching } from './simulate/run/matching';
import { runShell } from './simulate/run/shell';

/** What a build on this machine is made of. All paths are absolute. */
export interface MachineOptions {
  /** The context folder, if there is one. */
  readonly contextFolder: string | undefined;
  /**
   * Path of the Dockerfile relative to the context, or its bare name: it names its own ignore file. `undefined` where
   * the builder knows only `.dockerignore` and gets the context as an archive: the classic one.
   */
  readonly dockerfile: string | undefined;
  /** Image references and the archives or layouts that hold them. */
  readonly images: Readonly<Record<string, string>>;
  /** Looks for images that no archive is mapped to; without it nobody is asked. */
  readonly fetchImage?: FetchImage | undefined;
  readonly contextCap?: number;
  /** Looks at messages that arrived while a RUN keeps the thread busy. */
  readonly listen?: (() => void) | undefined;
  readonly runLimits?: { readonly milliseconds: number; readonly bytes: number };
}

/** Brings an image into the store of the machine. */
export type FetchImage = (
  reference: string,
  platform: Platform,
  signal?: AbortSignal,
) => Promise<FetchedImage>;

/** Limits of one RUN unless settings say otherwise. */
export const DEFAULT_RUN_LIMITS = { milliseconds: 5_000, bytes: 256 * 1024 * 1024 };
const RUN_STEPS = 2_000_000;

/** Bytes of indexes and checkpoints that are kept: those of some hundred images. */
const KEPT = 512 * 1024 * 1024;

export interface MachineSettings {
  /** The script of the threads that list layers; without it they are listed in this one. */
  readonly indexScript?: string;
  /** Where indexes of layers, and what came from engines and registries, are kept; without it nobody can be asked. */
  readonly cacheFolder?: string | undefined;
  /** Bytes of images from engines and registries that may lie there. */
  readonly storeLimit?: number;
  /** Is told what the user should know. */
  readonly notice?: (message: string) => void;
}

/** The machine as the flow sees it. It remembers what it read, so one serves many inspections. */
export class Machine {
  readonly archives = new HostArchives();
  readonly reader: ContentReader;
  /** What came from engines and registries. */
  readonly store: ImageStore | undefined;
  private readonly indexes: KeptIndexes | undefined;
  private readonly images = new Map<string, Promise<Image>>();
  private readonly contexts = new Map<string, { folder: HostContextFolder; context: BuildContext }>();
  private readonly clock = clockFrom(Date.now() / 1000);
  /** Layers by digest: images that share some list them once. */
  private readonly layers: LayerCache = new Map();

  constructor({ indexScript, cacheFolder, storeLimit = 0, notice }: MachineSettings = {}) {
    let folder: CappedFolder | undefined;
    if (cacheFolder !== undefined) {
      this.store = new ImageStore(path.join(cacheFolder, 'images'), { bytes: storeLimit });
      folder = new CappedFolder(path.join(cacheFolder, 'layers'), { limit: KEPT });
    }
    if (indexScript !== undefined) {
      const threads = new LayerThreads(indexScript);
      this.indexes = new KeptIndexes({ threads, folder, notice });
    }
    this.reader = hostContents(this.archives, {
      findCheckpoints: async (digest) => {
        const name = keptName(digest, 'checkpoints');
        return name === undefined ? undefined : folder?.find(name);
      },
    });
  }

  /** Resolves when what was read of images is verified and kept; throws the first that turned out damaged. */
  async settled(): Promise<void> {
    await this.indexes?.settled();
  }

  /** The doors for one inspection. The context is listed once and taken again as long as its files stay. */
  doors(options: MachineOptions, memory?: Memory): Doors {
    watchMatching(watchdog);
    let context: BuildContext | undefined;
    const limits = options.runLimits ?? DEFAULT_RUN_LIMITS;
    return {
      context: () => {
        const { contextFolder, dockerfile, contextCap } = options;
        if (contextFolder !== undefined) {
          const isArchived = dockerfile === undefined;
          context ??= this.context(contextFolder, { dockerfile, isArchived }, contextCap);
        }
        return context;
      },
      findImage: (reference, platform, signal) => this.findImage(options, reference, platform, signal),
      findLayout: ({ path: file, reference }, platform, signal) =>
        found(this.image(file, reference, platform, signal), signal),
      openFolder: (folder) => (isFolder(folder) ? this.context(folder, {}, options.contextCap) : undefined),
      inputs: {
        reader: this.reader,
        archives: this.archiveOpener(),
        engine: { run: runShell },
        limits: { ...limits, steps: RUN_STEPS },
        listen: options.listen,
        clock: this.clock,
      },
      ...(memory && { memory }),
    };
  }

  /** To be called when files of a context folder changed: it is listed anew when next asked for. */
  forgetContext(contextFolder: string): void {
    for (const key of this.contexts.keys())
      if (key.startsWith(`${contextFolder}\0`)) this.contexts.delete(key);
  }

  /** A named context has no Dockerfile. */
  private context(
    contextFolder: string,
    { dockerfile, isArchived = false }: { dockerfile?: string | undefined; isArchived?: boolean },
    contextCap: number | undefined,
  ): BuildContext {
    const key = [contextFolder, dockerfile, isArchived, contextCap].join('\0');
    const known = this.contexts.get(key);
    if (known?.folder.isCurrent()) return known.context;
    const folder = contextFolderOnDisk(contextFolder);
    const cap = contextCap === undefined ? {} : { cap: contextCap };
    const context = openContext(folder, { dockerfile: dockerfile ?? '', isArchived, ...cap });
    this.contexts.set(key, { folder, context });
    return context;
  }

  private async findImage(
    { images, fetchImage }: MachineOptions,
    reference: string,
    platform: Platform,
    signal?: AbortSignal,
  ): Promise<FoundImage> {
    const wanted = fullReference(reference);
    const mapped = Object.entries(images).find(([name]) => fullReference(name) === wanted);
    if (mapped) return found(this.image(mapped[1], reference, platform, signal), signal);
    const fetched = await fetchImage?.(reference, platform, signal);
    if (fetched?.kind === 'stored') return found(this.storedImage(fetched.image, signal), signal);
    const clauses = ['no archive is mapped to it', ...(fetched ? [fetched.reason] : [])].join(', ');
    return { kind: 'missing', reason: `the image ${reference} was not found: ${clauses}` };
  }

  /** Reads an image that is in the store, once as long as it is the same one. */
  async storedImage(record: StoredImage, signal?: AbortSignal): Promise<Image> {
    const { store } = this;
    if (!store) throw new Error(`Cannot read ${record.name}: there is no image store`);
    const { name, configDigest, manifestDigest } = record;
    return this.remembered(['stored', name, configDigest, manifestDigest], () =>
      store.open(record, this.imageDoors, { cache: this.layers, signal }),
    );
  }

  /** Reads an image archive or layout, once as long as the file stays the same. */
  async image(
    file: string,
    reference: string | undefined,
    platform?: Platform,
    signal?: AbortSignal,
  ): Promise<Image> {
    const { mtimeMs, size } = await stat(file).catch(() => ({ mtimeMs: 0, size: 0 }));
    return this.remembered([file, mtimeMs, size, reference, platform && formatPlatform(platform)], () =>
      readImage(file, {
        doors: this.imageDoors,
        cache: this.layers,
        ...(reference !== undefined && { reference }),
        ...(platform && { platform }),
        ...(signal && { signal }),
      }),
    );
  }

  private remembered(parts: readonly unknown[], read: () => Promise<Image>): Promise<Image> {
    const key = parts.join('\0');
    const known = this.images.get(key);
    if (known) return known;
    const reading = read();
    this.images.set(key, reading);
    // What failed may succeed next time, when the file is whole.
    reading
      .then(() => this.settled())
      .catch(() => {
        this.images.delete(key);
        this.layers.clear();
      });
    return reading;
  }

  private get imageDoors(): ImageDoors {
    const { archives, indexes } = this;
    if (!indexes) return archives;
    return {
      open: (slice) => archives.open(slice),
      read: (slice, start, end) => archives.read(slice, start, end),
      decompress: archives.decompress,
      indexer: indexes,
    };
  }

  private archiveOpener(): ArchiveOpener {
    return {
      open: async (content: Content, signal) => {
        if (content.kind !== 'file') return undefined;
        const slice = { file: content.file, offset: 0, length: content.size };
        if (!(await findArchive(slice, this.archives))) return undefined;
        return listArchive(slice, this.archives, signal ? { signal } : {});
      },
    };
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

async function found(reading: Promise<Image>, signal: AbortSignal | undefined): Promise<FoundImage> {
  try {
    return { kind: 'found', image: await reading };
  } catch (error) {
    signal?.throwIfAborted();
    return { kind: 'missing', reason: (error as Error).message };
  }
}

/** Seconds that go up with every call, so that no two changes have one time. */
function clockFrom(start: number): () => number {
  let calls = 0;
  return () => start + ++calls / 1e6;
}

/** The name by which a Dockerfile's own ignore file is found from the context's root. */
export function dockerfileName(contextFolder: string | undefined, dockerfile: string): string {
  const relative = contextFolder === undefined ? '' : path.relative(contextFolder, dockerfile);
  const isInside = relative !== '' && !relative.startsWith('..') && !path.isAbsolute(relative);
  return (isInside ? relative : path.basename(dockerfile)).split(path.sep).join('/');
}
