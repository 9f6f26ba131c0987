import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { diffOf } from '../../../src/filesystem/diff';
import { PosixError, QuotaExceeded } from '../../../src/filesystem/posix';
import { WritableLayer } from '../../../src/filesystem/writable';
import { inlineContent } from '../../../src/layers/content';
import { file, folder, hardlink, layer, stack, symlink } from './stack';

const BASE = stack(
  layer(
    folder('/d'),
    file('/d/a'),
    file('/d/b'),
    folder('/e'),
    symlink('/l', 'd'),
    file('/h1', 'hard'),
    hardlink('/h2', '/h1'),
    file('/suid', 's', { mode: 0o4755 }),
    folder('/tmp', 0o1777),
    folder('/locked', 0o700),
  ),
);

/** What a script of calls leaves in the layer, as `+ path`, `- path`, `= path target`. Rules 2 to 12 of the reference. */
const ROWS: readonly [name: string, script: (layer: WritableLayer) => void, diff: string][] = [
  ['nothing', () => {}, ''],
  [
    'made and removed leaves no trace, not of the parent either',
    (it) => {
      it.mkdir('/d/new');
      it.rmdir('/d/new');
    },
    '',
  ],
  ['a new file brings its parents', (it) => it.write('/d/n', inlineContent('x')), '+/d +/d/n'],
  ['chmod to another mode brings the file', (it) => it.chmod('/d/a', 0o600), '+/d +/d/a'],
  ['chmod to the same mode brings nothing', (it) => it.chmod('/d/a', 0o644), ''],
  [
    'chown to the same owner clears the setuid bit, and so brings the file',
    (it) => it.chown('/suid', 0, 0),
    '+/suid',
  ],
  [
    'one whiteout for a removed folder',
    (it) => {
      it.unlink('/d/a');
      it.unlink('/d/b');
      it.rmdir('/d');
    },
    '-/d',
  ],
  [
    'a folder made again has one whiteout per child',
    (it) => {
      it.unlink('/d/a');
      it.unlink('/d/b');
      it.rmdir('/d');
      it.mkdir('/d');
    },
    '+/d -/d/a -/d/b',
  ],
  [
    'an empty folder made again is no change',
    (it) => {
      it.rmdir('/e');
      it.mkdir('/e');
    },
    '',
  ],
  [
    'a file in place of a folder',
    (it) => {
      it.rmdir('/e');
      it.write('/e', inlineContent('x'));
    },
    '+/e',
  ],
  [
    'moved away and back is no change',
    (it) => {
      it.rename('/d/a', '/x');
      it.rename('/x', '/d/a');
    },
    '',
  ],
  ['a lower folder moves whole', (it) => it.rename('/d', '/m'), '-/d +/m +/m/a +/m/b'],
  ['a hard link to a lower file is a plain file', (it) => it.link('/d/a', '/n'), '+/n'],
  [
    'names of one new inode',
    (it) => {
      it.write('/y', inlineContent('1'));
      it.link('/y', '/x');
    },
    '+/x =/y/x',
  ],
  ['chmod of one name of a lower pair breaks the pair', (it) => it.chmod('/h1', 0o600), '+/h1'],
  ['writing through a link changes its target', (it) => it.write('/l/a', inlineContent('x')), '+/d +/d/a'],
  [
    'a link to a missing file makes that file',
    (it) => {
      it.symlink('/d/new', '/n');
      it.write('/n', inlineContent('x'));
    },
    '+/d +/d/new +/n',
  ],
];

describe('what is in a layer', () => {
  for (const [name, script, diff] of ROWS) {
    test(name, async () => {
      const it = writable();
      script(it);
      const changes = await diffOf(it);
      const words = changes.map(
        (change) =>
          (change.kind === 'remove' ? '-' : change.kind === 'hardlink' ? '=' : '+') +
          change.path +
          (change.kind === 'hardlink' ? change.target : ''),
      );
      assert.equal(words.join(' '), diff);
    });
  }

  test('mounts are left out, the folders for them are not', async () => {
    const it = writable();
    it.mkdir('/dev');
    it.write('/dev/x', inlineContent(''));
    it.write('/d/cache', inlineContent(''));
    const changes = await diffOf(it, { without: ['/d/cache'], withoutContents: ['/dev'] });
    assert.deepEqual(
      changes.map(({ path }) => path),
      ['/dev'],
    );
  });
});

describe('system calls fail as they do', () => {
  const user = { uid: 1000, gid: 1000, groups: [] };
  const FAULTS: readonly [
    name: string,
    call: (layer: WritableLayer) => unknown,
    code: string,
    as?: typeof user,
  ][] = [
    ['mkdir over a file', (it) => it.mkdir('/d/a'), 'EEXIST'],
    ['mkdir without a parent', (it) => it.mkdir('/no/where'), 'ENOENT'],
    ['below a file', (it) => it.write('/d/a/x', inlineContent('')), 'ENOTDIR'],
    ['rmdir of a full folder', (it) => it.rmdir('/d'), 'ENOTEMPTY'],
    ['unlink of a folder', (it) => it.unlink('/d'), 'EISDIR'],
    ['a folder into itself', (it) => it.rename('/d', '/d/x'), 'EINVAL'],
    ['a folder over a full one', (it) => it.rename('/e', '/d'), 'ENOTEMPTY'],
    ['a user writes where root owns', (it) => it.write('/d/x', inlineContent('')), 'EACCES', user],
    ['a user looks into a locked folder', (it) => it.stat('/locked/x'), 'EACCES', user],
    ['a user gives a file away', (it) => it.chown('/d/a', 1000, 1000), 'EPERM', user],
    ['a user changes a mode', (it) => it.chmod('/d/a', 0o777), 'EPERM', user],
    ['a name of 256 bytes', (it) => it.mkdir(`/${'ä'.repeat(128)}`), 'ENAMETOOLONG'],
  ];
  for (const [name, call, code, as] of FAULTS) {
    test(name, () => {
      const it = writable();
      if (as) it.credentials = as;
      assert.throws(
        () => call(it),
        (error) => error instanceof PosixError && error.code === code,
      );
    });
  }

  test('limits of ours are no error that a program could report', () => {
    const it = writable();
    const most = inlineContent('x'.repeat(900));
    for (const path of ['/big', '/big', '/copy']) it.write(path, most);
    it.write('/big', inlineContent('short'));
    it.write('/holes', { kind: 'zeros', size: 2 ** 30 });
    assert.throws(() => it.write('/more', inlineContent('x'.repeat(200))), QuotaExceeded);
    assert.throws(() => it.write('/holes', { kind: 'zeros', size: 2 ** 40 }), QuotaExceeded);
    assert.throws(() => it.stat('/d'.repeat(2048)), QuotaExceeded);
  });

  test('the sticky bit keeps others from removing', () => {
    const it = writable();
    it.write('/tmp/root', inlineContent(''));
    it.credentials = user;
    it.write('/tmp/mine', inlineContent(''));
    it.unlink('/tmp/mine');
    assert.throws(() => it.unlink('/tmp/root'), /Operation not permitted/);
  });

  test('a setgid folder hands on its group, and the bit to folders', () => {
    const it = writable();
    it.mkdir('/s');
    it.chown('/s', 0, 50);
    it.chmod('/s', 0o2775);
    assert.deepEqual([it.mkdir('/s/d').node.mode, it.mkdir('/s/e').node.gid], [0o2755, 50]);
    assert.equal(it.write('/s/f', inlineContent('')).node.mode, 0o644);
  });
});

function writable(): WritableLayer {
  let now = 1000;
  return new WritableLayer(BASE, () => now++, 1000);
}
