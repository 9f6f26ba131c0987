import { isObject, textOf } from '../json-shape';
import type { Credentials } from './credentials';
import { RegistryFault } from './fault';
import { type Answer, LostConnection, type Request, readSmall, send } from './http';
import { Patience, retryAfterOf, type Timing } from './timing';

/** Where and for what a token is to be had, as the registry says. */
export interface TokenWish {
  readonly realm: URL;
  readonly service: string | undefined;
  readonly scope: string;
}

export interface TokenContext {
  readonly timing: Timing;
  readonly signal: AbortSignal | undefined;
  readonly acceptsAnyCertificate: boolean;
}

const MOST_BYTES = 1024 * 1024;

/**
 * A token for a repository: https://distribution.github.io/distribution/spec/auth/token, for identity tokens
 * https://distribution.github.io/distribution/spec/auth/oauth. Throws a `RegistryFault` that tells a wrong password and an
 * expired login apart from a token server in trouble.
 */
export async function askForToken(
  wish: TokenWish,
  credentials: Credentials | undefined,
  context: TokenContext,
): Promise<string> {
  const patience = new Patience(context.timing, context.signal);
  const { host } = wish.realm;
  const isIdentity = credentials?.kind === 'identity';
  while (true) {
    try {
      const request = isIdentity ? exchangeOf(wish, credentials.token) : questionOf(wish, credentials);
      const answer = await send(request.address, { ...context, ...request });
      if (answer.status === 429 || answer.status >= 500) {
        answer.body.destroy();
        await patience.wait(troubleOf(answer, host), retryAfterOf(answer.headers['retry-after']));
        continue;
      }
      const text = await readSmall(answer, MOST_BYTES, { ...context, host });
      if (answer.status !== 200) throw refusalOf(answer.status, host, credentials);
      return tokenIn(text.toString('utf8'), host);
    } catch (error) {
      if (!(error instanceof LostConnection)) throw error;
      await patience.wait(error);
    }
  }
}

interface Question extends Pick<Request, 'method' | 'headers' | 'authorization' | 'body'> {
  readonly address: URL;
}

const CLIENT = 'dockerfile-layers';

function questionOf({ realm, service, scope }: TokenWish, credentials: Credentials | undefined): Question {
  const address = new URL(realm);
  if (service !== undefined) address.searchParams.set('service', service);
  address.searchParams.append('scope', scope);
  if (credentials?.kind !== 'password') return { address };
  address.searchParams.set('client_id', CLIENT);
  address.searchParams.set('account', credentials.username);
  return { address, authorization: basicHeader(credentials) };
}

function exchangeOf({ realm, service, scope }: TokenWish, identity: string): Question {
  const form = new URLSearchParams({
    grant_type: 'refresh_token',
    service: service ?? '',
    client_id: CLIENT,
    scope,
    refresh_token: identity,
  });
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return { address: realm, method: 'POST', headers, body: form.toString() };
}

export function basicHeader({ username, password }: { username: string; password: string }): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

function troubleOf({ status }: Answer, host: string): RegistryFault {
  return status === 429
    ? new RegistryFault('busy', `${host} answers that there were too many requests (429): try again later`)
    : new RegistryFault('server', `${host} is in trouble and answers ${status}: try again later`);
}

function refusalOf(status: number, host: string, credentials: Credentials | undefined): RegistryFault {
  const isRefusal = status === 400 || status === 401 || status === 403;
  if (isRefusal && credentials?.kind === 'identity') {
    return new RegistryFault('expired', `the login has expired: ${host} no longer takes its identity token`);
  }
  if (status === 401 && credentials)
    return new RegistryFault('password', 'the user name or password is wrong');
  if (isRefusal) return new RegistryFault('denied', `${host} gives no token for it`);
  return new RegistryFault('server', `${host} gives no token and answers ${status}`);
}

function tokenIn(text: string, host: string): string {
  const token = parsedToken(text);
  // What is no header value would throw with the value in its message.
  if (token !== undefined && /^[\x21-\x7e]+$/.test(token)) return token;
  throw new RegistryFault('damaged', `${host} answers with no token`);
}

function parsedToken(text: string): string | undefined {
  try {
    const json: unknown = JSON.parse(text);
    return isObject(json) ? textOf(json.token) || textOf(json.access_token) || undefined : undefined;
  } catch {
    return undefined;
  }
}
