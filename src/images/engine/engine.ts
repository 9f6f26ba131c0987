import type { IncomingMessage } from 'node:http';
import { EngineConnection, type GetOptions } from './connection';
import { connectionFault } from './connection-fault';
import type { EngineAddress, EngineKind, Surroundings } from './endpoint';
import { apiMessage, checkAnswer } from './engine-answer';
import { EngineFault, telling } from './engine-fault';

/** The newest API that is spoken here: https://docs.docker.com/reference/api/engine/version-history/. */
const NEWEST_API = '1.51';
/** What engines speak that do not say it. */
const OLDEST_API = '1.24';
/** ssh alone may take half a minute to give up, and then says why. */
const PING_LIMIT = { socket: 10_000, tcp: 10_000, ssh: 40_000 };
/** Lists of images and histories are some megabytes at most. */
const MAX_JSON = 64 * 1024 * 1024;

export interface EngineVersion {
  /** Negotiated, such as `1.41`. */
  readonly api: string;
  /** As it names itself, such as `Docker/28.5.2 (linux)` or `Libpod/4.3.1 (linux)`. */
  readonly server: string;
}

/**
 * An engine that answered. Only GET requests are ever made: nothing is pulled, made, changed or run there.
 * https://docs.docker.com/reference/api/engine/
 */
export class Engine {
  private constructor(
    readonly address: EngineAddress,
    readonly version: EngineVersion,
    private readonly connection: EngineConnection,
  ) {}

  /** Asks the engine which API it speaks. Throws `EngineFault` with the next step, or the signal's reason. */
  static open(
    address: EngineAddress,
    around: Pick<Surroundings, 'env'>,
    signal?: AbortSignal,
  ): Promise<Engine> {
    return telling(`connect to ${titleOf(address.engine)}`, signal, async () => {
      const connection = new EngineConnection(address, around.env);
      const timeLimit = PING_LIMIT[address.endpoint.kind];
      const answer = await connection.get('/_ping', { signal, timeLimit });
      const body = await bodyOf(answer, address, signal);
      checkAnswer(answer, body, address);
      const server = String(answer.headers.server ?? '');
      const offered = String(answer.headers['api-version'] ?? '');
      if (!offered && !/^OK\s*$/.test(body.toString().slice(0, 10))) {
        throw new EngineFault('garbage', `what answers at ${address.label} is no ${address.engine} engine`);
      }
      return new Engine(
        address,
        { server, api: negotiated(offered, around.env.DOCKER_API_VERSION) },
        connection,
      );
    });
  }

  get kind(): EngineKind {
    return this.address.engine;
  }

  /** `Docker at unix:///run/docker.sock`. */
  get title(): string {
    return `${titleOf(this.kind)} at ${this.address.label}`;
  }

  speaks(api: string): boolean {
    return compareVersions(this.version.api, api) >= 0;
  }

  /** The parsed answer. `what` is what a 404 says is not there. */
  async json(path: string, signal?: AbortSignal): Promise<unknown> {
    const answer = await this.get(path, { signal });
    const body = await bodyOf(answer, this.address, signal);
    checkAnswer(answer, body, this.address);
    try {
      return JSON.parse(body.toString());
    } catch (error) {
      throw new EngineFault(
        'garbage',
        `${this.title} answers what is not JSON: it may be no ${this.kind} engine`,
        {
          cause: error,
        },
      );
    }
  }

  /** The bytes of the answer as they come. Ends in an `EngineFault` where they stop before the answer's end. */
  async stream(path: string, signal?: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    const answer = await this.get(path, { signal });
    if (answer.statusCode === 200) return chunksOf(answer, this.address, signal);
    const body = await bodyOf(answer, this.address, signal);
    checkAnswer(answer, body, this.address);
    throw new EngineFault('garbage', `${this.title} answers ${answer.statusCode}${apiMessage(body)}`);
  }

  private get(path: string, options: GetOptions): Promise<IncomingMessage> {
    return this.connection.get(`/v${this.version.api}${path}`, options);
  }
}

export function titleOf(kind: EngineKind): string {
  return kind === 'docker' ? 'Docker' : 'Podman';
}

/** The older of both; `DOCKER_API_VERSION` decides where it is set, as for `docker`. */
function negotiated(offered: string, asked: string | undefined): string {
  if (asked && /^\d+\.\d+$/.test(asked)) return asked;
  if (!/^\d+\.\d+$/.test(offered)) return OLDEST_API;
  return compareVersions(offered, NEWEST_API) < 0 ? offered : NEWEST_API;
}

function compareVersions(a: string, b: string): number {
  const [[majorA = 0, minorA = 0], [majorB = 0, minorB = 0]] = [a, b].map((text) =>
    text.split('.').map(Number),
  ) as [number[], number[]];
  return majorA - majorB || minorA - minorB;
}

async function* chunksOf(
  answer: IncomingMessage,
  address: EngineAddress,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of answer) yield chunk;
  } catch (error) {
    signal?.throwIfAborted();
    throw connectionFault(error as Error, address);
  } finally {
    answer.destroy();
  }
}

async function bodyOf(
  answer: IncomingMessage,
  address: EngineAddress,
  signal: AbortSignal | undefined,
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunksOf(answer, address, signal)) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MAX_JSON)
      throw new EngineFault('garbage', `${address.label} answers more than ${MAX_JSON} bytes`);
  }
  return Buffer.concat(chunks);
}
