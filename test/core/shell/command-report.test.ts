import assert from 'node:assert/strict';
import { test } from 'node:test';
import { simulate } from './simulated';

/** What a command did: how it ended, the paths it touched, how many, and the bytes it wrote. */
type Row = readonly [
  command: string,
  exitCode: number | undefined,
  paths: string,
  count: number,
  bytes: number,
];

const rows: readonly { name: string; script: string; commands: readonly Row[] }[] = [
  {
    name: 'each command of a chain has its own paths',
    script: 'mkdir -p a/b && echo hello > a/f && chmod 600 a/f && rm -r a',
    commands: [
      ['mkdir -p a/b', 0, '/tmp/a /tmp/a/b', 2, 0],
      ['echo hello', 0, '/tmp/a/f', 1, 6],
      ['chmod 600 a/f', 0, '/tmp/a/f', 1, 0],
      ['rm -r a', 0, '/tmp/a', 1, 0],
    ],
  },
  {
    name: 'commands of functions, loops and shells stand for themselves',
    script: 'f() { touch "$1"; }; f x; for i in 1 2; do mkdir d$i; done; sh -c "touch y; rm x"',
    commands: [
      ['touch x', 0, '/tmp/x', 1, 0],
      ['mkdir d1', 0, '/tmp/d1', 1, 0],
      ['mkdir d2', 0, '/tmp/d2', 1, 0],
      ['touch y', 0, '/tmp/y', 1, 0],
      ['rm x', 0, '/tmp/x', 1, 0],
    ],
  },
  {
    name: 'renames and links tell both names, files that come and go none',
    script: 'echo a > f; mv f g; ln g h; sed -i s/a/bb/ h',
    commands: [
      ['echo a', 0, '/tmp/f', 1, 2],
      ['mv f g', 0, '/tmp/f /tmp/g', 2, 0],
      ['ln g h', 0, '/tmp/h', 1, 0],
      ['sed -i s/a/bb/ h', 0, '/tmp/h', 1, 3],
    ],
  },
  {
    name: 'failures tell their status, also of redirections and exit',
    script: 'false; nosuch; cat < none; exit 7',
    commands: [
      ['false', 1, '', 0, 0],
      ['nosuch', 127, '', 0, 0],
      ['cat', 2, '', 0, 0],
      ['exit 7', 7, '', 0, 0],
    ],
  },
  {
    name: 'where the simulation ends, nothing is said of the status',
    script: 'touch a; sed --debug s/a/b/ a; touch b',
    commands: [
      ['touch a', 0, '/tmp/a', 1, 0],
      ['sed --debug s/a/b/ a', undefined, '', 0, 0],
    ],
  },
];

for (const { name, script, commands } of rows) {
  test(`report: ${name}`, async () => {
    const report = await simulate(script);
    const told = report.commands.map(({ text, exitCode, touched }) => {
      return [text, exitCode, touched.paths.join(' '), touched.count, touched.bytes];
    });
    assert.deepEqual(told, commands);
  });
}

test('report: of many paths the first are told, and how many there were', async () => {
  const { commands } = await simulate('mkdir d; cd d; touch $(seq 300)');
  const { touched } = commands.at(-1)!;
  assert.equal(touched.count, 300);
  assert.deepEqual(touched.paths.slice(0, 3), ['/tmp/d/1', '/tmp/d/2', '/tmp/d/3']);
  assert.equal(touched.paths.length, 20);
});
