import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { inspect } from 'node:util';
import { readImage } from '../../src/images/read-image';
import { credentialsOnDisk } from '../../src/images/registry/credentials';
import { type FetchOptions, fetchImage } from '../../src/images/registry/fetch-image';
import { fetchTables } from '../../src/images/registry/table-of-contents';
import { ImageStore } from '../../src/images/store/image-store';
import type { Change } from '../../src/layers/change';
import type { Image, Platform } from '../../src/layers/image';
import { HostArchives } from '../../src/platform/archive-bytes';
import { dockerSave, file, Layout, sampleImage, symlink, temporaryFolder } from '../core/images/saved-images';
import { absent, run } from './programs';
import {
  PASSWORD,
  type RealRegistry,
  startOpenRegistry,
  startPasswordRegistry,
  startTlsRegistry,
  startTokenRegistry,
  type TokenRegistry,
  USER,
} from './real-registries';

const SAMPLES = path.resolve('test/golden/images');
const doors = new HostArchives();
const AMD64 = { os: 'linux', architecture: 'amd64' };
const TIMING = { firstWait: 10 };
const nobody = async () => ({});

/** What is the same wherever the layers lie. */
function essence({ layers, config, platform, history }: Image): unknown {
  const bare = (change: Change) => {
    if (change.kind !== 'put' || change.node.kind !== 'file') return change;
    const { content, ...node } = change.node;
    return { ...change, node: { ...node, size: content.size } };
  };
  const listed = layers.map(({ changes, diffId, createdBy }) => ({
    diffId,
    createdBy,
    changes: changes.map(bare),
  }));
  return { layers: listed, config, platform, history };
}

async function fetched(
  reference: string,
  options: FetchOptions = {},
  platform: Platform = AMD64,
): Promise<Image> {
  const store = new ImageStore(temporaryFolder(), { bytes: 1e9 });
  const record = await fetchImage(reference, platform, store, {
    timing: TIMING,
    credentials: nobody,
    ...options,
  });
  return store.open(record, doors, {});
}

async function failure(reference: string, options: FetchOptions): Promise<{ kind: string; message: string }> {
  const error = await fetched(reference, options).then(
    () => assert.fail('it came'),
    (reason: Error) => reason,
  );
  const text = inspect(error, { depth: null });
  const basic = Buffer.from(`${USER}:${PASSWORD}`).toString('base64');
  for (const secret of [PASSWORD, basic, 'eyJ']) assert.ok(!text.includes(secret), text);
  return error as Error & { kind: string };
}

/** `source` as skopeo names it, pushed with the login. */
async function push(source: string, target: string, ...options: string[]): Promise<void> {
  const login = ['--dest-creds', `${USER}:${PASSWORD}`, '--dest-tls-verify=false'];
  await run('skopeo', 'copy', '--quiet', ...login, ...options, source, `docker://${target}`);
}

/** The logins that podman, docker and skopeo write. */
async function loggedIn(host: string, password: string) {
  const home = temporaryFolder();
  mkdirSync(path.join(home, '.docker'));
  const auth = Buffer.from(`${USER}:${password}`).toString('base64');
  writeFileSync(path.join(home, '.docker/config.json'), JSON.stringify({ auths: { [host]: { auth } } }));
  return credentialsOnDisk({}, home);
}

