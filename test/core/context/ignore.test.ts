import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compileGlob } from '../../../src/context/glob';
import { IgnoreRules } from '../../../src/context/ignore';
import table from './patterns.json';

/** Each row was built for real; test/differential does it again. */
describe('.dockerignore', () => {
  for (const { name, lines, out = [], kept = [], error } of table.ignore) {
    test(name, () => {
      const rules = IgnoreRules.parse(lines);
      const problems = rules.problems.map(({ line, stops }) => ({ line, stops }));
      assert.deepEqual(problems, error === undefined ? [] : [{ line: error, stops: 'every build' }]);
      const ignored = [...out, ...kept].filter((path) => rules.explain(path).ignored);
      assert.deepEqual(ignored, out);
    });
  }

  test('the deciding rule is named with its line', () => {
    const rules = IgnoreRules.parse('# first\n*\n!src\nsrc/*.tmp\n');
    assert.deepEqual(rules.explain('src/a.tmp').rule, { pattern: 'src/*.tmp', negated: false, line: 3 });
    assert.deepEqual(rules.explain('src/a.ts').rule, { pattern: 'src', negated: true, line: 2 });
    assert.equal(IgnoreRules.parse('a').explain('b').rule, undefined);
  });

  test('a pattern that turns out to be none when it is used', () => {
    const stops = (text: string) => IgnoreRules.parse(text).problems.map((problem) => problem.stops);
    assert.deepEqual(stops('[z-a]'), ['use of the context']);
    assert.deepEqual(stops('\\y'), ['use of the context']);
    assert.deepEqual(stops('[a'), ['every build']);
  });

  test('a file that two rules for its folder ignore is listed and sent without its bytes', () => {
    const rules = IgnoreRules.parse('x*\n!x/k\nx');
    assert.equal(rules.explain('x/k').ignored, false);
    assert.equal(rules.isSentEmpty('x/k'), true);
    assert.equal(IgnoreRules.parse('x*\n!x/k').isSentEmpty('x/k'), false);
  });

  test('patterns of --exclude are not rooted', () => {
    assert.equal(IgnoreRules.of(['/a']).explain('a').ignored, false);
    assert.equal(IgnoreRules.of(['./a']).explain('a').ignored, true);
  });
});

describe('COPY patterns', () => {
  for (const { name, pattern, matches = [], others = [], error } of table.globs) {
    test(name, () => {
      const cleaned = pattern.replace(/^[./]*\//, '');
      if (error) return assert.throws(() => compileGlob(cleaned));
      const glob = compileGlob(cleaned);
      assert.deepEqual([...matches, ...others].filter(glob.matches), matches);
      assert.ok(matches.every((path) => path.split('/').length <= glob.maxNames));
    });
  }
});
