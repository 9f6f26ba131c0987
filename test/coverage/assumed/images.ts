import type { Family } from './families';
import type { Part } from './parts';

/** An image that is known by its name. */
interface Known {
  /** Matches the repository's last names: `library/node` is `node`, `mcr.microsoft.com/dotnet/sdk` is `dotnet/sdk`. */
  readonly name: RegExp;
  readonly family: Family;
  readonly parts?: readonly Part[];
}

const FULL: readonly Part[] = ['curl', 'scm', 'compilers'];

/** The first that matches counts. Names of a tag (`-alpine`, `-slim`) change the family and the parts: see `recognise`. */
const KNOWN: readonly Known[] = [
  {
    name: /(?:^|\/)cimg\/(?:base|node|python|go|ruby|openjdk|php|rust)$/,
    family: 'debian',
    parts: [...FULL, 'sudo'],
  },
  { name: /(?:^|\/)alpine$/, family: 'alpine' },
  { name: /(?:^|\/)busybox$/, family: 'busybox' },
  { name: /(?:^|\/)(?:distroless|static|chainguard)(?:\/|$)/, family: 'bare' },
  { name: /(?:^|\/)(?:debian|ubuntu|minideb|debian-slim|debian-base)$/, family: 'debian' },
  {
    name: /(?:^|\/)(?:ubi\d*|ubi\d*-minimal|ubi-minimal|ubi-init|ubi|rhel\d*|centos|fedora|fedora-minimal|rockylinux|almalinux|oraclelinux|amazonlinux|opensuse|leap|tumbleweed|photon|azurelinux|mariner|core|base)$/,
    family: 'redhat',
  },
  { name: /(?:^|\/)s2i-(?:core|base)(?:-c\d+s)?$/, family: 'redhat', parts: ['sourceToImage'] },
  { name: /(?:^|\/)buildpack-deps$/, family: 'debian', parts: FULL },
  { name: /(?:^|\/)node$/, family: 'debian', parts: [...FULL, 'node'] },
  { name: /(?:^|\/)(?:python|pypy)$/, family: 'debian', parts: [...FULL, 'python'] },
  { name: /(?:^|\/)golang$/, family: 'debian', parts: [...FULL, 'go'] },
  { name: /(?:^|\/)(?:ruby|jruby)$/, family: 'debian', parts: [...FULL, 'ruby'] },
  { name: /(?:^|\/)php$/, family: 'debian', parts: ['curl', 'compilers', 'php'] },
  {
    name: /(?:^|\/)(?:wordpress|drupal|nextcloud|monica|matomo|joomla)$/,
    family: 'debian',
    parts: ['curl', 'compilers', 'php'],
  },
  { name: /(?:^|\/)rust$/, family: 'debian', parts: [...FULL, 'rust'] },
  { name: /(?:^|\/)(?:gcc|swift|haskell|erlang|elixir|perl)$/, family: 'debian', parts: FULL },
  {
    name: /(?:^|\/)(?:openjdk|eclipse-temurin|temurin|adoptopenjdk)$/,
    family: 'debian',
    parts: ['curl', 'java'],
  },
  { name: /(?:^|\/)(?:amazoncorretto)$/, family: 'redhat', parts: ['java'] },
  { name: /(?:^|\/)maven$/, family: 'debian', parts: ['curl', 'java', 'maven'] },
  { name: /(?:^|\/)gradle$/, family: 'debian', parts: ['curl', 'scm', 'java', 'gradle'] },
  { name: /(?:^|\/)tomcat$/, family: 'debian', parts: ['java', 'tomcat'] },
  { name: /(?:^|\/)dotnet\/(?:core\/)?sdk$/, family: 'debian', parts: ['curl', 'scm', 'dotnet'] },
  {
    name: /(?:^|\/)dotnet\/(?:core\/)?(?:sdk|aspnet|runtime|runtime-deps)$/,
    family: 'debian',
    parts: ['curl', 'dotnet'],
  },
  { name: /(?:^|\/)(?:nginx|nginx-unprivileged)$/, family: 'debian', parts: ['curl', 'nginx'] },
  { name: /(?:^|\/)httpd$/, family: 'debian', parts: ['httpd'] },
  { name: /(?:^|\/)postgres$/, family: 'debian', parts: ['postgres'] },
  { name: /(?:^|\/)(?:mysql|mariadb|mongo|redis|memcached)$/, family: 'debian', parts: ['curl', 'database'] },
  { name: /(?:^|\/)rabbitmq$/, family: 'debian', parts: ['rabbitmq'] },
  { name: /(?:^|\/)composer$/, family: 'alpine', parts: ['curl', 'scm', 'php', 'composer'] },
  { name: /(?:^|\/)docker$/, family: 'alpine', parts: ['curl', 'scm', 'docker'] },
  {
    name: /(?:^|\/)(?:miniconda3?|anaconda3?|micromamba|mambaforge|miniforge3)$/,
    family: 'debian',
    parts: [...FULL, 'conda'],
  },
  {
    name: /(?:^|\/)(?:google-cloud-sdk|cloud-sdk)$/,
    family: 'debian',
    parts: [...FULL, 'python', 'cloudSdk'],
  },
];

