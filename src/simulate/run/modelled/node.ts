import { containerPath, namesOf } from '../../../layers/path';
import type { Command, CommandContext } from '../command';
import { absolute } from '../lookup';
import { type Arguments, asksVersion, readArguments } from './arguments';
import { change, ensureFolder, homeOf, lookFor, modelledReason, prefixOf, query, tell } from './model';

const INSTALLS = 'what it installs is not known';
const BUILDS = 'what it makes is not known';
const VALUES =
  'prefix cwd C dir cache cache-folder registry omit include only w workspace loglevel userconfig modules-folder network-timeout mutex filter F store-dir use-yarnrc tag save-prefix install-strategy production-fallback';

const TELLS = /^(?:root|prefix|bin|whoami|help|get|licenses|completion|docs|version)$/;
const LOOKS = /^(?:ls|list|la|ll|view|info|show|outdated|audit|search|why|explain|ping|doctor)$/;
const SCRIPTS =
  /^(?:run|run-script|rum|test|t|start|stop|restart|exec|x|dlx|build|rebuild|node|workspace|workspaces|init|create|pack|publish|deploy)$/;
const INSTALL = /^(?:install|i|in|add|ci|clean-install|install-clean|isntall)?$/;
const CHANGES =
  /^(?:install|i|in|add|ci|clean-install|up|update|upgrade|remove|rm|uninstall|un|prune|fetch|import|dedupe|link|unlink|patch|shrinkwrap|pkg)$/;

const PROJECT_FILES =
  'node_modules package.json package-lock.json npm-shrinkwrap.json yarn.lock pnpm-lock.yaml .yarn .yarnrc.yml .pnp.cjs .pnp.loader.mjs .pnpm-store bun.lockb bun.lock'.split(
    ' ',
  );

interface Call {
  readonly context: CommandContext;
  readonly options: Arguments;
  readonly action: string;
  readonly title: string;
  readonly caches: readonly string[];
  readonly folder: string;
}

/** `npm`, `pnpm`, `yarn`, `bun`: installs go to the working folder, `-g` to the program's own prefix. */
export const nodePackages: Command = (context) => {
  const options = readArguments(context.args, VALUES);
  const [first = ''] = options.operands;
  const isGlobal = isForAll(options, first);
  const action = first === 'global' ? (options.operands[1] ?? '') : first;
  const title = first === '' ? context.name : `${context.name} ${first}`;
  const folder = options.value('prefix', 'cwd', 'C', 'dir') ?? context.cwd;
  const call: Call = { context, options, action, title, caches: cachesOf(context, options), folder };
  if (/^(?:--version|-v)$/.test(context.args.join(' '))) return query(context);
  const tells = asksVersion(context.args) || TELLS.test(action) || LOOKS.test(action);
  if (tells && context.name === 'npm') keepLog(call);
  if (asksVersion(context.args)) return query(context);
  if (action === 'root' && isGlobal && context.name === 'npm') return tellRoot(context);
  if (TELLS.test(action) || (action === '' && context.name !== 'yarn')) return query(context);
  if (LOOKS.test(action)) return lookFor(context);
  if (action === 'config' || action === 'c' || action === 'set') return configure(call);
  if (action === 'cache' || action === 'store') return cache(call);
  if (isGlobal) return installForAll(call);
  const isScript = SCRIPTS.test(action) || (context.name !== 'npm' && action !== '' && !CHANGES.test(action));
  if (isScript)
    return change(context, [folder, ...call.caches, '/tmp'], BUILDS, { title: scriptTitle(call) });
  return install(call);
};

/** npm writes a log of every run, but of `npm --version`. */
function keepLog({ context, caches: [cache] }: Call): void {
  const reason = modelledReason(context, 'the log of its run is not known');
  context.model(reason);
  if (cache !== undefined) context.openRegion(cache, reason);
}

function isForAll(options: Arguments, first: string): boolean {
  return options.has('g', 'global') || first === 'global' || options.value('location') === 'global';
}

function scriptTitle({ title, options }: Call): string {
  const [action, script] = options.operands;
  return /^(?:run|run-script|exec|x|dlx)$/.test(action ?? '') && script ? `${title} ${script}` : title;
}

function cachesOf(context: CommandContext, options: Arguments): string[] {
  const home = homeOf(context);
  const given =
    options.value('cache', 'cache-folder') ??
    context.env.get('npm_config_cache') ??
    context.env.get('NPM_CONFIG_CACHE');
  const own: Readonly<Record<string, readonly string[]>> = {
    npm: [given ?? `${home}/.npm`],
    yarn: [
      given ?? `${home}/.cache/yarn`,
      `${home}/.yarn`,
      `${home}/.config/yarn`,
      '/usr/local/share/.cache',
    ],
    pnpm: [
      `${home}/.local/share/pnpm`,
      `${home}/.cache/pnpm`,
      `${home}/.local/state/pnpm`,
      `${home}/.config/pnpm`,
    ],
    bun: [`${home}/.bun`],
  };
  return [...(own[context.name] ?? []), `${home}/.cache/node`, `${home}/.cache/node-gyp`];
}

