import type { Command, CommandContext } from '../command';
import { NotSimulated } from '../command';
import { absolute } from '../lookup';
import { asksVersion, readArguments } from './arguments';
import { change, ensureFolder, homeOf, lookFor, modelledReason, query, writeUnknown } from './model';

const BUILDS = 'what it makes is not known';

/** Folders that `make install` writes to, besides what `prefix` and `DESTDIR` name. */
const INSTALL = ['/usr', '/etc', '/opt', '/var', '/lib', '/bin', '/sbin'];

/** `make`, `ninja`, `cmake`, `meson`, `configure`: below the folder they work in; an install target also into the system. */
export const make: Command = (context) => {
  const { args, cwd, env } = context;
  if (asksVersion(args) || args.includes('-n') || args.includes('--dry-run')) return query(context);
  const options = readArguments(
    args,
    'C directory B build install S f file makefile j prefix G D t target P',
  );
  const folders = ['C', 'directory', 'B', 'build', 'install'].flatMap((name) => options.value(name) || []);
  const destination = env.get('DESTDIR');
  const named = args.flatMap((arg) => {
    const path =
      /^(?:-D|--)?(?:prefix|PREFIX|DESTDIR|INSTALL_TOP|INSTALL_ROOT|CMAKE_INSTALL_PREFIX)(?::\w+)?=(.+)$/.exec(
        arg,
      )?.[1];
    return path === undefined ? [] : [path];
  });
  const prefix = options.value('prefix');
  const places = [...named, ...(prefix ? [prefix] : []), ...(destination ? [destination] : [])];
  const installs = args.some((arg) => /install|modules_install|altinstall/.test(arg) && !/^-D/.test(arg));
  return change(context, [cwd, ...folders, '/tmp', ...(installs ? [...places, ...INSTALL] : [])], BUILDS, {
    title: titleOf(context, installs),
  });
};

function titleOf({ name, args }: CommandContext, installs: boolean): string {
  const [target] = args.filter((arg) => /^[a-z][\w-]*$/.test(arg));
  return installs && /^g?make$/.test(name) ? `${name} ${target ?? 'install'}` : name;
}

/** Compilers: the file after `-o`, else something in the working folder. */
export const compiler: Command = (context) => {
  const { args, cwd } = context;
  if (asksVersion(args) || args.some((arg) => /^-(?:dump|print)/.test(arg))) return query(context);
  const at = args.findLastIndex((arg) => arg.startsWith('-o'));
  const output = at < 0 ? undefined : args[at]!.slice(2) || args[at + 1];
  if (output === undefined) return change(context, [cwd], BUILDS, { title: context.name });
  const reason = modelledReason(context, BUILDS, context.name);
  context.model(reason);
  writeUnknown(context, output, reason, args.includes('-c') ? 0o666 : 0o777);
  return 0;
};

const CARGO_VALUES =
  'root target-dir manifest-path p package bin example features F target profile j jobs version vers git branch tag rev path registry index config Z color artifact-dir out-dir';

export const cargo: Command = (context) => {
  // `+nightly` chooses a toolchain.
  const args = context.args.filter((arg) => !arg.startsWith('+'));
  const options = readArguments(args, CARGO_VALUES);
  const [action = '', second] = options.operands;
  const title = `cargo ${action}`;
  if (/^(?:--version|-V|--help|-h|--list)$/.test(args[0] ?? '') || /^(?:|version|help)$/.test(action))
    return query(context);
  if (/^(?:metadata|tree|search|locate-project|pkgid|verify-project|info|owner)$/.test(action))
    return lookFor(context);
  const home = context.env.get('CARGO_HOME') ?? `${homeOf(context)}/.cargo`;
  const registry = [`${home}/registry`, `${home}/git`, `${home}/.package-cache`, `${home}/.global-cache`];
  const toolchains = context.env.get('RUSTUP_HOME') ?? `${homeOf(context)}/.rustup`;
  if (action === 'install' || action === 'uninstall' || action === 'binstall') {
    const root = options.value('root') ?? context.env.get('CARGO_INSTALL_ROOT') ?? home;
    ensureFolder(context, `${root}/bin`, 0o777);
    const places = ['bin', '.crates.toml', '.crates2.json'].map((name) => `${root}/${name}`);
    const project =
      options.value('path') === undefined ? [] : [absolute(options.value('path')!, context.cwd)];
    return change(
      context,
      [...places, ...registry, ...project, toolchains, '/tmp'],
      'what it installs is not known',
      { title },
    );
  }
  if (/^(?:new|init)$/.test(action)) {
    const folder = action === 'new' && second !== undefined ? absolute(second, context.cwd) : context.cwd;
    ensureFolder(context, folder);
    return change(context, [folder], BUILDS, { title });
  }
  if (/^(?:fetch|update|generate-lockfile|vendor|login)$/.test(action))
    return change(
      context,
      [
        ...registry,
        `${home}/credentials.toml`,
        `${context.cwd}/Cargo.lock`,
        ...(action === 'vendor' ? [absolute(second ?? 'vendor', context.cwd)] : []),
      ],
      'what it downloads is not known',
      { title },
    );
  const target = options.value('target-dir') ?? context.env.get('CARGO_TARGET_DIR');
  return change(
    context,
    [context.cwd, ...(target ? [target] : []), ...registry, toolchains, '/tmp'],
    BUILDS,
    { title },
  );
};

