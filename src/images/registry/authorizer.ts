import { type Challenge, parseChallenges } from './challenge';
import type { CredentialSource, FoundCredentials } from './credentials';
import { HUB } from './endpoints';
import { RegistryFault } from './fault';
import { askForToken, basicHeader, type TokenContext } from './token-server';

export interface AuthorizerOptions {
  /** Of the reference, under which logins are kept. */
  readonly host: string;
  readonly repository: string;
  readonly credentials: CredentialSource;
  /** Whether a password may go over a connection that is not encrypted. */
  readonly isInsecure: boolean;
  readonly context: TokenContext;
}

/**
 * The login to one repository: nothing until the server asks, then what it asks for. Several requests may share one; a
 * token that expired is renewed once for all of them.
 */
export class Authorizer {
  /** For the next request. */
  header: string | undefined;
  private renewing: Promise<void> | undefined;
  /** Whether the header has not been taken yet: a server that refuses it then refuses for good. */
  private isUntried = false;
  private found: FoundCredentials | undefined;

  constructor(private readonly options: AuthorizerOptions) {}

  /** To be called when a server took what was sent. */
  accepted(header: string | undefined): void {
    if (header === this.header) this.isUntried = false;
  }

  /**
   * To be called when a server answered 401 to a request with the header `used`. Once it resolves the request is worth
   * another try; it throws a `RegistryFault` when it is not.
   */
  async renew(challenges: string | undefined, used: string | undefined): Promise<void> {
    if (this.header !== used) return;
    this.renewing ??= this.obtain(parseChallenges(challenges ?? ''), used).finally(() => {
      this.renewing = undefined;
    });
    await this.renewing;
  }

  private async obtain(challenges: Challenge[], used: string | undefined): Promise<void> {
    const { host, repository, credentials, context } = this.options;
    this.found ??= await credentials(host, repository, context.signal);
    const bearer = challenges.find(({ scheme }) => scheme === 'bearer');
    if (bearer) this.header = await this.bearerHeader(bearer, used);
    else if (challenges.some(({ scheme }) => scheme === 'basic')) this.header = this.basicHeader(used);
    else if (challenges.length === 0) throw this.denied();
    else throw new RegistryFault('denied', 'it asks for a kind of login that is not known here');
    this.isUntried = true;
  }

  private basicHeader(used: string | undefined): string {
    const { credentials } = this.found ?? {};
    if (credentials?.kind !== 'password') throw this.denied();
    if (used !== undefined)
      throw new RegistryFault('password', `the user name or password is wrong: ${this.next}`);
    return basicHeader(credentials);
  }

  private async bearerHeader({ parameters }: Challenge, used: string | undefined): Promise<string> {
    const { credentials } = this.found ?? {};
    if (credentials?.kind === 'bearer') {
      if (used === undefined) return `Bearer ${credentials.token}`;
      throw new RegistryFault(
        'expired',
        `the registry token of the login has expired or is wrong: ${this.next}`,
      );
    }
    const realm = this.realmOf(parameters.realm);
    if (used !== undefined && this.isUntried) throw this.refused(parameters.error, realm.host);
    const scope = parameters.scope || `repository:${this.options.repository}:pull`;
    const wish = { realm, service: parameters.service, scope };
    try {
      return `Bearer ${await askForToken(wish, credentials, this.options.context)}`;
    } catch (error) {
      throw this.withNextStep(error);
    }
  }

  private realmOf(realm: string | undefined): URL {
    const url = realm !== undefined && URL.canParse(realm) ? new URL(realm) : undefined;
    if (!url || !/^https?:$/.test(url.protocol)) {
      throw new RegistryFault('damaged', 'it asks for a token without saying where to get one');
    }
    if (url.protocol === 'http:' && !this.options.isInsecure) {
      throw new RegistryFault('refused', `it sends the login to ${url.host} without encryption`);
    }
    return url;
  }

  /** A token that was just given is refused. */
  private refused(error: string | undefined, tokenHost: string): RegistryFault {
    if (!this.found?.credentials || error === 'insufficient_scope') return this.denied();
    return new RegistryFault(
      'expired',
      `it does not take the token that ${tokenHost} has just given, as if it had expired: is the clock of this machine right?`,
    );
  }

  private denied(): RegistryFault {
    const { credentials, problem } = this.found ?? {};
    if (problem !== undefined) return new RegistryFault('helper', `it asks for a login, and ${problem}`);
    if (!credentials)
      return new RegistryFault('denied', `there is no such image, or it is private: ${this.next}`);
    return new RegistryFault('denied', 'there is no such image, or who is logged in may not have it');
  }

  private withNextStep(error: unknown): unknown {
    if (!(error instanceof RegistryFault)) return error;
    if (error.kind === 'denied') return this.denied();
    if (error.kind !== 'password' && error.kind !== 'expired') return error;
    return new RegistryFault(error.kind, `${error.message}: ${this.next}`, { cause: error });
  }

  private get next(): string {
    const { host } = this.options;
    return `log in with "docker login${host === HUB ? '' : ` ${host}`}"`;
  }
}
