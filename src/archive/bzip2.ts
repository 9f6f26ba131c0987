import { BitSource, damaged } from './bzip2-bits';
import { BlockChecksum } from './bzip2-checksum';
import { readSymbol, readTable, type Table } from './bzip2-codes';

/**
 * Unpacks bzip2 block by block, concatenated streams included, with every checksum compared.
 * The format: https://en.wikipedia.org/wiki/Bzip2#File_format. Node has no bzip2 of its own, and ADD unpacks it.
 */
export async function* bunzip2(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const bits = new BitSource(chunks[Symbol.asyncIterator]());
  try {
    do {
      yield* unpackStream(bits);
      bits.toByte();
      await bits.fill();
    } while (bits.hasMore);
  } finally {
    await bits.close();
  }
}

const BLOCK_MAGIC = 0x314159265359;
const END_MAGIC = 0x177245385090;

async function* unpackStream(bits: BitSource): AsyncGenerator<Uint8Array> {
  await bits.fill();
  const level = bits.take(24) === 0x425a68 ? bits.take(8) - 0x30 : 0;
  if (level < 1 || level > 9) throw damaged('a stream begins with something else');
  const block = new Uint32Array(level * 100_000);
  for (let streamSum = 0; ; ) {
    await bits.fill();
    const magic = bits.take(24) * 2 ** 24 + bits.take(24);
    const sum = bits.takeWord();
    if (magic === END_MAGIC) {
      if (sum !== streamSum) throw damaged('the checksum of a stream is wrong');
      return;
    }
    if (magic !== BLOCK_MAGIC) throw damaged('a block begins with something else');
    const { length, start } = decodeBlock(bits, block);
    const check = new BlockChecksum();
    yield* unsorted(block, length, start, check);
    if (check.value !== sum) throw damaged('the checksum of a block is wrong');
    streamSum = (((streamSum << 1) | (streamSum >>> 31)) ^ sum) >>> 0;
  }
}

/** Fills `block` with the Burrows–Wheeler transformed bytes, linked to their successors; `start` is the first. */
function decodeBlock(bits: BitSource, block: Uint32Array): { length: number; start: number } {
  if (bits.take(1) === 1) throw damaged('a block is of a kind that was given up in 1997');
  const origin = bits.take(24);
  const bytes = usedBytes(bits);
  const symbolCount = bytes.length + 2;
  const tableCount = bits.take(3);
  if (tableCount < 2 || tableCount > 6) throw damaged('a block has a wrong number of tables');
  const selectors = readSelectors(bits, tableCount);
  const tables = Array.from({ length: tableCount }, () => readTable(bits, symbolCount));
  const counts = new Uint32Array(256);
  const length = readSymbols(bits, { block, bytes, selectors, tables, counts });
  if (origin >= length) throw damaged('a block begins outside of itself');
  let sum = 0;
  for (let byte = 0; byte < 256; byte++) {
    const count = counts[byte]!;
    counts[byte] = sum;
    sum += count;
  }
  for (let index = 0; index < length; index++) {
    const byte = block[index]! & 0xff;
    const at = counts[byte]!;
    counts[byte] = at + 1;
    block[at] = block[at]! | (index << 8);
  }
  return { length, start: block[origin]! >>> 8 };
}

/** The byte values that occur in the block, as two levels of bit maps tell. */
function usedBytes(bits: BitSource): Uint8Array {
  const ranges = bits.take(16);
  const bytes: number[] = [];
  for (let range = 0; range < 16; range++) {
    if ((ranges & (0x8000 >> range)) === 0) continue;
    const used = bits.take(16);
    for (let index = 0; index < 16; index++) {
      if ((used & (0x8000 >> index)) !== 0) bytes.push(range * 16 + index);
    }
  }
  if (bytes.length === 0) throw damaged('a block has no bytes');
  return Uint8Array.from(bytes);
}

/** Which table decodes each group of fifty symbols. */
function readSelectors(bits: BitSource, tableCount: number): Uint8Array {
  const selectors = new Uint8Array(bits.take(15));
  const recent = Uint8Array.from({ length: tableCount }, (_, index) => index);
  for (let index = 0; index < selectors.length; index++) {
    let rank = 0;
    while (bits.take(1) === 1) if (++rank >= tableCount) throw damaged('a selector is out of range');
    selectors[index] = toFront(recent, rank);
  }
  return selectors;
}

interface BlockParts {
  readonly block: Uint32Array;
  readonly bytes: Uint8Array;
  readonly selectors: Uint8Array;
  readonly tables: readonly Table[];
  readonly counts: Uint32Array;
}

/** Undoes Huffman codes, run lengths and move-to-front; how many bytes that gave. */
function readSymbols(bits: BitSource, { block, bytes, selectors, tables, counts }: BlockParts): number {
  const recent = bytes.slice();
  const end = bytes.length + 1;
  let length = 0;
  let run = 0;
  let weight = 1;
  for (let index = 0; ; index++) {
    const table = tables[selectors[Math.floor(index / 50)] ?? -1];
    if (!table) throw damaged('a block has too few selectors');
    const symbol = readSymbol(bits, table);
    if (symbol <= 1) {
      run += weight << symbol;
      weight <<= 1;
      if (run > block.length) throw damaged('a block is longer than it may be');
      continue;
    }
    if (run > 0) {
      if (length + run > block.length) throw damaged('a block is longer than it may be');
      block.fill(recent[0]!, length, length + run);
      counts[recent[0]!] = counts[recent[0]!]! + run;
      length += run;
      run = 0;
      weight = 1;
    }
    if (symbol === end) return length;
    if (length >= block.length) throw damaged('a block is longer than it may be');
    const byte = toFront(recent, symbol - 1);
    block[length++] = byte;
    counts[byte] = counts[byte]! + 1;
  }
}

function toFront(recent: Uint8Array, rank: number): number {
  const value = recent[rank]!;
  recent.copyWithin(1, 0, rank);
  recent[0] = value;
  return value;
}

const PIECE = 64 * 1024;

/** Walks the linked bytes, and gives runs back: after four equal bytes stands how many more there are. */
function* unsorted(
  block: Uint32Array,
  length: number,
  start: number,
  check: BlockChecksum,
): Generator<Uint8Array, void, undefined> {
  let piece = new Uint8Array(PIECE);
  let filled = 0;
  let equal = 0;
  let previous = -1;
  for (let left = length, at = start; left > 0; left--) {
    const link = block[at]!;
    at = link >>> 8;
    const byte = link & 0xff;
    const copies = equal === 4 ? byte : 1;
    if (equal === 4) equal = 0;
    else {
      equal = byte === previous ? equal + 1 : 1;
      previous = byte;
    }
    for (let copy = 0; copy < copies; copy++) {
      piece[filled++] = previous;
      if (filled < PIECE) continue;
      check.add(piece);
      yield piece;
      piece = new Uint8Array(PIECE);
      filled = 0;
    }
    if (equal === 0) previous = -1;
  }
  const rest = piece.subarray(0, filled);
  check.add(rest);
  if (filled > 0) yield rest;
}
