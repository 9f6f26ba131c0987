import assert from 'node:assert/strict';
import { chmodSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { connectionFault } from '../../../src/images/engine/connection-fault';
import { Engine } from '../../../src/images/engine/engine';
import { inspectImage, listImages } from '../../../src/images/engine/engine-images';
import { fetchFromEngine } from '../../../src/images/engine/fetch-image';
import { findDocker } from '../../../src/images/engine/find-docker';
import { ImageStore } from '../../../src/images/store/image-store';
import { type Answer, bareMachine, closeFakeEngines, engineAt, fakeEngine } from './fake-engine';
import { dockerSave, file, sampleImage, sha256, temporaryFile, temporaryFolder } from './saved-images';
import { selfSigned } from './test-certificate';

after(closeFakeEngines);

const INSPECTION = { Id: sha256('id'), Os: 'linux', Architecture: 'amd64', RootFS: { Layers: [] } };

function fault(kind: string, message: RegExp) {
  return (error: Error & { kind: string }) => {
    assert.match(error.message, message);
    assert.equal(error.kind, kind);
    return true;
  };
}

async function engineSaving(saved: Answer) {
  const { host } = await fakeEngine({ '/images/app:1/json': INSPECTION, '/images/app:1/get': saved });
  const folder = temporaryFolder();
  const store = new ImageStore(folder, { bytes: 1e9 });
  const blobs = () => readdirSync(path.join(folder, 'blobs'));
  return { engine: await engineAt(host), store, blobs };
}

/** Incompressible, so that no part of it looks like another. */
async function bigImage() {
  const image = await sampleImage([[file('small', 'x')], [file('big', Buffer.alloc(3_000_000, 'abcdefg'))]]);
  return { image, saved: await dockerSave([{ image, tags: null }]) };
}

describe('connecting to an engine', () => {
  it('whose socket is gone', () =>
    assert.rejects(
      engineAt('unix:///nowhere/sock'),
      fault(
        'none',
        /^Cannot connect to Docker: nobody answers at unix:\/\/\/nowhere\/sock \(DOCKER_HOST\): start Docker, or say where it is with DOCKER_HOST or "docker context use"$/,
      ),
    ));

  it('whose socket nobody listens at', () =>
    assert.rejects(
      engineAt(`unix://${temporaryFile(Buffer.alloc(0), 'sock')}`),
      fault('none', /nobody answers at unix:/),
    ));

  it('whose port nobody listens at', () =>
    assert.rejects(
      engineAt('tcp://127.0.0.1:1'),
      fault('none', /: start the engine, or check host and port$/),
    ));

  it('without permission on its socket', async () => {
    // The superuser is never denied, so the system's error is given instead of made.
    const address = await findDocker(bareMachine({ DOCKER_HOST: 'unix:///x' }));
    const { kind, message } = connectionFault(
      Object.assign(new Error('connect'), { code: 'EACCES' }),
      address,
    );
    assert.equal(kind, 'denied');
    assert.equal(
      message,
      'permission is denied at unix:///x (DOCKER_HOST): add your user to the group "docker" and log in again, or use a rootless engine',
    );
  });

  it('that does not speak HTTP', async () => {
    const server = createServer((connection) => connection.end('SSH-2.0-x\r\n'));
    const socket = path.join(temporaryFolder(), 'sock');
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    await assert.rejects(
      engineAt(`unix://${socket}`),
      fault('garbage', /what answers at unix:.* does not speak HTTP: it is no docker engine$/),
    );
    server.close();
  });

  it('that is another web server', async () => {
    const { host } = await fakeEngine({ '/_ping': (response) => response.end('<html>hello') });
    await assert.rejects(
      engineAt(host),
      fault('garbage', /^Cannot connect to Docker: what answers at .* is no docker engine$/),
    );
  });

  it('is given up when the signal says so', async () => {
    const { host } = await fakeEngine({ '/_ping': () => {} });
    const around = bareMachine({ DOCKER_HOST: host });
    const controller = new AbortController();
    const opening = Engine.open(await findDocker(around), around, controller.signal);
    setTimeout(() => controller.abort(new Error('enough')), 20);
    await assert.rejects(opening, { message: 'enough' });
  });
});

describe('connecting by TLS', () => {
  const server = selfSigned('localhost');
  const folderOf = (files: Record<string, string>) => {
    const folder = temporaryFolder();
    for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
    return { DOCKER_CERT_PATH: folder, DOCKER_TLS_VERIFY: '1' };
  };

  it('takes a certificate that ca.pem vouches for', async () => {
    const { host } = await fakeEngine({ '/images/json': [] }, { tls: server });
    assert.deepEqual(await listImages(await engineAt(host, folderOf({ 'ca.pem': server.cert }))), []);
  });

  it('takes no other certificate', async () => {
    const { host } = await fakeEngine({}, { tls: server });
    await assert.rejects(
      engineAt(host, folderOf({ 'ca.pem': selfSigned('localhost').cert })),
      fault(
        'tls',
        /TLS to tcp:.* fails \(\w+\): its certificate is not signed by ca\.pem of DOCKER_CERT_PATH or of the context$/,
      ),
    );
  });

  it('takes no certificate of another host', async () => {
    const other = selfSigned('elsewhere.example');
    const { host } = await fakeEngine({}, { tls: other });
    const env = folderOf({ 'ca.pem': other.cert });
    await assert.rejects(engineAt(host, env), fault('tls', /: its certificate is for another host name$/));
  });

  it('takes any certificate where DOCKER_TLS asks for no check', async () => {
    const { host } = await fakeEngine({ '/images/json': [] }, { tls: server });
    const env = { DOCKER_TLS: '1', DOCKER_CERT_PATH: temporaryFolder() };
    assert.deepEqual(await listImages(await engineAt(host, env)), []);
  });

  it('shows the client certificate, and says when it is refused', async () => {
    const client = selfSigned('me');
    const tls = { ...server, ca: client.cert, requestCert: true, rejectUnauthorized: true };
    const { host } = await fakeEngine({ '/images/json': [] }, { tls });
    const mine = { 'ca.pem': server.cert, 'cert.pem': client.cert, 'key.pem': client.key };
    assert.deepEqual(await listImages(await engineAt(host, folderOf(mine))), []);
    await assert.rejects(
      engineAt(host, folderOf({ 'ca.pem': server.cert })),
      fault('tls', /check cert\.pem and key\.pem$/),
    );
  });

  it('fails where a certificate file is damaged', async () => {
    const { host } = await fakeEngine({}, { tls: server });
    await assert.rejects(
      engineAt(host, folderOf({ 'ca.pem': server.cert, 'cert.pem': 'x', 'key.pem': 'y' })),
      fault('tls', /is damaged$/),
    );
  });

  it('fails where the engine speaks without', async () => {
    const plain = createServer((connection) => connection.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
    const { port } = plain.address() as { port: number };
    await assert.rejects(
      engineAt(`tcp://127.0.0.1:${port}`, folderOf({ 'ca.pem': server.cert })),
      fault('tls', /it does not speak TLS there: check the port$/),
    );
    plain.close();
  });

  it('is asked for by an engine that is spoken to without', async () => {
    const says: Answer = (response) => {
      response.statusCode = 400;
      response.end('Client sent an HTTP request to an HTTPS server.\n');
    };
    const { host } = await fakeEngine({ '/_ping': says });
    await assert.rejects(
      engineAt(host),
      fault('tls', /asks for TLS: set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH$/),
    );
  });
});

describe('connecting by ssh', () => {
  /** A program called ssh that runs these lines. */
  const withSsh = (...lines: string[]) => {
    const folder = temporaryFolder();
    const program = path.join(folder, 'ssh');
    writeFileSync(program, [`#!${process.execPath}`, ...lines].join('\n'));
    chmodSync(program, 0o755);
    return { folder, env: { PATH: folder } };
  };

  it("runs the system's ssh as docker does, without questions", {
    skip: process.platform === 'win32',
  }, async () => {
    const { host } = await fakeEngine({ '/images/json': [] });
    const { folder, env } = withSsh(
      `require('node:fs').appendFileSync(__dirname + '/args', JSON.stringify(process.argv.slice(2)) + '\\n');`,
      `const socket = require('node:net').connect(${JSON.stringify(host.slice(7))});`,
      'process.stdin.pipe(socket).pipe(process.stdout);',
    );
    assert.deepEqual(await listImages(await engineAt('ssh://me@far:22/run/x.sock', env)), []);
    const { readFileSync } = await import('node:fs');
    const [first] = readFileSync(path.join(folder, 'args'), 'utf8').split('\n');
    const options = ['-o', 'BatchMode=yes', '-o', 'ConnectTimeout=30', '-T', '-l', 'me', '-p', '22'];
    const command = ['docker', '--host', 'unix:///run/x.sock', 'system', 'dial-stdio'];
    assert.deepEqual(JSON.parse(first!), [...options, '--', 'far', ...command]);
  });

  it('tells why ssh failed', { skip: process.platform === 'win32' }, async () => {
    const { env } = withSsh(
      "console.error('me@far: Permission denied (publickey).'); process.exitCode = 255;",
    );
    await assert.rejects(
      engineAt('ssh://me@far', env),
      fault(
        'ssh',
        /^Cannot connect to Docker: ssh ended with 255: me@far: Permission denied \(publickey\)\./,
      ),
    );
  });

  it('tells that there is no ssh', () =>
    assert.rejects(
      engineAt('ssh://me@far', { PATH: temporaryFolder() }),
      fault('ssh', /the program ssh cannot be started: it is not installed$/),
    ));
});

describe('an engine that answers', () => {
  it('garbage instead of a list', async () => {
    const { host } = await fakeEngine({ '/images/json': (response) => response.end('[{"Id":') });
    await assert.rejects(
      listImages(await engineAt(host)),
      fault(
        'garbage',
        /^Cannot list the images of Docker at .*: .* answers what is not JSON: it may be no docker engine$/,
      ),
    );
  });

  it('an object instead of a list', async () => {
    const { host } = await fakeEngine({ '/images/json': { a: 1 } });
    await assert.rejects(
      listImages(await engineAt(host)),
      fault('garbage', /the answer is no list of images$/),
    );
  });

  it('that it failed', async () => {
    const says: Answer = (response) => {
      response.statusCode = 500;
      response.end(JSON.stringify({ message: 'layer store\nis broken' }));
    };
    const { host } = await fakeEngine({ '/images/json': says });
    await assert.rejects(
      listImages(await engineAt(host)),
      fault('failed', /answers 500: layer store is broken$/),
    );
  });

  it('that it has no such image', async () => {
    const { host } = await fakeEngine({});
    const engine = await engineAt(host);
    const words = /: it has no image nope:1: build or pull it there, or see "docker images"$/;
    await assert.rejects(inspectImage(engine, 'nope:1'), fault('missing', words));
    const store = new ImageStore(temporaryFolder(), { bytes: 1e9 });
    await assert.rejects(
      fetchFromEngine(engine, 'nope:1', undefined, store),
      fault('missing', /^Cannot get nope:1 from Docker at unix:.*: it has no image nope:1: /),
    );
  });

  it('what is no description of an image', async () => {
    const { host } = await fakeEngine({ '/images/app/json': [] });
    await assert.rejects(
      inspectImage(await engineAt(host), 'app'),
      fault('garbage', /the answer describes no image$/),
    );
  });
});

describe('an engine that saves an image', () => {
  it('and stops midway is told, and trying again goes on', async () => {
    const { image, saved } = await bigImage();
    let stops = true;
    const { engine, store, blobs } = await engineSaving((response) => {
      if (!stops) return response.end(saved);
      response.write(saved.subarray(0, 2_000_000), () => setTimeout(() => response.destroy(), 20));
    });
    await assert.rejects(
      fetchFromEngine(engine, 'app:1', undefined, store),
      fault(
        'stopped',
        /^Cannot get app:1 from Docker at .* ended the connection: see whether the engine still runs, and try again$/,
      ),
    );
    assert.deepEqual(await store.list(), []);
    assert.ok(blobs().includes(sha256(image.layers[0]!).replace(':', '-')));
    assert.ok(!blobs().some((name) => name.endsWith('.part')));
    stops = false;
    assert.equal((await fetchFromEngine(engine, 'app:1', undefined, store)).layers.length, 2);
  });

  it('and ends too early without saying so', async () => {
    const { saved } = await bigImage();
    const { engine, store } = await engineSaving((response) => response.end(saved.subarray(0, 2_000_000)));
    await assert.rejects(
      fetchFromEngine(engine, 'app:1', undefined, store),
      fault(
        'garbage',
        /: what it sent cannot be read: it is truncated: .*: try again, and see whether "docker save" works$/,
      ),
    );
    assert.deepEqual(await store.list(), []);
  });

  it('and writes its failure behind what it sent', async () => {
    const { saved } = await bigImage();
    const json = '{"errorDetail":{"message":"no space left"},"error":"no space left"}\r\n';
    const { engine, store } = await engineSaving((response) => {
      response.end(Buffer.concat([saved.subarray(0, 2_000_000), Buffer.from(json)]));
    });
    await assert.rejects(
      fetchFromEngine(engine, 'app:1', undefined, store),
      fault('failed', /: it stopped midway: no space left$/),
    );
  });

  it('and sends something else', async () => {
    const { engine, store } = await engineSaving((response) => response.end('x'.repeat(2000)));
    await assert.rejects(
      fetchFromEngine(engine, 'app:1', undefined, store),
      fault('garbage', /: what it sent cannot be read: it is not a tar archive: /),
    );
  });

  it('whose layer is not the one that its configuration names', async () => {
    const { image } = await bigImage();
    const other = await sampleImage([[file('other')], [file('big', 'y')]]);
    const saved = await dockerSave([{ image: { ...image, layers: other.layers }, tags: null }]);
    const { engine, store } = await engineSaving((response) => response.end(saved));
    const [wanted, got] = [sha256(image.layers[0]!), sha256(other.layers[0]!)];
    await assert.rejects(fetchFromEngine(engine, 'app:1', undefined, store), (error: Error) => {
      assert.ok(
        error.message.endsWith(`layer ${wanted} is damaged: its bytes have the digest ${got}`),
        error.message,
      );
      return true;
    });
    assert.deepEqual(await store.list(), []);
  });

  it('whose blob has another digest than its name', async () => {
    const { image } = await bigImage();
    const saved = Buffer.from(await dockerSave([{ image, tags: null }]));
    saved.write('#', saved.indexOf('"architecture"') + 1);
    const { engine, store, blobs } = await engineSaving((response) => response.end(saved));
    const name = sha256(image.config);
    await assert.rejects(
      fetchFromEngine(engine, 'app:1', undefined, store),
      fault('garbage', new RegExp(`blob ${name} is damaged`)),
    );
    assert.ok(!blobs().includes(name.replace(':', '-')));
  });

  it('is left when the signal says so', async () => {
    const { saved } = await bigImage();
    const { engine, store, blobs } = await engineSaving((response) => {
      response.write(saved.subarray(0, 2_000_000));
    });
    const controller = new AbortController();
    const progress = ({ done }: { done: number }) => {
      if (done >= 2_000_000) setTimeout(() => controller.abort(new Error('enough')), 10);
    };
    const fetching = fetchFromEngine(engine, 'app:1', undefined, store, {
      signal: controller.signal,
      progress,
    });
    await assert.rejects(fetching, { message: 'enough' });
    assert.ok(!blobs().some((name) => name.endsWith('.part')));
  });
});
