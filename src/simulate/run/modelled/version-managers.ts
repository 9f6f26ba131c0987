import type { Command } from '../command';
import { asksVersion } from './arguments';
import { change, ensureFolder, homeOf, query } from './model';
import { placesOf, tool } from './tool';

const ASKS = /^(?:|versions?|which|prefix|root|shims|commands|whence|help)$/;

const manager = (...writes: string[]): Command => tool({ writes: [...writes, '/tmp'], asks: ASKS });

/** `n`, of Node.js: under its prefix. */
const n = tool({
  writes: [
    ...['n', 'bin', 'lib/node_modules', 'include/node', 'share'].map(
      (name) => `$N_PREFIX:/usr/local/${name}`,
    ),
    '~/.n',
  ],
  asks: /^(?:|ls|list|lsr|ls-remote|bin|which|doctor)$/,
});

/** What a login shell reads: where an installer adds its programs to PATH. */
export const PROFILES = ['.profile', '.bashrc', '.bash_profile', '.zshenv', '.zprofile', '.zshrc'].map(
  (name) => `~/${name}`,
);

/** `rustup-init`: the toolchains, the programs, and PATH unless it is told to leave it. */
const rustupInit: Command = (context) => {
  const { args, env } = context;
  if (asksVersion(args)) return query(context);
  const home = homeOf(context);
  const cargo = env.get('CARGO_HOME') || `${home}/.cargo`;
  const toolchains = env.get('RUSTUP_HOME') || `${home}/.rustup`;
  ensureFolder(context, `${cargo}/bin`);
  ensureFolder(context, toolchains);
  const profiles = args.includes('--no-modify-path')
    ? []
    : placesOf(context, [...PROFILES, '~/.config/fish/conf.d']);
  return change(context, [cargo, toolchains, ...profiles, '/tmp'], 'what it installs is not known', {
    title: context.name,
  });
};

/** Programs that keep several versions of a language side by side. */
export const VERSION_MANAGERS: Readonly<Record<string, Command>> = {
  rbenv: manager('$RBENV_ROOT:~/.rbenv', './.ruby-version'),
  phpenv: manager('$PHPENV_ROOT:~/.phpenv', './.php-version'),
  goenv: manager('$GOENV_ROOT:~/.goenv', './.go-version', '$GOPATH:~/go'),
  nodenv: manager('$NODENV_ROOT:~/.nodenv', './.node-version'),
  jenv: manager('$JENV_ROOT:~/.jenv', './.java-version'),
  'ruby-build': tool({ writes: ['/usr/local', '/opt', '~/.rubies', '/tmp'], isNamedAlone: true }),
  'ruby-install': tool({ writes: ['/usr/local', '/opt', '~/.rubies', '/tmp'], isNamedAlone: true }),
  rvm: manager('$rvm_path:/usr/local/rvm', '~/.rvm', '/etc'),
  n,
  fnm: manager('$FNM_DIR:~/.local/share/fnm', '~/.fnm'),
  volta: manager('$VOLTA_HOME:~/.volta'),
  asdf: manager('$ASDF_DATA_DIR:~/.asdf', '~/.tool-versions', './.tool-versions'),
  mise: manager('$MISE_DATA_DIR:~/.local/share/mise', '~/.config/mise', '~/.cache/mise', './mise.toml'),
  sdk: manager('$SDKMAN_DIR:~/.sdkman'),
  tfenv: manager('$TFENV_CONFIG_DIR:~/.tfenv', '/usr/local', '/opt'),
  ghcup: manager('$GHCUP_INSTALL_BASE_PREFIX:~/.ghcup', '~/.ghcup', '~/.cabal'),
  elan: manager('$ELAN_HOME:~/.elan'),
  'rustup-init': rustupInit,
};
