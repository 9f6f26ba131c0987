import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openContext } from '../../../src/context/build-context';
import type { FileSystemNode } from '../../../src/layers/change';
import { answerWords, explainPath } from '../../../src/pages/context-answer';
import { contextInMemory } from '../flow/memory-context';

const IGNORE = '# what is made\n*.log\nlogs\n!logs/keep\nbuild/*\n!build/out\nempty\n!nothing\n';
const FILES = {
  '.dockerignore': IGNORE,
  'a.txt': '',
  'b.log': '',
  'logs/keep': '',
  'logs/deep/x': '',
  'build/out/x': '',
  'build/tmp/x': '',
  'empty/x': '',
};

const ROWS: readonly [path: string, words: string][] = [
  ['a.txt', 'a.txt is in the build context: no pattern of .dockerignore matches it.'],
  ['./a.txt', 'a.txt is in the build context: no pattern of .dockerignore matches it.'],
  ['build//x/../../a.txt/', 'a.txt is in the build context: no pattern of .dockerignore matches it.'],
  ['b.log', 'b.log is not in the build context: “*.log” in line 2 of .dockerignore leaves it out.'],
  [
    'logs/deep/x',
    'logs/deep/x is not in the build context: “logs” in line 3 of .dockerignore leaves it out, through its folder logs.',
  ],
  [
    'logs/keep',
    'logs/keep is in the build context: “!logs/keep” in line 4 of .dockerignore takes it back in.',
  ],
  [
    'logs',
    'logs is in the build context only for what is taken back below it: “logs” in line 3 of .dockerignore leaves out the rest.',
  ],
  [
    'build/tmp/x',
    'build/tmp/x is not in the build context: “build/*” in line 5 of .dockerignore leaves it out, through its folder build/tmp.',
  ],
  [
    'build/out/x',
    'build/out/x is in the build context: “!build/out” in line 6 of .dockerignore takes it back in, through its folder build/out.',
  ],
  ['empty', 'empty is not in the build context: “empty” in line 7 of .dockerignore leaves it out.'],
  ['nope', 'nope is not in the build context: there is no such file or folder.'],
  [
    'nope.log',
    'nope.log is not in the build context: there is no such file or folder; “*.log” in line 2 of .dockerignore would leave it out.',
  ],
  ['nothing', 'nothing is not in the build context: there is no such file or folder.'],
  ['a.txt/x', 'a.txt/x is not in the build context: there is no such file or folder.'],
  ['../x', '../x is not in the build context: it is outside the context folder.'],
  ['a/../../x', 'a/../../x is not in the build context: it is outside the context folder.'],
  ['', '. is in the build context: no pattern of .dockerignore matches it.'],
];

describe('why a file is in the build context or not', () => {
  const context = openContext(contextInMemory(FILES), { dockerfile: 'Dockerfile' });
  for (const [path, words] of ROWS) {
    test(`"${path}"`, () => {
      const answer = explainPath(context, path);
      assert.equal(answerWords(answer), words);
      // What is said is what COPY finds.
      const isThere = context.fileSystem.lookup(`/${answer.path}`).kind === 'present';
      if (answer.verdict !== 'outside')
        assert.equal(answer.verdict === 'in' || answer.verdict === 'partly', isThere || path === '');
    });
  }

  test('without an ignore file', () => {
    const plain = openContext(contextInMemory({ 'a.txt': '' }), { dockerfile: 'Dockerfile' });
    assert.equal(
      answerWords(explainPath(plain, 'a.txt')),
      'a.txt is in the build context: there is no ignore file.',
    );
  });

  test('a file of its own', () => {
    const files = { 'Dockerfile.dockerignore': 'a.txt', '.dockerignore': 'b', 'a.txt': '' };
    const own = openContext(contextInMemory(files), { dockerfile: 'Dockerfile' });
    assert.match(answerWords(explainPath(own, 'a.txt')), /line 1 of Dockerfile\.dockerignore leaves it out/);
  });

  test('beyond a link', () => {
    const link: FileSystemNode = {
      kind: 'symlink',
      target: 'real',
      mode: 0o777,
      uid: 0,
      gid: 0,
      mtime: 0,
    };
    const folder = contextInMemory({ 'real/x': '' });
    const list = (path: string) => [
      ...folder.list(path),
      ...(path === '' ? [{ name: 'l', node: link }] : []),
    ];
    const linked = openContext({ ...folder, list }, { dockerfile: 'Dockerfile' });
    assert.equal(explainPath(linked, 'l').verdict, 'in');
    assert.match(answerWords(explainPath(linked, 'l/x')), /cannot be told: l is a symbolic link/);
  });
});
