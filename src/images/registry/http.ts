import * as http from 'node:http';
import * as https from 'node:https';
import { RegistryFault } from './fault';
import type { Timing } from './timing';

export interface Request {
  readonly method?: 'GET' | 'HEAD' | 'POST';
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** Goes to the host of the address only, never where a redirect leads. */
  readonly authorization?: string | undefined;
  readonly body?: string;
  readonly acceptsAnyCertificate?: boolean;
  readonly timing: Timing;
  readonly signal?: AbortSignal | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  /** Has to be read or destroyed. */
  readonly body: http.IncomingMessage;
  /** Whether redirects led to another server, whose wish for a login is none of ours. */
  readonly isElsewhere: boolean;
}

const MOST_REDIRECTS = 8;

/**
 * One request, redirects followed. Throws a `RegistryFault` where no answer came, or the signal's reason.
 *
 * It goes through `node:http` and `node:https`, and through no agent of its own: VS Code puts its proxy and certificate
 * support into these two modules on the extension host's own thread
 * (https://code.visualstudio.com/docs/setup/network), and unless `http.proxySupport` is `override` an agent would
 * keep the proxy out. Its support for `fetch` depends on a further setting, and with `http.electronFetch` redirects cannot be
 * followed by hand there, which they have to be here: a blob lies on another host, and that one must not get the login.
 */
export async function send(address: URL, request: Request): Promise<Answer> {
  let at = address;
  for (let hops = 0; hops <= MOST_REDIRECTS; hops++) {
    const isHome = at.origin === address.origin;
    const answer = await exchange(at, isHome ? request : { ...request, authorization: undefined });
    const next = redirectOf(answer, at);
    if (!next) return { ...answer, isElsewhere: !isHome };
    answer.body.destroy();
    at = next;
  }
  throw new RegistryFault('damaged', 'its redirects go on without end');
}

function redirectOf({ status, headers }: Omit<Answer, 'isElsewhere'>, from: URL): URL | undefined {
  if (![301, 302, 303, 307, 308].includes(status) || headers.location === undefined) return undefined;
  const to = URL.canParse(headers.location, from.href) ? new URL(headers.location, from) : undefined;
  if (to?.protocol === 'https:' || to?.protocol === 'http:') return to;
  throw new RegistryFault('damaged', 'it redirects to what is no web address');
}

function exchange(at: URL, request: Request): Promise<Omit<Answer, 'isElsewhere'>> {
  const { signal, timing, body, method = 'GET' } = request;
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const options = {
      method,
      headers: headersOf(request),
      rejectUnauthorized: !request.acceptsAnyCertificate,
      ...(signal && { signal }),
    };
    const outgoing = (at.protocol === 'https:' ? https : http).request(at, options);
    let incoming: http.IncomingMessage | undefined;
    outgoing.setTimeout(timing.silence, () => (incoming ?? outgoing).destroy(silentFault(at, timing)));
    outgoing.on('response', (response) => {
      incoming = response;
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: response });
    });
    outgoing.on('error', (error) => reject(signal?.aborted ? signal.reason : connectionFault(error, at)));
    outgoing.end(body);
  });
}

function headersOf({ headers = {}, authorization, body }: Request): Record<string, string> {
  const all = {
    'user-agent': 'dockerfile-layers',
    // Digests and ranges are of the bytes as they are.
    'accept-encoding': 'identity',
    authorization,
    'content-length': body === undefined ? undefined : String(Buffer.byteLength(body)),
    ...headers,
  };
  const given = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(given);
}

function silentFault(at: URL, { silence }: Timing): RegistryFault {
  return new LostConnection(`${at.host} sent nothing for ${silence / 1000} s`);
}

/** A connection that broke, which is worth another try. */
export class LostConnection extends RegistryFault {
  constructor(message: string, options?: ErrorOptions) {
    super('unreachable', message, options);
  }
}

const LOST: ReadonlySet<string> = new Set(
  'ECONNRESET ECONNABORTED EPIPE ETIMEDOUT EAI_AGAIN ERR_STREAM_PREMATURE_CLOSE'.split(' '),
);

/** A network error in words. Its own message may hold an address with a signature in it, so only its code is told. */
export function connectionFault(error: unknown, { host }: Pick<URL, 'host'>): RegistryFault {
  if (error instanceof RegistryFault) return error;
  const { code = 'unknown reason' } = error as NodeJS.ErrnoException;
  if (LOST.has(code)) return new LostConnection(`the connection to ${host} broke (${code})`, { cause: code });
  return new RegistryFault('unreachable', wordsOf(code, host), { cause: code });
}

function wordsOf(code: string, host: string): string {
  if (code === 'ENOTFOUND') return `the host ${host} was not found: is this machine online?`;
  if (code === 'ECONNREFUSED') return `nothing answers at ${host}`;
  if (/CERT|ISSUER|SIGNATURE/.test(code)) {
    return `the certificate of ${host} is not trusted (${code}): trust who signed it, or name the host among the insecure registries`;
  }
  if (code === 'EPROTO' || code.startsWith('ERR_SSL')) {
    return `${host} does not speak HTTPS (${code}): name it among the insecure registries if plain HTTP is meant`;
  }
  if (code.startsWith('HPE_')) return `${host} answers with something that is not HTTP`;
  return `the connection to ${host} failed (${code})`;
}

/** The whole of a small answer. Throws where it is longer than `limit` bytes, or slower than small answers may be. */
export async function readSmall(
  { body }: Pick<Answer, 'body'>,
  limit: number,
  { timing, signal, host }: { timing: Timing; signal?: AbortSignal | undefined; host: string },
): Promise<Buffer> {
  const late = new LostConnection(`${host} takes too long`);
  const timer = setTimeout(() => body.destroy(late), timing.smallAnswer);
  const parts: Buffer[] = [];
  let size = 0;
  try {
    for await (const part of body) {
      parts.push(part);
      size += part.length;
      if (size > limit) throw new RegistryFault('damaged', `${host} answers with more than ${limit} bytes`);
    }
    return Buffer.concat(parts);
  } catch (error) {
    signal?.throwIfAborted();
    throw connectionFault(error, { host });
  } finally {
    clearTimeout(timer);
    body.destroy();
  }
}
