import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import {
  type Endpoint,
  type EngineAddress,
  parseHost,
  type Surroundings,
} from '../../../src/images/engine/endpoint';
import { findDocker } from '../../../src/images/engine/find-docker';
import { findPodman } from '../../../src/images/engine/find-podman';
import { bareMachine, closeFakeEngines, fakeEngine } from './fake-engine';
import { temporaryFolder } from './saved-images';

after(closeFakeEngines);

/** A machine whose Docker configuration has these contexts. */
function machine(
  env: Surroundings['env'],
  contexts: Readonly<Record<string, object>> = {},
  config: object | string = {},
): Surroundings {
  const around = bareMachine(env);
  write(around, 'config.json', typeof config === 'string' ? config : JSON.stringify(config));
  for (const [name, docker] of Object.entries(contexts)) {
    write(
      around,
      `contexts/meta/${idOf(name)}/meta.json`,
      JSON.stringify({ Name: name, Endpoints: { docker } }),
    );
  }
  return around;
}

function idOf(name: string): string {
  return createHash('sha256').update(name).digest('hex');
}

function write({ home }: Surroundings, name: string, text: string): void {
  const file = path.join(home, '.docker', name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
}

const WORK = { work: { Host: 'unix:///work.sock' }, other: { Host: 'tcp://far:2375' } };
const socket = ({ endpoint }: EngineAddress) => (endpoint.kind === 'socket' ? endpoint.path : undefined);

describe('the Docker engine is', () => {
  it('that of DOCKER_HOST, whatever contexts say', async () => {
    const env = { DOCKER_HOST: 'unix:///host.sock', DOCKER_CONTEXT: 'other' };
    const found = await findDocker(machine(env, WORK, { currentContext: 'work' }));
    assert.deepEqual(found, {
      engine: 'docker',
      endpoint: { kind: 'socket', path: '/host.sock' },
      label: 'unix:///host.sock (DOCKER_HOST)',
    });
  });

  it('that of DOCKER_CONTEXT before the current context', async () => {
    const found = await findDocker(machine({ DOCKER_CONTEXT: 'other' }, WORK, { currentContext: 'work' }));
    assert.deepEqual(found.endpoint, { kind: 'tcp', host: 'far', port: 2375 });
    assert.equal(found.label, 'tcp://far:2375 (context "other")');
  });

  it('that of the current context', async () => {
    assert.equal(socket(await findDocker(machine({}, WORK, { currentContext: 'work' }))), '/work.sock');
  });

  it('that of the folder that DOCKER_CONFIG names', async () => {
    const there = machine({}, WORK, { currentContext: 'work' });
    const around = bareMachine({ DOCKER_CONFIG: path.join(there.home, '.docker') });
    assert.equal(socket(await findDocker(around)), '/work.sock');
  });

  it('the usual one where the context is called "default", or a rootless one', async () => {
    const engine = await fakeEngine({});
    const own = engine.host.slice('unix://'.length);
    const folder = path.dirname(own);
    const link = path.join(folder, 'docker.sock');
    symlinkSync(own, link);
    const env = { DOCKER_CONTEXT: 'default', XDG_RUNTIME_DIR: folder };
    const found = await findDocker(machine(env, WORK, { currentContext: 'work' }));
    const usual = '/var/run/docker.sock';
    assert.equal(socket(found), existsSync(usual) ? usual : link);
  });

  it(
    'nowhere when nothing is configured and no socket is there',
    { skip: existsSync('/var/run/docker.sock') },
    () =>
      assert.rejects(findDocker(bareMachine()), (error: Error & { kind: string }) => {
        assert.equal(error.kind, 'none');
        assert.match(
          error.message,
          /^Cannot find a Docker engine: there is no socket unix:\/\/\/var\/run\/docker\.sock/,
        );
        assert.match(
          error.message,
          /start Docker, or say where it is with DOCKER_HOST or "docker context use"$/,
        );
        return true;
      }),
  );

  it('at a pipe on Windows', async () => {
    const found = await findDocker({ ...bareMachine(), platform: 'win32' });
    assert.equal(socket(found), '\\\\.\\pipe\\docker_engine');
  });
});

describe('TLS', () => {
  const certificates = (files: readonly string[]) => {
    const folder = temporaryFolder();
    for (const name of files) writeFileSync(path.join(folder, name), name);
    return folder;
  };
  const tlsOf = (endpoint: Endpoint) => (endpoint.kind === 'tcp' ? endpoint.tls : undefined);

  it('takes the certificates of DOCKER_CERT_PATH', async () => {
    const folder = certificates(['ca.pem', 'cert.pem', 'key.pem']);
    const env = { DOCKER_HOST: 'tcp://far', DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: folder };
    const { endpoint } = await findDocker(bareMachine(env));
    const [ca, cert, key] = ['ca.pem', 'cert.pem', 'key.pem'].map((name) => Buffer.from(name));
    assert.deepEqual(endpoint, {
      kind: 'tcp',
      host: 'far',
      port: 2376,
      tls: { verify: true, ca, cert, key },
    });
  });

  it('that is to be verified needs a ca.pem', async () => {
    const folder = certificates([]);
    const env = { DOCKER_HOST: 'tcp://far', DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: folder };
    await assert.rejects(findDocker(bareMachine(env)), {
      kind: 'tls',
      message: `Cannot find a Docker engine: DOCKER_TLS_VERIFY is set and there is no ${folder}/ca.pem: set DOCKER_CERT_PATH to the folder of the certificates`,
    });
  });

  it('of a context lies in its folder, and may be unverified', async () => {
    const around = machine({ DOCKER_CONTEXT: 'far' }, { far: { Host: 'tcp://far:1', SkipTLSVerify: true } });
    write(around, `contexts/tls/${idOf('far')}/docker/ca.pem`, 'CA');
    assert.deepEqual(tlsOf((await findDocker(around)).endpoint), { verify: false, ca: Buffer.from('CA') });
  });

  it('is not asked for where a context has nothing of it', async () => {
    assert.equal(tlsOf((await findDocker(machine({ DOCKER_CONTEXT: 'other' }, WORK))).endpoint), undefined);
  });
});

describe('settings that cannot be used', () => {
  const faults: Record<string, [Surroundings, RegExp]> = {
    'a context that is missing': [
      machine({ DOCKER_CONTEXT: 'gone' }, WORK),
      /: the context "gone", which DOCKER_CONTEXT names, does not exist: see "docker context ls" and choose one with/,
    ],
    'a current context that is missing': [
      machine({}, WORK, { currentContext: 'gone' }),
      /: the context "gone", which .*config\.json names, does not exist/,
    ],
    'a context without an endpoint': [
      machine({ DOCKER_CONTEXT: 'empty' }, { empty: {} }),
      /: the context "empty" names no Docker endpoint: see "docker context inspect empty"$/,
    ],
    'a broken config.json': [machine({}, {}, '{"auths": "s3cret'), /config\.json is not JSON: correct it$/],
    'a scheme that nobody knows': [
      machine({ DOCKER_HOST: 'gopher://x' }),
      /"gopher:\/\/x" is no address of an engine: write /,
    ],
    'a password for ssh': [
      machine({ DOCKER_HOST: 'ssh://me:s3cret@far' }),
      /the ssh address ssh:\/\/me:…@far cannot be used: a password in it is not supported: use a key$/,
    ],
    'an ssh host that is an option': [
      machine({ DOCKER_HOST: 'ssh://-oProxyCommand=x' }),
      /the ssh address ssh:\/\/-oProxyCommand=x cannot be used: a name begins with "-"$/,
    ],
  };
  for (const [fault, [around, message]] of Object.entries(faults)) {
    it(fault, () =>
      assert.rejects(findDocker(around), (error: Error & { kind: string }) => {
        assert.equal(error.kind, 'settings');
        assert.match(error.message, message);
        assert.doesNotMatch(error.message, /s3cret/);
        return true;
      }),
    );
  }
});

describe('an address', () => {
  const forms: Record<string, Endpoint> = {
    'unix:///run/x.sock': { kind: 'socket', path: '/run/x.sock' },
    'unix://': { kind: 'socket', path: '/var/run/docker.sock' },
    '/run/x.sock': { kind: 'socket', path: '/run/x.sock' },
    'npipe:////./pipe/other': { kind: 'socket', path: '\\\\.\\pipe\\other' },
    'tcp://far': { kind: 'tcp', host: 'far', port: 2375 },
    'tcp://[::1]:99': { kind: 'tcp', host: '::1', port: 99 },
    'tcp://': { kind: 'tcp', host: 'localhost', port: 2375 },
    'tcp://:4': { kind: 'tcp', host: 'localhost', port: 4 },
    'far:4': { kind: 'tcp', host: 'far', port: 4 },
    'ssh://me@far:22/run/x.sock': {
      kind: 'ssh',
      ssh: { host: 'far', user: 'me', port: '22', socket: '/run/x.sock' },
    },
    'ssh://far': { kind: 'ssh', ssh: { host: 'far' } },
  };
  for (const [text, endpoint] of Object.entries(forms)) {
    it(text, () => assert.deepEqual(parseHost(text, undefined), endpoint));
  }
});

describe('the Podman service is', () => {
  const connections = {
    Connection: {
      Default: 'vm',
      Connections: {
        vm: { URI: 'ssh://core@localhost:4711/run/podman.sock', Identity: '/key', IsMachine: true },
      },
    },
  };
  const withConnections = (env: Surroundings['env'], more: Partial<Surroundings> = {}) => {
    const file = path.join(temporaryFolder(), 'connections.json');
    writeFileSync(file, JSON.stringify(connections));
    const none = path.join(temporaryFolder(), 'none');
    return { ...bareMachine({ CONTAINERS_CONF: none, PODMAN_CONNECTIONS_CONF: file, ...env }), ...more };
  };
  const vm = {
    host: 'localhost',
    user: 'core',
    port: '4711',
    socket: '/run/podman.sock',
    identity: '/key',
    ownMachine: true,
  };

  it('that of CONTAINER_HOST', async () => {
    const found = await findPodman(
      withConnections({ CONTAINER_HOST: 'unix:///p.sock', CONTAINER_CONNECTION: 'vm' }),
    );
    assert.equal(socket(found), '/p.sock');
    assert.equal(found.engine, 'podman');
  });

  it('that of CONTAINER_CONNECTION', async () => {
    const found = await findPodman(withConnections({ CONTAINER_CONNECTION: 'vm' }));
    assert.deepEqual(found.endpoint, { kind: 'ssh', ssh: vm });
  });

  it('that of the default connection on macOS', async () => {
    const found = await findPodman(withConnections({}, { platform: 'darwin' }));
    assert.deepEqual(found.endpoint, { kind: 'ssh', ssh: vm });
    assert.equal(found.label, 'ssh://core@localhost:4711/run/podman.sock (connection "vm")');
  });

  it('trusted without a host key only on this computer', async () => {
    const far = { URI: 'ssh://core@far/run/podman.sock', IsMachine: true };
    const file = path.join(temporaryFolder(), 'far.json');
    writeFileSync(file, JSON.stringify({ Connection: { Default: 'far', Connections: { far } } }));
    const found = await findPodman(
      withConnections({ CONTAINER_CONNECTION: 'far', PODMAN_CONNECTIONS_CONF: file }),
    );
    assert.deepEqual(found.endpoint, {
      kind: 'ssh',
      ssh: { host: 'far', user: 'core', socket: '/run/podman.sock' },
    });
  });

  it("the user's own socket on Linux, whatever the default connection", async () => {
    const engine = await fakeEngine({});
    const folder = temporaryFolder();
    mkdirSync(path.join(folder, 'podman'));
    const own = path.join(folder, 'podman', 'podman.sock');
    symlinkSync(engine.host.slice('unix://'.length), own);
    assert.equal(socket(await findPodman(withConnections({ XDG_RUNTIME_DIR: folder }))), own);
  });

  it('one of containers.conf', async () => {
    const conf = path.join(temporaryFolder(), 'containers.conf');
    const lines = [
      '[containers]',
      'active_service = "wrong"',
      '[engine]',
      'active_service = "far" # the big one',
      '[engine.service_destinations]',
      '  [engine.service_destinations.far]',
      '  uri = "ssh://me@far/run/p.sock"',
      "  identity = '/k'",
    ];
    writeFileSync(conf, lines.join('\n'));
    const around = { ...bareMachine({ CONTAINERS_CONF: conf }), platform: 'darwin' as const };
    const ssh = { host: 'far', user: 'me', socket: '/run/p.sock', identity: '/k' };
    assert.deepEqual((await findPodman(around)).endpoint, { kind: 'ssh', ssh });
  });

  it('not a connection that does not exist', () =>
    assert.rejects(findPodman(withConnections({ CONTAINER_CONNECTION: 'gone' })), {
      kind: 'settings',
      message:
        'Cannot find a Podman service: the connection "gone" does not exist: see "podman system connection list"',
    }));
});
