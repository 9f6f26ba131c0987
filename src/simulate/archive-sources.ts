import type { CopyAction } from '../graph/step';
import { namesOf } from '../layers/path';
import type { Destination } from './copy';
import { type CopyRoot, type Picking, pickSources } from './copy-sources';
import { BuildError } from './outcome';

/** The sources of a COPY as the classic builder finds them: a pattern has to match something. Throws `BuildError`. */
export function pickForArchive(source: string, root: CopyRoot): Picking {
  if (leadsOut(source))
    throw new BuildError(`COPY failed: forbidden path outside the build context: ${source} ()`);
  const picking = pickSources(source, root);
  if (picking.picked.length === 0 && picking.doubts.length === 0)
    throw new BuildError('COPY failed: no source files were specified');
  // The name of `a.txt/.` is `.`: inside a folder that is the folder's own.
  if (!source.endsWith('/.')) return picking;
  return { ...picking, picked: picking.picked.map((item) => ({ ...item, name: '.' })) };
}

function leadsOut(source: string): boolean {
  let depth = 0;
  return namesOf(source).some((name) => {
    if (name !== '.') depth += name === '..' ? -1 : 1;
    return depth < 0;
  });
}

/**
 * Looks at all sources before the first is copied, and gives history's word for them: `file`, `dir` or `multi`.
 * Throws `BuildError` for several sources and a destination without a slash at its end.
 */
export function kindOfSources(
  { kind, sources }: CopyAction,
  root: CopyRoot | undefined,
  { isFolder }: Destination,
): 'file' | 'dir' | 'multi' {
  const kinds = sources.flatMap((source) =>
    source.kind === 'path' && root ? kindsOf(pickForArchive(source.path, root)) : ['file' as const],
  );
  if (kinds.length > 1 && !isFolder) {
    const name = kind.toUpperCase();
    throw new BuildError(
      `When using ${name} with more than one source file, the destination must be a directory and end with a /`,
    );
  }
  return kinds.length > 1 ? 'multi' : (kinds[0] ?? 'file');
}

function kindsOf({ picked }: Picking): ('file' | 'dir')[] {
  return picked.map(({ entry }) => (entry.node.kind === 'directory' ? 'dir' : 'file'));
}
