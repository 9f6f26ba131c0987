import { matching } from '../matching';

/** Paths as programs handle them in text, before any system call: POSIX basename and dirname, joining. */

export function withoutTrailingSlashes(path: string): string {
  return path.replace(/(.)\/+$/, '$1').replace(/^\/+$/, '/');
}

/** `basename(1)` without a suffix: `/` for the root, the empty name for the empty one. */
export function lastName(path: string): string {
  const trimmed = withoutTrailingSlashes(path);
  return trimmed === '/' ? '/' : trimmed.slice(trimmed.lastIndexOf('/') + 1);
}

/** `dirname(1)`. */
export function folderName(path: string): string {
  const trimmed = withoutTrailingSlashes(path);
  const slash = trimmed.lastIndexOf('/');
  if (slash < 0) return '.';
  return withoutTrailingSlashes(trimmed.slice(0, slash) || '/');
}

export function joinNames(folder: string, name: string): string {
  const rest = name.startsWith('/') ? name.replace(/^\/+/, '') : name;
  return folder.endsWith('/') ? folder + rest : `${folder}/${rest}`;
}

/** Shell patterns as `fnmatch(3)` reads them. `slashes: 'special'` keeps `*` and `?` from matching a slash. */
export function patternToRegExp(
  pattern: string,
  options: { slashes?: 'special'; ignoreCase?: boolean; open?: boolean } = {},
): Pick<RegExp, 'test'> {
  const any = options.slashes === 'special' ? '[^/]' : '[^]';
  let source = '';
  for (let index = 0; index < pattern.length; index++) {
    const character = pattern[index]!;
    if (character === '*') source += `${any}*`;
    else if (character === '?') source += any;
    else if (character === '[') {
      const set = bracket(pattern, index);
      source += set?.source ?? '\\[';
      index = set?.end ?? index;
    } else if (character === '\\' && index + 1 < pattern.length) source += literal(pattern[++index]!);
    else source += literal(character);
  }
  const regex = new RegExp(`^(?:${source})${options.open ? '' : '$'}`, options.ignoreCase ? 'is' : 's');
  return { test: (text) => matching(regex, text.length, () => regex.test(text)) };
}

function literal(character: string): string {
  return character.replace(/[\\^$.*+?()[\]{}|/-]/, '\\$&');
}

const CLASSES: Record<string, string> = {
  alpha: 'A-Za-z',
  digit: '0-9',
  alnum: 'A-Za-z0-9',
  upper: 'A-Z',
  lower: 'a-z',
  space: ' \\t\\n\\v\\f\\r',
  blank: ' \\t',
  punct: '!-\\/:-@\\[-`{-~',
  xdigit: '0-9A-Fa-f',
  cntrl: '\\x00-\\x1f\\x7f',
  print: ' -~',
  graph: '!-~',
};

function bracket(pattern: string, start: number): { source: string; end: number } | undefined {
  let index = start + 1;
  const negated = pattern[index] === '!' || pattern[index] === '^';
  if (negated) index++;
  let set = '';
  for (let first = true; ; first = false) {
    const character = pattern[index];
    if (character === undefined) return undefined;
    if (character === ']' && !first) break;
    const named = /^\[:(\w+):\]/.exec(pattern.slice(index));
    if (named && CLASSES[named[1]!]) {
      set += CLASSES[named[1]!];
      index += named[0].length;
      continue;
    }
    const isRange = character === '-' && !first && pattern[index + 1] !== ']';
    if (character === '\\' && index + 1 < pattern.length) index++;
    set += isRange ? '-' : literal(pattern[index]!);
    index++;
  }
  return { source: set === '' ? '(?!)' : `[${negated ? '^' : ''}${set}]`, end: index };
}
