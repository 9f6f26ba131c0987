import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Credentials, FoundCredentials } from '../../../src/images/registry/credentials';
import type { RegistryFaultKind } from '../../../src/images/registry/fault';
import { refuse, withRegistry } from './fake-registry';
import {
  asksFor,
  BEARER,
  failure,
  fetchWith,
  IDENTITY,
  PASSWORD,
  type TokenServer,
  withTokens,
} from './login-samples';

interface Refusal {
  readonly name: string;
  readonly server: TokenServer;
  readonly login: Credentials | FoundCredentials;
  readonly kind: RegistryFaultKind;
  readonly message: RegExp;
  readonly asked: number;
}

const REFUSALS: Refusal[] = [
  {
    name: 'a wrong password',
    server: { answer: ({ authorization = '' }, to) => refuse(to, 401, 'UNAUTHORIZED', authorization) },
    login: PASSWORD,
    kind: 'password',
    message: /: the user name or password is wrong: log in with "docker login 127\.0\.0\.1:\d+"$/,
    asked: 1,
  },
  {
    name: 'an identity token that expired',
    server: { answer: ({ body }, to) => refuse(to, 401, 'UNAUTHORIZED', body) },
    login: IDENTITY,
    kind: 'expired',
    message:
      /: the login has expired: 127\.0\.0\.1:\d+ no longer takes its identity token: log in with "docker/,
    asked: 1,
  },
  {
    name: 'a token that expires at once, again and again',
    server: { takes: () => false },
    login: PASSWORD,
    kind: 'expired',
    message:
      /: it does not take the token that 127\.0\.0\.1:\d+ has just given, as if it had expired: is the clock/,
    asked: 1,
  },
  {
    name: 'a token that is taken for the manifest only',
    server: { takes: (token, path) => token > 0 && path.includes('manifests') },
    login: PASSWORD,
    kind: 'expired',
    message: /: it does not take the token that 127\.0\.0\.1:\d+ has just given/,
    asked: 2,
  },
  {
    name: 'a registry token that expired',
    server: {},
    login: BEARER,
    kind: 'expired',
    message: /: the registry token of the login has expired or is wrong: log in with "docker login/,
    asked: 0,
  },
  {
    name: 'an image that is private for nobody',
    server: { takes: () => false, error: 'insufficient_scope' },
    login: {},
    kind: 'denied',
    message: /: there is no such image, or it is private: log in with "docker login 127\.0\.0\.1:\d+"$/,
    asked: 1,
  },
  {
    name: 'an image that is private for this user',
    server: { takes: () => false, error: 'insufficient_scope' },
    login: PASSWORD,
    kind: 'denied',
    message: /: there is no such image, or who is logged in may not have it$/,
    asked: 1,
  },
  {
    name: 'an image that is private where the helper failed',
    server: { takes: () => false, error: 'insufficient_scope' },
    login: { problem: 'the credential helper docker-credential-x failed with exit code 1' },
    kind: 'helper',
    message: /: it asks for a login, and the credential helper docker-credential-x failed with exit code 1$/,
    asked: 1,
  },
  {
    name: 'a token server that gives garbage',
    server: { answer: (_, to) => to.end('<html>') },
    login: {},
    kind: 'damaged',
    message: /: 127\.0\.0\.1:\d+ answers with no token$/,
    asked: 1,
  },
  {
    name: 'a token that cannot be sent',
    server: { answer: (_, to) => to.end('{"token":"given-secret\\n"}') },
    login: {},
    kind: 'damaged',
    message: /: 127\.0\.0\.1:\d+ answers with no token$/,
    asked: 1,
  },
  {
    name: 'a token server that is busy without end',
    server: { answer: (_, to) => refuse(to, 429, 'TOOMANYREQUESTS') },
    login: {},
    kind: 'busy',
    message: /: 127\.0\.0\.1:\d+ answers that there were too many requests \(429\): try again later$/,
    asked: 5,
  },
  {
    name: 'a token server that says nothing',
    server: { answer: () => {} },
    login: PASSWORD,
    kind: 'unreachable',
    message: /: 127\.0\.0\.1:\d+ sent nothing for 0\.4 s$/,
    asked: 5,
  },
];

describe('logins that fail are told apart', { concurrency: true }, () => {
  for (const { name, server, login, kind, message, asked } of REFUSALS) {
    it(name, () =>
      withTokens(server, async (registry) => {
        const fault = await failure(fetchWith(registry, login));
        assert.match(fault.message, message);
        assert.equal(fault.kind, kind);
        assert.equal(registry.paths(/^\/token/).length, asked);
      }),
    );
  }

  for (const realm of ['', 'realm="",', 'realm="ftp://x/",', 'realm="not an address",']) {
    it(`a server that asks for a token of ${realm || 'nowhere'}`, () =>
      withRegistry(async (registry) => {
        registry.on(/./, (_, to) => asksFor(`Bearer ${realm}service="x"`, to));
        const fault = await failure(fetchWith(registry, PASSWORD));
        assert.equal(fault.kind, 'damaged');
        assert.match(fault.message, /: it asks for a token without saying where to get one$/);
      }));
  }

  it('a server that asks for a login of another kind', () =>
    withRegistry(async (registry) => {
      registry.on(/./, (_, to) => asksFor('Negotiate', to));
      const fault = await failure(fetchWith(registry, PASSWORD));
      assert.match(fault.message, /: it asks for a kind of login that is not known here$/);
    }));

  it('fetching that nobody wants any more while a token is waited for', () => {
    const abort = new AbortController();
    const answer = () => void setTimeout(() => abort.abort(new Error('not wanted')), 30);
    return withTokens({ answer }, async (registry) => {
      await assert.rejects(fetchWith(registry, PASSWORD, { signal: abort.signal }), /^Error: not wanted$/);
    });
  });
});
