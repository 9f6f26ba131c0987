import type { RemoteSize } from '../simulate/inputs';

const TIME_LIMIT = 5_000;
/** A server is asked again after this: sooner when it did not answer well. */
const KNOWN_FOR = 10 * 60_000;
const FAILED_FOR = 60_000;
const MOST_KNOWN = 1_000;

/** Asks servers for sizes, by HEAD requests, and remembers what they said. */
export class RemoteSizes {
  private readonly known = new Map<string, { readonly size: RemoteSize; readonly until: number }>();

  constructor(private readonly timeLimit = TIME_LIMIT) {}

  /** Rejects only when `signal` is aborted. */
  async ask(url: string, signal?: AbortSignal): Promise<RemoteSize> {
    const known = this.known.get(url);
    if (known && Date.now() < known.until) return known.size;
    const size = await this.request(url, signal);
    const until = Date.now() + (size.kind === 'known' ? KNOWN_FOR : FAILED_FOR);
    this.known.delete(url);
    this.known.set(url, { size, until });
    if (this.known.size > MOST_KNOWN) this.known.delete(this.known.keys().next().value!);
    return size;
  }

  private async request(text: string, signal?: AbortSignal): Promise<RemoteSize> {
    const limit = AbortSignal.timeout(this.timeLimit);
    try {
      const { url, authorization } = withoutUser(text);
      const response = await fetch(url, {
        method: 'HEAD',
        redirect: 'follow',
        // Of a compressed answer the length would be another one.
        headers: { 'accept-encoding': 'identity', ...(authorization && { authorization }) },
        signal: signal ? AbortSignal.any([signal, limit]) : limit,
      });
      return sizeIn(response);
    } catch (error) {
      signal?.throwIfAborted();
      if (limit.aborted) return { kind: 'unknown', reason: `no answer in ${this.timeLimit / 1000} s` };
      return { kind: 'unknown', reason: causeOf(error) };
    }
  }
}

function sizeIn({ ok, status, headers }: Response): RemoteSize {
  if (!ok) return { kind: 'unknown', reason: `the server answers ${status}` };
  const length = headers.get('content-length');
  return length !== null && /^\d+$/.test(length)
    ? { kind: 'known', size: Number(length) }
    : { kind: 'unknown', reason: 'the server does not tell it' };
}

/** A request may not have a name and a password in its address: they go into a header. */
function withoutUser(text: string): { url: URL; authorization?: string } {
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new Error('it is no web address');
  const { username, password } = url;
  if (username === '' && password === '') return { url };
  url.username = '';
  url.password = '';
  const user = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { url, authorization: `Basic ${Buffer.from(user).toString('base64')}` };
}

/** The code of the system says most (`ECONNREFUSED`); the message of `fetch` might hold the address. */
function causeOf(error: unknown): string {
  const { cause } = error as { cause?: { code?: string; message?: string } };
  if (cause?.code) return `the request failed (${cause.code})`;
  return error instanceof TypeError && error.message === 'fetch failed'
    ? 'the request failed'
    : 'the address cannot be used';
}
