import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout as setTimeoutAsync } from 'node:timers/promises';
import { connectionFault } from '../../../src/images/engine/connection-fault';
import { Engine } from '../../../src/images/engine/engine';
import { listImages } from '../../../src/images/engine/engine-images';
import { findDocker } from '../../../src/images/engine/find-docker';
import { type Answer, bareMachine, closeFakeEngines, engineAt, fakeEngine, fault } from './fake-engine';
import { temporaryFile, temporaryFolder } from './saved-images';
import { selfSigned } from './test-certificate';

after(closeFakeEngines);

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

describe('connecting by ssh', { skip: process.platform === 'win32' }, () => {
  /** A program called ssh that runs these lines. */
  const withSsh = (...lines: string[]) => {
    const folder = temporaryFolder();
    const program = path.join(folder, 'ssh');
    writeFileSync(program, [`#!${process.execPath}`, ...lines].join('\n'));
    chmodSync(program, 0o755);
    return { folder, env: { PATH: folder } };
  };
  /** One that notes its arguments and leads to the engine. */
  const leadingTo = (host: string) => {
    const { folder, env } = withSsh(
      `require('node:fs').appendFileSync(__dirname + '/args', JSON.stringify(process.argv.slice(2)) + '\\n');`,
      `const socket = require('node:net').connect(${JSON.stringify(host.slice('unix://'.length))});`,
      'process.stdin.pipe(socket).pipe(process.stdout);',
    );
    const calls = () => readFileSync(path.join(folder, 'args'), 'utf8').trim().split('\n');
    return { env, calls: () => calls().map((line) => JSON.parse(line)) };
  };
  const QUIETLY = ['-o', 'BatchMode=yes', '-o', 'ConnectTimeout=30', '-T'];

  it("runs the system's ssh as docker does, without questions", async () => {
    const { host } = await fakeEngine({ '/images/json': [] });
    const { env, calls } = leadingTo(host);
    assert.deepEqual(await listImages(await engineAt('ssh://me@far:22/run/x.sock', env)), []);
    const command = ['docker', '--host', 'unix:///run/x.sock', 'system', 'dial-stdio'];
    const expected = [...QUIETLY, '-l', 'me', '-p', '22', '--', 'far', ...command];
    assert.deepEqual(calls(), [expected, expected]);
  });

  it("reaches Podman's own machine with its key", async () => {
    const { host } = await fakeEngine({ '/images/json': [] });
    const { env, calls } = leadingTo(host);
    const ssh = { host: 'localhost', identity: '/key', socket: "/a b'c", ownMachine: true };
    await Engine.open({ engine: 'podman', endpoint: { kind: 'ssh', ssh }, label: 'vm' }, { env });
    const trusting = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=none', 'LogLevel=ERROR'];
    const options = [...QUIETLY, '-i', '/key', ...trusting.flatMap((option) => ['-o', option])];
    const command = ['podman', '--url', `'unix:///a b'\\''c'`, 'system', 'dial-stdio'];
    assert.deepEqual(calls(), [[...options, '--', 'localhost', ...command]]);
  });

  it('ends the program when the signal says so', { timeout: 20_000 }, async () => {
    const { folder, env } = withSsh(
      "require('node:fs').writeFileSync(__dirname + '/pid', String(process.pid));",
      'setInterval(() => {}, 1000);',
    );
    const around = bareMachine({ ...env, DOCKER_HOST: 'ssh://far' });
    const controller = new AbortController();
    const opening = Engine.open(await findDocker(around), around, controller.signal);
    const pid = path.join(folder, 'pid');
    while (!existsSync(pid) || readFileSync(pid, 'utf8') === '') await setTimeoutAsync(10);
    controller.abort(new Error('enough'));
    await assert.rejects(opening, { message: 'enough' });
    while (isRunning(Number(readFileSync(pid, 'utf8')))) await setTimeoutAsync(10);
  });

  it('tells why ssh failed', async () => {
    const { env } = withSsh(
      "console.error('me@far: Permission denied (publickey).'); process.exitCode = 255;",
    );
    await assert.rejects(
      engineAt('ssh://me@far', env),
      fault(
        'ssh',
        /^Cannot connect to Docker: ssh ended with 255: me@far: Permission denied \(publickey\)\.: see whether "ssh me@far docker version" works without a question$/,
      ),
    );
  });

  it('tells that there is no ssh', () =>
    assert.rejects(
      engineAt('ssh://me@far', { PATH: temporaryFolder() }),
      fault('ssh', /the program ssh cannot be started: it is not installed: see whether/),
    ));
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
