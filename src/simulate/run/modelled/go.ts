import { parentOf } from '../../../layers/path';
import type { Command, CommandContext } from '../command';
import { absolute } from '../lookup';
import { asksVersion, readArguments } from './arguments';
import {
  change,
  ensureFolder,
  homeOf,
  lookFor,
  modelledReason,
  prefixOf,
  query,
  tell,
  writeUnknown,
} from './model';

const BUILDS = 'what it makes is not known';
/** Options of `go build` with a value; all have one dash or two. */
const VALUES =
  'o ldflags gcflags asmflags tags mod modfile p buildmode trimpath-root installsuffix pkgdir overlay C run count timeout w coverprofile';

interface Places {
  readonly path: string;
  readonly modules: string;
  readonly cache: string;
  readonly binaries: string;
}

function placesOf(context: CommandContext): Places {
  const { env } = context;
  const home = homeOf(context);
  const path = env.get('GOPATH')?.split(':')[0] || `${home}/go`;
  return {
    path,
    modules: env.get('GOMODCACHE') || `${path}/pkg/mod`,
    cache: env.get('GOCACHE') || `${home}/.cache/go-build`,
    binaries: env.get('GOBIN') || `${path}/bin`,
  };
}

export const go: Command = (context) => {
  const args = context.args.map((arg) => (/^-\w{2,}/.test(arg) ? `-${arg}` : arg));
  const options = readArguments(args, VALUES);
  const [action = '', second = ''] = options.operands;
  const title = action === 'mod' ? `go mod ${second}`.trim() : `go ${action}`;
  if (asksVersion(context.args) || action === '' || action === 'help') return query(context);
  if (action === 'env' && !options.has('w', 'u')) return tellEnvironment(context, options.operands.slice(1));
  if (/^(?:list|vet|doc|bug|tool|fmt)$/.test(action)) return lookFor(context);
  const places = placesOf(context);
  const modules = [places.modules, `${places.path}/pkg/sumdb`];
  const folder = options.value('C') ?? context.cwd;
  switch (action) {
    case 'env':
      return change(context, [`${homeOf(context)}/.config/go`], 'what it writes is not known', { title });
    case 'clean':
      return clean(context, places, options.has('modcache'), title);
    case 'mod': {
      const files =
        second === 'download' || second === 'verify'
          ? [`${folder}/go.sum`]
          : second === 'vendor'
            ? [`${folder}/vendor`]
            : [`${folder}/go.mod`, `${folder}/go.sum`];
      return change(context, [...modules, places.cache, ...files], 'what it downloads is not known', {
        title,
      });
    }
    case 'install':
      return change(context, [...modules, places.cache, places.binaries, `${places.path}/pkg`], BUILDS, {
        title,
      });
    case 'get':
      return change(
        context,
        [places.path, ...modules, places.cache, places.binaries, `${folder}/go.mod`, `${folder}/go.sum`],
        'what it downloads is not known',
        { title },
      );
    case 'build': {
      const output = options.value('o');
      if (output === undefined) return change(context, [...modules, places.cache, folder], BUILDS, { title });
      const status = change(context, [...modules, places.cache], BUILDS, { title });
      buildInto(context, absolute(output, absolute(folder, context.cwd)), title);
      return status;
    }
    default:
      return change(context, [places.path, ...modules, places.cache, folder, '/tmp'], BUILDS, { title });
  }
};

/** `-o` names a file, or a folder that gets one for each program. */
function buildInto(context: CommandContext, output: string, title: string): void {
  const reason = modelledReason(context, BUILDS, title);
  const found = context.fileSystem.find(output);
  const isFolder =
    output.endsWith('/') || (found.kind === 'present' && found.inode.node.kind === 'directory');
  if (isFolder) {
    ensureFolder(context, output);
    context.openRegion(output.replace(/(.)\/+$/, '$1'), reason);
    return;
  }
  ensureFolder(context, parentOf(output));
  writeUnknown(context, output, reason, 0o777);
}

function clean(context: CommandContext, places: Places, modules: boolean, title: string): number {
  const status = change(context, [places.cache, context.cwd], 'what it removes is not known', { title });
  if (!modules) return status;
  const found = context.fileSystem.find(places.modules);
  context.fileSystem.takeDoubts();
  if (found.kind === 'present') context.fileSystem.removeTree(places.modules);
  else context.fileSystem.clear(places.modules);
  return status;
}

/** What `go env` tells is known where variables, the platform and the place of the program say it. */
function tellEnvironment(context: CommandContext, names: readonly string[]): number {
  const { env, architecture } = context;
  const places = placesOf(context);
  const known: Readonly<Record<string, string | undefined>> = {
    GOPATH: env.get('GOPATH') || places.path,
    GOBIN: env.get('GOBIN') ?? '',
    GOMODCACHE: places.modules,
    GOCACHE: places.cache,
    GOOS: env.get('GOOS') || 'linux',
    GOARCH: env.get('GOARCH') || architecture,
    GOHOSTARCH: architecture,
    GOHOSTOS: 'linux',
    GOROOT: env.get('GOROOT') || goRoot(context),
  };
  const values = names.map((name) => known[name]);
  if (names.length === 0 || values.some((value) => value === undefined)) return query(context);
  // `go env -w` may have written others.
  if (!context.stdout.isLog && names.some((name) => !env.get(name)))
    context.model('`go env` is taken to tell what holds without settings of its own');
  return tell(context, values.join('\n'));
}

function goRoot(context: CommandContext): string | undefined {
  const prefix = prefixOf(context);
  return prefix.endsWith('/go') ? prefix : undefined;
}
