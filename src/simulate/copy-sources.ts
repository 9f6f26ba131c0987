import type { BuildContext } from '../context/build-context';
import { compileGlob, isGlob } from '../context/glob';
import type { Doubt, Entry, FileSystem } from '../filesystem/tree';
import { baseName, childPath, compareNames, containerPath, isWithin, namesOf } from '../layers/path';
import { BuildError } from './outcome';

/** Where a COPY takes from: a build context, a stage or an image. */
export interface CopyRoot {
  readonly fileSystem: FileSystem;
  /** Said of a source that is not there, after the builder: `"/a.txt": not found`. */
  readonly name: string;
  /** Owners of the context count for nothing: its files are 0:0. */
  readonly keepsOwners: boolean;
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
}

/** Finds a source; a pattern may match nothing, a plain name may not. Throws `BuildError`. */
export function pickSources(source: string, root: CopyRoot): Picking {
  const path = containerPath(source);
  return isGlob(path) ? pickMatches(path, root) : pickOne(path, root);
}

function pickOne(path: string, { fileSystem, explain }: CopyRoot): Picking {
  const found = fileSystem.lookup(path);
  switch (found.kind) {
    case 'present': {
      const doubts = doubtsBelow(fileSystem, found.path);
      if (found.doubt) doubts.push(found.doubt);
      return {
        picked: [{ entry: found.entry, path: found.path, name: baseName(path) }],
        doubts,
        missing: undefined,
      };
    }
    case 'unknown':
      return { picked: [], doubts: [found.doubt], missing: found.doubt };
    default: {
      const why = found.why === 'missing' ? 'not found' : found.why;
      const rule = explain?.(path);
      const hint = rule === undefined ? '' : ` (${rule})`;
      throw new BuildError(`failed to calculate checksum of ref: "${path}": ${why}${hint}`);
    }
  }
}

/** A `*` matches within one name, so a pattern is matched name by name; links on the way are not followed. */
function pickMatches(pattern: string, { fileSystem }: CopyRoot): Picking {
  const doubts: Doubt[] = [];
  let matches: { path: string; entry: Entry }[] = [{ path: '/', entry: fileSystem.root }];
  for (const name of namesOf(pattern)) {
    const isMatch = compileOrFail(name, pattern);
    matches = matches.flatMap(({ path, entry }) => {
      const doubt = fileSystem.doubtAt(childPath(path, '*'));
      if (doubt && entry.node.kind === 'directory') doubts.push(doubt);
      return [...(entry.children ?? [])]
        .filter(([child]) => isMatch(child))
        .map(([child, below]) => ({ path: childPath(path, child), entry: below }));
    });
  }
  const picked: Picked[] = [];
  for (const { path } of matches.sort((a, b) => compareNames(a.path, b.path))) {
    const found = fileSystem.lookup(path);
    if (found.kind !== 'present') throw new BuildError(`"${path}": not found`);
    doubts.push(...doubtsBelow(fileSystem, found.path));
    picked.push({ entry: found.entry, path: found.path, name: baseName(path) });
  }
  return { picked, doubts, missing: undefined };
}

function compileOrFail(name: string, pattern: string): (name: string) => boolean {
  try {
    return compileGlob(name);
  } catch (error) {
    throw new BuildError(`cannot use "${pattern}" as a source: ${(error as Error).message}`);
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
