import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { isObject, type JsonObject, objectOf, textOf } from '../json-shape';
import {
  defaultHost,
  type EngineAddress,
  parseHost,
  type Surroundings,
  shown,
  type TlsMaterial,
} from './endpoint';
import { EngineFault, telling } from './engine-fault';

/**
 * The Docker engine that `docker` itself would talk to: `DOCKER_HOST`, else the context that `DOCKER_CONTEXT` or the
 * configuration names, else the platform's socket:
 * https://docs.docker.com/engine/manage-resources/contexts/. Only where nothing is configured, sockets of rootless
 * engines and of Docker Desktop are looked for as well.
 *
 * Throws `EngineFault`, `none` where no engine is configured or found. Nobody was asked yet: a socket may be dead.
 */
export function findDocker(around: Surroundings): Promise<EngineAddress> {
  return telling('find a Docker engine', undefined, async () => {
    const { DOCKER_HOST, DOCKER_CONTEXT } = around.env;
    if (DOCKER_HOST) {
      const endpoint = parseHost(DOCKER_HOST, await tlsOfVariables(around));
      return { engine: 'docker', endpoint, label: `${shown(DOCKER_HOST)} (DOCKER_HOST)` };
    }
    if (DOCKER_CONTEXT) return contextAddress(DOCKER_CONTEXT, 'DOCKER_CONTEXT', around);
    const current = textOf((await readConfig(around)).currentContext);
    if (current) return contextAddress(current, configFile(around), around);
    return withoutSettings(around);
  });
}

/** `$DOCKER_CONFIG` or `~/.docker`. */
export function dockerConfigFolder({ env, home }: Surroundings): string {
  return env.DOCKER_CONFIG || path.join(home, '.docker');
}

function configFile(around: Surroundings): string {
  return path.join(dockerConfigFolder(around), 'config.json');
}

/** A file that is not there, or that nobody may read, configures nothing; one that is broken is a fault. */
async function readConfig(around: Surroundings): Promise<JsonObject> {
  const file = configFile(around);
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return {};
  return parseSettings(text, file);
}

function parseSettings(text: string, file: string): JsonObject {
  try {
    return objectOf(JSON.parse(text));
  } catch (error) {
    // The parser's own words may quote what stands in the file, and that may be a password.
    throw new EngineFault('settings', `${file} is not JSON: correct it`, { cause: error });
  }
}

/** The context `default` stands for no context. */
async function contextAddress(name: string, namedBy: string, around: Surroundings): Promise<EngineAddress> {
  if (name === 'default') return withoutSettings(around);
  const id = createHash('sha256').update(name).digest('hex');
  const contexts = path.join(dockerConfigFolder(around), 'contexts');
  const file = path.join(contexts, 'meta', id, 'meta.json');
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) {
    const next = 'see "docker context ls" and choose one with "docker context use"';
    throw new EngineFault(
      'settings',
      `the context "${name}", which ${namedBy} names, does not exist: ${next}`,
    );
  }
  const endpoint = objectOf(parseSettings(text, file).Endpoints).docker;
  const host = isObject(endpoint) ? textOf(endpoint.Host) : undefined;
  if (!isObject(endpoint) || host === undefined) {
    throw new EngineFault(
      'settings',
      `the context "${name}" names no Docker endpoint: see "docker context inspect ${name}"`,
    );
  }
  const verify = endpoint.SkipTLSVerify !== true;
  const tls = await readTls(path.join(contexts, 'tls', id, 'docker'), verify);
  const used = Object.keys(tls).length > 1 || !verify ? tls : undefined;
  return {
    engine: 'docker',
    endpoint: parseHost(host || defaultHost(around.platform), used),
    label: `${shown(host)} (context "${name}")`,
  };
}

/** `DOCKER_TLS_VERIFY` turns TLS on with a check, `DOCKER_TLS` without one; both by not being empty. */
async function tlsOfVariables(around: Surroundings): Promise<TlsMaterial | undefined> {
  const { DOCKER_TLS_VERIFY, DOCKER_TLS, DOCKER_CERT_PATH } = around.env;
  if (!DOCKER_TLS_VERIFY && !DOCKER_TLS) return undefined;
  const folder = DOCKER_CERT_PATH || dockerConfigFolder(around);
  const tls = await readTls(folder, Boolean(DOCKER_TLS_VERIFY));
  if (!tls.ca && tls.verify) {
    const next = 'set DOCKER_CERT_PATH to the folder of the certificates';
    throw new EngineFault(
      'tls',
      `DOCKER_TLS_VERIFY is set and there is no ${path.join(folder, 'ca.pem')}: ${next}`,
    );
  }
  return tls;
}

async function readTls(folder: string, verify: boolean): Promise<TlsMaterial> {
  const read = async (name: string) => {
    try {
      return await readFile(path.join(folder, name));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
      throw new EngineFault('tls', `${path.join(folder, name)} cannot be read (${code})`, { cause: error });
    }
  };
  const [ca, cert, key] = await Promise.all(['ca.pem', 'cert.pem', 'key.pem'].map(read));
  return { verify, ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
}

async function withoutSettings(around: Surroundings): Promise<EngineAddress> {
  const tls = await tlsOfVariables(around);
  if (tls)
    return {
      engine: 'docker',
      endpoint: parseHost('tcp://', tls),
      label: 'tcp://localhost:2376 (DOCKER_TLS_VERIFY)',
    };
  const usual = defaultHost(around.platform);
  const address = (host: string): EngineAddress => ({
    engine: 'docker',
    endpoint: parseHost(host, undefined),
    label: host,
  });
  if (around.platform === 'win32') return address(usual);
  const hosts = [usual, ...otherSockets(around).map((socket) => `unix://${socket}`)];
  for (const host of hosts) if (await isSocket(host.slice('unix://'.length))) return address(host);
  const next = 'start Docker, or say where it is with DOCKER_HOST or "docker context use"';
  throw new EngineFault('none', `there is no socket ${hosts.join(', ')}: ${next}`);
}

/** Rootless: https://docs.docker.com/engine/security/rootless/; Desktop: https://docs.docker.com/desktop/. */
function otherSockets({ env, home }: Surroundings): string[] {
  return [
    ...(env.XDG_RUNTIME_DIR ? [path.join(env.XDG_RUNTIME_DIR, 'docker.sock')] : []),
    path.join(home, '.docker', 'run', 'docker.sock'),
    path.join(home, '.docker', 'desktop', 'docker.sock'),
  ];
}

/** One that nobody may look at counts: the fault is told when it is used. */
export async function isSocket(file: string): Promise<boolean> {
  try {
    return (await stat(file)).isSocket();
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES';
  }
}
