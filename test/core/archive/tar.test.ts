import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { feedOfReads } from '../../../src/archive/byte-feed';
import { readTar } from '../../../src/archive/tar';
import { collect, END, goldenArchive, inChunks, listTar, padded, rawHeader, tarOf } from './tar-samples';

const LONG = `./${'d'.repeat(60)}/${'e'.repeat(70)}/${'f'.repeat(90)}.txt`;
const HOLES = '0b233bb7843f62070e7f1651f697ad667955e8ab6a840b53a5090ecb0f276b0d';

describe('archives of GNU tar', () => {
  for (const name of ['gnu-sparse', 'oldgnu-sparse', 'pax-sparse-0.0', 'pax-sparse-0.1', 'pax-sparse-1.0']) {
    it(`${name}: long names, links, modes, files with holes`, async () => {
      const entries = new Map((await listTar(goldenArchive(name))).map((entry) => [entry.name, entry]));
      assert.equal(entries.get(LONG)?.bytes.toString(), 'long\n');
      assert.equal(entries.get('./longlink')?.linkname, LONG.slice(2));
      assert.equal(entries.get('./short.txt')?.mode, 0o4755);
      assert.deepEqual(
        ['./zlink', './sym', './pipe', './'].map((path) => entries.get(path)?.type),
        ['hardlink', 'symlink', 'fifo', 'directory'],
      );
      assert.equal(entries.get('./zlink')?.linkname, './short.txt');
      assert.equal(entries.get('./grüße.txt')?.bytes.toString(), 'ü\n');
      assert.equal(entries.get('./café')?.bytes.toString(), 'x');
      const holes = entries.get('./holes')!;
      assert.equal(holes.size, 600_000);
      assert.ok(holes.storedSize < holes.size && holes.sparse!.length >= 8);
      assert.equal(createHash('sha256').update(holes.bytes).digest('hex'), HOLES);
      assert.equal(entries.get('./allholes')?.size, 300_000);
      assert.ok(entries.get('./allholes')?.bytes.every((byte) => byte === 0));
      assert.equal(entries.get('./empty')?.mtime, name.startsWith('pax') ? 1704164645.678 : 1704164645);
    });
  }

  it('ustar: the prefix belongs to the name', async () => {
    const names = (await listTar(goldenArchive('ustar'))).map(({ name }) => name);
    assert.ok(names.includes('./short.txt'));
    assert.ok(names.some((name) => name.length > 130 && name.endsWith('/')));
  });

  it('v7: no magic at all', async () => {
    const entries = await listTar(goldenArchive('v7'));
    assert.deepEqual(
      entries.map(({ name, type }) => [name, type]),
      [
        ['short.txt', 'file'],
        ['zlink', 'hardlink'],
        ['sym', 'symlink'],
        ['empty', 'file'],
      ],
    );
  });

  it('gives the same whatever the chunks, and by seeking', async () => {
    const bytes = goldenArchive('pax-sparse-1.0');
    const expected = await listTar(bytes, bytes.length);
    for (const size of [1, 511, 512, 513, 4096]) assert.deepEqual(await listTar(bytes, size), expected);
    const seeking = [];
    let read = 0;
    const feed = feedOfReads(async (start, end) => {
      read += end - start;
      return bytes.subarray(start, end);
    }, bytes.length);
    for await (const { body, ...entry } of readTar(feed)) seeking.push(entry);
    assert.deepEqual(
      seeking,
      expected.map(({ bytes: _, ...entry }) => entry),
    );
    assert.ok(read <= bytes.length);
  });
});

describe('what we write', () => {
  it('comes back, in pax headers where ustar has no room', async () => {
    const bytes = await tarOf(
      {
        name: 'ü'.repeat(80),
        type: 'file',
        mode: 0o6755,
        uid: 3_000_000,
        gid: 5,
        mtime: 12.25,
        body: Buffer.from('hello'),
      },
      { name: 'link', type: 'symlink', linkname: 'x'.repeat(300), uname: 'me', gname: 'us' },
      { name: 'dev', type: 'block', major: 8, minor: 1 },
      { name: 'cap', type: 'file', xattrs: { 'security.capability': '\x01\0\0\x02\xff=\n' }, mtime: -5 },
    );
    const [file, link, device, cap] = await listTar(bytes);
    assert.deepEqual(
      [file!.name, file!.mode, file!.uid, file!.gid, file!.mtime, file!.bytes.toString()],
      ['ü'.repeat(80), 0o6755, 3_000_000, 5, 12.25, 'hello'],
    );
    assert.deepEqual([link!.linkname, link!.uname, link!.gname], ['x'.repeat(300), 'me', 'us']);
    assert.deepEqual([device!.type, device!.major, device!.minor], ['block', 8, 1]);
    assert.deepEqual(cap!.xattrs, { 'security.capability': '\x01\0\0\x02\xff=\n' });
    assert.equal(cap!.mtime, -5);
    assert.deepEqual(await tarOf({ name: 'a', type: 'file' }), await tarOf({ name: 'a', type: 'file' }));
  });
});

