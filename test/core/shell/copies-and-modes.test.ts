import assert from 'node:assert/strict';
import { test } from 'node:test';
import { simulate } from './simulated';

test('install -d takes the setgid bit only where no mode is asked for', async () => {
  const { fileSystem, exitCode } = await simulate(
    `mkdir d; chmod 2775 d; cd d; install -d a; install -d -m 755 b; install -d -m 00755 c
mkdir e f; install -d e; install -d -m g-w f; install -d -m u=rwx,go= g`,
  );
  assert.equal(exitCode, 0);
  const modes = [...'abcefg'].map((name) => fileSystem.stat(`/tmp/d/${name}`).node.mode.toString(8));
  assert.deepEqual(modes, ['755', '2755', '755', '755', '2755', '2700']);
});

test('cp writes to a file again under another name that it had before', async () => {
  const script =
    'mkdir s t; echo 1 > s/a; ln s/a s/b; cp -a s/. t; echo 2 > s/a; cp -r s/* t; echo $?; cat t/b';
  const { stdout, certainty } = await simulate(script);
  assert.equal(stdout, '0\n2\n');
  assert.equal(certainty.level, 'exact');
});

test('cp does not write twice to one name', async () => {
  const script = 'mkdir s t u; echo 1 > s/a; echo 2 > t/a; cp s/a t/a u 2>/dev/null; echo $?; cat u/a';
  assert.equal((await simulate(script)).stdout, '1\n1\n');
});
