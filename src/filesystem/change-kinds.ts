import type { Change, FileSystemNode } from '../layers/change';
import { sameContent } from '../layers/content';
import type { Layer } from '../layers/layer';
import type { FileSystem } from './tree';

/**
 * What an entry of a layer means against what is below it. `carried` is a folder that the layer holds only
 * because something below it changed.
 */
export interface ChangeFact {
  readonly change: Change;
  readonly kind: 'added' | 'changed' | 'deleted' | 'carried';
  /** For `changed`: in what the entry differs. */
  readonly why: readonly ('type' | 'content' | 'mode' | 'owner' | 'time')[];
}

export function changeFacts(layer: Layer, below: FileSystem): ChangeFact[] {
  return layer.changes.map((change) => {
    if (change.kind === 'remove' || change.kind === 'opaque') return { change, kind: 'deleted', why: [] };
    const found = below.lookup(change.path, { follow: false });
    if (found.kind !== 'present' || found.path !== change.path) return { change, kind: 'added', why: [] };
    const node = change.kind === 'put' ? change.node : targetOf(layer, change.target);
    const why = node ? differences(found.entry.node, node) : [];
    return { change, kind: why.length === 0 && node?.kind === 'directory' ? 'carried' : 'changed', why };
  });
}

export interface ChangeCounts {
  readonly added: number;
  readonly changed: number;
  readonly deleted: number;
}

export function countKinds(facts: readonly ChangeFact[]): ChangeCounts {
  const of = (kind: ChangeFact['kind']) => facts.filter((fact) => fact.kind === kind).length;
  return { added: of('added'), changed: of('changed'), deleted: of('deleted') };
}

function targetOf(layer: Layer, path: string): FileSystemNode | undefined {
  const target = layer.changes.find((change) => change.kind === 'put' && change.path === path);
  return target?.kind === 'put' ? target.node : undefined;
}

function differences(before: FileSystemNode, after: FileSystemNode): ChangeFact['why'] {
  if (before.kind !== after.kind) return ['type'];
  const why: ChangeFact['why'][number][] = [];
  if (hasOtherContent(before, after)) why.push('content');
  if (before.mode !== after.mode) why.push('mode');
  if (before.uid !== after.uid || before.gid !== after.gid) why.push('owner');
  if (after.kind !== 'directory' && before.mtime !== after.mtime) why.push('time');
  return why;
}

function hasOtherContent(before: FileSystemNode, after: FileSystemNode): boolean {
  if (before.kind === 'file' && after.kind === 'file')
    return sameContent(before.content, after.content) !== true;
  return before.kind === 'symlink' && after.kind === 'symlink' && before.target !== after.target;
}
