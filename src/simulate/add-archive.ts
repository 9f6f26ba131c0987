import type { WritableLayer } from '../filesystem/writable';
import type { Change } from '../layers/change';
import { containerPath, parentOf } from '../layers/path';
import type { Owner } from './accounts';
import type { Destination } from './copy';

/**
 * Unpacks a tar at the destination of an ADD: modes come from the archive, owners too unless `--chown` gives
 * another; folders that the archive lacks are 0755 0:0. Only the destination and its missing parents take the
 * `--chown` owner among the made ones.
 */
export function unpackArchive(
  changes: readonly Change[],
  destination: Destination,
  layer: WritableLayer,
  owner: Owner | undefined,
): void {
  layer.makeFolders(destination.path, { mode: 0o755, ...(owner ?? { uid: 0, gid: 0 }) });
  const found = layer.find(destination.path);
  for (const change of changes) {
    if (change.kind !== 'put' && change.kind !== 'hardlink') continue;
    const path = containerPath(change.path.slice(1), found.path);
    layer.makeFolders(parentOf(path), { mode: 0o755, uid: 0, gid: 0 });
    if (change.kind === 'put') layer.place(path, { ...change.node, ...owner });
    else {
      if (layer.find(path, { follow: false }).kind === 'present') layer.unlink(path);
      layer.link(containerPath(change.target.slice(1), found.path), path);
    }
  }
}
