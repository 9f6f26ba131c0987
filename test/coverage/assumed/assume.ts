import { FileSystem } from '../../../src/filesystem/tree';
import type { Content, ContentReader } from '../../../src/layers/content';
import type { Image } from '../../../src/layers/image';
import type { OpenRegion } from '../../../src/layers/layer';
import { type Described, describedLayer } from './described';
import { FAMILIES, type Family } from './families';
import { recognise } from './images';
import { PARTS } from './parts';

/** What the Dockerfile takes from an image without making it. */
export interface Asked {
  /** Texts of the RUNs that stand on it. */
  readonly scripts: string;
  readonly users: readonly string[];
  /** Paths that COPY --from names. */
  readonly paths: readonly string[];
}

export const NOTHING_ASKED: Asked = { scripts: '', users: [], paths: [] };

export interface Assumed {
  readonly image: Image;
  readonly family: Family;
  readonly isKnown: boolean;
}

const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** What an image of which only a family is guessed may have besides: programs of its own, in the usual places. */
const OWN_PLACES = [
  '/usr/local',
  '/opt',
  '/app',
  '/srv',
  '/home',
  '/var/www',
  '/usr/share',
  '/usr/lib',
  '/var/lib',
];

/** Describes the image of a name. `debian` is the skeleton of the golden cases. */
export async function assume(
  reference: string,
  asked: Asked,
  debian: Image,
  reader: ContentReader,
): Promise<Assumed> {
  const { family, parts, isKnown } = recognise(reference, asked.scripts);
  const stack = family === 'debian' ? debian.layers : [];
  const own: Described[] = [
    FAMILIES[family],
    release(reference, family),
    ...parts.map((part) => PARTS[part]),
  ];
  const below = [...stack, describedLayer('assumed', own)].reduce(
    (under, layer) => under.with(layer),
    FileSystem.empty,
  );
  own.push(await accounts(own, asked.users, below, reader));
  own.push(copied(asked.paths, below));
  const reason = `what ${reference} has besides the usual is not known`;
  const regions: OpenRegion[] = isKnown ? [] : OWN_PLACES.map((path) => ({ path, reason }));
  for (const path of asked.paths.filter(isFolderName))
    regions.push({ path: path.replace(/\/+$/, '') || '/', reason });
  const env = own.flatMap((described) => described.env ?? []);
  const Env = env.some((line) => line.startsWith('PATH=')) ? env : [PATH, ...env];
  const image: Image = {
    name: reference,
    platform: { os: 'linux', architecture: 'amd64' },
    config: { Env, Cmd: ['sh'] },
    history: [],
    layers: [...stack, describedLayer(`assumed for ${reference}`, own, regions)],
  };
  return { image, family, isKnown };
}

/** The users of the parts, and those that the Dockerfile takes for granted. */
async function accounts(
  described: readonly Described[],
  users: readonly string[],
  below: FileSystem,
  reader: ContentReader,
): Promise<Described> {
  let passwd = await textAt('/etc/passwd', below, reader);
  let group = await textAt('/etc/group', below, reader);
  let shadow = await textAt('/etc/shadow', below, reader);
  const folders: Record<string, number> = {};
  const lines = described.flatMap((one) => one.users ?? []);
  const taken = users.map((name, at) => `${name}:${2000 + at}:${2000 + at}:/home/${name}:/bin/sh`);
  for (const line of [...lines, ...taken]) {
    const [name = '', uid = '', gid = '', home = '', shell = ''] = line.split(':');
    if (new RegExp(`^${name}:`, 'm').test(passwd)) continue;
    passwd += `${name}:x:${uid}:${gid}::${home}:${shell}\n`;
    shadow += `${name}:!:19000:0:99999:7:::\n`;
    if (!new RegExp(`^${name}:`, 'm').test(group)) group += `${name}:x:${gid}:\n`;
    if (home.startsWith('/home/')) folders[home] = 0o755;
  }
  return { files: { '/etc/passwd': passwd, '/etc/group': group, '/etc/shadow': shadow }, folders };
}

