// Makes the base image of the sample workspace, test/workspace/base-image.tar, as `docker save` writes it since
// Engine 25: an OCI layout with a manifest.json, layers gzipped. `node test/host/make-base-image.mjs [FILE]`.
import { createHash } from 'node:crypto';
import { existsSync, renameSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { debianLayer, imageConfig, nodeLayer } from './base-image-files.mjs';
import { writeTar } from './tar-writer.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const sources = ['make-base-image.mjs', 'base-image-files.mjs', 'tar-writer.mjs'].map((name) =>
  path.join(here, name),
);
const mtime = Date.UTC(2026, 0, 15) / 1000;

/** The archive in the sample workspace. */
export const baseImageFile = path.join(here, '..', 'workspace', 'base-image.tar');

/** Makes the archive if it is missing or older than what it is made from. */
export function ensureBaseImage(file = baseImageFile) {
  const changed = Math.max(...sources.map((source) => statSync(source).mtimeMs));
  if (existsSync(file) && statSync(file).mtimeMs > changed) return;
  // Two test runs may do this at once: the name shows only whole archives.
  const unfinished = `${file}.${process.pid}`;
  writeFileSync(unfinished, imageArchive('sample-base', '1'));
  renameSync(unfinished, file);
}

function imageArchive(repository, tag) {
  const layers = [debianLayer(), nodeLayer()].map((entries) => writeTar(inPathOrder(entries)));
  const layerBlobs = layers.map((tar) => blob(gzipSync(tar, { level: 9 }), 'layer.v1.tar+gzip'));
  const rootfs = { type: 'layers', diff_ids: layers.map(digest) };
  const config = blob(json({ ...imageConfig(), rootfs }), 'config.v1+json');
  const manifestType = 'application/vnd.oci.image.manifest.v1+json';
  const manifest = blob(
    json({
      schemaVersion: 2,
      mediaType: manifestType,
      config: config.descriptor,
      layers: layerBlobs.map((layer) => layer.descriptor),
    }),
    'manifest.v1+json',
  );
  const annotations = {
    'io.containerd.image.name': `docker.io/library/${repository}:${tag}`,
    'org.opencontainers.image.ref.name': tag,
  };
  const index = {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: [{ ...manifest.descriptor, annotations }],
  };
  const dockerManifest = [
    {
      Config: config.path,
      RepoTags: [`${repository}:${tag}`],
      Layers: layerBlobs.map((layer) => layer.path),
    },
  ];
  return writeTar([
    { path: 'blobs', type: 'dir' },
    { path: 'blobs/sha256', type: 'dir' },
    ...[...layerBlobs, config, manifest].map(({ path, content }) => ({ path, type: 'file', content })),
    { path: 'index.json', type: 'file', content: json(index) },
    { path: 'manifest.json', type: 'file', content: json(dockerManifest) },
    { path: 'oci-layout', type: 'file', content: json({ imageLayoutVersion: '1.0.0' }) },
  ]);
}

function blob(content, type) {
  const sum = digest(content);
  return {
    content,
    path: `blobs/${sum.replace(':', '/')}`,
    descriptor: { mediaType: `application/vnd.oci.image.${type}`, digest: sum, size: content.length },
  };
}

function inPathOrder(entries) {
  return entries.map((entry) => ({ ...entry, mtime })).sort((a, b) => (a.path < b.path ? -1 : 1));
}

function digest(bytes) {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

function json(value) {
  return Buffer.from(JSON.stringify(value));
}

if (process.argv[1] && path.resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const file = process.argv[2] ?? baseImageFile;
  ensureBaseImage(file);
  console.log(`${file}: ${statSync(file).size} bytes`);
}
