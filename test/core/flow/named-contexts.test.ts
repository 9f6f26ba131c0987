import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Machine } from '../../../src/doors';
import { Memory } from '../../../src/flow-doors';
import { DEFAULT_PLATFORM } from '../../../src/graph/build-options';
import { contextNamed, type NamedContexts, parseNamedContext } from '../../../src/graph/named-contexts';
import { inspect } from '../../../src/inspect';
import { reasonsOf } from '../../../src/layers/certainty';
import { referenceFault } from '../../../src/layers/reference';
import { BASES } from '../golden/case';

describe('values of --build-context', () => {
  const ROWS: readonly [value: string, expected: unknown][] = [
    ['lib', { kind: 'folder', path: '/w/lib' }],
    ['docker-image://alpine:3', { kind: 'image', reference: 'alpine:3' }],
    // Without the slashes it is a path, as buildx takes it.
    ['docker-image:alpine', { kind: 'folder', path: '/w/docker-image:alpine' }],
    ['oci-layout://out', { kind: 'layout', path: '/w/out', reference: 'latest' }],
    ['oci-layout://a/out:v1', { kind: 'layout', path: '/w/a/out', reference: 'v1' }],
    ['oci-layout://out@sha256:ab', { kind: 'layout', path: '/w/out', reference: 'sha256:ab' }],
    ['oci-layout://out:v1@sha256:ab', { kind: 'layout', path: '/w/out', reference: 'sha256:ab' }],
    ['https://example.com/x.git#main', { kind: 'remote', url: 'https://example.com/x.git#main' }],
    ['git@example.com:x/y.git', { kind: 'remote', url: 'git@example.com:x/y.git' }],
  ];
  for (const [value, expected] of ROWS) {
    test(value, () =>
      assert.deepEqual(
        parseNamedContext(value, (place) => path.posix.join('/w', place)),
        expected,
      ),
    );
  }
});

describe('names of --build-context', () => {
  const contexts: NamedContexts = { alpine: { kind: 'folder', path: '/a' } };
  for (const name of [
    'alpine',
    'alpine:latest',
    'docker.io/library/alpine',
    'index.docker.io/library/alpine',
  ])
    test(`${name} is alpine`, () => assert.equal(contextNamed(name, contexts)?.name, 'alpine'));
  for (const name of ['alpine:3', 'Alpine', 'me/alpine', 'ghcr.io/alpine', ''])
    test(`"${name}" is not`, () => assert.equal(contextNamed(name, contexts), undefined));
  for (const name of [
    'a',
    'a/b',
    'a__b.c-d',
    'localhost:5000/a:1',
    `a@sha256:${'0'.repeat(64)}`,
    'Host.io/a',
  ])
    test(`${name} is a reference`, () => assert.equal(referenceFault(name), undefined));
  for (const name of ['', 'A', 'a-', 'a::linux/amd64', 'a b', '/a', 'a:', 'a..b'])
    test(`"${name}" is no reference`, () => assert.notEqual(referenceFault(name), undefined));
});

