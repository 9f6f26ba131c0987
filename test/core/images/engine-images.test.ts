import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { imageHistory, listImages } from '../../../src/images/engine/engine-images';
import { fetchFromEngine } from '../../../src/images/engine/fetch-image';
import { inspectAll, inspectImage } from '../../../src/images/engine/inspect-image';
import { layerSharers } from '../../../src/images/engine/shared-layers';
import { readImage } from '../../../src/images/read-image';
import { ImageStore } from '../../../src/images/store/image-store';
import type { Image } from '../../../src/layers/image';
import { HostArchives } from '../../../src/platform/archive-bytes';
import { hostContents } from '../../../src/platform/contents';
import { type Answer, closeFakeEngines, engineAt, type FakeOptions, fakeEngine } from './fake-engine';
import { dockerSave, file, Layout, sampleImage, sha256, temporaryFolder } from './saved-images';

after(closeFakeEngines);

const doors = new HostArchives();
const contents = hostContents(doors);
const SAMPLES = path.resolve('test/golden/images');
const AMD64 = { os: 'linux', architecture: 'amd64' };

const bytes =
  (body: Uint8Array): Answer =>
  (response) =>
    response.end(body);

function emptyStore(): { store: ImageStore; folder: string } {
  const folder = temporaryFolder();
  return { store: new ImageStore(folder, { bytes: 1e9 }), folder };
}

function inspection(more: object = {}) {
  return {
    Id: sha256('id'),
    Os: 'linux',
    Architecture: 'amd64',
    Size: 5000,
    RootFS: { Layers: [] },
    GraphDriver: { Name: 'overlay2', Data: null },
    ...more,
  };
}

async function engineWith(saved: Uint8Array | Answer, more: object = {}, options: FakeOptions = {}) {
  const fake = await fakeEngine(
    {
      '/images/app:1/json': inspection(more),
      '/images/app:1/get': saved instanceof Uint8Array ? bytes(saved) : saved,
    },
    options,
  );
  return { engine: await engineAt(fake.host), fake };
}

/** What the layers do, with the bytes of every file instead of where they lie. */
async function deeds(image: Image): Promise<unknown[]> {
  return Promise.all(
    image.layers.map(async ({ changes, createdBy, diffId }) => ({
      createdBy,
      diffId,
      changes: await Promise.all(
        changes.map(async (change) => {
          if (change.kind !== 'put' || change.node.kind !== 'file') return change;
          const { content, ...node } = change.node;
          return { ...change, node, text: Buffer.from(await contents.read(content)).toString() };
        }),
      ),
    })),
  );
}

describe('an image that an engine saves', () => {
  const forms = {
    'docker 20.10': 'docker-save-dockerd-overlay2.tar',
    'docker 28, overlay2': 'docker-save-d28-overlay2.tar',
    'docker 28, containerd': 'docker-save-28-containerd.tar',
    podman: 'podman-docker-archive.tar',
    'an OCI layout': 'buildx-oci-gzip.tar',
  };
  for (const [form, sample] of Object.entries(forms)) {
    it(`is the same from the store: ${form}`, async () => {
      const archive = path.join(SAMPLES, sample);
      const { engine } = await engineWith(readFileSync(archive));
      const { store } = emptyStore();
      const record = await fetchFromEngine(engine, 'app:1', undefined, store);
      const [image, expected] = [await store.open(record, doors, {}), await readImage(archive, { doors })];
      assert.deepEqual(await deeds(image), await deeds(expected));
      assert.deepEqual([image.config, image.history], [expected.config, expected.history]);
      assert.deepEqual(image.platform, AMD64);
      assert.equal(image.name, 'app:1');
      const { source, id, platform } = record;
      assert.deepEqual({ source, id, platform }, { source: 'docker', id: sha256('id'), platform: AMD64 });
      assert.deepEqual(await store.find('docker', 'app:1'), record);
    });
  }

  it('leaves nothing but its blobs in the store', async () => {
    const image = await sampleImage();
    const { engine } = await engineWith(await dockerSave([{ image, tags: ['app:1'] }]));
    const { store, folder } = emptyStore();
    await fetchFromEngine(engine, 'app:1', undefined, store);
    const names = [image.config, ...image.layers].map((blob) => sha256(blob).replace(':', '-'));
    assert.deepEqual(readdirSync(path.join(folder, 'blobs')).sort(), names.sort());
  });

  it('is asked for by GET alone, and only once for one ID', async () => {
    const { engine, fake } = await engineWith(await dockerSave([{ image: await sampleImage(), tags: null }]));
    const { store } = emptyStore();
    const first = await fetchFromEngine(engine, 'app:1', AMD64, store);
    assert.deepEqual(await fetchFromEngine(engine, 'app:1', AMD64, store), first);
    const [json, get] = ['GET /images/app:1/json', 'GET /images/app:1/get'];
    assert.deepEqual(fake.requests, [json, get, json]);
  });

  it('is fetched anew when its name has another ID', async () => {
    const { store } = emptyStore();
    for (const text of ['old', 'new']) {
      const image = await sampleImage([[file('a', text)]]);
      const { engine } = await engineWith(await dockerSave([{ image, tags: null }]), { Id: sha256(text) });
      const record = await fetchFromEngine(engine, 'app:1', undefined, store);
      assert.deepEqual(record.layers, [
        { digest: sha256(image.layers[0]!), diffId: sha256(image.layers[0]!), size: image.layers[0]!.length },
      ]);
    }
  });

  it('is not written where its blobs are there', async () => {
    const image = await sampleImage();
    const layout = new Layout();
    layout.index(layout.image(image));
    const { store, folder } = emptyStore();
    const inodes = () =>
      readdirSync(path.join(folder, 'blobs')).map((name) => statSync(path.join(folder, 'blobs', name)).ino);
    const { engine } = await engineWith(await layout.tar());
    await store.remove(await fetchFromEngine(engine, 'app:1', undefined, store));
    const before = inodes();
    await fetchFromEngine(engine, 'app:1', undefined, store);
    assert.deepEqual(inodes(), before);
  });

  it('tells how much came', async () => {
    const saved = await dockerSave([{ image: await sampleImage(), tags: null }]);
    const { engine } = await engineWith(saved, { Size: 10 });
    const seen: number[] = [];
    const progress = ({ done, total }: { done: number; total: number }) => {
      assert.ok(total >= done);
      seen.push(done);
    };
    await fetchFromEngine(engine, 'app:1', undefined, emptyStore().store, { progress });
    assert.equal(seen.at(-1), saved.length);
  });
});

