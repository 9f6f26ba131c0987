import { baseName } from '../../../layers/path';
import type { Command } from '../command';
import { apt, aptMark, aptQuery, aptSources } from './apt';
import { copies, unpacks } from './archives';
import { cargo, compiler, dotnet, make, patch, projectBuild, rewritesOperands, rustup } from './builds';
import { CHECKS } from './checks';
import { CLOUDS } from './clouds';
import { curl } from './curl';
import { dpkg, dpkgArchitecture, dpkgQuery, lsbRelease, rewrites } from './dpkg';
import { git } from './git';
import { go } from './go';
import { IMAGE_SCRIPTS } from './image-scripts';
import { findInstaller } from './installers';
import { erlang, interpreter } from './interpreters';
import { java, jshell } from './java';
import { gpg, openssl, sshKeys, tells, verifies } from './keys';
import { MORE_LANGUAGES } from './languages';
import { MORE_SYSTEMS } from './more-systems';
import { corepack, nodePackages, npx, nvm } from './node';
import { apk, rpm, yum } from './other-systems';
import { conda, pip, pyenv, python, pythonProject, uv, virtualenv } from './python';
import { R } from './r';
import { bundle, composer, gem, phpExtensions, phpInstaller, phpSource } from './ruby-php';
import { VERSION_MANAGERS } from './version-managers';
import { wget } from './wget';

/** Package managers of distributions, and what belongs to them. */
const SYSTEM: Readonly<Record<string, Command>> = {
  'apt-get': apt,
  apt,
  aptitude: apt,
  'apt-mark': aptMark,
  'apt-cache': aptQuery,
  'apt-config': aptQuery,
  'apt-key': aptSources,
  'add-apt-repository': aptSources,
  'apt-add-repository': aptSources,
  apk,
  yum,
  dnf: yum,
  dnf5: yum,
  microdnf: yum,
  tdnf: yum,
  zypper: yum,
  'yum-config-manager': rewrites(
    '/etc/yum.repos.d',
    '/etc/yum',
    '/etc/dnf',
    '/var/cache/yum',
    '/var/cache/dnf',
  ),
  dpkg,
  rpm,
  'dpkg-query': dpkgQuery,
  'dpkg-architecture': dpkgArchitecture,
  'dpkg-reconfigure': rewrites('/etc', '/var', '/usr'),
  'debconf-set-selections': rewrites('/var/cache/debconf'),
  'debconf-show': tells,
  lsb_release: lsbRelease,
  'update-ca-certificates': rewrites('/etc/ssl', '/etc/ca-certificates', '/usr/local/share/ca-certificates'),
  'update-ca-trust': rewrites('/etc/pki'),
  'locale-gen': rewrites('/usr/lib/locale', '/etc/locale.gen'),
  localedef: rewrites('/usr/lib/locale'),
  'update-locale': rewrites('/etc/default', '/etc/locale.conf'),
  ldconfig: rewrites(
    '/etc/ld.so.cache',
    '/var/cache/ldconfig',
    '/lib',
    '/lib64',
    '/usr/lib',
    '/usr/lib64',
    '/usr/local/lib',
    '/usr/local/lib64',
  ),
  systemctl: rewrites('/etc/systemd'),
  rpmkeys: rpm,
  'amazon-linux-extras': yum,
  'jenkins-plugin-cli': rewrites('/usr/share/jenkins/ref', '/var/jenkins_home', '/tmp'),
  crontab: rewrites('/var/spool/cron'),
};

/** Package managers of languages, and what builds their projects. */
const LANGUAGES: Readonly<Record<string, Command>> = {
  'docker-php-ext-install': phpExtensions,
  'docker-php-ext-configure': phpExtensions,
  'docker-php-ext-enable': phpExtensions,
  'docker-php-source': phpSource,
  'install-php-extensions': phpInstaller,
  pecl: phpInstaller,
  pear: phpInstaller,
  composer,
  pip,
  pip3: pip,
  python,
  python2: python,
  python3: python,
  virtualenv,
  pyenv,
  uv,
  poetry: pythonProject,
  pipenv: pythonProject,
  pdm: pythonProject,
  pipx: pythonProject,
  conda,
  mamba: conda,
  micromamba: conda,
  npm: nodePackages,
  pnpm: nodePackages,
  yarn: nodePackages,
  yarnpkg: nodePackages,
  bun: nodePackages,
  npx,
  bunx: npx,
  pnpx: npx,
  corepack,
  nvm,
  gem,
  bundle,
  bundler: bundle,
  node: interpreter,
  nodejs: interpreter,
  php: interpreter,
  perl: interpreter,
  ruby: interpreter,
  java,
  jshell,
  erl: erlang,
  lua: interpreter,
  go,
  cargo,
  rustup,
  rustc: compiler,
  mvn: projectBuild('~/.m2'),
  mvnw: projectBuild('~/.m2'),
  gradle: projectBuild('~/.gradle', '/home/gradle'),
  gradlew: projectBuild('~/.gradle', '/home/gradle'),
  sbt: projectBuild('~/.sbt', '~/.ivy2', '~/.cache'),
  ant: projectBuild('~/.ant'),
  lein: projectBuild('~/.lein', '~/.m2'),
  dotnet,
  mix: projectBuild('~/.mix', '~/.hex', '~/.cache'),
};