describe('real registries', { skip: absent('docker-registry', 'skopeo', 'openssl') }, () => {
  let open: RealRegistry;
  let htpasswd: RealRegistry;
  let token: TokenRegistry;
  let tls: RealRegistry;
  let expected: unknown;
  before(async () => {
    open = await startOpenRegistry();
    [htpasswd, token, tls] = await Promise.all([
      startPasswordRegistry(open.data),
      startTokenRegistry(open.data),
      startTlsRegistry(open.data),
    ]);
    const source = `oci:${path.join(SAMPLES, 'oci-dir')}`;
    for (const name of ['team/app:1', 'private/app:1']) await push(source, `${open.host}/${name}`);
    expected = essence(await readImage(path.join(SAMPLES, 'oci-dir'), { doors }));
  });
  after(() => Promise.all([open, htpasswd, token, tls].map((registry) => registry?.stop())));

  it('give an image as its layout has it', async () => {
    const image = await fetched(`${open.host}/team/app:1`);
    assert.deepEqual(essence(image), expected);
    assert.deepEqual(essence(await fetched(`${open.host}/team/app@${image.digest}`)), expected);
  });

  const forms: Record<string, [source: string, ...options: string[]]> = {
    'docker save, as schema 2': [
      `docker-archive:${path.join(SAMPLES, 'docker-save-dockerd-overlay2.tar')}`,
      '--format',
      'v2s2',
    ],
    'docker save of containerd': [`oci-archive:${path.join(SAMPLES, 'docker-save-28-containerd.tar')}`],
    'podman save': [`docker-archive:${path.join(SAMPLES, 'podman-docker-archive.tar')}`],
    'buildx, in zstd': [
      `oci-archive:${path.join(SAMPLES, 'buildx-oci-gzip.tar')}`,
      '--format',
      'oci',
      '--dest-compress-format',
      'zstd',
    ],
  };
  for (const [form, [source, ...options]] of Object.entries(forms)) {
    it(`give what was pushed from ${form}`, async () => {
      const target = `${open.host}/forms:${form.replace(/\W+/g, '-')}`;
      await push(source, target, ...options);
      const image = await fetched(target);
      const archive = await readImage(source.replace(/^[^:]+:/, ''), { doors });
      assert.deepEqual(essence(image), essence(archive));
    });
  }

  it('give the tables of contents of zstd:chunked', async () => {
    const target = `${open.host}/chunked:1`;
    // Of layers that it pushed before, skopeo takes the form that is there.
    const image = await sampleImage([[file('new', randomBytes(9)), symlink('link', 'new')], [file('more')]]);
    const archive = path.join(temporaryFolder(), 'new.tar');
    writeFileSync(archive, await dockerSave([{ image, tags: ['new:1'] }]));
    const chunked = ['--format', 'oci', '--dest-compress-format', 'zstd:chunked'];
    await push(`docker-archive:${archive}`, target, ...chunked);
    const { layers } = await fetched(target);
    const tables = await fetchTables(target, AMD64, doors.decompress, { credentials: nobody });
    const listed = layers.map(({ changes }) => changes.map((change) => change.path).sort());
    const told = tables.map(({ entries }) =>
      entries!.map(({ name }) => `/${name.replace(/\/$/, '')}`).sort(),
    );
    assert.deepEqual(told, listed);
  });

  const isRoot = process.getuid?.() === 0;
  it('give what buildah built', {
    skip: isRoot ? absent('buildah') : 'buildah needs the superuser',
  }, async () => {
    const folder = temporaryFolder();
    const storage = [
      '--storage-driver',
      'vfs',
      '--root',
      path.join(folder, 'root'),
      '--runroot',
      path.join(folder, 'run'),
    ];
    const buildah = (...args: string[]) => run('buildah', ...storage, ...args);
    writeFileSync(path.join(folder, 'greeting'), 'hello', { mode: 0o640 });
    const container = await buildah('from', 'scratch');
    await buildah('copy', '--chown', '7:8', container, path.join(folder, 'greeting'), '/srv/greeting');
    await buildah('config', '--env', 'A=1', container);
    await buildah('commit', '--quiet', container, 'built');
    await buildah('push', '--quiet', '--tls-verify=false', 'built', `docker://${open.host}/built:1`);
    const { layers, config } = await fetched(`${open.host}/built:1`);
    const put = layers.flatMap(({ changes }) => changes).find((change) => change.path === '/srv/greeting');
    assert.ok(put?.kind === 'put' && put.node.kind === 'file');
    const { mode, uid, gid, content } = put.node;
    assert.deepEqual([mode, uid, gid, content.size], [0o640, 7, 8, 5]);
    assert.ok(config.Env?.includes('A=1'));
  });

  it('are told from a disk that is full', {
    skip: isRoot ? false : 'mounting needs the superuser',
  }, async () => {
    const folder = temporaryFolder();
    await run('mount', '-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder);
    try {
      const store = new ImageStore(folder, { bytes: 1e9 });
      const large = await sampleImage([[file('large', randomBytes(300_000))]]);
      const archive = path.join(temporaryFolder(), 'large.tar');
      writeFileSync(archive, await dockerSave([{ image: large, tags: ['large:1'] }]));
      await push(`docker-archive:${archive}`, `${open.host}/large:1`);
      await assert.rejects(fetchImage(`${open.host}/large:1`, AMD64, store, { credentials: nobody }), {
        kind: 'disk',
        message: /: the disk is full$/,
      });
      assert.deepEqual(
        readdirSync(path.join(folder, 'blobs')).filter((name) => name.endsWith('.part')),
        [],
      );
      assert.deepEqual(await store.list(), []);
    } finally {
      await run('umount', folder);
    }
  });

  it('give one of several platforms, and name those there are', async () => {
    const layout = new Layout();
    const platforms = [AMD64, { os: 'linux', architecture: 'arm64' }];
    const manifests = [];
    for (const platform of platforms) {
      const image = await sampleImage([[file(platform.architecture)]], platform);
      const config = { mediaType: 'application/vnd.oci.image.config.v1+json', ...layout.blob(image.config) };
      const layer = { mediaType: 'application/vnd.oci.image.layer.v1.tar', ...layout.blob(image.layers[0]!) };
      const mediaType = 'application/vnd.oci.image.manifest.v1+json';
      const manifest = layout.json({ schemaVersion: 2, mediaType, config, layers: [layer] });
      manifests.push({ mediaType, ...manifest, platform });
    }
    const mediaType = 'application/vnd.oci.image.index.v1+json';
    const index = layout.json({ schemaVersion: 2, mediaType, manifests });
    const annotations = { 'org.opencontainers.image.ref.name': 'many' };
    const name = `${open.host}/many:1`;
    await push(`oci:${layout.index({ mediaType, ...index, annotations }).folder()}:many`, name, '--all');
    for (const platform of platforms) {
      const { layers } = await fetched(name, {}, platform);
      assert.deepEqual(
        layers.flatMap(({ changes }) => changes.map((change) => change.path)),
        [`/${platform.architecture}`],
      );
    }
    await assert.rejects(fetched(name, {}, { os: 'linux', architecture: 's390x' }), {
      kind: 'platform',
      message: /: it has no image for linux\/s390x; it has linux\/amd64, linux\/arm64$/,
    });
  });

  it('tell what they do not have', async () => {
    assert.match(
      (await failure(`${open.host}/team/app:9`, {})).message,
      /: its repository team\/app has no tag 9$/,
    );
    const digest = `sha256:${'0'.repeat(64)}`;
    const { kind, message } = await failure(`${open.host}/team/app@${digest}`, {});
    assert.deepEqual(
      [kind, message.split(': ').at(-1)],
      ['missing', `its repository team/app has no manifest ${digest}`],
    );
  });

  it('with passwords tell a wrong one from none', async () => {
    const reference = `${htpasswd.host}/team/app:1`;
    const { host } = htpasswd;
    assert.deepEqual(
      essence(await fetched(reference, { credentials: await loggedIn(host, PASSWORD) })),
      expected,
    );
    const wrong = await failure(reference, { credentials: await loggedIn(host, 'wrong') });
    assert.equal(wrong.kind, 'password');
    assert.match(
      wrong.message,
      new RegExp(`the user name or password is wrong: log in with "docker login ${host}"$`),
    );
    assert.equal((await failure(reference, {})).kind, 'denied');
  });

  it('with passwords take the login that skopeo wrote', async () => {
    const auths = path.join(temporaryFolder(), 'auth.json');
    const login = ['--username', USER, '--password', PASSWORD, '--authfile', auths, '--tls-verify=false'];
    await run('skopeo', 'login', ...login, htpasswd.host);
    const credentials = credentialsOnDisk({ REGISTRY_AUTH_FILE: auths }, temporaryFolder());
    assert.deepEqual(essence(await fetched(`${htpasswd.host}/team/app:1`, { credentials })), expected);
  });

  it('with tokens tell a wrong password, an expired token and a private image apart', async () => {
    const { host } = token;
    const user = { credentials: await loggedIn(host, PASSWORD) };
    assert.deepEqual(essence(await fetched(`${host}/team/app:1`)), expected);
    assert.deepEqual(essence(await fetched(`${host}/private/app:1`, user)), expected);
    assert.equal((await failure(`${host}/private/app:1`, {})).kind, 'denied');
    const wrong = await failure(`${host}/team/app:1`, { credentials: await loggedIn(host, 'wrong') });
    assert.equal(wrong.kind, 'password');
    token.setLifetime(-1800);
    const expired = await failure(`${host}/private/app:1`, user);
    token.setLifetime(300);
    assert.equal(expired.kind, 'expired');
    assert.match(
      expired.message,
      /it does not take the token that 127\.0\.0\.1:\d+ has just given, as if it had expired/,
    );
  });

  it('with a certificate that nobody vouches for are refused, unless they are named', async () => {
    assert.deepEqual(essence(await fetched(`${tls.host}/team/app:1`)), expected);
    const [address] = Object.values(networkInterfaces())
      .flat()
      .filter((found) => found?.family === 'IPv4' && !found.internal);
    // Without a network there are loopback addresses only, which count as insecure.
    if (!address) return;
    const host = `${address.address}:${tls.port}`;
    const { kind, message } = await failure(`${host}/team/app:1`, {});
    assert.equal(kind, 'unreachable');
    assert.match(
      message,
      /the certificate of [\d.:]+ is not trusted \(\w+\): trust who signed it, or name the host among/,
    );
    for (const insecure of [[host], [address.address], [`${address.address}/24`]]) {
      assert.deepEqual(essence(await fetched(`${host}/team/app:1`, { insecure })), expected);
    }
  });
});
