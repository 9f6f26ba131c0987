import { ArchiveFault } from '../archive/fault';
import type { Platform } from '../layers/image';
import type { ImageCandidate, ImageParts } from './choose-image';
import { parseConfigFile, parsePlatformFields } from './image-config';
import { findBlob, findJson, type ImageFiles, missingBlob, readJsonBlob } from './image-files';
import type { LayerBlob } from './index-layer';
import { isObject, type JsonObject, objectOf, objectsOf, textOf } from './json-shape';

/**
 * The images of an OCI layout, whose `index.json` names manifests and further indexes:
 * https://github.com/opencontainers/image-spec/blob/v1.1.0/image-layout.md. `undefined` when there is none.
 */
export async function readOciLayout(files: ImageFiles): Promise<ImageCandidate[] | undefined> {
  const index = await findJson(files, 'index.json');
  if (!isObject(index) || !Array.isArray(index.manifests)) return undefined;
  return new LayoutWalk(files).imagesOf(index, { names: [], depth: 0 });
}

/** The image of skopeo's `dir:`, a manifest with its blobs beside it; `undefined` when there is none. */
export async function readImageDir(files: ImageFiles): Promise<ImageCandidate[] | undefined> {
  const manifest = await findJson(files, 'manifest.json');
  if (!isImageManifest(manifest)) return undefined;
  return [{ names: [], id: 'manifest.json', load: () => loadManifest(files, manifest) }];
}

/** https://github.com/opencontainers/image-spec/blob/v1.1.0/manifest.md */
export function isImageManifest(json: unknown): json is JsonObject {
  // BuildKit writes `null` for an image without layers, such as a Dockerfile that only says FROM scratch.
  return isObject(json) && isObject(json.config) && (Array.isArray(json.layers) || json.layers === null);
}

interface Place {
  readonly names: readonly string[];
  readonly depth: number;
}

const DEEPEST = 8;
const MAX_MANIFESTS = 2000;

class LayoutWalk {
  private visited = 0;

  constructor(private readonly files: ImageFiles) {}

  async imagesOf(index: JsonObject, place: Place): Promise<ImageCandidate[]> {
    if (place.depth > DEEPEST)
      throw new ArchiveFault('refused', `its indexes are nested deeper than ${DEEPEST}`);
    const images: ImageCandidate[] = [];
    for (const descriptor of objectsOf(index.manifests)) {
      if (++this.visited > MAX_MANIFESTS) throw new ArchiveFault('refused', 'it lists too many manifests');
      if (isAttestation(descriptor)) continue;
      const names = [...place.names, ...namesOf(descriptor)];
      images.push(...(await this.imagesAt(descriptor, { names, depth: place.depth + 1 })));
    }
    return images;
  }

  private async imagesAt(descriptor: JsonObject, place: Place): Promise<ImageCandidate[]> {
    const digest = digestOf(descriptor);
    const platform = parsePlatformFields(objectOf(descriptor.platform));
    if (!(await findBlob(this.files, digest))) {
      const load = () => Promise.reject(missingBlob('manifest', digest));
      return [{ names: place.names, id: digest, platform, missing: true, load }];
    }
    const json = await readJsonBlob(this.files, digest, 'manifest');
    if (isObject(json) && Array.isArray(json.manifests)) return this.imagesOf(json, place);
    if (!isImageManifest(json))
      throw new ArchiveFault('refused', `manifest ${digest} is of a form that is not supported`);
    const load = async () => ({ ...(await loadManifest(this.files, json)), digest });
    return [{ names: place.names, id: digest, platform: await this.platformOf(json, platform), load }];
  }

  /** The descriptor may leave the platform out; then the configuration tells it, where it is there. */
  private async platformOf(manifest: JsonObject, given: Partial<Platform>): Promise<Partial<Platform>> {
    if (given.architecture !== undefined) return given;
    const digest = digestOf(objectOf(manifest.config));
    if (!(await findBlob(this.files, digest))) return {};
    return parseConfigFile(await readJsonBlob(this.files, digest, 'configuration')).platform;
  }
}

/** https://docs.docker.com/build/metadata/attestations/attestation-storage/ */
export function isAttestation(descriptor: JsonObject): boolean {
  const { os, architecture } = objectOf(descriptor.platform);
  const kind = objectOf(descriptor.annotations)['vnd.docker.reference.type'];
  return kind === 'attestation-manifest' || (os === 'unknown' && architecture === 'unknown');
}

/** containerd writes the full name beside the bare tag, and only the full one tells images apart. */
function namesOf(descriptor: JsonObject): string[] {
  const annotations = objectOf(descriptor.annotations);
  const name = annotations['io.containerd.image.name'] ?? annotations['org.opencontainers.image.ref.name'];
  return typeof name === 'string' ? [name] : [];
}

function digestOf(descriptor: JsonObject): string {
  const digest = textOf(descriptor.digest);
  if (digest === undefined) throw new ArchiveFault('damaged', 'a descriptor has no digest');
  return digest;
}

async function loadManifest(files: ImageFiles, manifest: JsonObject): Promise<ImageParts> {
  const configDigest = digestOf(objectOf(manifest.config));
  const config = parseConfigFile(await readJsonBlob(files, configDigest, 'configuration'));
  const layers = await Promise.all(
    objectsOf(manifest.layers).map((descriptor, index) =>
      layerBlob(files, descriptor, config.diffIds[index]),
    ),
  );
  return { config, layers, digest: configDigest, configDigest };
}

async function layerBlob(
  files: ImageFiles,
  descriptor: JsonObject,
  diffId: string | undefined,
): Promise<LayerBlob> {
  const digest = digestOf(descriptor);
  const mediaType = textOf(descriptor.mediaType) ?? '';
  if (mediaType.endsWith('+encrypted')) throw new ArchiveFault('refused', `layer ${digest} is encrypted`);
  const slice = await findBlob(files, digest);
  if (!slice) throw missingBlob('layer', digest);
  const { size } = descriptor;
  if (typeof size === 'number' && size > slice.length) {
    throw new ArchiveFault(
      'truncated',
      `it is truncated: layer ${digest} ends after ${slice.length} of ${size} bytes`,
    );
  }
  return { slice, label: digest, digest, ...(diffId !== undefined && { diffId }) };
}
