import type { FileSystem } from '../filesystem/tree';
import { WritableLayer } from '../filesystem/writable';
import { workingDirectory } from '../graph/environment';
import type { Step } from '../graph/step';
import { EXACT, modelled } from '../layers/certainty';
import type { ImageConfig } from '../layers/image';
import { containerPath } from '../layers/path';
import type { Inputs } from './inputs';
import { changesIn } from './layer-changes';
import { makeFoldersOrFail } from './make-folders';
import { BuildError, type Outcome, outcome } from './outcome';

/**
 * An instruction that changes the configuration alone, where each is committed from a container that was made for
 * it: that makes the working folder again when it is gone.
 */
export async function commitContainer(
  { after: { config }, createdBy }: Step,
  fileSystem: FileSystem,
  { clock, traits }: Inputs,
): Promise<Outcome> {
  const layer = new WritableLayer(fileSystem, clock);
  makeForContainer(layer, containerPath(workingDirectory(config)), 0);
  for (const volume of volumesOf(config)) refuseFile(volume, layer);
  const doubts = [...layer.takeDoubts().values()].map(({ reason }) => reason);
  const certainty = doubts.length === 0 ? EXACT : modelled(...new Set(doubts));
  return outcome(createdBy, await changesIn(layer, traits, {}), certainty);
}

/** As root; without a group it is that of a setgid folder. */
function makeForContainer(layer: WritableLayer, path: string, gid: number | undefined): void {
  makeFoldersOrFail(layer, path, { mode: 0o755, uid: 0, gid });
}

/**
 * What a container mounts for VOLUME: each folder is in the layer when it was not there; what is written there is in
 * none. Gives their paths.
 */
export function mountVolumes(layer: WritableLayer, config: ImageConfig): string[] {
  const volumes = volumesOf(config);
  for (const volume of volumes) {
    refuseFile(volume, layer);
    makeForContainer(layer, volume, undefined);
    layer.mount(volume, { readOnly: false });
  }
  return volumes.map((volume) => layer.find(volume).path);
}

function volumesOf({ Volumes }: ImageConfig): string[] {
  return Object.keys(Volumes ?? {}).map((path) => containerPath(path));
}

function refuseFile(path: string, layer: WritableLayer): void {
  const found = layer.find(path);
  if (found.kind === 'present' && found.inode.node.kind !== 'directory')
    throw new BuildError(`cannot mount volume over existing file, file exists ${path}`);
}
