import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readLayerChanges } from '../../../src/archive/layer-changes';
import type { TarSource } from '../../../src/archive/write-tar';
import type { Change } from '../../../src/layers/change';
import { comparePaths } from '../../../src/layers/path';
import { goldenArchive, inChunks, tarOf } from './tar-samples';

const ARCHIVE = { file: '/layer.tar', offset: 0, length: 1, compression: 'none' } as const;

async function changesOf(...sources: TarSource[]): Promise<Change[]> {
  return readLayerChanges(inChunks(await tarOf(...sources)), ARCHIVE);
}

/** `file /a`, `remove /b`, `hardlink /c -> /a`. */
function words(changes: readonly Change[]): string[] {
  return changes.map((change) => {
    if (change.kind === 'put') return `${change.node.kind} ${change.path}`;
    return change.kind === 'hardlink'
      ? `hardlink ${change.path} -> ${change.target}`
      : `${change.kind} ${change.path}`;
  });
}

const file = (name: string, text = ''): TarSource => ({ name, type: 'file', body: Buffer.from(text) });
const folder = (name: string): TarSource => ({ name, type: 'directory', mode: 0o755 });
const link = (name: string, linkname: string): TarSource => ({ name, type: 'hardlink', linkname });

describe('layer changes', () => {
  it('cleans names and sorts as the builder does', async () => {
    const changes = await changesOf(
      folder('./'),
      file('./b.txt'),
      folder('/b/'),
      file('b//c/./d'),
      file('a'),
      file('b/é'),
    );
    assert.deepEqual(words(changes), ['file /a', 'directory /b', 'file /b/c/d', 'file /b/é', 'file /b.txt']);
    assert.deepEqual(
      [...changes].sort((a, b) => comparePaths(a.path, b.path)),
      changes,
    );
  });

  it('contents stay in the archive', async () => {
    const [first, second] = await changesOf(file('a', 'one'), file('b', 'three'));
    assert.deepEqual(first?.kind === 'put' && first.node.kind === 'file' && first.node.content, {
      kind: 'archived',
      archive: ARCHIVE,
      offset: 512,
      size: 3,
    });
    assert.equal(second?.kind === 'put' && second.node.kind === 'file' && second.node.content.size, 5);
  });

  it('whiteouts, opaque folders and reserved marks', async () => {
    const changes = await changesOf(
      file('etc/.wh.passwd'),
      file('etc/.wh..wh..opq'),
      file('.wh..wh.plnk'),
      file('.wh..wh.aufs/x'),
      file('etc/a.wh.b'),
      file('etc/passwd'),
      file('.wh.'),
    );
    assert.deepEqual(words(changes), [
      'file /.wh.',
      'opaque /etc',
      'file /etc/a.wh.b',
      'remove /etc/passwd',
      'file /etc/passwd',
    ]);
  });

  it('devices, fifos, links and attributes', async () => {
    const [device, fifo, symlink] = await changesOf(
      { name: 'dev', type: 'character', major: 1, minor: 3, mode: 0o666 },
      { name: 'fifo', type: 'fifo', xattrs: { 'user.a': 'b' } },
      { name: 'link', type: 'symlink', linkname: '../../etc' },
    );
    assert.deepEqual(device?.kind === 'put' && device.node, {
      kind: 'character',
      mode: 0o666,
      uid: 0,
      gid: 0,
      mtime: 0,
      major: 1,
      minor: 3,
    });
    assert.deepEqual(fifo?.kind === 'put' && fifo.node.xattrs, { 'user.a': 'b' });
    assert.equal(
      symlink?.kind === 'put' && symlink.node.kind === 'symlink' && symlink.node.target,
      '../../etc',
    );
  });

  it('of several entries for one path the last counts', async () => {
    const changes = await changesOf(file('a', '1'), folder('d'), file('d/x'), file('a', '22'), file('d'));
    assert.deepEqual(words(changes), ['file /a', 'file /d']);
    assert.equal(
      changes[0]?.kind === 'put' && changes[0].node.kind === 'file' && changes[0].node.content.size,
      2,
    );
  });

  it('a folder that comes twice keeps its children', async () => {
    assert.deepEqual(words(await changesOf(folder('d'), file('d/x'), folder('d/'))), [
      'directory /d',
      'file /d/x',
    ]);
  });

  it('hard links name a file of the layer, also through each other, or one that is not there', async () => {
    const changes = await changesOf(file('a'), link('b', './a'), link('c', 'b'), link('d', '/gone'));
    assert.deepEqual(words(changes), [
      'file /a',
      'hardlink /b -> /a',
      'hardlink /c -> /a',
      'hardlink /d -> /gone',
    ]);
  });

  it('a file that is replaced lives on under its other names', async () => {
    const changes = await changesOf(file('a', 'old'), link('b', 'a'), link('c', 'a'), file('a', 'newer'));
    assert.deepEqual(words(changes), ['file /a', 'file /b', 'hardlink /c -> /b']);
    assert.equal(
      changes[1]?.kind === 'put' && changes[1].node.kind === 'file' && changes[1].node.content.size,
      3,
    );
  });

  it('names that lead out are refused', async () => {
    for (const bad of [
      file('../x'),
      file('a/../../x'),
      link('a', '../../x'),
      file('/../x'),
      file('a/.wh...'),
    ]) {
      await assert.rejects(changesOf(bad), /leads out of the root|is a whiteout of no name/);
    }
    assert.deepEqual(words(await changesOf(file('a/../b'))), ['file /b']);
  });

  it('a name longer than any path is refused', async () => {
    await assert.rejects(changesOf(file('x'.repeat(5000))), /has a name or link of 5000 bytes/);
  });

  it('files with holes: small ones are read, empty ones are zeros', async () => {
    const changes = await readLayerChanges(inChunks(goldenArchive('gnu-sparse')), ARCHIVE);
    const contents = new Map(
      changes.map((change) => [
        change.path,
        change.kind === 'put' && change.node.kind === 'file' ? change.node.content : undefined,
      ]),
    );
    const holes = contents.get('/holes');
    assert.equal(holes?.kind === 'inline' && holes.bytes[65536], 66);
    assert.equal(holes?.size, 600_000);
    assert.deepEqual(contents.get('/allholes'), { kind: 'zeros', size: 300_000 });
  });
});
