import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { historyOf } from '../../../src/filesystem/tree';
import { contents, file, folder, hardlink, layer, opaque, openLayer, remove, stack, symlink } from './stack';

describe('a stack of layers', () => {
  test('the newest layer wins', () => {
    assert.deepEqual(contents(stack(layer(file('/a', 'old')), layer(file('/a', 'new')))), { '/a': 'new' });
  });

  test('whiteout-then-new-file-same-layer: a whiteout hides lower layers only, whatever the order', () => {
    const below = layer(folder('/d'), file('/d/old'));
    for (const changes of [
      [remove('/d'), folder('/d'), file('/d/new')],
      [folder('/d'), file('/d/new'), remove('/d')],
    ]) {
      assert.deepEqual(contents(stack(below, layer(...changes))), { '/d': 'directory', '/d/new': '/d/new' });
    }
  });

  test('an opaque folder keeps what its own layer puts into it', () => {
    const tree = stack(layer(folder('/d'), file('/d/old')), layer(file('/d/new'), opaque('/d')));
    assert.deepEqual(contents(tree), { '/d': 'directory', '/d/new': '/d/new' });
  });

  test('a file in place of a folder takes all below it away', () => {
    const tree = stack(layer(folder('/d'), file('/d/x')), layer(file('/d', 'plain')));
    assert.deepEqual(contents(tree), { '/d': 'plain' });
  });

  test('deleted in one layer and back in a later one', () => {
    const tree = stack(layer(file('/a', '1')), layer(remove('/a')), layer(file('/a', '3')));
    assert.deepEqual(contents(tree), { '/a': '3' });
    assert.deepEqual(
      historyOf(tree, '/a').map(({ layer: index, change }) => `${index} ${change}`),
      ['2 put', '1 remove', '0 put'],
    );
  });

  test('an entry below a linked folder lands at its real place', () => {
    const tree = stack(
      layer(folder('/usr'), folder('/usr/bin'), symlink('/bin', 'usr/bin')),
      layer(file('/bin/sh')),
    );
    assert.equal(contents(tree)['/usr/bin/sh'], '/bin/sh');
    assert.equal(contents(tree)['/bin'], '-> usr/bin');
  });

  test('folders that an archive leaves out are made', () => {
    assert.deepEqual(contents(stack(layer(file('/a/b/c')))), {
      '/a': 'directory',
      '/a/b': 'directory',
      '/a/b/c': '/a/b/c',
    });
  });

  test('a hard link shares its inode', () => {
    const tree = stack(layer(file('/a', 'x'), hardlink('/b', '/a')));
    const [a, b] = ['/a', '/b'].map((path) => tree.lookup(path));
    assert.ok(a?.kind === 'present' && b?.kind === 'present' && a.entry.node === b.entry.node);
  });

  test('earlier states stay as they were, and share what a layer leaves alone', () => {
    const before = stack(layer(folder('/a'), file('/a/x'), folder('/b'), file('/b/y')));
    const after = before.with(layer(remove('/b/y')));
    assert.equal(contents(before)['/b/y'], '/b/y');
    assert.equal(contents(after)['/b/y'], undefined);
    assert.equal(before.root.children?.get('a'), after.root.children?.get('a'));
  });

  test('each entry knows its layer and what it hides', () => {
    const found = stack(layer(file('/a', '1')), layer(file('/a', '2'))).lookup('/a');
    assert.ok(found.kind === 'present' && found.entry.layer === 1 && found.entry.hides?.layer === 0);
  });
});

describe('looking up', () => {
  const tree = stack(
    layer(
      folder('/d'),
      file('/d/f'),
      symlink('/abs', '/d'),
      symlink('/up', '../../d/f'),
      symlink('/loop', 'loop'),
      symlink('/gone', 'nothing'),
    ),
  );
  const ROWS: readonly [path: string, answer: string][] = [
    ['/d/f', '/d/f'],
    ['/abs/f', '/d/f'],
    ['/up', '/d/f'],
    ['/d/../../d/./f', '/d/f'],
    ['/loop', 'link loop'],
    ['/gone', 'missing'],
    ['/d/f/x', 'not a directory'],
    ['/', '/'],
  ];
  for (const [path, answer] of ROWS) {
    test(path, () => {
      const found = tree.lookup(path);
      assert.equal(
        found.kind === 'present' ? found.path : found.kind === 'absent' ? found.why : found.kind,
        answer,
      );
    });
  }
});

describe('doubt', () => {
  const base = openLayer({ path: '/', reason: 'the base was not found' });

  test('in an open region nothing is called absent', () => {
    assert.equal(stack(base).lookup('/etc/passwd').kind, 'unknown');
  });

  test('what a later layer puts is there for certain', () => {
    const found = stack(base, layer(file('/a'))).lookup('/a');
    assert.ok(found.kind === 'present' && found.doubt === undefined);
  });

  test('what an earlier layer put may have been changed', () => {
    const found = stack(layer(file('/a')), base).lookup('/a');
    assert.ok(found.kind === 'present' && found.doubt?.reason === 'the base was not found');
  });

  test('a folder outside the region is certain', () => {
    const tree = stack(layer(folder('/app')), openLayer({ path: '/usr', reason: 'apt' }));
    assert.equal(tree.lookup('/app/x').kind, 'absent');
    assert.equal(tree.lookup('/usr/x').kind, 'unknown');
  });

  test('a layer that empties a folder closes it', () => {
    const tree = stack(base, { ...layer(remove('/cache')), closes: ['/cache'] });
    assert.equal(tree.lookup('/cache/x').kind, 'absent');
    assert.equal(tree.lookup('/other').kind, 'unknown');
  });
});
