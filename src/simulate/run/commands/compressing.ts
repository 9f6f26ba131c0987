import { bunzip2 } from '../../../archive/bzip2';
import { sniffCompression } from '../../../archive/compression';
import type { Compression, Content } from '../../../layers/content';
import { type CommandContext, NotSimulated } from '../command';
import { findProgram } from '../lookup';
import { joinBytes } from './bytes';
import { refuseUnreadable } from './input';

/** Compressed bytes that their program would refuse. */
export class DamagedInput extends Error {
  constructor(
    /** Not in that format at all, cut, or something else. */
    readonly how: 'format' | 'end' | 'other',
    options?: ErrorOptions,
  ) {
    super('the compressed bytes are damaged', options);
  }
}

/** The program behind each kind of compression, which GNU tar starts. */
export const PROGRAMS: Readonly<Record<Exclude<Compression, 'none'>, string>> = {
  gzip: 'gzip',
  bzip2: 'bzip2',
  xz: 'xz',
  zstd: 'zstd',
};

/** What an archive may have at most, since it is unpacked in memory. */
const MOST = 512 * 1024 * 1024;

/** All bytes of an archive, also of one that the build made itself. */
export async function archiveBytes(context: CommandContext, content: Content): Promise<Uint8Array> {
  context.checkBudget();
  refuseUnreadable(content);
  if (content.kind === 'inline') return content.bytes;
  if (content.size > MOST) throw new NotSimulated(`\`${context.name}\` of more than 512 MB is not simulated`);
  return context.reader.read(content);
}

export async function decompress(
  context: CommandContext,
  bytes: Uint8Array,
  compression: Compression,
): Promise<Uint8Array> {
  if (compression === 'none') return bytes;
  // gzip and zstd tell an empty input from a wrong one.
  if (bytes.length === 0 && /^(gzip|zstd)$/.test(compression)) throw new DamagedInput('end');
  if (sniffCompression(bytes) !== compression) throw new DamagedInput('format');
  const source = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream();
  try {
    if (compression === 'gzip')
      return await collect(context, source.pipeThrough(new DecompressionStream('gzip')));
    if (compression === 'bzip2') return await gather(context, bunzip2(oneChunk(bytes)));
    if (compression === 'zstd') return (await import('fzstd')).decompress(bytes);
    const { XzReadableStream } = await import('xz-decompress');
    return await collect(context, new XzReadableStream(source));
  } catch (error) {
    if (error instanceof NotSimulated) throw error;
    const isCut = error instanceof Error && /unexpected end|truncated/i.test(error.message);
    throw new DamagedInput(isCut ? 'end' : 'other', { cause: error });
  }
}

/** Raw deflate, as zip has it. */
export async function inflate(context: CommandContext, bytes: Uint8Array): Promise<Uint8Array> {
  const source = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream();
  try {
    return await collect(context, source.pipeThrough(new DecompressionStream('deflate-raw')));
  } catch (error) {
    if (error instanceof NotSimulated) throw error;
    throw new NotSimulated('unpacking damaged data is not simulated');
  }
}

async function* oneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function gather(context: CommandContext, chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let total = 0;
  for await (const piece of chunks) {
    context.checkBudget();
    total += piece.length;
    if (total > MOST) throw new NotSimulated('unpacking more than 512 MB in a RUN is not simulated');
    // Its buffer is used again for the next piece.
    pieces.push(piece.slice());
  }
  return joinBytes(pieces);
}

async function collect(context: CommandContext, stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  const reader = stream.getReader();
  for (let total = 0; ; ) {
    const { done, value } = await reader.read();
    if (done) return joinBytes(pieces);
    context.checkBudget();
    total += value.length;
    if (total > MOST) throw new NotSimulated('unpacking more than 512 MB in a RUN is not simulated');
    pieces.push(value);
  }
}

/** Why a compressed file never equals the real one byte for byte. */
export const VARIES =
  'it was compressed or packed in the build, and its exact bytes depend on program and time';

export async function compress(
  context: CommandContext,
  bytes: Uint8Array,
  compression: Compression,
): Promise<Content> {
  if (compression === 'none') return { kind: 'inline', bytes, size: bytes.length, varies: VARIES };
  if (compression !== 'gzip')
    return { kind: 'placeholder', size: bytes.length, reason: `packing by ${compression} is not simulated` };
  const source = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream();
  const packed = await collect(context, source.pipeThrough(new CompressionStream('gzip')));
  return { kind: 'inline', bytes: packed, size: packed.length, varies: VARIES };
}

/** Whether the image has the program. One that may be there is taken to be. */
export function hasProgram(context: CommandContext, name: string): boolean {
  const found = findProgram(context.fileSystem, name, { path: context.env.get('PATH'), cwd: context.cwd });
  if (found.kind === 'unknown') context.model(`\`${name}\` may not be in the image: ${found.reason}`);
  return found.kind === 'present' || found.kind === 'unknown';
}
