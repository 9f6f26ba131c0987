import { ArchiveFault } from './fault';

/** One member, as the central directory has it. */
export interface ZipEntry {
  /** One character a byte: which encoding the name is in is often not said. */
  readonly name: string;
  readonly isUtf8: boolean;
  /** 0: stored, 8: deflated. */
  readonly method: number;
  readonly encrypted: boolean;
  readonly checksum: number;
  readonly packedSize: number;
  readonly size: number;
  /** The system that the attributes are of: 0 is FAT, 3 Unix. */
  readonly system: number;
  /** Unix' mode is in the upper half, DOS' bits are in the lower. */
  readonly attributes: number;
  /** Seconds since 1970, of the extended timestamp where there is one, else of the DOS date taken as UTC. */
  readonly mtime: number;
  readonly extra: ReadonlyMap<number, Uint8Array>;
  /** The member's own header in the archive. */
  readonly offset: number;
}

export interface ZipArchive {
  readonly entries: readonly ZipEntry[];
  /** Bytes before the archive proper, as a self-extracting one has. */
  readonly before: number;
}

const END = 0x06054b50;
const END_SIZE = 22;
const END64 = 0x06064b50;
const END64_LOCATOR = 0x07064b50;
const CENTRAL = 0x02014b50;
const CENTRAL_SIZE = 46;
const LOCAL = 0x04034b50;
const LOCAL_SIZE = 30;
const EXTENDED_TIME = 0x5455;
const ZIP64 = 0x0001;

/**
 * The members of a zip archive (PKWARE's APPNOTE 6.3, with ZIP64). Throws `ArchiveFault`: `foreign` where there is no
 * central directory, `damaged` where it is not what the format asks for.
 */
export function readZip(bytes: Uint8Array): ZipArchive {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { count, size, offset, end } = directoryOf(view);
  const start = end - size;
  const before = start - offset;
  if (start < 0 || before < 0) throw damaged('its central directory is cut');
  const entries: ZipEntry[] = [];
  let at = start;
  while (entries.length < count) {
    if (at + CENTRAL_SIZE > end || view.getUint32(at, true) !== CENTRAL)
      throw damaged(`member ${entries.length + 1} of ${count} is missing from its central directory`);
    const lengths = [28, 30, 32].map((field) => view.getUint16(at + field, true)) as [number, number, number];
    entries.push(entryAt(view, bytes, at, lengths, before));
    at += CENTRAL_SIZE + lengths[0] + lengths[1] + lengths[2];
  }
  return { entries, before };
}

/** The packed bytes of a member. */
export function packedBytes(bytes: Uint8Array, { offset, packedSize, name }: ZipEntry): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (offset + LOCAL_SIZE > bytes.length || view.getUint32(offset, true) !== LOCAL)
    throw damaged(`the header of ${JSON.stringify(name)} is missing`);
  const start = offset + LOCAL_SIZE + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true);
  if (start + packedSize > bytes.length) throw damaged(`${JSON.stringify(name)} is cut`);
  return bytes.subarray(start, start + packedSize);
}

function damaged(how: string): ArchiveFault {
  return new ArchiveFault('damaged', `it is damaged: ${how}`);
}

interface Directory {
  readonly count: number;
  readonly size: number;
  readonly offset: number;
  /** Where the directory ends in the bytes at hand. */
  readonly end: number;
}

/** The record at the end, behind which a comment of up to 64 KiB may stand. */
function directoryOf(view: DataView): Directory {
  const last = view.byteLength - END_SIZE;
  for (let at = last; at >= Math.max(0, last - 0xffff); at--) {
    if (view.getUint32(at, true) !== END) continue;
    const short = {
      count: view.getUint16(at + 10, true),
      size: view.getUint32(at + 12, true),
      offset: view.getUint32(at + 16, true),
      end: at,
    };
    return directory64(view, at) ?? short;
  }
  throw new ArchiveFault('foreign', 'it is not a zip archive');
}

function directory64(view: DataView, end: number): Directory | undefined {
  const locator = end - 20;
  if (locator < 0 || view.getUint32(locator, true) !== END64_LOCATOR) return undefined;
  const at = Number(view.getBigUint64(locator + 8, true));
  if (at + 56 > locator || view.getUint32(at, true) !== END64) throw damaged('its ZIP64 record is missing');
  return {
    count: Number(view.getBigUint64(at + 32, true)),
    size: Number(view.getBigUint64(at + 40, true)),
    offset: Number(view.getBigUint64(at + 48, true)),
    end: at,
  };
}

function entryAt(
  view: DataView,
  bytes: Uint8Array,
  at: number,
  [nameLength, extraLength]: readonly [number, number, number],
  before: number,
): ZipEntry {
  const flags = view.getUint16(at + 8, true);
  const nameAt = at + CENTRAL_SIZE;
  const extra = extraFields(bytes.subarray(nameAt + nameLength, nameAt + nameLength + extraLength));
  const fields = {
    size: view.getUint32(at + 24, true),
    packedSize: view.getUint32(at + 20, true),
    offset: view.getUint32(at + 42, true),
  };
  widen(fields, extra.get(ZIP64));
  return {
    name: String.fromCharCode(...bytes.subarray(nameAt, nameAt + nameLength)),
    isUtf8: (flags & 0x800) !== 0,
    method: view.getUint16(at + 10, true),
    encrypted: (flags & 1) !== 0,
    checksum: view.getUint32(at + 16, true),
    packedSize: fields.packedSize,
    size: fields.size,
    system: bytes[at + 5]!,
    attributes: view.getUint32(at + 38, true),
    mtime:
      extendedTime(extra.get(EXTENDED_TIME)) ??
      dosTime(view.getUint16(at + 14, true), view.getUint16(at + 12, true)),
    extra,
    offset: fields.offset + before,
  };
}

function extraFields(bytes: Uint8Array): Map<number, Uint8Array> {
  const fields = new Map<number, Uint8Array>();
  for (let at = 0; at + 4 <= bytes.length; ) {
    const size = bytes[at + 2]! | (bytes[at + 3]! << 8);
    fields.set(bytes[at]! | (bytes[at + 1]! << 8), bytes.subarray(at + 4, at + 4 + size));
    at += 4 + size;
  }
  return fields;
}

/** Fields that are all ones have their value in the ZIP64 field, in this order. */
function widen(
  fields: { size: number; packedSize: number; offset: number },
  extra: Uint8Array | undefined,
): void {
  if (!extra) return;
  const view = new DataView(extra.buffer, extra.byteOffset, extra.byteLength);
  let at = 0;
  for (const name of ['size', 'packedSize', 'offset'] as const) {
    if (fields[name] !== 0xffffffff || at + 8 > extra.length) continue;
    fields[name] = Number(view.getBigUint64(at, true));
    at += 8;
  }
}

function extendedTime(extra: Uint8Array | undefined): number | undefined {
  if (!extra || extra.length < 5 || (extra[0]! & 1) === 0) return undefined;
  return new DataView(extra.buffer, extra.byteOffset, extra.byteLength).getInt32(1, true);
}

/** Two seconds are the grain. */
function dosTime(date: number, time: number): number {
  const [year, month, day] = [(date >> 9) + 1980, (date >> 5) & 15, date & 31];
  return Date.UTC(year, month - 1, day, time >> 11, (time >> 5) & 63, (time & 31) * 2) / 1000;
}
