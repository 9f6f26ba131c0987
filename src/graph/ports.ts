import { goQuoted } from '../dockerfile/quoted';
import { PlanFault } from './fault';

const PROTOCOLS: ReadonlySet<string> = new Set(['tcp', 'udp', 'sctp']);
const HIGHEST = 65_535;

/**
 * The ports that a word of EXPOSE means: `80` → `80/tcp`, `8000-8002/udp` → each of them. A host part in front
 * (`127.0.0.1:80:80`) is read and left. Throws `PlanFault`.
 */
export function portsOf(word: string): string[] {
  const parts = word.split(':');
  const containerPart = parts.pop() ?? '';
  const hostPort = parts.pop() ?? '';
  const slash = containerPart.indexOf('/');
  const ports = slash < 0 ? containerPart : containerPart.slice(0, slash);
  const protocol = (slash < 0 ? '' : containerPart.slice(slash + 1)).toLowerCase() || 'tcp';
  if (ports === '') throw new PlanFault(`invalid port: ${goQuoted(word)}: no port specified`);
  if (!PROTOCOLS.has(protocol)) {
    throw new PlanFault(`invalid port: ${goQuoted(word)}: invalid proto: ${containerPart.slice(slash + 1)}`);
  }
  checkAddress(parts.join(':'));
  const range = rangeOf(ports);
  if (!range) throw new PlanFault(`invalid containerPort: ${ports}`);
  checkHostPort(hostPort, ports, range);
  return Array.from(
    { length: range.end - range.start + 1 },
    (_, index) => `${range.start + index}/${protocol}`,
  );
}

function checkAddress(address: string): void {
  const bare = address.replace(/^\[(.*)\]$/, '$1');
  if (bare !== '' && !/^(\d{1,3}(\.\d{1,3}){3}|[0-9a-fA-F:]*:[0-9a-fA-F:.]*)$/.test(bare)) {
    throw new PlanFault(`invalid IP address: ${address}`);
  }
}

function checkHostPort(hostPort: string, ports: string, { start, end }: PortRange): void {
  if (hostPort === '') return;
  const range = rangeOf(hostPort);
  if (!range) throw new PlanFault(`invalid hostPort: ${hostPort}`);
  if (start !== end && range.end - range.start !== end - start) {
    throw new PlanFault(`invalid ranges specified for container and host Ports: ${ports} and ${hostPort}`);
  }
}

interface PortRange {
  readonly start: number;
  readonly end: number;
}

function rangeOf(text: string): PortRange | undefined {
  const dash = text.indexOf('-');
  const start = portOf(dash < 0 ? text : text.slice(0, dash));
  const end = dash < 0 ? start : portOf(text.slice(dash + 1));
  return start === undefined || end === undefined || end < start ? undefined : { start, end };
}

function portOf(text: string): number | undefined {
  const port = /^\+?\d+$/.test(text) ? Number(text) : undefined;
  return port !== undefined && port <= HIGHEST ? port : undefined;
}
