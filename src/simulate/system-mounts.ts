import type { WritableLayer } from '../filesystem/writable';
import { inlineContent } from '../layers/content';

/** Mounted over the image during a RUN: the folders are made where the image lacks them, their contents vanish. */
export const SYSTEM_FOLDERS = ['/dev', '/proc', '/sys'] as const;

/** Mounted as well; what a RUN writes there vanishes, and nothing is left where the image lacks them. */
export const MOUNTED_FILES = ['/etc/hosts', '/etc/resolv.conf'] as const;

const DEVICES: readonly [name: string, major: number, minor: number][] = [
  ['null', 1, 3],
  ['zero', 1, 5],
  ['full', 1, 7],
  ['random', 1, 8],
  ['urandom', 1, 9],
  ['tty', 5, 0],
];

/**
 * What runc mounts before a RUN. `script` is a here-document that begins with `#!`: the builder puts it at
 * `/dev/pipes/NAME`.
 */
export function mountSystemFolders(layer: WritableLayer, script?: { path: string; text: string }): void {
  const owner = { uid: 0, gid: 0 };
  for (const folder of SYSTEM_FOLDERS) layer.makeFolders(folder, { mode: 0o755, ...owner });
  layer.hideContents('/dev');
  for (const [name, major, minor] of DEVICES) {
    layer.place(`/dev/${name}`, {
      kind: 'character',
      major,
      minor,
      mode: 0o666,
      ...owner,
      mtime: layer.now(),
    });
  }
  const links = {
    fd: '/proc/self/fd',
    stdin: '/proc/self/fd/0',
    stdout: '/proc/self/fd/1',
    stderr: '/proc/self/fd/2',
  };
  for (const [name, target] of Object.entries(links)) layer.symlink(target, `/dev/${name}`);
  layer.makeFolders('/dev/shm', { mode: 0o1777, ...owner });
  layer.makeFolders('/dev/pts', { mode: 0o755, ...owner });
  if (script) {
    layer.makeFolders('/dev/pipes', { mode: 0o755, ...owner });
    const content = inlineContent(script.text);
    layer.place(script.path, { kind: 'file', content, mode: 0o755, ...owner, mtime: layer.now() });
  }
  for (const path of ['/proc', '/sys']) {
    layer.machineFolders.push({ path, reason: `what is in ${path} depends on the machine that builds` });
  }
  layer.takeDoubts();
}
