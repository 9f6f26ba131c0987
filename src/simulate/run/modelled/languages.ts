import type { Command } from '../command';
import { tool } from './tool';

const BUILDS = 'what it makes is not known';

const project = (...writes: string[]): Command => keeping([], ...writes);

const keeping = (keeps: readonly string[], ...writes: string[]): Command =>
  tool({
    ...(keeps.length > 0 && { keeps }),
    writes: ['.', ...writes, '/tmp'],
    outputs: 'o output out-dir prefix install-dir',
    asks: /^(?:|help)$/,
    what: BUILDS,
  });

const PERL = [
  '/usr/local',
  '/usr/share/perl5',
  '/usr/lib',
  '~/.cpan',
  '~/.cpanm',
  '~/.perl-cpm',
  '~/perl5',
  '/tmp',
];
const perlModules = tool({ writes: PERL, outputs: 'l L local-lib', isNamedAlone: true });

const LUA = [
  '/usr/local/lib',
  '/usr/local/share',
  '/usr/local/bin',
  '/usr/local/etc',
  '/usr/local/openresty',
  '~/.cache/luarocks',
  '~/.luarocks',
  '/tmp',
];

/** `keytool`: the store of keys that it is told, or the one at home. */
const keytool = tool({
  writes: ['~/.keystore', '$JAVA_HOME:/usr/lib/jvm', '/etc/ssl/certs/java', '/etc/pki'],
  outputs: 'keystore destkeystore file',
  what: 'the keys are not known',
  isNamedAlone: true,
});

const jar: Command = (context) => {
  const long = { ...context, args: context.args.map((arg) => (/^[ctxui]\w*$/.test(arg) ? `-${arg}` : arg)) };
  const [letters = ''] = long.args;
  const tells = /^-\w*t|^--list/.test(letters);
  return tool({ writes: tells ? [] : ['.'], outputs: 'C file', what: BUILDS, isNamedAlone: true })({
    ...long,
    args: context.args,
  });
};

/** Package managers and builders of languages that keep a cache of their own. */
export const MORE_LANGUAGES: Readonly<Record<string, Command>> = {
  stack: project('$STACK_ROOT:~/.stack', '/etc/stack', '~/.local/bin'),
  cabal: project('$CABAL_DIR:~/.cabal', '~/.config/cabal', '~/.cache/cabal', '~/.local'),
  opam: project('$OPAMROOT:~/.opam', '~/.profile', '~/.bash_profile'),
  luarocks: tool({ writes: LUA, outputs: 'tree', asks: /^(?:|list|show|path|which|help)$/ }),
  opm: tool({
    writes: ['/usr/local/openresty/site', '~/.opm', './resty_modules'],
    asks: /^(?:|list|info)$/,
  }),
  cpan: perlModules,
  cpanm: perlModules,
  cpm: perlModules,
  carton: project('~/.cpanm', '~/perl5'),
  julia: tool({
    writes: ['$JULIA_DEPOT_PATH:~/.julia', '.', '/usr/local/share/julia', '/opt/julia', '/tmp'],
    what: BUILDS,
    isNamedAlone: true,
  }),
  dart: keeping(
    ['~/.dart', '~/.dart-tool'],
    '$PUB_CACHE:~/.pub-cache',
    '~/.dart',
    '~/.dart-tool',
    '~/.config/dart',
  ),
  flutter: keeping(
    ['%', '~/.flutter', '~/.config', '~/.dart', '~/.dart-tool'],
    '%',
    '$FLUTTER_HOME:/opt/flutter',
    '$FLUTTER_ROOT:/usr/local/flutter',
    '$PUB_CACHE:~/.pub-cache',
    '~/.config/flutter',
    '~/.flutter',
    '~/.dart',
    '~/.dart-tool',
    '~/.flutter_settings',
  ),
  swift: project('~/.swiftpm', '~/.cache'),
  swiftc: tool({ writes: ['.'], outputs: 'o', what: BUILDS, isNamedAlone: true }),
  zig: project('$ZIG_GLOBAL_CACHE_DIR:~/.cache/zig'),
  deno: project('$DENO_DIR:~/.cache/deno', '$DENO_INSTALL_ROOT:~/.deno', '~/.deno'),
  nimble: project('~/.nimble', '~/.cache/nim'),
  nim: project('~/.cache/nim'),
  dub: project('~/.dub'),
  shards: project('~/.cache'),
  crystal: project('~/.cache'),
  rebar3: project('~/.cache/rebar3'),
  bazel: keeping(['~/.cache'], '~/.cache'),
  bazelisk: keeping(['~/.cache'], '~/.cache'),
  nuget: project('~/.nuget', '~/.local/share/NuGet', '~/.config/NuGet'),
  msbuild: project('~/.nuget'),
  sbtn: project('~/.sbt', '~/.ivy2', '~/.cache'),
  clojure: project('~/.m2', '~/.clojure', '~/.gitlibs'),
  clj: project('~/.m2', '~/.clojure', '~/.gitlibs'),
  bower: keeping(['~/.config'], '~/.cache/bower', '~/.local/share/bower'),
  javac: tool({ writes: ['.'], outputs: 'd', what: BUILDS, isNamedAlone: true }),
  jlink: tool({ writes: [], outputs: 'output', asks: /^$/, what: BUILDS, isNamedAlone: true }),
  'native-image': project(),
  phpize: tool({ writes: ['.'], what: BUILDS, isNamedAlone: true }),
  keytool,
  jar,
  b2: project('/usr/local', '/usr/lib', '/usr/include'),
  hatch: project('~/.cache', '~/.local'),
  'conda-lock': project('~/.conda', '/opt/conda', '~/.cache'),
  jupyter: tool({
    writes: [
      '~/.jupyter',
      '~/.local',
      '~/.cache',
      '~/.ipython',
      '/usr/local/share/jupyter',
      '/usr/share/jupyter',
      '/opt/conda',
      '/opt/venv',
      '/usr/local/etc/jupyter',
      '/tmp',
    ],
    asks: /^$/,
    what: 'what it changes is not known',
  }),
};
