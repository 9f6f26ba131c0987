import { contextDoubts } from '../context/build-context';
import { PosixError } from '../filesystem/posix';
import type { WritableLayer } from '../filesystem/writable';
import type { BuilderTraits } from '../graph/builder';
import type { Mount } from '../graph/step';
import { baseName, parentOf } from '../layers/path';
import { asItIs, copyTree } from './copy';
import { pickSources } from './copy-sources';
import type { Inputs } from './inputs';
import { BuildError } from './outcome';

export interface MountedForRun {
  /** Belong to no layer. To be asked for after the run: folders made for mounts that hold nothing else are among them. */
  leftOut(): readonly string[];
  /** Places of a container's own lower layer that the run removed. */
  removed(): readonly string[];
  readonly reasons: readonly string[];
}

/** Of the machine that builds, mounted read-only into every RUN. */
const MACHINE_FILES = ['/etc/hosts', '/etc/resolv.conf'];
const MOUNT_TABLE = '/etc/mtab';
/** What a container of the classic builder finds besides. */
const CONTAINER_FILES = ['/etc/hostname', '/.dockerenv'];

function machineFiles({ commitsContainers }: BuilderTraits): readonly string[] {
  return commitsContainers ? [...MACHINE_FILES, ...CONTAINER_FILES] : MACHINE_FILES;
}

/**
 * What a RUN sees mounted: the machine's files and what `RUN --mount` asks for. Nothing of it stays in the layer,
 * nor do folders that were made for it.
 */
export function mountForRun(mounts: readonly Mount[], layer: WritableLayer, inputs: Inputs): MountedForRun {
  const targets: string[] = [];
  const reasons: string[] = [];
  const made: string[] = [];
  const prepare = (target: string) => {
    targets.push(target);
    made.push(...missingFolders(parentOf(target), layer));
    return layer.makeFolders(parentOf(target), { mode: 0o755, uid: 0, gid: 0 });
  };
  /** A mount point that is there already is not made, nor removed afterwards. */
  const isMade = (target: string) =>
    inputs.traits.touchesMountFolders && layer.find(target).kind === 'absent';
  for (const target of machineFiles(inputs.traits)) {
    const folder = prepare(target);
    const before = folder.node;
    const isTouched = isMade(target);
    mountMachineFile(target, layer, { readOnly: !inputs.traits.commitsContainers });
    if (!isTouched) folder.node = before;
  }
  const table = inputs.traits.commitsContainers ? linkMountTable(layer) : undefined;
  for (const mount of outermostFirst(mounts)) {
    const { target, id } = mount;
    if (target === '') {
      reasons.push(`the secret "${id}" is known only to the real build`);
      continue;
    }
    reasons.push(...requireMountPoint(mount, mounts, layer));
    const folder = prepare(target);
    const before = folder.node;
    const isTouched = isMade(target);
    const reason = fill(mount, target, layer, inputs);
    if (!isTouched) folder.node = before;
    if (reason) reasons.push(reason);
    if (mount.required)
      reasons.push(`the build fails unless the ${mount.type} "${id ?? 'default'}" is given to it`);
    layer.mount(target, { readOnly: mount.readOnly });
  }
  const leftOut = () => {
    if (table?.() === 'untouched') targets.push(MOUNT_TABLE);
    for (const path of made.reverse()) if (isEmptyBut(path, targets, layer)) targets.push(path);
    return targets;
  };
  return { leftOut, removed: () => (table?.() === 'removed' ? [MOUNT_TABLE] : []), reasons };
}

/** In this order the builder mounts them, whatever the order of the flags. */
function outermostFirst(mounts: readonly Mount[]): readonly Mount[] {
  const depth = ({ target }: Mount) => target.split('/').filter((name) => name !== '').length;
  return [...mounts].sort((a, b) => depth(a) - depth(b));
}

/** Nothing can be made in what is mounted to be read only, a place for another mount neither. Gives what is in doubt. */
function requireMountPoint(
  { target, type }: Mount,
  mounts: readonly Mount[],
  layer: WritableLayer,
): readonly string[] {
  // A secret or a socket that is not given is not mounted.
  if (type === 'secret' || type === 'ssh') return [];
  const around = mounts
    .filter((other) => other.target !== '' && target.startsWith(`${other.target.replace(/\/$/, '')}/`))
    .sort((a, b) => b.target.length - a.target.length)[0];
  if (!around?.readOnly || layer.find(target).kind === 'present') return [];
  const doubts = [...layer.takeDoubts().values()].map(({ reason }) => reason);
  if (doubts.length > 0) return doubts;
  throw new BuildError(
    `create mountpoint for ${target} mount: make mountpoint "${target}": read-only file system`,
  );
}

