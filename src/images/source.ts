import type { ArchiveDoors, ArchiveSlice } from '../archive/compression';
import type { Image, Platform } from '../layers/image';
import type { LayerCache } from './index-layer';
import type { LayerIndexer } from './layer-index/indexer';

/** What the readers of images need of the machine. */
export interface ImageDoors extends ArchiveDoors {
  /** The bytes from `start` to `end` (excluded) of the slice; fewer only where it, or the file, ends. */
  read(slice: ArchiveSlice, start: number, end: number): Uint8Array | Promise<Uint8Array>;
  /** Where it is missing layers are listed in the thread that asks. */
  readonly indexer?: LayerIndexer;
}

export interface OpenImageOptions {
  /** Which of several platforms; without it linux/amd64 where there is a choice. */
  readonly platform?: Platform;
  /** Which of several images, by tag, name or digest. Where there is only one it is taken, whatever its name. */
  readonly reference?: string;
  readonly signal?: AbortSignal;
  /** Layers that were listed before, by digest; shared between calls, a layer is listed once. */
  readonly cache?: LayerCache;
}

/** A place that gives images: an archive, a layout, an engine, a registry. */
export interface ImageSource {
  /** Throws an error for the user: `Cannot read image archive "app.tar": manifest.json is missing`. */
  open(options: OpenImageOptions): Promise<Image>;
}
