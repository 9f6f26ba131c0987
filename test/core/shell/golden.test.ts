import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import golden from './golden.json';
import { simulate } from './simulated';

interface Row {
  readonly shell: string;
  readonly script: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdout: string;
  readonly status: number;
}

/** Rows of one test: a test for each of the thousands would take longer than they do. */
const TOGETHER = 50;

/** How a row differs from what the real shell did; undefined where it does not. */
async function difference({ shell, script, env = {}, stdout, status }: Row): Promise<object | undefined> {
  const isPosix = shell === 'posix';
  const report = await simulate(script, {
    shell: isPosix ? 'bash' : (shell as 'dash' | 'bash' | 'ash'),
    cwd: '/tmp/dlw',
    files: { '/tmp/dlw': {}, ...(isPosix ? { '/usr/bin/sh': { link: 'bash' } } : {}) },
    env,
    ...(isPosix ? { argv: ['/bin/sh', '-c', script] } : {}),
  });
  const seen = { stdout: report.stdout, status: report.exitCode, certainty: report.certainty };
  const wanted = { stdout, status, certainty: { level: 'exact' } };
  return isDeepStrictEqual(seen, wanted) ? undefined : { shell, script, seen, wanted, stderr: report.stderr };
}

// Every script prints and ends as it did in the real dash, bash or busybox (make-golden.mjs); `posix` is bash as `sh`.
const rows = golden as readonly Row[];
for (let start = 0; start < rows.length; start += TOGETHER) {
  const some = rows.slice(start, start + TOGETHER);
  test(`scripts ${start} to ${start + some.length - 1}, from ${some[0]!.script.slice(0, 50)}`, async () => {
    const differences: object[] = [];
    for (const row of some) {
      const found = await difference(row);
      if (found) differences.push(found);
    }
    assert.deepEqual(differences, []);
  });
}
