import type { ContextEntry, ContextFolder } from '../../../src/context/build-context';
import type { FileSystemNode } from '../../../src/layers/change';
import { inlineContent } from '../../../src/layers/content';

/** A build context in memory: paths and texts, folders made as needed. */
export function contextInMemory(files: Readonly<Record<string, string>>, hasModes = true): ContextFolder {
  return {
    hasModes,
    list(path) {
      const found = new Map<string, FileSystemNode>();
      const prefix = path === '' ? '' : `${path}/`;
      for (const [file, text] of Object.entries(files)) {
        if (!file.startsWith(prefix)) continue;
        const [name = '', ...rest] = file.slice(prefix.length).split('/');
        found.set(name, rest.length > 0 ? folderNode() : fileNode(text));
      }
      return [...found].map(([name, node]): ContextEntry => ({ name, node }));
    },
    text: (path) => files[path],
  };
}

function fileNode(text: string): FileSystemNode {
  return { kind: 'file', content: inlineContent(text), mode: 0o644, uid: 0, gid: 0, mtime: 1 };
}

function folderNode(): FileSystemNode {
  return { kind: 'directory', mode: 0o755, uid: 0, gid: 0, mtime: 1 };
}
