import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { BuildContext } from '../../src/context/build-context';
import { isGlob } from '../../src/context/glob';
import { modelled } from '../../src/layers/certainty';
import type { Change } from '../../src/layers/change';
import type { OpenRegion } from '../../src/layers/layer';
import { baseName, comparePaths, containerPath } from '../../src/layers/path';
import { pickSources } from '../../src/simulate/copy-sources';
import { isFolderName } from './assumed/assume';

/**
 * The folder a Dockerfile is built in: its own or one above, up to the repository's, whichever has most of what it
 * copies.
 */
export function contextFolderOf(file: string, repositoryFolder: string, sources: readonly string[]): string {
  let best = path.dirname(file);
  let most = -1;
  for (let folder = best; ; folder = path.dirname(folder)) {
    const found = sources.filter((source) =>
      existsSync(path.join(folder, source.replace(/[*?[].*$/, ''))),
    ).length;
    if (found > most) {
      best = folder;
      most = found;
    }
    if (folder === repositoryFolder || folder === path.dirname(folder)) return best;
  }
}

/**
 * The context with a placeholder for everything that is copied and is not there. `guessed` counts them. In a folder of
 * nothing but Dockerfiles the context itself is not there, and may hold anything.
 */
export function withPlaceholders(
  context: BuildContext,
  folder: string,
  sources: readonly string[],
): { readonly context: BuildContext; readonly guessed: number } {
  const openRegions: OpenRegion[] = [];
  const changes = new Map<string, Change>();
  const reason = 'the sample does not have this file of the build context';
  for (const source of new Set(sources)) {
    const place = containerPath(source);
    if (place === '/' || isThere(context, source)) continue;
    const name = isGlob(place) ? place.replace(/\[[^\]]*\]|[*?]+/g, 'any') : place;
    if (isFolderName(source) && !isGlob(baseName(place))) {
      changes.set(name, { kind: 'put', path: name, node: { kind: 'directory', mode: 0o755, ...OWNER } });
      openRegions.push({ path: name, reason });
    } else {
      const content = { kind: 'placeholder', size: 0, reason } as const;
      changes.set(name, { kind: 'put', path: name, node: { kind: 'file', mode: 0o755, content, ...OWNER } });
    }
  }
  if (hasOnlyDockerfiles(folder)) openRegions.push({ path: '/', reason });
  if (changes.size + openRegions.length === 0) return { context, guessed: 0 };
  const sorted = [...changes.values()].sort((one, other) => comparePaths(one.path, other.path));
  const layer = {
    changes: sorted,
    certainty: modelled(reason),
    openRegions,
    closes: [],
    createdBy: 'context',
  };
  return { context: { ...context, fileSystem: context.fileSystem.with(layer) }, guessed: changes.size };
}

const OWNER = { uid: 0, gid: 0, mtime: 1_700_000_000 } as const;

function isThere(context: BuildContext, source: string): boolean {
  const root = { fileSystem: context.fileSystem, name: 'context', keepsOwners: false, isSentByName: false };
  try {
    return pickSources(source, root).picked.length > 0;
  } catch {
    return false;
  }
}

function hasOnlyDockerfiles(folder: string): boolean {
  return readdirSync(folder, { withFileTypes: true }).every(
    (entry) => entry.isFile() && /dockerfile|containerfile/i.test(entry.name),
  );
}
