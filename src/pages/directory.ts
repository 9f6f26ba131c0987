import type { Doubt, Entry, FileSystem } from '../filesystem/tree';
import { nodeSize } from '../layers/change';
import { baseName, childPath, compareNames } from '../layers/path';
import { type FileRow, PageError } from './protocol';

/** Says in words which layer a file comes from. */
export type ProviderOf = (layer: number) => string;

/** The entries of a folder of the merged file system, folders first. */
export function folderRows(fileSystem: FileSystem, path: string, providerOf: ProviderOf): FileRow[] {
  const found = fileSystem.lookup(path);
  if (found.kind !== 'present') throw notThere(path, found);
  if (found.entry.node.kind !== 'directory') throw new PageError('not a file', `${path} is not a folder`);
  return [...(found.entry.children ?? [])]
    .map(([name, entry]) => fileRow(fileSystem, childPath(path, name), entry, providerOf))
    .sort((a, b) => Number(isFolder(b)) - Number(isFolder(a)) || compareNames(a.name, b.name));
}

/** One entry; `undefined` when nothing is there. */
export function fileAt(
  fileSystem: FileSystem,
  path: string,
  options: { follow: boolean },
  providerOf: ProviderOf,
): FileRow | undefined {
  const found = fileSystem.lookup(path, options);
  return found.kind === 'present' ? fileRow(fileSystem, path, found.entry, providerOf) : undefined;
}

/** What hinders a look: absent, or not known to be there, with the reason. */
export function notThere(
  path: string,
  found: { kind: 'absent' } | { kind: 'unknown'; doubt: Doubt },
): PageError {
  return found.kind === 'unknown'
    ? new PageError('not known', `It is not known whether ${path} is there: ${found.doubt.reason}`)
    : new PageError('not found', `${path} is not there after this step`);
}

/** Entries whose name or path holds all words of the query, best first: whole names, beginnings, then the rest. */
export function findRows(
  fileSystem: FileSystem,
  query: string,
  limit: number,
  providerOf: ProviderOf,
): FileRow[] {
  const words = query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const hits: { path: string; entry: Entry; score: number }[] = [];
  const visit = (folder: Entry, path: string) => {
    for (const [name, entry] of folder.children ?? []) {
      const here = childPath(path, name);
      const score = scoreOf(here.toLowerCase(), words);
      if (score > 0) hits.push({ path: here, entry, score });
      visit(entry, here);
    }
  };
  visit(fileSystem.root, '/');
  return hits
    .sort((a, b) => b.score - a.score || a.path.length - b.path.length || compareNames(a.path, b.path))
    .slice(0, limit)
    .map(({ path, entry }) => fileRow(fileSystem, path, entry, providerOf));
}

function scoreOf(path: string, words: readonly string[]): number {
  if (!words.every((word) => path.includes(word))) return 0;
  const name = baseName(path);
  const best = words[words.length - 1];
  if (best === undefined) return 1;
  return name === best ? 4 : name.startsWith(best) ? 3 : name.includes(best) ? 2 : 1;
}

function fileRow(fileSystem: FileSystem, path: string, entry: Entry, providerOf: ProviderOf): FileRow {
  const { node } = entry;
  const doubt = doubtOf(fileSystem, path, entry);
  const leadsTo = node.kind === 'symlink' ? fileSystem.lookup(path) : undefined;
  return {
    path,
    name: baseName(path),
    type: node.kind,
    mode: node.mode,
    uid: node.uid,
    gid: node.gid,
    size: nodeSize(node),
    mtime: node.mtime,
    from: providerOf(entry.layer),
    ...(node.kind === 'symlink' && { linkTarget: node.target }),
    ...(leadsTo?.kind === 'present' && { linkType: leadsTo.entry.node.kind }),
    ...(doubt !== undefined && { doubt }),
  };
}

function doubtOf(fileSystem: FileSystem, path: string, { node, layer }: Entry): string | undefined {
  if (node.kind === 'file' && node.content.kind === 'placeholder') return node.content.reason;
  if (node.kind === 'directory') return fileSystem.doubtAt(childPath(path, '*'))?.reason;
  return fileSystem.doubtAt(path, layer)?.reason;
}

function isFolder(row: FileRow): boolean {
  return row.type === 'directory' || row.linkType === 'directory';
}
