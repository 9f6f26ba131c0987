import type { Command, CommandContext } from '../command';
import { absolute } from '../lookup';
import { asksVersion, readArguments } from './arguments';
import { change, ensureFolder, homeOf, lookFor, modelledReason, query, tryWriteUnknown } from './model';

const INSTALLS = 'what it installs is not known';

function gemPlaces({ env }: CommandContext): string[] {
  const own = ['GEM_HOME', 'BUNDLE_PATH', 'BUNDLE_BIN'].flatMap((name) => env.get(name) ?? []);
  return [
    ...own,
    '/usr/local/bundle',
    '/usr/local/lib/ruby',
    '/usr/local/bin',
    '/usr/lib/ruby',
    '/usr/bin',
    '/var/lib/gems',
  ];
}

export const gem: Command = (context) => {
  const options = readArguments(
    context.args,
    'i install-dir n bindir v version P trust-policy s source p http-proxy platform build-root document',
  );
  const [action = ''] = options.operands;
  const title = `gem ${action}`;
  if (asksVersion(context.args) && options.value('version') !== undefined) return query(context);
  if (/^(?:|list|env|environment|help|contents|dependency|outdated|which|sources)$/.test(action))
    return lookOrQuery(context, action);
  const home = homeOf(context);
  const target = options.value('i', 'install-dir');
  const bin = options.value('n', 'bindir');
  for (const folder of [target, bin]) if (folder !== undefined) ensureFolder(context, folder);
  const caches = [`${home}/.gem`, `${home}/.local/share/gem`, `${home}/.cache/gem`];
  if (action === 'build') return change(context, [context.cwd], 'what it packs is not known', { title });
  const places = target === undefined ? gemPlaces(context) : [target];
  return change(context, [...places, ...(bin === undefined ? [] : [bin]), ...caches], INSTALLS, { title });
};

function lookOrQuery(context: CommandContext, action: string): number {
  return /^(?:contents|dependency|which)$/.test(action) ? lookFor(context) : query(context);
}

export const bundle: Command = (context) => {
  const options = readArguments(
    context.args,
    'path j jobs without with gemfile binstubs shebang retry standalone r',
  );
  const [action = 'install', ...rest] = options.operands;
  const title = `${context.name} ${action}`;
  const home = homeOf(context);
  if (asksVersion(context.args) || /^(?:list|info|show|env|platform|doctor|outdated|help)$/.test(action))
    return query(context);
  if (action === 'check') return lookFor(context);
  const settings = [
    `${context.cwd}/.bundle`,
    `${home}/.bundle`,
    context.env.get('BUNDLE_APP_CONFIG') ?? '/usr/local/bundle',
  ];
  if (action === 'config') {
    if (/^(?:list|get)$/.test(rest[0] ?? '') || rest.length === 1) return query(context);
    return change(context, settings, 'what it writes is not known', { title });
  }
  const caches = [...settings, `${home}/.gem`, `${home}/.local/share/gem`];
  // What `exec` starts works in the project.
  if (action === 'exec') {
    const [program = ''] = rest;
    return change(context, [context.cwd, '/tmp', ...caches], 'what it makes is not known', {
      title: `bundle exec ${program}`.trim(),
    });
  }
  const path = options.value('path');
  if (path !== undefined) ensureFolder(context, path);
  const project = ['vendor', 'Gemfile.lock', 'bin'].map((name) => `${context.cwd}/${name}`);
  return change(
    context,
    [...gemPlaces(context), ...(path === undefined ? [] : [path]), ...project, ...caches],
    INSTALLS,
    { title },
  );
};

