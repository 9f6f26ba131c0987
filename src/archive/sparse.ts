/**
 * Files with holes, in the four spellings of GNU tar.
 * https://www.gnu.org/software/tar/manual/html_node/Sparse-Formats.html
 */
import type { ByteFeed } from './byte-feed';
import { ArchiveFault } from './fault';
import { type PaxRecords, paxInteger, paxName } from './pax';
import { BLOCK, type TarHeader } from './tar-header';
import { bytesAsText, decodeDecimal, decodeNumber } from './tar-text';

/** Data at `offset` of the file, `length` bytes; between the pieces there are zeros. */
export interface SparsePiece {
  readonly offset: number;
  readonly length: number;
}

export interface SparseFile {
  readonly size: number;
  readonly pieces: readonly SparsePiece[];
  /** Under which the file is known, where the header has a stand-in. */
  readonly name?: string;
}

const MAX_PIECES = 1_000_000;

/** The holes of the file that `header` and `records` describe, reading what of the map comes before the data. */
export async function readSparse(
  feed: ByteFeed,
  header: TarHeader,
  records: PaxRecords,
): Promise<SparseFile | undefined> {
  if (header.typeFlag === 'S') return checked(await readOldMap(feed, header.block));
  const name = paxName(records, 'GNU.sparse.name');
  const named = name === undefined ? {} : { name };
  const size = paxInteger(records, 'GNU.sparse.realsize') ?? paxInteger(records, 'GNU.sparse.size');
  if (size === undefined) return undefined;
  if (paxInteger(records, 'GNU.sparse.major') === 1) {
    return checked({ ...named, size, pieces: await readDataMap(feed, header.size) });
  }
  const numbers = (paxName(records, 'GNU.sparse.map') ?? '').split(',').filter((text) => text !== '');
  return checked({ ...named, size, pieces: pairs(numbers) });
}

/** Format "old GNU": four pieces in the header, 21 in each block that follows. */
async function readOldMap(feed: ByteFeed, header: Uint8Array): Promise<SparseFile> {
  const pieces: SparsePiece[] = [];
  const collect = (block: Uint8Array, start: number, count: number) => {
    for (let at = start; at < start + count * 24 && block[at] !== 0; at += 24) {
      const offset = decodeNumber(block.subarray(at, at + 12));
      pieces.push({ offset, length: decodeNumber(block.subarray(at + 12, at + 24)) });
    }
  };
  // The block is only valid until more is taken.
  const size = decodeNumber(header.subarray(483, 495));
  collect(header, 386, 4);
  for (let more = header[482]; more !== 0 && more !== undefined && pieces.length < MAX_PIECES; ) {
    const block = await feed.take(BLOCK);
    if (block.length < BLOCK) throw new ArchiveFault('truncated', 'it is truncated within a sparse map');
    collect(block, 0, 21);
    more = block[504];
  }
  return { size, pieces };
}

/** Format 1.0: decimal numbers, a line each, in the first blocks of the data. */
async function readDataMap(feed: ByteFeed, size: number): Promise<SparsePiece[]> {
  const end = feed.position + size;
  let text = '';
  let wanted = 1;
  for (let lines = 0; lines < wanted; ) {
    const block = await feed.take(Math.min(BLOCK, end - feed.position));
    if (block.length < BLOCK || text.length > MAX_PIECES * 24) {
      throw new ArchiveFault('damaged', 'a sparse map does not end');
    }
    text += bytesAsText(block);
    if (lines === 0 && text.includes('\n')) wanted = 1 + 2 * count(text);
    for (const byte of block) if (byte === 0x0a) lines++;
  }
  return pairs(text.split('\n').slice(1, wanted));
}

function count(text: string): number {
  const pieces = decodeDecimal(text.slice(0, text.indexOf('\n')), 'the length of a sparse map');
  if (pieces < 0 || pieces > MAX_PIECES) throw new ArchiveFault('refused', 'a sparse map is too long');
  return pieces;
}

function pairs(numbers: readonly string[]): SparsePiece[] {
  const pieces: SparsePiece[] = [];
  for (let index = 0; index + 1 < numbers.length; index += 2) {
    const offset = decodeDecimal(numbers[index]!, 'an offset in a sparse map');
    pieces.push({ offset, length: decodeDecimal(numbers[index + 1]!, 'a length in a sparse map') });
  }
  return pieces;
}

function checked(file: SparseFile): SparseFile {
  let end = 0;
  for (const { offset, length } of file.pieces) {
    if (offset < end || length < 0 || offset + length > file.size) {
      throw new ArchiveFault('damaged', 'a sparse map is out of order');
    }
    end = offset + length;
  }
  return file;
}
