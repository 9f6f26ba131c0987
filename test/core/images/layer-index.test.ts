import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { TarSource } from '../../../src/archive/write-tar';
import { Machine } from '../../../src/doors';
import { indexLayer, type LayerBlob } from '../../../src/images/index-layer';
import { toColumns } from '../../../src/images/layer-index/columns';
import { decodeIndex, encodeIndex } from '../../../src/images/layer-index/index-file';
import { KeptIndexes } from '../../../src/images/layer-index/kept-indexes';
import { fromColumns } from '../../../src/images/layer-index/unfolded';
import { CappedFolder } from '../../../src/images/store/capped-folder';
import type { Change } from '../../../src/layers/change';
import type { Content } from '../../../src/layers/content';
import { HostArchives } from '../../../src/platform/archive-bytes';
import { LayerThreads } from '../../../src/platform/index-threads';
import { tarOf } from '../archive/tar-samples';
import { file, Layout, sampleImage, sha256, symlink, temporaryFile, temporaryFolder } from './saved-images';

const SCRIPT = path.resolve('dist', 'layer-index.worker.js');
const archive = { file: '/x', offset: 0, length: 9, compression: 'gzip' } as const;
const meta = { mode: 0o644, uid: 0, gid: 0, mtime: 1.5 };
const content = (offset: number, size: number): Content => ({ kind: 'archived', archive, offset, size });

const kinds: Change[] = [
  { kind: 'opaque', path: '/a' },
  { kind: 'put', path: '/a', node: { kind: 'directory', ...meta, mode: 0o7755 } },
  { kind: 'put', path: '/a/file', node: { kind: 'file', ...meta, content: content(512, 2 ** 40) } },
  { kind: 'put', path: '/a/héllo', node: { kind: 'symlink', ...meta, target: '../日本語' } },
  { kind: 'hardlink', path: '/a/more', target: '/a/file' },
  { kind: 'remove', path: '/b/c/gone' },
  { kind: 'put', path: '/b/c/gone', node: { kind: 'fifo', ...meta, uid: 2 ** 40, gid: -1 } },
  { kind: 'put', path: '/dev/null', node: { kind: 'character', ...meta, major: 1, minor: 3 } },
  {
    kind: 'put',
    path: '/dev/sda',
    node: { kind: 'block', ...meta, major: 8, minor: 0, xattrs: { 'user.a': '\xff\0' } },
  },
  { kind: 'put', path: '/zeros', node: { kind: 'file', ...meta, content: { kind: 'zeros', size: 7 } } },
  {
    kind: 'put',
    path: '/bytes',
    node: { kind: 'file', ...meta, content: { kind: 'inline', bytes: Uint8Array.of(0, 255), size: 2 } },
  },
  {
    kind: 'put',
    path: '/holes',
    node: { kind: 'file', ...meta, content: { kind: 'placeholder', size: 5, reason: 'holes' } },
  },
];
const about = { compression: 'gzip', length: 9, diffId: sha256('x') } as const;

describe('the index of a layer', () => {
  it('gives back every kind of change', () => {
    const index = decodeIndex(encodeIndex({ ...about, columns: toColumns(kinds) }))!;
    assert.deepEqual(fromColumns(index.columns, archive), kinds);
    assert.deepEqual({ ...index, columns: undefined }, { ...about, columns: undefined });
  });

  it('of another version or with a wrong byte counts as none', () => {
    const bytes = encodeIndex({ ...about, columns: toColumns(kinds) });
    for (let at = 0; at < bytes.length; at++) {
      const damaged = Uint8Array.from(bytes);
      damaged[at]! ^= 4;
      assert.equal(decodeIndex(damaged), undefined, `byte ${at}`);
      if (at % 20 === 0) assert.equal(decodeIndex(bytes.subarray(0, at)), undefined);
    }
  });
});

/** More than is read in the thread that asks, even as gzip. */
const large = Array.from({ length: 3 }, (_, index) =>
  file(`large/${index}`, pseudoRandom(2_500_000, index + 1)),
);

function pseudoRandom(length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed;
  for (let at = 0; at < length; at++) {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    bytes[at] = state >> 16;
  }
  return bytes;
}

const sources: TarSource[] = [
  { name: 'large', type: 'directory', mode: 0o755 },
  ...large,
  file('twice', 'old'),
  file('twice', 'new'),
  symlink('link', 'twice'),
  { name: 'hard', type: 'hardlink', linkname: 'twice' },
  file('etc/.wh.gone'),
];

function blobOf(bytes: Uint8Array, more: Partial<LayerBlob> = {}): LayerBlob {
  const slice = { file: temporaryFile(Buffer.from(bytes)), offset: 0, length: bytes.length };
  return { slice, label: sha256(bytes), digest: sha256(bytes), ...more };
}

