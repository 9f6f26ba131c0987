import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { CappedFolder } from '../../../src/images/store/capped-folder';

describe('a folder of limited size', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'capped-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const bytes = (size: number, value = 1) => [new Uint8Array(size).fill(value)];
  const usedAt = (name: string, seconds: number) => utimes(path.join(folder, name), seconds, seconds);

  it('gives back what was written', async () => {
    const files = new CappedFolder(folder, { limit: 100 });
    assert.equal(await files.find('a'), undefined);
    await files.write('a', [new Uint8Array([1]), new Uint8Array([2, 3])]);
    assert.deepEqual([...(await readFile((await files.find('a'))!))], [1, 2, 3]);
  });

  it('lets go what was used longest ago', async () => {
    const files = new CappedFolder(folder, { limit: 100 });
    for (const name of ['a', 'b', 'c']) await files.write(name, bytes(30));
    await usedAt('a', 1);
    await usedAt('b', 2);
    await usedAt('c', 3);
    assert.ok(await files.find('a'));
    await files.write('d', bytes(30));
    assert.deepEqual((await readdir(folder)).sort(), ['a', 'c', 'd']);
  });

  it('keeps what is larger than the limit until the next comes', async () => {
    const files = new CappedFolder(folder, { limit: 10 });
    await files.write('big', bytes(50));
    assert.ok(await files.find('big'));
    await usedAt('big', 1);
    await files.write('small', bytes(5));
    assert.deepEqual(await readdir(folder), ['small']);
  });

  it('leaves nothing of what failed, and what was there before', async () => {
    const files = new CappedFolder(folder, { limit: 100 });
    await files.write('a', bytes(3, 7));
    async function* failing() {
      yield new Uint8Array(10);
      throw new Error('cut off');
    }
    await assert.rejects(files.write('a', failing()), /cut off/);
    assert.deepEqual(await readdir(folder), ['a']);
    assert.deepEqual([...(await readFile(path.join(folder, 'a')))], [7, 7, 7]);
  });

  it('is whole when two write the same at once', async () => {
    const one = new CappedFolder(folder, { limit: 1000 });
    const other = new CappedFolder(folder, { limit: 1000 });
    await Promise.all([one.write('a', bytes(100, 1)), other.write('a', bytes(100, 2))]);
    const found = await readFile((await one.find('a'))!);
    assert.equal(new Set(found).size, 1);
    assert.equal(found.length, 100);
    assert.deepEqual(await readdir(folder), ['a']);
  });

  it('takes no name that leads elsewhere', () => {
    const files = new CappedFolder(folder, { limit: 100 });
    for (const name of ['..', '../a', 'a/b', '', '.a']) assert.throws(() => files.path(name), /no file name/);
  });
});
