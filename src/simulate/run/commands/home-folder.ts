import { childPath, parentOf } from '../../../layers/path';
import type { CommandContext } from '../command';

/** Makes the folders above a home that are missing, as useradd does (useradd.c, `create_home`). */
export function makeHomeParents(context: CommandContext, home: string): void {
  const { fileSystem } = context;
  const parent = parentOf(home);
  if (parent === '/' || fileSystem.find(parent).kind === 'present') return;
  makeHomeParents(context, parent);
  fileSystem.mkdir(parent);
  fileSystem.chown(parent, 0, 0);
  fileSystem.chmod(parent, 0o755);
}

/** Copies what is in `/etc/skel` (or another folder) into a home: modes and times as they are, owned by the user. */
export function copySkeleton(
  context: CommandContext,
  from: string,
  to: string,
  owner: { uid: number; gid: number },
): void {
  const { fileSystem } = context;
  const found = fileSystem.find(from);
  if (found.kind === 'absent' || found.inode.node.kind !== 'directory') return;
  for (const name of fileSystem.list(from)) {
    const inode = fileSystem.child(found.inode, name)!;
    const { node } = inode;
    const path = childPath(to, name);
    fileSystem.place(path, { ...node, ...owner });
    if (node.kind !== 'directory') continue;
    // shadow-utils 4.13 leaves folders 0700, where others give them their mode.
    context.model(`which mode \`${context.name}\` gives ${path} depends on its version`);
    copySkeleton(context, childPath(from, name), path, owner);
    fileSystem.setModified(path, node.mtime);
  }
}
