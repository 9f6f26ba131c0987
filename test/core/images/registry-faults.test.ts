import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import { before, describe, it } from 'node:test';
import type { RegistryFaultKind } from '../../../src/images/registry/fault';
import { fetchImage } from '../../../src/images/registry/fetch-image';
import {
  emptyStore,
  type FakeRegistry,
  INDEX,
  MANIFEST,
  noise,
  QUICK,
  redirect,
  refuse,
  sendBlob,
  withRegistry,
} from './fake-registry';
import { file, type SampleImage, sampleImage, sha256 } from './saved-images';

const AMD64 = { os: 'linux', architecture: 'amd64' };

let image: SampleImage;
before(async () => {
  image = await sampleImage([[file('small.txt', 'one')], [file('large.bin', noise(600_000))]]);
});

/** So that nothing but the manifest tells how much should come. */
function sendWithoutLength(to: ServerResponse, bytes: Buffer): void {
  to.write(bytes);
  to.end();
}

interface Fault {
  readonly name: string;
  readonly break: (registry: FakeRegistry, digests: { large: string; config: string }) => unknown;
  readonly kind: RegistryFaultKind;
  readonly message: RegExp;
  /** Requests for the thing that is broken. */
  readonly tries?: number;
}

const FAULTS: Fault[] = [
  {
    name: 'no such tag',
    break: (registry) => registry.on(/manifests/, (_, to) => refuse(to, 404, 'MANIFEST_UNKNOWN')),
    kind: 'missing',
    message: /: its repository app has no tag 1$/,
    tries: 1,
  },
  {
    name: 'no such repository',
    break: (registry) => registry.on(/manifests/, (_, to) => refuse(to, 404, 'NAME_UNKNOWN')),
    kind: 'missing',
    message: /: it has no repository app$/,
    tries: 1,
  },
  {
    name: '401 that does not say how to log in',
    break: (registry) => registry.on(/manifests/, (_, to) => refuse(to, 401, 'UNAUTHORIZED')),
    kind: 'denied',
    message: /: there is no such image, or it is private: log in with "docker login 127\.0\.0\.1:\d+"$/,
    tries: 1,
  },
  {
    name: '403',
    break: (registry) => registry.on(/manifests/, (_, to) => refuse(to, 403, 'DENIED')),
    kind: 'denied',
    message: /: there is no such image, or who asks may not have it \(403 DENIED\)$/,
    tries: 1,
  },
  {
    name: '429 without end',
    break: (registry) => registry.on(/manifests/, (_, to) => refuse(to, 429, 'TOOMANYREQUESTS')),
    kind: 'busy',
    message: /too many requests \(429\): log in for a higher limit, or try again later$/,
    tries: 5,
  },
  {
    name: '429 that asks to wait for long',
    break: (registry) =>
      registry.on(/manifests/, (_, to) =>
        refuse(to.setHeader('retry-after', '7200'), 429, 'TOOMANYREQUESTS'),
      ),
    kind: 'busy',
    message: /try again in 120 minutes$/,
    tries: 1,
  },
  {
    name: '503 without end',
    break: (registry) => registry.on(/manifests/, (_, to) => refuse(to, 503, 'X'.repeat(99))),
    kind: 'server',
    message: /: it is in trouble and answers 503: try again later$/,
    tries: 5,
  },
  {
    name: 'an error page as endless garbage',
    break: (registry) =>
      registry.on(/manifests/, (_, to) => {
        to.statusCode = 400;
        to.end(noise(300_000));
      }),
    kind: 'damaged',
    message: /: it answers 400, which no registry should$/,
  },
  {
    name: 'garbage in place of a manifest',
    break: (registry) => registry.on(/manifests/, (_, to) => to.end('<html>login</html>')),
    kind: 'damaged',
    message: /: it answers with no manifest for 1$/,
  },
  {
    name: 'a manifest without end',
    break: (registry) => registry.on(/manifests/, (_, to) => to.end(Buffer.alloc(17 << 20, 32))),
    kind: 'damaged',
    message: /answers with more than 16777216 bytes$/,
  },
  {
    name: 'a manifest that trickles',
    break: (registry) =>
      registry.on(/manifests/, (_, to) => {
        const timer = setInterval(() => to.write(' '), 50);
        to.on('close', () => clearInterval(timer));
      }),
    kind: 'unreachable',
    message: /takes too long$/,
  },
  {
    name: 'a manifest with another digest',
    break: (registry) =>
      registry.on(/manifests/, (_, to) => {
        to.setHeader('docker-content-digest', sha256('other'));
        to.end('{"schemaVersion":2}');
      }),
    kind: 'damaged',
    message: /the manifest of 1 is damaged: its bytes have the digest sha256:\w+, not sha256:\w+$/,
  },
  {
    name: 'a manifest of schema 1',
    break: (registry) => registry.on(/manifests/, (_, to) => to.end('{"schemaVersion":1}')),
    kind: 'refused',
    message: /\(manifest schema 1\), which is not read any more: push it again with a current tool$/,
  },
  {
    name: 'an index without images',
    break: (registry) => registry.manifest({ schemaVersion: 2, mediaType: INDEX, manifests: [] }, '1'),
    kind: 'missing',
    message: /: its index lists no image$/,
  },
  {
    name: 'a chart instead of an image',
    break: (registry) => {
      const config = registry.blob(Buffer.from('{}'), 'application/vnd.cncf.helm.config.v1+json');
      registry.manifest({ schemaVersion: 2, mediaType: MANIFEST, config, layers: [] }, '1');
    },
    kind: 'refused',
    message: /: it is no image but something else \(application\/vnd\.cncf\.helm\.config\.v1\+json\)$/,
  },
  {
    name: 'a manifest whose digest leads elsewhere',
    break: (registry) => {
      const config = { digest: 'sha256:../../../etc/passwd', size: 3 };
      registry.manifest({ schemaVersion: 2, mediaType: MANIFEST, config, layers: [] }, '1');
    },
    kind: 'damaged',
    message: /in its manifest "sha256:\.\.\/.*" is not a digest that can be checked$/,
  },
  {
    name: 'a blob that is missing',
    break: (registry, { large }) =>
      registry.on(new RegExp(large), (_, to) => refuse(to, 404, 'BLOB_UNKNOWN')),
    kind: 'missing',
    message: /: it does not have blob sha256:\w+, which the image's manifest names$/,
  },
  {
    name: 'a blob with other bytes',
    break: (registry, { large }) =>
      registry.on(new RegExp(large), ({ range }, to) =>
        sendBlob(to, noise(registry.content(large).length, 2), range),
      ),
    kind: 'damaged',
    message: /: blob sha256:\w+ is damaged: its bytes have the digest sha256:\w+$/,
    tries: 1,
  },
  {
    name: 'a blob that is too long',
    break: (registry, { large }) =>
      registry.on(new RegExp(large), (_, to) =>
        sendWithoutLength(to, Buffer.concat([registry.content(large), noise(9)])),
      ),
    kind: 'damaged',
    message: /: blob sha256:\w+ has more bytes there, where the manifest says \d+$/,
  },
  {
    name: 'a blob with another length',
    break: (registry, { large }) => registry.on(new RegExp(large), (_, to) => sendBlob(to, noise(10), '')),
    kind: 'damaged',
    message: /: blob sha256:\w+ has 10 bytes there, where the manifest says \d+$/,
  },
  {
    name: 'a blob that is always truncated',
    break: (registry, { large }) =>
      registry.on(new RegExp(large), ({ range }, to) => {
        if (range) refuse(to, 416, 'UNSUPPORTED');
        else sendWithoutLength(to, noise(10));
      }),
    kind: 'damaged',
    message: /: it has fewer bytes than the manifest says$/,
    tries: 2,
  },
  {
    name: 'a connection that is cut every time',
    break: (registry, { large }) => registry.on(new RegExp(large), (_, to) => to.destroy()),
    kind: 'unreachable',
    message: /: the connection to 127\.0\.0\.1:\d+ broke \(ECONNRESET\)$/,
    tries: 5,
  },
  {
    name: 'another part than was asked for',
    break: (registry, { large }) =>
      registry.on(new RegExp(large), ({ range }, to) => {
        if (range) sendBlob(to, noise(100), 'bytes=1-');
        else sendWithoutLength(to, noise(10));
      }),
    kind: 'damaged',
    message: /: it answers with another part of blob sha256:\w+ than was asked for$/,
  },
  {
    name: 'a circle of redirects',
    break: (registry) => registry.on(/manifests/, ({ path }, to) => redirect(to, path)),
    kind: 'damaged',
    message: /: its redirects go on without end$/,
  },
  {
    name: 'a redirect to a file of this machine',
    break: (registry) => registry.on(/blobs/, (_, to) => redirect(to, 'file:///etc/passwd')),
    kind: 'damaged',
    message: /: it redirects to what is no web address$/,
  },
  {
    name: 'a server that says nothing',
    break: (registry) => registry.on(/manifests/, () => {}),
    kind: 'unreachable',
    message: /: 127\.0\.0\.1:\d+ sent nothing for 0\.4 s$/,
    tries: 5,
  },
  {
    name: 'a configuration that is no JSON',
    break: (registry) => registry.image({ ...image, config: Buffer.from('no') }, ['1']),
    kind: 'damaged',
    message: /: its configuration sha256:\w+ is not JSON$/,
  },
  {
    name: 'an image for another platform only',
    break: (registry) => {
      const config = registry.blob(Buffer.from('{"os":"linux","architecture":"s390x"}'));
      registry.manifest({ schemaVersion: 2, mediaType: MANIFEST, config, layers: [] }, '1');
    },
    kind: 'platform',
    message: /: it has no image for linux\/amd64; it has linux\/s390x$/,
  },
];

