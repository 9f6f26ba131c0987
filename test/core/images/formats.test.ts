import assert from 'node:assert/strict';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import * as zlib from 'node:zlib';
import { isImage, readImage } from '../../../src/images/read-image';
import type { Change } from '../../../src/layers/change';
import type { Content } from '../../../src/layers/content';
import type { Image } from '../../../src/layers/image';
import { HostArchives } from '../../../src/platform/archive-bytes';
import { hostContents } from '../../../src/platform/contents';
import { dockerSave, file, Layout, sampleImage, temporaryFile, temporaryFolder } from './saved-images';

const SAMPLES = path.resolve('test/golden/images');
const expected = JSON.parse(readFileSync(path.join(SAMPLES, 'expected.json'), 'utf8'));
const doors = new HostArchives();
const contents = hostContents(doors);

function contentOf(change: Change): Content | undefined {
  return change.kind === 'put' && change.node.kind === 'file' ? change.node.content : undefined;
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}

/** The layers in the form of the golden cases. */
async function goldenForm(image: Image): Promise<unknown[]> {
  const all = image.layers.flatMap(({ changes }) => changes.flatMap((change) => contentOf(change) ?? []));
  const digests = await contents.digests(all);
  const entryOf = (change: Change) => {
    assert.ok(change.kind === 'put' && (change.node.kind === 'file' || change.node.kind === 'directory'));
    const { mode, uid, gid, kind } = change.node;
    const content = contentOf(change);
    const bytes = content && { size: content.size, sha256: digests.get(content)?.slice(7) };
    const type = kind === 'file' ? 'file' : 'dir';
    return { path: change.path, type, mode: octal(mode), uid, gid, ...bytes };
  };
  return image.layers.map(({ createdBy, changes }) => ({
    created_by: createdBy,
    entries: changes.map(entryOf),
  }));
}

/** Podman built the same layers itself, with a history in words of its own. */
function expectedLayers(words: readonly string[] | undefined): unknown[] {
  return expected.layers.map((layer: object, index: number) =>
    words ? { ...layer, created_by: words[index] } : layer,
  );
}

function skopeoDir(): string {
  const folder = temporaryFolder();
  const manifest = 'bac01a848c0217e61f425d883e8b6a7c8ea2259285b4dfbad6c1091e4c9db2e0';
  const blobs = path.join(SAMPLES, 'oci-dir/blobs/sha256');
  cpSync(blobs, folder, { recursive: true });
  cpSync(path.join(blobs, manifest), path.join(folder, 'manifest.json'));
  writeFileSync(path.join(folder, 'version'), 'Directory Transport Version: 1.1\n');
  return folder;
}

function packed(sample: string, pack: (bytes: Uint8Array) => Uint8Array): string {
  return temporaryFile(pack(readFileSync(path.join(SAMPLES, sample))), 'strange-name');
}

const FORMS: Record<string, () => string> = {
  'docker save 20.10': () => path.join(SAMPLES, 'docker-save-dockerd-overlay2.tar'),
  'docker save 28, overlay2': () => path.join(SAMPLES, 'docker-save-d28-overlay2.tar'),
  'docker save 28, containerd': () => path.join(SAMPLES, 'docker-save-28-containerd.tar'),
  'buildx type=oci': () => path.join(SAMPLES, 'buildx-oci-gzip.tar'),
  'OCI layout folder': () => path.join(SAMPLES, 'oci-dir'),
  'podman save': () => path.join(SAMPLES, 'podman-docker-archive.tar'),
  'skopeo dir:': skopeoDir,
  'docker save | gzip': () => packed('docker-save-dockerd-overlay2.tar', zlib.gzipSync),
  'OCI layout tar in gzip': () => packed('buildx-oci-gzip.tar', zlib.gzipSync),
};

describe('one image in every form', () => {
  for (const [form, where] of Object.entries(FORMS)) {
    it(form, async () => {
      const place = where();
      assert.equal(await isImage(place, doors), true);
      const image = await readImage(place, { doors });
      const words = form === 'podman save' ? image.layers.map(({ createdBy }) => createdBy) : undefined;
      assert.deepEqual(await goldenForm(image), expectedLayers(words));
      assert.deepEqual(image.config.Env, expected.config.Env);
      // Podman leaves out a working directory that is the root.
      assert.equal(image.config.WorkingDir ?? '/', expected.config.WorkingDir);
      if (!words) {
        const history = image.history.map(({ created_by, comment }) => ({ created_by, comment }));
        assert.deepEqual(history, expected.history);
      }
      assert.deepEqual(image.platform, { os: 'linux', architecture: 'amd64' });
      for (const layer of image.layers) {
        assert.deepEqual([layer.certainty, layer.openRegions, layer.closes], [{ level: 'exact' }, [], []]);
        assert.match(layer.diffId!, /^sha256:[0-9a-f]{64}$/);
      }
    });
  }
});

