import assert from 'node:assert/strict';
import { statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import * as zlib from 'node:zlib';
import { findArchive, listArchive } from '../../../src/archive/list-archive';
import type { ArchivedContent, ArchiveLocation, Compression, Content } from '../../../src/layers/content';
import { EMPTY_CONTENT, inlineContent } from '../../../src/layers/content';
import { HostArchives } from '../../../src/platform/archive-bytes';
import { hostContents } from '../../../src/platform/contents';
import { decompress, unzstdInScript } from '../../../src/platform/decompress';
import { streamFileRange } from '../../../src/platform/files';
import { cutAtFrames } from '../../../src/platform/zstd-frames';
import { collect, inChunks, tarOf } from '../archive/tar-samples';
import { file, sha256, temporaryFile } from './saved-images';

const ARCHIVES = path.resolve('test/golden/archives');
const LARGE = '6f9bc0f3e9f6e20513fc21e42b6e21e260505d37d1766aa659e4ba22bee3fc05';
const doors = new HostArchives();

const PACKED: Record<string, Compression> = { gz: 'gzip', bz2: 'bzip2', xz: 'xz', zst: 'zstd' };

function sliceOf(file: string) {
  return { file, offset: 0, length: statSync(file).size };
}

describe('archives for ADD', () => {
  for (const [ending, compression] of Object.entries(PACKED)) {
    it(`${compression}: found by content, listed, read and hashed`, async () => {
      const slice = sliceOf(path.join(ARCHIVES, `add.tar.${ending}`));
      assert.deepEqual(await findArchive(slice, doors), { ...slice, compression });
      const entries = await listArchive(slice, doors);
      assert.deepEqual(
        entries.map((entry) => entry.kind !== 'fault' && entry.name),
        ['./', './hello.txt', './lib/', './lib/large.txt', './link'],
      );
      const contents = entries.flatMap((entry) =>
        entry.kind === 'put' && entry.node.kind === 'file' ? [entry.node.content] : [],
      );
      const reader = hostContents(doors);
      assert.equal(Buffer.from(await reader.read(contents[0]!)).toString(), 'hello\n');
      assert.equal(
        Buffer.from(await reader.read(contents[1]!, { start: 0, end: 9 })).toString(),
        'line 0 of',
      );
      assert.equal(await reader.digest(contents[1]!), `sha256:${LARGE}`);
    });

    it(`${compression}: cut or damaged is an error`, async () => {
      const bytes = await collect(streamFileRange(path.join(ARCHIVES, `add.tar.${ending}`), 0, 1e9));
      const unpack = (data: Uint8Array) => collect(decompress(inChunks(data), compression));
      for (const cut of [10, 100, bytes.length >> 1, bytes.length - 5]) {
        await assert.rejects(unpack(bytes.subarray(0, cut)), { fault: 'truncated' }, `after ${cut}`);
      }
      for (const end of [0, 300])
        await unpack(bytes.subarray(0, end)).then(undefined, (error) => assert.ok(error.fault));
      const damaged = Buffer.from(bytes);
      damaged.fill(0xaa, bytes.length >> 1, (bytes.length >> 1) + 40);
      if (compression !== 'zstd') await assert.rejects(unpack(damaged), (error: object) => 'fault' in error);
    });
  }

  it('an end in the padding of the last entry is taken, an end in its bytes or in a header is not', async () => {
    const tar = await tarOf(file('a', 'hello\n'), file('b', 'hello\n'));
    const list = async (length: number) =>
      (await listArchive(sliceOf(temporaryFile(tar.subarray(0, length))), doors)).length;
    for (const length of [1536 + 6, 1536 + 100, 1536 + 511]) assert.equal(await list(length), 2);
    for (const length of [1024 + 100, 1536 + 5])
      await assert.rejects(list(length), { fault: 'truncated' }, `after ${length}`);
  });

  it('several members or frames are one, however they are cut', async () => {
    const packs: [Compression, (file: string) => Uint8Array | Promise<Uint8Array>][] = [
      ['gzip', (text) => zlib.gzipSync(text)],
      ['zstd', () => collect(streamFileRange(path.join(ARCHIVES, 'add.tar.zst'), 0, 1e9))],
      ['bzip2', () => collect(streamFileRange(path.join(ARCHIVES, 'add.tar.bz2'), 0, 1e9))],
      ['xz', () => collect(streamFileRange(path.join(ARCHIVES, 'add.tar.xz'), 0, 1e9))],
    ];
    for (const [compression, pack] of packs) {
      const one = await pack('hello');
      const text = await collect(decompress(inChunks(one), compression));
      const skippable =
        compression === 'zstd' ? Buffer.from('502a4d1803000000616263', 'hex') : Buffer.alloc(0);
      const packed = Buffer.concat([skippable, one, skippable, one, one, skippable]);
      for (const size of [1000, one.length, one.length - 1, one.length + skippable.length, 1 << 20]) {
        const unpacked = await collect(decompress(inChunks(packed, size), compression));
        assert.ok(unpacked.equals(Buffer.concat([text, text, text])), `${compression} by ${size}`);
      }
    }
  });

  it('zstd in JavaScript, and cut at its frames', async () => {
    const one = await collect(streamFileRange(path.join(ARCHIVES, 'add.tar.zst'), 0, 1e9));
    const text = await collect(unzstdInScript(inChunks(one, 5)));
    const packed = Buffer.concat([one, Buffer.from('5f2a4d1800000000', 'hex'), one, Buffer.from('more')]);
    for (const size of [1, 7, 4096, 1 << 20]) {
      const pieces: Uint8Array[] = [];
      for await (const piece of cutAtFrames(inChunks(packed, size))) pieces.push(piece);
      assert.ok(Buffer.concat(pieces).equals(packed));
      const ends = new Set<number>();
      pieces.reduce((sum, piece) => {
        ends.add(sum + piece.length);
        return sum + piece.length;
      }, 0);
      for (const end of [one.length, one.length + 8, 2 * one.length + 8])
        assert.ok(ends.has(end), `${size} ${end}`);
    }
    const twice = Buffer.concat([one, one]);
    assert.ok((await collect(unzstdInScript(inChunks(twice, 1 << 20)))).equals(Buffer.concat([text, text])));
  });

  it('zstd that asks for gigabytes is refused', async () => {
    const start = Buffer.from('28b52ffd00a0', 'hex');
    const unpack = collect(decompress(inChunks(Buffer.concat([start, Buffer.alloc(100)])), 'zstd'));
    await assert.rejects(unpack, /asks for 1024 MiB of memory/);
  });

  it('what is no archive', async () => {
    const not = [
      Buffer.alloc(0),
      Buffer.alloc(2048),
      Buffer.from('BZhello'),
      zlib.gzipSync('no tar'),
      Buffer.from('text'),
    ];
    for (const bytes of not) {
      assert.equal(
        await findArchive(sliceOf(temporaryFile(bytes)), doors),
        undefined,
        String(bytes.subarray(0, 9)),
      );
    }
  });
});

/** Some hundred files of random lengths, in one gzip. */
function manyFiles(count: number, pack: (bytes: Buffer) => Buffer, compression: Compression) {
  const parts = Array.from({ length: count }, (_, index) =>
    Buffer.alloc((index * 7919) % 3000, String(index)),
  );
  const whole = Buffer.concat(parts);
  const file = temporaryFile(pack(whole));
  const archive: ArchiveLocation = { ...sliceOf(file), compression };
  let offset = 0;
  const contents = parts.map((part): ArchivedContent => {
    const content = { kind: 'archived', archive, offset, size: part.length } as const;
    offset += part.length;
    return content;
  });
  return { parts, contents, archive };
}

describe('contents', () => {
  const forms: [string, (bytes: Buffer) => Buffer, Compression][] = [
    ['plain', (bytes) => bytes, 'none'],
    ['gzip', (bytes) => zlib.gzipSync(bytes), 'gzip'],
  ];
  for (const [name, pack, compression] of forms) {
    for (const cacheSize of [1 << 20, 1000]) {
      it(`${name}: all digests and many reads at once, with room for ${cacheSize} bytes`, async () => {
        const { parts, contents } = manyFiles(60, pack, compression);
        const reader = hostContents(new HostArchives(), { cacheSize });
        const shuffled = [...contents, { ...contents[3]! }].sort((a, b) => (a.offset % 7) - (b.offset % 7));
        const digests = await reader.digests(shuffled);
        assert.equal(digests.size, 61);
        for (const [index, content] of contents.entries())
          assert.equal(digests.get(content), sha256(parts[index]!));
        const read = await Promise.all(contents.map((content) => reader.read(content)));
        assert.ok(read.every((bytes, index) => Buffer.from(bytes).equals(parts[index]!)));
      });
    }
  }

  it('a file that was written anew is not answered from memory', async () => {
    const { contents, archive } = manyFiles(5, (bytes) => zlib.gzipSync(bytes), 'gzip');
    const reader = hostContents();
    assert.equal((await reader.read(contents[2]!))[0], 50);
    writeFileSync(archive.file, zlib.gzipSync(Buffer.alloc(20_000, 'x')));
    utimesSync(archive.file, 1, 1);
    const moved = { ...contents[2]!, archive: { ...archive, length: statSync(archive.file).size } };
    assert.equal((await reader.read(moved))[0], 120);
  });

  it('ranges are clamped, and what is read belongs to the reader', async () => {
    const { contents, parts } = manyFiles(5, (bytes) => zlib.gzipSync(bytes), 'gzip');
    const reader = hostContents();
    const first = await reader.read(contents[4]!, { start: -5, end: 1e9 });
    assert.ok(Buffer.from(first).equals(parts[4]!));
    first.fill(0);
    assert.ok(Buffer.from(await reader.read(contents[4]!)).equals(parts[4]!));
    assert.equal((await reader.read(contents[4]!, { start: 10, end: 5 })).length, 0);
  });

  it('the other kinds', async () => {
    const reader = hostContents();
    const file = temporaryFile(Buffer.from('a file'));
    const zeros: Content = { kind: 'zeros', size: 5_000_000 };
    const inline = inlineContent('text');
    const host: Content = { kind: 'file', file, size: 6 };
    const guess: Content = { kind: 'placeholder', size: 9, reason: 'apt-get would write it' };
    const digests = await reader.digests([zeros, inline, host, guess, EMPTY_CONTENT]);
    assert.equal(digests.get(zeros), sha256(Buffer.alloc(5_000_000)));
    assert.equal(digests.get(inline), sha256('text'));
    assert.equal(digests.get(host), sha256('a file'));
    assert.equal(digests.get(EMPTY_CONTENT), sha256(''));
    assert.equal(digests.has(guess), false);
    await assert.rejects(reader.digest(guess), /Cannot read the contents: apt-get would write it/);
    await assert.rejects(reader.read(guess), /apt-get would write it/);
    await assert.rejects(reader.read({ kind: 'zeros', size: 2 ** 40 }), /at once: ask for a part/);
    await assert.rejects(reader.read({ ...host, size: 7 }), /shorter than when it was listed/);
    await assert.rejects(reader.digest({ ...host, size: 7 }), /shorter than when it was listed/);
  });

  it('a bomb is not unpacked into memory', async () => {
    const bomb = zlib.gzipSync(Buffer.alloc(400 * 2 ** 20));
    const archive: ArchiveLocation = { ...sliceOf(temporaryFile(bomb)), compression: 'gzip' };
    const reader = hostContents(doors, { cacheSize: 10 * 2 ** 20 });
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    const watch = setInterval(() => {
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
    }, 5);
    const bytes = await reader.read({ kind: 'archived', archive, offset: 390 * 2 ** 20, size: 100 });
    clearInterval(watch);
    assert.equal(bytes.length, 100);
    assert.ok(most < 100 * 2 ** 20, `${most} bytes`);
  });
});
