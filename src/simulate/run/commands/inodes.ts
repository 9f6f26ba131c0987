import type { Inode, WritableLayer } from '../../../filesystem/writable';
import { type FileSystemNode, nodeSize } from '../../../layers/change';
import { isSizeUnknown } from '../../../layers/content';
import { childPath } from '../../../layers/path';
import type { CommandContext } from '../command';
import { encodeArgument } from './bytes';

/** What two names of one file have in common: the inode here, or the node of the lower layer that nobody changed. */
export function identityOf(inode: Inode): object {
  return inode.lower && inode.lower.node === inode.node ? inode.node : inode;
}

export function isSameFile(a: Inode, b: Inode): boolean {
  return identityOf(a) === identityOf(b);
}

/**
 * How many names a file has. A whole walk of the tree, so only for those who ask (`ls -l`, `stat %h`, `find -links`).
 * The kernel's answer for a folder of a union depends on the storage driver and is not given.
 */
export function countNames(fileSystem: WritableLayer, inode: Inode): number {
  const wanted = identityOf(inode);
  let count = 0;
  const visit = (folder: Inode): void => {
    for (const name of fileSystem.namesIn(folder)) {
      const child = fileSystem.child(folder, name)!;
      if (child.node.kind === 'directory') visit(child);
      else if (identityOf(child) === wanted) count++;
    }
  };
  visit(fileSystem.root);
  return Math.max(count, 1);
}

/**
 * Makes the names of one lower file below a folder one inode again, so that moving the folder keeps them together:
 * the move is a copy (`cp -a`) to overlayfs, and mv keeps hard links in it.
 */
export function joinHardLinks(fileSystem: WritableLayer, folder: Inode): void {
  const first = new Map<object, Inode>();
  const visit = (at: Inode): void => {
    for (const name of fileSystem.namesIn(at)) {
      const child = fileSystem.child(at, name)!;
      if (child.node.kind === 'directory') {
        visit(child);
        continue;
      }
      const known = first.get(identityOf(child));
      if (known) at.hold(name, known);
      else first.set(identityOf(child), child);
    }
  };
  visit(folder);
}

/** Every path of a tree, folders before their contents, in byte order; links are not followed. */
export function* treeOf(
  fileSystem: WritableLayer,
  path: string,
  inode: Inode,
): Generator<{ path: string; inode: Inode }> {
  yield { path, inode };
  if (inode.node.kind !== 'directory') return;
  for (const name of fileSystem.list(path)) {
    const child = fileSystem.child(inode, name);
    if (child) yield* treeOf(fileSystem, childPath(path, name), child);
  }
}

/** What `stat` gives as the size of anything but a folder; for a file of which it is not known, a guess. */
export function sizeOfNode({ model }: Pick<CommandContext, 'model'>, node: FileSystemNode): number {
  if (node.kind === 'symlink') return encodeArgument(node.target).length;
  if (node.kind === 'file' && isSizeUnknown(node.content) && node.content.kind === 'placeholder') {
    model(node.content.reason);
  }
  return nodeSize(node);
}
