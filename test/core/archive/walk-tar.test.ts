import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { feedOfReads } from '../../../src/archive/byte-feed';
import { readTar, type TarEntry, walkTar } from '../../../src/archive/tar';
import { goldenArchive, inChunks, rawHeader, tarOf } from './tar-samples';

type Source = Parameters<typeof readTar>[0];

/** What a layer takes from an entry, of whichever kind the header is. */
function wordsOf(entry: Pick<TarEntry, 'name' | 'type' | 'offset' | 'size' | 'linkname' | 'mode' | 'mtime'>) {
  const { name, type, offset, size, linkname, mode, mtime } = entry;
  const { uid, gid } = entry as TarEntry;
  return [name, type, type === 'file' ? offset : 0, size, linkname, mode, uid, gid, mtime].join(' ');
}

async function read(source: Source): Promise<string[]> {
  const entries: string[] = [];
  try {
    for await (const entry of readTar(source)) entries.push(wordsOf(entry));
  } catch (error) {
    entries.push((error as Error).message);
  }
  return entries;
}

async function walked(source: Source): Promise<{ entries: string[]; ordinary: number }> {
  const entries: string[] = [];
  let ordinary = 0;
  const visitor = {
    ordinary: (entry: Parameters<typeof wordsOf>[0]) => {
      entries.push(wordsOf(entry));
      ordinary++;
    },
    entry: (entry: TarEntry) => void entries.push(wordsOf(entry)),
  };
  await walkTar(source, visitor).catch((error: Error) => entries.push(error.message));
  return { entries, ordinary };
}

function seeking(bytes: Uint8Array, wait: boolean): Source {
  return feedOfReads((start, end) => {
    const part = bytes.subarray(start, end);
    return wait ? Promise.resolve(part) : part;
  }, bytes.length);
}

async function compare(bytes: Uint8Array, what: string): Promise<void> {
  const expected = await read(inChunks(bytes));
  for (const size of [511, 512, 1024, 5000, bytes.length])
    assert.deepEqual((await walked(inChunks(bytes, size))).entries, expected, `${what} by ${size}`);
  const sought = await read(seeking(bytes, true));
  for (const wait of [false, true])
    assert.deepEqual((await walked(seeking(bytes, wait))).entries, sought, `${what} by seeking`);
}

describe('walking through a tar', () => {
  for (const name of readdirSync(path.resolve('test/golden/archives')).filter((file) =>
    file.endsWith('.tar.gz'),
  ))
    it(`gives what reading it does: ${name}`, () =>
      compare(goldenArchive(name.replace('.tar.gz', '')), name));

  it('takes an ordinary header as one', async () => {
    const bytes = await tarOf(
      { name: 'a', type: 'directory', mode: 0o755 },
      { name: 'a/b', type: 'file', body: Buffer.from('text') },
      { name: 'a/c', type: 'symlink', linkname: 'b' },
      { name: 'a/d', type: 'hardlink', linkname: 'a/b' },
      { name: 'é', type: 'file', body: Buffer.from('') },
    );
    assert.equal((await walked(seeking(bytes, false))).ordinary, 4);
    await compare(bytes, 'ordinary');
  });

  it('any wrong byte of a header, and any end, are told as reading tells them', async () => {
    const body = Buffer.alloc(512, 'x');
    const bytes = Buffer.concat([
      rawHeader('one', '0', 512, { 345: 'prefix', 257: 'ustar\x0000' }),
      body,
      rawHeader('two', '2', 512, { 157: 'one' }),
      Buffer.alloc(1024),
    ]);
    for (let at = 0; at < bytes.length; at += at < 512 ? 1 : 37) {
      for (const value of [0, 0x20, 0x31, 0x80, 0xff]) {
        const damaged = Buffer.from(bytes);
        damaged[at] = value;
        await compare(damaged, `byte ${at} as ${value}`);
      }
      await compare(bytes.subarray(0, at), `cut at ${at}`);
    }
  });

  it('the fields of a header whose sum is right, however they are spelled', async () => {
    for (const at of [0, 100, 108, 116, 124, 136, 157, 257, 262, 265, 329, 337, 345, 508])
      for (const text of ['', ' ', '8', '-1', '\x80\0\0\0', 'é', '\0 7', '12 junk', 'ustar  \0', '\0/..'])
        for (const type of ['0', '1', '2', '5', '\0', '7', 'x'])
          await compare(
            Buffer.concat([rawHeader('name', type, 0, { [at]: text }), Buffer.alloc(1024)]),
            `${at} ${text}`,
          );
  });
});
