import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { splitWords } from '../../../src/dockerfile/arguments';
import { ExpansionError, expandWord, expandWords } from '../../../src/dockerfile/words';

const variables = new Map([
  ['NAME', 'value'],
  ['EMPTY', ''],
  ['DOTTED', 'one.two.three'],
  ['TWO', 'a b'],
]);

/** What a word of a Dockerfile becomes; `!` stands for an error. */
const ROWS: readonly [word: string, expanded: string][] = [
  ['plain', 'plain'],
  ['$NAME', 'value'],
  ['${NAME}x', 'valuex'],
  ['$NAMEx', ''],
  ["'$NAME'", '$NAME'],
  ['"$NAME"', 'value'],
  ['\\$NAME', '$NAME'],
  ['"\\$NAME"', '$NAME'],
  ['"a\\tb"', 'a\\tb'],
  ['a\\tb', 'atb'],
  ['$', '$'],
  ['$.', '$.'],
  ['${UNSET:-fall}', 'fall'],
  ['${EMPTY:-fall}', 'fall'],
  ['${EMPTY-fall}', ''],
  ['${NAME:+set}', 'set'],
  ['${EMPTY:+set}', ''],
  ['${EMPTY+set}', 'set'],
  ['${UNSET:-${NAME}}', 'value'],
  ['${NAME:?why}', 'value'],
  ['${EMPTY:?why}', '!'],
  ['${UNSET?why}', '!'],
  ['${DOTTED#*.}', 'two.three'],
  ['${DOTTED##*.}', 'three'],
  ['${DOTTED%.*}', 'one.two'],
  ['${DOTTED%%.*}', 'one'],
  ['${DOTTED/./-}', 'one-two.three'],
  ['${DOTTED//./-}', 'one-two-three'],
  ['${DOTTED//./}', 'onetwothree'],
  ['${DOTTED/t*o/X}', 'one.X.three'],
  ['${', '!'],
  ['${NAME', '!'],
  ['${NAME=x}', '!'],
  ['"open', '!'],
  ["'open", '!'],
];

describe('words', () => {
  for (const [word, expanded] of ROWS) {
    test(word, () => {
      if (expanded === '!')
        assert.throws(() => expandWord(word, { variables, escape: '\\' }), ExpansionError);
      else assert.equal(expandWord(word, { variables, escape: '\\' }), expanded);
    });
  }

  test('the escape of the directive takes the place of the backslash', () => {
    assert.equal(expandWord('C:\\x`$NAME', { variables, escape: '`' }), 'C:\\x$NAME');
  });

  test('only EXPOSE splits at blanks that come out of a variable', () => {
    assert.deepEqual(expandWords('$TWO "c d"', { variables, escape: '\\' }), ['a', 'b', 'c d']);
    assert.equal(expandWord('$TWO', { variables, escape: '\\' }), 'a b');
  });

  test('blanks inside quotes do not split', () => {
    assert.deepEqual(splitWords('A="x y" B=\'z w\' C=a\\ b', '\\'), ['A="x y"', "B='z w'", 'C=a\\ b']);
  });
});
