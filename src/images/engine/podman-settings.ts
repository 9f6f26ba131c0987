import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { objectOf, textOf } from '../json-shape';
import type { Surroundings } from './endpoint';
import { EngineFault } from './engine-fault';

export interface Destination {
  readonly uri: string;
  readonly identity?: string;
  /** Whether it is Podman's own virtual machine. */
  readonly isMachine?: boolean;
}

/** Podman's connections, of both files. */
export interface Destinations {
  readonly active?: string;
  readonly byName: ReadonlyMap<string, Destination>;
}

/**
 * The connections that `podman system connection` keeps in `podman-connections.json`, and those that somebody wrote
 * into `containers.conf`; the first file counts more.
 */
export async function readDestinations(around: Surroundings): Promise<Destinations> {
  const written = await Promise.all(confFiles(around).map(readConf));
  const kept = await readConnections(around);
  const all = [...written, kept];
  const active = all.findLast(({ active }) => active)?.active;
  return {
    byName: new Map(all.flatMap(({ byName }) => [...byName])),
    ...(active !== undefined && { active }),
  };
}

const NOTHING: Destinations = { byName: new Map() };

function userFolder({ env, home }: Surroundings): string {
  return path.join(env.XDG_CONFIG_HOME || path.join(home, '.config'), 'containers');
}

/** Later ones count more: https://github.com/containers/common/blob/main/docs/containers.conf.5.md. */
function confFiles(around: Surroundings): string[] {
  if (around.env.CONTAINERS_CONF) return [around.env.CONTAINERS_CONF];
  const folders = ['/usr/share/containers', '/etc/containers', userFolder(around)];
  return folders.map((folder) => path.join(folder, 'containers.conf'));
}

async function readConnections(around: Surroundings): Promise<Destinations> {
  const file = around.env.PODMAN_CONNECTIONS_CONF || path.join(userFolder(around), 'podman-connections.json');
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return NOTHING;
  const kept = objectOf(parse(text, file).Connection);
  const byName = new Map<string, Destination>();
  for (const [name, value] of Object.entries(objectOf(kept.Connections))) {
    const { URI, Identity, IsMachine } = objectOf(value);
    const [uri, identity] = [textOf(URI), textOf(Identity)];
    if (uri === undefined) continue;
    byName.set(name, { uri, ...(identity && { identity }), ...(IsMachine === true && { isMachine: true }) });
  }
  const active = textOf(kept.Default);
  return { byName, ...(active && { active }) };
}

function parse(text: string, file: string) {
  try {
    return objectOf(JSON.parse(text));
  } catch (error) {
    throw new EngineFault('settings', `${file} is not JSON: correct it`, { cause: error });
  }
}

/** Of the TOML only what connections are written in: tables, and keys with a string. */
async function readConf(file: string): Promise<Destinations> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const byName = new Map<string, Destination>();
  let active: string | undefined;
  let table = '';
  for (const line of text.split('\n')) {
    const header = /^\s*\[([^\]]+)\]/.exec(line)?.[1];
    if (header !== undefined) table = header.trim();
    const [, key, value] = /^\s*(\w+)\s*=\s*["']([^"']*)["']/.exec(line) ?? [];
    if (key === undefined || value === undefined) continue;
    if (table === 'engine' && key === 'active_service') active = value;
    const name = /^engine\.service_destinations\.["']?([^"']+)["']?$/.exec(table)?.[1];
    if (name === undefined) continue;
    const before = byName.get(name) ?? { uri: '' };
    if (key === 'uri') byName.set(name, { ...before, uri: value });
    if (key === 'identity') byName.set(name, { ...before, identity: value });
  }
  return { byName, ...(active && { active }) };
}
