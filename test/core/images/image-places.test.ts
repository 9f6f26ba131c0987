import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { EngineFault } from '../../../src/images/engine/engine-fault';
import { parseImageAddress } from '../../../src/images/image-address';
import { fetchImage, type ImagePlace } from '../../../src/images/image-places';
import { ImageSupply, type Look } from '../../../src/images/image-supply';
import { ImageStore } from '../../../src/images/store/image-store';
import { parsePlatform } from '../../../src/layers/image';
import type { StoredImage, StoredSource } from '../../../src/layers/stored-image';

const PLATFORM = parsePlatform('linux/amd64');

describe('where images are looked for', () => {
  let folder = '';
  let store: ImageStore;
  const asked: string[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'image-places-'));
    store = new ImageStore(folder, { bytes: 1e6 });
    asked.length = 0;
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** An image whose configuration is `text`, kept as what `source` gave. */
  async function kept(source: StoredSource, name: string, text = '{}'): Promise<StoredImage> {
    const configDigest = `sha256:${createHash('sha256').update(text).digest('hex')}`;
    await store.blobs.put(configDigest, Readable.from([Buffer.from(text)]));
    const record: StoredImage = {
      name,
      source,
      platform: PLATFORM,
      id: configDigest,
      configDigest,
      layers: [],
      fetchedAt: Date.now(),
    };
    await store.save(record);
    return record;
  }

  function place(source: StoredSource, fetch: (name: string) => Promise<StoredImage>): ImagePlace {
    return {
      source,
      fetch: (name) => {
        asked.push(`${source} ${name}`);
        return fetch(name);
      },
      clauseFor: (error) => `${source}: ${(error as Error).message}`,
    };
  }

  const lacks = (source: StoredSource) =>
    place(source, async () => {
      throw new EngineFault('missing', 'has no such image');
    });
  const isDown = (source: StoredSource) =>
    place(source, async () => {
      throw new EngineFault('none', 'nobody answers');
    });

  it('is one place after the other, and the first that has it', async () => {
    const podman = place('podman', (name) => kept('podman', name));
    const found = await fetchImage('app:1', PLATFORM, [lacks('docker'), podman, lacks('registry')], store);
    assert.equal(found.kind === 'stored' && found.image.source, 'podman');
    assert.deepEqual(asked, ['docker app:1', 'podman app:1']);
  });

  it('says of every place why it did not give the image', async () => {
    assert.deepEqual(await fetchImage('app:1', PLATFORM, [lacks('docker'), isDown('podman')], store), {
      kind: 'missing',
      reason: 'docker: has no such image, podman: nobody answers',
    });
  });

  it('is the store while an engine is stopped, but not when the engine has it no longer', async () => {
    await kept('docker', 'app:1');
    assert.equal((await fetchImage('app:1', PLATFORM, [isDown('docker')], store)).kind, 'stored');
    assert.equal((await fetchImage('app:1', PLATFORM, [lacks('docker')], store)).kind, 'missing');
  });

  it('tells when it takes what is in the store, and why', async () => {
    const record = await kept('docker', 'app:1');
    const told: unknown[] = [];
    const options = { kept: (image: StoredImage, { message }: Error) => told.push([image, message]) };
    await fetchImage('app:1', PLATFORM, [isDown('docker')], store, options);
    assert.deepEqual(told, [[record, 'nobody answers']]);
  });

  it('is the store for what a registry gave once, whoever may be asked now', async () => {
    await kept('registry', 'docker.io/library/node:22');
    assert.equal((await fetchImage('node:22', PLATFORM, [], store)).kind, 'stored');
  });

  it('is left at once when nobody wants the image any more', async () => {
    const stop = new AbortController();
    const podman = place('podman', async () => {
      stop.abort(new Error('enough'));
      throw new Error('cut off');
    });
    const looking = fetchImage('a', PLATFORM, [podman, lacks('docker')], store, { signal: stop.signal });
    await assert.rejects(looking, /enough/);
    assert.deepEqual(asked, ['podman a']);
  });

  describe('for inspections that must not wait', () => {
    let changes = 0;
    const looks: Look[] = [];
    const supplyOf = (...places: ImagePlace[]) => {
      changes = 0;
      looks.length = 0;
      const began = (look: Look) => looks.push(look);
      return new ImageSupply({ store, places: () => places, changed: () => changes++, began });
    };

    it('gives at once what is at hand, and asks once', async () => {
      const supply = supplyOf(place('docker', (name) => kept('docker', name)));
      const answers = await Promise.all([supply.ask('a', PLATFORM), supply.ask('a:latest', PLATFORM)]);
      assert.deepEqual(
        answers.map(({ kind }) => kind),
        ['stored', 'stored'],
      );
      assert.deepEqual(asked, ['docker a']);
      assert.equal(changes, 0);
    });

    it('says that the image is on its way, and tells when it came', async () => {
      let come = () => {};
      const coming = new Promise<void>((resolve) => {
        come = resolve;
      });
      const supply = supplyOf(place('docker', (name) => coming.then(() => kept('docker', name))));
      const first = await supply.ask('a', PLATFORM);
      assert.deepEqual(first, { kind: 'missing', reason: 'it is being looked for' });
      come();
      await looks[0]!.outcome;
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal(changes, 1);
      assert.equal((await supply.ask('a', PLATFORM)).kind, 'stored');
    });

    it('stays given up until everything is looked for anew', async () => {
      const supply = supplyOf({
        ...place('docker', () => kept('docker', 'a')),
        fetch: (reference, _platform, _store, { signal }) => {
          asked.push(reference);
          if (asked.length > 1) return kept('docker', 'a');
          return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
        },
      });
      const asking = supply.ask('a', PLATFORM);
      looks[0]!.giveUp();
      assert.equal((await asking).kind, 'missing');
      assert.match(JSON.stringify(await supply.ask('a', PLATFORM)), /given up: refresh/);
      supply.forget();
      assert.equal((await supply.ask('a', PLATFORM)).kind, 'stored');
    });
  });
});

describe('the address of an image', () => {
  it('names an engine or a registry and a reference', () => {
    assert.deepEqual(parseImageAddress('docker://node:22'), { source: 'docker', reference: 'node:22' });
    assert.deepEqual(parseImageAddress('registry://ghcr.io/a/b@sha256:0'), {
      source: 'registry',
      reference: 'ghcr.io/a/b@sha256:0',
    });
    assert.equal(parseImageAddress('docker:/x'), undefined);
    assert.equal(parseImageAddress('/docker://x'), undefined);
    assert.equal(parseImageAddress('https://x'), undefined);
  });
});
