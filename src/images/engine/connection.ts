import {
  Agent,
  type ClientRequest,
  type IncomingMessage,
  type RequestOptions,
  request as requestHttp,
} from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Duplex } from 'node:stream';
import { connectionFault } from './connection-fault';
import type { Endpoint, EngineAddress, EngineKind, SshTarget, TlsMaterial } from './endpoint';
import { ProgramStream } from './program-stream';

export interface GetOptions {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds until the answer has to begin. */
  readonly timeLimit?: number;
}

/**
 * GET requests to an engine.
 *
 * This is Node's own HTTP, and no docker-modem (Apache-2.0): of what that library does the five GET requests here need
 * only the choice between a socket and TLS. Bundled and minified it comes to 398 KB, 62 KB of it without ssh2, which it
 * loads unasked and which brings native parts; dockerode comes to 912 KB with gRPC and protobuf. It has neither
 * contexts nor the negotiation of API versions, and it speaks SSH itself, where `docker` runs the user's `ssh` with its
 * configuration and agents.
 */
export class EngineConnection {
  private readonly agent: Agent | undefined;

  constructor(
    private readonly address: EngineAddress,
    env: Readonly<Record<string, string | undefined>>,
  ) {
    const { endpoint, engine } = address;
    if (endpoint.kind === 'ssh')
      this.agent = new ProgramAgent('ssh', sshArguments(endpoint.ssh, engine), env);
  }

  /** The answer, whatever its status, with its body unread. Throws `EngineFault`, or the signal's reason. */
  async get(path: string, { signal, timeLimit }: GetOptions = {}): Promise<IncomingMessage> {
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise((resolve, reject) => {
        const request = this.send(path, signal).on('response', resolve).on('error', reject).end();
        const late = () => request.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' }));
        if (timeLimit !== undefined) timer = setTimeout(late, timeLimit);
      });
    } catch (error) {
      signal?.throwIfAborted();
      throw connectionFault(error as Error, this.address);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Throws at once where a certificate file is damaged. */
  private send(path: string, signal: AbortSignal | undefined): ClientRequest {
    const { endpoint } = this.address;
    const request = endpoint.kind === 'tcp' && endpoint.tls ? requestHttps : requestHttp;
    return request({ ...this.target(endpoint), path, method: 'GET', ...(signal && { signal }) });
  }

  private target(endpoint: Endpoint): RequestOptions {
    const headers = { host: 'docker' };
    switch (endpoint.kind) {
      case 'socket':
        return { socketPath: endpoint.path, headers, agent: false };
      case 'tcp':
        return {
          host: endpoint.host,
          port: endpoint.port,
          agent: false,
          ...(endpoint.tls && tlsOptions(endpoint.tls)),
        };
      case 'ssh':
        // No proxy is ever asked for the way to this host.
        return { host: 'localhost', headers, ...(this.agent && { agent: this.agent }) };
      default:
        return endpoint satisfies never;
    }
  }
}

function tlsOptions({ ca, cert, key, verify }: TlsMaterial) {
  return { rejectUnauthorized: verify, ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
}

/** Every request has a program of its own, as it would have a connection of its own. */
class ProgramAgent extends Agent {
  constructor(
    private readonly program: string,
    private readonly args: readonly string[],
    private readonly env: Readonly<Record<string, string | undefined>>,
  ) {
    super();
  }

  override createConnection(): Duplex {
    return new ProgramStream(this.program, this.args, this.env);
  }
}

/** As `docker` does (cli/connhelper), except that nothing is asked of the user: there is no terminal. */
function sshArguments(ssh: SshTarget, engine: EngineKind): string[] {
  const { user, host, port, socket, identity, ownMachine } = ssh;
  const options = ['-o', 'BatchMode=yes', '-o', 'ConnectTimeout=30', '-T'];
  if (user !== undefined) options.push('-l', user);
  if (port !== undefined) options.push('-p', port);
  if (identity !== undefined) options.push('-i', identity);
  if (ownMachine) {
    options.push('-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=none', '-o', 'LogLevel=ERROR');
  }
  return [...options, '--', host, ...dialCommand(engine, socket)];
}

/** ssh puts the words together for a shell over there. */
function dialCommand(engine: EngineKind, socket: string | undefined): string[] {
  const at =
    socket === undefined
      ? []
      : [engine === 'docker' ? '--host' : '--url', quotedForShell(`unix://${socket}`)];
  return [engine, ...at, 'system', 'dial-stdio'];
}

function quotedForShell(word: string): string {
  return /^[\w:/.@+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
