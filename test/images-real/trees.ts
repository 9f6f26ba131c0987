import { spawn } from 'node:child_process';
import { type Dirent, lstatSync, readdirSync, readlinkSync, type Stats } from 'node:fs';
import path from 'node:path';
import { readTar } from '../../src/archive/tar';
import { type Entry, FileSystem } from '../../src/filesystem/tree';
import type { FileSystemNode } from '../../src/layers/change';
import { octalMode } from '../../src/layers/format';
import type { Image } from '../../src/layers/image';

/** `type mode uid:gid`, with the size of a file and the target of a link, by path. */
export type Tree = Map<string, string>;

interface Row {
  readonly type: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size?: number;
  readonly target?: string;
}

function rowText({ type, mode, uid, gid, size, target }: Row): string {
  const more = type === 'file' ? ` ${size}` : type === 'symlink' ? ` -> ${target}` : '';
  return `${type} ${octalMode(mode)} ${uid}:${gid}${more}`;
}

/** The merged tree as it is shown. */
export function treeOfImage(image: Image): Tree {
  const tree: Tree = new Map();
  const visit = (entry: Entry, at: string) => {
    for (const [name, child] of entry.children ?? []) {
      tree.set(`${at}/${name}`, rowText(rowOfNode(child.node)));
      visit(child, `${at}/${name}`);
    }
  };
  visit(image.layers.reduce((below, layer) => below.with(layer), FileSystem.empty).root, '');
  return tree;
}

function rowOfNode(node: FileSystemNode): Row {
  const { kind: type, mode, uid, gid } = node;
  const size = node.kind === 'file' ? { size: node.content.size } : {};
  return { type, mode, uid, gid, ...size, ...(node.kind === 'symlink' && { target: node.target }) };
}

/** What `docker export` writes. */
export async function treeOfExport(host: string, container: string): Promise<Tree> {
  const rows = new Map<string, string>();
  const child = spawn('docker', ['--host', host, 'export', container]);
  for await (const entry of readTar(child.stdout)) {
    const at = path.posix.join('/', entry.name).replace(/\/$/, '');
    const { type, mode, uid, gid, size, linkname } = entry;
    const row = type === 'hardlink' ? rows.get(path.posix.join('/', linkname)) : undefined;
    if (at !== '') rows.set(at, row ?? rowText({ type, mode, uid, gid, size, target: linkname }));
  }
  return rows;
}

/** What lies in a folder of this machine. */
export function treeOfFolder(root: string): Tree {
  const tree: Tree = new Map();
  const visit = (folder: string) => {
    for (const { name } of readdirSync(folder, { withFileTypes: true }) as Dirent[]) {
      const file = path.join(folder, name);
      const found = lstatSync(file);
      tree.set(`/${path.relative(root, file)}`, rowText(rowOfStat(found, file)));
      if (found.isDirectory()) visit(file);
    }
  };
  visit(root);
  return tree;
}

function rowOfStat(found: Stats, file: string): Row {
  const type = typeOfStat(found);
  const target = type === 'symlink' ? { target: readlinkSync(file) } : {};
  return { type, mode: found.mode & 0o7777, uid: found.uid, gid: found.gid, size: found.size, ...target };
}

function typeOfStat(found: Stats): string {
  if (found.isSymbolicLink()) return 'symlink';
  if (found.isDirectory()) return 'directory';
  if (found.isFIFO()) return 'fifo';
  if (found.isCharacterDevice()) return 'character';
  return found.isBlockDevice() ? 'block' : 'file';
}
