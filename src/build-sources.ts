import type { BuildContext } from './context/build-context';
import { FileSystem } from './filesystem/tree';
import { contextNamed, contextWords, type NamedContext, type NamedContexts } from './graph/named-contexts';
import type { InspectedBase } from './inspection';
import { unknown } from './layers/certainty';
import { formatPlatform, type Image, type ImageConfig, type Platform } from './layers/image';
import { contextLayer } from './simulate/context-layer';
import type { SourceFileSystem } from './simulate/inputs';
import { outcome } from './simulate/outcome';

/** Where images and named contexts come from. */
export interface SourceDoors {
  readonly findImage: (reference: string, platform: Platform, signal?: AbortSignal) => Promise<FoundImage>;
  /** The image of an OCI layout, by tag or digest. */
  readonly findLayout: (
    layout: Extract<NamedContext, { kind: 'layout' }>,
    platform: Platform,
    signal?: AbortSignal,
  ) => Promise<FoundImage>;
  /** The files of a folder, as a named context has them; `undefined` when there is no such folder. */
  readonly openFolder: (path: string) => BuildContext | undefined;
}

export type FoundImage =
  | { readonly kind: 'found'; readonly image: Image }
  | { readonly kind: 'missing'; readonly reason: string };

/** What a name leads to that no stage has. */
type Source =
  | { readonly kind: 'image'; readonly image: Image; readonly context?: string }
  | { readonly kind: 'folder'; readonly name: string; readonly context: BuildContext }
  | { readonly kind: 'empty' }
  | { readonly kind: 'missing'; readonly image?: string; readonly reason: string };

/** What a stage begins with. */
export interface Start {
  readonly base: InspectedBase;
  readonly config: ImageConfig;
  readonly fileSystem: FileSystem;
}

export const NOTHING: Start = {
  base: { kind: 'scratch' },
  config: { WorkingDir: '/' },
  fileSystem: FileSystem.empty,
};

/** File systems of images and contexts, made once for all inspections. */
export class SourceMemory {
  private readonly images = new WeakMap<Image, FileSystem>();
  private readonly contexts = new WeakMap<BuildContext, Promise<FileSystem>>();

  ofImage(image: Image): FileSystem {
    const known =
      this.images.get(image) ?? image.layers.reduce((below, layer) => below.with(layer), FileSystem.empty);
    this.images.set(image, known);
    return known;
  }

  /** A context as a stage stands on it: all of it in one layer. */
  ofContext(name: string, context: BuildContext, clock: () => number): Promise<FileSystem> {
    const known =
      this.contexts.get(context) ??
      contextLayer(`local source for ${name}`, context, clock).then((layer) => FileSystem.empty.with(layer));
    this.contexts.set(context, known);
    return known;
  }
}

/** What one build takes from outside its Dockerfile: images, and the named contexts that go before them. */
export class BuildSources {
  private readonly known = new Map<string, Source>();

  constructor(
    private readonly doors: SourceDoors,
    private readonly memory: SourceMemory,
    private readonly contexts: NamedContexts | undefined,
  ) {}

  /** Named contexts whose folders are not there: the build stops at them, used or not. */
  missingFolders(): string[] {
    return Object.entries(this.contexts ?? {}).flatMap(([name, context]) =>
      context.kind === 'folder' && !this.doors.openFolder(context.path)
        ? [missingFolderWords(name, context.path)]
        : [],
    );
  }

  /** Finds what a name leads to, so that `files` knows it. */
  async find(name: string, platform: Platform, signal?: AbortSignal): Promise<Source> {
    const key = keyOf(name, platform);
    const found = this.known.get(key) ?? (await this.look(name, platform, signal));
    signal?.throwIfAborted();
    this.known.set(key, found);
    return found;
  }

  /** The start of a stage FROM a name. */
  async start(name: string, platform: Platform, clock: () => number, signal?: AbortSignal): Promise<Start> {
    const found = await this.find(name, platform, signal);
    switch (found.kind) {
      case 'image': {
        const { image, context } = found;
        const base: InspectedBase = { kind: 'image', image, ...(context !== undefined && { context }) };
        return { base, config: image.config, fileSystem: this.memory.ofImage(image) };
      }
      case 'folder': {
        const fileSystem = await this.memory.ofContext(found.name, found.context, clock);
        return { ...NOTHING, base: { kind: 'context', name: found.name }, fileSystem };
      }
      case 'empty':
        return NOTHING;
      case 'missing': {
        const { kind, image, reason } = found;
        const base: InspectedBase = { kind, reference: name, reason, ...(image !== undefined && { image }) };
        return { base, config: {}, fileSystem: unknownFileSystem(name, reason) };
      }
      default:
        return found satisfies never;
    }
  }

  /** The configuration of an image that was looked for. */
  configOf(name: string, platform: Platform): ImageConfig | undefined {
    const found = this.known.get(keyOf(name, platform));
    return found?.kind === 'image' ? found.image.config : undefined;
  }

  /** What COPY --from sees of a name that was looked for. */
  files(name: string, platform: Platform): SourceFileSystem | undefined {
    const found = this.known.get(keyOf(name, platform));
    if (!found) return undefined;
    switch (found.kind) {
      case 'image':
        return { kind: 'found', fileSystem: this.memory.ofImage(found.image) };
      case 'folder':
        return { kind: 'found', fileSystem: found.context.fileSystem, context: found.context };
      case 'empty':
        return { kind: 'found', fileSystem: FileSystem.empty };
      default:
        return { kind: 'unknown', reason: found.reason };
    }
  }

  private async look(name: string, platform: Platform, signal?: AbortSignal): Promise<Source> {
    const named = contextNamed(name, this.contexts);
    if (!named) return imageSource(name, await this.doors.findImage(name, platform, signal));
    const { context } = named;
    const words = `the build context "${named.name}"`;
    switch (context.kind) {
      case 'folder': {
        const opened = this.doors.openFolder(context.path);
        if (opened) return { kind: 'folder', name: named.name, context: opened };
        return { kind: 'missing', reason: missingFolderWords(named.name, context.path) };
      }
      case 'image': {
        if (context.reference === 'scratch') return { kind: 'empty' };
        const found = await this.doors.findImage(context.reference, platform, signal);
        return imageSource(context.reference, found, { words, context });
      }
      case 'layout':
        return imageSource(undefined, await this.doors.findLayout(context, platform, signal), {
          words,
          context,
        });
      case 'remote':
        return { kind: 'missing', reason: `${words} is at ${contextWords(context)}, which is not fetched` };
      default:
        return context satisfies never;
    }
  }
}

function missingFolderWords(name: string, path: string): string {
  return `the build context "${name}" was not found: there is no folder ${path}`;
}

function imageSource(
  image: string | undefined,
  found: FoundImage,
  via?: { words: string; context: NamedContext },
): Source {
  if (found.kind === 'found')
    return { kind: 'image', image: found.image, ...(via && { context: contextWords(via.context) }) };
  const reason = via ? `${via.words} was not found: ${found.reason}` : found.reason;
  return { kind: 'missing', reason, ...(image !== undefined && { image }) };
}

function keyOf(name: string, platform: Platform): string {
  return `${formatPlatform(platform)} ${name}`;
}

/** A base that was not found: anything may be in it. */
function unknownFileSystem(reference: string, reason: string): FileSystem {
  const openRegions = [{ path: '/', reason: `what the base image ${reference} holds is not known` }];
  const { layer } = outcome(`FROM ${reference}`, [], unknown(reason), { openRegions });
  return FileSystem.empty.with(layer);
}
