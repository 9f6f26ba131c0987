import { FileSystem } from '../../../src/filesystem/tree';
import { EXACT } from '../../../src/layers/certainty';
import type { Change, FileSystemNode } from '../../../src/layers/change';
import { inlineContent } from '../../../src/layers/content';
import type { Layer, OpenRegion } from '../../../src/layers/layer';

/** Short words for layers, so that a test reads as what it says. */
const OWNER = { uid: 0, gid: 0, mtime: 1 };

export function file(path: string, text = path, more: Partial<FileSystemNode> = {}): Change {
  const node = {
    kind: 'file',
    content: inlineContent(text),
    mode: 0o644,
    ...OWNER,
    ...more,
  } as FileSystemNode;
  return { kind: 'put', path, node };
}

export function folder(path: string, mode = 0o755): Change {
  return { kind: 'put', path, node: { kind: 'directory', mode, ...OWNER } };
}

export function symlink(path: string, target: string): Change {
  return { kind: 'put', path, node: { kind: 'symlink', target, mode: 0o777, ...OWNER } };
}

export function hardlink(path: string, target: string): Change {
  return { kind: 'hardlink', path, target };
}

export function remove(path: string): Change {
  return { kind: 'remove', path };
}

export function opaque(path: string): Change {
  return { kind: 'opaque', path };
}

export function layer(...changes: Change[]): Layer {
  return { changes, certainty: EXACT, openRegions: [], closes: [], createdBy: '' };
}

/** A layer of which it is not known what else it holds. */
export function openLayer(...openRegions: OpenRegion[]): Layer {
  return { ...layer(), openRegions };
}

export function stack(...layers: Layer[]): FileSystem {
  return layers.reduce((below, item) => below.with(item), FileSystem.empty);
}

/** All paths of a tree, with the text of files. */
export function contents(fileSystem: FileSystem): Record<string, string> {
  const found: Record<string, string> = {};
  const visit = (at: FileSystem['root'], path: string) => {
    for (const [name, entry] of at.children ?? []) {
      const { node } = entry;
      const text =
        node.kind === 'file' && node.content.kind === 'inline'
          ? new TextDecoder().decode(node.content.bytes)
          : node.kind;
      found[`${path}/${name}`] = node.kind === 'symlink' ? `-> ${node.target}` : text;
      visit(entry, `${path}/${name}`);
    }
  };
  visit(fileSystem.root, '');
  return found;
}
