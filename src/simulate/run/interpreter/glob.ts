import { PosixError } from '../../../filesystem/posix';
import type { WritableLayer } from '../../../filesystem/writable';
import { compareNames } from '../../../layers/path';
import { absolute } from '../lookup';
import { isPattern, type PatternOptions, unescapePattern } from './pattern';

export interface GlobOptions extends PatternOptions {
  /** `shopt -s dotglob`: `*` takes names that begin with a dot. */
  readonly dots?: boolean;
  /** `shopt -s globstar`. */
  readonly deep?: boolean;
  /** bash 5.2's globskipdots, `.*` never gives `.` and `..`. */
  readonly skipDots?: boolean;
  /** How one name is matched, in the characters of the shell. */
  matches(name: string, part: string, options: PatternOptions): boolean;
}

/**
 * Pathname expansion (POSIX XCU 2.13.3): the existing paths that match, in byte order, spelled as the pattern is.
 * Doubts about the folders it lists stay in `fileSystem`.
 */
export function expandPaths(
  fileSystem: WritableLayer,
  pattern: string,
  cwd: string,
  options: GlobOptions,
): string[] {
  const parts = pattern.split('/');
  let found = [''];
  for (const [index, part] of parts.entries()) {
    const last = index === parts.length - 1;
    const next: string[] = [];
    for (const start of found) {
      if (part === '') next.push(last ? start : `${start}/`);
      else next.push(...step({ fileSystem, cwd, options }, start, part, last));
    }
    found = next;
  }
  return found.sort(compareNames);
}

interface Place {
  readonly fileSystem: WritableLayer;
  readonly cwd: string;
  readonly options: GlobOptions;
}

function step(place: Place, start: string, part: string, last: boolean): string[] {
  const end = last ? '' : '/';
  if (!isPattern(part, place.options)) {
    const path = start + unescapePattern(part);
    return exists(place, path, !last) ? [path + end] : [];
  }
  if (part === '**' && place.options.deep) return deepNames(place, start, last);
  const names = namesAt(place, start).filter((name) => matchesName(name, part, place.options));
  return names
    .map((name) => start + name)
    .filter((path) => last || exists(place, path, true))
    .map((path) => path + end);
}

function matchesName(name: string, part: string, options: GlobOptions): boolean {
  if (name.startsWith('.') && !part.startsWith('.') && !part.startsWith('\\.') && !options.dots) return false;
  return options.matches(name, part, options);
}

function namesAt(place: Place, start: string): string[] {
  const folder = absolute(start === '' ? '.' : start, place.cwd);
  try {
    const names = place.fileSystem.list(folder);
    return place.options.skipDots || place.options.dots ? names : ['.', '..', ...names];
  } catch (error) {
    if (error instanceof PosixError) return [];
    throw error;
  }
}

function exists(place: Place, path: string, folder: boolean): boolean {
  try {
    const found = place.fileSystem.find(absolute(path, place.cwd), { follow: folder });
    return found.kind === 'present' && (!folder || found.inode.node.kind === 'directory');
  } catch (error) {
    if (error instanceof PosixError) return false;
    throw error;
  }
}

function deepNames(place: Place, start: string, last: boolean): string[] {
  const found = last ? [] : [start];
  for (const name of namesAt({ ...place, options: { ...place.options, skipDots: true } }, start)) {
    if (name.startsWith('.') && !place.options.dots) continue;
    const inode = place.fileSystem.find(absolute(start + name, place.cwd), { follow: false });
    const folder = inode.kind === 'present' && inode.inode.node.kind === 'directory';
    if (last) found.push(start + name);
    if (folder) found.push(...deepNames(place, `${start}${name}/`, last));
  }
  return found;
}
