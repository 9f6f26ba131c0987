import { execFileSync } from 'node:child_process';
import { gzipSync } from 'node:zlib';
import type { GoldenFile } from '../core/golden/case';
import type { Random } from './random';
import { type TarPiece, tarBytes } from './tar-bytes';

const NAMES = [
  't1',
  't2',
  'td',
  'td/f',
  'td/g',
  'td/sub',
  'td/sub/h',
  'a.txt',
  'link',
  'opt/base/a.txt',
  'opt/base',
  'src',
];
const MODES = [0o644, 0o755, 0o600, 0o4755, 0o2755, 0o1644, 0o444, 0];
const FOLDER_MODES = [0o755, 0o700, 0o2775, 0o1777, 0o500];
const OWNERS = [0, 0, 0, 50, 1000, 65534, 70000];
const BODIES = ['', 'in a tar\n', 'one\n', 'y'.repeat(600)];

/** A file with an archive in it, mostly; now and then a name or a content that only looks so. */
export function archiveFile(random: Random, path: string): GoldenFile {
  const name = random.chance(60) ? `${path}.${random.pick(['tar', 'tar.gz', 'tgz', 'tar.xz'])}` : path;
  return { path: name, type: 'file', mode: '0644', base64: archiveBytes(random).toString('base64') };
}

function archiveBytes(random: Random): Buffer {
  const pieces = random.times(random.between(1, 8), () => randomPiece(random));
  const plain = tarBytes(random.chance(2) ? [] : pieces);
  const whole = random.chance(2) ? plain.subarray(0, plain.length - random.pick([512, 700, 1024])) : plain;
  switch (random.weighted({ plain: 50, gzip: 22, bzip2: 8, xz: 8, zstd: 8, text: 1, empty: 1 })) {
    case 'gzip':
      return gzipSync(whole, { level: 9 });
    case 'bzip2':
      return packed('bzip2', whole);
    case 'xz':
      return packed('xz', whole);
    case 'zstd':
      return packed('zstd', whole);
    case 'text':
      return gzipSync(Buffer.from('no tar at all\n'));
    case 'empty':
      return Buffer.alloc(random.pick([512, 1024]));
    default:
      return whole;
  }
}

function packed(program: string, bytes: Buffer): Buffer {
  return execFileSync(program, ['-c'], { input: bytes, maxBuffer: 2 ** 26 });
}

function randomPiece(random: Random): TarPiece {
  const name = random.pick(NAMES);
  const owner = { uid: random.pick(OWNERS), gid: random.pick(OWNERS) };
  const file: TarPiece = {
    name,
    type: '0',
    mode: random.pick(MODES),
    body: Buffer.from(random.pick(BODIES)),
    ...owner,
  };
  switch (random.weighted({ file: 40, folder: 22, link: 9, hardlink: 2.5, odd: 7 })) {
    case 'folder':
      return {
        name: random.chance(60) ? `${name}/` : name,
        type: '5',
        mode: random.pick(FOLDER_MODES),
        ...owner,
      };
    case 'link': {
      const linkname = random.pick([...NAMES, '../td', '/opt/base', '/td', 'nowhere', '../../etc', '.']);
      return { name, type: '2', mode: 0o777, linkname, ...owner };
    }
    case 'hardlink':
      return { name, type: '1', linkname: random.chance(85) ? random.pick(NAMES) : './td/f', ...owner };
    case 'odd':
      return oddPiece(random, file);
    default:
      return file;
  }
}

function oddPiece(random: Random, file: TarPiece): TarPiece {
  const { name } = file;
  switch (random.between(0, 11)) {
    case 0:
      return { ...file, name: `./${name}` };
    case 1:
      return { ...file, name: `/${name}` };
    case 2:
      return { ...file, name: random.pick([`a/../${name}`, '../out', '../../etc/out', 'td/../../out']) };
    case 3:
      return {
        ...file,
        name: random.pick(['.wh.gone', 'td/.wh.f', '.wh..wh..opq', 'td/.wh..wh..opq', '.wh..wh.plnk/x']),
      };
    case 4:
      return { ...file, name: `long/${'n'.repeat(120)}/${name}`, longNames: random.pick(['gnu', 'pax']) };
    case 5:
      return { ...file, pax: { mtime: '1400000000.5', uid: '123456', 'SCHILY.xattr.user.note': 'x' } };
    case 6:
      return { name, type: '6', mode: 0o600 };
    case 7:
      return { name, type: '3', mode: 0o660, patch: { 329: '0000001\0', 337: '0000003\0' } };
    case 8:
      return { ...file, name: `${name}/.` };
    case 9:
      // GNU's old form of a file with holes: 512 bytes of data at 512, the whole 2048 long.
      return {
        ...file,
        type: 'S',
        body: Buffer.alloc(512, 'd'),
        patch: { 257: 'ustar  \0', 386: '00000001000\x0000000001000\0', 483: '00000004000\0' },
      };
    case 10:
      return { name: './', type: '5', mode: random.pick(FOLDER_MODES), uid: 1000, gid: 50 };
    default:
      return { ...file, type: random.pick(['\0', '7', 'V', 'g']) };
  }
}
