import { stat } from 'node:fs/promises';
import path from 'node:path';
import { sniffCompression } from '../archive/compression';
import { ArchiveFault, isArchiveFault } from '../archive/fault';
import { readTar, type TarEntry } from '../archive/tar';
import type { Image } from '../layers/image';
import { assembleImage } from './assemble-image';
import { chooseImage, type ImageCandidate, type Wish } from './choose-image';
import { isDockerManifest, readDockerArchive } from './docker-archive';
import { openFolderFiles } from './folder-files';
import { findJson, type ImageFiles } from './image-files';
import { isObject } from './json-shape';
import { isImageManifest, readImageDir, readOciLayout } from './oci-layout';
import type { ImageDoors, ImageSource, OpenImageOptions } from './source';
import { entriesOf, openTarFiles } from './tar-files';

export interface ReadImageOptions extends OpenImageOptions {
  readonly doors: ImageDoors;
}

/**
 * The image at `file`: an archive of docker save, podman or skopeo, an OCI layout (folder or tar), or skopeo's
 * `dir:`, told by what is in it. Layers stay where they are; an archive that is compressed as a whole is unpacked in
 * memory, up to a limit.
 *
 * Throws `Cannot read image archive "app.tar": …` with the fault, or the signal's reason.
 */
export async function readImage(file: string, options: ReadImageOptions): Promise<Image> {
  try {
    const files = await openFiles(file, options);
    const chosen = await chooseAmong(files, options);
    const name = options.reference ?? chosen.names[0] ?? path.basename(file);
    return await assembleImage(name, await chosen.load(), options.doors, options);
  } catch (error) {
    options.signal?.throwIfAborted();
    throw new Error(`Cannot read image archive "${path.basename(file)}": ${causeOf(error)}`, {
      cause: error,
    });
  }
}

/** The same as a door. */
export function imageArchive(file: string, doors: ImageDoors): ImageSource {
  return { open: (options) => readImage(file, { ...options, doors }) };
}

async function openFiles(file: string, { doors, signal }: ReadImageOptions): Promise<ImageFiles> {
  const { isFolder, size } = await kindOf(file);
  if (isFolder) return openFolderFiles(file, doors);
  const compression = await compressionOf(file, size, doors);
  try {
    return await openTarFiles(file, doors, { size, compression, signal });
  } catch (error) {
    if (isArchiveFault(error) && error.fault === 'foreign') throw notAnImage();
    throw error;
  }
}

async function kindOf(file: string): Promise<{ isFolder: boolean; size: number }> {
  const found = await stat(file);
  if (!found.isFile() && !found.isDirectory()) throw notAnImage();
  return { isFolder: found.isDirectory(), size: found.size };
}

async function compressionOf(file: string, size: number, doors: ImageDoors) {
  return sniffCompression(await doors.read({ file, offset: 0, length: size }, 0, 6));
}

/** The image that is asked for among those that the files hold, whichever list names them. */
export async function chooseAmong(files: ImageFiles, wish: Wish): Promise<ImageCandidate> {
  const listed = await readDockerArchive(files);
  // Engines with the containerd store write both lists, and only the index has every platform.
  if (listed && fitsAsListed(listed, wish)) return chooseImage(listed, wish);
  const images = (await readOciLayout(files)) ?? listed ?? (await readImageDir(files));
  if (images) return chooseImage(images, wish);
  throw (await looksSaved(files)) ? new ArchiveFault('damaged', 'manifest.json is missing') : notAnImage();
}

function fitsAsListed(listed: readonly ImageCandidate[], wish: Wish): boolean {
  try {
    return chooseImage(listed, wish).missing !== true;
  } catch {
    return false;
  }
}

async function looksSaved(files: ImageFiles): Promise<boolean> {
  return (await files.find('repositories')) !== undefined || (await files.find('oci-layout')) !== undefined;
}

function notAnImage(): ArchiveFault {
  return new ArchiveFault('foreign', 'it is neither a docker save archive nor an OCI layout');
}

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
      return 'there is no such file';
    case 'EACCES':
    case 'EPERM':
      return 'permission is denied';
    default:
      return error.message;
  }
}

/**
 * Whether `file` is an image archive or layout rather than a build context or a Dockerfile. Of a tar only
 * the first names count, so a damaged image is one as well; `readImage` then tells what is wrong.
 */
export async function isImage(file: string, doors: ImageDoors): Promise<boolean> {
  try {
    const { isFolder, size } = await kindOf(file);
    if (isFolder) return await isImageFolder(await openFolderFiles(file, doors));
    const compression = await compressionOf(file, size, doors);
    const whole = { file, offset: 0, length: size };
    return await looksLikeImage(
      compression === 'none'
        ? entriesOf(whole, doors, {})
        : readTar(doors.decompress(doors.open(whole), compression)),
    );
  } catch (error) {
    if (isArchiveFault(error) || (error as NodeJS.ErrnoException).code !== undefined) return false;
    throw error;
  }
}

async function isImageFolder(files: ImageFiles): Promise<boolean> {
  const manifest = await findJson(files, 'manifest.json').catch(() => undefined);
  if (isDockerManifest(manifest) || isImageManifest(manifest)) return true;
  const index = await findJson(files, 'index.json').catch(() => undefined);
  return isObject(index) && Array.isArray(index.manifests) && (await files.find('oci-layout')) !== undefined;
}

const NAMES_OF_IMAGES =
  /^(\.\/)?(blobs\/|oci-layout$|index\.json$|manifest\.json$|repositories$|[0-9a-f]{64}(\/|\.json$|\.tar$))/;

async function looksLikeImage(entries: AsyncIterable<TarEntry>): Promise<boolean> {
  let looked = 0;
  for await (const { name } of entries) {
    if (NAMES_OF_IMAGES.test(name)) return true;
    if (++looked === 20) return false;
  }
  return false;
}
