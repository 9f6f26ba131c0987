import { type Command, type CommandContext, NotSimulated } from '../command';
import { absolute } from '../lookup';
import { asksVersion, change, homeOf, optionValue, prefixOf, query } from './model';

const NOT_KNOWN = 'what it installs is not known';
const BUILD = 'what it makes is not known';

function firstWord(args: readonly string[]): string | undefined {
  return args.find((arg) => !arg.startsWith('-'));
}

export const pip: Command = (context) => pipWith(context, context.args);

function pipWith(context: CommandContext, args: readonly string[]): number {
  const action = firstWord(args);
  if (
    action === undefined ||
    /^(?:list|show|freeze|check|search|index|inspect|hash|debug|help)$/.test(action)
  )
    return query(context);
  const cache = `${homeOf(context)}/.cache`;
  if (action === 'cache') return change(context, [cache], 'what is in its cache is not known');
  if (action === 'config')
    return change(
      context,
      [`${homeOf(context)}/.config/pip`, '/etc/pip.conf'],
      'what it writes is not known',
    );
  if (action === 'download' || action === 'wheel') {
    return change(
      context,
      [optionValue(args, '-d', '-w', '--dest', '--wheel-dir') ?? context.cwd, cache],
      'what it downloads is not known',
    );
  }
  const target = optionValue(args, '-t', '--target', '--prefix', '--root');
  const places = target ? [target] : pythonPlaces(context);
  const editable = args.some((arg) => arg === '-e' || arg === '--editable' || arg === '.')
    ? [context.cwd]
    : [];
  return change(context, [...places, cache, `${homeOf(context)}/.local`, ...editable], NOT_KNOWN);
}

function pythonPlaces(context: CommandContext): string[] {
  const environment = context.env.get('VIRTUAL_ENV') ?? context.env.get('UV_PROJECT_ENVIRONMENT');
  const prefix = prefixOf(context);
  if (prefix !== '/usr' && prefix !== '/usr/local' && prefix !== '/')
    return [prefix, ...(environment ? [environment] : [])];
  const usual = [
    '/usr/local',
    '/usr/lib',
    ...['lib', 'bin', 'share', 'etc', 'include'].map((name) => `${prefix}/${name}`),
  ];
  return [...usual, ...(environment ? [environment] : [])];
}

/** Only `-m pip` and the like; what other Python text does is not known. */
export const python: Command = (context) => {
  const { args } = context;
  const module = args.indexOf('-m');
  if (asksVersion(args)) return query(context);
  if (module >= 0 && (args[module + 1] === 'pip' || args[module + 1] === 'ensurepip')) {
    return pipWith(context, args[module + 1] === 'pip' ? args.slice(module + 2) : ['install']);
  }
  if (module >= 0 && (args[module + 1] === 'venv' || args[module + 1] === 'virtualenv')) {
    return environmentIn(context, args.slice(module + 2));
  }
  throw new NotSimulated(`\`${context.name}\` is a program that is not simulated`);
};

export const virtualenv: Command = (context) => environmentIn(context, context.args);

function environmentIn(context: CommandContext, args: readonly string[]): number {
  const folder = args.filter((arg) => !arg.startsWith('-')).at(-1);
  return change(context, folder ? [folder] : [], 'what a new Python environment holds is not known');
}

export const uv: Command = (context) => {
  if (asksVersion(context.args)) return query(context);
  const home = homeOf(context);
  const project = [`${context.cwd}/.venv`, `${context.cwd}/uv.lock`];
  return change(
    context,
    [...pythonPlaces(context), ...project, `${home}/.cache`, `${home}/.local`],
    NOT_KNOWN,
  );
};

/** `poetry`, `pipenv`, `pdm`. */
export const pythonProject: Command = (context) => {
  if (asksVersion(context.args)) return query(context);
  const home = homeOf(context);
  return change(
    context,
    [...pythonPlaces(context), context.cwd, `${home}/.cache`, `${home}/.config`, `${home}/.local`],
    NOT_KNOWN,
  );
};

