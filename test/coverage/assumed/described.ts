import { EXACT } from '../../../src/layers/certainty';
import type { Change, FileSystemNode } from '../../../src/layers/change';
import { inlineContent } from '../../../src/layers/content';
import type { Layer, OpenRegion } from '../../../src/layers/layer';
import { comparePaths, parentOf } from '../../../src/layers/path';

/** What an image has, described by hand: enough of it that RUN finds what it finds in the real one. */
export interface Described {
  /** Names in a folder, separated by blanks, each a program. */
  readonly programs?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  /** Path → mode. */
  readonly folders?: Readonly<Record<string, number>>;
  /** Path → target. */
  readonly links?: Readonly<Record<string, string>>;
  /** `name:uid:gid:home:shell`; a group of the same name comes along. */
  readonly users?: readonly string[];
  readonly env?: readonly string[];
}

/** The bytes of every program: what says that a file is one for the kernel, and no script. */
const ELF = Uint8Array.from({ length: 64 }, (_, at) => [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1][at] ?? 0);

/** One layer of all that is described; later descriptions win. */
export function describedLayer(
  createdBy: string,
  described: readonly Described[],
  openRegions: readonly OpenRegion[] = [],
): Layer {
  const nodes = new Map<string, FileSystemNode>();
  for (const { folders, files, links, programs } of described) {
    for (const [path, mode] of Object.entries(folders ?? {}))
      put(nodes, path, { kind: 'directory', mode, ...OWNER });
    for (const [path, target] of Object.entries(links ?? {}))
      put(nodes, path, { kind: 'symlink', mode: 0o777, target, ...OWNER });
    for (const [path, text] of Object.entries(files ?? {})) {
      const mode = text.startsWith('#!') ? 0o755 : 0o644;
      put(nodes, path, { kind: 'file', mode, content: inlineContent(text), ...OWNER });
    }
    for (const [folder, names] of Object.entries(programs ?? {})) {
      for (const name of names.split(/\s+/).filter((word) => word !== ''))
        put(nodes, `${folder}/${name}`, { kind: 'file', mode: 0o755, content: inlineContent(ELF), ...OWNER });
    }
  }
  const changes = [...nodes].map(([path, node]): Change => ({ kind: 'put', path, node }));
  changes.sort((one, other) => comparePaths(one.path, other.path));
  return { changes, certainty: EXACT, openRegions, closes: [], createdBy };
}

const OWNER = { uid: 0, gid: 0, mtime: 1_700_000_000 } as const;

function put(nodes: Map<string, FileSystemNode>, path: string, node: FileSystemNode): void {
  nodes.set(path, node);
  for (let folder = parentOf(path); folder !== '/' && !nodes.has(folder); folder = parentOf(folder))
    nodes.set(folder, { kind: 'directory', mode: 0o755, ...OWNER });
}
