import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DockerfileParser } from 'dockerfile-ast';
import { parseDockerfile } from '../../../src/dockerfile/parse';
import { goldenCases } from '../golden/case';

describe('parsing', () => {
  test('continuations, comments and blank lines inside an instruction', () => {
    const { instructions } = parseDockerfile('FROM a\nRUN one \\\n  # no\n\n  two\nUSER x\n');
    assert.deepEqual(
      instructions.map(({ keyword, rest, range }) => [keyword, rest, range.start.line, range.end.line]),
      [
        ['FROM', 'a', 0, 0],
        ['RUN', 'one   two', 1, 4],
        ['USER', 'x', 5, 5],
      ],
    );
  });

  test('an escaped backslash at the end of a line does not continue it', () => {
    const { instructions } = parseDockerfile('FROM a\nENV A x\\\\\nENV B y\n');
    assert.deepEqual(
      instructions.map(({ text }) => text),
      ['FROM a', 'ENV A x\\\\', 'ENV B y'],
    );
  });

  test('flags, quoted or not, and a JSON form', () => {
    const [, copy] = parseDockerfile('FROM a\nCOPY --from=b --chown="x y" --link ["a b", "/c"]').instructions;
    assert.deepEqual(copy?.flags, [
      { name: 'from', value: 'b' },
      { name: 'chown', value: 'x y' },
      { name: 'link', value: undefined },
    ]);
    assert.deepEqual(copy?.json, ['a b', '/c']);
  });

  test('here-documents: several, quoted, with tabs taken off', () => {
    const text = 'FROM a\nCOPY <<one <<-"two" /x/\n1 $A\none\n\t2\n\t\ttwo\nUSER u\n';
    const [, copy, user] = parseDockerfile(text).instructions;
    assert.deepEqual(
      copy?.heredocs.map(({ name, expands, stripsTabs, content }) => [name, expands, stripsTabs, content]),
      [
        ['one', true, false, '1 $A\n'],
        ['two', false, true, '2\n'],
      ],
    );
    assert.equal(user?.keyword, 'USER');
  });

  test('the escape directive', () => {
    const { instructions, escape } = parseDockerfile('# escape=`\nFROM a\nRUN dir C:\\ `\n x\n');
    assert.equal(escape, '`');
    assert.equal(instructions[1]?.rest, 'dir C:\\  x');
  });

  test('a trigger is an instruction of its own', () => {
    const [, onbuild] = parseDockerfile('FROM a\nONBUILD COPY --chown=1 a /b').instructions;
    assert.equal(onbuild?.trigger?.keyword, 'COPY');
    assert.equal(onbuild?.trigger?.flags[0]?.value, '1');
  });

  test('instructions lie where dockerfile-ast finds them', () => {
    for (const { name, dockerfile } of [...goldenCases('cases'), ...goldenCases('run-cases')]) {
      // It takes a `<<` in a JSON form for a here-document; the builder does not.
      if (/^RUN \[.*<</m.test(dockerfile)) continue;
      const theirs = DockerfileParser.parse(dockerfile)
        .getInstructions()
        .map((node) => [node.getKeyword(), node.getRange().start, node.getRange().end.line]);
      const ours = parseDockerfile(dockerfile).instructions.map(({ keyword, range }) => [
        keyword,
        range.start,
        range.end.line,
      ]);
      assert.deepEqual(ours, theirs, name);
    }
  });

  const FAULTY: readonly [text: string, message: RegExp, line: number][] = [
    ['', /the Dockerfile cannot be empty/, 0],
    ['FROM a\nCOPPY x y', /unknown instruction: COPPY/, 1],
    ['FROM a\nUSER', /USER requires exactly one argument/, 1],
    ['FROM a\nCOPY --link --form=b c d', /unknown flag: --form \(did you mean from\?\)/, 1],
    ['FROM a\nCOPY <<E x\ny', /unterminated heredoc/, 1],
    ['# escape=x\nFROM a', /invalid escape token 'x'/, 0],
    ['FROM a\nSHELL sh', /SHELL requires the arguments to be in JSON form/, 1],
    ['FROM a\nONBUILD FROM b', /isn't allowed as an ONBUILD trigger/, 1],
  ];
  for (const [text, message, line] of FAULTY) {
    test(`a fault has its place: ${JSON.stringify(text)}`, () => {
      const found = parseDockerfile(text).problems.find((problem) => message.test(problem.message));
      assert.equal(found?.range.start.line, line);
    });
  }

  test('whatever is typed, nothing throws', () => {
    for (const text of [
      '\0\u0001',
      '<<EOF',
      'FROM\nCOPY\n',
      'RUN <<',
      '\\\n\\\n',
      'FROM a\nCOPY <<E',
      '"',
      '[',
      '#',
      '# escape=x\nFROM',
    ]) {
      assert.ok(Array.isArray(parseDockerfile(text).problems));
    }
  });
});
