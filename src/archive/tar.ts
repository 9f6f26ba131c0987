import { type ByteFeed, feedOfChunks } from './byte-feed';
import { ArchiveFault, isArchiveFault, quoted } from './fault';
import { type OrdinaryEntry, OrdinaryHeader } from './ordinary-header';
import { type PaxRecords, parsePax, paxInteger, paxName } from './pax';
import { readSparse } from './sparse';
import { cutOff, entryOf, type TarEntry } from './tar-entry';
import { BLOCK, isZeroBlock, parseHeader, type TarHeader } from './tar-header';
import { decodeName, untilNul } from './tar-text';

export interface ReadTarOptions {
  readonly signal?: AbortSignal | undefined;
  /** More entries than this are refused. */
  readonly maxEntries?: number;
  /** Entries of a type that nobody knows are a fault unless they are asked for. */
  readonly unknownTypes?: 'given';
  /** Where the archive ends behind the bytes of its last entry: Go's reader, and so the builder, takes that. */
  readonly cutPadding?: 'taken';
}

export type { OrdinaryEntry } from './ordinary-header';
export type { TarEntry, TarEntryType } from './tar-entry';

export interface TarVisitor {
  /** Its fields are valid until it returns. */
  ordinary(entry: OrdinaryEntry): void;
  /** Whose header is not all there is to it. Its body may be read until this is done. */
  entry(entry: TarEntry): void | Promise<void>;
}

/** Go's archive/tar has the same limit for what describes an entry; real headers stay below 100 KiB. */
const MAX_EXTENSION = 1024 * 1024;
const MAX_ENTRIES = 5_000_000;

/**
 * The entries of a tar (V7, ustar, pax, GNU) in the order of the archive, without keeping any bytes. After the
 * last entry the source is read to its end, so that a hash over it is a hash of all of it. An archive may end
 * without its two zero blocks, though not within an entry.
 *
 * Throws `ArchiveFault`: `foreign` when the very first header is none, `truncated`, `damaged`, `refused`.
 */
export async function* readTar(
  source: AsyncIterable<Uint8Array> | ByteFeed,
  options: ReadTarOptions = {},
): AsyncGenerator<TarEntry, void, undefined> {
  const feed = feedOf(source);
  const max = options.maxEntries ?? MAX_ENTRIES;
  const headers = new HeaderReader(feed);
  try {
    for (let count = 0; ; count++) {
      options.signal?.throwIfAborted();
      const entry = await headers.next();
      if (!entry) break;
      if (count >= max) throw new ArchiveFault('refused', `it has more than ${max} entries`);
      if (entry.type === 'unknown' && !options.unknownTypes) throw unknownType(entry);
      yield entry;
      await finish(feed, entry, options);
    }
    await feed.skip(Number.POSITIVE_INFINITY);
  } finally {
    await feed.close();
  }
}

// Node's own streams have a `take` as well.
function feedOf(source: AsyncIterable<Uint8Array> | ByteFeed): ByteFeed {
  return 'takeSome' in source ? source : feedOfChunks(source);
}

/** The same for who wants all entries as fast as they come: it only waits where bytes have to come. */
export async function walkTar(
  source: AsyncIterable<Uint8Array> | ByteFeed,
  visitor: TarVisitor,
  { signal, maxEntries = MAX_ENTRIES }: Pick<ReadTarOptions, 'signal' | 'maxEntries'> = {},
): Promise<void> {
  const feed = feedOf(source);
  const headers = new HeaderReader(feed);
  try {
    for (let count = 0; ; count++) {
      signal?.throwIfAborted();
      count += await walkOrdinary(feed, headers, visitor, maxEntries - count);
      const entry = await headers.next();
      if (!entry) break;
      if (count >= maxEntries) throw new ArchiveFault('refused', `it has more than ${maxEntries} entries`);
      if (entry.type === 'unknown') throw unknownType(entry);
      await visitor.entry(entry);
      await finish(feed, entry, {});
    }
    await feed.skip(Number.POSITIVE_INFINITY);
  } finally {
    await feed.close();
  }
}

/** How many ordinary entries follow each other from here on, at most `room`. */
async function walkOrdinary(
  feed: ByteFeed,
  headers: HeaderReader,
  visitor: TarVisitor,
  room: number,
): Promise<number> {
  let count = 0;
  for (; count < room && feed.has(BLOCK); count++) {
    const entry = headers.ordinary();
    if (!entry) break;
    visitor.ordinary(entry);
    const whole = BLOCK + entry.size + paddingAfter(entry.size);
    const there = feed.skip(whole);
    const skipped = typeof there === 'number' ? there : await there;
    if (skipped < whole) throw endsWithin({ ...entry, storedSize: entry.size }, feed.position);
  }
  return count;
}

function unknownType({ name, typeFlag }: TarEntry): ArchiveFault {
  const what = `entry ${quoted(name)} has the unknown type ${quoted(typeFlag)}`;
  return new ArchiveFault('damaged', `it is damaged: ${what}`);
}

/** Skips what is left of the entry and its padding. */
async function finish(feed: ByteFeed, entry: TarEntry, { cutPadding }: ReadTarOptions): Promise<void> {
  const end = entry.offset + entry.storedSize;
  const left = end - feed.position;
  if ((await feed.skip(left)) < left) throw endsWithin(entry, feed.position);
  const padding = paddingAfter(end - entry.offset);
  if ((await feed.skip(padding)) < padding && !cutPadding) throw endsWithin(entry, feed.position);
}

