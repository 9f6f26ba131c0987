import type { ByteFeed } from './byte-feed';
import { ArchiveFault, quoted } from './fault';
import { type PaxRecords, paxInteger, paxName, paxTime, paxXattrs } from './pax';
import type { SparseFile, SparsePiece } from './sparse';
import type { TarHeader } from './tar-header';

export type TarEntryType =
  | 'file'
  | 'hardlink'
  | 'symlink'
  | 'character'
  | 'block'
  | 'directory'
  | 'fifo'
  /** A label of the volume or another note for tar itself. */
  | 'note'
  | 'unknown';

export interface TarEntry {
  /** As written: with or without `./` in front and `/` behind. */
  readonly name: string;
  readonly type: TarEntryType;
  /** The letter of the header. */
  readonly typeFlag: string;
  /** The twelve permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly uname: string;
  readonly gname: string;
  /** Bytes of the file; of a sparse one with its holes. 0 for all that is not a file. */
  readonly size: number;
  /** Seconds since 1970, from pax headers with a fraction. */
  readonly mtime: number;
  readonly linkname: string;
  readonly major: number;
  readonly minor: number;
  /** From `SCHILY.xattr.*`, one character a byte. */
  readonly xattrs: Readonly<Record<string, string>> | undefined;
  /** Where the stored bytes start in the uncompressed archive, and how many there are. */
  readonly offset: number;
  readonly storedSize: number;
  /** Where the stored bytes belong, when the file has holes. */
  readonly sparse: readonly SparsePiece[] | undefined;
  /** The bytes, holes filled with zeros. To be read before the next entry is asked for. */
  body(): AsyncIterable<Uint8Array>;
}

/** The entry that a header and its extended headers describe; the feed stands at its first stored byte. */
export function entryOf(
  feed: ByteFeed,
  header: TarHeader,
  records: PaxRecords,
  sparse: SparseFile | undefined,
): TarEntry {
  const type = typeOf(header);
  const xattrs = records.size === 0 ? undefined : paxXattrs(records);
  // Links, devices, folders and fifos have no bytes, whatever their header claims.
  const storedSize = /[1-6]/.test(header.typeFlag) ? 0 : header.size;
  const { name } = header;
  const offset = feed.position;
  if (sparse && sparse.pieces.reduce((sum, { length }) => sum + length, 0) !== storedSize) {
    throw new ArchiveFault('damaged', `the sparse map of ${quoted(name)} does not fit its data`);
  }
  const stored = () => storedBytes(feed, { name, offset, storedSize });
  // Written out without spreads: this runs for every entry of every layer.
  return {
    name,
    type,
    typeFlag: header.typeFlag,
    mode: header.mode & 0o7777,
    uid: paxInteger(records, 'uid') ?? header.uid,
    gid: paxInteger(records, 'gid') ?? header.gid,
    uname: paxName(records, 'uname') ?? header.uname,
    gname: paxName(records, 'gname') ?? header.gname,
    size: type === 'file' ? (sparse?.size ?? storedSize) : 0,
    mtime: paxTime(records, 'mtime') ?? header.mtime,
    linkname: type === 'hardlink' || type === 'symlink' ? header.linkname : '',
    major: header.major,
    minor: header.minor,
    xattrs,
    offset,
    storedSize,
    sparse: sparse?.pieces,
    body: () => (sparse ? withHoles(stored(), sparse) : stored()),
  };
}

function typeOf({ typeFlag, name }: TarHeader): TarEntryType {
  switch (typeFlag) {
    case '\0':
      // Before ustar there was no flag for directories.
      return name.endsWith('/') ? 'directory' : 'file';
    case '0':
    case '7':
    case 'S':
      return 'file';
    case '1':
      return 'hardlink';
    case '2':
      return 'symlink';
    case '3':
      return 'character';
    case '4':
      return 'block';
    case '5':
    case 'D':
      return 'directory';
    case '6':
      return 'fifo';
    case 'V':
    case 'X':
      return 'note';
    default:
      return 'unknown';
  }
}

export function cutOff(
  entry: Pick<TarEntry, 'name' | 'offset' | 'storedSize'>,
  position: number,
): ArchiveFault {
  const had = position - entry.offset;
  return new ArchiveFault(
    'truncated',
    `it is truncated: entry ${quoted(entry.name)} ends after ${had} of ${entry.storedSize} bytes`,
  );
}

async function* storedBytes(
  feed: ByteFeed,
  entry: Pick<TarEntry, 'name' | 'offset' | 'storedSize'>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const end = entry.offset + entry.storedSize;
  let expected = entry.offset;
  while (expected < end) {
    if (feed.position !== expected) {
      throw new Error(`Cannot read entry ${quoted(entry.name)}: the archive was read on past it`);
    }
    const bytes = await feed.takeSome(end - expected);
    if (bytes.length === 0) throw cutOff(entry, feed.position);
    expected += bytes.length;
    yield bytes;
  }
}

const ZEROS = new Uint8Array(64 * 1024);

async function* withHoles(stored: AsyncIterable<Uint8Array>, file: SparseFile): AsyncGenerator<Uint8Array> {
  let at = 0;
  const pieces = file.pieces.filter(({ length }) => length > 0)[Symbol.iterator]();
  let piece = pieces.next();
  for await (let bytes of stored) {
    while (bytes.length > 0 && !piece.done) {
      yield* zeros(piece.value.offset - at);
      at = Math.max(at, piece.value.offset);
      const part = bytes.subarray(0, piece.value.offset + piece.value.length - at);
      yield part;
      at += part.length;
      bytes = bytes.subarray(part.length);
      if (at === piece.value.offset + piece.value.length) piece = pieces.next();
    }
  }
  yield* zeros(file.size - at);
}

function* zeros(length: number): Generator<Uint8Array> {
  for (let left = length; left > 0; left -= ZEROS.length)
    yield ZEROS.subarray(0, Math.min(left, ZEROS.length));
}
