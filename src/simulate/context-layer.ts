import { type BuildContext, contextDoubts } from '../context/build-context';
import { diffOf } from '../filesystem/diff';
import { FileSystem } from '../filesystem/tree';
import { WritableLayer } from '../filesystem/writable';
import { EXACT, modelledFor } from '../layers/certainty';
import type { Layer } from '../layers/layer';
import { asItIs, copyTree } from './copy';
import { outcome } from './outcome';

/** All of a build context as one layer: what a stage begins with when it stands on a folder. */
export async function contextLayer(
  createdBy: string,
  context: BuildContext,
  clock: () => number,
): Promise<Layer> {
  const layer = new WritableLayer(FileSystem.empty, clock);
  const root = { entry: context.fileSystem.root, path: '/', name: '' };
  copyTree(root, { path: '/', isFolder: true }, layer, asItIs(true));
  const changes = await diffOf(layer);
  const reasons = contextDoubts(context);
  const certainty = reasons.length === 0 ? EXACT : modelledFor(reasons);
  const openRegions = context.overflow.reached ? reasons.map((reason) => ({ path: '/', reason })) : [];
  return outcome(createdBy, changes, certainty, { openRegions }).layer;
}