describe('layers of other compressions', () => {
  const forms: Record<string, (layer: Uint8Array) => Uint8Array> = {
    none: (layer) => layer,
    gzip: zlib.gzipSync,
    'gzip in two members': (layer) =>
      Buffer.concat([zlib.gzipSync(layer.subarray(0, 700)), zlib.gzipSync(layer.subarray(700))]),
    'zstd without compression': storedZstd,
  };
  const native = (zlib as { zstdCompressSync?: (bytes: Uint8Array) => Uint8Array }).zstdCompressSync;
  if (native) forms.zstd = native;
  for (const [form, pack] of Object.entries(forms)) {
    it(form, async () => {
      const layout = new Layout();
      layout.index(layout.image(await sampleImage([[file('a', 'x'.repeat(3000))]]), pack));
      const { layers } = await readImage(layout.folder(), { doors });
      const [change] = layers[0]!.changes;
      assert.equal((await contents.read(contentOf(change!)!)).length, 3000);
    });
  }
});

/** A zstd frame of raw blocks, so that the test needs no compressor. https://www.rfc-editor.org/rfc/rfc8878 */
function storedZstd(bytes: Uint8Array): Buffer {
  const start = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0, 0, 0, 0]);
  start.writeUInt32LE(bytes.length, 5);
  const parts: Uint8Array[] = [start];

  for (let at = 0; at < bytes.length; at += 1000) {
    const block = bytes.subarray(at, at + 1000);
    const last = at + 1000 >= bytes.length ? 1 : 0;
    const head = Buffer.alloc(3);
    head.writeUIntLE((block.length << 3) | last, 0, 3);
    parts.push(head, block);
  }
  return Buffer.concat(parts);
}

describe('several images in one archive', () => {
  const both = async () => {
    const one = await sampleImage([[file('shared')], [file('one')]]);
    const two = await sampleImage([[file('shared')], [file('two')]]);
    return temporaryFile(
      await dockerSave([
        { image: one, tags: ['one:1', 'uno:1'] },
        { image: two, tags: ['docker.io/library/two:latest'] },
      ]),
    );
  };
  const last = (image: Image) => image.layers.at(-1)!.changes[0]!.path;

  it('the reference chooses, in its long or short form', async () => {
    const place = await both();
    assert.equal(last(await readImage(place, { doors, reference: 'uno:1' })), '/one');
    assert.equal(last(await readImage(place, { doors, reference: 'two' })), '/two');
    assert.equal(last(await readImage(place, { doors, reference: 'docker.io/library/one:1' })), '/one');
  });

  it('without one, or with another, the error lists them', async () => {
    const place = await both();
    const list = /it holds several images: one:1 = uno:1, docker\.io\/library\/two:latest/;
    await assert.rejects(readImage(place, { doors }), list);
    await assert.rejects(readImage(place, { doors, reference: 'three' }), list);
  });

  it('a single one is taken, whatever it is called', async () => {
    const place = temporaryFile(await dockerSave([{ image: await sampleImage(), tags: null }]));
    assert.equal((await readImage(place, { doors, reference: 'base:1' })).name, 'base:1');
    assert.equal((await readImage(place, { doors })).name, 'app.tar');
  });

  it('bare tags of a layout', async () => {
    const layout = new Layout();
    const named = async (tag: string) => ({
      ...layout.image(await sampleImage([[file(tag)]])),
      annotations: { 'org.opencontainers.image.ref.name': tag },
    });
    layout.index(await named('1.0'), await named('2.0'));
    assert.equal(last(await readImage(layout.folder(), { doors, reference: 'app:2.0' })), '/2.0');
    await assert.rejects(readImage(layout.folder(), { doors }), /several images: 1\.0, 2\.0/);
  });

  it('shared layers are listed once, and read where each image lies', async () => {
    const cache = new Map();
    const place = await both();
    const first = await readImage(place, { doors, reference: 'one:1', cache });
    assert.equal(cache.size, 2);
    const copy = temporaryFile(Buffer.concat([readFileSync(place)]));
    const second = await readImage(copy, { doors, reference: 'two', cache });
    assert.equal(cache.size, 3);
    assert.equal(first.layers[0]!.changes.length, second.layers[0]!.changes.length);
    const content = contentOf(second.layers[0]!.changes[0]!);
    assert.equal(content?.kind === 'archived' && content.archive.file, copy);
  });
});

