import type { GoldenFile } from '../core/golden/case';
import { archiveFile } from './generate-archive';
import type { Random } from './random';

const PLAIN = [
  'a.txt',
  'b.txt',
  'A.txt',
  'src',
  'lib',
  'data',
  'app.conf',
  'run.sh',
  'x.tmp',
  'y.tmp',
  'c.md',
];
const ODD = [
  'with blank',
  'br[a]c',
  '[ab]',
  'st*r',
  'wh?t',
  'ünï',
  '日本.txt',
  "quo'te",
  'dou"ble',
  '#hash',
  '!bang',
  '-dash',
  '.env',
  '.hidden',
  '...',
  '$dollar',
  'back\\slash',
  'a,b',
  '{x}',
  'p+l(u)s',
  '^caret',
  'SRC',
  'ends.',
  '~',
  '.wh.gone',
];
const TEXTS = ['', 'one\n', 'two\n', 'three', 'no end of line', '#!/bin/sh\necho hi\n', 'x'.repeat(700)];
const FILE_MODES = [
  '0755',
  '0600',
  '0444',
  '0400',
  '4755',
  '2755',
  '1644',
  '6711',
  '2644',
  '0666',
  '0000',
  '0777',
];
const FOLDER_MODES = ['0700', '0775', '2775', '1777', '0711', '3770', '0500'];

/** Files and folders of a build context, a folder always before what is in it. */
export function generateContext(random: Random): GoldenFile[] {
  const files: GoldenFile[] = [];
  const folders = [''];
  const taken = new Set<string>(['Dockerfile', '.dockerignore', 'Dockerfile.dockerignore']);
  const newPath = () => {
    for (;;) {
      const folder = random.pick(folders);
      const name = random.chance(22) ? random.pick(ODD) : random.pick(PLAIN);
      const path = folder === '' ? name : `${folder}/${name}`;
      if (path.split('/').length < 6 && !taken.has(path)) {
        taken.add(path);
        return path;
      }
    }
  };
  const add = (file: GoldenFile) => files.push(file);
  for (let count = random.between(5, 16); count > 0; count--) {
    const path = newPath();
    switch (random.weighted({ file: 45, folder: 30, link: 15, hardlink: 6, archive: 9 })) {
      case 'folder':
        folders.push(path);
        add({ path, type: 'dir', mode: random.chance(30) ? random.pick(FOLDER_MODES) : '0755' });
        break;
      case 'link':
        add({ path, type: 'symlink', linkname: linkTarget(random, path, files) });
        break;
      case 'hardlink':
        add(hardLink(random, path, files) ?? plainFile(random, path));
        break;
      case 'archive':
        add(archiveFile(random, path));
        break;
      default:
        add(plainFile(random, path));
    }
  }
  return files;
}

function plainFile(random: Random, path: string): GoldenFile {
  const mode = random.chance(30) ? random.pick(FILE_MODES) : '0644';
  return { path, type: 'file', mode, text: random.pick(TEXTS) };
}

function hardLink(random: Random, path: string, files: readonly GoldenFile[]): GoldenFile | undefined {
  const originals = files.filter(({ type }) => type === 'file');
  if (originals.length === 0) return undefined;
  return { path, type: 'hardlink', linkname: random.pick(originals).path };
}

function linkTarget(random: Random, path: string, files: readonly GoldenFile[]): string {
  const other = files.length > 0 ? random.pick(files).path : 'a.txt';
  const up = '../'.repeat(path.split('/').length - 1);
  const own = path.split('/').pop()!;
  switch (
    random.weighted({ relative: 60, rooted: 12, broken: 2.5, loop: 0.7, image: 2.5, up: 2.5, dot: 4 })
  ) {
    case 'rooted':
      return `/${other}`;
    case 'broken':
      return random.pick(['nowhere', '../nowhere/x', '/nowhere']);
    case 'loop':
      return own;
    case 'image':
      return random.pick(['/etc/passwd', '/opt/base', '/bin/sh']);
    case 'up':
      return `../../../${other}`;
    case 'dot':
      return random.pick(['.', '..', './', '/']);
    default:
      return `${up}${other}${random.chance(10) ? '/' : ''}`;
  }
}