export const rustup: Command = (context) => {
  const { args, env } = context;
  if (asksVersion(args) || /^(?:show|which|check|doc|man)$/.test(args[0] ?? '')) return query(context);
  const home = homeOf(context);
  return change(
    context,
    [env.get('RUSTUP_HOME') ?? `${home}/.rustup`, env.get('CARGO_HOME') ?? `${home}/.cargo`],
    'what it installs is not known',
    { title: 'rustup' },
  );
};

export const dotnet: Command = (context) => {
  const { args } = context;
  const options = readArguments(
    args,
    'o output c configuration r runtime f framework p tool-path version source add-source v verbosity k api-key n name a arch os artifacts-path packages',
  );
  const [action = ''] = options.operands;
  if (/^--(?:version|info|list-sdks|list-runtimes|help)$|^-h$/.test(args[0] ?? '') || action === '')
    return query(context);
  if (/\.(?:dll|exe)$/.test(action))
    throw new NotSimulated(`\`dotnet ${action}\` is a program that is not simulated`);
  const home = homeOf(context);
  const places = [
    options.value('o', 'output'),
    options.value('tool-path'),
    options.value('artifacts-path'),
    options.value('packages'),
  ].filter((path) => path !== undefined);
  for (const place of places) ensureFolder(context, place);
  const caches = [
    context.env.get('NUGET_PACKAGES') ?? `${home}/.nuget`,
    `${home}/.dotnet`,
    `${home}/.local/share/NuGet`,
    `${home}/.templateengine`,
    `${home}/.aspnet`,
  ];
  if (action === 'tool' || action === 'nuget' || action === 'workload')
    return change(
      context,
      [...places, ...caches, '/usr/share/dotnet', '/usr/lib/dotnet', `${context.cwd}/.config`, '/tmp'],
      'what it installs is not known',
    );
  return change(context, [context.cwd, ...places, ...caches, '/tmp'], BUILDS);
};

/** Build tools that work in the project's folder and keep a cache at home. */
export const projectBuild =
  (...caches: string[]): Command =>
  (context) => {
    if (asksVersion(context.args)) return query(context);
    const home = homeOf(context);
    const options = readArguments(context.args, 'o output f file p project-dir s settings P D');
    const output = options.value('o', 'output');
    const project = options.value('f', 'file', 'p', 'project-dir');
    const regions = [
      context.cwd,
      '/tmp',
      ...caches.map((cache) => cache.replace(/^~/, home)),
      ...(output ? [output] : []),
      ...(project ? [absolute(project, context.cwd).replace(/\/[^/]*\.\w+$/, '') || '/'] : []),
    ];
    return change(context, regions, BUILDS);
  };

/** `patch`: the files that the patch names, below the folder. */
export const patch: Command = (context) => {
  const options = readArguments(
    context.args,
    'd directory i input o output p strip F fuzz r reject-file D B z V Y',
  );
  if (asksVersion(context.args)) return query(context);
  if (options.has('dry-run')) return lookFor(context);
  const [file] = options.operands;
  const folder = options.value('d', 'directory') ?? '.';
  const places =
    file === undefined
      ? [folder]
      : [absolute(file, absolute(folder, context.cwd)), options.value('o', 'output') ?? file];
  return change(context, places, 'what it changes is not known', { title: 'patch' });
};

/** Programs that rewrite the files they are given: `strip`, `dos2unix`, `setcap`, `upx`. */
export const rewritesOperands: Command = (context) => {
  if (asksVersion(context.args)) return query(context);
  const files = context.args.filter((arg) => !arg.startsWith('-') && !arg.includes('='));
  return change(context, files, 'what it changes is not known', { title: context.name });
};
