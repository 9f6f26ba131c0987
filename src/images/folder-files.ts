import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import type { ImageFiles } from './image-files';
import type { ImageDoors } from './source';

/** The files of a layout that lies unpacked in `folder`. Names and links that lead out of it find nothing. */
export async function openFolderFiles(folder: string, doors: ImageDoors): Promise<ImageFiles> {
  const root = await realpath(folder);
  return {
    doors,
    find: async (name) => {
      try {
        const file = await realpath(path.join(root, name));
        if (!file.startsWith(root.endsWith(path.sep) ? root : root + path.sep)) return undefined;
        const found = await stat(file);
        return found.isFile() ? { file, offset: 0, length: found.size } : undefined;
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP') return undefined;
        throw error;
      }
    },
  };
}
