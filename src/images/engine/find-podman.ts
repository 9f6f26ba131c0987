import path from 'node:path';
import { type EngineAddress, parseHost, type Surroundings, shown } from './endpoint';
import { EngineFault, telling } from './engine-fault';
import { isSocket } from './find-docker';
import { type Destination, type Destinations, readDestinations } from './podman-settings';

/**
 * The Podman service: `CONTAINER_HOST`, else the connection that `CONTAINER_CONNECTION` names, else a local socket;
 * where Podman runs in a machine of its own (macOS, Windows) the default connection comes before local sockets:
 * https://docs.podman.io/en/latest/markdown/podman-system-connection.1.html.
 *
 * Throws `EngineFault`, `none` where no service is configured or found.
 */
export function findPodman(around: Surroundings): Promise<EngineAddress> {
  return telling('find a Podman service', undefined, async () => {
    const { CONTAINER_HOST, CONTAINER_SSHKEY, CONTAINER_CONNECTION } = around.env;
    if (CONTAINER_HOST) {
      const destination = { uri: CONTAINER_HOST, ...(CONTAINER_SSHKEY && { identity: CONTAINER_SSHKEY }) };
      return addressOf(destination, 'CONTAINER_HOST');
    }
    const destinations = await readDestinations(around);
    if (CONTAINER_CONNECTION) return connectionAddress(CONTAINER_CONNECTION, destinations);
    const configured = destinations.active;
    const isRemote = around.platform === 'darwin' || around.platform === 'win32';
    if (configured && isRemote) return connectionAddress(configured, destinations);
    const sockets = localSockets(around);
    for (const socket of sockets) if (await isSocket(socket)) return addressOf({ uri: `unix://${socket}` });
    if (configured) return connectionAddress(configured, destinations);
    const next =
      'start one with "systemctl --user start podman.socket", or say where it is with CONTAINER_HOST';
    throw new EngineFault('none', `there is no socket ${sockets.join(', ')}: ${next}`);
  });
}

function connectionAddress(name: string, { byName }: Destinations): EngineAddress {
  const found = byName.get(name);
  if (found) return addressOf(found, `connection "${name}"`);
  const next = 'see "podman system connection list"';
  throw new EngineFault('settings', `the connection "${name}" does not exist: ${next}`);
}

function addressOf({ uri, identity, isMachine }: Destination, from?: string): EngineAddress {
  const endpoint = parseHost(uri, undefined);
  const label = from === undefined ? shown(uri) : `${shown(uri)} (${from})`;
  if (endpoint.kind !== 'ssh') return { engine: 'podman', endpoint, label };
  const { ssh } = endpoint;
  // Podman asks its machine for no host key either, and only on this computer nobody can stand between.
  const ownMachine = isMachine === true && /^(localhost|127\.0\.0\.1|\[::1\])$/.test(ssh.host);
  const more = { ...(identity && { identity }), ...(ownMachine && { ownMachine }) };
  return { engine: 'podman', endpoint: { kind: 'ssh', ssh: { ...ssh, ...more } }, label };
}

function localSockets({ env }: Surroundings): string[] {
  const own = env.XDG_RUNTIME_DIR ? [path.join(env.XDG_RUNTIME_DIR, 'podman', 'podman.sock')] : [];
  return [...own, '/run/podman/podman.sock'];
}
