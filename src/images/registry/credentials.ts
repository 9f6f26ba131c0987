import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { isObject, type JsonObject, objectOf, textOf } from '../json-shape';
import { askHelper } from './credential-helper';
import { HUB } from './endpoints';

/** How to log in to a registry. */
export type Credentials =
  | { readonly kind: 'password'; readonly username: string; readonly password: string }
  /** Exchanged for a token at the token server. */
  | { readonly kind: 'identity'; readonly token: string }
  /** Given to the registry as it is. */
  | { readonly kind: 'bearer'; readonly token: string };

/** Without credentials `problem` says what kept them from being read, where something did. */
export interface FoundCredentials {
  readonly credentials?: Credentials;
  readonly problem?: string;
}

/** Whoever knows the logins. `repository` is of the form `team/app`. */
export type CredentialSource = (
  host: string,
  repository: string,
  signal: AbortSignal | undefined,
) => Promise<FoundCredentials>;

/**
 * The logins of `docker login` and `podman login`, read when a registry asks for one: from `$REGISTRY_AUTH_FILE`, Docker's
 * configuration (`$DOCKER_CONFIG` or `~/.docker`) and Podman's (`$XDG_RUNTIME_DIR/containers/auth.json`), the first that
 * has the host. What cannot be read is no error yet: most images need no login.
 */
export function credentialsOnDisk(env: NodeJS.ProcessEnv = process.env, home = homedir()): CredentialSource {
  return async (host, repository, signal) => {
    let problem: string | undefined;
    for (const file of configFiles(env, home)) {
      const found = await lookUp(file, { host, repository, env, signal });
      if (found.credentials) return found;
      problem ??= found.problem;
    }
    return problem === undefined ? {} : { problem };
  };
}

function configFiles(env: NodeJS.ProcessEnv, home: string): string[] {
  const config = env.XDG_CONFIG_HOME || path.join(home, '.config');
  return [
    env.REGISTRY_AUTH_FILE,
    path.join(env.DOCKER_CONFIG || path.join(home, '.docker'), 'config.json'),
    env.XDG_RUNTIME_DIR && path.join(env.XDG_RUNTIME_DIR, 'containers', 'auth.json'),
    path.join(config, 'containers', 'auth.json'),
  ].filter((file): file is string => Boolean(file));
}

interface Wanted {
  readonly host: string;
  readonly repository: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal | undefined;
}

/** https://docs.docker.com/reference/cli/docker/login/#credential-stores */
async function lookUp(file: string, wanted: Wanted): Promise<FoundCredentials> {
  const config = await readConfig(file);
  if ('problem' in config) return { problem: config.problem };
  const { credHelpers, credsStore, auths } = config.json;
  const ofHost = Object.entries(objectOf(credHelpers)).find(([key]) => hostOf(key) === wanted.host)?.[1];
  const helper = textOf(ofHost) ?? textOf(credsStore);
  const server = wanted.host === HUB ? HUB_LOGIN : wanted.host;
  const fromHelper = helper ? await askHelper(helper, server, wanted) : {};
  if (fromHelper.credentials) return fromHelper;
  const entry = entryFor(objectOf(auths), wanted);
  const fromFile = entry ? credentialsIn(entry, file) : {};
  return fromFile.credentials || !fromHelper.problem ? fromFile : fromHelper;
}

/** What Docker calls Docker Hub in its files and helpers. */
const HUB_LOGIN = 'https://index.docker.io/v1/';

async function readConfig(file: string): Promise<{ json: JsonObject } | { problem: string }> {
  try {
    const json: unknown = JSON.parse(await readFile(file, 'utf8'));
    return isObject(json) ? { json } : { problem: `${file} is no configuration of logins` };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return { json: {} };
    // The parser's message would quote the file.
    return { problem: code ? `${file} cannot be read (${code})` : `${file} is not JSON` };
  }
}

/** Podman's keys may go on into the repository; the longest that fits counts. */
function entryFor(auths: JsonObject, { host, repository }: Wanted): JsonObject | undefined {
  const names = [`${host}/${repository}`];
  while (names.at(-1)!.includes('/')) names.push(names.at(-1)!.replace(/\/[^/]*$/, ''));
  for (const name of names) {
    const found = Object.entries(auths).find(([key]) =>
      name === host ? hostOf(key) === host : key === name,
    )?.[1];
    if (isObject(found) && Object.keys(found).length > 0) return found;
  }
  return undefined;
}

/** Keys are hosts, in old files addresses; Docker Hub has several names. */
function hostOf(key: string): string {
  const host = key.replace(/^https?:\/\//, '').replace(/\/(v[12]\/?)?$/, '');
  return ['index.docker.io', 'registry-1.docker.io'].includes(host) ? HUB : host;
}

function credentialsIn(entry: JsonObject, file: string): FoundCredentials {
  const [identity, bearer] = [textOf(entry.identitytoken), textOf(entry.registrytoken)];
  if (identity) return { credentials: { kind: 'identity', token: identity } };
  // Anything else could not be sent in a header.
  if (bearer && /^[\x21-\x7e]+$/.test(bearer)) return { credentials: { kind: 'bearer', token: bearer } };
  const [, username, password] = /^([^:]+):(.*)$/s.exec(decoded(entry)) ?? [];
  if (username !== undefined && password !== undefined) {
    return { credentials: { kind: 'password', username, password } };
  }
  return entry.auth === undefined && !bearer ? {} : { problem: `${file} has a login that cannot be read` };
}

function decoded(entry: JsonObject): string {
  const auth = textOf(entry.auth);
  if (auth) return Buffer.from(auth, 'base64').toString('utf8').replace(/\0+$/, '');
  const [username, password] = [textOf(entry.username), textOf(entry.password)];
  return username && password ? `${username}:${password}` : '';
}
