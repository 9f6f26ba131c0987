import { EngineFault } from './engine-fault';

/** How an engine is reached. */
export type Endpoint =
  | { readonly kind: 'socket'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly tls?: TlsMaterial }
  | { readonly kind: 'ssh'; readonly ssh: SshTarget };

/** PEM texts. */
export interface TlsMaterial {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
  /** Whether the engine has to prove who it is. */
  readonly verify: boolean;
}

export interface SshTarget {
  readonly user?: string;
  readonly host: string;
  readonly port?: string;
  /** The engine's socket over there; without it the usual one of the program over there. */
  readonly socket?: string;
  /** A file with the private key. */
  readonly identity?: string;
  /** Whether it is Podman's virtual machine on this computer, whose host key nobody knows beforehand. */
  readonly ownMachine?: boolean;
}

export type EngineKind = 'docker' | 'podman';

/** An engine that is configured or that was found, before anybody spoke to it. */
export interface EngineAddress {
  readonly engine: EngineKind;
  readonly endpoint: Endpoint;
  /** As messages show it, without passwords: `unix:///run/docker.sock (context "work")`. */
  readonly label: string;
}

/** What tells where engines are. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The user's folder. */
  readonly home: string;
  readonly platform: NodeJS.Platform;
}

const PIPE = '//./pipe/docker_engine';
const SOCKET = '/var/run/docker.sock';

/** Where `docker` looks when nothing is configured. */
export function defaultHost(platform: NodeJS.Platform): string {
  return platform === 'win32' ? `npipe://${PIPE}` : `unix://${SOCKET}`;
}

/**
 * `unix:///run/docker.sock`, `npipe:////./pipe/docker_engine`, `tcp://host:2376` or `ssh://user@host`, as
 * `docker --host` takes them, with the same parts left out: https://github.com/docker/cli/blob/v28.5.2/opts/hosts.go.
 */
export function parseHost(text: string, tls: TlsMaterial | undefined): Endpoint {
  const host = text.trim();
  const [scheme, rest] = splitScheme(host);
  switch (scheme) {
    case 'unix':
      return { kind: 'socket', path: rest || SOCKET };
    case 'npipe':
      return { kind: 'socket', path: (rest || PIPE).replaceAll('/', '\\') };
    case 'ssh':
      return { kind: 'ssh', ssh: parseSsh(host) };
    case 'tcp':
    case 'http':
    case 'https':
      return parseTcp(rest, tls);
    default:
      throw new EngineFault(
        'settings',
        `${JSON.stringify(shown(host))} is no address of an engine: ${FORMS}`,
      );
  }
}

const FORMS = 'write unix://PATH, npipe://PATH, tcp://HOST:PORT or ssh://USER@HOST';

/** A path alone is a socket, anything else a host. */
function splitScheme(host: string): [scheme: string, rest: string] {
  const at = host.indexOf('://');
  if (at >= 0) return [host.slice(0, at), host.slice(at + 3)];
  return [/^\.?\//.test(host) ? 'unix' : 'tcp', host];
}

function parseTcp(rest: string, tls: TlsMaterial | undefined): Endpoint {
  const url = URL.canParse(`tcp://${rest}`) ? new URL(`tcp://${rest}`) : undefined;
  if (!url && rest !== '' && !rest.startsWith(':')) {
    throw new EngineFault('settings', `${JSON.stringify(shown(rest))} is no address of an engine: ${FORMS}`);
  }
  const host = (url?.hostname || 'localhost').replace(/^\[|\]$/g, '');
  const port = Number(url?.port || /^:(\d+)$/.exec(rest)?.[1] || (tls ? 2376 : 2375));
  return { kind: 'tcp', host, port, ...(tls && { tls }) };
}

function parseSsh(text: string): SshTarget {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const fault = !url
    ? 'it cannot be read'
    : url.password
      ? 'a password in it is not supported: use a key'
      : !url.hostname
        ? 'it has no host'
        : url.search || url.hash
          ? 'it may not have "?" or "#"'
          : undefined;
  if (!url || fault)
    throw new EngineFault('settings', `the ssh address ${shown(text)} cannot be used: ${fault}`);
  // What ssh would take for an option or a command is no name.
  if (/^-/.test(url.hostname) || /^-/.test(url.username)) {
    throw new EngineFault(
      'settings',
      `the ssh address ${shown(text)} cannot be used: a name begins with "-"`,
    );
  }
  return {
    host: url.hostname,
    ...(url.username && { user: decodeURIComponent(url.username) }),
    ...(url.port && { port: url.port }),
    ...(url.pathname.replaceAll('/', '') && { socket: decodeURIComponent(url.pathname) }),
  };
}

/** An address without its password. */
export function shown(host: string): string {
  return host.replace(/^((?:[\w+.-]+:\/\/)?[^/@:]*):[^/@]*@/, '$1:…@');
}
