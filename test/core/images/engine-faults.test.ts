import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { listImages } from '../../../src/images/engine/engine-images';
import { fetchFromEngine } from '../../../src/images/engine/fetch-image';
import { inspectImage } from '../../../src/images/engine/inspect-image';
import { ImageStore } from '../../../src/images/store/image-store';
import { type Answer, closeFakeEngines, engineAt, fakeEngine, fault } from './fake-engine';
import { dockerSave, file, sampleImage, sha256, temporaryFolder } from './saved-images';

after(closeFakeEngines);

const INSPECTION = { Id: sha256('id'), Os: 'linux', Architecture: 'amd64', RootFS: { Layers: [] } };

async function engineSaving(saved: Answer) {
  const { host } = await fakeEngine({ '/images/app:1/json': INSPECTION, '/images/app:1/get': saved });
  const folder = temporaryFolder();
  const store = new ImageStore(folder, { bytes: 1e9 });
  const blobs = () => readdirSync(path.join(folder, 'blobs'));
  return { engine: await engineAt(host), store, blobs };
}

/** Incompressible, so that no part of it looks like another. */
async function bigImage() {
  const image = await sampleImage([[file('small', 'x')], [file('big', Buffer.alloc(3_000_000, 'abcdefg'))]]);
  return { image, saved: await dockerSave([{ image, tags: null }]) };
}

describe('an engine that answers', () => {
  it('garbage instead of a list', async () => {
    const { host } = await fakeEngine({ '/images/json': (response) => response.end('[{"Id":') });
    await assert.rejects(
      listImages(await engineAt(host)),
      fault(
        'garbage',
        /^Cannot list the images of Docker at .*: .* answers what is not JSON: it may be no docker engine$/,
      ),
    );
  });

  it('an object instead of a list', async () => {
    const { host } = await fakeEngine({ '/images/json': { a: 1 } });
    await assert.rejects(
      listImages(await engineAt(host)),
      fault('garbage', /the answer is no list of images$/),
    );
  });

  it('that it failed', async () => {
    const says: Answer = (response) => {
      response.statusCode = 500;
      response.end(JSON.stringify({ message: 'layer store\nis broken' }));
    };
    const { host } = await fakeEngine({ '/images/json': says });
    await assert.rejects(
      listImages(await engineAt(host)),
      fault('failed', /answers 500: layer store is broken$/),
    );
  });

  it('that it has no such image', async () => {
    const { host } = await fakeEngine({});
    const engine = await engineAt(host);
    const words = /: it has no image nope:1: build or pull it there, or see "docker images"$/;
    await assert.rejects(inspectImage(engine, 'nope:1'), fault('missing', words));
    const store = new ImageStore(temporaryFolder(), { bytes: 1e9 });
    await assert.rejects(
      fetchFromEngine(engine, 'nope:1', undefined, store),
      fault('missing', /^Cannot get nope:1 from Docker at unix:.*: it has no image nope:1: /),
    );
  });

  it('no other question than one about an image', async () => {
    const { host, requests } = await fakeEngine({ '/images/../containers/json': [] });
    const engine = await engineAt(host);
    const before = requests.length;
    for (const name of ['../containers', '/app', 'a//b', './a', '']) {
      await assert.rejects(inspectImage(engine, name), fault('missing', /: invalid reference format$/));
    }
    assert.equal(requests.length, before);
  });

  it('what is no description of an image', async () => {
    const { host } = await fakeEngine({ '/images/app/json': [] });
    await assert.rejects(
      inspectImage(await engineAt(host), 'app'),
      fault('garbage', /the answer describes no image$/),
    );
  });
});

