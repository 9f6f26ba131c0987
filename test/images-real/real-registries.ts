import { createSign, randomUUID, X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { temporaryFolder } from '../core/images/saved-images';
import { freePort, run, startServer } from './programs';

/** A docker-registry of a test's own on loopback. */
export interface RealRegistry {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  readonly port: number;
  /** Where it keeps what is pushed; several may share it. */
  readonly data: string;
  stop(): Promise<void>;
}

export const USER = 'user';
export const PASSWORD = 'a secret of the test';
/** bcrypt of the password. */
const HTPASSWD = `${USER}:$2y$05$dGhlc2FsdG9mdGhldGVzdOMG37I1nFFQ7iv9bd6GPPPlVv7NetFSK`;

interface RegistryOptions {
  readonly data?: string;
  readonly address?: string;
  /** Further parts of its configuration: https://distribution.github.io/distribution/about/configuration */
  readonly auth?: object;
  readonly tls?: object;
}

async function startRegistry({
  data = temporaryFolder(),
  address = '127.0.0.1',
  auth,
  tls,
}: RegistryOptions): Promise<RealRegistry> {
  const port = await freePort();
  const config = {
    version: 0.1,
    log: { level: 'error', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: data } },
    http: { addr: `${address}:${port}`, ...(tls && { tls }) },
    ...(auth && { auth }),
  };
  const file = path.join(temporaryFolder(), 'config.json');
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(config));
  const env = { OTEL_TRACES_EXPORTER: 'none' };
  const server = await startServer('docker-registry', ['serve', file], port, env);
  return { host: `127.0.0.1:${port}`, port, data, stop: server.stop };
}

export function startOpenRegistry(): Promise<RealRegistry> {
  return startRegistry({});
}

export function startPasswordRegistry(data: string): Promise<RealRegistry> {
  const file = path.join(temporaryFolder(), 'htpasswd');
  writeFileSync(file, `${HTPASSWD}\n`);
  return startRegistry({ data, auth: { htpasswd: { realm: 'test', path: file } } });
}

interface Certificate {
  readonly key: string;
  readonly certificate: string;
}

async function makeCertificate(): Promise<Certificate> {
  const folder = temporaryFolder();
  const [key, certificate] = ['key.pem', 'certificate.pem'].map((name) => path.join(folder, name)) as [
    string,
    string,
  ];
  const files = ['-keyout', key, '-out', certificate];
  await run(
    'openssl',
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '2',
    '-subj',
    '/CN=test',
    ...files,
  );
  return { key, certificate };
}

/** With a certificate that nobody vouches for, at every address of the machine. */
export async function startTlsRegistry(data: string): Promise<RealRegistry> {
  const { key, certificate } = await makeCertificate();
  return startRegistry({ data, address: '', tls: { certificate, key } });
}

export interface TokenRegistry extends RealRegistry {
  /** Tokens are good for so many seconds from now on; negative for ones that have expired. */
  setLifetime(seconds: number): void;
  /** How often the token server was asked. */
  asked(): number;
}

/** Everybody may pull but what is in `private/`, which only the user may. */
export async function startTokenRegistry(data: string): Promise<TokenRegistry> {
  const certificate = await makeCertificate();
  const tokens = new TokenServer(certificate);
  const { server, port } = await tokens.listen();
  const auth = {
    token: {
      realm: `http://127.0.0.1:${port}/token`,
      service: 'test-registry',
      issuer: ISSUER,
      rootcertbundle: certificate.certificate,
    },
  };
  const registry = await startRegistry({ data, auth });
  return {
    ...registry,
    setLifetime: (seconds) => {
      tokens.lifetime = seconds;
    },
    asked: () => tokens.asked,
    stop: async () => {
      server.close();
      await registry.stop();
    },
  };
}

const ISSUER = 'test-issuer';

/** https://distribution.github.io/distribution/spec/auth/jwt */
class TokenServer {
  lifetime = 300;
  asked = 0;
  private readonly key: string;
  private readonly chain: string[];

  constructor({ key, certificate }: Certificate) {
    this.key = readFileSync(key, 'utf8');
    this.chain = [new X509Certificate(readFileSync(certificate)).raw.toString('base64')];
  }

  async listen(): Promise<{ server: Server; port: number }> {
    const server = createServer((request, response) => this.answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    server.unref();
    return { server, port: (server.address() as AddressInfo).port };
  }

  private answer({ url = '', headers }: IncomingMessage, response: ServerResponse): void {
    this.asked++;
    const { searchParams } = new URL(url, 'http://x');
    const login = `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString('base64')}`;
    const isUser = headers.authorization === login;
    if (headers.authorization !== undefined && !isUser) {
      response.writeHead(401).end('{}');
      return;
    }
    const access = searchParams
      .getAll('scope')
      .flatMap((scope) => scope.split(' ').map((one) => granted(one, isUser)));
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ token: this.sign(searchParams.get('service') ?? '', access) }));
  }

  private sign(audience: string, access: object[]): string {
    const now = Math.floor(Date.now() / 1000);
    const times = { nbf: now - 3600, iat: now - 3600, exp: now + this.lifetime };
    const claims = { iss: ISSUER, sub: '', aud: audience, ...times, jti: randomUUID(), access };
    const encoded = [{ typ: 'JWT', alg: 'RS256', x5c: this.chain }, claims].map((part) =>
      Buffer.from(JSON.stringify(part)).toString('base64url'),
    );
    const signed = encoded.join('.');
    return `${signed}.${createSign('RSA-SHA256').update(signed).sign(this.key, 'base64url')}`;
  }
}

function granted(scope: string, isUser: boolean): object {
  const [type = '', name = '', actions = ''] = scope.split(':');
  const may = isUser || !name.startsWith('private/') ? actions.split(',') : [];
  return { type, name, actions: isUser ? may : may.filter((action) => action === 'pull') };
}