/** `npm root -g`, as npm has it unless its settings say otherwise. */
function tellRoot(context: CommandContext): number {
  context.model(`where \`${context.name}\` keeps its packages is taken from where the program lies`);
  return tell(context, `${prefixOf(context)}/lib/node_modules`);
}

function configure(call: Call): number {
  const { context, options, title } = call;
  if (/^(?:get|list|ls)$/.test(options.operands[1] ?? '')) {
    if (context.name === 'npm') keepLog(call);
    return query(context);
  }
  const home = homeOf(context);
  const prefix = prefixOf(context);
  const files = [
    `${home}/.npmrc`,
    `${home}/.yarnrc`,
    `${home}/.yarnrc.yml`,
    `${home}/.config`,
    `${context.cwd}/.yarnrc.yml`,
  ];
  return change(
    context,
    [...files, ...(prefix === '/' ? [] : [`${prefix}/etc`])],
    'what it writes is not known',
    { title },
  );
}

function cache({ context, options, title, caches }: Call): number {
  const [, what = ''] = options.operands;
  if (/^(?:dir|path|ls|list|verify|status)$/.test(what)) return query(context);
  const status = change(context, caches, 'what is in its cache is not known', { title });
  // npm takes all of it away that it fetched; its logs stay.
  if (context.name === 'npm' && /^cle(?:an|ar)$/.test(what)) clear(context, `${caches[0]}/_cacache`);
  if (context.name === 'yarn' && what === 'clean')
    for (const folder of ['/usr/local/share/.cache/yarn/', `${homeOf(context)}/.cache/yarn/`])
      context.fileSystem.clear(folder);
  return status;
}

function clear({ fileSystem }: CommandContext, path: string): void {
  const found = fileSystem.find(path);
  fileSystem.takeDoubts();
  if (found.kind === 'present') fileSystem.removeTree(path);
  else fileSystem.clear(path);
}

function installForAll({ context, options, title, caches }: Call): number {
  const prefix =
    options.value('prefix') ??
    context.env.get('npm_config_prefix') ??
    context.env.get('NPM_CONFIG_PREFIX') ??
    prefixOf(context);
  if (options.value('prefix') !== undefined) ensureFolder(context, prefix);
  const places = [`${prefix}/lib`, `${prefix}/bin`, `${prefix}/share`, `${prefix}/etc`];
  const home = homeOf(context);
  const own =
    context.name === 'npm'
      ? []
      : [`${home}/.local/share/pnpm`, `${home}/.config/yarn`, context.env.get('PNPM_HOME')];
  return change(context, [...places, ...own.filter((path) => path !== undefined), ...caches], INSTALLS, {
    title,
  });
}

function install({ context, action, title, caches, folder }: Call): number {
  const { fileSystem, cwd } = context;
  const modules = absolute(`${folder}/node_modules`, cwd);
  if (/^ci$|^clean-install$/.test(action) && context.name === 'npm') {
    if (isMissing(context, folder, ['package-lock.json', 'npm-shrinkwrap.json'])) {
      context.stderr.write(
        'npm error code EUSAGE\nnpm error The `npm ci` command can only install with an existing package-lock.json or\nnpm error npm-shrinkwrap.json with lockfileVersion >= 1.\n',
      );
      return 1;
    }
    // It begins by taking away what was installed before.
    const found = fileSystem.find(modules);
    if (found.kind === 'present' && !fileSystem.holdsMount(modules)) fileSystem.removeTree(modules);
  }
  // What is in it is not known; that it is there afterwards is, so a later COPY of it is a guess and no riddle.
  if (INSTALL.test(action)) ensureFolder(context, modules, 0o755);
  return change(context, [...PROJECT_FILES.map((file) => `${folder}/${file}`), ...caches], INSTALLS, {
    title,
  });
}

/** Whether none of the files is there, for certain; a folder above may be the root of the workspace. */
function isMissing({ fileSystem, cwd }: CommandContext, folder: string, names: readonly string[]): boolean {
  const place = containerPath(folder, cwd);
  const folders = namesOf(place).map((_, index, all) => `/${all.slice(0, index + 1).join('/')}`);
  const missing = ['', ...folders].every((above) =>
    names.every((name) => fileSystem.find(`${above}/${name}`).kind === 'absent'),
  );
  return fileSystem.takeDoubts().size === 0 && missing;
}

export const npx: Command = (context) => {
  if (asksVersion(context.args)) return query(context);
  const [what] = readArguments(context.args, 'p package c call').operands;
  const home = homeOf(context);
  return change(context, [context.cwd, `${home}/.npm`, `${home}/.cache`, `${home}/.bun`, '/tmp'], BUILDS, {
    title: what === undefined ? context.name : `${context.name} ${what}`,
  });
};

export const corepack: Command = (context) =>
  asksVersion(context.args)
    ? query(context)
    : change(context, [`${prefixOf(context)}/bin`, `${homeOf(context)}/.cache/node`], INSTALLS);

/** `nvm`, a function of the shell that a sourced file defines. */
export const nvm: Command = (context) =>
  change(context, [context.env.get('NVM_DIR') ?? `${homeOf(context)}/.nvm`], INSTALLS);