function endsWithin(entry: Pick<TarEntry, 'name' | 'offset' | 'storedSize'>, position: number): ArchiveFault {
  if (position < entry.offset + entry.storedSize) return cutOff(entry, position);
  const place = `it ends in the padding of entry ${quoted(entry.name)}`;
  return new ArchiveFault('truncated', `it is truncated: ${place}`);
}

function paddingAfter(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}

/** Puts the headers that describe one entry together. */
class HeaderReader {
  private globals: PaxRecords = new Map();
  private last = '';

  private readonly plain = new OrdinaryHeader();

  constructor(private readonly feed: ByteFeed) {}

  /** The entry whose header lies in the feed's hand, where that is all there is to it. It is not taken yet. */
  ordinary(): OrdinaryEntry | undefined {
    const { feed, plain: header } = this;
    if (this.globals.size > 0 || !header.read(feed.hand, feed.at)) return undefined;
    header.offset = feed.position + BLOCK;
    this.last = header.name;
    return header;
  }

  async next(): Promise<TarEntry | undefined> {
    try {
      return await this.assemble();
    } catch (error) {
      throw this.located(error);
    }
  }

  private async assemble(): Promise<TarEntry | undefined> {
    let records: PaxRecords = this.globals;
    const long: { name?: string; link?: string } = {};
    for (let first = true; ; first = false) {
      const header = await this.header();
      if (!header) {
        if (first) return undefined;
        throw new ArchiveFault('truncated', 'it is truncated: it ends after an extended header');
      }
      if (header.typeFlag === 'g') {
        this.globals = merged(this.globals, parsePax(await this.extension(header)));
        records = merged(records, this.globals);
      } else if (header.typeFlag === 'x') {
        records = merged(this.globals, parsePax(await this.extension(header)));
      } else if (header.typeFlag === 'L') {
        long.name = decodeName(untilNul(await this.extension(header)));
      } else if (header.typeFlag === 'K') {
        long.link = decodeName(untilNul(await this.extension(header)));
      } else {
        return this.entry(header, records, long);
      }
    }
  }

  private async header(): Promise<TarHeader | undefined> {
    const block = await this.feed.take(BLOCK);
    if (block.length === 0) return undefined;
    if (block.length < BLOCK) {
      if (this.feed.position < BLOCK) throw new ArchiveFault('foreign', 'it is not a tar archive');
      throw new ArchiveFault('truncated', `it is truncated: it ends within a header${this.place()}`);
    }
    if (isZeroBlock(block)) {
      const second = await this.feed.take(BLOCK);
      if (isZeroBlock(second)) return undefined;
      throw new ArchiveFault('damaged', `it is damaged: there is a single zero block${this.place()}`);
    }
    try {
      return parseHeader(block);
    } catch (error) {
      if (this.feed.position === BLOCK) throw new ArchiveFault('foreign', 'it is not a tar archive');
      throw error;
    }
  }

  private place(): string {
    return this.last === '' ? '' : ` after entry ${quoted(this.last)}`;
  }

  /** Faults of the parts, which do not know where they are. */
  private located(error: unknown): unknown {
    if (!isArchiveFault(error) || error.message.startsWith('it is')) return error;
    return new ArchiveFault(error.fault, `it is damaged: ${error.message}${this.place()}`);
  }

  private async extension(header: TarHeader): Promise<Uint8Array> {
    const { size } = header;
    if (size > MAX_EXTENSION) {
      const message = `it is damaged: an extended header claims ${size} bytes${this.place()}`;
      throw new ArchiveFault('refused', message);
    }
    // A copy: global records are kept for all entries that follow.
    const bytes = new Uint8Array(await this.feed.take(size));
    const padding = paddingAfter(size);
    if (bytes.length < size || (await this.feed.skip(padding)) < padding) {
      throw new ArchiveFault(
        'truncated',
        `it is truncated: it ends within an extended header${this.place()}`,
      );
    }
    return bytes;
  }

  private async entry(
    header: TarHeader,
    records: PaxRecords,
    long: { name?: string; link?: string },
  ): Promise<TarEntry> {
    const sized = { ...header, size: paxInteger(records, 'size') ?? header.size };
    if (sized.size < 0) throw new ArchiveFault('damaged', 'a pax header claims a negative size');
    const before = this.feed.position;
    const sparse = await readSparse(this.feed, sized, records);
    // Only the 1.0 map counts as part of the data; the old one stands between header and data.
    const mapped = header.typeFlag === 'S' ? 0 : this.feed.position - before;
    const name = sparse?.name ?? paxName(records, 'path') ?? long.name ?? header.name;
    const linkname = paxName(records, 'linkpath') ?? long.link ?? header.linkname;
    const entry = entryOf(
      this.feed,
      { ...sized, name, linkname, size: sized.size - mapped },
      records,
      sparse,
    );
    this.last = name;
    return entry;
  }
}

function merged(under: PaxRecords, over: PaxRecords): PaxRecords {
  if (under.size === 0) return over;
  const records = new Map(under);
  for (const [key, value] of over) records.set(key, value);
  return records;
}
