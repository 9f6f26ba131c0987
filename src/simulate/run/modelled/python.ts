import type { Command, CommandContext } from '../command';
import { absolute } from '../lookup';
import { asksVersion, readArguments } from './arguments';
import { interpret } from './interpreters';
import { change, ensureFolder, homeOf, lookFor, prefixOf, query } from './model';

const INSTALLS = 'what it installs is not known';
const VALUES =
  't target prefix root d dest w wheel-dir r requirement c constraint i index-url extra-index-url f find-links e editable cache-dir trusted-host python-version platform implementation abi only-binary no-binary progress-bar proxy retries timeout log cert upgrade-strategy config-settings global-option build-option src report python';

export const pip: Command = (context) => pipWith(context, context.args);

function pipWith(context: CommandContext, args: readonly string[]): number {
  const options = readArguments(args, VALUES);
  const [action] = options.operands;
  const title = `pip ${action}`;
  const cache =
    options.value('cache-dir') ?? context.env.get('PIP_CACHE_DIR') ?? `${homeOf(context)}/.cache/pip`;
  if (asksVersion(args) || action === undefined || /^(?:list|freeze|inspect|debug|help)$/.test(action))
    return query(context);
  if (/^(?:show|check|search|index|hash)$/.test(action)) return lookFor(context);
  if (action === 'cache') {
    if (/^(?:dir|info|list)$/.test(options.operands[1] ?? '')) return query(context);
    return change(context, [cache], 'what is in its cache is not known', { title });
  }
  if (action === 'config') {
    if (/^(?:list|get|debug)$/.test(options.operands[1] ?? '')) return query(context);
    const home = homeOf(context);
    return change(
      context,
      [`${home}/.config/pip`, `${home}/.pip`, '/etc/pip.conf'],
      'what it writes is not known',
      { title },
    );
  }
  const caches = options.has('no-cache-dir') || context.env.get('PIP_NO_CACHE_DIR') ? [] : [cache];
  if (action === 'download' || action === 'wheel') {
    const folder = options.value('d', 'dest', 'w', 'wheel-dir') ?? context.cwd;
    ensureFolder(context, folder);
    return change(context, [folder, ...caches], 'what it downloads is not known', { title });
  }
  return install(context, options, caches, title);
}

