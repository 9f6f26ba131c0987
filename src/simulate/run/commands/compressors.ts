import type { Compression } from '../../../layers/content';
import type { DamagedInput } from './compressing';

/** A complaint, with the exit code that goes with it. */
export interface Complaint {
  readonly text: string;
  readonly exitCode: number;
}

/** What sets gzip, xz, bzip2 and zstd apart: suffixes, habits and words. */
export interface Compressor {
  readonly compression: Exclude<Compression, 'none'>;
  readonly suffixes: readonly (readonly [suffix: string, becomes: string])[];
  /** The input stays unless `--rm` is given. */
  readonly keepsInput?: boolean;
  /** A name without a suffix is no hindrance to unpacking. */
  readonly unpacksAnyName?: boolean;
  absent(name: string, cause: string): Complaint;
  folder(name: string): Complaint;
  noSuffix(name: string): Complaint;
  exists(name: string): Complaint;
  /** `undefined` where the words are not known. */
  damaged(name: string, how: DamagedInput['how']): Complaint | undefined;
}

const GZIP: Compressor = {
  compression: 'gzip',
  suffixes: [
    ['.gz', ''],
    ['.tgz', '.tar'],
    ['.taz', '.tar'],
    ['-gz', ''],
    ['.z', ''],
    ['-z', ''],
  ],
  absent: (name, cause) => ({ text: `${name}: ${cause}`, exitCode: 1 }),
  folder: (name) => ({ text: `${name} is a directory -- ignored`, exitCode: 2 }),
  noSuffix: (name) => ({ text: `${name}: unknown suffix -- ignored`, exitCode: 2 }),
  exists: (name) => ({ text: `${name} already exists;\tnot overwritten`, exitCode: 2 }),
  damaged(name, how) {
    const shown = name === '-' ? 'stdin' : name;
    if (how === 'format') return { text: `\n${shown}: not in gzip format`, exitCode: 1 };
    return how === 'end' ? { text: `\n${shown}: unexpected end of file`, exitCode: 1 } : undefined;
  },
};

const XZ: Compressor = {
  compression: 'xz',
  suffixes: [
    ['.xz', ''],
    ['.txz', '.tar'],
  ],
  absent: (name, cause) => ({ text: `${name}: ${cause}`, exitCode: 1 }),
  folder: (name) => ({ text: `${name}: Is a directory, skipping`, exitCode: 2 }),
  noSuffix: (name) => ({ text: `${name}: Filename has an unknown suffix, skipping`, exitCode: 2 }),
  exists: (name) => ({ text: `${name}: File exists`, exitCode: 1 }),
  damaged(name, how) {
    const shown = name === '-' ? '(stdin)' : name;
    if (how === 'format') return { text: `${shown}: File format not recognized`, exitCode: 1 };
    return how === 'end' ? { text: `${shown}: Unexpected end of input`, exitCode: 1 } : undefined;
  },
};

const BZIP2: Compressor = {
  compression: 'bzip2',
  suffixes: [
    ['.bz2', ''],
    ['.bz', ''],
    ['.tbz2', '.tar'],
    ['.tbz', '.tar'],
  ],
  unpacksAnyName: true,
  absent: (name, cause) => ({ text: `Can't open input file ${name}: ${cause}.`, exitCode: 1 }),
  folder: (name) => ({ text: `Input file ${name} is a directory.`, exitCode: 1 }),
  noSuffix: (name) => ({
    text: `Can't guess original name for ${name} -- using ${name}.out`,
    exitCode: 0,
  }),
  exists: (name) => ({ text: `Output file ${name} already exists.`, exitCode: 1 }),
  damaged: (name, how) =>
    how === 'format' && name !== '-' ? { text: `${name} is not a bzip2 file.`, exitCode: 2 } : undefined,
};

const ZSTD: Compressor = {
  compression: 'zstd',
  suffixes: [
    ['.zst', ''],
    ['.tzst', '.tar'],
  ],
  keepsInput: true,
  absent: (name, cause) => ({ text: `can't stat ${name} : ${cause} -- ignored `, exitCode: 1 }),
  folder: (name) => ({ text: `${name} is a directory -- ignored `, exitCode: 1 }),
  noSuffix: (name) => ({
    text: `${name}: unknown suffix (.zst/.tzst/.gz/.tgz/.lzma/.xz/.txz/.lz4/.tlz4 expected). Can't derive the output file name. Specify it with -o dstFileName. Ignoring.`,
    exitCode: 1,
  }),
  exists: (name) => ({
    text: `${name} already exists; overwrite (y/n) ? Not overwritten  \n `,
    exitCode: 1,
  }),
  damaged: (name, how) =>
    name === '-' && how === 'end' ? { text: '/*stdin*\\: unexpected end of file ', exitCode: 1 } : undefined,
};

/** The compressor behind any of its names: `zcat`, `bunzip2`, `unzstd`. */
export function compressorOf(name: string): Compressor {
  if (/xz/.test(name)) return XZ;
  if (/^b/.test(name)) return BZIP2;
  return /zst/.test(name) ? ZSTD : GZIP;
}

export function unpacksByName(name: string): boolean {
  return /^(gunzip|unxz|bunzip2|unzstd)$/.test(name) || /cat$/.test(name);
}
