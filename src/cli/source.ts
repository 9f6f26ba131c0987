import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { isArchiveFault } from '../archive/fault';
import type { Problem } from '../dockerfile/instruction';
import { DEFAULT_RUN_LIMITS, dockerfileName, type Machine } from '../doors';
import { FileSystem } from '../filesystem/tree';
import { traitsOf, wordsFor } from '../graph/builder';
import { isImage } from '../images/read-image';
import { inspect } from '../inspect';
import { type Inspection, type ListedLayer, layersOf, listLayers } from '../inspection';
import type { Image, ImageConfig } from '../layers/image';
import type { StoredImage } from '../layers/stored-image';
import { inspectedImage } from '../pages/inspected';
import { type HistoryLine, historyOf } from '../pages/texts';
import { endingWhenHung } from '../platform/hang-watch';
import { hostPlatform } from '../platform/host-platform';
import { RemoteSizes } from '../platform/remote-sizes';
import { type CliArguments, UsageError } from './arguments';
import { fetchAddressed, imageFetcher } from './images';

/** What a SOURCE holds, whichever kind it is. */
export interface Source {
  readonly machine: Machine;
  readonly layers: readonly ListedLayer[];
  readonly config: ImageConfig;
  readonly problems: readonly Problem[];
  readonly history: readonly HistoryLine[];
  /** Who builds the Dockerfile, in words, unless it is the default. */
  readonly builder?: string | undefined;
  /** Only for an image. */
  readonly image?: Image;
  /** Only for a Dockerfile. */
  readonly inspection: Inspection | undefined;
}

/** Opens a SOURCE. Throws `UsageError` when it cannot be read. */
export async function openSource(args: CliArguments, machine: Machine): Promise<Source> {
  const stored = await fetchAddressed(args, machine.store);
  if (stored) return openImage(machine, () => openStored(stored, args, machine));
  const { source, contextFolder, dockerfile } = await locate(args);
  if (await isImage(source, machine.archives))
    return openImage(machine, () =>
      machine.image(source, undefined, args.isPlatformGiven ? args.platform : undefined),
    );
  const text = await readDockerfile(dockerfile, source === contextFolder ? undefined : args.source);
  const doors = machine.doors({
    contextFolder,
    dockerfile: traitsOf(args.builder).readsNewSyntax ? dockerfileName(contextFolder, dockerfile) : undefined,
    images: args.images,
    fetchImage: imageFetcher(args, machine.store),
  });
  const { target, buildArgs, platform, contexts, network, builder } = args;
  const servers = new RemoteSizes();
  const allowed = network ? { remoteSize: servers.ask.bind(servers) } : {};
  const options = { target, buildArgs, platform, buildPlatform: hostPlatform(), contexts, builder };
  const watch = endingWhenHung(DEFAULT_RUN_LIMITS.milliseconds);
  const inspection = await inspect({ text, options }, { ...doors, ...allowed, watch });
  const layers = inspection.target ? layersOf(inspection, inspection.target) : [];
  return {
    machine,
    layers,
    config: inspection.target?.end.config ?? {},
    problems: inspection.problems,
    history: historyOf({ kind: 'dockerfile', inspection, explain: () => undefined }),
    builder: wordsFor(builder),
    inspection,
  };
}

/** What SOURCE and `--file` name. */
export async function locate({ source: written, file }: Pick<CliArguments, 'source' | 'file'>) {
  const source = path.resolve(written);
  const info = await stat(source).catch((error: NodeJS.ErrnoException) => {
    const cause = error.code === 'ENOENT' ? 'there is no such file or folder' : error.message;
    throw new UsageError(`Cannot read "${written}": ${cause}`);
  });
  if (!info.isDirectory()) return { source, contextFolder: path.dirname(source), dockerfile: source };
  const dockerfile = path.resolve(file === undefined ? path.join(source, 'Dockerfile') : file);
  return { source, contextFolder: source, dockerfile };
}

/** A copy that turns out to be damaged is removed from the store, so it is fetched once more. */
async function openStored(stored: StoredImage, args: CliArguments, machine: Machine): Promise<Image> {
  try {
    return await machine.storedImage(stored);
  } catch (error) {
    if (!isArchiveFault(error) || error.fault !== 'damaged') throw error;
  }
  const again = await fetchAddressed(args, machine.store);
  try {
    return await machine.storedImage(again ?? stored);
  } catch (error) {
    throw new UsageError(`Cannot read "${args.source}": ${(error as Error).message}`);
  }
}

async function openImage(machine: Machine, open: () => Promise<Image>): Promise<Source> {
  try {
    const image = await open();
    const layers = listLayers(image.layers);
    return {
      machine,
      layers,
      config: image.config,
      problems: [],
      history: historyOf(inspectedImage(image)),
      image,
      inspection: undefined,
    };
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

async function readDockerfile(file: string, source: string | undefined): Promise<string> {
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (error) {
    const cause =
      (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : (error as Error).message;
    throw new UsageError(`Cannot read the Dockerfile "${path.basename(file)}": ${cause}`);
  }
  // A broken archive given by mistake reads better as what it is than as a thousand unknown instructions.
  if (bytes.subarray(0, 8192).includes(0)) {
    throw new UsageError(
      `Cannot read "${source ?? path.basename(file)}": it is neither a Dockerfile nor a readable image archive`,
    );
  }
  return bytes.toString('utf8');
}

/** The merged file system at the moment that `--after` or `--layer` asks for; the end without them. */
export function fileSystemAt(source: Source, { after, layer }: CliArguments): FileSystem {
  const { inspection, layers } = source;
  if (after !== undefined) {
    if (!inspection) throw new UsageError('--after needs a Dockerfile: use --layer for an image');
    const line = after - 1;
    for (const stage of inspection.stages) {
      const step = stage.steps.find(({ step: { instruction, isTrigger } }) => {
        return !isTrigger && instruction.range.start.line <= line && line <= instruction.range.end.line;
      });
      if (step) return step.fileSystem;
    }
    throw new UsageError(
      `--after ${after}: there is no instruction at that line in the stages that are built`,
    );
  }
  if (layer !== undefined && layer > layers.length) {
    throw new UsageError(`--layer ${layer}: there are only ${layers.length} layers`);
  }
  const shown = layer === undefined ? layers : layers.slice(0, layer);
  return shown.reduce((below, item) => below.with(item.layer), FileSystem.empty);
}