describe('registries that fail', { concurrency: true }, () => {
  for (const { name, break: breakIt, kind, message, tries } of FAULTS) {
    it(name, { timeout: 20_000 }, () =>
      withRegistry(async (registry) => {
        const { store, blobs } = emptyStore();
        const { layers, config } = registry.image(image, ['1']);
        const large = layers[1]!.digest;
        breakIt(registry, { large, config: config.digest });
        const reference = `${registry.host}/app:1`;
        await assert.rejects(
          fetchImage(reference, AMD64, store, QUICK),
          (error: Error & { kind: string }) => {
            assert.ok(
              error.message.startsWith(`Cannot get ${reference} from ${registry.host}: `),
              error.message,
            );
            assert.match(error.message, message);
            assert.equal(error.kind, kind);
            return true;
          },
        );
        if (tries !== undefined) {
          const [first, blob] = [/manifests/, new RegExp(large)].map((path) => registry.paths(path).length);
          assert.ok(
            tries === first || tries === blob,
            `${first} requests for the manifest, ${blob} for the blob`,
          );
        }
        assert.equal(await store.find('registry', reference), undefined);
        assert.ok(!blobs().includes(large.replace(':', '-')));
        assert.deepEqual(
          blobs().filter((left) => left.endsWith('.part')),
          [],
        );
      }),
    );
  }

  it('are waited for when they are busy only for a moment', () =>
    withRegistry(async (registry) => {
      const { store } = emptyStore();
      registry.image(image, ['1']);
      let wait = 0;
      registry.on(/manifests/, (_, to, count) => {
        if (count === 0) wait = Date.now();
        if (count === 0) return refuse(to.setHeader('retry-after', '1'), 429, 'TOOMANYREQUESTS');
        if (count === 1) wait = Date.now() - wait;
        return count === 1 ? refuse(to, 500, 'X') : 'pass';
      });
      await fetchImage(`${registry.host}/app:1`, AMD64, store, QUICK);
      assert.ok(wait >= 990, `${wait} ms`);
    }));

  it('that nobody runs are told', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    await new Promise((resolve) => server.close(resolve));
    await assert.rejects(fetchImage(`127.0.0.1:${port}/app:1`, AMD64, emptyStore().store, QUICK), {
      kind: 'unreachable',
      message: `Cannot get 127.0.0.1:${port}/app:1 from 127.0.0.1:${port}: nothing answers at 127.0.0.1:${port}`,
    });
  });

  it('that do not speak HTTP are told', async () => {
    const server = createServer((socket) => socket.on('error', () => {}).end('SSH-2.0-OpenSSH_9.2\r\n'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    try {
      await assert.rejects(fetchImage(`127.0.0.1:${port}/app:1`, AMD64, emptyStore().store, QUICK), {
        kind: 'unreachable',
        message: /: 127\.0\.0\.1:\d+ answers with something that is not HTTP$/,
      });
    } finally {
      server.close();
    }
  });

  it('references that are none are refused before anybody is asked', async () => {
    for (const reference of ['', 'UPPER', 'a b', '../x', `${'a'.repeat(64)}`.replace(/a/g, 'f')]) {
      await assert.rejects(fetchImage(reference, AMD64, emptyStore().store, QUICK), { kind: 'refused' });
    }
  });
});
