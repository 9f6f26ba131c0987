import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { after, before, mock } from 'node:test';
import { inspect } from 'node:util';
import type { Credentials, FoundCredentials } from '../../../src/images/registry/credentials';
import type { RegistryFaultKind } from '../../../src/images/registry/fault';
import { type FetchOptions, fetchImage } from '../../../src/images/registry/fetch-image';
import { emptyStore, type FakeRegistry, QUICK, refuse, type Seen, withRegistry } from './fake-registry';
import { type SampleImage, sampleImage } from './saved-images';

const AMD64 = { os: 'linux', architecture: 'amd64' };
export const PASSWORD = { kind: 'password', username: 'user', password: 'pässw0rd:secret' } as const;
export const IDENTITY = { kind: 'identity', token: 'identity-token-secret' } as const;
export const BEARER = { kind: 'bearer', token: 'registry-token-secret' } as const;
export const BASIC = `Basic ${Buffer.from('user:pässw0rd:secret').toString('base64')}`;
/** Nothing of these may be seen, nor parts of them. */
const SECRETS = ['pässw0rd', 'token-secret', 'given-secret', BASIC.slice(6, 20), 'signature-secret'];

/** Of a login test: the same for all. */
export let image: SampleImage;
const printed: unknown[][] = [];
before(async () => {
  image = await sampleImage();
  for (const name of ['log', 'info', 'warn', 'error', 'debug'] as const) {
    mock.method(console, name, (...args: unknown[]) => void printed.push(args));
  }
});

function assertNoSecret(text: string): void {
  for (const secret of SECRETS) assert.ok(!text.includes(secret), `${secret} is in ${text}`);
}

after(() => {
  mock.reset();
  assertNoSecret(inspect(printed, { depth: null }));
});

export function fetchWith(
  registry: FakeRegistry,
  found: FoundCredentials | Credentials,
  extra: FetchOptions = {},
) {
  const credentials = async () => ('kind' in found ? { credentials: found } : found);
  const { store } = emptyStore();
  return fetchImage(`${registry.host}/team/app:1`, AMD64, store, { ...QUICK, credentials, ...extra });
}

/** The error, with all that it holds, has no secret in it. */
export async function failure(
  fetching: Promise<unknown>,
): Promise<{ kind: RegistryFaultKind; message: string }> {
  const error = await fetching.then(
    () => assert.fail('it came'),
    (reason: Error) => reason,
  );
  assertNoSecret(inspect(error, { depth: null, showHidden: true }));
  assertNoSecret(JSON.stringify(error) + String(error.stack));
  return error as Error & { kind: RegistryFaultKind };
}

export function asksFor(challenge: string, to: ServerResponse, echo = ''): void {
  to.setHeader('www-authenticate', challenge);
  refuse(to, 401, 'UNAUTHORIZED', `you sent ${echo}`);
}

export function withBasic(test: (registry: FakeRegistry) => Promise<void>): Promise<void> {
  return withRegistry(async (registry) => {
    registry.image(image, ['1']);
    registry.on(/./, ({ authorization }, to) =>
      authorization === BASIC ? 'pass' : asksFor('Basic realm="lab, \\"x\\""', to, authorization),
    );
    await test(registry);
  });
}

export interface TokenServer {
  /** Answers a question for a token; without one everybody gets a new token. */
  readonly answer?: (seen: Seen, to: ServerResponse, count: number) => unknown;
  /** Whether the registry takes the token of this number. */
  readonly takes?: (token: number, path: string) => boolean;
  readonly error?: string;
}

const tokenOf = ({ authorization }: Seen) =>
  Number(/^Bearer given-secret-(\d+)$/.exec(authorization ?? '')?.[1]);

/** A registry whose tokens are counted, and its token server under the same address. */
export function withTokens(
  { answer = () => 'pass', takes = (token) => token > 0, error }: TokenServer,
  test: (registry: FakeRegistry) => Promise<void>,
): Promise<void> {
  return withRegistry(async (registry) => {
    registry.image(image, ['1']);
    let given = 0;
    registry.on(/^\/v2\//, (seen, to) => {
      if (takes(tokenOf(seen), seen.path)) return 'pass';
      const more = error === undefined ? '' : `,error="${error}"`;
      const scope = 'repository:team/app:pull';
      asksFor(`Bearer realm="http://${registry.host}/token",service="lab",scope="${scope}"${more}`, to);
    });
    registry.on(/^\/token/, (_, to) => to.end(JSON.stringify({ token: `given-secret-${++given}` })));
    registry.on(/^\/token/, answer);
    await test(registry);
  });
}
