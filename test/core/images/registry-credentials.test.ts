import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { credentialsOnDisk, type FoundCredentials } from '../../../src/images/registry/credentials';
import { temporaryFolder } from './saved-images';

const SECRET = 'pass:w0rd-secret';
const auth = (username: string) => Buffer.from(`${username}:${SECRET}`).toString('base64');
const login = (username: string): FoundCredentials => ({
  credentials: { kind: 'password', username, password: SECRET },
});

interface Place {
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  config(value: unknown, file?: string): void;
  helper(name: string, script: string): void;
  find(host: string, repository?: string, signal?: AbortSignal): Promise<FoundCredentials>;
}

/** A home with nothing in it, and folders on PATH for helpers. */
function newHome(extra: NodeJS.ProcessEnv = {}): Place {
  const home = temporaryFolder();
  const bin = path.join(home, 'bin');
  mkdirSync(bin);
  const env = { PATH: `${bin}:/usr/bin:/bin`, HOME: home, ...extra };
  return {
    home,
    env,
    config: (value, file = '.docker/config.json') => {
      mkdirSync(path.dirname(path.join(home, file)), { recursive: true });
      writeFileSync(path.join(home, file), typeof value === 'string' ? value : JSON.stringify(value));
    },
    helper: (name, script) => {
      const program = path.join(bin, `docker-credential-${name}`);
      writeFileSync(program, `#!/bin/sh\n${script}\n`);
      chmodSync(program, 0o755);
    },
    find: async (host, repository = 'team/app', signal = undefined) => {
      const found = await credentialsOnDisk(env, home)(host, repository, signal);
      assert.ok(!(found.problem ?? '').includes('w0rd'), found.problem);
      return found;
    },
  };
}

describe('logins in files', () => {
  it('are found by host, in the spellings that files have', async () => {
    const place = newHome();
    const keys = [
      'a.example',
      'https://b.example',
      'https://c.example/v1/',
      'http://d.example/v2/',
      'e.example:5000',
    ];
    place.config({
      auths: Object.fromEntries(keys.map((key, index) => [key, { auth: auth(`user${index}`) }])),
    });
    for (const [index, host] of 'a.example b.example c.example d.example e.example:5000'
      .split(' ')
      .entries()) {
      assert.deepEqual(await place.find(host), login(`user${index}`));
    }
    assert.deepEqual(await place.find('e.example'), {});
    assert.deepEqual(await place.find('x.a.example'), {});
  });

  for (const key of ['https://index.docker.io/v1/', 'index.docker.io', 'docker.io', 'registry-1.docker.io']) {
    it(`are those of Docker Hub under ${key}`, async () => {
      const place = newHome();
      place.config({ auths: { [key]: { auth: auth('me') } } });
      assert.deepEqual(await place.find('docker.io', 'library/node'), login('me'));
    });
  }

  it('may be tokens', async () => {
    const place = newHome();
    const both = { auth: auth('me'), identitytoken: 'identity' };
    place.config({ auths: { 'a.example': both, 'b.example': { registrytoken: 'bearer' } } });
    assert.deepEqual(await place.find('a.example'), { credentials: { kind: 'identity', token: 'identity' } });
    assert.deepEqual(await place.find('b.example'), { credentials: { kind: 'bearer', token: 'bearer' } });
  });

  it('of Podman may be for a part of a registry; the longest that fits counts', async () => {
    const place = newHome();
    place.config(
      {
        auths: {
          'a.example': { auth: auth('all') },
          'a.example/team': { auth: auth('team') },
          'a.example/team/app': { auth: auth('app') },
        },
      },
      '.config/containers/auth.json',
    );
    assert.deepEqual(await place.find('a.example', 'team/app'), login('app'));
    assert.deepEqual(await place.find('a.example', 'team/app2'), login('team'));
    assert.deepEqual(await place.find('a.example', 'teams/app'), login('all'));
  });

  it('are read from where the environment says, the first that has one', async () => {
    const { home, config } = newHome();
    const env = {
      REGISTRY_AUTH_FILE: path.join(home, 'first.json'),
      DOCKER_CONFIG: path.join(home, 'second'),
      XDG_RUNTIME_DIR: path.join(home, 'third'),
      HOME: home,
    };
    const find = (host: string) => credentialsOnDisk(env, home)(host, 'app', undefined);
    const entry = (name: string, ...hosts: string[]) => ({
      auths: Object.fromEntries(hosts.map((host) => [host, { auth: auth(name) }])),
    });
    config(entry('first', 'a'), 'first.json');
    config(entry('second', 'a', 'b'), 'second/config.json');
    config(entry('third', 'a', 'b', 'c'), 'third/containers/auth.json');
    config(entry('home', 'a', 'b', 'c', 'd'), '.docker/config.json');
    assert.deepEqual(await Promise.all(['a', 'b', 'c', 'd'].map(find)), [
      login('first'),
      login('second'),
      login('third'),
      {},
    ]);
  });

  it('that cannot be read are a problem, which quotes nothing of them', async () => {
    const broken: [unknown, RegExp][] = [
      [`{"auths":{"a.example":{"auth":"${SECRET}`, /config\.json is not JSON$/],
      ['[]', /config\.json is no configuration of logins$/],
      [{ auths: { 'a.example': { auth: 'bm9jb2xvbg==' } } }, /config\.json has a login that cannot be read$/],
      [
        { auths: { 'a.example': { registrytoken: `${SECRET}\n` } } },
        /config\.json has a login that cannot be read$/,
      ],
    ];
    for (const [config, problem] of broken) {
      const place = newHome();
      place.config(config);
      assert.match((await place.find('a.example')).problem!, problem);
    }
  });

  it('of strange types are none', async () => {
    for (const config of [{ auths: [] }, { auths: { 'a.example': 1 } }, { auths: { 'a.example': {} } }, {}]) {
      const place = newHome();
      place.config(config);
      assert.deepEqual(await place.find('a.example'), {});
    }
    assert.deepEqual(await newHome().find('a.example'), {});
  });
});