function mountMachineFile(path: string, layer: WritableLayer, options: { readOnly: boolean }): void {
  const reason = `what is in ${path} depends on the machine that builds`;
  const content = { kind: 'placeholder', size: 0, reason } as const;
  layer.place(path, { kind: 'file', content, mode: 0o644, uid: 0, gid: 0, mtime: layer.now() });
  layer.mount(path, options);
}

/**
 * A container of the classic builder has a link to the table of mounts where the image has nothing of that name. It
 * lies below the container's layer, which holds it only when it was changed.
 */
function linkMountTable(layer: WritableLayer): (() => 'untouched' | 'changed' | 'removed') | undefined {
  const folder = layer.stat(parentOf(MOUNT_TABLE));
  const here = () => layer.child(folder, baseName(MOUNT_TABLE));
  if (here()) return undefined;
  const before = folder.node;
  const { node } = layer.symlink('/proc/mounts', MOUNT_TABLE);
  folder.node = before;
  return () => (!here() ? 'removed' : here()?.node === node ? 'untouched' : 'changed');
}

/** The folders on the way to `path` that are not there, outermost first. */
function missingFolders(path: string, layer: WritableLayer): string[] {
  if (path === '/' || layer.find(path).kind === 'present') return [];
  return [...missingFolders(parentOf(path), layer), path];
}

function isEmptyBut(path: string, targets: readonly string[], layer: WritableLayer): boolean {
  const found = layer.find(path);
  if (found.kind !== 'present') return false;
  return layer.namesIn(found.inode).every((name) => targets.includes(`${path}/${name}`));
}

/** Puts there what the mount brings; gives the reason when that is not known. */
function fill(mount: Mount, target: string, layer: WritableLayer, inputs: Inputs): string | undefined {
  switch (mount.type) {
    case 'bind':
      return bind(mount, target, layer, inputs);
    case 'secret':
      return secret(mount, target, layer);
    case 'ssh':
      return socket(target, layer);
    default: {
      const { mode = mount.type === 'tmpfs' ? 0o1777 : 0o755, uid = 0, gid = 0 } = mount;
      layer.place(target, { kind: 'directory', mode, uid, gid, mtime: layer.now() });
      layer.hideContents(target);
      if (mount.type === 'cache') {
        layer.machineFolders.push({
          path: target,
          reason: `what the cache mounted at ${target} holds depends on earlier builds`,
        });
      }
      return undefined;
    }
  }
}

function bind(
  { from, source }: Mount,
  target: string,
  layer: WritableLayer,
  inputs: Inputs,
): string | undefined {
  const found =
    from === undefined
      ? inputs.context && {
          kind: 'found' as const,
          fileSystem: inputs.context.fileSystem,
          context: inputs.context,
        }
      : inputs.source(from, 'mount');
  if (!found) return 'there is no build context to mount';
  if (found.kind === 'unknown') {
    layer.makeFolders(target, { mode: 0o755, uid: 0, gid: 0 });
    layer.machineFolders.push({ path: target, reason: found.reason });
    return found.reason;
  }
  const root = {
    fileSystem: found.fileSystem,
    name: from ?? 'context',
    keepsOwners: from !== undefined,
    isSentByName: false,
  };
  try {
    for (const picked of pickSources(source || '/', root).picked) {
      if (picked.entry.node.kind === 'directory' && layer.find(target).kind === 'present')
        layer.hideContents(target);
      copyTree(picked, { path: target, isFolder: false }, layer, asItIs(root.keepsOwners));
    }
    return found.context && contextDoubts(found.context)[0];
  } catch (error) {
    if (error instanceof PosixError) throw new BuildError(error.message);
    throw error;
  }
}

function socket(target: string, layer: WritableLayer): undefined {
  layer.place(target, { kind: 'fifo', mode: 0o600, uid: 0, gid: 0, mtime: layer.now() });
  return undefined;
}

/** Whether a secret is given is known only to who builds. */
function secret(
  { id = '', mode = 0o400, uid = 0, gid = 0 }: Mount,
  target: string,
  layer: WritableLayer,
): undefined {
  const reason = `the secret "${id}" is known only to the real build`;
  const content = { kind: 'placeholder', size: 0, reason } as const;
  layer.place(target, { kind: 'file', content, mode, uid, gid, mtime: layer.now() });
  layer.machineFolders.push({ path: target, reason, itself: true });
  return undefined;
}
