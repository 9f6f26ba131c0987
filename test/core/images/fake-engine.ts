import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { TlsOptions } from 'node:tls';
import type { Surroundings } from '../../../src/images/engine/endpoint';
import { Engine } from '../../../src/images/engine/engine';
import { findDocker } from '../../../src/images/engine/find-docker';
import { temporaryFolder } from './saved-images';

export type Answer = (response: ServerResponse, request: IncomingMessage) => void;

/** What a fake engine answers, by path behind the version, such as `/images/json`. JSON unless it is a function. */
export type Answers = Readonly<Record<string, Answer | object>>;

export interface FakeEngine {
  readonly host: string;
  /** Method, path and query of what was asked for, without the version. */
  readonly requests: string[];
  close(): void;
}

export interface FakeOptions {
  readonly api?: string;
  readonly server?: string;
  readonly tls?: TlsOptions;
}

/** An engine of the API's outside only; on a socket, or with `tls` on a port. Closed when the tests end. */
export async function fakeEngine(answers: Answers, options: FakeOptions = {}): Promise<FakeEngine> {
  const requests: string[] = [];
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    const url = request.url!.replace(/^\/v\d+\.\d+/, '');
    if (url !== '/_ping') requests.push(`${request.method} ${url}`);
    const found = answers[url] ?? answers[url.replace(/\?.*/, '')];
    if (typeof found === 'function') return found(response, request);
    if (url === '/_ping') return ping(response, options);
    response.statusCode = found ? 200 : 404;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(found ?? { message: `No such image: ${url}` }));
  };
  const server = options.tls ? createTlsServer(options.tls, answer) : createServer(answer);
  const host = await listening(server as Server, options.tls !== undefined);
  const close = () => {
    (server as Server).closeAllConnections();
    server.close();
  };
  openEngines.push(close);
  return { host, requests, close };
}

/** For `after`, so that no server keeps the tests from ending. */
export function closeFakeEngines(): void {
  for (const close of openEngines.splice(0)) close();
}

const openEngines: (() => void)[] = [];

function ping(response: ServerResponse, { api = '1.41', server = 'Docker/20.10.24 (linux)' }: FakeOptions) {
  response.setHeader('api-version', api);
  response.setHeader('server', server);
  response.end('OK');
}

function listening(server: Server, onPort: boolean): Promise<string> {
  const socket = path.join(temporaryFolder(), 'sock');
  return new Promise((resolve) => {
    if (onPort) {
      server.listen(0, '127.0.0.1', () =>
        resolve(`tcp://localhost:${(server.address() as AddressInfo).port}`),
      );
    } else server.listen(socket, () => resolve(`unix://${socket}`));
  });
}

/** A machine of nothing but these variables and an empty folder for the user. */
export function bareMachine(env: Surroundings['env'] = {}): Surroundings {
  return { env, home: temporaryFolder(), platform: 'linux' };
}

export async function engineAt(host: string, env: Surroundings['env'] = {}): Promise<Engine> {
  const around = bareMachine({ PATH: process.env.PATH, ...env, DOCKER_HOST: host });
  return Engine.open(await findDocker(around), around);
}

/** For `assert.rejects`: a fault of this kind, in these words. */
export function fault(kind: string, message: RegExp) {
  return (error: Error & { kind: string }) => {
    assert.match(error.message, message);
    assert.equal(error.kind, kind);
    return true;
  };
}
