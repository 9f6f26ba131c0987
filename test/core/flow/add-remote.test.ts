import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Machine } from '../../../src/doors';
import { DEFAULT_PLATFORM } from '../../../src/graph/build-options';
import { remoteSource } from '../../../src/graph/remote-source';
import { inspect } from '../../../src/inspect';
import { reasonsOf } from '../../../src/layers/certainty';
import { entriesOf } from '../../../src/layers/entries';
import { HostRequests } from '../../../src/pages/host-requests';
import type { HostRequest } from '../../../src/pages/protocol';
import { RemoteSizes } from '../../../src/platform/remote-sizes';
import type { AskRemoteSize } from '../../../src/simulate/remote-sizes';
import { BASES } from '../golden/case';

const machine = new Machine();
const U = 'http://h.example:1';
const SUM = '5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03';
let folder = '';

before(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'remote-'));
  writeFileSync(path.join(folder, 'a.txt'), 'A\n');
});
after(() => rmSync(folder, { recursive: true }));

async function add(lines: string, remoteSize?: AskRemoteSize, base = 'scratch') {
  const images = { 'bb:1': BASES['bb:1'] };
  const doors = machine.doors({ contextFolder: folder, dockerfile: 'Dockerfile', images });
  const found = await inspect(
    { text: `FROM ${base}\n${lines}\n`, options: { buildArgs: {}, platform: DEFAULT_PLATFORM } },
    { ...doors, ...(remoteSize && { remoteSize }) },
  );
  const { layer } = found.target!.steps.at(-1)!.outcome!;
  return {
    layer,
    level: layer.certainty.level,
    reasons: reasonsOf(layer.certainty),
    errors: found.problems.filter(({ severity }) => severity === 'error').map(({ message }) => message),
    entries: entriesOf(layer.changes, () => undefined).map(
      ({ type, mode, uid, gid, path: place }) => `${type} ${mode} ${uid}:${gid} ${place}`,
    ),
  };
}

/** What BuildKit 0.25 made of these lines, with a server that answers everything. */
const MADE: readonly [line: string, entries: readonly string[], base?: string][] = [
  [`ADD ${U}/f.txt /x/`, ['dir 0755 0:0 /x', 'file 0600 0:0 /x/f.txt']],
  [`ADD ${U}/f.txt /y`, ['file 0600 0:0 /y']],
  [`ADD ${U}/f.txt?a=b/c /x/`, ['dir 0755 0:0 /x', 'file 0600 0:0 /x/f.txt']],
  [`ADD ${U}/a#frag /x/`, ['dir 0755 0:0 /x', 'file 0600 0:0 /x/a']],
  [`ADD ${U}/dir/ /x/`, ['dir 0755 0:0 /x', 'file 0600 0:0 /x/dir']],
  [`ADD ${U} /x/`, ['dir 0755 0:0 /x', 'file 0600 0:0 /x/__unnamed__']],
  [`ADD ${U}/ /x/`, ['dir 0755 0:0 /x', 'file 0600 0:0 /x/__unnamed__']],
  [`ADD ${U}/ /z`, ['file 0600 0:0 /z']],
  [`ADD ${U}/a%20b%2Fc.txt /x/`, ['dir 0755 0:0 /x', 'file 0600 0:0 /x/c.txt']],
  [`ADD ${U}/a%C3%A9 /x/`, ['dir 0755 0:0 /x', 'file 0600 0:0 /x/aé']],
  [`ADD ${U}/a/.. /x/`, ['dir 0755 0:0 /x', 'file 0600 0:0 /x/download']],
  [`ADD ${U}/a/.. /x`, ['dir 0755 0:0 /x', 'file 0600 0:0 /x/download']],
  [`ADD --exclude=f ${U}/f /x/`, ['dir 0755 0:0 /x', 'file 0600 0:0 /x/f']],
  [`ADD --keep-git-dir=true ${U}/f /x/`, ['dir 0755 0:0 /x', 'file 0600 0:0 /x/f']],
  [
    `ADD --chmod=755 --chown=app ${U}/f /x/y/`,
    ['dir 0755 1000:1000 /x', 'dir 0755 1000:1000 /x/y', 'file 0755 1000:1000 /x/y/f'],
    'bb:1',
  ],
  [`ADD --link ${U}/f /x/y/`, ['dir 0755 0:0 /x', 'dir 0755 0:0 /x/y', 'file 0600 0:0 /x/y/f'], 'bb:1'],
  [`ADD ${U}/passwd /etc`, ['dir 0755 0:0 /etc', 'file 0600 0:0 /etc/passwd'], 'bb:1'],
  [`ADD --checksum=sha256:${SUM} ${U}/f /x/`, ['dir 0755 0:0 /x', 'file 0600 0:0 /x/f']],
  [`ARG S=${SUM}\nADD --checksum=sha256:$S ${U}/f /x/`, ['dir 0755 0:0 /x', 'file 0600 0:0 /x/f']],
  [
    `ADD ${U}/f a.txt ${U}/g /x/`,
    ['dir 0755 0:0 /x', 'file 0644 0:0 /x/a.txt', 'file 0600 0:0 /x/f', 'file 0600 0:0 /x/g'],
  ],
  [`ADD a.txt ${U}/f /x`, ['file 0600 0:0 /x']],
];

