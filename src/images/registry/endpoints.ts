import { isIPv4 } from 'node:net';
import { fullReference, referenceFault } from '../../layers/reference';
import { RegistryFault } from './fault';

/** An image reference in its parts. */
export interface RegistryReference {
  /** `docker.io/library/node:22` */
  readonly full: string;
  /** The host as it stands in the reference: `docker.io`, `localhost:5000`. */
  readonly host: string;
  /** `library/node` */
  readonly repository: string;
  readonly tag?: string;
  /** Where both are given the digest counts, as it does for builders. */
  readonly digest?: string;
}

/** Throws a `RegistryFault` for a text that is no reference. */
export function parseReference(reference: string): RegistryReference {
  const fault = referenceFault(reference);
  if (fault !== undefined) throw new RegistryFault('refused', fault);
  const full = fullReference(reference);
  const [named = '', digest] = full.split('@', 2);
  const slash = named.indexOf('/');
  const [repository = '', tag] = named.slice(slash + 1).split(':', 2);
  return {
    full,
    host: named.slice(0, slash),
    repository,
    ...(tag !== undefined && { tag }),
    ...(digest !== undefined && { digest }),
  };
}

/** As `registry-mirrors` and `insecure-registries` in the engine's `daemon.json`. */
export interface RegistrySettings {
  /** Addresses of mirrors of Docker Hub, which are asked first, in this order. */
  readonly mirrors?: readonly string[];
  /** Hosts (`host`, `host:port`, `10.0.0.0/8`) with a certificate that nobody vouches for, or with none. */
  readonly insecure?: readonly string[];
}

/** A place to ask, with the ways in which it may speak. */
export interface Endpoint {
  /** What messages call it. */
  readonly host: string;
  /** Addresses of one server, the next of which is tried when the one before cannot be reached. */
  readonly bases: readonly URL[];
  /** Whether its certificate does not matter, nor that there is none. */
  readonly isInsecure: boolean;
}

/** The servers that may have the image, in the order in which they are asked. */
export function endpointsOf(host: string, { mirrors = [], insecure = [] }: RegistrySettings): Endpoint[] {
  const own = endpointAt(host === HUB ? HUB_SERVER : host, insecure);
  if (host !== HUB) return [own];
  return [...mirrors.map((mirror) => mirrorAt(mirror, insecure)), own];
}

export const HUB = 'docker.io';
const HUB_SERVER = 'registry-1.docker.io';

function endpointAt(host: string, insecure: readonly string[]): Endpoint {
  const isInsecure = isInsecureHost(host, insecure);
  const schemes = isInsecure ? ['https', 'http'] : ['https'];
  return { host, bases: schemes.map((scheme) => new URL(`${scheme}://${host}/`)), isInsecure };
}

function mirrorAt(address: string, insecure: readonly string[]): Endpoint {
  if (!/^https?:\/\//i.test(address)) return endpointAt(address, insecure);
  const base = addressOf(address);
  const isInsecure = base.protocol === 'http:' || isInsecureHost(base.host, insecure);
  return { host: base.host, bases: [base], isInsecure };
}

function addressOf(address: string): URL {
  try {
    const { origin, pathname } = new URL(address);
    return new URL(pathname.endsWith('/') ? pathname : `${pathname}/`, origin);
  } catch {
    throw new RegistryFault('refused', 'the address of a mirror is no web address');
  }
}

/** The engine counts loopback addresses among the insecure ones: https://docs.docker.com/reference/cli/dockerd/#insecure-registries */
function isInsecureHost(host: string, insecure: readonly string[]): boolean {
  const { hostname } = new URL(`http://${host}`);
  if (hostname === 'localhost' || hostname === '[::1]' || inNetwork(hostname, '127.0.0.0/8')) return true;
  return insecure.some((entry) => entry === host || entry === hostname || inNetwork(hostname, entry));
}

function inNetwork(address: string, network: string): boolean {
  const [base = '', bits = ''] = network.split('/', 2);
  if (!isIPv4(address) || !isIPv4(base) || !/^\d+$/.test(bits)) return false;
  const size = 2 ** (32 - Math.min(32, Number(bits)));
  return Math.floor(numberOf(address) / size) === Math.floor(numberOf(base) / size);
}

function numberOf(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}