function indexesIn(folder?: string | CappedFolder, notice?: (message: string) => void) {
  const kept = typeof folder === 'string' ? new CappedFolder(folder, { limit: 1e9 }) : folder;
  const indexer = new KeptIndexes({ threads: new LayerThreads(SCRIPT), folder: kept, notice });
  const host = new HostArchives();
  const doors = {
    open: (slice: LayerBlob['slice']) => host.open(slice),
    read: (slice: LayerBlob['slice'], start: number, end: number) => host.read(slice, start, end),
    decompress: host.decompress,
    indexer,
  };
  return { indexer, doors };
}

const plainChanges = (changes: readonly Change[]) =>
  JSON.stringify(changes)
    .replaceAll(/"digest":"[^"]*",?/g, '')
    .replaceAll(',}', '}');

describe('layers listed by threads', () => {
  for (const form of ['plain', 'gzip'] as const) {
    it(`${form}: the same as in this thread, and again from what was kept`, async () => {
      const tar = await tarOf(...sources);
      const blob = blobOf(form === 'gzip' ? gzipSync(tar) : tar, { diffId: sha256(tar) });
      const here = await indexLayer(blob, new HostArchives());
      const folder = temporaryFolder();
      const first = indexesIn(folder);
      const listed = await indexLayer(blob, first.doors);
      assert.equal(plainChanges(listed.changes), plainChanges(here.changes));
      assert.equal(listed.diffId, sha256(tar));
      await first.indexer.settled();
      assert.equal(readdirSync(folder).length, form === 'gzip' ? 2 : 1);
      const broken = { list: () => assert.fail('listed again'), finish: () => assert.fail('listed again') };
      const indexer = new KeptIndexes({ threads: broken, folder: new CappedFolder(folder, { limit: 1e9 }) });
      const again = await indexLayer(blob, { ...first.doors, indexer });
      assert.equal(plainChanges(again.changes), plainChanges(here.changes));
    });
  }

  it('two processes that list and keep at once do not disturb each other', async () => {
    const blob = blobOf(gzipSync(await tarOf(...sources)));
    const folder = temporaryFolder();
    const both = [indexesIn(folder), indexesIn(folder)];
    const [one, other] = await Promise.all(both.map(({ doors }) => indexLayer(blob, doors)));
    await Promise.all(both.map(({ indexer }) => indexer.settled()));
    assert.deepEqual(one!.changes, other!.changes);
    for (const name of readdirSync(folder).filter((name) => name.endsWith('.index')))
      assert.ok(decodeIndex(readFileSync(path.join(folder, name))));
  });

  it('an index that is damaged, or of other bytes, is made anew', async () => {
    const blob = blobOf(gzipSync(await tarOf(...sources)));
    const folder = temporaryFolder();
    const first = indexesIn(folder);
    const { changes } = await indexLayer(blob, first.doors);
    await first.indexer.settled();
    const [name] = readdirSync(folder).filter((candidate) => candidate.endsWith('.index'));
    const whole = readFileSync(path.join(folder, name!));
    for (const bad of [whole.subarray(0, 100), Buffer.from('layer index 0\n'), Buffer.alloc(whole.length)]) {
      writeFileSync(path.join(folder, name!), bad);
      const next = indexesIn(folder);
      assert.deepEqual((await indexLayer(blob, next.doors)).changes, changes);
      await next.indexer.settled();
      assert.ok(readFileSync(path.join(folder, name!)).equals(whole));
    }
  });

  it('nothing is kept of bytes that have another digest, or end early, or are damaged', async () => {
    const tar = await tarOf(...sources);
    const packed = gzipSync(tar);
    const wrong = Buffer.from(packed);
    wrong[packed.length >> 1]! ^= 1;
    const folder = temporaryFolder();
    for (const [blob, message] of [
      [blobOf(packed, { digest: sha256('other') }), /is damaged: its bytes have the digest sha256:/],
      [blobOf(packed, { diffId: sha256('other') }), /is damaged: its bytes have the digest sha256:/],
      [blobOf(packed.subarray(0, packed.length >> 1)), /it is truncated: layer sha256:\w+ ends early/],
      [blobOf(wrong), /layer sha256:\w+ (cannot be read: its gzip data is damaged|is damaged)/],
      [blobOf(gzipSync(await tarOf(...large, file('../../x')))), /leads out of the root/],
      [blobOf(gzipSync(await tarOf(...large, file('x'.repeat(5000))))), /has a name or link of 5000 bytes/],
    ] as const) {
      const { doors, indexer } = indexesIn(folder);
      await assert.rejects(indexLayer(blob, doors), message);
      await indexer.settled();
      assert.deepEqual(readdirSync(folder), []);
    }
  });

  it('a plain tar with another digest is told of later, and not opened again', async () => {
    const blob = blobOf(await tarOf(...sources), { digest: sha256('other'), label: sha256('other') });
    const folder = temporaryFolder();
    const { doors, indexer } = indexesIn(folder);
    await indexLayer(blob, doors);
    const message = new RegExp(`layer ${sha256('other')} is damaged: its bytes have the digest`);
    await assert.rejects(indexer.settled(), message);
    assert.deepEqual(readdirSync(folder), []);
    await assert.rejects(indexLayer(blob, doors), message);
  });

  it('a large packed layer that unpacks to something else is told of later, and not opened again', async () => {
    const tar = await tarOf(...sources, file('more', new Uint8Array(17 * 1024 * 1024)));
    const packed = gzipSync(tar, { level: 0 });
    const folder = temporaryFolder();
    const wrong = blobOf(packed, { diffId: sha256('other') });
    const { doors, indexer } = indexesIn(folder);
    await indexLayer(wrong, doors);
    const message = /layer sha256:\w+ is damaged: its bytes have the digest/;
    await assert.rejects(indexer.settled(), message);
    assert.deepEqual(readdirSync(folder), []);
    await assert.rejects(indexLayer(wrong, doors), message);
    const right = indexesIn(folder);
    await indexLayer(blobOf(packed, { diffId: sha256(tar) }), right.doors);
    await right.indexer.settled();
    assert.equal(readdirSync(folder).length, 2);
  });

  it('a plain tar whose file ends early is truncated', async () => {
    const tar = await tarOf(...sources);
    const blob = blobOf(tar);
    writeFileSync(blob.slice.file, tar.subarray(0, tar.length - 2048));
    await assert.rejects(indexLayer(blob, indexesIn().doors), /it is truncated: layer sha256:\w+ ends early/);
  });

  it('a full disk costs one message and nothing else', async () => {
    const messages: string[] = [];
    const full = new (class extends CappedFolder {
      override async write(): Promise<string> {
        throw Object.assign(new Error('write'), { code: 'ENOSPC' });
      }
    })(temporaryFolder(), { limit: 1 });
    const { doors, indexer } = indexesIn(full, (message) => messages.push(message));
    for (let count = 0; count < 2; count++) {
      const listed = await indexLayer(blobOf(gzipSync(await tarOf(...sources, file(`${count}`)))), doors);
      assert.equal(listed.changes.length, 9);
      await indexer.settled();
    }
    assert.equal(messages.length, 1);
    assert.match(messages[0]!, /^Cannot keep what was read of images in ".*": there is no space left\. /);
  });

  it('stops when nobody waits any more', async () => {
    const blob = blobOf(gzipSync(await tarOf(...sources)));
    const { doors } = indexesIn();
    const reason = new Error('enough');
    const listing = indexLayer(blob, doors, { signal: AbortSignal.abort(reason) });
    await assert.rejects(listing, reason);
  });
});

