import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matchSteps } from '../../../src/views/step-identity';

const cases: readonly [name: string, before: string, after: string, expected: (number | undefined)[]][] = [
  ['nothing changed', 'a b c', 'a b c', [0, 1, 2]],
  ['a line is put between', 'a b c', 'a x b c', [0, undefined, 1, 2]],
  ['a line is taken out', 'a b c', 'a c', [0, 2]],
  ['a line is typed', 'a b c', 'a bb c', [0, 1, 2]],
  ['a line is put first', 'a b', 'x a b', [undefined, 0, 1]],
  ['a line is put last', 'a b', 'a b x', [0, 1, undefined]],
  ['equal lines', 'a a', 'a a a', [0, 1, undefined]],
  ['from nothing', '', 'a', [undefined]],
  ['a line becomes two', 'a b c', 'a x y c', [0, 1, undefined, 2]],
];

for (const [name, before, after, expected] of cases)
  test(`steps keep their identity: ${name}`, () => {
    const split = (text: string) => text.split(' ').filter((word) => word !== '');
    assert.deepEqual(matchSteps(split(before), split(after)), expected);
  });