/** Compilers and tools that build or change files. */
const TOOLS: Readonly<Record<string, Command>> = {
  make,
  gmake: make,
  cmake: make,
  ctest: make,
  ninja: make,
  meson: make,
  scons: make,
  configure: make,
  Configure: make,
  autoconf: make,
  automake: make,
  autoreconf: make,
  aclocal: make,
  libtoolize: make,
  'autogen.sh': make,
  'buildconf.sh': make,
  gcc: compiler,
  'g++': compiler,
  cc: compiler,
  'c++': compiler,
  clang: compiler,
  'clang++': compiler,
  patch,
  strip: rewritesOperands,
  upx: rewritesOperands,
  dos2unix: rewritesOperands,
  setcap: rewritesOperands,
  chattr: rewritesOperands,
  '7z': unpacks,
  '7za': unpacks,
  unrar: unpacks,
  cpio: unpacks,
  ar: unpacks,
  rsync: copies,
  scp: copies,
  file: tells,
  'dpkg-buildflags': tells,
  ldd: tells,
  scanelf: tells,
  readelf: tells,
  nm: tells,
  objdump: tells,
  jq: tells,
  yq: tells,
  pkgconf: verifies,
  'pkg-config': verifies,
};

/** What fetches, and the keys to what was fetched. */
const NETWORK: Readonly<Record<string, Command>> = {
  curl,
  wget,
  git,
  svn: projectBuild('~/.subversion'),
  hg: projectBuild('~/.hg'),
  gpg,
  gpg2: gpg,
  gpgv: verifies,
  gpgconf: tells,
  'gpg-agent': tells,
  'ssh-keyscan': tells,
  'ssh-keygen': sshKeys,
  openssl,
};

const MODELLED: Readonly<Record<string, Command>> = {
  ...MORE_SYSTEMS,
  ...MORE_LANGUAGES,
  ...VERSION_MANAGERS,
  ...CLOUDS,
  ...IMAGE_SCRIPTS,
  ...CHECKS,
  ...R,
  ...SYSTEM,
  ...LANGUAGES,
  ...TOOLS,
  ...NETWORK,
};

/** All names that are modelled, for tests that hold for every one. */
export const modelledNames: readonly string[] = Object.keys(MODELLED);

/**
 * Package managers, downloaders and build tools: that they succeed is assumed, and which folders they change is
 * known, but not what they put there.
 */
export function findModelled(name: string): Command | undefined {
  if (Object.hasOwn(MODELLED, name)) return MODELLED[name];
  if (/^python[23]?\.\d+$/.test(name)) return python;
  if (/^php\d+(?:\.\d+)?$/.test(name)) return interpreter;
  if (/^php-fpm\d+(?:\.\d+)?$/.test(name)) return CHECKS['php-fpm'];
  if (/^composer(?:-\d+|\.phar)$/.test(name)) return composer;
  return /^pip[23]?\.\d+$/.test(name) ? pip : undefined;
}

/** The model of what is called, which goes by its path where the name says too little: `./aws/install`. */
export function findModelledCall(called: string, cwd: string): Command | undefined {
  const installer = findInstaller(called, cwd);
  if (installer) MODELS.add(installer);
  return installer ?? findModelled(baseName(called));
}

const MODELS = new WeakSet<Command>(Object.values(MODELLED));

/** Whether it is a model, which takes text that is not known among its arguments. */
export function isModel(command: Command): boolean {
  return MODELS.has(command);
}

/** Scripts that come with a project and only start its build tool: what they do is modelled, not their text read. */
export function isBuildWrapper(name: string): boolean {
  return name === 'gradlew' || name === 'mvnw' || name === 'configure';
}
