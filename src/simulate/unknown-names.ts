import type { Change } from '../layers/change';
import type { OpenRegion } from '../layers/layer';
import { holdsUnknown, knownFolder, reasonOfUnknown } from './run/unknown-text';

export interface Named {
  readonly changes: readonly Change[];
  readonly openRegions: readonly OpenRegion[];
}

/**
 * What a RUN left under names that only a real build has (`/opt/tool-$VERSION`) is no entry that could be shown: the
 * folder it lies in is open instead, and so is a link that leads to such a name.
 */
export function withoutUnknownNames({ changes, openRegions }: Named): Named {
  const regions = new Map<string, OpenRegion>();
  const open = (path: string, unknown: string) =>
    regions.set(path, { path, reason: reasonOfUnknown(unknown) });
  const kept = changes.filter((change) => {
    const target = targetOf(change);
    if (holdsUnknown(change.path)) open(knownFolder(change.path), change.path);
    else if (target !== undefined && holdsUnknown(target)) open(change.path, target);
    else return true;
    return false;
  });
  const known = openRegions.flatMap((region): OpenRegion[] => {
    const except = region.except?.filter((place) => !holdsUnknown(place)) ?? [];
    if (!holdsUnknown(region.path)) return [except.length > 0 ? { ...region, except } : plain(region)];
    open(knownFolder(region.path), region.path);
    return [];
  });
  return { changes: kept, openRegions: [...known, ...regions.values()] };
}

function plain({ path, reason }: OpenRegion): OpenRegion {
  return { path, reason };
}

function targetOf(change: Change): string | undefined {
  if (change.kind === 'hardlink') return change.target;
  return change.kind === 'put' && change.node.kind === 'symlink' ? change.node.target : undefined;
}
