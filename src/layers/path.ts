/**
 * Paths of a container: absolute, `/` between names, no `.`, `..`, empty names or trailing slash; the root is `/`.
 */

/** The absolute, cleaned form of `path`, seen from `from`. `..` stops at the root. */
export function containerPath(path: string, from = '/'): string {
  const names: string[] = [];
  for (const name of (path.startsWith('/') ? path : `${from}/${path}`).split('/')) {
    if (name === '' || name === '.') continue;
    if (name === '..') names.pop();
    else names.push(name);
  }
  return `/${names.join('/')}`;
}

export function namesOf(path: string): string[] {
  return path.split('/').filter((name) => name !== '');
}

export function parentOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash <= 0 ? '/' : path.slice(0, slash);
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

export function childPath(folder: string, name: string): string {
  return folder === '/' ? `/${name}` : `${folder}/${name}`;
}

/** Whether `path` is `folder` or lies below it. */
export function isWithin(path: string, folder: string): boolean {
  if (folder === '/') return true;
  // Asked for every entry of a tree, so without a text that is made to compare with.
  return path.startsWith(folder) && (path.length === folder.length || path[folder.length] === '/');
}

/**
 * Whether `path` belongs to `place`: a path with all below it, or with a `/` at its end only what the `*` of a shell
 * matches in that folder, with all below. So `/var/lib/apt/lists/` is what `rm -rf /var/lib/apt/lists/*` removes.
 */
export function isOfPlace(path: string, place: string): boolean {
  if (place === '/' || !place.endsWith('/')) return isWithin(path, place);
  return path.startsWith(place) && path[place.length] !== '.';
}

/**
 * The order in which the reference builder lists the entries of a layer: a depth-first walk with the names of
 * each folder in byte order, so `/a/b` comes before `/a.txt`.
 */
export function comparePaths(a: string, b: string): number {
  const left = namesOf(a);
  const right = namesOf(b);
  for (let index = 0; index < left.length && index < right.length; index++) {
    const order = compareNames(left[index]!, right[index]!);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

/** Byte order of UTF-8, which is the order of code points. */
export function compareNames(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const x = a.charCodeAt(index);
    const y = b.charCodeAt(index);
    if (x === y) continue;
    const surrogates = x >= 0xd800 && x <= 0xdfff ? 1 : 0;
    const others = y >= 0xd800 && y <= 0xdfff ? 1 : 0;
    // A surrogate stands for a code point beyond U+FFFF, so it sorts after every other unit.
    return surrogates === others ? x - y : surrogates - others;
  }
  return a.length - b.length;
}
