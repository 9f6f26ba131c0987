import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compileGlob } from '../../../src/context/glob';
import { IgnoreRules } from '../../../src/context/ignore';

/** Lines of an ignore file, paths that it takes out, paths that stay. Each row was tried with the real builder. */
const FILES: readonly [name: string, lines: string, out: string, kept: string][] = [
  ['a plain name matches only at the top', 'build', 'build build/x build/x/y', 'src/build builds'],
  ['a star does not cross folders', '*.log', 'a.log .log', 'logs/a.log a.logs'],
  ['two stars cross folders, also none', '**/*.log', 'a.log x/a.log x/y/a.log', 'a.logs'],
  ['two stars at the end take what is inside', 'a/**', 'a/b a/b/c', 'a b/a/c'],
  ['two stars in the middle', 'a/**/z', 'a/z a/b/z a/b/c/z', 'z b/a/z'],
  ['two stars alone take all', '**', 'a a/b', ''],
  [
    'two stars before a plain rest match its end',
    '**/node_modules',
    'node_modules x/node_modules x/node_modules/y',
    'node_modules2',
  ],
  ['a question mark is one character', 'a?c', 'abc a.c', 'ac abbc a/c'],
  ['classes and ranges', '[a-c]x[^0-9]', 'axz cxq', 'dxz ax1'],
  ['a leading slash changes nothing', '/top', 'top top/x', 'sub/top'],
  ['a trailing slash changes nothing', 'dir/', 'dir dir/x', 'sub/dir'],
  ['dots are cleaned away', './a/../b', 'b b/x', 'a'],
  ['the last match wins', 'a\n!a\na', 'a', ''],
  ['an exception takes back', '*\n!src\n', 'x y/z', 'src src/a'],
  ['an exception inside a folder', 'logs/*\n!logs/keep', 'logs/a', 'logs/keep'],
  ['an exception is cut again', 'b\n!b/out\nb/out/tmp', 'b/x b/out/tmp/y', 'b/out b/out/z'],
  ['comments and blanks', '# a\n\n  a  \n#b', 'a', 'b'],
  ['an escaped exclamation mark', '\\!bang', '!bang', 'bang'],
  ['an escaped hash', '\\#x', '#x', 'x'],
  ['characters that mean something only to regular expressions', 'q(1)+.$', 'q(1)+.$', 'q1 q(1)'],
  ['case counts', 'ReadMe', 'ReadMe', 'readme README'],
  ['a byte order mark is skipped', '\uFEFFa', 'a', 'b'],
  ['blanks after the exclamation mark', '*\n! keep', 'x', 'keep'],
  ['carriage returns are blanks', 'a\r\nb\r\n', 'a b', 'c'],
];

describe('.dockerignore', () => {
  for (const [name, text, out, kept] of FILES) {
    test(name, () => {
      const rules = IgnoreRules.parse(text);
      const answers = (paths: string) => words(paths).map((path) => [path, rules.explain(path).ignored]);
      assert.deepEqual(
        answers(out),
        words(out).map((path) => [path, true]),
      );
      assert.deepEqual(
        answers(kept),
        words(kept).map((path) => [path, false]),
      );
    });
  }

  test('the deciding rule is named with its line', () => {
    const rules = IgnoreRules.parse('# first\n*\n!src\nsrc/*.tmp\n');
    assert.deepEqual(rules.explain('src/a.tmp').rule, { pattern: 'src/*.tmp', negated: false, line: 3 });
    assert.deepEqual(rules.explain('src/a.ts').rule, { pattern: 'src', negated: true, line: 2 });
    assert.equal(IgnoreRules.parse('a').explain('b').rule, undefined);
  });

  test('a pattern that cannot be used is a problem and counts for nothing', () => {
    const rules = IgnoreRules.parse('[a\n!\nok\\\n');
    assert.deepEqual(
      rules.problems.map(({ line }) => line),
      [0, 1, 2],
    );
    assert.equal(rules.explain('a').ignored, false);
  });
});

describe('COPY patterns', () => {
  const rows: readonly [pattern: string, matches: string, others: string][] = [
    ['*', 'a .a a.b', ''],
    ['*.txt', 'a.txt .txt', 'a.txt2'],
    ['[[]x', '[x', 'x'],
    ['a\\*', 'a*', 'ab'],
    ['{a,b}', '{a,b}', 'a b'],
  ];
  for (const [pattern, matches, others] of rows) {
    test(pattern, () => {
      const isMatch = compileGlob(pattern).matches;
      assert.deepEqual(
        words(matches).filter((name) => !isMatch(name)),
        [],
      );
      assert.deepEqual(words(others).filter(isMatch), []);
    });
  }

  test('a class that is not closed is an error', () => {
    assert.throws(() => compileGlob('[a'), /not closed/);
  });
});

function words(text: string): string[] {
  return text.split(' ').filter((word) => word !== '');
}
