import { type BuildContext, contextDoubts } from '../context/build-context';
import { compileGlob, type Glob, isGlob } from '../context/glob';
import type { IgnoreRules } from '../context/ignore';
import type { Doubt, Entry, FileSystem } from '../filesystem/tree';
import { baseName, childPath, compareNames, containerPath, isWithin, namesOf } from '../layers/path';
import { transferRules } from './copy-transfer';
import { BuildError } from './outcome';

/** Where a COPY takes from: a build context, a stage or an image. */
export interface CopyRoot {
  readonly fileSystem: FileSystem;
  /** Said of a source that is not there, after the builder: `"/a.txt": not found`. */
  readonly name: string;
  /** Owners of the context count for nothing: its files are 0:0. */
  readonly keepsOwners: boolean;
  /** Only what the sources of the Dockerfile name comes from here, by the patterns of ignore files: see `unsentReason`. */
  readonly isSentByName: boolean;
  /** Why a path that exists is not seen: the rule of the ignore file that takes it out. */
  readonly explain?: (path: string) => string | undefined;
  /** Set for the main context and for a named one. */
  readonly context?: BuildContext;
}

/** One thing to copy: a place in the source tree, through links, and the name it was asked for by. */
export interface Picked {
  readonly entry: Entry;
  /** Real path. */
  readonly path: string;
  readonly name: string;
}

export interface Picking {
  readonly picked: readonly Picked[];
  /** What is not known about the sources. */
  readonly doubts: readonly Doubt[];
  /** Set when it is not known whether the source is there at all. */
  readonly missing: Doubt | undefined;
  /** Why something may be missing that is there. */
  readonly unsent: readonly string[];
}

/** Finds a source; a pattern may match nothing, a plain name may not. Throws `BuildError`. */
export function pickSources(source: string, root: CopyRoot): Picking {
  const path = containerPath(source);
  return isGlob(path) ? pickMatches(path, root) : pickOne(path, root);
}

function pickOne(path: string, root: CopyRoot): Picking {
  const { fileSystem, explain, isSentByName } = root;
  const found = fileSystem.lookup(path);
  switch (found.kind) {
    case 'present': {
      const doubts = doubtsBelow(fileSystem, found.path);
      if (found.doubt) doubts.push(found.doubt);
      return {
        picked: [{ entry: found.entry, path: found.path, name: baseName(path) }],
        doubts,
        missing: undefined,
        unsent: isSentByName ? unsentReasons(path, root, [found.path]) : [],
      };
    }
    case 'unknown':
      return { picked: [], doubts: [found.doubt], missing: found.doubt, unsent: [] };
    default: {
      const rule = explain?.(path);
      if (found.why === 'missing' && rule === undefined && root.context?.overflow.reached) {
        const doubt: Doubt = { path, reason: contextDoubts(root.context).join('; '), layer: 0, except: [] };
        return { picked: [], doubts: [doubt], missing: doubt, unsent: [] };
      }
      const why = found.why === 'missing' ? 'not found' : found.why;
      const hint = rule === undefined ? '' : ` (${rule})`;
      throw new BuildError(`failed to calculate checksum of ref: "${path}": ${why}${hint}`);
    }
  }
}

/**
 * The folders before the first pattern are walked through links, those that a pattern matches are not. A folder that
 * matches is taken whole, so nothing in it matches once more.
 */
function pickMatches(source: string, root: CopyRoot): Picking {
  const { fileSystem, isSentByName } = root;
  const names = namesOf(source);
  const fixed = names.findIndex(isGlob);
  const folder = fileSystem.lookup(`/${names.slice(0, fixed).join('/')}`);
  if (folder.kind === 'unknown')
    return { picked: [], doubts: [folder.doubt], missing: folder.doubt, unsent: [] };
  if (folder.kind === 'absent') throw new BuildError(`lstat ${folder.path}: no such file or directory`);
  const doubts: Doubt[] = folder.doubt ? [folder.doubt] : [];
  const picked: Picked[] = [];
  const places: string[] = [];
  const pattern = names.slice(fixed).join('/');
  const glob = compileOrFail(pattern, source);
  const search = (inside: Entry, path: string, relative: readonly string[]) => {
    const doubt = fileSystem.doubtAt(childPath(path, '*'));
    if (doubt && inside.node.kind === 'directory') doubts.push(doubt);
    for (const name of [...(inside.children?.keys() ?? [])].sort(compareNames)) {
      const place = childPath(path, name);
      const below = [...relative, name];
      if (glob.matches(below.join('/'))) {
        const match = followed(place, fileSystem, doubts);
        picked.push(match);
        places.push(place, match.path);
      } else if (below.length < glob.maxNames) search(inside.children!.get(name)!, place, below);
    }
  };
  search(folder.entry, folder.path, []);
  const unsent = isSentByName ? unsentReasons(source, root, places) : [];
  if (isSentByName && picked.length === 0 && fixed > 0)
    unsent.push(`the build fails if nothing else in the Dockerfile copies from "${folder.path}"`);
  return { picked, doubts, missing: undefined, unsent };
}

/**
 * With `--exclude` the builder looks at each entry of the root on its own, and follows it as if it had been named: a
 * link there that leads nowhere fails the build. Throws `BuildError`.
 */
export function checkLinksInRoot({ entry, path }: Picked, root: CopyRoot, excludes: IgnoreRules): void {
  if (path !== '/' || excludes.rules.length === 0) return;
  for (const [name, child] of entry.children ?? []) {
    if (child.node.kind === 'symlink' && !excludes.test(name).ignored) pickOne(`/${name}`, root);
  }
}

/** Why what lies at `paths` may not be there for the builder. */
function unsentReasons(source: string, { fileSystem }: CopyRoot, paths: readonly string[]): string[] {
  const rules = transferRules(source, fileSystem);
  if (rules && rules.problems.length > 0)
    return [`the builder's client refuses "${source}" unless another source brings the whole context`];
  return paths
    .filter((path) => path !== '/' && rules && !rules.explain(path.slice(1)).ignored)
    .map(
      (path) =>
        `"${path}" is not sent to the builder for "${source}", whose client reads names by other rules`,
    );
}

function followed(path: string, fileSystem: FileSystem, doubts: Doubt[]): Picked {
  const found = fileSystem.lookup(path);
  if (found.kind !== 'present') throw new BuildError(`"${path}": not found`);
  doubts.push(...doubtsBelow(fileSystem, found.path));
  return { entry: found.entry, path: found.path, name: baseName(path) };
}

function compileOrFail(pattern: string, source: string): Glob {
  try {
    return compileGlob(pattern);
  } catch (error) {
    throw new BuildError(
      `cannot use "${source}" as a source: syntax error in pattern: ${(error as Error).message}`,
    );
  }
}

/** Doubts about places at or below `path`. */
function doubtsBelow(fileSystem: FileSystem, path: string): Doubt[] {
  return fileSystem.doubts.filter(
    (doubt) =>
      (isWithin(doubt.path, path) || isWithin(path, doubt.path)) &&
      !doubt.except.some((folder) => isWithin(path, folder)),
  );
}
