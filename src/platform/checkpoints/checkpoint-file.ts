import { createHash } from 'node:crypto';
import { inflateRawSync } from 'node:zlib';
import { WINDOW } from './gunzip-in-steps';
import type { BlockStart } from './resume';

/** A place from which a gzip file can be read: the start of a block, and what lies before it in the stream. */
export interface Checkpoint extends BlockStart {
  /** Deflated. */
  readonly window: Uint8Array;
}

/** A file begins with this, so that one of another version is made anew. */
const MAGIC = Buffer.from('gzip checkpoints 1\n');
const CHECKSUM = 32;
const RECORD = 24;

/** Magic, checksum, number of checkpoints, their numbers, their windows. */
export function encodeCheckpoints(checkpoints: readonly Checkpoint[]): Uint8Array {
  const numbers = Buffer.alloc(4 + RECORD * checkpoints.length);
  numbers.writeUInt32LE(checkpoints.length);
  checkpoints.forEach(({ input, bit, output, window }, index) => {
    const at = 4 + index * RECORD;
    numbers.writeDoubleLE(input, at);
    numbers.writeDoubleLE(output, at + 8);
    numbers.writeUInt32LE(bit, at + 16);
    numbers.writeUInt32LE(window.length, at + 20);
  });
  const body = Buffer.concat([numbers, ...checkpoints.map(({ window }) => window)]);
  // Memory of its own, for it goes to another thread.
  return Uint8Array.from(Buffer.concat([MAGIC, checksumOf(body), body]));
}

/** In the order of the stream; `undefined` where the bytes are damaged, or of another version. */
export function decodeCheckpoints(bytes: Uint8Array): Checkpoint[] | undefined {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const body = file.subarray(MAGIC.length + CHECKSUM);
  const isOurs = file.subarray(0, MAGIC.length).equals(MAGIC);
  if (!isOurs || !checksumOf(body).equals(file.subarray(MAGIC.length, MAGIC.length + CHECKSUM)))
    return undefined;
  const count = body.readUInt32LE(0);
  let windowAt = 4 + RECORD * count;
  return Array.from({ length: count }, (_, index) => {
    const at = 4 + index * RECORD;
    const window = body.subarray(windowAt, windowAt + body.readUInt32LE(at + 20));
    windowAt += window.length;
    const [input, output] = [body.readDoubleLE(at), body.readDoubleLE(at + 8)];
    return { input, bit: body.readUInt32LE(at + 16), output, window };
  });
}

export function windowOf({ window }: Checkpoint): Uint8Array {
  return inflateRawSync(window, { maxOutputLength: WINDOW });
}

function checksumOf(body: Uint8Array): Buffer {
  return createHash('sha256').update(body).digest();
}