describe('of several platforms', () => {
  const arm = { os: 'linux', architecture: 'arm64', variant: 'v8' };
  const manifest = (platform: object, available = true) => ({
    Kind: 'image',
    Available: available,
    ImageData: { Platform: platform },
  });
  const manifests = [manifest(AMD64), manifest(arm), manifest({ os: 'linux', architecture: 's390x' }, false)];

  it('the one that is wanted is asked for', async () => {
    const image = await sampleImage(undefined, { architecture: 'arm64', variant: 'v8' });
    const saved = await dockerSave([{ image, tags: null }]);
    const { engine, fake } = await engineWith(saved, { Manifests: manifests }, { api: '1.51' });
    const wanted = { os: 'linux', architecture: 'arm64' };
    const record = await fetchFromEngine(engine, 'app:1', wanted, emptyStore().store);
    assert.deepEqual(record.platform, arm);
    assert.deepEqual(fake.requests, [
      'GET /images/app:1/json?manifests=1',
      `GET /images/app:1/get?platform=${encodeURIComponent(JSON.stringify(arm))}`,
    ]);
  });

  it('one that the engine does not hold is refused before anything is sent', async () => {
    const { engine, fake } = await engineWith(Buffer.alloc(0), { Manifests: manifests }, { api: '1.51' });
    const wanted = { os: 'linux', architecture: 's390x' };
    await assert.rejects(fetchFromEngine(engine, 'app:1', wanted, emptyStore().store), {
      kind: 'platform',
      message: `Cannot get app:1 from Docker at ${engine.address.label}: it has this image for linux/amd64, linux/arm64/v8, not for linux/s390x: pull or build it there with --platform linux/s390x`,
    });
    assert.equal(fake.requests.length, 1);
  });

  it('an older engine shows only in what it saves that it has another', async () => {
    const image = await sampleImage(undefined, { architecture: 's390x' });
    const saved = await dockerSave([{ image, tags: null }]);
    const { engine } = await engineWith(saved, {}, { api: '1.44' });
    const { store } = emptyStore();
    const wanted = { os: 'linux', architecture: 's390x' };
    assert.deepEqual((await fetchFromEngine(engine, 'app:1', wanted, store)).platform, wanted);
    await assert.rejects(
      fetchFromEngine(engine, 'app:1', arm, store),
      /it has no image for linux\/arm64\/v8; it has linux\/s390x/,
    );
  });
});