describe('headers by hand', () => {
  it('base-256 numbers, negative too', async () => {
    const header = rawHeader('a', '0', 0, { 108: '\x80\0\0\0\x01\0\0\0', 136: `${'\xff'.repeat(11)}\xfe` });
    const [entry] = await listTar(Buffer.concat([header, END]));
    assert.deepEqual([entry!.uid, entry!.mtime], [2 ** 24, -2]);
  });

  it('a global pax header holds until a local one says otherwise', async () => {
    const bytes = Buffer.concat([
      ...[rawHeader('g', 'g', 15), padded('15 uname=known\n'), rawHeader('a', '0', 0)],
      ...[rawHeader('x', 'x', 15), padded('15 uname=other\n'), rawHeader('b', '0', 0)],
      rawHeader('c', '0', 0),
    ]);
    assert.deepEqual(
      (await listTar(bytes)).map(({ uname }) => uname),
      ['known', 'other', 'known'],
    );
  });

  it('ends at two zero blocks, at the end of the bytes, or not at all within an entry', async () => {
    const entry = Buffer.concat([rawHeader('a', '0', 3), padded('abc')]);
    for (const end of [END, Buffer.alloc(0), Buffer.alloc(512), Buffer.concat([END, Buffer.from('more')])]) {
      assert.equal((await listTar(Buffer.concat([entry, end]))).length, 1);
    }
    await assert.rejects(listTar(Buffer.concat([entry, Buffer.alloc(512), entry])), /single zero block/);
  });

  it('a link with a size has no bytes all the same', async () => {
    const bytes = Buffer.concat([rawHeader('l', '1', 4096, { 157: 'a' }), rawHeader('b', '0', 0), END]);
    assert.deepEqual(
      (await listTar(bytes)).map(({ name }) => name),
      ['l', 'b'],
    );
  });
});

describe('bad bytes', () => {
  it('pax records that do not add up', async () => {
    const withPax = (pax: string) =>
      listTar(Buffer.concat([rawHeader('x', 'x', pax.length), padded(pax), rawHeader('a', '0', 0), END]));
    for (const pax of [
      '16 uname=known\n',
      '9 a=b\n',
      'x a=b\n',
      '6 a=bc',
      '99999999999 a=b\n',
      '-1 a=b\n',
      '7 size\n\n',
    ]) {
      await assert.rejects(withPax(pax), /it is damaged: a pax header is malformed/, pax);
    }
    await assert.rejects(
      withPax('12 size=abc\n'),
      /it is damaged: size in a pax header is not a number: "abc"/,
    );
  });

  it('a cut anywhere is an error or all there is', async () => {
    const bytes = await tarOf(
      { name: 'x'.repeat(150), type: 'file', body: Buffer.alloc(700, 'a') },
      { name: 'b', type: 'file', body: Buffer.from('b') },
    );
    for (let cut = 0; cut < bytes.length; cut += 37) {
      try {
        const entries = await listTar(bytes.subarray(0, cut), 100);
        assert.ok([0, 2].includes(entries.length), `after ${cut} bytes`);
      } catch (error) {
        assert.match(String(error), /it is truncated: |it is not a tar archive/);
      }
    }
    const body = bytes.subarray(0, 512 * 3 + 10);
    await assert.rejects(listTar(body), /it is truncated: entry "x{100}…" ends after 10 of 700 bytes/);
  });

  it('says what is no tar', async () => {
    for (const text of ['FROM scratch\n', 'x'.repeat(2000)]) {
      await assert.rejects(listTar(Buffer.from(text)), /it is not a tar archive/);
    }
  });

  it('a damaged header names the entry before it', async () => {
    const bytes = await tarOf({ name: 'first', type: 'file' }, { name: 'second', type: 'file' });
    bytes[512 + 5] = 1;
    await assert.rejects(listTar(bytes), /it is damaged: a header's checksum is wrong after entry "first"/);
  });

  it('a name of 9 GB is refused without being read', async () => {
    const size = 9 * 2 ** 30;
    for (const flag of ['x', 'g', 'L', 'K']) {
      const header = rawHeader('n', flag, 0, { 124: `${size.toString(8).padStart(11, '0').slice(-11)}\0` });
      await assert.rejects(listTar(Buffer.concat([header, END])), /an extended header claims \d+ bytes/);
    }
  });

  it('a sparse map that lies is an error', async () => {
    const pax = '22 GNU.sparse.major=1\n22 GNU.sparse.minor=0\n28 GNU.sparse.realsize=1000\n';
    for (const map of ['99999999\n', '1\n0\n5000\n', '2\n500\n10\n0\n10\n', 'x\n']) {
      const bytes = Buffer.concat([
        rawHeader('p', 'x', pax.length),
        padded(pax),
        rawHeader('s', '0', 1024),
        padded(map),
        Buffer.alloc(512),
        END,
      ]);
      await assert.rejects(listTar(bytes), /sparse map/);
    }
  });

  it('too many entries are refused', async () => {
    const bytes = await tarOf(...['a', 'b', 'c'].map((name) => ({ name, type: 'file' as const })));
    const read = async () => {
      for await (const _ of readTar(inChunks(bytes), { maxEntries: 2 }));
    };
    await assert.rejects(read(), /it has more than 2 entries/);
  });

  it('a body that is asked for too late is an error', async () => {
    const bytes = await tarOf(
      { name: 'a', type: 'file', body: Buffer.alloc(600) },
      { name: 'b', type: 'file' },
    );
    const bodies = [];
    for await (const entry of readTar(inChunks(bytes))) bodies.push(entry.body());
    await assert.rejects(collect(bodies[0]!), /the archive was read on past it/);
  });

  it('random damage never hangs or breaks anything else', async () => {
    const bytes = goldenArchive('pax-sparse-0.1').subarray(0, 8192);
    for (let seed = 1; seed < 400; seed++) {
      const damaged = Buffer.from(bytes);
      damaged[(seed * 7919) % damaged.length] = (seed * 104729) % 256;
      try {
        await listTar(damaged);
      } catch (error) {
        assert.equal((error as Error).name, 'ArchiveFault', (error as Error).stack);
      }
    }
  });
});
