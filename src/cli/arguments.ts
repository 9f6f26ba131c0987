import path from 'node:path';
import { parseArgs } from 'node:util';
import { DEFAULT_PLATFORM } from '../graph/build-options';
import { type Builder, DEFAULT_BUILDER, parseBuilder } from '../graph/builder';
import {
  contextNameFault,
  type NamedContext,
  type NamedContexts,
  parseNamedContext,
} from '../graph/named-contexts';
import { type Platform, parsePlatform } from '../layers/image';
import type { StoredSource } from '../layers/stored-image';

/** What the command line asks for. */
export interface CliArguments {
  readonly command: 'inspect' | 'tree' | 'cat' | 'history' | 'explain' | 'compare';
  /** As given: a context folder, a Dockerfile, an image archive, a layout, or `docker://REF` and the like. */
  readonly source: string;
  /** `cat`: the path in the merged file system. `explain`: paths of the context. `compare`: the image. */
  readonly paths: readonly string[];
  readonly file: string | undefined;
  readonly target: string | undefined;
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly contexts: NamedContexts;
  readonly images: Readonly<Record<string, string>>;
  readonly platform: Platform;
  /** An image that is looked at is for the platform that it has, unless one is asked for. */
  readonly isPlatformGiven: boolean;
  readonly builder: Builder;
  /** Whether servers may be asked for the sizes of what ADD downloads. */
  readonly network: boolean;
  /** Where images are looked for that no `--image` names, in this order. */
  readonly sources: readonly StoredSource[];
  readonly format: 'text' | 'json';
  /** The moment: after the instruction at this line (from 1), or after this layer (from 1, bases included). */
  readonly after: number | undefined;
  readonly layer: number | undefined;
}

/** Wrong usage: exit code 2, with a message that says what to write instead. */
export class UsageError extends Error {}

export const USAGE = `Usage: dockerfile-layers COMMAND SOURCE [options]

Commands
  inspect SOURCE             the layers, each with its size, its changes and how certain they are
  tree SOURCE                the merged file system, every path with type, mode, owner, size and link
  cat SOURCE PATH            a file of the merged file system
  history SOURCE             the history, as docker history shows it
  compare CONTEXT IMAGE      the layers of an image beside what is predicted for the lines it was built from
  explain CONTEXT PATH...    whether files are in the build context, and which pattern decides it

SOURCE is a context folder, a Dockerfile, or an image: an archive (docker save, OCI), an OCI layout folder,
docker://REFERENCE or podman://REFERENCE of an engine, or registry://REFERENCE. Images of engines and registries
are kept in a cache.

Options
  -f, --file FILE            the Dockerfile, when it is not SOURCE/Dockerfile
  --target STAGE             the stage to build
  --build-arg NAME=VALUE     an ARG; NAME alone takes the value from the environment
  --build-context NAME=PATH  a named context: a folder, docker-image://REFERENCE or oci-layout://PATH
  --image REFERENCE=PATH     where an image lies: an archive or a layout
  --platform OS/ARCH         linux/amd64 unless given, or of an image the only one that it has
  --builder NAME             who builds: buildkit (with the containerd image store, unless
                             given), overlay2 (BuildKit on the graph driver) or classic
  --network                  ask servers that ADD lines name for sizes (HEAD requests), and registries for images
  --sources LIST             where images are looked for without --image: docker,podman unless given, with
                             --network docker,podman,registry; none for nowhere
  --after LINE               the state after the instruction at this line (tree, cat)
  --layer N                  the state after the first N layers (tree, cat)
  --format text|json         text unless given
  -h, --help                 this text
  --version                  the version

Exit codes: 0 fine, 1 the build would fail (explain: a path is not in the context; compare: a layer is other than
predicted), 2 wrong usage or unreadable input.
`;

const COMMANDS = ['inspect', 'tree', 'cat', 'history', 'explain', 'compare'] as const;

/** Reads the arguments after the program's name. Throws `UsageError`. */
export function parseArguments(argv: readonly string[], env: NodeJS.ProcessEnv): CliArguments {
  const { values, positionals } = parseOptions(argv);
  const [command, source, ...paths] = positionals;
  const known = COMMANDS.find((name) => name === command);
  if (!known) throw new UsageError(command ? `"${command}" is no command` : 'a command is missing');
  checkPositionals(known, source, paths);
  const { format = 'text' } = values;
  if (format !== 'text' && format !== 'json')
    throw new UsageError(`--format is text or json, not "${format}"`);
  return {
    command: known,
    source: source!,
    paths,
    file: values.file,
    target: values.target,
    buildArgs: buildArguments(values['build-arg'] ?? [], env),
    contexts: contextArguments(values['build-context'] ?? []),
    images: imageArguments(values.image ?? []),
    platform: values.platform === undefined ? DEFAULT_PLATFORM : platformArgument(values.platform),
    isPlatformGiven: values.platform !== undefined,
    builder: values.builder === undefined ? DEFAULT_BUILDER : builderArgument(values.builder),
    network: values.network ?? false,
    sources: imageSources(values.sources, values.network ?? false),
    format,
    after: wholeNumber('--after', values.after),
    layer: wholeNumber('--layer', values.layer),
  };
}