async function textAt(path: string, fileSystem: FileSystem, reader: ContentReader): Promise<string> {
  const found = fileSystem.lookup(path);
  if (found.kind !== 'present' || found.entry.node.kind !== 'file') return '';
  const content: Content = found.entry.node.content;
  return new TextDecoder().decode(await reader.read(content));
}

/** Names without an extension may be folders; a program in a folder of programs is none. */
export function isFolderName(path: string): boolean {
  if (path.endsWith('/') || path.endsWith('/.')) return true;
  const name = path.split('/').at(-1)!;
  return (
    !/[^.]\.\w+$|^[A-Z]+[A-Za-z]*file$|^(?:LICENSE|NOTICE|README|VERSION)/.test(name) &&
    !/(?:^|\/)s?bin\/[^/]+$/.test(path)
  );
}

function copied(paths: readonly string[], below: FileSystem): Described {
  const programs: Record<string, string> = {};
  const folders: Record<string, number> = {};
  for (const path of paths) {
    const plain = path.replace(/\/+\.?$/, '').replace(/[*?]+/g, 'any') || '/';
    if (plain === '/' || below.lookup(plain).kind === 'present') continue;
    const at = plain.lastIndexOf('/');
    // Copied from the root, it is a program: `COPY --from=uv /uv /bin/`.
    if (isFolderName(path) && at > 0) folders[plain] = 0o755;
    else programs[plain.slice(0, at)] = `${programs[plain.slice(0, at)] ?? ''} ${plain.slice(at + 1)}`;
  }
  return { programs, folders };
}

const RELEASES: readonly [tag: RegExp, id: string, version: string, codename: string][] = [
  [/trixie/, 'debian', '13', 'trixie'],
  [/bullseye|debian:11/, 'debian', '11', 'bullseye'],
  [/buster|debian:10/, 'debian', '10', 'buster'],
  [/stretch|debian:9/, 'debian', '9', 'stretch'],
  [/noble|ubuntu:?(?:latest|24|$)/, 'ubuntu', '24.04', 'noble'],
  [/jammy|ubuntu:?22/, 'ubuntu', '22.04', 'jammy'],
  [/focal|ubuntu:?20/, 'ubuntu', '20.04', 'focal'],
  [/bionic|ubuntu:?18/, 'ubuntu', '18.04', 'bionic'],
  [/xenial|ubuntu:?16/, 'ubuntu', '16.04', 'xenial'],
];

/** `/etc/os-release`, which scripts read. */
function release(reference: string, family: Family): Described {
  if (family !== 'debian') return {};
  const [, id, version, codename] = RELEASES.find(([tag]) => tag.test(reference)) ?? [
    /./,
    'debian',
    '12',
    'bookworm',
  ];
  const name = id === 'ubuntu' ? 'Ubuntu' : 'Debian GNU/Linux';
  const text = `PRETTY_NAME="${name} ${version}"\nNAME="${name}"\nVERSION_ID="${version}"\nVERSION="${version} (${codename})"\nVERSION_CODENAME=${codename}\nID=${id}\n`;
  const files: Record<string, string> = {
    '/usr/lib/os-release': id === 'ubuntu' ? `${text}ID_LIKE=debian\nUBUNTU_CODENAME=${codename}\n` : text,
  };
  if (id === 'ubuntu') {
    files['/etc/lsb-release'] =
      `DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=${version}\nDISTRIB_CODENAME=${codename}\nDISTRIB_DESCRIPTION="Ubuntu ${version}"\n`;
    files['/etc/apt/sources.list'] =
      `deb http://archive.ubuntu.com/ubuntu/ ${codename} main restricted universe multiverse\ndeb http://archive.ubuntu.com/ubuntu/ ${codename}-updates main restricted universe multiverse\ndeb http://security.ubuntu.com/ubuntu/ ${codename}-security main restricted universe multiverse\n`;
  } else if (Number(version) >= 12)
    files['/etc/apt/sources.list.d/debian.sources'] =
      'Types: deb\nURIs: http://deb.debian.org/debian\nSuites: bookworm bookworm-updates\nComponents: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n';
  return { files };
}
