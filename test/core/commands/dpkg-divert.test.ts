// What dpkg-divert 1.21 did in a Debian 12.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { simulate, type TestFile } from '../shell/simulated';

const FILES: Record<string, TestFile> = {
  '/usr/bin/dpkg-divert': { mode: 0o755, text: '\x7fELF' },
  '/usr/bin/zz': { mode: 0o755, text: 'x' },
  '/var': {},
  '/var/lib': {},
  '/var/lib/dpkg': {},
  '/var/lib/dpkg/diversions': { text: '' },
};
const SHOW = 'cat /var/lib/dpkg/diversions >> /out; ls /usr/bin/zz* >> /out';

const ROWS: readonly (readonly [script: string, out: string])[] = [
  [
    `dpkg-divert --add --rename --local /usr/bin/zz > /out; ${SHOW}`,
    "Adding 'local diversion of /usr/bin/zz to /usr/bin/zz.distrib'|/usr/bin/zz|/usr/bin/zz.distrib|:|/usr/bin/zz.distrib",
  ],
  [
    `dpkg-divert --quiet --rename --divert /usr/bin/zz.real --package p --add /usr/bin/zz > /out; ${SHOW}`,
    '/usr/bin/zz|/usr/bin/zz.real|p|/usr/bin/zz.real',
  ],
  [
    `dpkg-divert --quiet --add --rename /usr/bin/zz; dpkg-divert --remove --rename /usr/bin/zz > /out; ${SHOW}`,
    "Removing 'local diversion of /usr/bin/zz to /usr/bin/zz.distrib'|/usr/bin/zz",
  ],
  [
    'dpkg-divert --quiet --add --no-rename /usr/bin/zz; dpkg-divert --list > /out; dpkg-divert --truename /usr/bin/zz >> /out; dpkg-divert --listpackage /usr/bin/zz >> /out',
    'local diversion of /usr/bin/zz to /usr/bin/zz.distrib|/usr/bin/zz.distrib|LOCAL',
  ],
  [
    'dpkg-divert --no-rename --add /usr/bin/zz > /dev/null; dpkg-divert --no-rename --add /usr/bin/zz > /out; dpkg-divert --no-rename --divert /y --add /usr/bin/zz; echo $? >> /out',
    "Leaving 'local diversion of /usr/bin/zz to /usr/bin/zz.distrib'|2",
  ],
  [
    'dpkg-divert --no-rename --remove /q > /out; echo $? >> /out',
    "No diversion 'any diversion of /q', none removed.|0",
  ],
];

for (const [script, out] of ROWS) {
  test(`dpkg-divert: ${script}`, async () => {
    const { certainty, text } = await simulate(script, { files: FILES });
    assert.deepEqual(certainty, { level: 'exact' });
    assert.equal(text('/out')?.replace(/\n$/, '').replaceAll('\n', '|'), out);
  });
}