function install(
  context: CommandContext,
  options: ReturnType<typeof readArguments>,
  caches: readonly string[],
  title: string,
): number {
  const target = options.value('t', 'target', 'prefix', 'root');
  if (target !== undefined) ensureFolder(context, target);
  const places = target !== undefined ? [target] : [...pythonPlaces(context), `${homeOf(context)}/.local`];
  // A project that is installed from its folder is built in it.
  const projects = [options.value('e', 'editable') ?? '', ...options.operands.slice(1)].filter((operand) =>
    /^\.{0,2}(?:\/|$)|^\.{1,2}(?:\[|$)/.test(operand),
  );
  const folders = projects.filter((project) => project !== '').map((project) => project.replace(/\[.*$/, ''));
  return change(context, [...places, ...caches, ...folders], INSTALLS, { title });
}

/** Where packages go: the environment in force, or the prefix that the program lies in. */
export function pythonPlaces(context: CommandContext): string[] {
  const environment = context.env.get('VIRTUAL_ENV') ?? context.env.get('UV_PROJECT_ENVIRONMENT');
  const own = environment ? [environment] : [];
  const prefix = prefixOf(context);
  if (prefix !== '/usr' && prefix !== '/usr/local' && prefix !== '/') return [prefix, ...own];
  const usual = ['lib', 'lib64', 'bin', 'share', 'etc', 'include'];
  const usrLocal = [
    '/usr/local/lib',
    '/usr/local/lib64',
    '/usr/local/bin',
    '/usr/local/share',
    '/usr/local/etc',
    '/usr/local/include',
    '/usr/local/man',
    '/usr/local/src',
  ];
  const places = prefix === '/usr/local' ? usrLocal : [...usrLocal, ...usual.map((name) => `/usr/${name}`)];
  return [...places, ...own];
}

/** `-m pip` and the like, `setup.py`; what other Python text does is not known. */
export const python: Command = (context) => {
  const { args } = context;
  if (asksVersion(args) || /^-V+$/.test(args[0] ?? '')) return query(context);
  const at = args.indexOf('-m');
  const module = at < 0 ? undefined : args[at + 1];
  const rest = args.slice(at + 2);
  switch (module) {
    case 'pip':
      return pipWith(context, rest);
    case 'ensurepip':
      return pipWith(context, ['install']);
    case 'venv':
    case 'virtualenv':
      return environmentIn(context, rest, `${context.name} -m ${module}`);
    case 'compileall': {
      const folders = rest.filter((arg) => !arg.startsWith('-'));
      return change(context, folders, 'what it compiles is not known', {
        title: `${context.name} -m compileall`,
      });
    }
    case 'build':
      return change(
        context,
        [context.cwd, `${homeOf(context)}/.cache`, '/tmp'],
        'what it builds is not known',
        { title: `${context.name} -m build` },
      );
    case 'uv':
      return uvWith(context, rest);
    case 'playwright':
      return change(
        context,
        [`${homeOf(context)}/.cache`, '/ms-playwright', '/usr', '/etc', '/var'],
        INSTALLS,
        { title: 'playwright' },
      );
  }
  const script = args.findIndex((arg) => /^(?:.*\/)?setup\.py$/.test(arg));
  if (module === undefined && script >= 0 && args.slice(0, script).every((arg) => arg.startsWith('-'))) {
    const title = `${context.name} setup.py ${args[script + 1] ?? ''}`.trim();
    return change(context, [context.cwd, ...pythonPlaces(context), `${homeOf(context)}/.cache`], INSTALLS, {
      title,
    });
  }
  return interpret(context);
};

export const virtualenv: Command = (context) =>
  asksVersion(context.args) ? query(context) : environmentIn(context, context.args, context.name);

function environmentIn(context: CommandContext, args: readonly string[], title: string): number {
  const options = readArguments(args, 'p python prompt pip setuptools wheel seed extra-search-dir');
  const folders = options.operands.map((folder) => absolute(folder, context.cwd));
  for (const folder of folders) {
    for (const name of ['bin', 'include', 'lib']) ensureFolder(context, `${folder}/${name}`);
  }
  return change(context, folders, 'what a new Python environment holds is not known', { title });
}

export const uv: Command = (context) => uvWith(context, context.args);

function uvWith(context: CommandContext, args: readonly string[]): number {
  const options = readArguments(
    args,
    'target prefix python p project directory cache-dir r requirements extra group index-url default-index find-links o output-file link-mode',
  );
  const [action = '', second = ''] = options.operands;
  if (asksVersion(args) || action === '' || /^(?:tree|help|version|self)$/.test(action))
    return query(context);
  const title = /^(?:pip|tool|python|cache)$/.test(action) ? `uv ${action} ${second}`.trim() : `uv ${action}`;
  const home = homeOf(context);
  const cache = options.value('cache-dir') ?? context.env.get('UV_CACHE_DIR') ?? `${home}/.cache/uv`;
  const caches = options.has('no-cache', 'n') || context.env.get('UV_NO_CACHE') ? [] : [cache];
  if (action === 'cache') return change(context, [cache], 'what is in its cache is not known', { title });
  if (action === 'venv') return environmentIn(context, [second || '.venv'], title);
  const folder = options.value('project', 'directory') ?? context.cwd;
  const environment = context.env.get('UV_PROJECT_ENVIRONMENT') ?? `${folder}/.venv`;
  const target = options.value('target', 'prefix');
  if (target !== undefined) ensureFolder(context, target);
  const own = [environment, `${folder}/uv.lock`, `${folder}/pyproject.toml`];
  const places =
    action === 'pip'
      ? target !== undefined
        ? [target]
        : [...pythonPlaces(context), `${folder}/.venv`]
      : own;
  const tools =
    action === 'tool' || action === 'python'
      ? [
          `${home}/.local`,
          ...['UV_TOOL_DIR', 'UV_TOOL_BIN_DIR', 'UV_PYTHON_INSTALL_DIR'].flatMap(
            (name) => context.env.get(name) ?? [],
          ),
        ]
      : [];
  // What `uv run` starts works in the project.
  const works = action === 'run' || action === 'build' ? [folder, '/tmp'] : [];
  return change(context, [...places, ...tools, ...works, ...caches], INSTALLS, { title });
}

/** `poetry`, `pipenv`, `pdm`. */
export const pythonProject: Command = (context) => {
  const options = readArguments(context.args, 'C directory P project');
  const [action = ''] = options.operands;
  if (asksVersion(context.args) || /^(?:|show|check|about|help|list|search|env|graph)$/.test(action))
    return query(context);
  const home = homeOf(context);
  return change(
    context,
    [
      ...pythonPlaces(context),
      options.value('C', 'directory') ?? context.cwd,
      `${home}/.cache`,
      `${home}/.config`,
      `${home}/.local`,
    ],
    INSTALLS,
  );
};

export const conda: Command = (context) => {
  const options = readArguments(context.args, 'n name p prefix c channel f file r root-prefix');
  const [action = ''] = options.operands;
  if (asksVersion(context.args) || /^(?:|list|info|search|env list)$/.test(action)) return query(context);
  const home = homeOf(context);
  const own = prefixOf(context).replace(/\/condabin$/, '');
  const roots = [
    own === '/usr' || own === '/' || own === '/usr/local' ? '/opt' : own,
    context.env.get('MAMBA_ROOT_PREFIX'),
  ];
  const settings = [`${home}/.conda`, `${home}/.condarc`, `${home}/.bashrc`, `${home}/.mamba`];
  if (action === 'config' || action === 'init')
    return change(context, [...settings, ...knownOf(roots)], 'what it writes is not known');
  const prefix = options.value('p', 'prefix');
  return change(context, [...knownOf(roots), ...knownOf([prefix]), ...settings, `${home}/.cache`], INSTALLS);
};

function knownOf(paths: readonly (string | undefined)[]): string[] {
  return paths.filter((path) => path !== undefined);
}

export const pyenv: Command = (context) => {
  const [action = ''] = context.args;
  if (asksVersion(context.args) || /^(?:|versions|which|prefix|root|init|shims|commands)$/.test(action))
    return query(context);
  return change(
    context,
    [context.env.get('PYENV_ROOT') ?? `${homeOf(context)}/.pyenv`, `${context.cwd}/.python-version`],
    INSTALLS,
  );
};