/** On a real disk, as the command line and the editor see it. */
describe('named contexts', () => {
  const machine = new Machine();
  const memory = new Memory();
  let folder = '';
  before(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'contexts-'));
    mkdirSync(path.join(folder, 'lib'));
    writeFileSync(path.join(folder, 'lib', 'f.txt'), 'one');
    writeFileSync(path.join(folder, 'plain'), '');
  });
  after(() => rmSync(folder, { recursive: true }));

  async function run(text: string, values: Record<string, string>, images: Record<string, string> = {}) {
    const contexts = Object.fromEntries(
      Object.entries(values).map(([name, value]) => [
        name,
        parseNamedContext(value, (place) => path.resolve(folder, place)),
      ]),
    );
    const doors = machine.doors({ contextFolder: undefined, dockerfile: 'Dockerfile', images }, memory);
    const options = { buildArgs: {}, platform: DEFAULT_PLATFORM, contexts };
    const found = await inspect({ text, options }, doors);
    const last = found.target!.steps.at(-1);
    return {
      problems: found.problems.map(
        ({ severity, message, range }) => `${range.start.line} ${severity} ${message}`,
      ),
      base: found.target!.base,
      level: last?.outcome?.layer.certainty.level,
      reasons: last?.outcome ? reasonsOf(last.outcome.layer.certainty) : [],
      has: (file: string) => found.target!.fileSystem.lookup(file),
      notReached: found.stages.flatMap(({ steps }) => steps.flatMap((step) => step.notReached ?? [])),
    };
  }

  test('a folder that is missing is told once, by name, and nothing of it is sure', async () => {
    for (const [value, place] of [
      ['nowhere', 'nowhere'],
      ['plain', 'plain'],
    ] as const) {
      const found = await run('FROM scratch\nCOPY --from=lib a /\nCOPY --from=lib b /\n', { lib: value });
      const reason = `the build context "lib" was not found: there is no folder ${path.join(folder, place)}`;
      assert.deepEqual(found.problems, [`0 error ${reason}`]);
      assert.equal(found.level, 'unknown');
      assert.deepEqual(found.reasons, [reason]);
    }
  });

  test('a stage on a missing folder', async () => {
    const found = await run('FROM lib\nWORKDIR /x\n', { lib: 'nowhere' });
    assert.equal(found.base.kind, 'missing');
    assert.match(found.problems.join(), /^0 error the build context "lib" was not found/);
    assert.equal(found.level, 'modelled');
  });

  test('one that is missing fails the build though nothing uses it', async () => {
    const { problems } = await run('FROM scratch\nWORKDIR /x\n', { lib: 'nowhere' });
    assert.match(problems.join(), /^0 error the build context "lib" was not found/);
  });

  test('what is elsewhere is not fetched, and no password is shown', async () => {
    const found = await run('FROM scratch\nCOPY --from=lib a /\n', { lib: 'https://me:secret@host/x.git' });
    assert.equal(found.level, 'unknown');
    assert.deepEqual(found.reasons, [
      'the build context "lib" is at https://host/x.git, which is not fetched',
    ]);
  });

  test('an image that no archive is mapped to', async () => {
    const found = await run('FROM lib\nWORKDIR /x\n', { lib: 'docker-image://other:1' });
    assert.deepEqual(found.base.kind === 'missing' && found.base.image, 'other:1');
    assert.match(found.problems.join(), /"lib" was not found: the image other:1 was not found/);
  });

  test('an image, and a layout', async () => {
    for (const [value, images] of [
      ['docker-image://bb:1', { 'bb:1': BASES['bb:1'] }],
      [`oci-layout://${path.resolve('test/golden/images/oci-dir')}`, {}],
    ] as const) {
      const found = await run('FROM lib\nWORKDIR /x\n', { lib: value }, images);
      assert.deepEqual(found.problems, []);
      assert.equal(found.level, 'exact');
      assert.equal(found.base.kind === 'image' && found.base.context, value);
    }
  });

  test('the steps of a replaced stage say why they are not run', async () => {
    const found = await run('FROM scratch AS lib\nCOPY no /\nFROM scratch\nCOPY --from=lib f.txt /\n', {
      lib: 'lib',
    });
    assert.deepEqual(found.problems, []);
    assert.deepEqual(found.notReached, ['a named build context takes the place of this stage']);
    assert.equal(found.has('/f.txt').kind, 'present');
  });

  test('an edit of a file in it is seen', async () => {
    const text = 'FROM lib AS a\nFROM scratch\nCOPY --from=a / /\nCOPY --from=lib . /two/\n';
    await run(text, { lib: 'lib' });
    writeFileSync(path.join(folder, 'lib', 'new.txt'), 'new');
    machine.forgetContext(path.join(folder, 'lib'));
    const found = await run(text, { lib: 'lib' });
    for (const file of ['/new.txt', '/two/new.txt']) assert.equal(found.has(file).kind, 'present');
  });
});
