import assert from 'node:assert/strict';
import { readdirSync, readFileSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { ImageStore } from '../../../src/images/store/image-store';
import type { StoredImage } from '../../../src/layers/stored-image';
import { HostArchives } from '../../../src/platform/archive-bytes';
import { file, type SampleImage, sampleImage, sha256, temporaryFolder } from './saved-images';

const doors = new HostArchives();
const AMD64 = { os: 'linux', architecture: 'amd64' };

async function* chunksOf(...chunks: (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield Buffer.from(chunk as string);
}

function storeOf(bytes = 1e9): { store: ImageStore; folder: string; blobs(): string[] } {
  const folder = temporaryFolder();
  const blobs = () => readdirSync(path.join(folder, 'blobs')).sort();
  return { store: new ImageStore(folder, { bytes }), folder, blobs };
}

async function stored(
  store: ImageStore,
  image: SampleImage,
  changes: Partial<StoredImage> = {},
): Promise<StoredImage> {
  const packed = image.layers.map((layer) => gzipSync(layer));
  for (const bytes of [image.config, ...packed]) await store.blobs.put(sha256(bytes), chunksOf(bytes));
  const configDigest = sha256(image.config);
  return {
    name: 'app:1',
    source: 'registry',
    platform: AMD64,
    id: configDigest,
    configDigest,
    layers: packed.map((bytes) => ({ digest: sha256(bytes), size: bytes.length })),
    fetchedAt: 1,
    ...changes,
  };
}

describe('blobs in the store', () => {
  it('are found by digest once they are whole', async () => {
    const { store } = storeOf();
    const digest = sha256('hello');
    assert.equal(await store.blobs.find(digest), undefined);
    const where = await store.blobs.put(digest, chunksOf('he', 'llo'));
    assert.equal(readFileSync(where, 'utf8'), 'hello');
    assert.equal(await store.blobs.find(digest), where);
  });

  it('with other bytes than their digest says are never kept', async () => {
    const { store, blobs } = storeOf();
    const digest = sha256('hello');
    await assert.rejects(store.blobs.put(digest, chunksOf('hellO')), {
      message: `blob ${digest} is damaged: its bytes have the digest ${sha256('hellO')}`,
    });
    assert.deepEqual(blobs(), []);
  });

  it('leave nothing behind when their stream breaks', async () => {
    const { store, blobs } = storeOf();
    async function* broken() {
      yield Buffer.from('hel');
      throw new Error('cut off');
    }
    await assert.rejects(store.blobs.put(sha256('hello'), broken()), /^Error: cut off$/);
    assert.deepEqual(blobs(), []);
  });

  it('stop at once when nobody wants them any more', { timeout: 5000 }, async () => {
    const { store, blobs } = storeOf();
    const abort = new AbortController();
    async function* stuck() {
      yield Buffer.from('hel');
      setImmediate(() => abort.abort(new Error('not wanted')));
      // A timer keeps the process awake as a connection would.
      const timer = setInterval(() => {}, 1000);
      abort.signal.addEventListener('abort', () => clearInterval(timer));
      await new Promise(() => {});
    }
    await assert.rejects(store.blobs.put(sha256('hello'), stuck(), abort.signal), /^Error: not wanted$/);
    assert.deepEqual(blobs(), []);
  });

  it('get the name of what passed when nobody told their digest', async () => {
    const { store } = storeOf();
    const added = await store.blobs.add(chunksOf('he', 'llo'));
    assert.deepEqual(added, {
      digest: sha256('hello'),
      size: 5,
      file: await store.blobs.find(sha256('hello')),
    });
  });

  it('have digests that can be checked, and no other names', async () => {
    const { store } = storeOf();
    for (const digest of ['md5:00', 'sha256:../../x', `sha256:${'G'.repeat(64)}`, '']) {
      await assert.rejects(store.blobs.put(digest, chunksOf('')), /is not a digest that can be checked/);
      await assert.rejects(store.blobs.find(digest), /is not a digest that can be checked/);
    }
  });

  it('say in words that the disk is full', async () => {
    const { store, blobs } = storeOf();
    async function* full(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('hel');
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    }
    await assert.rejects(store.blobs.put(sha256('hello'), full()), /^Error: the disk is full$/);
    assert.deepEqual(blobs(), []);
  });
});

describe('images in the store', () => {
  it('open as they would from a layout', async () => {
    const { store } = storeOf();
    const record = await stored(store, await sampleImage(), { manifestDigest: sha256('manifest') });
    await store.save(record);
    const image = await store.open((await store.find('registry', 'app:1'))!, doors, {});
    assert.equal(image.name, 'app:1');
    assert.equal(image.digest, sha256('manifest'));
    assert.deepEqual(image.config.Env, ['PATH=/bin']);
    assert.deepEqual(
      image.layers.map(({ createdBy, changes }) => [createdBy, changes.map((change) => change.path)]),
      [
        ['layer 0', ['/a.txt']],
        ['layer 1', ['/b.txt']],
      ],
    );
  });

  it('are found by any spelling of their name, from their source only', async () => {
    const { store } = storeOf();
    const record = await stored(store, await sampleImage());
    await store.save(record);
    assert.deepEqual(await store.find('registry', 'docker.io/library/app:1', AMD64), record);
    assert.equal(await store.find('docker', 'app:1', AMD64), undefined);
    assert.equal(await store.find('registry', 'app:2', AMD64), undefined);
    assert.deepEqual(await store.findById(record.id), record);
    assert.equal(await store.findById('sha256:other'), undefined);
    assert.deepEqual(await store.list(), [record]);
  });

  it('of several platforms are told apart, and none is given for one it cannot run on', async () => {
    const { store } = storeOf();
    const amd64 = await stored(store, await sampleImage());
    const arm = { os: 'linux', architecture: 'arm', variant: 'v6' };
    const armv6 = await stored(store, await sampleImage(), { platform: arm });
    await store.save(amd64);
    await store.save(armv6);
    assert.deepEqual(await store.find('registry', 'app:1'), amd64);
    assert.deepEqual(await store.find('registry', 'app:1', { ...arm, variant: 'v7' }), armv6);
    assert.equal(await store.find('registry', 'app:1', { os: 'linux', architecture: 's390x' }), undefined);
  });

  it('count as not there when a blob was let go', async () => {
    const { store } = storeOf();
    const record = await stored(store, await sampleImage());
    await store.save(record);
    await store.blobs.remove(record.layers[1]!.digest);
    assert.equal(await store.find('registry', 'app:1'), undefined);
    assert.equal(await store.findById(record.id), undefined);
    assert.deepEqual(await store.list(), []);
  });

  it('that are larger than the store may be are not promised', async () => {
    const { store } = storeOf(100);
    const record = await stored(store, await sampleImage());
    await assert.rejects(
      store.save(record),
      /^Error: not all of its \d+ B stayed in the image store, which may hold 100 B$/,
    );
    assert.equal(await store.find('registry', 'app:1'), undefined);
  });

  it('keep what a look at them uses', async () => {
    const { store, folder, blobs } = storeOf(2000);
    const record = await stored(store, await sampleImage());
    await store.save(record);
    await store.blobs.put(sha256('x'.repeat(900)), chunksOf('x'.repeat(900)));
    for (const name of blobs()) utimesSync(path.join(folder, 'blobs', name), 10, 10);
    assert.ok(await store.find('registry', 'app:1'));
    await store.blobs.put(sha256('y'.repeat(900)), chunksOf('y'.repeat(900)));
    assert.ok(await store.find('registry', 'app:1'));
    assert.equal(await store.blobs.find(sha256('x'.repeat(900))), undefined);
  });

  it('whose blob became shorter on disk are fetched again', async () => {
    const { store } = storeOf();
    const record = await stored(store, await sampleImage());
    await store.save(record);
    truncateSync((await store.blobs.find(record.layers[0]!.digest))!, 20);
    assert.equal(await store.find('registry', 'app:1'), undefined);
  });

  it('whose blob was damaged on disk say so once, and are then fetched again', async () => {
    const { store } = storeOf();
    const record = await stored(store, await sampleImage([[file('a', 'x'.repeat(99))]]));
    await store.save(record);
    const { digest, size } = record.layers[0]!;
    writeFileSync((await store.blobs.find(digest))!, Buffer.alloc(size, 7));
    await assert.rejects(
      store.open(record, doors, {}),
      /layer sha256:\w+ .*: the copy on this machine was damaged and is removed; fetch it again$/,
    );
    assert.equal(await store.find('registry', 'app:1'), undefined);
  });

  it('that went between the look and the reading say so', async () => {
    const { store } = storeOf();
    const record = await stored(store, await sampleImage());
    await store.save(record);
    await store.blobs.remove(record.layers[0]!.digest);
    await assert.rejects(store.open(record, doors, {}), /layer sha256:\w+ is no longer in the store/);
  });

  it('are not read from records that nobody could have written', async () => {
    const { store, folder } = storeOf();
    await store.save(await stored(store, await sampleImage()));
    const records = path.join(folder, 'images');
    for (const text of ['', '{', '[]', '{"source":"registry"}', '{"layers":[null]}']) {
      writeFileSync(path.join(records, readdirSync(records)[0]!), text);
      assert.deepEqual(await store.list(), []);
    }
  });

  it('are not read from records whose digests lead elsewhere', async () => {
    const { store, folder } = storeOf();
    const record = await stored(store, await sampleImage());
    const bad = 'sha256:../../x';
    for (const changes of [{ configDigest: bad }, { layers: [{ digest: bad, size: 1 }] }]) {
      await store.save(record);
      const records = path.join(folder, 'images');
      const name = readdirSync(records)[0]!;
      writeFileSync(path.join(records, name), JSON.stringify({ ...record, ...changes }));
      assert.equal(await store.find('registry', 'app:1'), undefined);
    }
  });

  it('are the only one that there is when no platform is asked for', async () => {
    const { store } = storeOf();
    const platform = { os: 'linux', architecture: 's390x' };
    const record = await stored(store, await sampleImage(), { platform });
    await store.save(record);
    assert.deepEqual(await store.find('registry', 'app:1'), record);
    assert.equal(await store.find('registry', 'app:1', AMD64), undefined);
  });
});
