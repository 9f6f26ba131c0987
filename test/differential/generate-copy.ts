import { containerPath, parentOf } from '../../src/layers/path';
import type { GoldenFile } from '../core/golden/case';
import { copyWords, escaped } from './dockerfile-words';
import { patternFor } from './generate-ignore';
import type { Random } from './random';

/** Where a COPY may take from, and what may be at its destination. */
export interface Scene {
  readonly files: readonly GoldenFile[];
  /** What `--from` may name, with the paths that are known there. */
  readonly sources: readonly { readonly from: string; readonly paths: readonly string[] }[];
  /** Paths that this stage holds, as far as the generator knows. */
  readonly paths: string[];
  /** Those of them that are files. */
  readonly fileTargets: Set<string>;
  readonly hasAccounts: boolean;
}

const OWNERS = ['1000', '1000:50', ':50', '0:0', '70000', '5:6', '1000:'];
const NAMED = [
  'app',
  'app:staff',
  ':staff',
  'nobody',
  'root:app',
  '1000:staff',
  'app:50',
  '$OWN',
  'nosuch',
  'app:nosuch',
];
const OCTAL = ['644', '0755', '600', '4755', '2775', '1777', '0', '7777', '0444', '${MODE}'];
const SYMBOLIC = [
  'u+x',
  'go-w',
  'a=rX',
  'u=rwX,go=rX',
  '+x',
  'g=u',
  'g+s',
  '+t',
  'u+s,g-r',
  'a=',
  'o=u-w',
  '-w',
  'ugo+rwx',
];

/** One COPY or ADD line; what it makes is noted in the scene. */
export function copyLine(random: Random, scene: Scene): string {
  const isAdd = random.chance(28);
  const from = !isAdd && random.chance(28) ? random.pick(scene.sources) : undefined;
  const files = random.chance(88) ? usable(scene.files) : scene.files;
  const candidates = from ? from.paths : files.map(({ path }) => path);
  const count = random.weighted({ one: 72, two: 18, three: 10 });
  const sources = random.times(count === 'one' ? 1 : count === 'two' ? 2 : 3, () =>
    isAdd ? addSource(random, files) : sourceFor(random, candidates),
  );
  const bringsFiles = sources.every((source) => isFile(source, scene));
  let destination = destinationFor(random, scene);
  for (let tries = 0; tries < 4 && random.chance(90) && clashes(destination, bringsFiles, scene); tries++)
    destination = destinationFor(random, scene);
  const flags = [...(from ? [`--from=${from.from}`] : []), ...flagsFor(random, scene, isAdd)];
  noteMade(scene, destination, sources, bringsFiles);
  return [isAdd ? 'ADD' : 'COPY', ...flags, copyWords([...sources, destination], random)].join(' ');
}

/** Without links that lead nowhere, and names that the builder's client reads as something else. */
function usable(files: readonly GoldenFile[]): readonly GoldenFile[] {
  const paths = new Set(files.map(({ path }) => path));
  const leads = ({ path, linkname = '' }: GoldenFile) => {
    const target = linkname.startsWith('/') ? linkname : `/${path}/../${linkname}`;
    return paths.has(containerPath(target).slice(1)) && containerPath(target) !== `/${path}`;
  };
  return files.filter((file) => !file.path.includes('\\') && (file.type !== 'symlink' || leads(file)));
}

const BASE_FILES = new Set([
  '/opt/base/a.txt',
  '/opt/base/link',
  '/opt/base/hard1',
  '/opt/base/hard2',
  '/opt/base/suid',
  '/opt/base/dirlink/c.txt',
  '/etc/passwd',
  '/bin/sh',
  '/broken',
]);

function isFile(source: string, { files, fileTargets }: Scene): boolean {
  const plain = source.replace(/\\/g, '').replace(/^[./]*\/|\/\.?$/g, '');
  const known = files.find(({ path }) => path === plain);
  return (
    known?.type === 'file' ||
    known?.type === 'hardlink' ||
    fileTargets.has(`/${plain}`) ||
    BASE_FILES.has(`/${plain}`)
  );
}

/** Whether the build would fail for what is known to lie at the destination. */
function clashes(destination: string, bringsFiles: boolean, { fileTargets }: Scene): boolean {
  const holdsFile = (path: string) => fileTargets.has(path) || BASE_FILES.has(path);
  const path = containerPath(destination.replace(/\\/g, ''));
  if (holdsFile(path)) return !bringsFiles || destination.endsWith('/');
  for (let above = parentOf(path); above !== '/'; above = parentOf(above)) if (holdsFile(above)) return true;
  return false;
}

/** ADD is mostly about archives. */
function addSource(random: Random, files: readonly GoldenFile[]): string {
  const archives = files.filter(({ base64 }) => base64 !== undefined);
  if (archives.length > 0 && random.chance(60)) return escaped(random.pick(archives).path);
  return sourceFor(
    random,
    files.map(({ path }) => path),
  );
}

