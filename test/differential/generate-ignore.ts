import type { GoldenFile } from '../core/golden/case';
import type { Random } from './random';

/** An ignore file for a context; some have none. */
export function generateIgnoreFiles(
  random: Random,
  context: readonly GoldenFile[],
  spared: readonly string[],
): GoldenFile[] {
  if (random.chance(50)) return [];
  const isSpared = (path: string) => spared.some((other) => other === path || other.startsWith(`${path}/`));
  const files = random.chance(92) ? context.filter(({ path }) => !isSpared(path)) : context;
  const make = (path: string): GoldenFile => ({
    path,
    type: 'file',
    mode: '0644',
    text: ignoreText(random, files),
  });
  const found = [make(random.chance(75) ? '.dockerignore' : 'Dockerfile.dockerignore')];
  if (found[0]!.path !== '.dockerignore' && random.chance(40)) found.push(make('.dockerignore'));
  return found;
}

function ignoreText(random: Random, files: readonly GoldenFile[]): string {
  const end = random.chance(10) ? '\r\n' : '\n';
  const start = random.chance(5) ? '\uFEFF' : '';
  return start + random.times(random.between(1, 5), () => ignoreLine(random, files)).join(end) + end;
}

function ignoreLine(random: Random, files: readonly GoldenFile[]): string {
  let pattern = patternFor(random, files);
  if (/^[*?./]+$|\*\*/.test(pattern) && random.chance(85)) pattern = patternFor(random, files);
  switch (
    random.weighted({ plain: 66, negated: 22, comment: 3, padded: 4, empty: 2, bad: 1, blankNegated: 2 })
  ) {
    case 'negated':
      return `!${pattern}`;
    case 'comment':
      return random.pick([`# ${pattern}`, `#${pattern}`, ` #${pattern}`]);
    case 'padded':
      return random.pick([`  ${pattern}`, `${pattern}  `, `\t${pattern}`]);
    case 'empty':
      return '';
    case 'bad':
      return random.pick(['[', 'a[', '!', 'x\\', '[]a', '[^]', '[a-]']);
    case 'blankNegated':
      return `! ${pattern}`;
    default:
      return pattern;
  }
}

/** A pattern that has something to do with the files, for an ignore file or for `--exclude`. */
export function patternFor(random: Random, files: readonly GoldenFile[]): string {
  const path = files.length > 0 ? random.pick(files).path : 'a.txt';
  const names = path.split('/');
  const name = names[names.length - 1]!;
  const folder = names.slice(0, -1).join('/') || name;
  const first = names[0]!;
  const extension = name.includes('.') ? name.slice(name.lastIndexOf('.')) : '';
  switch (random.between(0, 19)) {
    case 0:
    case 1:
    case 2:
      return path;
    case 3:
      return `*${extension}`;
    case 4:
      return `**/${name}`;
    case 5:
      return `${folder}/*`;
    case 6:
      return `${folder}/**`;
    case 7:
      return `**/*${extension}`;
    case 8:
      return `/${path}`;
    case 9:
      return `${path}/`;
    case 10:
      return path.replace(/[a-z]/, '?');
    case 11:
      return path.replace(/[a-z]/, () => random.pick(['[a-m]', '[^x]', '[a-z]', '[!a]', '[\\-a-z]']));
    case 12:
      return random.pick([
        `./${path}`,
        `${first}/../${path}`,
        `../${path}`,
        `${first}//${name}`,
        `${path}/.`,
      ]);
    case 13:
      return `**/${first}/**`;
    case 14:
      return random.pick(['*', '**', '.', '/', '..', '*/*', '**/*', '**/.*', '*.*', '?*']);
    case 15:
      return `${first}/**/${name}`;
    case 16:
      // Never a letter: what a backslash makes of one may take the whole builder down (a nil expression).
      return path.replace(/[ -.:-@[-`{-~]/g, '\\$&');
    case 17:
      return `${name[0]}*`;
    case 18:
      return `${first}**${name}`;
    default:
      return path.toUpperCase();
  }
}