describe('an engine that saves an image', () => {
  it('and stops midway is told, and trying again goes on', async () => {
    const { image, saved } = await bigImage();
    let stops = true;
    const { engine, store, blobs } = await engineSaving((response) => {
      if (!stops) return response.end(saved);
      response.write(saved.subarray(0, 2_000_000), () => setTimeout(() => response.destroy(), 20));
    });
    await assert.rejects(
      fetchFromEngine(engine, 'app:1', undefined, store),
      fault(
        'stopped',
        /^Cannot get app:1 from Docker at unix:[^ ]* \(DOCKER_HOST\): it ended the connection: see whether the engine still runs, and try again$/,
      ),
    );
    assert.deepEqual(await store.list(), []);
    assert.ok(blobs().includes(sha256(image.layers[0]!).replace(':', '-')));
    assert.ok(!blobs().some((name) => name.endsWith('.part')));
    stops = false;
    assert.equal((await fetchFromEngine(engine, 'app:1', undefined, store)).layers.length, 2);
  });

  it('and ends too early without saying so', async () => {
    const { saved } = await bigImage();
    const { engine, store } = await engineSaving((response) => response.end(saved.subarray(0, 2_000_000)));
    await assert.rejects(
      fetchFromEngine(engine, 'app:1', undefined, store),
      fault(
        'garbage',
        /: what it sent cannot be read: it is truncated: .*: try again, and see whether "docker save" works$/,
      ),
    );
    assert.deepEqual(await store.list(), []);
  });

  it('and writes its failure behind what it sent', async () => {
    const { saved } = await bigImage();
    const json = '{"errorDetail":{"message":"no space left"},"error":"no space left"}\r\n';
    const { engine, store } = await engineSaving((response) => {
      response.end(Buffer.concat([saved.subarray(0, 2_000_000), Buffer.from(json)]));
    });
    await assert.rejects(
      fetchFromEngine(engine, 'app:1', undefined, store),
      fault('failed', /: it stopped midway: no space left$/),
    );
  });

  it('and sends something else', async () => {
    const { engine, store } = await engineSaving((response) => response.end('x'.repeat(2000)));
    await assert.rejects(
      fetchFromEngine(engine, 'app:1', undefined, store),
      fault('garbage', /: what it sent cannot be read: it is not a tar archive: /),
    );
  });

  it('whose layer is not the one that its configuration names', async () => {
    const { image } = await bigImage();
    const other = await sampleImage([[file('other')], [file('big', 'y')]]);
    const saved = await dockerSave([{ image: { ...image, layers: other.layers }, tags: null }]);
    const { engine, store } = await engineSaving((response) => response.end(saved));
    const [wanted, got] = [sha256(image.layers[0]!), sha256(other.layers[0]!)];
    await assert.rejects(fetchFromEngine(engine, 'app:1', undefined, store), (error: Error) => {
      assert.ok(
        error.message.endsWith(`layer ${wanted} is damaged: its bytes have the digest ${got}`),
        error.message,
      );
      return true;
    });
    assert.deepEqual(await store.list(), []);
  });

  it('whose blob has another digest than its name', async () => {
    const { image } = await bigImage();
    const saved = Buffer.from(await dockerSave([{ image, tags: null }]));
    saved.write('#', saved.indexOf('"architecture"') + 1);
    const { engine, store, blobs } = await engineSaving((response) => response.end(saved));
    const name = sha256(image.config);
    await assert.rejects(
      fetchFromEngine(engine, 'app:1', undefined, store),
      fault('garbage', new RegExp(`blob ${name} is damaged`)),
    );
    assert.ok(!blobs().includes(name.replace(':', '-')));
  });

  it('is left when its blobs cannot be written', async () => {
    const { saved } = await bigImage();
    let left = () => {};
    const leaving = new Promise<void>((resolve) => {
      left = resolve;
    });
    const { engine } = await engineSaving((response) => {
      response.on('close', left);
      response.write(saved.subarray(0, 2_000_000));
    });
    const folder = temporaryFolder();
    writeFileSync(path.join(folder, 'blobs'), 'no folder');
    await assert.rejects(
      fetchFromEngine(engine, 'app:1', undefined, new ImageStore(folder, { bytes: 1e9 })),
      fault('failed', /^Cannot get app:1 from Docker at .*: E(NOTDIR|EXIST)/),
    );
    await leaving;
  });

  it('is left when the signal says so', async () => {
    const { saved } = await bigImage();
    const { engine, store, blobs } = await engineSaving((response) => {
      response.write(saved.subarray(0, 2_000_000));
    });
    const controller = new AbortController();
    const progress = ({ done }: { done: number }) => {
      if (done >= 2_000_000) setTimeout(() => controller.abort(new Error('enough')), 10);
    };
    const fetching = fetchFromEngine(engine, 'app:1', undefined, store, {
      signal: controller.signal,
      progress,
    });
    await assert.rejects(fetching, { message: 'enough' });
    assert.ok(!blobs().some((name) => name.endsWith('.part')));
  });
});
