import type { WritableLayer } from '../filesystem/writable';
import type { BuilderTraits } from '../graph/builder';
import { inlineContent } from '../layers/content';

/** Mounted over the image during a RUN: the folders are made where the image lacks them, their contents vanish. */
export const SYSTEM_FOLDERS = ['/dev', '/proc', '/sys'] as const;

const OWNER = { uid: 0, gid: 0 };
const DEVICES: readonly [name: string, major: number, minor: number][] = [
  ['full', 1, 7],
  ['null', 1, 3],
  ['random', 1, 8],
  ['tty', 5, 0],
  ['urandom', 1, 9],
  ['zero', 1, 5],
];
const DEVICE_LINKS = {
  fd: '/proc/self/fd',
  ptmx: 'pts/ptmx',
  stderr: '/proc/self/fd/2',
  stdin: '/proc/self/fd/0',
  stdout: '/proc/self/fd/1',
};
const DEVICE_FOLDERS: readonly [name: string, mode: number][] = [
  ['mqueue', 0o1777],
  ['pts', 0o755],
  ['shm', 0o1777],
];

/**
 * What runc mounts before a RUN, as seen in BuildKit's sandbox. `script` is a here-document that begins with `#!`:
 * the builder puts it at `/dev/pipes/NAME`. `leftOut` are folders that the layer need not bring: a base nobody
 * has seen may well have them, or the builder keeps them elsewhere.
 */
export function mountSystemFolders(
  layer: WritableLayer,
  traits: BuilderTraits,
  script?: { path: string; text: string },
): { readonly leftOut: readonly string[] } {
  const leftOut: string[] = [];
  for (const folder of SYSTEM_FOLDERS) {
    layer.takeDoubts();
    if (layer.find(folder).kind === 'absent') {
      const mayBeThere = layer.takeDoubts().size > 0;
      if (mayBeThere || !traits.keepsSystemFolders) leftOut.push(folder);
    }
    layer.makeFolders(folder, { mode: 0o755, ...OWNER });
    layer.hideContents(folder);
  }
  const mtime = layer.now();
  for (const [name, major, minor] of DEVICES) {
    layer.place(`/dev/${name}`, { kind: 'character', major, minor, mode: 0o666, ...OWNER, mtime });
  }
  for (const [name, target] of Object.entries(DEVICE_LINKS)) layer.symlink(target, `/dev/${name}`);
  for (const [name, mode] of DEVICE_FOLDERS) layer.makeFolders(`/dev/${name}`, { mode, ...OWNER });
  if (script) {
    layer.makeFolders('/dev/pipes', { mode: 0o755, ...OWNER });
    layer.place(script.path, {
      kind: 'file',
      content: inlineContent(script.text),
      mode: 0o755,
      ...OWNER,
      mtime,
    });
  }
  for (const folder of SYSTEM_FOLDERS) layer.mount(folder, { readOnly: false });
  for (const path of ['/proc', '/sys']) {
    layer.machineFolders.push({ path, reason: `what is in ${path} depends on the machine that builds` });
  }
  layer.takeDoubts();
  return { leftOut };
}
