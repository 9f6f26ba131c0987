import type { Platform } from '../../layers/image';
import { isObject, type JsonObject, textOf, textsOf } from '../json-shape';
import type { Engine } from './engine';
import { labelsOf, numberOf, withAlgorithm } from './engine-answer';
import { EngineFault, telling } from './engine-fault';
import { askImage, platformQuery } from './image-name';

/** A row of `docker images`. An image of several tags has as many rows; one of none has `<none>`. */
export interface EngineImage {
  readonly repository: string;
  readonly tag: string;
  /** `sha256:…`, whole. */
  readonly id: string;
  /** Of the manifest, where the engine knows it. */
  readonly digest?: string;
  /** Milliseconds since 1970. */
  readonly created: number;
  readonly size: number;
  /** Without a name, and no parent of one that has: `docker image prune` would remove it. */
  readonly dangling: boolean;
  readonly labels: Readonly<Record<string, string>>;
}

/** A row of `docker history`, the newest first as there. */
export interface EngineHistoryEntry {
  /** `undefined` for what `docker history` calls `<missing>`. */
  readonly id?: string;
  readonly created: number;
  readonly createdBy: string;
  readonly size: number;
  readonly comment: string;
  readonly tags: readonly string[];
}

export const NONE = '<none>';

/** The images as `docker images` lists them, the newest first. */
export function listImages(engine: Engine, signal?: AbortSignal): Promise<EngineImage[]> {
  return telling(`list the images of ${engine.title}`, signal, async () => {
    const list = await engine.json('/images/json', signal);
    if (!Array.isArray(list)) throw new EngineFault('garbage', 'the answer is no list of images');
    return list.filter(isObject).flatMap(rowsOf);
  });
}

function rowsOf(image: JsonObject): EngineImage[] {
  const tags = textsOf(image.RepoTags).filter((name) => !name.startsWith(NONE));
  const digests = textsOf(image.RepoDigests).map(splitDigest);
  const row = {
    id: withAlgorithm(textOf(image.Id) ?? ''),
    created: numberOf(image.Created) * 1000,
    size: numberOf(image.Size),
    labels: labelsOf(image.Labels),
  };
  if (tags.length > 0) {
    return tags.map((name) => {
      const { repository, tag } = splitTag(name);
      return { ...row, repository, tag, dangling: false, ...digestOf(repository, digests) };
    });
  }
  const named = digests.filter(({ repository }) => repository !== NONE);
  if (named.length === 0) return [{ ...row, repository: NONE, tag: NONE, dangling: true }];
  return named.map((each) => ({ ...row, ...each, tag: NONE, dangling: false }));
}

/** The colon of a port is before a slash. */
function splitTag(name: string): { repository: string; tag: string } {
  const colon = name.lastIndexOf(':');
  if (colon < 0 || name.includes('/', colon)) return { repository: name, tag: NONE };
  return { repository: name.slice(0, colon), tag: name.slice(colon + 1) };
}

function splitDigest(name: string): { repository: string; digest: string } {
  const at = name.indexOf('@');
  return { repository: name.slice(0, at), digest: name.slice(at + 1) };
}

function digestOf(repository: string, digests: readonly { repository: string; digest: string }[]) {
  const found = digests.find((each) => each.repository === repository);
  return found && { digest: found.digest };
}

/** What `docker history` shows of the image. */
export function imageHistory(
  engine: Engine,
  reference: string,
  { platform, signal }: { readonly platform?: Platform; readonly signal?: AbortSignal } = {},
): Promise<EngineHistoryEntry[]> {
  return telling(`get the history of ${reference} from ${engine.title}`, signal, async () => {
    const query = engine.speaks('1.48') ? platformQuery(platform) : '';
    const list = await askImage(engine, reference, (path) => engine.json(`${path}/history${query}`, signal));
    if (!Array.isArray(list)) throw new EngineFault('garbage', 'the answer is no history');
    return list.filter(isObject).map(historyEntry);
  });
}

function historyEntry(json: JsonObject): EngineHistoryEntry {
  const id = textOf(json.Id);
  return {
    ...(id && id !== '<missing>' && { id: withAlgorithm(id) }),
    created: numberOf(json.Created) * 1000,
    createdBy: textOf(json.CreatedBy) ?? '',
    size: numberOf(json.Size),
    comment: textOf(json.Comment) ?? '',
    tags: textsOf(json.Tags),
  };
}