export const conda: Command = (context) => {
  if (asksVersion(context.args) || /^(?:list|info|search)$/.test(firstWord(context.args) ?? ''))
    return query(context);
  const prefix = prefixOf(context);
  return change(
    context,
    [
      prefix === '/usr' || prefix === '/' ? '/opt' : prefix,
      `${homeOf(context)}/.conda`,
      `${homeOf(context)}/.cache`,
      `${homeOf(context)}/.bashrc`,
    ],
    NOT_KNOWN,
  );
};

const NODE_QUERY =
  /^(?:ls|list|view|info|show|outdated|audit|root|prefix|bin|whoami|search|why|explain|get|ping|doctor|version|help|licenses)$/;
const NODE_SCRIPT =
  /^(?:run|run-script|test|t|start|exec|x|dlx|build|rebuild|node|workspace|workspaces|init|create|pack|publish)$/;

/** `npm`, `pnpm`, `yarn`, `bun`: installs go to the working folder, `-g` to the program's own prefix. */
export const nodePackages: Command = (context) => {
  const { args } = context;
  const action = firstWord(args);
  const home = homeOf(context);
  const caches = [`${home}/.npm`, `${home}/.cache`, `${home}/.local`, `${home}/.yarn`, `${home}/.config`];
  if (
    asksVersion(args) ||
    (action !== undefined && NODE_QUERY.test(action)) ||
    (action === 'config' && args.includes('get'))
  ) {
    return query(context);
  }
  if (action === undefined && context.name !== 'yarn') return query(context);
  if (action === 'config' || action === 'set')
    return change(
      context,
      [
        `${home}/.npmrc`,
        `${home}/.yarnrc`,
        `${home}/.config`,
        ...(prefixOf(context) === '/' ? [] : [`${prefixOf(context)}/etc`]),
      ],
      'what it writes is not known',
    );
  if (action === 'cache')
    return change(context, [...caches, '/usr/local/share/.cache'], 'what is in its cache is not known');
  if (
    args.includes('-g') ||
    args.includes('--global') ||
    args.includes('--location=global') ||
    action === 'global'
  ) {
    const prefix = prefixOf(context);
    return change(context, [`${prefix}/lib`, `${prefix}/bin`, `${prefix}/share`, ...caches], NOT_KNOWN);
  }
  const folder = optionValue(args, '--prefix', '--cwd', '--dir') ?? context.cwd;
  const isScript =
    action !== undefined &&
    (NODE_SCRIPT.test(action) ||
      (context.name !== 'npm' &&
        !/^(?:install|i|add|ci|up|update|upgrade|remove|prune|fetch|import|dedupe|link|unlink|uninstall)$/.test(
          action,
        )));
  if (isScript) return change(context, [folder, ...caches, '/tmp'], BUILD);
  const files = [
    'node_modules',
    'package.json',
    'package-lock.json',
    'yarn.lock',
    'pnpm-lock.yaml',
    '.yarn',
    '.pnp.cjs',
    '.pnp.loader.mjs',
    'bun.lockb',
  ];
  if (/^(?:install|i|add|ci)?$/.test(action ?? '')) {
    // What is in it is not known; that it is there afterwards is, so a later COPY of it is a guess and no riddle.
    const { uid, gid } = context.fileSystem.credentials;
    context.fileSystem.makeFolders(absolute(`${folder}/node_modules`, context.cwd), {
      mode: 0o755,
      uid,
      gid,
    });
  }
  return change(
    context,
    [...files.map((file) => `${folder}/${file}`), ...caches, '/usr/local/share/.cache'],
    NOT_KNOWN,
  );
};

export const npx: Command = (context) =>
  change(context, [context.cwd, `${homeOf(context)}/.npm`, `${homeOf(context)}/.cache`, '/tmp'], BUILD);

export const corepack: Command = (context) =>
  change(context, [`${prefixOf(context)}/bin`, `${homeOf(context)}/.cache`], NOT_KNOWN);

/** `gem`, `bundle`, `composer` and others that install below a folder of their language. */
export const installsUnder =
  (...regions: string[]): Command =>
  (context) => {
    if (asksVersion(context.args)) return query(context);
    const home = homeOf(context);
    return change(
      context,
      regions.map((region) => region.replace(/^~/, home).replace(/^\.(?=\/|$)/, context.cwd)),
      NOT_KNOWN,
    );
  };
