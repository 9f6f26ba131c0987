import { ArchiveFault } from '../archive/fault';
import type { ImageCandidate, ImageParts } from './choose-image';
import { type ConfigFile, parseConfigFile } from './image-config';
import { findJson, type ImageFiles } from './image-files';
import type { LayerBlob } from './index-layer';
import { isObject, type JsonObject, textOf, textsOf } from './json-shape';

/**
 * The images of `docker save`, `podman save` and skopeo's `docker-archive:`, which `manifest.json` lists:
 * https://github.com/moby/moby/blob/v28.5.2/image/spec/v1.2.md#combined-image-json--filesystem-changeset-format.
 * `undefined` when there is no such list.
 */
export async function readDockerArchive(files: ImageFiles): Promise<ImageCandidate[] | undefined> {
  const list = await findJson(files, 'manifest.json');
  if (!isDockerManifest(list)) return undefined;
  return Promise.all(list.filter(isObject).map((item) => candidateOf(item, files)));
}

export function isDockerManifest(json: unknown): json is unknown[] {
  return Array.isArray(json) && json.some((item) => isObject(item) && typeof item.Config === 'string');
}

async function candidateOf(item: JsonObject, files: ImageFiles): Promise<ImageCandidate> {
  const configName = textOf(item.Config);
  if (configName === undefined)
    throw new ArchiveFault('damaged', 'manifest.json has an image without a Config');
  const json = await findJson(files, configName);
  const config = json === undefined ? undefined : parseConfigFile(json);
  return {
    names: textsOf(item.RepoTags),
    id: digestIn(configName) ?? configName,
    ...(config ? { platform: config.platform } : { missing: true }),
    load: () => loadParts(files, { configName, config, layerNames: textsOf(item.Layers) }),
  };
}

async function loadParts(
  files: ImageFiles,
  listed: { configName: string; config: ConfigFile | undefined; layerNames: readonly string[] },
): Promise<ImageParts> {
  const { configName, config, layerNames } = listed;
  if (!config) throw new ArchiveFault('damaged', `the configuration ${configName} is missing`);
  const layers = await Promise.all(
    layerNames.map((name, index) => layerBlob(files, name, config.diffIds[index])),
  );
  const digest = digestIn(configName);
  return { config, layers, ...(digest !== undefined && { digest, configDigest: digest }) };
}

async function layerBlob(files: ImageFiles, name: string, diffId: string | undefined): Promise<LayerBlob> {
  const slice = await files.find(name);
  const digest = /^blobs\//.test(name) ? digestIn(name) : undefined;
  const label = digest ?? diffId ?? name;
  if (!slice) {
    const hint = 'docker save may leave out what the engine does not hold';
    throw new ArchiveFault('damaged', `layer ${label} is missing: ${hint}`);
  }
  return { slice, label, ...(digest !== undefined && { digest }), ...(diffId !== undefined && { diffId }) };
}

/** `blobs/sha256/HEX` and `HEX.json` tell the digest. */
function digestIn(name: string): string | undefined {
  const hex = /^(?:blobs\/sha256\/)?([0-9a-f]{64})(?:\.json)?$/.exec(name)?.[1];
  return hex === undefined ? undefined : `sha256:${hex}`;
}
