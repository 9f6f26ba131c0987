/**
 * Extended headers: `LENGTH KEY=VALUE\n`, where LENGTH counts the whole record.
 * https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html#tag_20_92_13_03
 */
import { joined } from './byte-feed';
import { ArchiveFault } from './fault';
import { bytesAsText, decodeDecimal, decodeName, encodeName } from './tar-text';

/** Values are bytes: names are UTF-8, extended attributes anything. An empty value takes a global one back. */
export type PaxRecords = ReadonlyMap<string, Uint8Array>;

export const XATTR_PREFIX = 'SCHILY.xattr.';

export function parsePax(bytes: Uint8Array): Map<string, Uint8Array> {
  const records = new Map<string, Uint8Array>();
  const sparseMap: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const { key, value, end } = recordAt(bytes, at);
    // Sparse format 0.0 repeats its keys, so the pairs are gathered as format 0.1 writes them.
    if (key === 'GNU.sparse.offset' || key === 'GNU.sparse.numbytes') sparseMap.push(bytesAsText(value));
    else records.set(key, value);
    at = end;
  }
  if (sparseMap.length > 0) records.set('GNU.sparse.map', encodeName(sparseMap.join(',')));
  return records;
}

function recordAt(bytes: Uint8Array, start: number): { key: string; value: Uint8Array; end: number } {
  const space = bytes.indexOf(0x20, start);
  const digits = space < 0 || space - start > 9 ? '' : bytesAsText(bytes.subarray(start, space));
  const end = /^\d+$/.test(digits) ? start + Number(digits) : 0;
  const equals = bytes.indexOf(0x3d, space);
  if (end <= space + 1 || end > bytes.length || equals < 0 || equals >= end || bytes[end - 1] !== 0x0a) {
    throw new ArchiveFault('damaged', 'a pax header is malformed');
  }
  return {
    key: decodeName(bytes.subarray(space + 1, equals)),
    value: bytes.subarray(equals + 1, end - 1),
    end,
  };
}

export function formatPax(records: PaxRecords): Uint8Array {
  const parts: Uint8Array[] = [];
  let total = 0;
  for (const [key, value] of records) {
    const head = encodeName(` ${key}=`);
    const rest = head.length + value.length + 1;
    // The length counts its own digits, which it may itself make one more.
    let length = rest + String(rest).length;
    length = rest + String(length).length;
    parts.push(encodeName(String(length)), head, value, Uint8Array.of(0x0a));
    total += length;
  }
  return joined(parts, total);
}

export function paxName(records: PaxRecords, key: string): string | undefined {
  const value = records.get(key);
  if (!value || value.length === 0) return undefined;
  if (value.includes(0)) throw new ArchiveFault('damaged', `a pax header has a NUL in its ${key}`);
  return decodeName(value);
}

export function paxInteger(records: PaxRecords, key: string): number | undefined {
  const value = records.get(key);
  return value && value.length > 0 ? decodeDecimal(bytesAsText(value), `${key} in a pax header`) : undefined;
}

/** Seconds since 1970, with a fraction. */
export function paxTime(records: PaxRecords, key: string): number | undefined {
  const value = records.get(key);
  if (!value || value.length === 0) return undefined;
  const text = bytesAsText(value);
  if (!/^-?\d{1,15}(\.\d*)?$/.test(text)) {
    throw new ArchiveFault('damaged', `${key} in a pax header is not a time`);
  }
  return Number(text);
}

/** Extended attributes, one character a byte; `undefined` when there are none. */
export function paxXattrs(records: PaxRecords): Record<string, string> | undefined {
  let xattrs: Record<string, string> | undefined;
  for (const [key, value] of records) {
    if (!key.startsWith(XATTR_PREFIX)) continue;
    xattrs ??= {};
    Object.defineProperty(xattrs, key.slice(XATTR_PREFIX.length), {
      value: bytesAsText(value),
      enumerable: true,
    });
  }
  return xattrs;
}
