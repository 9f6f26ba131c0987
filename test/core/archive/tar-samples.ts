import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { readTar, type TarEntry } from '../../../src/archive/tar';
import { type TarSource, writeTar } from '../../../src/archive/write-tar';

/** Archives that GNU tar wrote, in `test/golden/archives`. */
export function goldenArchive(name: string): Uint8Array {
  return gunzipSync(readFileSync(path.resolve('test/golden/archives', `${name}.tar.gz`)));
}

export async function* inChunks(bytes: Uint8Array, size = 700): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

export async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

export function tarOf(...sources: TarSource[]): Promise<Buffer> {
  return collect(writeTar(sources));
}

export interface ListedEntry extends Omit<TarEntry, 'body'> {
  readonly bytes: Buffer;
}

export async function listTar(bytes: Uint8Array, chunk?: number): Promise<ListedEntry[]> {
  const entries: ListedEntry[] = [];
  for await (const { body, ...entry } of readTar(inChunks(bytes, chunk))) {
    entries.push({ ...entry, bytes: await collect(body()) });
  }
  return entries;
}

/** A header block made by hand; `fields` overwrite its bytes before the checksum is taken. */
export function rawHeader(
  name: string,
  typeFlag: string,
  size: number,
  fields: Record<number, string> = {},
): Buffer {
  const block = Buffer.alloc(512);
  block.write(name, 0);
  block.write('0000644\0', 100);
  block.write('0000000\0', 108);
  block.write('0000000\0', 116);
  block.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  block.write('00000000000\0', 136);
  block.write(typeFlag, 156);
  block.write('ustar  \0', 257);
  for (const [at, value] of Object.entries(fields)) block.write(value, Number(at), 'latin1');
  block.write('        ', 148);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

export function padded(bytes: Uint8Array | string): Buffer {
  const data = Buffer.from(bytes as string);
  return Buffer.concat([data, Buffer.alloc((512 - (data.length % 512)) % 512)]);
}

export const END = Buffer.alloc(1024);