export const composer: Command = (context) => {
  const options = readArguments(
    context.args,
    'd working-dir ignore-platform-req prefer-install stability s repository',
  );
  const [action = '', ...rest] = options.operands;
  const title = `composer ${action}`;
  const home = homeOf(context);
  const own = context.env.get('COMPOSER_HOME');
  const homes =
    own === undefined
      ? [`${home}/.composer`, `${home}/.config/composer`, `${home}/.local/share/composer`]
      : [own];
  const caches = [context.env.get('COMPOSER_CACHE_DIR') ?? `${home}/.cache/composer`, ...homes];
  if (asksVersion(context.args) || /^(?:|about|list|help|licenses|status)$/.test(action))
    return query(context);
  if (/^(?:show|info|validate|check-platform-reqs|diagnose|outdated|audit|why|depends|search)$/.test(action))
    return lookFor(context);
  if (/^clear-?cache$|^cc$/.test(action))
    return change(context, caches, 'what is in its cache is not known', { title });
  if (action === 'global' || action === 'self-update' || action === 'selfupdate')
    return change(
      context,
      [...caches, ...(action === 'global' ? [] : ['/usr/local/bin', '/usr/bin'])],
      INSTALLS,
      { title },
    );
  const folder = options.value('d', 'working-dir') ?? context.cwd;
  if (action === 'create-project') {
    const target = rest[1] ?? (rest[0] ?? '').replace(/^.*\//, '').replace(/:.*$/, '');
    ensureFolder(context, absolute(target, folder));
    return change(context, [absolute(target, folder), ...caches], INSTALLS, { title });
  }
  if (action === 'config')
    return change(
      context,
      [`${folder}/composer.json`, `${folder}/auth.json`, ...homes],
      'what it writes is not known',
      { title },
    );
  // Scripts of the project run in it.
  if (/^(?:install|i|update|u|require|r|dump-?autoload)$/.test(action))
    ensureFolder(context, `${folder}/${context.env.get('COMPOSER_VENDOR_DIR') ?? 'vendor'}`, 0o777);
  return change(context, [folder, ...caches], INSTALLS, { title });
};

const PHP = [
  '/usr/local/lib/php',
  '/usr/local/include/php',
  '/usr/local/etc/php',
  '/usr/src',
  '/tmp',
  '/var/cache',
  '/lib/apk',
  '/etc/apk',
];

/** `docker-php-ext-install`, `docker-php-ext-enable`: scripts of the PHP images, which write a file for each extension. */
export const phpExtensions: Command = (context) => {
  if (asksVersion(context.args)) return query(context);
  const options = readArguments(context.args, 'j ini-name');
  const what =
    context.name === 'docker-php-ext-enable'
      ? 'what it writes is not known'
      : 'what it compiles is not known';
  const reason = modelledReason(context, what, context.name);
  const settings = `${context.env.get('PHP_INI_DIR') ?? '/usr/local/etc/php'}/conf.d`;
  const status = change(context, context.name === 'docker-php-ext-enable' ? [settings] : PHP, what, {
    title: context.name,
  });
  if (context.name === 'docker-php-ext-configure') return status;
  for (const extension of options.operands) {
    const name =
      options.value('ini-name') ??
      `docker-php-ext-${extension.replace(/^.*\//, '').replace(/\.so$/, '')}.ini`;
    tryWriteUnknown(context, `${settings}/${name}`, reason);
  }
  return status;
};

/** `docker-php-source extract` and `delete`: `/usr/src/php`. */
export const phpSource: Command = (context) => {
  const folder = '/usr/src/php';
  if (asksVersion(context.args)) return query(context);
  if (context.args[0] !== 'delete')
    return change(context, [folder], 'what it unpacks is not known', { title: 'docker-php-source' });
  const found = context.fileSystem.find(folder);
  context.fileSystem.takeDoubts();
  if (found.kind === 'present') context.fileSystem.removeTree(folder);
  else context.fileSystem.clear(folder);
  return 0;
};

/** `pecl`, `pear`, `install-php-extensions`: compile, install and clean up in many places. */
export const phpInstaller: Command = (context) => {
  const options = readArguments(context.args, 'd D R');
  const [action = ''] = options.operands;
  if (asksVersion(context.args) || /^(?:list|info|search|config-show|config-get|help)$/.test(action))
    return query(context);
  const isScript = context.name === 'install-php-extensions';
  const places = isScript
    ? ['/usr', '/etc', '/var', '/lib', '/opt', '/tmp']
    : ['/usr/local', '/usr/share/php', '/usr/lib/php', '/tmp', `${homeOf(context)}/.pearrc`, '/etc/php'];
  return change(context, places, INSTALLS, isScript ? { title: context.name } : {});
};