describe('several platforms', () => {
  const attestation = (layout: Layout) => ({
    ...layout.json({
      config: layout.json({}),
      layers: [{ mediaType: 'application/vnd.in-toto+json', ...layout.json({}) }],
    }),
    platform: { os: 'unknown', architecture: 'unknown' },
    annotations: { 'vnd.docker.reference.type': 'attestation-manifest' },
  });
  const nested = async (...platforms: string[]) => {
    const layout = new Layout();
    const manifests = [];
    for (const platform of platforms) {
      const [architecture, variant] = platform.split('/') as [string, string | undefined];
      const fields = { os: 'linux', architecture, ...(variant && { variant }) };
      const image = await sampleImage([[file(platform.replace('/', '-'))]], fields);
      manifests.push({ ...layout.image(image), platform: fields }, attestation(layout));
    }
    return layout.index(layout.json({ schemaVersion: 2, manifests }));
  };
  const pathFor = async (layout: Layout, platform?: { os: string; architecture: string; variant?: string }) =>
    (await readImage(layout.folder(), { doors, ...(platform && { platform }) })).layers[0]!.changes[0]!.path;
  const arm = (variant?: string) => ({ os: 'linux', architecture: 'arm', ...(variant && { variant }) });

  it('takes the one that is asked for, linux/amd64 without a wish', async () => {
    const layout = await nested('arm64/v8', 'amd64', 'arm/v5', 'arm/v7', 'arm/v6');
    assert.equal(await pathFor(layout), '/amd64');
    assert.equal(await pathFor(layout, { os: 'linux', architecture: 'arm64' }), '/arm64-v8');
    assert.equal(await pathFor(layout, { os: 'linux', architecture: 'aarch64', variant: 'v8' }), '/arm64-v8');
    assert.equal(await pathFor(layout, arm()), '/arm-v7');
    assert.equal(await pathFor(layout, arm('v6')), '/arm-v6');
  });

  it('an older ARM variant will do, a newer one not', async () => {
    const layout = await nested('arm/v6', 'amd64');
    assert.equal(await pathFor(layout, arm('v7')), '/arm-v6');
    await assert.rejects(
      pathFor(layout, arm('v5')),
      /no image for linux\/arm\/v5; it has linux\/arm\/v6, linux\/amd64/,
    );
  });

  it('an image without layers, whose list BuildKit writes as null, is one', async () => {
    const layout = new Layout();
    const empty = {
      architecture: 'amd64',
      os: 'linux',
      config: {},
      rootfs: { type: 'layers', diff_ids: [] },
    };
    const config = layout.json(empty);
    const folder = layout.index(layout.json({ schemaVersion: 2, config, layers: null })).folder();
    const { layers, platform } = await readImage(folder, { doors });
    assert.deepEqual([layers, platform.architecture], [[], 'amd64']);
  });

  it('one with its attestation is one', async () => {
    assert.equal(await pathFor(await nested('riscv64')), '/riscv64');
  });

  it('several without amd64 are listed', async () => {
    const layout = await nested('s390x', 'ppc64le');
    await assert.rejects(
      pathFor(layout),
      /several platforms: linux\/s390x, linux\/ppc64le; name one of them/,
    );
  });

  it('those whose blobs were left out do not count unless asked for', async () => {
    const layout = await nested('arm64', 'amd64');
    const index = JSON.parse(layout.files.get('index.json')!.toString());
    const inner = `blobs/${index.manifests[0].digest.replace(':', '/')}`;
    const digest = JSON.parse(layout.files.get(inner)!.toString()).manifests[2].digest;
    layout.files.delete(`blobs/${digest.replace(':', '/')}`);
    assert.equal(await pathFor(layout), '/arm64');
    const amd64 = { os: 'linux', architecture: 'amd64' };
    await assert.rejects(pathFor(layout, amd64), /no image for linux\/amd64; it has linux\/arm64/);
  });

  it('an index that contains itself, or too many levels, is an error', async () => {
    const layout = new Layout();
    let inner = layout.json({ manifests: [] });
    for (let depth = 0; depth < 20; depth++) inner = layout.json({ manifests: [inner] });
    layout.index(inner);
    await assert.rejects(readImage(layout.folder(), { doors }), /nested deeper/);
  });
});

describe('what is no image', () => {
  it('is told apart', async () => {
    const folder = temporaryFolder();
    writeFileSync(path.join(folder, 'manifest.json'), '{"name": "a web app", "icons": []}');
    writeFileSync(path.join(folder, 'index.json'), '{"manifests": []}');
    writeFileSync(path.join(folder, 'Dockerfile'), 'FROM scratch\n');
    const context = temporaryFile(await dockerSave([]).then(() => Buffer.from('BZh, says the text')));
    for (const place of [folder, path.join(folder, 'Dockerfile'), context, path.join(folder, 'nothing')]) {
      assert.equal(await isImage(place, doors), false, place);
    }
  });
});