describe('ADD of a web address', () => {
  for (const [line, entries, base] of MADE) {
    test(line, async () => {
      const found = await add(line, undefined, base);
      assert.deepEqual(found.errors, []);
      assert.deepEqual(found.entries, entries);
      assert.equal(found.level, 'modelled');
    });
  }

  test('--unpack may give a file or what is in an archive', async () => {
    const found = await add(`ADD --unpack=true ${U}/t.tgz /x/`);
    assert.deepEqual([found.level, found.entries], ['modelled', ['dir 0755 0:0 /x']]);
    assert.equal(found.layer.openRegions[0]?.path, '/x');
  });

  test('a checksum is the digest of the content', async () => {
    const { layer } = await add(`ADD --checksum=sha256:${SUM} ${U}/f /x`);
    const [change] = layer.changes;
    assert.ok(change?.kind === 'put' && change.node.kind === 'file');
    assert.equal(await machine.reader.digest(change.node.content), `sha256:${SUM}`);
  });

  test('no password is said', async () => {
    const found = await add(`ADD https://me:secret@h/f /x`);
    assert.deepEqual(found.reasons, ['what h sends is not known without downloading it']);
  });
});

/** The words of BuildKit 0.25. */
const REFUSED: readonly [line: string, error: string][] = [
  [`ADD ${U}/a%zz /x/`, `parse "${U}/a%zz": invalid URL escape "%zz"`],
  [`ADD --checksum=sha256:abc ${U}/f /x/`, 'invalid checksum digest length'],
  [`ADD --checksum=${SUM} ${U}/f /x/`, 'invalid checksum digest format'],
  [`ADD --checksum=sha256:${SUM.toUpperCase()} ${U}/f /x/`, 'invalid checksum digest format'],
  [`ADD --checksum=md5:abc ${U}/f /x/`, 'unsupported digest algorithm'],
  [`ADD --checksum=sha256:${SUM} a.txt /x/`, 'checksum requires HTTP(S) or Git sources'],
  [`ADD --checksum=sha256:${SUM} ${U}/f ${U}/g /x/`, "checksum can't be specified for multiple sources"],
  [`ADD --checksum=sha256:${SUM} <<E /x/\nhi\nE`, "checksum can't be specified for multiple sources"],
  [`COPY ${U}/f /x/`, "source can't be a URL for COPY"],
  ['COPY git@h:x/y.git /x/', "source can't be a git ref for COPY"],
  ['COPY https://h/y.git /x/', "source can't be a git ref for COPY"],
  ['ADD --checksum=xyz https://h/y.git /x/', 'invalid checksum xyz for Git URL, expected hex commit hash'],
  ['ADD https://h/y.git?foo=1 /x/', 'unexpected query "foo"'],
  ['ADD HTTP://h/f /x/', '"/HTTP:/h/f": not found'],
  ['ADD ftp://h/f /x/', '"/ftp:/h/f": not found'],
  ['ADD github.com/a/b /x/', '"/github.com/a/b": not found'],
];

describe('ADD that the builder refuses', () => {
  for (const [line, error] of REFUSED) {
    test(line.replace('\n', '⏎'), async () => {
      const { errors } = await add(line);
      assert.equal(errors.length, 1);
      assert.ok(errors[0]!.endsWith(error), errors[0]);
    });
  }
});

