import type { Descriptor } from './descriptor';
import { RegistryFault } from './fault';
import { connectionFault, LostConnection } from './http';
import type { Session } from './session';
import type { Patience } from './timing';

type BlobOf = Pick<Descriptor, 'digest' | 'size'>;

/** A connection that gives less than this before it breaks counts as one that gives nothing. */
const PROGRESS = 64 * 1024;

/**
 * The bytes of a blob, as many as its descriptor says. When the connection breaks it goes on where it was, so nothing comes
 * twice. Their digest is not compared here. Throws a `RegistryFault`, or the signal's reason.
 */
export async function* streamBlob(session: Session, blob: BlobOf): AsyncGenerator<Uint8Array> {
  const patience = session.patience();
  let at = 0;
  let lastBreak = 0;
  while (true) {
    let broken: RegistryFault;
    try {
      for await (const chunk of streamFrom(session, blob, { start: at, patience })) {
        at += chunk.length;
        if (at > blob.size) throw sizeFault(blob, 'more');
        yield chunk;
      }
      if (at === blob.size) return;
      broken = new LostConnection(`blob ${blob.digest} ends after ${at} of ${blob.size} bytes`);
    } catch (error) {
      if (!(error instanceof LostConnection)) throw error;
      broken = error;
    }
    if (at === blob.size) return;
    if (at - lastBreak >= PROGRESS) patience.restore();
    lastBreak = at;
    await patience.wait(broken);
  }
}

/** The bytes from `start` to `end` (excluded), which are few. Throws a `RegistryFault` where a server cannot give a part. */
export async function readBlobRange(
  session: Session,
  blob: BlobOf,
  start: number,
  end: number,
): Promise<Buffer> {
  const patience = session.patience();
  const parts: Uint8Array[] = [];
  for (let at = start; at < end; ) {
    for await (const chunk of streamFrom(session, blob, { start: at, end, patience })) {
      parts.push(chunk.subarray(0, end - at));
      at += chunk.length;
      if (at >= end) break;
    }
    if (at < end) throw new LostConnection(`blob ${blob.digest} ends after ${at} of ${blob.size} bytes`);
  }
  return Buffer.concat(parts);
}

async function* streamFrom(
  session: Session,
  blob: BlobOf,
  { start, end = blob.size, patience }: { start: number; end?: number; patience: Patience },
): AsyncGenerator<Uint8Array> {
  const isPart = start > 0 || end < blob.size;
  const last = end < blob.size ? String(end - 1) : '';
  const range = isPart ? { headers: { range: `bytes=${start}-${last}` } } : {};
  const { status, headers, body } = await session.get(`blobs/${blob.digest}`, range, patience);
  try {
    if (status === 206 && !headers['content-range']?.startsWith(`bytes ${start}-`)) {
      throw new RegistryFault(
        'damaged',
        `it answers with another part of blob ${blob.digest} than was asked for`,
      );
    }
    const length = Number(headers['content-length'] ?? blob.size);
    if (status === 200 && length !== blob.size) throw sizeFault(blob, String(length));
    // Servers may ignore ranges: then the whole comes, and what is known already is left out.
    let skip = status === 200 ? start : 0;
    for await (const chunk of body as AsyncIterable<Buffer>) {
      if (skip < chunk.length) yield chunk.subarray(skip);
      skip = Math.max(0, skip - chunk.length);
    }
  } catch (error) {
    session.signal?.throwIfAborted();
    throw connectionFault(error, { host: session.endpoint.host });
  } finally {
    body.destroy();
  }
}

function sizeFault({ digest, size }: BlobOf, found: string): RegistryFault {
  return new RegistryFault(
    'damaged',
    `blob ${digest} has ${found} bytes there, where the manifest says ${size}`,
  );
}