describe('the list of images', () => {
  it('has a row for every tag, and <none> for what has none', async () => {
    const row = { Created: 7, Size: 9, Labels: { a: 'b' } };
    const tagged = {
      Id: sha256('1'),
      RepoTags: ['app:1', 'host:5000/app:2'],
      RepoDigests: [`app@${sha256('m')}`],
    };
    const untagged = { Id: sha256('2'), RepoTags: [], RepoDigests: [`lib@${sha256('n')}`] };
    const dangling = { Id: sha256('3'), RepoTags: ['<none>:<none>'], RepoDigests: ['<none>@<none>'] };
    const list = [tagged, untagged, dangling, { Id: sha256('4'), RepoTags: null }].map((each) => ({
      ...row,
      ...each,
    }));
    const { host } = await fakeEngine({ '/images/json': list });
    const rows = await listImages(await engineAt(host));
    assert.deepEqual(
      rows.map(({ repository, tag, id, digest, dangling }) => [repository, tag, id, digest, dangling]),
      [
        ['app', '1', sha256('1'), sha256('m'), false],
        ['host:5000/app', '2', sha256('1'), undefined, false],
        ['lib', '<none>', sha256('2'), sha256('n'), false],
        ['<none>', '<none>', sha256('3'), undefined, true],
        ['<none>', '<none>', sha256('4'), undefined, true],
      ],
    );
    const { created, size, labels } = rows[0]!;
    assert.deepEqual({ created, size, labels }, { created: 7000, size: 9, labels: { a: 'b' } });
  });
});

describe('what an engine tells of an image', () => {
  const hex = '0123456789abcdef'.repeat(4);

  it('is its history, with <missing> as no ID', async () => {
    const rows = [
      { Id: hex, Created: 2, CreatedBy: 'CMD ["a"]', Size: 0, Comment: 'c', Tags: ['app:1'] },
      { Id: '<missing>', Created: 1, CreatedBy: 'COPY . .', Size: 5, Comment: '', Tags: null },
    ];
    const { host } = await fakeEngine({ '/images/app:1/history': rows });
    assert.deepEqual(await imageHistory(await engineAt(host), 'app:1'), [
      { id: `sha256:${hex}`, created: 2000, createdBy: 'CMD ["a"]', size: 0, comment: 'c', tags: ['app:1'] },
      { created: 1000, createdBy: 'COPY . .', size: 5, comment: '', tags: [] },
    ]);
  });

  it('is where its overlay driver keeps each layer', async () => {
    const GraphDriver = { Name: 'overlay2', Data: { LowerDir: '/o/2:/o/1', UpperDir: '/o/3' } };
    const json = inspection({ GraphDriver, RootFS: { Layers: ['a', 'b', 'c'] } });
    const { host } = await fakeEngine({ '/images/host:5000/a/b:1/json': json });
    const { layers, driver } = await inspectImage(await engineAt(host), 'host:5000/a/b:1');
    assert.equal(driver, 'overlay2');
    assert.deepEqual(layers, [
      { diffId: 'a', folder: '/o/1' },
      { diffId: 'b', folder: '/o/2' },
      { diffId: 'c', folder: '/o/3' },
    ]);
  });

  it('is no folder where there are not as many as layers', async () => {
    const GraphDriver = { Name: 'overlay2', Data: { UpperDir: '/o/3' } };
    const json = inspection({ GraphDriver, RootFS: { Layers: ['a', 'b'] } });
    const { host } = await fakeEngine({ '/images/app/json': json });
    assert.deepEqual((await inspectImage(await engineAt(host), 'app')).layers, [
      { diffId: 'a' },
      { diffId: 'b' },
    ]);
  });
});

describe('many images at once', () => {
  it('are inspected in their order, without those that are gone', async () => {
    const names = Array.from({ length: 9 }, (_, index) => `app:${index}`);
    const answers = names.map((name) => [`/images/${name}/json`, inspection({ Id: sha256(name) })] as const);
    const { host } = await fakeEngine(Object.fromEntries(answers.filter((_, index) => index !== 3)));
    const ids = (await inspectAll(await engineAt(host), names)).map(({ id }) => id);
    assert.deepEqual(ids, names.filter((_, index) => index !== 3).map(sha256));
  });
});

describe('layers that images share', () => {
  it('are those that they begin with', () => {
    const image = (name: string, ...diffIds: string[]) => ({
      name,
      layers: diffIds.map((diffId) => ({ diffId })),
    });
    const images = [image('a', '1', '2', '3'), image('b', '1', '2'), image('c', '2', '3'), image('d', '1')];
    const sharers = layerSharers(images);
    const names = images.map((each) => sharers(each).map((layer) => layer.map(({ name }) => name).join('')));
    assert.deepEqual(names, [['bd', 'b', ''], ['ad', 'a'], ['', ''], ['ab']]);
  });
});
