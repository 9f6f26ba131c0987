import type { CommandContext } from '../command';
import { absolute } from './input';
import { folderName, lastName } from './names';
import { notSimulated, type ParsedOptions } from './options';

/** The options of `cp`, `mv`, `ln` and `install` that keep what is overwritten. */
export const BACKUP_OPTIONS = ['-b', '--backup[=CONTROL]', '-S --suffix=SUFFIX'] as const;

/** How what is in the way is kept (GNU coreutils manual, "Backup options"). */
export interface Backups {
  readonly control: 'simple' | 'numbered' | 'existing';
  readonly suffix: string;
}

/** `undefined` when nothing is kept. */
export function backupsOf(context: CommandContext, options: ParsedOptions): Backups | undefined {
  if (!options.has('b', 'backup', 'suffix')) return undefined;
  const word = options.value('backup') || context.env.get('VERSION_CONTROL') || 'existing';
  const suffix = options.value('suffix') ?? context.env.get('SIMPLE_BACKUP_SUFFIX') ?? '~';
  if (suffix === '' || suffix.includes('/')) throw notSimulated(context.name, `-S ${suffix}`);
  switch (word) {
    case 'none':
    case 'off':
      return undefined;
    case 'simple':
    case 'never':
      return { control: 'simple', suffix };
    case 'numbered':
    case 't':
      return { control: 'numbered', suffix };
    case 'existing':
    case 'nil':
      return { control: 'existing', suffix };
    default:
      throw notSimulated(context.name, `--backup=${word}`);
  }
}

/** Renames what is at `target` out of the way; gives the name it has from now on. */
export function backUp(context: CommandContext, target: string, { control, suffix }: Backups): string {
  const number = control === 'simple' ? 0 : highestNumber(context, target);
  const name = control === 'numbered' || number > 0 ? `${target}.~${number + 1}~` : target + suffix;
  context.fileSystem.rename(absolute(context, target), absolute(context, name));
  return name;
}

/** The highest N of the names `target.~N~`, 0 when there is none. */
function highestNumber(context: CommandContext, target: string): number {
  const start = `${lastName(target)}.~`;
  const numbers = context.fileSystem
    .list(absolute(context, folderName(target)))
    .filter((name) => name.startsWith(start) && /^[1-9]\d*~$/.test(name.slice(start.length)))
    .map((name) => Number(name.slice(start.length, -1)));
  return Math.max(0, ...numbers);
}
