import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { fetchTables } from '../../../src/images/registry/table-of-contents';
import { decompress } from '../../../src/platform/decompress';
import { tarOf } from '../archive/tar-samples';
import { type FakeRegistry, MANIFEST, noise, QUICK, sendBlob, withRegistry } from './fake-registry';
import { file, sha256 } from './saved-images';

const AMD64 = { os: 'linux', architecture: 'amd64' };
const DIGEST = 'containerd.io/snapshot/stargz/toc.digest';

const ENTRIES = [
  { type: 'dir', name: 'etc/', mode: 0o40755, modtime: '2024-02-03T04:05:06Z' },
  { type: 'reg', name: 'etc/a', mode: 0o100640, uid: 7, gid: 8, size: 12, digest: sha256('a'), offset: 99 },
  { type: 'chunk', name: 'etc/a', chunkOffset: 6, chunkSize: 6, offset: 120 },
  { type: 'symlink', name: 'etc/l', linkName: 'a', mode: 0o120777 },
  { type: 'char', name: 'dev/null', mode: 0o666, devMajor: 1, devMinor: 3, xattrs: { 'user.x': 'aGk=' } },
  { type: 'reg', name: '.no.prefetch.landmark', size: 1 },
];
const PLAIN = { linkname: '', mode: 0, uid: 0, gid: 0, size: 0, major: 0, minor: 0, xattrs: {} };
const PARSED = [
  { ...PLAIN, type: 'directory', name: 'etc/', mode: 0o755, mtime: 1706933106 },
  {
    ...PLAIN,
    type: 'file',
    name: 'etc/a',
    mode: 0o640,
    uid: 7,
    gid: 8,
    size: 12,
    digest: sha256('a'),
    offset: 99,
  },
  { ...PLAIN, type: 'symlink', name: 'etc/l', linkname: 'a', mode: 0o777 },
  {
    ...PLAIN,
    type: 'character',
    name: 'dev/null',
    mode: 0o666,
    major: 1,
    minor: 3,
    xattrs: { 'user.x': Buffer.from('hi') },
  },
];

/** A layer as eStargz has it: what comes before the table does not matter here. */
async function stargz(table: unknown, name = 'stargz.index.json'): Promise<{ blob: Buffer; digest: string }> {
  const json = typeof table === 'string' ? table : JSON.stringify(table);
  const front = noise(200_000);
  const toc = gzipSync(await tarOf(file(name, json)));
  return { blob: Buffer.concat([front, toc, footerAt(front.length)]), digest: sha256(json) };
}

function footerAt(offset: number): Buffer {
  const extra = Buffer.from(`SG\x16\x00${offset.toString(16).padStart(16, '0')}STARGZ`, 'latin1');
  const head = Buffer.from([0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 255, extra.length, 0]);
  return Buffer.concat([head, extra, Buffer.from([1, 0, 0, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0])]);
}

function serve(registry: FakeRegistry, blob: Buffer, annotations: object): string {
  const layers = [{ ...registry.blob(blob), annotations }];
  registry.manifest(
    { schemaVersion: 2, mediaType: MANIFEST, config: registry.blob(Buffer.from('{}')), layers },
    '1',
  );
  return `${registry.host}/app:1`;
}

const tablesOf = (reference: string) => fetchTables(reference, AMD64, decompress, QUICK);

