import { formatPax, XATTR_PREFIX } from './pax';
import type { TarEntryType } from './tar';
import { BLOCK } from './tar-header';
import { encodeName, textAsBytes } from './tar-text';

/** What `writeTar` makes an entry of. `body` has `size` bytes; what is left out is 0 or empty. */
export interface TarSource {
  readonly name: string;
  readonly type: Exclude<TarEntryType, 'note' | 'unknown'>;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly uname?: string;
  readonly gname?: string;
  readonly mtime?: number;
  readonly linkname?: string;
  readonly major?: number;
  readonly minor?: number;
  /** One character a byte. */
  readonly xattrs?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | { readonly size: number; readonly chunks: AsyncIterable<Uint8Array> };
}

/** A tar of these entries: ustar, with pax headers where a value does not fit. The same entries give the same bytes. */
export async function* writeTar(
  sources: Iterable<TarSource> | AsyncIterable<TarSource>,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const source of sources) {
    const size = bodySize(source);
    const records = paxFor(source, size);
    if (records.size > 0) {
      const pax = formatPax(records);
      yield header({ name: 'PaxHeaders/entry', type: 'file', mode: 0o644 }, 'x', pax.length);
      yield padded(pax);
    }
    yield header(source, TYPE_FLAG[source.type], size);
    yield* body(source, size);
  }
  yield new Uint8Array(2 * BLOCK);
}

const TYPE_FLAG: Readonly<Record<TarSource['type'], string>> = {
  file: '0',
  hardlink: '1',
  symlink: '2',
  character: '3',
  block: '4',
  directory: '5',
  fifo: '6',
};

function bodySize({ type, body }: TarSource): number {
  if (type !== 'file' || !body) return 0;
  return body instanceof Uint8Array ? body.length : body.size;
}

async function* body(source: TarSource, size: number): AsyncGenerator<Uint8Array> {
  const { body } = source;
  if (size === 0 || !body) return;
  if (body instanceof Uint8Array) {
    yield padded(body);
    return;
  }
  let written = 0;
  for await (const chunk of body.chunks) {
    written += chunk.length;
    yield chunk;
  }
  if (written !== size) {
    throw new Error(
      `Cannot write "${source.name}" to the archive: it has ${written} bytes instead of ${size}`,
    );
  }
  yield new Uint8Array((BLOCK - (size % BLOCK)) % BLOCK);
}

function padded(bytes: Uint8Array): Uint8Array {
  const whole = new Uint8Array(Math.ceil(bytes.length / BLOCK) * BLOCK);
  whole.set(bytes);
  return whole;
}

/** What is written as it is, without an encoder: nearly every name. */
const ASCII = /^[\0-\x7f]*$/;
const OCTAL_7 = 0o7777777;
const OCTAL_11 = 0o77777777777;

function paxFor(source: TarSource, size: number): Map<string, Uint8Array> {
  const records = new Map<string, Uint8Array>();
  const text = (key: string, value: string | undefined, room: number) => {
    if (value === undefined || (value.length <= room && ASCII.test(value))) return;
    const bytes = encodeName(value);
    if (bytes.length > room || bytes.length !== value.length) records.set(key, bytes);
  };
  const number = (key: string, value: number | undefined, max: number) => {
    if (value !== undefined && !(Number.isInteger(value) && value >= 0 && value <= max)) {
      records.set(key, encodeName(decimal(value)));
    }
  };
  text('path', source.name, 100);
  text('linkpath', source.linkname, 100);
  text('uname', source.uname, 31);
  text('gname', source.gname, 31);
  number('uid', source.uid, OCTAL_7);
  number('gid', source.gid, OCTAL_7);
  number('size', size, OCTAL_11);
  number('mtime', source.mtime, OCTAL_11);
  for (const [name, value] of Object.entries(source.xattrs ?? {})) {
    records.set(XATTR_PREFIX + name, textAsBytes(value));
  }
  return records;
}

/** Never in the exponent's form, which no reader of pax headers knows. */
function decimal(value: number): string {
  return Number.isInteger(value) ? value.toFixed(0) : value.toFixed(9).replace(/0+$/, '');
}

function header(source: TarSource, typeFlag: string, size: number): Uint8Array {
  const block = new Uint8Array(BLOCK);
  const text = (at: number, length: number, value = '') => {
    if (!ASCII.test(value)) block.set(encodeName(value).subarray(0, length), at);
    else
      for (let index = Math.min(length, value.length) - 1; index >= 0; index--)
        block[at + index] = value.charCodeAt(index);
  };
  const octal = (at: number, length: number, value = 0) => {
    const whole = Math.max(0, Math.floor(value));
    const fits = whole < 8 ** (length - 1) ? whole : 0;
    text(at, length, fits.toString(8).padStart(length - 1, '0'));
  };
  text(0, 100, source.name);
  octal(100, 8, (source.mode ?? 0) & 0o7777);
  octal(108, 8, source.uid);
  octal(116, 8, source.gid);
  octal(124, 12, size);
  octal(136, 12, source.mtime);
  text(156, 1, typeFlag);
  text(157, 100, source.linkname);
  text(257, 8, 'ustar\x0000');
  text(265, 31, source.uname);
  text(297, 31, source.gname);
  octal(329, 8, source.major);
  octal(337, 8, source.minor);
  let sum = 8 * 0x20;
  for (let index = 0; index < BLOCK; index++) sum += block[index]!;
  text(148, 8, `${sum.toString(8).padStart(6, '0')}\0 `);
  return block;
}