/** How many PATHs each command takes. */
function checkPositionals(command: CliArguments['command'], source: string | undefined, paths: string[]) {
  if (command === 'explain' && paths.length === 0) throw new UsageError('explain needs a CONTEXT and a PATH');
  if (source === undefined) throw new UsageError(`${command} needs a SOURCE`);
  if (command === 'cat' && paths.length === 0) throw new UsageError('cat needs a SOURCE and a PATH');
  if (command === 'compare' && paths.length === 0)
    throw new UsageError('compare needs a CONTEXT and an IMAGE');
  const most = command === 'explain' ? paths.length : command === 'cat' || command === 'compare' ? 1 : 0;
  if (paths[most] !== undefined) throw new UsageError(`"${paths[most]}" is one argument too many`);
}

function parseOptions(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        file: { type: 'string', short: 'f' },
        target: { type: 'string' },
        'build-arg': { type: 'string', multiple: true },
        'build-context': { type: 'string', multiple: true },
        image: { type: 'string', multiple: true },
        platform: { type: 'string' },
        builder: { type: 'string' },
        network: { type: 'boolean' },
        sources: { type: 'string' },
        format: { type: 'string' },
        after: { type: 'string' },
        layer: { type: 'string' },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message.split('. ')[0]!);
  }
}

function buildArguments(pairs: readonly string[], env: NodeJS.ProcessEnv): Record<string, string> {
  const values: Record<string, string> = {};
  for (const pair of pairs) {
    const equals = pair.indexOf('=');
    const name = equals < 0 ? pair : pair.slice(0, equals);
    const value = equals < 0 ? env[name] : pair.slice(equals + 1);
    if (value !== undefined) values[name] = value;
  }
  return values;
}

function contextArguments(pairs: readonly string[]): NamedContexts {
  const contexts: Record<string, NamedContext> = {};
  for (const pair of pairs) {
    const [, name, value] = /^([^=]+)=(.+)$/s.exec(pair) ?? [];
    if (name === undefined || value === undefined)
      throw new UsageError(`--build-context takes NAME=PATH, not "${pair}"`);
    const fault = contextNameFault(name);
    if (fault) throw new UsageError(`--build-context ${pair}: ${fault}`);
    // Of two spellings of one name the last one counts.
    delete contexts[name];
    contexts[name] = parseNamedContext(value, (place) => path.resolve(place));
  }
  return contexts;
}

function imageArguments(pairs: readonly string[]): Record<string, string> {
  const images: Record<string, string> = {};
  for (const pair of pairs) {
    const equals = pair.indexOf('=');
    if (equals < 1) throw new UsageError(`--image takes REFERENCE=PATH, not "${pair}"`);
    if (/^\w+:\/\//.test(pair.slice(equals + 1)))
      throw new UsageError(`--image takes REFERENCE=PATH of an archive or a layout, not "${pair}"`);
    images[pair.slice(0, equals)] = path.resolve(pair.slice(equals + 1));
  }
  return images;
}

const ENGINES: readonly StoredSource[] = ['docker', 'podman'];

function imageSources(list: string | undefined, network: boolean): StoredSource[] {
  if (list === undefined) return network ? [...ENGINES, 'registry'] : [...ENGINES];
  if (list === 'none') return [];
  return list.split(',').map((name) => {
    if (name === 'docker' || name === 'podman' || name === 'registry') return name;
    throw new UsageError(
      `--sources takes docker, podman and registry with commas between, or none, not "${list}"`,
    );
  });
}

function platformArgument(text: string): Platform {
  try {
    return parsePlatform(text);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function builderArgument(text: string): Builder {
  try {
    return parseBuilder(text);
  } catch (error) {
    throw new UsageError(`--builder: ${(error as Error).message}`);
  }
}

function wholeNumber(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d+$/.test(text)) throw new UsageError(`${option} takes a whole number, not "${text}"`);
  return Number(text);
}