describe('tables of contents', () => {
  it('of eStargz tell the entries for a small part of the layer', () =>
    withRegistry(async (registry) => {
      const { blob, digest } = await stargz({ version: 1, entries: ENTRIES });
      const reference = serve(registry, blob, { [DIGEST]: digest });
      let sent = 0;
      registry.on(/blobs/, ({ range }, to) => {
        const [first, last] = /(\d+)-(\d*)/.exec(range!)!.slice(1).map(Number);
        sent += (last || blob.length - 1) - first! + 1;
        sendBlob(to, blob, range);
      });
      const [table] = await tablesOf(reference);
      assert.deepEqual(table, { digest: sha256(blob), size: blob.length, entries: PARSED });
      assert.ok(sent < 1000, `${sent} bytes`);
    }));

  it('go on where the connection broke', () =>
    withRegistry(async (registry) => {
      const { blob, digest } = await stargz({ version: 1, entries: ENTRIES });
      const reference = serve(registry, blob, { [DIGEST]: digest });
      registry.on(/blobs/, ({ range }, to, count) => {
        if (count !== 1) return 'pass';
        const [first, last] = /(\d+)-(\d+)/.exec(range!)!.slice(1).map(Number) as [number, number];
        to.writeHead(206, {
          'content-range': `bytes ${first}-${last}/${blob.length}`,
          'content-length': last - first + 1,
        });
        return to.write(blob.subarray(first, first + 100), () => to.destroy());
      });
      assert.deepEqual((await tablesOf(reference))[0]!.entries, PARSED);
      assert.equal(registry.paths(/blobs/).length, 3);
    }));

  it('that nothing vouches for are not read', () =>
    withRegistry(async (registry) => {
      const { blob } = await stargz({ version: 1, entries: ENTRIES });
      const [table] = await tablesOf(serve(registry, blob, {}));
      assert.equal(table!.entries, undefined);
      assert.deepEqual(registry.paths(/blobs/), []);
    }));

  it('come whole from a server that ignores ranges', () =>
    withRegistry(async (registry) => {
      const { blob, digest } = await stargz({ version: 1, entries: ENTRIES });
      const reference = serve(registry, blob, { [DIGEST]: digest });
      registry.on(/blobs/, (_, to) => sendBlob(to, blob, undefined));
      assert.deepEqual((await tablesOf(reference))[0]!.entries, PARSED);
    }));

  const chunked = { 'io.github.containers.zstd-chunked.manifest-position': '10:20:30:1' };
  const checksum = 'io.github.containers.zstd-chunked.manifest-checksum';
  const faults: Record<string, [table: unknown, annotations: object, RegExp]> = {
    'another digest': [
      { version: 1, entries: [] },
      { [DIGEST]: sha256('x') },
      /its bytes have the digest sha256:\w+, not/,
    ],
    'another digest in zstd': [
      '',
      { ...chunked, [checksum]: sha256('x') },
      /its bytes have the digest sha256:\w+, not/,
    ],
    'garbage in zstd': [
      '',
      { ...chunked, [checksum]: sha256(noise(200_000).subarray(10, 30)) },
      /it cannot be unpacked$/,
    ],
    'no JSON': ['{', { [DIGEST]: sha256('{') }, /it cannot be unpacked$/],
    'no table': ['[]', { [DIGEST]: sha256('[]') }, /is of a form that is not read$/],
    'an entry that is none': [
      { version: 1, entries: [{ type: 'door', name: 'x' }] },
      { [DIGEST]: sha256('{"version":1,"entries":[{"type":"door","name":"x"}]}') },
      /has an entry that is none$/,
    ],
  };
  for (const [name, [table, annotations, message]] of Object.entries(faults)) {
    it(`with ${name} are refused`, () =>
      withRegistry(async (registry) => {
        const { blob } = await stargz(table);
        await assert.rejects(tablesOf(serve(registry, blob, annotations)), { kind: 'damaged', message });
      }));
  }

  it('whose footer leads elsewhere are refused', () =>
    withRegistry(async (registry) => {
      for (const blob of [noise(30), noise(500), Buffer.concat([noise(500), footerAt(1e9)])]) {
        const reference = serve(registry, blob, { [DIGEST]: sha256('x') });
        await assert.rejects(tablesOf(reference), { kind: 'damaged', message: /is damaged: there is none$/ });
      }
    }));

  it('that unpack to more than a table may have are refused', () =>
    withRegistry(async (registry) => {
      const front = noise(100);
      const blob = Buffer.concat([front, gzipSync(Buffer.alloc(257 << 20)), footerAt(front.length)]);
      await assert.rejects(tablesOf(serve(registry, blob, { [DIGEST]: sha256('x') })), {
        kind: 'refused',
        message: /is too large$/,
      });
    }));
});
