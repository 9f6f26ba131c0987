import type { Command } from '../command';
import { absolute } from '../lookup';
import { asksVersion, change, homeOf, optionValue, query, writeUnknown } from './model';

const BUILD = 'what it makes is not known';

/** Folders that `make install` writes to, besides what `prefix` and `DESTDIR` name. */
const INSTALL = ['/usr', '/etc', '/opt', '/var', '/lib', '/bin', '/sbin'];

/** `make`, `ninja`, `cmake`, `meson`: below the folder they work in; an install target also into the system. */
export const make: Command = (context) => {
  const { args, cwd, env } = context;
  if (asksVersion(args)) return query(context);
  const folder = absolute(optionValue(args, '-C', '--directory', '-B', '--build', '--install') ?? '.', cwd);
  const named = [...args, ...env]
    .map((item) =>
      typeof item === 'string'
        ? /^(?:-D)?(?:prefix|PREFIX|DESTDIR|CMAKE_INSTALL_PREFIX)(?::PATH)?=(\/.*)$/.exec(item)?.[1]
        : undefined,
    )
    .filter((path) => path !== undefined);
  const installs = args.some((arg) => /install/.test(arg));
  return change(context, [cwd, folder, '/tmp', ...named, ...(installs ? INSTALL : [])], BUILD);
};

/** Compilers: the file after `-o`, else something in the working folder. */
export const compiler: Command = (context) => {
  const { args, cwd } = context;
  if (asksVersion(args) || args.some((arg) => /^-(?:dump|print)/.test(arg))) return query(context);
  const output = optionValue(
    args.filter((arg) => !arg.startsWith('-O')),
    '-o',
  );
  const reason = `\`${context.name}\` is modelled: ${BUILD}`;
  if (output === undefined) return change(context, [cwd], BUILD);
  context.model(reason);
  writeUnknown(context, output, reason, args.includes('-c') ? 0o666 : 0o777);
  return 0;
};

export const go: Command = (context) => {
  const { args, env, cwd } = context;
  const [action] = args;
  if (
    asksVersion(args) ||
    /^(?:list|vet|doc|bug|tool)$/.test(action ?? '') ||
    (action === 'env' && !args.includes('-w'))
  )
    return query(context);
  const home = homeOf(context);
  const path = env.get('GOPATH') ?? `${home}/go`;
  const caches = [path, env.get('GOCACHE') ?? `${home}/.cache`, env.get('GOMODCACHE') ?? path];
  const output = action === 'build' ? optionValue(args, '-o') : undefined;
  if (output === undefined) return change(context, [...caches, cwd], BUILD);
  const status = change(context, caches, BUILD);
  const found = context.fileSystem.find(absolute(output, cwd));
  const isFolder =
    output.endsWith('/') || (found.kind === 'present' && found.inode.node.kind === 'directory');
  if (isFolder) context.openRegion(absolute(output, cwd), `\`go build\` is modelled: ${BUILD}`);
  else {
    context.fileSystem.makeFolders(absolute(output, cwd).replace(/\/[^/]*$/, '') || '/', {
      mode: 0o755,
      uid: 0,
      gid: 0,
    });
    writeUnknown(context, output, `\`go build\` is modelled: ${BUILD}`, 0o777);
  }
  return status;
};

/** Build tools that work in the project's folder and keep a cache at home. */
export const projectBuild =
  (...caches: string[]): Command =>
  (context) => {
    if (asksVersion(context.args)) return query(context);
    const home = homeOf(context);
    const output = optionValue(context.args, '-o', '--output', '--root', '--target-dir');
    const regions = [
      context.cwd,
      '/tmp',
      ...caches.map((cache) => cache.replace(/^~/, home)),
      ...(output ? [output] : []),
    ];
    return change(context, regions, BUILD);
  };
