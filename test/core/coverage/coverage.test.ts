import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Machine } from '../../../src/doors';
import { debianSkeleton } from '../../coverage/assumed/skeleton';
import { sampleDockerfiles } from '../../coverage/dockerfiles';
import { measure } from '../../coverage/measure';
import { printTotals } from '../../coverage/print';
import { type MeasuredFile, totalsOf } from '../../coverage/totals';

/** Three files of two repositories, and one that is a template and does not count. */
const FILES: Readonly<Record<string, string>> = {
  'one/Dockerfile': `FROM debian:12-slim
RUN mkdir -p /srv/app && chmod 0750 /srv/app && xyzzy --frobnicate
RUN apt-get update && apt-get install -y hello && rm -rf /var/lib/apt/lists/*
RUN mkdir -p /srv/later
COPY --from=tools /usr/bin/tool /usr/bin/
FROM alpine:3.20 AS tools
RUN ["touch", "/tool"]
`,
  'one/template/Dockerfile': 'FROM {{ base }}\nRUN false\n',
  'two/alpine/Dockerfile': `ARG BASE
FROM \${BASE}
RUN apk add --no-cache hello
COPY missing.conf rootfs/ /etc/
RUN cp /etc/missing.conf /etc/copied.conf
USER somebody
RUN <<EOF
  id -un
EOF
`,
  'two/node/Dockerfile': `FROM node:22
WORKDIR /app
COPY start.sh .
RUN sh start.sh && test -d data && id node
RUN [ -e /nowhere ]
RUN npm install
`,
  'two/node/start.sh': 'mkdir data\n',
};

let folder = '';
const measured: MeasuredFile[] = [];

before(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'coverage-'));
  for (const [file, text] of Object.entries(FILES)) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), text);
  }
  const machine = new Machine();
  const debian = await debianSkeleton(machine);
  for (const sample of sampleDockerfiles(folder, 5))
    measured.push({ sample, ...(await measure(sample, machine, debian)) });
});
after(() => rmSync(folder, { recursive: true }));

/** `line level` of every RUN of a file. */
function levels(file: string): string[] {
  const found = measured.find(({ sample }) => sample.file === path.join(folder, file));
  assert.ok(found, `${file} is not in the sample`);
  return found.runs.map(({ line, level }) => `${line} ${level}`).sort();
}

test('a RUN is judged by its own commands, on the state that the steps before it leave', () => {
  assert.deepEqual(levels('one/Dockerfile'), ['2 fails', '3 modelled', '4 exact', '7 exact']);
});

test('what the sample lacks of a context, a base or its users does not stop the measurement', () => {
  assert.deepEqual(levels('two/alpine/Dockerfile'), ['3 modelled', '5 exact', '7 exact']);
  const file = measured.find(({ sample }) => sample.file.includes('two/alpine'))!;
  assert.deepEqual(file.stops, []);
  assert.equal(file.guessedSources, 2);
});

test('scripts of a context that is there are run, and a RUN that fails is told', () => {
  assert.deepEqual(levels('two/node/Dockerfile'), ['4 exact', '5 fails', '6 modelled']);
});

test('the totals count repositories, forms and what blocks', () => {
  const totals = totalsOf(measured);
  assert.equal(totals.repositories, 2);
  assert.equal(totals.files, 3);
  assert.deepEqual([...totals.byForm.keys()].sort(), ['exec', 'here-document', 'shell']);
  assert.deepEqual(
    totals.fails.map(({ what, count }) => `${count} ${what}`),
    ['1 sh: xyzzy: not found', '1 exit code N'],
  );
  assert.match(printTotals(totals), /2 repositories, 3 Dockerfiles \(0 without RUN\), 10 RUNs/);
});

test('a sample of some files of each repository is the same every time', () => {
  const once = sampleDockerfiles(folder, 1).map(({ file }) => file);
  assert.equal(once.length, 2);
  assert.deepEqual(
    sampleDockerfiles(folder, 1).map(({ file }) => file),
    once,
  );
});
