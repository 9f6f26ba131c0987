import { compileGlob, isGlob } from '../context/glob';
import { IgnoreRules } from '../context/ignore';
import type { FileSystem } from '../filesystem/tree';
import { baseName, childPath, compareNames, containerPath, namesOf, parentOf } from '../layers/path';

/**
 * The builder's client sends only what the sources of a Dockerfile name, and the builder then finds each source among
 * what came. The client follows links to what they name, and takes all of it for patterns of an ignore file
 * (tonistiigi/fsutil, `FollowLinks`): a few odd names never come. These are the rules for one source; what they
 * "ignore" is sent. `undefined` when everything is.
 */
export function transferRules(source: string, fileSystem: FileSystem): IgnoreRules | undefined {
  const named = new Set<string>();
  follow(source, fileSystem, named);
  if (named.has('/')) return undefined;
  return IgnoreRules.of([...named].map((path) => path.slice(1)).sort(compareNames));
}

function follow(source: string, fileSystem: FileSystem, named: Set<string>): void {
  let current = '/';
  const names = namesOf(containerPath(source));
  for (const [index, name] of names.entries()) {
    current = childPath(current, name);
    const targets = targetsOf(current, fileSystem);
    const rest = names.slice(index + 1);
    if (targets.length === 0 && rest.length > 0) continue;
    if (named.has(current)) return;
    named.add(current);
    for (const target of targets) follow([target, ...rest].join('/'), fileSystem, named);
    return;
  }
  named.add(current);
}

/** What the links at `path` name, where its last name may be a pattern and those before are taken literally. */
function targetsOf(path: string, fileSystem: FileSystem): string[] {
  const name = baseName(path);
  if (!isGlob(name)) return linkAt(path, fileSystem);
  const found = fileSystem.lookup(parentOf(path));
  if (found.kind !== 'present') return [];
  const matches = [...(found.entry.children?.keys() ?? [])].filter(matcherOf(name));
  return matches.flatMap((match) => linkAt(childPath(parentOf(path), match), fileSystem));
}

function linkAt(path: string, fileSystem: FileSystem): string[] {
  const found = fileSystem.lookup(path, { follow: false });
  if (found.kind !== 'present' || found.entry.node.kind !== 'symlink') return [];
  return [containerPath(found.entry.node.target, parentOf(path))];
}

function matcherOf(pattern: string): (name: string) => boolean {
  try {
    return compileGlob(pattern).matches;
  } catch {
    return () => false;
  }
}
