import { createHash } from 'node:crypto';
import type { ArchiveSlice } from '../archive/compression';
import { ArchiveFault } from '../archive/fault';
import type { ImageDoors } from './source';

/** The files of an image as it was saved, in a tar or in a folder. */
export interface ImageFiles {
  /** Where the file `name` (relative, `/`) lies, links within the archive followed. */
  find(name: string): Promise<ArchiveSlice | undefined>;
  readonly doors: Pick<ImageDoors, 'read'>;
}

/** Manifests and configurations are a few kilobytes; containerd stops at 4 to 8 MiB. */
const MAX_JSON = 16 * 1024 * 1024;

/** The parsed file, or `undefined` when there is none. */
export async function findJson(files: ImageFiles, name: string): Promise<unknown> {
  const bytes = await findBytes(files, name);
  return bytes && parseJson(bytes, name);
}

/** The parsed blob of this digest, which is compared. Throws where it is missing. */
export async function readJsonBlob(files: ImageFiles, digest: string, what: string): Promise<unknown> {
  const name = await blobName(files, digest);
  const bytes = name === undefined ? undefined : await findBytes(files, name);
  if (!bytes) throw missingBlob(what, digest);
  checkDigest(bytes, digest, what);
  return parseJson(bytes, `${what} ${digest}`);
}

/** Where the blob of this digest lies: in `blobs/` of a layout, or under its bare digest. */
export async function findBlob(files: ImageFiles, digest: string): Promise<ArchiveSlice | undefined> {
  const name = await blobName(files, digest);
  return name === undefined ? undefined : files.find(name);
}

async function blobName(files: ImageFiles, digest: string): Promise<string | undefined> {
  const { algorithm, hex } = splitDigest(digest);
  for (const name of [`blobs/${algorithm}/${hex}`, hex]) if (await files.find(name)) return name;
  return undefined;
}

async function findBytes(files: ImageFiles, name: string): Promise<Uint8Array | undefined> {
  const slice = await files.find(name);
  if (!slice) return undefined;
  if (slice.length > MAX_JSON) {
    throw new ArchiveFault('refused', `${name} is ${slice.length} bytes long, which no such file should be`);
  }
  const bytes = await files.doors.read(slice, 0, slice.length);
  if (bytes.length < slice.length) throw new ArchiveFault('truncated', `it is truncated: ${name} ends early`);
  return bytes;
}

function parseJson(bytes: Uint8Array, name: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw new ArchiveFault('damaged', `${name} is not JSON`, { cause: error });
  }
}

const DIGEST = /^(sha256|sha384|sha512):([0-9a-f]{64,128})$/;

export function isDigest(text: string): boolean {
  return DIGEST.test(text);
}

/** `sha256:…` in its parts. https://github.com/opencontainers/image-spec/blob/v1.1.0/descriptor.md#digests */
export function splitDigest(digest: string): { algorithm: string; hex: string } {
  const match = DIGEST.exec(digest);
  if (!match)
    throw new ArchiveFault('damaged', `${JSON.stringify(digest)} is not a digest that can be checked`);
  return { algorithm: match[1]!, hex: match[2]! };
}

function checkDigest(bytes: Uint8Array, digest: string, what: string): void {
  const { algorithm, hex } = splitDigest(digest);
  const actual = createHash(algorithm).update(bytes).digest('hex');
  if (actual !== hex) throw wrongDigest(`${what} ${digest}`, `${algorithm}:${actual}`);
}

export function wrongDigest(what: string, actual: string): ArchiveFault {
  return new ArchiveFault('damaged', `${what} is damaged: its bytes have the digest ${actual}`);
}

export function missingBlob(what: string, digest: string): ArchiveFault {
  return new ArchiveFault(
    'damaged',
    `${what} ${digest} is missing: docker save may leave out what the engine does not hold, such as other platforms`,
  );
}
