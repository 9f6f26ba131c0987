import type { EngineAddress } from './endpoint';
import { EngineFault } from './engine-fault';

/** What went wrong on the way to the engine, in words, with the next step. */
export function connectionFault(error: NodeJS.ErrnoException, address: EngineAddress): EngineFault {
  if (error instanceof EngineFault) return withSshHint(error, address);
  const { kind, message } = explain(error, address);
  return new EngineFault(kind, message, { cause: error });
}

function withSshHint(fault: EngineFault, { endpoint, engine }: EngineAddress): EngineFault {
  if (fault.kind !== 'ssh' || endpoint.kind !== 'ssh') return fault;
  const { user, host, port } = endpoint.ssh;
  const to = `${port ? `-p ${port} ` : ''}${user ? `${user}@` : ''}${host}`;
  const message = `${fault.message}: see whether "ssh ${to} ${engine} version" works without a question`;
  return new EngineFault('ssh', message, { cause: fault });
}

type Explained = Pick<EngineFault, 'kind' | 'message'>;

function explain(error: NodeJS.ErrnoException, address: EngineAddress): Explained {
  const { code = '' } = error;
  const { label, engine } = address;
  switch (code) {
    case 'ENOENT':
    case 'ECONNREFUSED':
      return { kind: 'none', message: `nobody answers at ${label}: ${startIt(address)}` };
    case 'EACCES':
    case 'EPERM':
      return { kind: 'denied', message: `permission is denied at ${label}: ${allowIt(address)}` };
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return {
        kind: 'none',
        message: `the host of ${label} is not known (${code}): check the name and the network`,
      };
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return {
        kind: 'none',
        message: `${label} does not answer (${code}): check that the engine runs and the network`,
      };
    case 'ECONNRESET':
    case 'EPIPE':
      return { kind: 'stopped', message: `${label} ended the connection: ${resetHint(address)}` };
    default:
      if (isTls(error)) return { kind: 'tls', message: `TLS to ${label} fails (${code}): ${tlsHint(code)}` };
      if (code.startsWith('HPE_')) {
        return {
          kind: 'garbage',
          message: `what answers at ${label} does not speak HTTP: it is no ${engine} engine`,
        };
      }
      return { kind: 'failed', message: `${label} cannot be reached: ${error.message}` };
  }
}

function startIt({ engine, endpoint }: EngineAddress): string {
  if (endpoint.kind === 'tcp') return 'start the engine, or check host and port';
  return engine === 'docker'
    ? 'start Docker, or say where it is with DOCKER_HOST or "docker context use"'
    : 'start the service with "systemctl --user start podman.socket", or say where it is with CONTAINER_HOST';
}

function allowIt({ engine }: EngineAddress): string {
  return engine === 'docker'
    ? 'add your user to the group "docker" and log in again, or use a rootless engine'
    : 'use your own service: "systemctl --user start podman.socket"';
}

function resetHint({ endpoint }: EngineAddress): string {
  return endpoint.kind === 'tcp' && !endpoint.tls
    ? 'if it asks for TLS, set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH'
    : 'see whether the engine still runs, and try again';
}

function isTls({ code = '', message }: NodeJS.ErrnoException): boolean {
  return (
    /^(ERR_(SSL|TLS)_|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|ERR_OSSL|HOSTNAME_MISMATCH|INVALID_CA)/.test(
      code,
    ) ||
    (code === 'EPROTO' && /ssl|tls/i.test(message))
  );
}

function tlsHint(code: string): string {
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return 'its certificate is for another host name';
  if (code === 'CERT_HAS_EXPIRED') return 'its certificate has expired';
  if (/ALERT|HANDSHAKE/.test(code))
    return 'it does not accept the client certificate: check cert.pem and key.pem';
  if (/WRONG_VERSION|EPROTO|PACKET_LENGTH/.test(code)) return 'it does not speak TLS there: check the port';
  if (/^ERR_OSSL/.test(code)) return 'ca.pem, cert.pem or key.pem is damaged';
  return 'its certificate is not signed by ca.pem of DOCKER_CERT_PATH or of the context';
}
