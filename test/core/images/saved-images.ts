import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import type { TarSource } from '../../../src/archive/write-tar';
import { tarOf } from '../archive/tar-samples';

/** Makes images in every form that tools save them in, for tests. */
export function sha256(bytes: Uint8Array | string): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

export const file = (name: string, text: string | Uint8Array = ''): TarSource => ({
  name,
  type: 'file',
  mode: 0o644,
  body: Buffer.from(text as string),
});

export const symlink = (name: string, linkname: string): TarSource => ({ name, type: 'symlink', linkname });

export interface SampleImage {
  readonly layers: readonly Buffer[];
  readonly config: Buffer;
}

export interface SampleConfig {
  readonly os?: string;
  readonly architecture?: string;
  readonly variant?: string;
  readonly history?: unknown;
  readonly config?: unknown;
}

export async function sampleImage(
  layers: readonly (readonly TarSource[])[] = [[file('a.txt', 'one')], [file('b.txt', 'two')]],
  extra: SampleConfig = {},
): Promise<SampleImage> {
  const tars = await Promise.all(layers.map((sources) => tarOf(...sources)));
  const config = {
    os: 'linux',
    architecture: 'amd64',
    config: { Env: ['PATH=/bin'] },
    rootfs: { type: 'layers', diff_ids: tars.map(sha256) },
    history: layers.map((_, index) => ({ created_by: `layer ${index}` })),
    ...extra,
  };
  return { layers: tars, config: Buffer.from(JSON.stringify(config)) };
}

/** The blobs of a layout with the descriptors that lead to them. */
export class Layout {
  readonly files = new Map<string, Buffer>();

  blob(bytes: Uint8Array | string): { digest: string; size: number } {
    const data = Buffer.from(bytes as string);
    const digest = sha256(data);
    this.files.set(`blobs/${digest.replace(':', '/')}`, data);
    return { digest, size: data.length };
  }

  json(value: unknown): { digest: string; size: number } {
    return this.blob(JSON.stringify(value));
  }

  image(
    image: SampleImage,
    pack: (layer: Uint8Array) => Uint8Array = gzipSync,
  ): { digest: string; size: number } {
    return this.json({
      schemaVersion: 2,
      config: this.blob(image.config),
      layers: image.layers.map((layer) => ({ mediaType: 'tar', ...this.blob(pack(layer)) })),
    });
  }

  index(...manifests: object[]): this {
    this.files.set('index.json', Buffer.from(JSON.stringify({ schemaVersion: 2, manifests })));
    this.files.set('oci-layout', Buffer.from('{"imageLayoutVersion":"1.0.0"}'));
    return this;
  }

  tar(): Promise<Buffer> {
    return tarOf(...[...this.files].map(([name, bytes]) => file(name, bytes)));
  }

  folder(): string {
    const root = temporaryFolder();
    for (const [name, bytes] of this.files) {
      mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
      writeFileSync(path.join(root, name), bytes);
    }
    return root;
  }
}

/** As Docker 20.10 saves: a folder a layer, an equal layer as a link to the first. */
export function dockerSave(
  images: readonly { image: SampleImage; tags: string[] | null }[],
): Promise<Buffer> {
  const entries: TarSource[] = [];
  const written = new Map<string, string>();
  const manifest = images.map(({ image, tags }, imageIndex) => {
    const configName = `${sha256(image.config).slice(7)}.json`;
    entries.push(file(configName, image.config));
    const layers = image.layers.map((layer, index) => {
      const id = sha256(`${imageIndex}.${index}`).slice(7);
      const digest = sha256(layer);
      const first = written.get(digest);
      entries.push(first ? symlink(`${id}/layer.tar`, `../${first}`) : file(`${id}/layer.tar`, layer));
      if (!first) written.set(digest, `${id}/layer.tar`);
      return `${id}/layer.tar`;
    });
    return { Config: configName, RepoTags: tags, Layers: layers };
  });
  return tarOf(...entries, file('manifest.json', JSON.stringify(manifest)));
}

process.setMaxListeners(0);

/** Removed when the tests end. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'layers-test-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function temporaryFile(bytes: Uint8Array, name = 'app.tar'): string {
  const where = path.join(temporaryFolder(), name);
  writeFileSync(where, bytes);
  return where;
}
