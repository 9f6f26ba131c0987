import type { Change, FileSystemNode } from '../layers/change';
import { type Content, type ContentReader, isSizeUnknown, sameContent } from '../layers/content';
import type { Layer } from '../layers/layer';
import { comparePaths, isOfPlace } from '../layers/path';

/** In what two entries of one path differ. Times are left out: hardly a build repeats them. */
export type Aspect = 'type' | 'mode' | 'owner' | 'size' | 'content' | 'target' | 'device' | 'attributes';

/** One path at which a prediction and the real layer differ. */
export interface LayerDifference {
  readonly path: string;
  readonly kind: 'only predicted' | 'only real' | 'other';
  /** For `other`. */
  readonly aspects: readonly Aspect[];
  readonly predicted?: Change;
  readonly real?: Change;
  /** The prediction did not claim to know this: why. */
  readonly doubt?: string;
}

/** Compares what was predicted for a layer with the one that was built, path by path; contents by their digests. */
export async function compareLayers(
  predicted: Layer,
  real: Layer,
  reader: Pick<ContentReader, 'digests'>,
): Promise<LayerDifference[]> {
  const expected = byPath(predicted);
  const found = byPath(real);
  const isSame = await contentsCompared(expected, found, reader);
  const differences: LayerDifference[] = [];
  for (const [path, change] of expected) {
    const other = found.get(path);
    const aspects = other ? aspectsOf(nodeOf(change, expected), nodeOf(other, found), isSame) : [];
    if (other && aspects.length === 0) continue;
    const doubt = doubtOf(predicted, path, change);
    differences.push(
      other
        ? { path, kind: 'other', aspects, predicted: change, real: other, ...doubt }
        : { path, kind: 'only predicted', aspects, predicted: change, ...doubt },
    );
  }
  for (const [path, change] of found) {
    if (expected.has(path)) continue;
    differences.push({ path, kind: 'only real', aspects: [], real: change, ...doubtOf(predicted, path) });
  }
  return differences.sort((a, b) => comparePaths(a.path, b.path));
}

type CompareContents = (a: Content, b: Content) => boolean;

/** All digests that are needed are asked for at once, so that each archive is read once. */
async function contentsCompared(
  expected: ReadonlyMap<string, Change>,
  found: ReadonlyMap<string, Change>,
  reader: Pick<ContentReader, 'digests'>,
): Promise<CompareContents> {
  const wanted: Content[] = [];
  for (const [path, change] of expected) {
    const other = found.get(path);
    const [a, b] = [nodeOf(change, expected), other && nodeOf(other, found)];
    if (a?.kind !== 'file' || b?.kind !== 'file') continue;
    if (knownAspect(a.content, b.content) === undefined) wanted.push(a.content, b.content);
  }
  const digests = wanted.length === 0 ? new Map<Content, string>() : await reader.digests(wanted);
  return (a, b) => {
    const digest = digests.get(a);
    return digest !== undefined && digest === digests.get(b);
  };
}

/** A folder's own entry and the mark that it is opaque are two changes of one path; the mark has a key of its own. */
function byPath({ changes }: Layer): Map<string, Change> {
  return new Map(changes.map((change) => [keyOf(change), change]));
}

function keyOf(change: Change): string {
  if (change.kind !== 'opaque') return change.path;
  return change.path === '/' ? '/*' : `${change.path}/*`;
}

/** What a change puts; `undefined` for what it takes away. */
function nodeOf(change: Change, all: ReadonlyMap<string, Change>): FileSystemNode | undefined {
  if (change.kind === 'put') return change.node;
  if (change.kind !== 'hardlink') return undefined;
  const target = all.get(change.target);
  return target?.kind === 'put' ? target.node : undefined;
}

function aspectsOf(
  a: FileSystemNode | undefined,
  b: FileSystemNode | undefined,
  isSame: CompareContents,
): Aspect[] {
  if (!a || !b) return a === b ? [] : ['type'];
  if (a.kind !== b.kind) return ['type'];
  const aspects: Aspect[] = [];
  // A link's own mode is never used, and archives disagree on what to write.
  if (a.kind !== 'symlink' && a.mode !== b.mode) aspects.push('mode');
  if (a.uid !== b.uid || a.gid !== b.gid) aspects.push('owner');
  if (!sameAttributes(a.xattrs, b.xattrs)) aspects.push('attributes');
  if (a.kind === 'symlink' && b.kind === 'symlink' && a.target !== b.target) aspects.push('target');
  if ('major' in a && 'major' in b && (a.major !== b.major || a.minor !== b.minor)) aspects.push('device');
  if (a.kind === 'file' && b.kind === 'file') {
    const { content } = a;
    const aspect = knownAspect(content, b.content) ?? (isSame(content, b.content) ? 'none' : 'content');
    if (aspect !== 'none') aspects.push(aspect);
  }
  return aspects;
}

/** In what two contents differ as far as can be told without reading; `undefined` where only their bytes tell. */
function knownAspect(a: Content, b: Content): 'size' | 'content' | 'none' | undefined {
  if (isSizeUnknown(a) || isSizeUnknown(b)) return 'content';
  if (a.size !== b.size) return 'size';
  if (a.kind === 'placeholder' && a.digest === undefined) return 'content';
  const same = sameContent(a, b);
  return same === undefined ? undefined : same ? 'none' : 'content';
}

function sameAttributes(
  a: Readonly<Record<string, string>> = {},
  b: Readonly<Record<string, string>> = {},
): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

/** Why the prediction does not vouch for this path: a change says so itself where it differs from its layer. */
function doubtOf(layer: Layer, path: string, change?: Change): { doubt?: string } {
  const own = change?.kind === 'put' ? change.certainty : undefined;
  if (own) return own.level === 'exact' ? {} : { doubt: own.reasons[0]! };
  const region = [...layer.openRegions, ...(layer.guesses ?? [])].find(
    (open) => isOfPlace(path, open.path) && !open.except?.some((place) => isOfPlace(path, place)),
  );
  if (region) return { doubt: region.reason };
  // Folders above an open place change with it.
  const below = layer.openRegions.find((open) => isOfPlace(open.path, path));
  if (below) return { doubt: below.reason };
  return layer.certainty.level === 'exact' ? {} : { doubt: layer.certainty.reasons[0]! };
}