describe('files in the middle of large layers', () => {
  it('are read from checkpoints, and without them where they are damaged', async () => {
    const layout = new Layout();
    layout.index(layout.image(await sampleImage([sources])));
    const place = layout.folder();
    const cacheFolder = temporaryFolder();
    const machine = new Machine({ indexScript: SCRIPT, cacheFolder });
    const { layers } = await machine.image(place, undefined);
    await machine.settled();
    const [points] = readdirSync(path.join(cacheFolder, 'layers')).filter((name) =>
      name.endsWith('.checkpoints'),
    );
    const check = async (reader: Machine['reader']) => {
      for (const change of layers[0]!.changes) {
        const source = sources.find(({ name }) => `/${name}` === change.path);
        if (change.kind !== 'put' || change.node.kind !== 'file' || change.path === '/twice') continue;
        const bytes = await reader.read(change.node.content);
        assert.ok(Buffer.from(bytes).equals(Buffer.from(source!.body as Uint8Array)), change.path);
        const part = await reader.read(change.node.content, { start: 1_999_990, end: 2_000_000 });
        assert.ok(
          Buffer.from(part).equals(Buffer.from(source!.body as Uint8Array).subarray(1_999_990, 2_000_000)),
        );
      }
    };
    await check(machine.reader);
    writeFileSync(path.join(cacheFolder, 'layers', points!), 'gzip checkpoints 1\nno');
    await check(new Machine({ indexScript: SCRIPT, cacheFolder }).reader);
  });
});
