import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { fetchImage } from '../../../src/images/registry/fetch-image';
import type { ImageStore } from '../../../src/images/store/image-store';
import { HostArchives } from '../../../src/platform/archive-bytes';
import {
  emptyStore,
  type Handler,
  INDEX,
  MANIFEST,
  noise,
  QUICK,
  redirect,
  refuse,
  withRegistry,
} from './fake-registry';
import { file, type SampleImage, sampleImage, sha256 } from './saved-images';

const doors = new HostArchives();
const AMD64 = { os: 'linux', architecture: 'amd64' };
const ARM64 = { os: 'linux', architecture: 'arm64' };

/** A layer large enough to be cut in the middle. */
const LARGE = 600_000;

let image: SampleImage;
before(async () => {
  image = await sampleImage([[file('small.txt', 'one')], [file('large.bin', noise(LARGE))]]);
});

async function pathsOf(store: ImageStore, name: string): Promise<string[][]> {
  const opened = await store.open((await store.find('registry', name))!, doors, {});
  return opened.layers.map(({ changes }) => changes.map((change) => change.path));
}

const FILES = [['/small.txt'], ['/large.bin']];

describe('images from a registry', () => {
  it('come with their layers, and are found in the store', () =>
    withRegistry(async (registry) => {
      const { store } = emptyStore();
      const { digest } = registry.image(image, ['1']);
      const name = `${registry.host}/team/app:1`;
      const reports: { done: number; total: number }[] = [];
      const record = await fetchImage(name, AMD64, store, { ...QUICK, progress: (at) => reports.push(at) });
      assert.equal(record.manifestDigest, digest);
      assert.deepEqual(record.platform, AMD64);
      assert.deepEqual(
        record.layers.map((layer) => layer.diffId),
        image.layers.map(sha256),
      );
      assert.deepEqual(await store.find('registry', name), record);
      assert.deepEqual(await pathsOf(store, name), FILES);
      const last = reports.at(-1)!;
      assert.equal(last.done, last.total);
      assert.ok(last.total > LARGE);
      assert.ok(reports.every(({ done }, index) => index === 0 || done > reports[index - 1]!.done));
    }));

  it('are not fetched twice', () =>
    withRegistry(async (registry) => {
      const { store } = emptyStore();
      const { digest } = registry.image(image, ['1', '2']);
      await fetchImage(`${registry.host}/app:1`, AMD64, store, QUICK);
      const before = registry.seen.length;
      await fetchImage(`${registry.host}/app:2`, AMD64, store, QUICK);
      assert.deepEqual(
        registry.seen.slice(before).map((seen) => seen.path),
        ['/v2/app/manifests/2'],
      );
      assert.deepEqual(await pathsOf(store, `${registry.host}/app:2`), FILES);
      const pinned = `${registry.host}/app@${digest}`;
      await fetchImage(pinned, AMD64, store, QUICK);
      const asked = registry.seen.length;
      await fetchImage(pinned, AMD64, store, QUICK);
      assert.equal(registry.seen.length, asked);
    }));

  it('share layers that are there already', () =>
    withRegistry(async (registry) => {
      const { store } = emptyStore();
      const other = await sampleImage([[file('other')]]);
      registry.image(image, ['1']);
      registry.image({ ...other, layers: [image.layers[1]!, other.layers[0]!] }, ['2']);
      await fetchImage(`${registry.host}/app:1`, AMD64, store, QUICK);
      const before = registry.seen.length;
      await fetchImage(`${registry.host}/app:2`, AMD64, store, QUICK);
      assert.equal(registry.seen.slice(before).filter(({ path }) => path.includes('blobs')).length, 2);
    }));

  it('of an index are chosen by platform, attestations aside', () =>
    withRegistry(async (registry) => {
      const { store } = emptyStore();
      const arm = await sampleImage([[file('arm')]], { architecture: 'arm64' });
      const amd = registry.image(image);
      const nested = registry.manifest({
        schemaVersion: 2,
        mediaType: INDEX,
        manifests: [{ ...registry.image(arm), platform: ARM64 }],
      });
      const attestation = registry.manifest({ schemaVersion: 2, mediaType: MANIFEST, note: 'attestation' });
      const unknown = { os: 'unknown', architecture: 'unknown' };
      const manifests = [{ ...attestation, platform: unknown }, nested, { ...amd, platform: AMD64 }];
      registry.manifest({ schemaVersion: 2, mediaType: INDEX, manifests }, 'many');
      const name = `${registry.host}/app:many`;
      assert.deepEqual((await fetchImage(name, undefined, store, QUICK)).platform, AMD64);
      const found = await fetchImage(name, ARM64, store, QUICK);
      assert.deepEqual(found.platform, ARM64);
      assert.deepEqual(await store.find('registry', name, ARM64), found);
      await assert.rejects(fetchImage(name, { os: 'linux', architecture: 's390x' }, store, QUICK), {
        kind: 'platform',
        message: `Cannot get ${name} from ${registry.host}: it has no image for linux/s390x; it has linux/arm64, linux/amd64`,
      });
    }));

  it('come from where a redirect leads', () =>
    withRegistry(async (registry) =>
      withRegistry(async (storage) => {
        const { store } = emptyStore();
        registry.image(image, ['1']);
        for (const layer of image.layers) storage.image({ ...image, layers: [layer] });
        registry.on(/\/blobs\//, ({ path }, response) => redirect(response, `http://${storage.host}${path}`));
        await fetchImage(`${registry.host}/app:1`, AMD64, store, QUICK);
        assert.equal(storage.seen.length, 3);
      }),
    ));

  it('come from a mirror, and what it lacks from the next', () =>
    withRegistry(async (empty) =>
      withRegistry(async (registry) => {
        const { store } = emptyStore();
        registry.image(image, ['1']);
        const mirrors = [empty.host, `http://${registry.host}/`];
        await fetchImage('app:1', AMD64, store, { ...QUICK, mirrors });
        assert.deepEqual(empty.paths(/./), ['/v2/library/app/manifests/1']);
        assert.deepEqual(await pathsOf(store, 'docker.io/library/app:1'), FILES);
      }),
    ));
});

describe('blobs that come in pieces', () => {
  const cases: Record<string, Handler> = {
    'a connection that is cut in the middle': ({ range }, response, count) => {
      const bytes = largeBlob();
      if (count >= 3) return 'pass';
      if (count > 0) assert.match(range!, /^bytes=[1-9]\d*-$/);
      const start = Number(/\d+/.exec(range ?? '0')![0]);
      response.writeHead(range ? 206 : 200, {
        'content-length': bytes.length - start,
        ...(range && { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` }),
      });
      response.write(bytes.subarray(start, start + 100_000), () => response.destroy());
    },
    'a server that ignores ranges': (_, response, count) => {
      const bytes = largeBlob();
      response.writeHead(200, { 'content-length': bytes.length });
      if (count === 0) response.write(bytes.subarray(0, 100_000), () => response.destroy());
      else response.end(bytes);
    },
    'an answer that ends too early without a length': (_, response, count) => {
      if (count > 0) return 'pass';
      response.write(largeBlob().subarray(0, 5000));
      response.end();
    },
    'a server that falls silent': (_, response, count) => {
      if (count > 0) return 'pass';
      response.writeHead(200, { 'content-length': largeBlob().length });
      response.write(largeBlob().subarray(0, 5000));
    },
  };
  let packed: Buffer;
  const largeBlob = () => packed;

  for (const [name, handler] of Object.entries(cases)) {
    it(`are whole in the end: ${name}`, () =>
      withRegistry(async (registry) => {
        const { store } = emptyStore();
        const { layers } = registry.image(image, ['1']);
        packed = registry.content(layers[1]!.digest);
        registry.on(new RegExp(layers[1]!.digest), handler);
        await fetchImage(`${registry.host}/app:1`, AMD64, store, QUICK);
        assert.deepEqual(await pathsOf(store, `${registry.host}/app:1`), FILES);
        assert.ok(registry.paths(new RegExp(layers[1]!.digest)).length > 1);
      }));
  }
});

describe('fetching that nobody wants any more', () => {
  for (const where of ['manifests', 'blobs']) {
    it(`ends at once while ${where} are waited for`, { timeout: 5000 }, () =>
      withRegistry(async (registry) => {
        const { store, blobs } = emptyStore();
        registry.image(image, ['1']);
        const abort = new AbortController();
        registry.on(new RegExp(where), (_, to) => {
          if (where === 'blobs') to.write('{');
          setTimeout(() => abort.abort(new Error('not wanted')), 50);
        });
        const since = Date.now();
        const slow = { ...QUICK, timing: { ...QUICK.timing, silence: 60_000 }, signal: abort.signal };
        await assert.rejects(fetchImage(`${registry.host}/app:1`, AMD64, store, slow), /^Error: not wanted$/);
        assert.ok(Date.now() - since < 1000);
        assert.deepEqual(blobs(), []);
      }),
    );
  }

  it('ends at once while a busy server is waited for', () =>
    withRegistry(async (registry) => {
      const { store } = emptyStore();
      const abort = new AbortController();
      registry.on(/manifests/, (_, to) => {
        setTimeout(() => abort.abort(new Error('not wanted')), 50);
        return refuse(to, 503, 'X');
      });
      const since = Date.now();
      const slow = { ...QUICK, timing: { firstWait: 30_000 }, signal: abort.signal };
      await assert.rejects(fetchImage(`${registry.host}/app:1`, AMD64, store, slow), /^Error: not wanted$/);
      assert.ok(Date.now() - since < 1000);
    }));
});

describe('images that the store cannot hold', () => {
  it('are refused before their layers are fetched', () =>
    withRegistry(async (registry) => {
      registry.image(image, ['1']);
      await assert.rejects(fetchImage(`${registry.host}/app:1`, AMD64, emptyStore(100_000).store, QUICK), {
        kind: 'refused',
        message: /: its 60\d kB do not fit into the image store, which may hold 100 kB$/,
      });
      assert.deepEqual(registry.paths(/blobs/), []);
    }));

  it('are told when the disk refuses', () =>
    withRegistry(async (registry) => {
      registry.image(image, ['1']);
      const { store, blobs } = emptyStore();
      const real = store.blobs.put.bind(store.blobs);
      store.blobs.put = async (digest, chunks, signal) => {
        async function* full(): AsyncGenerator<Uint8Array> {
          for await (const chunk of chunks) {
            yield chunk;
            throw Object.assign(new Error('ENOSPC: no space left on device'), {
              code: 'ENOSPC',
              syscall: 'write',
            });
          }
        }
        return real(digest, full(), signal);
      };
      await assert.rejects(fetchImage(`${registry.host}/app:1`, AMD64, store, QUICK), {
        kind: 'disk',
        message: `Cannot get ${registry.host}/app:1 from ${registry.host}: the disk is full`,
      });
      assert.deepEqual(blobs(), []);
    }));
});
