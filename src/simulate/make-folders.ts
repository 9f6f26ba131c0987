import { PosixError } from '../filesystem/posix';
import type { Inode, WritableLayer } from '../filesystem/writable';
import { BuildError } from './outcome';

/** Makes a folder and those that are missing on the way. Throws `BuildError` in the builder's words. */
export function makeFoldersOrFail(
  layer: WritableLayer,
  path: string,
  metadata: Parameters<WritableLayer['makeFolders']>[1],
): Inode {
  try {
    return layer.makeFolders(path, metadata);
  } catch (error) {
    if (error instanceof PosixError) throw new BuildError(`mkdir ${path}: ${error.reason.toLowerCase()}`);
    throw error;
  }
}