const ALPINE_NAME = /alpine/;
const REDHAT_NAME =
  /(?:^|[-./:_])(?:ubi|rhel|el|centos|fedora|rocky(?:linux)?|alma(?:linux)?|oracle(?:linux)?|ol|al|amzn|amazonlinux|photon|mariner|azurelinux|c\ds|c10s|s2i|opensuse|leap|tumbleweed|sles|clearlinux|manylinux\w*)[-\d.]*(?:$|[-./:_s])/;
const DEBIAN_NAME =
  /debian|ubuntu|buster|bullseye|bookworm|trixie|stretch|jessie|jammy|focal|noble|bionic|xenial|slim/;

export interface Recognised {
  readonly family: Family;
  readonly parts: readonly Part[];
  /** False where only the family is guessed: what else the image has is not known. */
  readonly isKnown: boolean;
}

/**
 * What an image is like, by its name and tag; where they tell nothing, by the package manager that the Dockerfile calls
 * on it.
 */
export function recognise(reference: string, scripts: string): Recognised {
  const [named = ''] = reference.split('@');
  const colon = named.lastIndexOf(':');
  const hasTag = colon > named.lastIndexOf('/');
  const repository = (hasTag ? named.slice(0, colon) : named)
    .replace(/^docker\.io\//, '')
    .replace(/^library\//, '');
  const tag = hasTag ? named.slice(colon + 1) : '';
  const known = KNOWN.find(({ name }) => name.test(repository));
  const family =
    familyByName(`${repository}:${tag}`) ?? known?.family ?? familyByScripts(scripts) ?? 'debian';
  if (!known) return { family, parts: [], isKnown: false };
  // A name such as `core` or `base` says little by itself.
  if (known.family === 'redhat' && family === 'redhat' && /(?:^|\/)(?:core|base)$/.test(repository))
    return { family: familyByScripts(scripts) ?? 'redhat', parts: [], isKnown: false };
  return { family, parts: partsFor(known.parts ?? [], repository, tag, family), isKnown: true };
}

function partsFor(parts: readonly Part[], repository: string, tag: string, family: Family): Part[] {
  const isSmall = family !== 'debian' || /slim/.test(tag);
  const kept = parts.filter(
    (part) => !isSmall || !FULL.includes(part) || /(?:^|\/)(?:docker|composer|cimg\/.*)$/.test(repository),
  );
  if (/buildpack-deps$/.test(repository)) {
    if (/curl/.test(tag)) return ['curl'];
    if (/scm/.test(tag)) return ['curl', 'scm'];
  }
  if (kept.includes('php')) {
    if (/fpm/.test(tag)) kept.push('fpm');
    if (/apache/.test(tag) || !/fpm|cli|zts|alpine/.test(tag)) kept.push('apache');
    if (family === 'alpine') kept.push('curl');
  }
  if (kept.includes('go') && family === 'debian') kept.push('curl', 'scm', 'compilers');
  return kept;
}

function familyByName(name: string): Family | undefined {
  if (ALPINE_NAME.test(name)) return 'alpine';
  // `oraclelinux:9-slim` has a tag like Debian's.
  if (REDHAT_NAME.test(name)) return 'redhat';
  if (DEBIAN_NAME.test(name)) return 'debian';
  return undefined;
}

function familyByScripts(scripts: string): Family | undefined {
  const counts: [Family, number][] = [
    ['debian', count(scripts, /\b(?:apt-get|apt|dpkg|aptitude)\b/g)],
    ['alpine', count(scripts, /\bapk (?:--?\S+ )*(?:add|del|update|upgrade)\b/g)],
    ['redhat', count(scripts, /\b(?:yum|dnf|microdnf|tdnf|rpm|zypper)\b/g)],
  ];
  const [most] = counts.sort(([, one], [, other]) => other - one);
  return most && most[1] > 0 ? most[0] : undefined;
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}