describe('what is a repository', () => {
  const GIT = [
    'https://github.com/moby/moby.git',
    'http://h/x.git#main:docs',
    'https://h/x.git?branch=main&subdir=docs',
    'HTTPS://h/x.git',
    'git://h/x',
    'ssh://git@h/x',
    'git@github.com:moby/moby.git',
    'me@h:x',
  ];
  const OTHER = ['https://h/x.git/', 'https://h/x', 'https://h/?x=y.git', 'https://h/#x.git'];
  const LOCAL = ['./git@h:x', 'github.com/a/b.git', 'a:b', 'x.git', 'ftp://h/x.git', '@h:x'];
  for (const text of GIT) test(text, () => assert.equal(remoteSource(text)?.kind, 'git'));
  for (const text of OTHER) test(text, () => assert.equal(remoteSource(text)?.kind, 'url'));
  for (const text of LOCAL) test(text, () => assert.equal(remoteSource(text), undefined));

  test('its files are not known, its folder is made', async () => {
    const found = await add('ADD --chown=7:8 --chmod=700 https://me:pw@h/x.git#main:docs /x/y');
    assert.equal(found.level, 'modelled');
    assert.deepEqual(found.entries, ['dir 0700 7:8 /x', 'dir 0700 7:8 /x/y']);
    assert.deepEqual(found.layer.openRegions, [{ path: '/x/y', reason: found.reasons[0] }]);
    assert.match(found.reasons[0]!, /repository https:\/\/h\/x\.git#main:docs is not known/);
  });
});

describe('sizes that servers tell', () => {
  let server: Server;
  let origin = '';
  const asked: string[] = [];
  before(async () => {
    server = createServer((request, response) => {
      const { method, url = '', headers } = request;
      asked.push(`${method} ${url}`);
      if (url === '/slow') return;
      if (url === '/404') return void response.writeHead(404).end();
      if (url === '/moved') return void response.writeHead(302, { location: '/f' }).end();
      if (url === '/chunked') return void response.writeHead(200, { 'transfer-encoding': 'chunked' }).end();
      if (url === '/private' && headers.authorization !== 'Basic bWU6c2VjcmV0')
        return void response.writeHead(401).end();
      if (headers['accept-encoding'] !== 'identity') return void response.writeHead(400).end();
      response.writeHead(200, { 'content-length': 1234 }).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  test('nobody is asked unless it is allowed', async () => {
    asked.length = 0;
    await add(`ADD ${origin}/f /x`);
    assert.deepEqual(asked, []);
  });

  test('a size makes nothing exact', async () => {
    asked.length = 0;
    const sizes = new RemoteSizes();
    for (const _ of [1, 2]) {
      const found = await add(`ADD ${origin}/f /x`, (url, signal) => sizes.ask(url, signal));
      assert.equal(found.level, 'modelled');
      const [change] = found.layer.changes;
      assert.equal(change?.kind === 'put' && change.node.kind === 'file' && change.node.content.size, 1234);
      assert.match(found.reasons.join(), /that it is 1\.23 kB is what the server says/);
    }
    assert.deepEqual(asked, ['HEAD /f']);
  });

  test('where it cannot be had the reason says why', async () => {
    const sizes = new RemoteSizes(100);
    const ask = (place: string) => sizes.ask(place.startsWith('http') ? place : `${origin}${place}`);
    assert.deepEqual(await ask('/moved'), { kind: 'known', size: 1234 });
    assert.deepEqual(await ask(`${origin.replace('//', '//me:secret@')}/private`), {
      kind: 'known',
      size: 1234,
    });
    for (const [place, reason] of [
      ['/404', 'the server answers 404'],
      ['/chunked', 'the server does not tell it'],
      ['/slow', 'no answer in 0.1 s'],
      // Port 1 is one of those that `fetch` never asks.
      ['http://127.0.0.1:1/x', 'the request failed'],
      [await closedPort(), 'the request failed (ECONNREFUSED)'],
      ['http://me:secret@', 'the address cannot be used'],
    ] as const)
      assert.deepEqual(await ask(place), { kind: 'unknown', reason }, place);
    const found = await add(`ADD ${origin}/404 /x`, (url) => sizes.ask(url));
    assert.match(found.reasons.join(), /its size could not be asked for: the server answers 404/);
    assert.deepEqual(found.errors, []);
  });

  test('a request is given up with the inspection', async () => {
    const stop = new AbortController();
    const asking = new RemoteSizes().ask(`${origin}/slow`, stop.signal);
    stop.abort(new Error('overtaken'));
    await assert.rejects(asking, /overtaken/);
  });

  test('nothing is asked for what the builder refuses', async () => {
    asked.length = 0;
    await add(`COPY ${origin}/f /x`, (url) => new RemoteSizes().ask(url));
    assert.deepEqual(asked, []);
  });
});

async function closedPort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}/`;
}

test('the thread asks the host, and takes a request back', async () => {
  const posted: HostRequest[] = [];
  const requests = new HostRequests((request) => posted.push(request));
  const size = requests.ask({ kind: 'remote size', url: 'http://h/f' });
  requests.receive({ request: 1, answer: { kind: 'known', size: 5 } });
  assert.deepEqual(await size, { kind: 'known', size: 5 });
  const stop = new AbortController();
  const stopped = requests.ask({ kind: 'remote size', url: 'http://h/g' }, stop.signal);
  stop.abort(new Error('overtaken'));
  await assert.rejects(stopped, /overtaken/);
  assert.deepEqual(posted, [
    { request: 1, kind: 'remote size', url: 'http://h/f' },
    { request: 2, kind: 'remote size', url: 'http://h/g' },
    { request: 2, kind: 'cancel' },
  ]);
});
