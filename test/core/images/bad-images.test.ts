import assert from 'node:assert/strict';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { TarSource } from '../../../src/archive/write-tar';
import { readImage } from '../../../src/images/read-image';
import { HostArchives } from '../../../src/platform/archive-bytes';
import { tarOf } from '../archive/tar-samples';
import { dockerSave, file, Layout, sampleImage, temporaryFile, temporaryFolder } from './saved-images';

const SAMPLES = path.resolve('test/golden/images');
const doors = new HostArchives();

function rejects(place: string, message: RegExp): Promise<void> {
  return assert.rejects(readImage(place, { doors }), (error: Error) => {
    assert.match(error.message, /^Cannot read image archive "[^"]+": /);
    assert.match(error.message, message);
    return true;
  });
}

async function layoutOf(layers: TarSource[][], change: (layout: Layout) => void = () => {}): Promise<string> {
  const layout = new Layout();
  layout.index(layout.image(await sampleImage(layers)));
  change(layout);
  return temporaryFile(await layout.tar());
}

describe('damaged images', () => {
  for (const sample of [
    'docker-save-28-containerd.tar',
    'docker-save-dockerd-overlay2.tar',
    'podman-docker-archive.tar',
  ]) {
    it(`${sample} cut anywhere is an error or whole`, async () => {
      const bytes = readFileSync(path.join(SAMPLES, sample));
      const place = temporaryFile(bytes);
      for (let cut = 0; cut < bytes.length; cut += 389) {
        writeFileSync(place, bytes.subarray(0, cut));
        try {
          assert.equal((await readImage(place, { doors })).layers.length, 5);
        } catch (error) {
          assert.match(
            (error as Error).message,
            /^Cannot read image archive "app\.tar": (it is truncated: |it is neither |manifest\.json is missing|.* is missing: )/,
          );
        }
      }
    });
  }

  it('a half-written archive names the layer', async () => {
    const bytes = readFileSync(path.join(SAMPLES, 'docker-save-d28-overlay2.tar'));
    const at = bytes.indexOf('325843b0d08ae0170efda17c1de300d73478b5cbeef45980ee9b9f90eccd188e');
    await rejects(
      temporaryFile(bytes.subarray(0, at + 3000)),
      /it is truncated: layer sha256:325843b0d.* ends early$/,
    );
  });

  it('any wrong byte of a layer is noticed', async () => {
    const bytes = readFileSync(path.join(SAMPLES, 'docker-save-28-containerd.tar'));
    const at = bytes.indexOf('blobs/sha256/f0515a6c') + 512;
    for (let offset = 0; offset < 432; offset += 9) {
      const damaged = Buffer.from(bytes);
      damaged[at + offset] = damaged[at + offset]! ^ 0x40;
      await rejects(
        temporaryFile(damaged),
        /layer sha256:f0515a6c[0-9a-f]+ (is damaged|cannot be read|ends early)/,
      );
    }
  });

  it('a layer that is another one than the configuration says', async () => {
    const image = await sampleImage([[file('a')]]);
    const other = await sampleImage([[file('b')]]);
    const place = temporaryFile(
      await dockerSave([{ image: { ...image, layers: other.layers }, tags: ['a'] }]),
    );
    await rejects(place, /layer sha256:\w+ is damaged: its bytes have the digest sha256:/);
  });

  it('a damaged manifest or configuration', async () => {
    const place = await layoutOf([[file('a')]], (layout) => {
      for (const [name, bytes] of layout.files) {
        if (name.startsWith('blobs') && bytes[0] === 0x7b) layout.files.set(name, Buffer.from(`${bytes} `));
      }
    });
    await rejects(place, /manifest sha256:\w+ is damaged: its bytes have the digest/);
  });

  it('a missing layer is named', async () => {
    const image = await sampleImage([[file('a')]]);
    const place = await layoutOf([[file('a')]], (layout) => {
      for (const [name, bytes] of layout.files) if (bytes[0] === 0x1f) layout.files.delete(name);
    });
    await rejects(place, /layer sha256:[0-9a-f]{64} is missing: docker save may leave out/);
    const manifest = [{ Config: 'c.json', Layers: ['gone/layer.tar'] }];
    const tar = await tarOf(file('c.json', image.config), file('manifest.json', JSON.stringify(manifest)));
    await rejects(temporaryFile(tar), /layer sha256:[0-9a-f]{64} is missing/);
  });

  it('what lacks its list', async () => {
    await rejects(temporaryFile(await tarOf(file('repositories', '{}'))), /: manifest\.json is missing$/);
    await rejects(
      temporaryFile(await tarOf(file('Dockerfile', 'FROM x'))),
      /: it is neither a docker save archive/,
    );
    await rejects(
      temporaryFile(Buffer.from('FROM scratch\n')),
      /: it is neither a docker save archive nor an OCI layout$/,
    );
    await rejects(temporaryFile(gzipSync('hello')), /: it is neither a docker save archive/);
    await rejects(path.join(temporaryFolder(), 'nothing'), /"nothing": there is no such file$/);
    await rejects(temporaryFile(await tarOf(file('manifest.json', '[{'))), /manifest\.json is not JSON/);
  });

  it('names that lead out of the layer', async () => {
    for (const bad of ['../x', 'a/../../x']) {
      const place = await layoutOf([[file(bad)]]);
      await rejects(place, /layer sha256:\w+ cannot be read: entry ".*" leads out of the root/);
    }
  });

  it('names that lead out of the archive find nothing', async () => {
    const secret = temporaryFile(Buffer.from('{"rootfs": {}}'), 'secret.json');
    const folder = temporaryFolder();
    symlinkSync(secret, path.join(folder, 'link.json'));
    for (const name of [`../${path.basename(path.dirname(secret))}/secret.json`, 'link.json', secret]) {
      writeFileSync(path.join(folder, 'manifest.json'), JSON.stringify([{ Config: name, Layers: [] }]));
      await rejects(folder, /the configuration .* is missing/);
    }
  });

  it('links that go in circles', async () => {
    const link = (name: string, linkname: string): TarSource => ({ name, type: 'symlink', linkname });
    const place = temporaryFile(await tarOf(link('manifest.json', 'b'), link('b', 'manifest.json')));
    await rejects(place, /it is neither/);
  });

  it('digests that are paths are refused', async () => {
    const layout = new Layout();
    layout.index({ digest: 'sha256:../../etc/passwd' });
    await rejects(layout.folder(), /"sha256:\.\.\/\.\.\/etc\/passwd" is not a digest/);
  });

  it('ill-typed JSON breaks nothing', async () => {
    const wrong = [
      null,
      1,
      'x',
      [],
      {},
      [null],
      { manifests: null },
      [{ Config: 1 }],
      [{ Config: 'c', Layers: null }],
    ];
    for (const name of ['manifest.json', 'index.json']) {
      for (const value of wrong)
        await rejects(temporaryFile(await tarOf(file(name, JSON.stringify(value)))), /./);
    }
    for (const manifest of [{ config: {}, layers: [] }, { config: null, layers: [] }, { fsLayers: [] }]) {
      const layout = new Layout();
      layout.index(layout.json(manifest));
      await rejects(layout.folder(), /no digest|not supported/);
    }
  });

  it('a configuration with nothing but null', async () => {
    const layout = new Layout();
    const nothing = {
      config: { Env: null, Cmd: null, Labels: null, Healthcheck: null },
      history: null,
      rootfs: null,
    };
    const layer = layout.blob(await tarOf(file('a')));
    layout.index(layout.json({ config: layout.json(nothing), layers: [layer] }));
    const image = await readImage(layout.folder(), { doors });
    assert.deepEqual([image.config, image.history, image.layers[0]!.createdBy], [{}, [], '']);
  });

  it('history that does not add up gives no words', async () => {
    const layout = new Layout();
    const history = [{ created_by: 'a' }, { created_by: 'ENV', empty_layer: true }, { created_by: 'b' }];
    layout.index(layout.image(await sampleImage([[file('a')], [file('b')]], { history })));
    const { layers } = await readImage(layout.folder(), { doors });
    assert.deepEqual(
      layers.map(({ createdBy }) => createdBy),
      ['a', 'b'],
    );
    const other = new Layout();
    other.index(other.image(await sampleImage([[file('a')]], { history })));
    assert.equal((await readImage(other.folder(), { doors })).layers[0]!.createdBy, '');
  });

  it('a bomb costs no memory', async () => {
    const layout = new Layout();
    const bomb = await tarOf({ name: 'zeros', type: 'file', body: Buffer.alloc(300 * 2 ** 20) });
    layout.index(layout.image({ layers: [bomb], config: Buffer.from('{}') }));
    const place = layout.folder();
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    const watch = setInterval(() => {
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
    }, 5);
    const image = await readImage(place, { doors });
    clearInterval(watch);
    assert.equal(image.layers[0]!.changes.length, 1);
    assert.ok(most < 100 * 2 ** 20, `${most} bytes`);
  });

  it('an archive that is compressed as a whole and too large says what to do', async () => {
    const place = temporaryFile(gzipSync(Buffer.alloc(257 * 2 ** 20), { level: 1 }), 'app.tar.gz');
    await rejects(place, /unpacks to more than 256 MiB: decompress it first$/);
  });

  it('stops when nobody waits any more', async () => {
    const controller = new AbortController();
    const reason = new Error('the editor closed');
    controller.abort(reason);
    const place = path.join(SAMPLES, 'buildx-oci-gzip.tar');
    await assert.rejects(readImage(place, { doors, signal: controller.signal }), reason);
  });
});
