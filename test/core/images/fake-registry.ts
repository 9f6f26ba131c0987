import { existsSync, readdirSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { ImageStore } from '../../../src/images/store/image-store';
import { type SampleImage, sha256, temporaryFolder } from './saved-images';

export interface Seen {
  readonly path: string;
  readonly method: string;
  readonly authorization?: string | undefined;
  readonly range?: string | undefined;
  readonly body: string;
}

/** `count` tells how many requests it had before. `pass` leaves the answer to the registry. */
export type Handler = (request: Seen, response: ServerResponse, count: number) => unknown;

export const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
export const INDEX = 'application/vnd.oci.image.index.v1+json';

interface Thing {
  readonly bytes: Buffer;
  readonly type: string;
}

/**
 * A registry in this process that serves what was put into it, unless a handler does something else: so every way
 * in which servers fail can be tried.
 */
export class FakeRegistry {
  readonly seen: Seen[] = [];
  private readonly blobs = new Map<string, Buffer>();
  private readonly manifests = new Map<string, Thing>();
  private readonly handlers: { handler: Handler; pattern: RegExp; count: number }[] = [];

  private constructor(private readonly server: Server) {}

  static async start(): Promise<FakeRegistry> {
    const server = createServer((request, response) => void registry.serve(request, response));
    const registry = new FakeRegistry(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    server.unref();
    return registry;
  }

  get host(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  /** What comes last is asked first. */
  on(pattern: RegExp, handler: Handler): this {
    this.handlers.unshift({ handler, pattern, count: 0 });
    return this;
  }

  blob(bytes: Uint8Array, mediaType = ''): { digest: string; size: number; mediaType: string } {
    const digest = sha256(bytes);
    this.blobs.set(digest, Buffer.from(bytes));
    return { digest, size: bytes.length, mediaType };
  }

  manifest(json: object, ...names: string[]): { digest: string; size: number; mediaType: string } {
    const bytes = Buffer.from(JSON.stringify(json));
    const digest = sha256(bytes);
    const type = (json as { mediaType?: string }).mediaType ?? MANIFEST;
    for (const name of [digest, ...names]) this.manifests.set(name, { bytes, type });
    return { digest, size: bytes.length, mediaType: type };
  }

  /** An image with these tags; what `changes` says is in its manifest instead. */
  image(image: SampleImage, tags: readonly string[] = [], changes: object = {}) {
    const config = this.blob(image.config, 'application/vnd.oci.image.config.v1+json');
    const type = 'application/vnd.oci.image.layer.v1.tar+gzip';
    const layers = image.layers.map((layer) => this.blob(gzipSync(layer), type));
    const json = { schemaVersion: 2, mediaType: MANIFEST, config, layers, ...changes };
    return { ...this.manifest(json, ...tags), config, layers };
  }

  content(digest: string): Buffer {
    return this.blobs.get(digest)!;
  }

  paths(pattern: RegExp): string[] {
    return this.seen.map(({ path }) => path).filter((path) => pattern.test(path));
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const part of request) body += part;
    const { url: path = '', method = '' } = request;
    const { authorization, range } = request.headers;
    const seen = { path, method, authorization, range, body };
    this.seen.push(seen);
    for (const entry of this.handlers) {
      if (entry.pattern.test(path) && entry.handler(seen, response, entry.count++) !== 'pass') return;
    }
    this.answer(seen, response);
  }

  private answer({ path, range }: Seen, response: ServerResponse): void {
    const [, kind, name = ''] = /\/(blobs|manifests)\/([^/?]+)/.exec(path) ?? [];
    const manifest = kind === 'manifests' ? this.manifests.get(name) : undefined;
    if (manifest) {
      response.setHeader('docker-content-digest', sha256(manifest.bytes));
      response.setHeader('content-type', manifest.type);
      response.end(manifest.bytes);
      return;
    }
    const blob = kind === 'blobs' ? this.blobs.get(name) : undefined;
    if (blob) sendBlob(response, blob, range);
    else refuse(response, 404, kind === 'blobs' ? 'BLOB_UNKNOWN' : 'MANIFEST_UNKNOWN');
  }
}

export function sendBlob(response: ServerResponse, blob: Buffer, range: string | undefined): void {
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(range ?? '') ?? [];
  if (first === undefined) {
    response.setHeader('content-length', blob.length);
    response.end(blob);
    return;
  }
  const end = last ? Math.min(blob.length, Number(last) + 1) : blob.length;
  response.statusCode = 206;
  response.setHeader('content-range', `bytes ${first}-${end - 1}/${blob.length}`);
  response.end(blob.subarray(Number(first), end));
}

export function refuse(response: ServerResponse, status: number, code: string, message = 'refused'): void {
  response.statusCode = status;
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ errors: [{ code, message }] }));
}

export function redirect(response: ServerResponse, location: string): void {
  response.statusCode = 307;
  response.setHeader('location', location);
  response.end();
}

/** Bytes that do not compress, the same every time. */
export function noise(size: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(size);
  let state = seed;
  for (let at = 0; at < size; at++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    bytes[at] = state >>> 16;
  }
  return bytes;
}

/** Options for tests: no login, and no patience. */
export const QUICK = {
  timing: { firstWait: 1, silence: 400, smallAnswer: 800, longestWait: 2000 },
  credentials: async () => ({}),
};

/** A new store, and what lies in it. */
export function emptyStore(bytes = 1e9): { store: ImageStore; blobs(): string[] } {
  const folder = temporaryFolder();
  const blobs = () => (existsSync(path.join(folder, 'blobs')) ? readdirSync(path.join(folder, 'blobs')) : []);
  return { store: new ImageStore(folder, { bytes }), blobs };
}

export async function withRegistry(test: (registry: FakeRegistry) => Promise<void>): Promise<void> {
  const registry = await FakeRegistry.start();
  try {
    await test(registry);
  } finally {
    registry.close();
  }
}
