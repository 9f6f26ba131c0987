import type { ArchiveDoors, ArchiveSlice } from '../archive/compression';
import type { Image, Platform } from '../layers/image';
import type { LayerCache } from './index-layer';

/** What the readers of images need of the machine. */
export interface ImageDoors extends ArchiveDoors {
  /** The bytes from `start` to `end` (excluded) of the slice; fewer only where it, or the file, ends. */
  read(slice: ArchiveSlice, start: number, end: number): Promise<Uint8Array>;
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
