import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { describe, it } from 'node:test';
import { redirect, refuse, type Seen, withRegistry } from './fake-registry';
import {
  asksFor,
  BASIC,
  BEARER,
  failure,
  fetchWith,
  IDENTITY,
  image,
  PASSWORD,
  withBasic,
  withTokens,
} from './login-samples';

describe('logging in with a password', () => {
  it('is done when the registry asks for it, and no more often', () =>
    withBasic(async (registry) => {
      await fetchWith(registry, PASSWORD);
      const sent = registry.seen.map(({ authorization }) => authorization);
      assert.deepEqual(sent, [undefined, BASIC, BASIC, BASIC, BASIC]);
    }));

  it('that is wrong is told, and is not tried again', () =>
    withBasic(async (registry) => {
      const { kind, message } = await failure(fetchWith(registry, { ...PASSWORD, username: 'other' }));
      assert.equal(kind, 'password');
      assert.match(
        message,
        /: the user name or password is wrong: log in with "docker login 127\.0\.0\.1:\d+"$/,
      );
      assert.equal(registry.seen.length, 2);
    }));

  it('that nobody has is told', () =>
    withBasic(async (registry) => {
      const { kind, message } = await failure(fetchWith(registry, {}));
      assert.equal(kind, 'denied');
      assert.match(message, /: there is no such image, or it is private: log in with "docker login 127/);
    }));

  it('that could not be read is told with what kept it', () =>
    withBasic(async (registry) => {
      const problem = 'the credential helper docker-credential-x is not installed';
      const { kind, message } = await failure(fetchWith(registry, { problem }));
      assert.equal(kind, 'helper');
      assert.match(
        message,
        /: it asks for a login, and the credential helper docker-credential-x is not installed$/,
      );
    }));

  it('stays with the registry when a blob is elsewhere', () =>
    withRegistry((storage) =>
      withBasic(async (registry) => {
        storage.image(image);
        registry.on(/blobs/, ({ path, authorization }, to) =>
          authorization === BASIC
            ? redirect(to, `http://${storage.host}${path}?sig=signature-secret`)
            : 'pass',
        );
        await fetchWith(registry, PASSWORD);
        assert.equal(storage.seen.length, 3);
        assert.deepEqual(
          new Set(storage.seen.map(({ authorization }) => authorization)),
          new Set([undefined]),
        );
      }),
    ));

  it('is not given to the place of a blob that asks for it', () =>
    withRegistry((storage) =>
      withBasic(async (registry) => {
        storage.on(/./, (_, to) => asksFor('Basic realm="more"', to));
        registry.on(/blobs/, ({ path }, to) =>
          redirect(to, `http://${storage.host}${path}?sig=signature-secret`),
        );
        const { kind } = await failure(fetchWith(registry, PASSWORD));
        assert.equal(kind, 'denied');
        assert.ok(storage.seen.every(({ authorization }) => authorization === undefined));
      }),
    ));
});

describe('logging in with a token', () => {
  it('of nobody is enough where the server gives one', () =>
    withTokens({}, async (registry) => {
      await fetchWith(registry, {});
      const [asked] = registry.paths(/^\/token/);
      const { searchParams } = new URL(asked!, 'http://x');
      assert.deepEqual(Object.fromEntries(searchParams), {
        service: 'lab',
        scope: 'repository:team/app:pull',
      });
      assert.equal(registry.paths(/^\/token/).length, 1);
    }));

  it('is given for a password, which the registry itself does not see', () => {
    const answer = ({ authorization }: Seen, to: ServerResponse) =>
      authorization === BASIC ? 'pass' : refuse(to, 401, 'UNAUTHORIZED');
    return withTokens({ answer }, async (registry) => {
      await fetchWith(registry, PASSWORD);
      const others = registry.seen.filter(({ path }) => !path.startsWith('/token'));
      assert.ok(others.every(({ authorization }) => authorization !== BASIC));
    });
  });

  it('is given for an identity token', () =>
    withTokens({}, async (registry) => {
      await fetchWith(registry, IDENTITY);
      const asked = registry.seen.find(({ path }) => path === '/token')!;
      assert.equal(asked.method, 'POST');
      assert.deepEqual(Object.fromEntries(new URLSearchParams(asked.body)), {
        grant_type: 'refresh_token',
        service: 'lab',
        client_id: 'dockerfile-layers',
        scope: 'repository:team/app:pull',
        refresh_token: 'identity-token-secret',
      });
    }));

  it('that expires on the way is renewed once for all', () => {
    const takes = (token: number, path: string) => token > (path.includes('manifests') ? 0 : 1);
    return withTokens({ takes }, async (registry) => {
      await fetchWith(registry, {});
      assert.equal(registry.paths(/^\/token/).length, 2);
    });
  });

  it('is asked for again when the token server is in trouble for a moment', () => {
    const answer = (_: Seen, to: ServerResponse, count: number) => {
      if (count > 1) return 'pass';
      return count === 0 ? refuse(to, 503, 'X') : to.destroy();
    };
    return withTokens({ answer }, async (registry) => {
      await fetchWith(registry, {});
    });
  });

  it('of the login itself is given to the registry as it is', () =>
    withRegistry(async (registry) => {
      registry.image(image, ['1']);
      registry.on(/./, ({ authorization }, to) =>
        authorization === `Bearer ${BEARER.token}`
          ? 'pass'
          : asksFor('Bearer realm="http://127.0.0.1:1/"', to),
      );
      await fetchWith(registry, BEARER);
    }));
});