describe('logins of credential helpers', () => {
  const answer = (username: string) => JSON.stringify({ ServerURL: 'x', Username: username, Secret: SECRET });

  it('are asked for by host, or for all', async () => {
    const place = newHome();
    place.config({ credHelpers: { 'a.example': 'one' }, credsStore: 'all', auths: { 'a.example': {} } });
    place.helper('one', `test "$1" = get && test "$(cat)" = a.example && echo '${answer('one')}'`);
    place.helper('all', `cat > "$HOME/asked"; echo '${answer('all')}'`);
    assert.deepEqual(await place.find('a.example'), login('one'));
    assert.deepEqual(await place.find('b.example'), login('all'));
  });

  it('of Docker Hub go by the name that Docker gives it', async () => {
    const place = newHome();
    place.config({ credsStore: 'all' });
    place.helper('all', `test "$(cat)" = https://index.docker.io/v1/ && echo '${answer('hub')}'`);
    assert.deepEqual(await place.find('docker.io'), login('hub'));
  });

  it('may be identity tokens', async () => {
    const place = newHome();
    place.config({ credsStore: 'all' });
    place.helper('all', `echo '${answer('<token>')}'`);
    assert.deepEqual(await place.find('a'), { credentials: { kind: 'identity', token: SECRET } });
  });

  const outcomes: Record<string, [script: string, problem: RegExp | undefined]> = {
    'has none': ["echo 'credentials not found in native keychain'; exit 1", undefined],
    fails: [
      `echo "error: ${SECRET}"; echo "${SECRET}" >&2; exit 3`,
      / failed with exit code 3 \(try: echo a \| docker-credential-all get\)$/,
    ],
    'answers with garbage': [`echo 'Secret: ${SECRET}'`, / answers with no login$/],
    'is killed': ['kill -9 $$', / was ended by SIGKILL$/],
  };
  for (const [name, [script, problem]] of Object.entries(outcomes)) {
    it(`that ${name}`, async () => {
      const place = newHome();
      place.config({ credsStore: 'all' });
      place.helper('all', script);
      const found = await place.find('a');
      assert.equal(found.credentials, undefined);
      if (problem) assert.match(found.problem!, problem);
      else assert.deepEqual(found, {});
    });
  }

  it('that is not installed', async () => {
    const place = newHome();
    place.config({ credsStore: 'desktop.exe' });
    const problem = 'the credential helper docker-credential-desktop.exe is not installed';
    assert.deepEqual(await place.find('a'), { problem });
  });

  it('whose name leads elsewhere is not started', async () => {
    const place = newHome();
    place.helper('all', 'touch "$HOME/started"');
    for (const name of ['/../docker-credential-all', '../x', 'a b; touch x', '-x']) {
      place.config({ credsStore: name });
      assert.match((await place.find('a')).problem!, /name of the credential helper is no program name$/);
    }
  });

  it('that fails hides no login in the file', async () => {
    const place = newHome();
    place.config({ credsStore: 'gone', auths: { a: { auth: auth('file') } } });
    assert.deepEqual(await place.find('a'), login('file'));
  });

  it('that never stops talking is stopped', { timeout: 20_000 }, async () => {
    const place = newHome();
    place.config({ credsStore: 'all' });
    place.helper('all', `exec yes ${SECRET}`);
    assert.match((await place.find('a')).problem!, / answers with no login$/);
  });

  it('that hangs ends when nobody wants it any more', { timeout: 5000 }, async () => {
    const place = newHome();
    place.config({ credsStore: 'all' });
    place.helper('all', 'exec sleep 60');
    const abort = new AbortController();
    setTimeout(() => abort.abort(new Error('not wanted')), 50);
    await assert.rejects(place.find('a', 'app', abort.signal), /^Error: not wanted$/);
  });
});