function flagsFor(random: Random, { files, hasAccounts }: Scene, isAdd: boolean): string[] {
  const flags: string[] = [];
  if (random.chance(22))
    flags.push(`--chown=${random.pick(hasAccounts || random.chance(10) ? [...OWNERS, ...NAMED] : OWNERS)}`);
  if (random.chance(20)) flags.push(`--chmod=${random.pick(random.chance(60) ? OCTAL : SYMBOLIC)}`);
  else if (random.chance(0.5)) flags.push(`--chmod=${random.pick(['9', '17777', 'foo', 'u+', '0o755'])}`);
  if (random.chance(12)) flags.push(`--link${random.pick(['', '=true', '=false'])}`);
  if (random.chance(14)) {
    for (let count = random.between(1, 3); count > 0; count--) {
      const pattern = patternFor(random, files);
      // No variable or escape is read in this flag.
      if (/[\s"'$\\]/.test(pattern)) continue;
      flags.push(`--exclude=${random.chance(20) ? '!' : ''}${pattern}`);
    }
  }
  if (isAdd && random.chance(12)) flags.push(`--unpack=${random.pick(['true', 'false'])}`);
  return flags;
}

function sourceFor(random: Random, candidates: readonly string[]): string {
  const path = escaped(candidates.length > 0 ? random.pick(candidates) : 'a.txt').replace(/^\//, '');
  const folder = path.split('/').slice(0, -1).join('/');
  const name = path.split('/').pop()!;
  switch (random.between(0, 27)) {
    case 0:
      return `/${path}`;
    case 1:
      return `./${path}`;
    case 2:
      return `../${path}`;
    case 3:
      return `${path}/`;
    case 4:
      return `${path}/.`;
    case 5:
      return folder === '' ? '.' : folder;
    case 6:
      return random.pick(['.', '/', './', '..', '*', './*']);
    case 7:
      return `${folder === '' ? '' : `${folder}/`}*`;
    case 8:
      return path.replace(/[a-z]/, '?');
    case 9:
      return path.replace(/[a-z]/, () => random.pick(['[a-m]', '[^x]', '[a-z]', '[!a]']));
    case 10:
      return `${folder === '' ? '' : `${folder}/`}${name[0]}*`;
    case 11:
      return random.pick([
        `*/${name}`,
        `**/${name}`,
        '*/*',
        '*.txt',
        '*[!t]',
        '?*',
        '[a-c]*',
        '.*',
        'nothing-*',
      ]);
    case 12:
      return random.chance(8) ? 'missing' : path;
    case 13:
      return random.pick([
        ...(candidates.includes('opt/base') ? [] : ['$SRC', '${SRC}']),
        `\${NONE:-${path}}`,
        '${SRC%c}*',
        path,
      ]);
    case 14:
      return `${path.split('/')[0]}/../${path}`;
    case 15:
      return path.replace(/\[/g, '[[]');
    case 16:
      return `${path}*`;
    default:
      return path;
  }
}

const FIXED = [
  '/d',
  '/d/',
  'rel',
  'rel/',
  '.',
  './',
  '/',
  '/x/y/z',
  '/x/y/z/',
  '/d/../e',
  '/d/.',
  '/d/./f',
  '//d//e/',
  '..',
  '../up',
  '$DEST',
  '$DEST/',
  '${DEST}/in',
  '${NONE:-/q}/',
  '/with blank/',
  '/d/a.txt',
  '/d/src',
  '/lnk',
  '/lnk/',
  '/lnk/x',
];
const IN_BASE = [
  '/opt/base',
  '/opt/base/',
  '/opt/base/a.txt',
  '/opt/base/a.txt/',
  '/opt/base/link',
  '/opt/base/link/x',
  '/opt/base/dirlink',
  '/opt/base/dirlink/',
  '/opt/base/dirlink/n',
  '/srv',
  '/srv/',
  '/tmp/',
  '/bin/sh',
  '/home/app/',
  '/home',
  '/opt/base/hard1',
  '/opt/base/suid',
  '/opt/base/sub/deep/x',
  '/made',
  '/made/',
  '/made-link',
  '/made-link/',
  '/broken',
  '/broken/x',
  '/root/',
];

function destinationFor(random: Random, { paths, hasAccounts }: Scene): string {
  if (paths.length > 0 && random.chance(30))
    return escaped(random.pick(paths)) + random.pick(['', '', '/', '/x']);
  return random.pick(hasAccounts && random.chance(45) ? IN_BASE : FIXED);
}

function noteMade(scene: Scene, destination: string, sources: readonly string[], bringsFiles: boolean): void {
  const plain = destination.replace(/\\/g, '');
  if (!plain.startsWith('/') || plain.includes('$')) return;
  const target = plain.replace(/(.)\/$/, '$1');
  const isFolder = plain.endsWith('/') || scene.paths.includes(target);
  scene.paths.push(target);
  const name = sources[0]!.split('/').pop()!;
  if (bringsFiles && !isFolder) scene.fileTargets.add(target);
  if (!isFolder || !/^[\w.-]+$/.test(name) || /^\.+$/.test(name)) return;
  scene.paths.push(`${target}/${name}`);
  if (bringsFiles) scene.fileTargets.add(`${target}/${name}`);
}
