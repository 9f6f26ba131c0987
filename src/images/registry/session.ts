import { isObject, objectsOf, textOf } from '../json-shape';
import { Authorizer } from './authorizer';
import type { CredentialSource } from './credentials';
import type { Endpoint, RegistryReference } from './endpoints';
import { RegistryFault } from './fault';
import { type Answer, LostConnection, type Request, readSmall, send } from './http';
import { Patience, retryAfterOf, type Timing } from './timing';

export interface SessionOptions {
  readonly credentials: CredentialSource;
  readonly timing: Timing;
  readonly signal: AbortSignal | undefined;
}

/** Errors are small; what is longer is a page for people. */
const MOST_ERROR_BYTES = 64 * 1024;
/** More would mean that a server takes and refuses one token in turn. */
const MOST_RENEWALS = 3;

/**
 * One repository at one server: https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#pull. Logs in when it
 * is asked to, waits and tries again when the server is busy or in trouble or the connection broke.
 */
export class Session {
  private readonly authorizer: Authorizer;
  private base: URL;

  constructor(
    readonly endpoint: Endpoint,
    readonly reference: RegistryReference,
    private readonly options: SessionOptions,
  ) {
    this.base = endpoint.bases[0]!;
    const context = { ...options, acceptsAnyCertificate: endpoint.isInsecure };
    const { host, repository } = reference;
    const { credentials } = options;
    this.authorizer = new Authorizer({
      host,
      repository,
      credentials,
      isInsecure: endpoint.isInsecure,
      context,
    });
  }

  get timing(): Timing {
    return this.options.timing;
  }

  get signal(): AbortSignal | undefined {
    return this.options.signal;
  }

  patience(): Patience {
    return new Patience(this.timing, this.signal);
  }

  /**
   * The answer to `manifests/22` or `blobs/sha256:…`: 200, or 206 where a range was asked for. Its body has to be read or
   * destroyed. Throws a `RegistryFault` for every other one, or the signal's reason. Who reads the body and asks again when
   * it breaks gives the same `patience`, so that no failure counts twice.
   */
  async get(
    path: string,
    request: Pick<Request, 'method' | 'headers'> = {},
    patience = this.patience(),
  ): Promise<Answer> {
    for (let renewals = 0; ; ) {
      const used = this.authorizer.header;
      const answer = await this.ask(path, { ...request, authorization: used }, patience);
      const { status, headers } = answer;
      if (status === 200 || status === 206) {
        this.authorizer.accepted(used);
        return answer;
      }
      if (status === 401 && !answer.isElsewhere && renewals++ < MOST_RENEWALS) {
        answer.body.destroy();
        await this.authorizer.renew(headers['www-authenticate'], used);
      } else {
        const fault = await this.faultOf(answer, path);
        const isPassing = fault.kind === 'busy' || fault.kind === 'server';
        if (!isPassing) throw fault;
        await patience.wait(fault, retryAfterOf(headers['retry-after']));
      }
    }
  }

  /** The whole body of a small answer, read again when the connection breaks. */
  async read(
    path: string,
    limit: number,
    request: Pick<Request, 'headers'> = {},
  ): Promise<{ headers: Answer['headers']; bytes: Buffer }> {
    const patience = this.patience();
    const { timing, signal } = this;
    while (true) {
      const answer = await this.get(path, request, patience);
      try {
        const bytes = await readSmall(answer, limit, { timing, signal, host: this.endpoint.host });
        return { headers: answer.headers, bytes };
      } catch (error) {
        if (!(error instanceof LostConnection)) throw error;
        await patience.wait(error);
      }
    }
  }

  /** Where the first way to speak leads nowhere, the next is tried, and kept when it does. */
  private async ask(
    path: string,
    request: Pick<Request, 'method' | 'headers' | 'authorization'>,
    patience: Patience,
  ): Promise<Answer> {
    const { bases, isInsecure } = this.endpoint;
    for (let index = bases.indexOf(this.base); ; ) {
      const address = new URL(`v2/${this.reference.repository}/${path}`, bases[index]);
      const { timing, signal } = this;
      try {
        const answer = await send(address, { ...request, acceptsAnyCertificate: isInsecure, timing, signal });
        this.base = bases[index]!;
        return answer;
      } catch (error) {
        if (!(error instanceof RegistryFault) || error.kind !== 'unreachable') throw error;
        if (index + 1 < bases.length) index++;
        else if (error instanceof LostConnection) await patience.wait(error);
        else throw error;
      }
    }
  }

  private async faultOf(answer: Answer, path: string): Promise<RegistryFault> {
    const { status, headers } = answer;
    const codes = await this.codesIn(answer);
    const told = codes.length > 0 ? `${status} ${codes.join(', ')}` : String(status);
    const where = answer.isElsewhere ? 'where it redirects to' : 'it';
    if (status === 404) return new RegistryFault('missing', this.missingWords(path, codes));
    if (status === 401 || status === 403) {
      return new RegistryFault('denied', `there is no such image, or who asks may not have it (${told})`);
    }
    if (status === 429) return new RegistryFault('busy', busyWords(headers['retry-after']));
    if (status === 408 || status >= 500) {
      return new RegistryFault('server', `${where} is in trouble and answers ${told}: try again later`);
    }
    if (status === 416) return new RegistryFault('damaged', 'it has fewer bytes than the manifest says');
    return new RegistryFault('damaged', `${where} answers ${told}, which no registry should`);
  }

  private missingWords(path: string, codes: readonly string[]): string {
    const { repository } = this.reference;
    const [kind, name = ''] = path.split('/', 2);
    if (kind === 'blobs') return `it does not have blob ${name}, which the image's manifest names`;
    if (codes.includes('NAME_UNKNOWN')) return `it has no repository ${repository}`;
    return `its repository ${repository} has no ${name.includes(':') ? 'manifest' : 'tag'} ${name}`;
  }

  /** The codes of the specification only: a server's own words could repeat what was sent. */
  private async codesIn(answer: Answer): Promise<string[]> {
    try {
      const { timing, signal } = this;
      const bytes = await readSmall(answer, MOST_ERROR_BYTES, { timing, signal, host: this.endpoint.host });
      const json: unknown = JSON.parse(bytes.toString('utf8'));
      const codes = objectsOf(isObject(json) ? json.errors : []).map(({ code }) => textOf(code) ?? '');
      return [...new Set(codes.filter((code) => KNOWN_CODES.has(code)))];
    } catch {
      this.signal?.throwIfAborted();
      return [];
    }
  }
}

/** https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#error-codes */
const KNOWN_CODES: ReadonlySet<string> = new Set(
  'BLOB_UNKNOWN DENIED MANIFEST_BLOB_UNKNOWN MANIFEST_INVALID MANIFEST_UNKNOWN NAME_INVALID NAME_UNKNOWN TOOMANYREQUESTS UNAUTHORIZED UNSUPPORTED'.split(
    ' ',
  ),
);

function busyWords(retryAfter: string | undefined): string {
  const wait = retryAfterOf(retryAfter);
  const when = wait === undefined ? 'later' : `in ${waitText(wait)}`;
  return `it answers that there were too many requests (429): log in for a higher limit, or try again ${when}`;
}

function waitText(milliseconds: number): string {
  const seconds = Math.max(1, Math.ceil(milliseconds / 1000));
  return seconds < 120 ? `${seconds} s` : `${Math.ceil(seconds / 60)} minutes`;
}
