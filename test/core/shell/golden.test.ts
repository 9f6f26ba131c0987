import assert from 'node:assert/strict';
import { test } from 'node:test';
import golden from './golden.json';
import { simulate } from './simulated';

// Every script prints and ends as it did in the real dash or bash (make-golden.mjs).
for (const { shell, script, stdout, status } of golden) {
  test(`${shell}: ${script.slice(0, 70)}`, async () => {
    const report = await simulate(script, {
      shell: shell as 'dash' | 'bash' | 'ash',
      cwd: '/tmp/dlw',
      files: { '/tmp/dlw': {} },
    });
    assert.deepEqual(
      { stdout: report.stdout, status: report.exitCode, certainty: report.certainty },
      { stdout, status, certainty: { level: 'exact' } },
      report.stderr,
    );
  });
}
