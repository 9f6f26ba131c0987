import { isObject, type JsonObject, objectOf, objectsOf, textOf } from '../json-shape';
import { RegistryFault } from './fault';

/** What a table of contents tells of one entry of a layer's tar, in the tar's order. */
export interface TableEntry {
  readonly type: 'file' | 'directory' | 'symlink' | 'hardlink' | 'character' | 'block' | 'fifo';
  /** As in the tar, whiteouts too. */
  readonly name: string;
  readonly linkname: string;
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  /** Seconds since 1970, where they are told. */
  readonly mtime?: number;
  readonly major: number;
  readonly minor: number;
  /** Of a file's bytes. */
  readonly digest?: string;
  /** Where the compressed bytes of a file begin in the blob. */
  readonly offset?: number;
  readonly xattrs: Readonly<Record<string, Uint8Array>>;
}

const TYPES: Readonly<Record<string, TableEntry['type']>> = {
  reg: 'file',
  dir: 'directory',
  symlink: 'symlink',
  hardlink: 'hardlink',
  char: 'character',
  block: 'block',
  fifo: 'fifo',
};
const MOST_ENTRIES = 2_000_000;

/**
 * The entries of a table; further chunks of a file belong to the file, and landmarks of prefetching are left out. Throws a
 * `RegistryFault` for what is no such table.
 */
export function parseTable(json: unknown): TableEntry[] {
  const { entries, version } = objectOf(json);
  if (!Array.isArray(entries) || version !== 1) {
    throw new RegistryFault('damaged', 'the table of contents is of a form that is not read');
  }
  if (entries.length > MOST_ENTRIES) throw new RegistryFault('refused', 'the table of contents is too long');
  return objectsOf(entries).flatMap((entry) => {
    const type = TYPES[textOf(entry.type) ?? ''];
    const name = textOf(entry.name) ?? '';
    if (entry.type === 'chunk' || LANDMARKS.has(name)) return [];
    if (type === undefined || name === '')
      throw new RegistryFault('damaged', 'the table of contents has an entry that is none');
    return [entryOf(type, name, entry)];
  });
}

/** https://github.com/containerd/stargz-snapshotter/blob/v0.16.3/docs/estargz.md#prioritized-files-and-landmark-files */
const LANDMARKS: ReadonlySet<string> = new Set([
  '.prefetch.landmark',
  '.no.prefetch.landmark',
  'stargz.index.json',
]);

function entryOf(type: TableEntry['type'], name: string, entry: JsonObject): TableEntry {
  const mtime = Date.parse(textOf(entry.modtime) ?? '') / 1000;
  const digest = textOf(entry.digest);
  const { offset } = entry;
  return {
    type,
    name,
    linkname: textOf(entry.linkName) ?? '',
    mode: numberOf(entry.mode) & 0o7777,
    uid: numberOf(entry.uid),
    gid: numberOf(entry.gid),
    size: numberOf(entry.size),
    major: numberOf(entry.devMajor),
    minor: numberOf(entry.devMinor),
    xattrs: xattrsOf(entry.xattrs),
    ...(Number.isFinite(mtime) && { mtime }),
    ...(digest && { digest }),
    ...(typeof offset === 'number' && { offset }),
  };
}

/** What is zero is left out. */
function numberOf(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : 0;
}

function xattrsOf(value: unknown): Record<string, Uint8Array> {
  if (!isObject(value)) return {};
  const texts = Object.entries(value).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return Object.fromEntries(texts.map(([name, base64]) => [name, Buffer.from(base64, 'base64')]));
}
