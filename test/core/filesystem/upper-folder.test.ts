import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { upperFolderOf } from '../../../src/filesystem/upper-folder';
import { WritableLayer } from '../../../src/filesystem/writable';
import { inlineContent } from '../../../src/layers/content';
import { file, folder, hardlink, layer, stack, symlink } from './stack';

const BASE = stack(
  layer(
    folder('/d'),
    file('/d/a'),
    folder('/d/s'),
    file('/d/s/b'),
    symlink('/l', 'd'),
    file('/h1', 'hard'),
    hardlink('/h2', '/h1'),
    folder('/tmp', 0o1777),
  ),
);

/** What a script of calls leaves in the upper folder, as `+ path`, `- path`, `= path`, and `o path` for an opaque folder. */
const ROWS: readonly [name: string, script: (layer: WritableLayer) => void, upper: string][] = [
  ['nothing', () => {}, ''],
  ['looking copies nothing up', (it) => it.readable('/d/a'), ''],
  [
    'a folder in which something was made and removed',
    (it) => {
      it.mkdir('/tmp/q');
      it.rmdir('/tmp/q');
    },
    '+/tmp',
  ],
  ['chmod to the same mode', (it) => it.chmod('/d/a', 0o644), '+/d +/d/a'],
  ['opening for writing', (it) => it.openForWriting(it.stat('/d/a'), '/d/a'), '+/d +/d/a'],
  ['one of two names', (it) => it.chmod('/h1', 0o600), '+/h1'],
  ['a link to a lower file brings both names', (it) => it.link('/d/a', '/n'), '+/d +/d/a =/n'],
  [
    'a file moved away and back',
    (it) => {
      it.rename('/d/a', '/d/z');
      it.rename('/d/z', '/d/a');
    },
    '+/d +/d/a',
  ],
  [
    'a lower folder removed and made again',
    (it) => {
      it.removeTree('/d');
      it.mkdir('/d');
    },
    '+/d o/d',
  ],
  [
    'a new folder removed and made again',
    (it) => {
      it.mkdir('/n');
      it.rmdir('/n');
      it.mkdir('/n');
    },
    '+/n',
  ],
  [
    'a folder where a file was',
    (it) => {
      it.unlink('/d/a');
      it.mkdir('/d/a');
    },
    '+/d +/d/a o/d/a',
  ],
  [
    'a new folder moved hides what may lie below its name',
    (it) => {
      it.mkdir('/x');
      it.rename('/x', '/y');
    },
    '+/y o/y',
  ],
  [
    'within a new folder there is nothing to hide',
    (it) => {
      it.mkdir('/p');
      it.mkdir('/p/x');
      it.rename('/p/x', '/p/y');
    },
    '+/p +/p/y',
  ],
  ['a lower folder is copied to its new name', (it) => it.rename('/d', '/e'), '-/d +/e +/e/a +/e/s +/e/s/b'],
  [
    'what is removed from a copied folder leaves no whiteout',
    (it) => {
      it.rename('/d', '/e');
      it.unlink('/e/s/b');
    },
    '-/d +/e +/e/a +/e/s',
  ],
  ['a file over a file', (it) => it.write('/d/a', inlineContent('/d/a')), '+/d +/d/a'],
];

const MARKS = { put: '+', hardlink: '=', remove: '-', opaque: 'o' } as const;

describe('what overlayfs keeps', () => {
  for (const [name, script, expected] of ROWS) {
    test(name, () => {
      let now = 100;
      const writable = new WritableLayer(BASE, () => now++);
      script(writable);
      const words = upperFolderOf(writable).map(({ kind, path }) => `${MARKS[kind]}${path}`);
      assert.equal(words.join(' '), expected);
    });
  }
});
