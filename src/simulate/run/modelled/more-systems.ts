import type { Command } from '../command';
import { INSTALLED } from './apt';
import { asksVersion } from './arguments';
import { cargo, compiler } from './builds';
import { go } from './go';
import { change, lookFor, modelledReason, query } from './model';
import { apk } from './other-systems';
import { tool } from './tool';

const installs = (...writes: string[]): Command =>
  tool({
    writes: [...INSTALLED, ...writes],
    outputs: 'root r path',
    asks: /^(?:|help)$/,
    what: 'what it installs or removes is not known',
  });

const NIX = [
  '/nix',
  '~/.nix-profile',
  '~/.nix-defexpr',
  '~/.nix-channels',
  '~/.local/state/nix',
  '~/.cache/nix',
  '~/.config/nix',
  '.',
];
const nix = tool({
  writes: NIX,
  outputs: 'out-link',
  asks: /^(?:|hash)$/,
  isNamedAlone: true,
});

/** `percona-release`: the sources of packages, and the lists of what they have. */
const perconaRelease = tool({
  writes: [
    '/etc/apt',
    '/var/lib/apt',
    '/var/cache',
    '/etc/yum.repos.d',
    '/etc/zypp',
    '/etc/pki',
    '/usr/share/keyrings',
  ],
  asks: /^(?:|show)$/,
  what: 'which sources it adds is not known',
});

/** The programs of `tonistiigi/xx`, which do for the platform that is built for what others do for their own. */
const xx =
  (command: Command): Command =>
  (context) => {
    if (asksVersion(context.args)) return query(context);
    context.model(modelledReason(context, 'for which platform it works is not known', context.name));
    // The root of another platform lies beside the image's own folders.
    if (/^xx-ap/.test(context.name))
      context.openRegion('/', modelledReason(context, 'what it installs is not known', context.name));
    return command(context);
  };

const xxGo: Command = (context) =>
  context.args[0] === '--wrap'
    ? change(
        context,
        ['/usr/local/bin', '/usr/local/go/bin', '/go/bin'],
        'which program it stands before is not known',
        { title: context.name },
      )
    : go(context);

const asks: Command = (context) => query(context);
const looks: Command = (context) => (asksVersion(context.args) ? query(context) : lookFor(context));
const aptOf = installs('/tmp');

/** Package managers beside the usual ones, and scripts of base images that call them. */
export const MORE_SYSTEMS: Readonly<Record<string, Command>> = {
  swupd: installs(),
  pacman: tool({ writes: INSTALLED, what: 'what it installs or removes is not known', isNamedAlone: true }),
  'pacman-key': tool({
    writes: ['/etc/pacman.d', '/usr/share/pacman'],
    what: 'the keys are not known',
    isNamedAlone: true,
  }),
  yay: installs('~/.cache'),
  emerge: installs('/tmp'),
  'emerge-webrsync': installs(),
  'xbps-install': installs(),
  'xbps-remove': installs(),
  opkg: installs(),
  brew: tool({
    writes: ['/home/linuxbrew', '/opt/homebrew', '/usr/local', '~/.cache', '~/.linuxbrew'],
    asks: /^(?:|shellenv)$/,
  }),
  'nix-env': nix,
  'nix-channel': nix,
  'nix-build': nix,
  'nix-shell': nix,
  'nix-store': nix,
  'nix-collect-garbage': nix,
  nix,
  guix: nix,
  'percona-release': perconaRelease,
  install_packages: aptOf,
  'clean-install': aptOf,
  'apt-install': aptOf,
  'apk-install': aptOf,
  'yum-install': aptOf,
  'apt-update': tool({
    writes: ['/var/lib/apt', '/var/cache/apt'],
    what: 'the package lists are not known',
    isNamedAlone: true,
  }),
  'apt-upgrade': aptOf,
  'apt-cleanup': tool({
    writes: ['/var/lib/apt', '/var/cache', '/tmp', '/var/tmp', '/var/log'],
    what: 'what it removes is not known',
    isNamedAlone: true,
  }),
  'apt-fast': aptOf,
  gdebi: aptOf,
  alien: tool({ writes: [...INSTALLED, '.'], what: 'what it converts is not known', isNamedAlone: true }),
  trust: tool({
    writes: ['/etc/pki', '/etc/ssl', '/etc/ca-certificates', '$JAVA_HOME:/usr/lib/jvm', './'],
    asks: /^(?:|list|dump)$/,
    what: 'what it writes is not known',
  }),
  'xx-apk': xx(apk),
  'xx-apt': xx(aptOf),
  'xx-apt-get': xx(aptOf),
  'xx-go': xx(xxGo),
  'xx-cargo': xx(cargo),
  'xx-cc': xx(compiler),
  'xx-c++': xx(compiler),
  'xx-clang': xx(compiler),
  'xx-clang++': xx(compiler),
  'xx-verify': looks,
  'xx-info': asks,
};
