import { type CommandContext, NotSimulated } from '../command';
import { AccountFiles } from './account-files';
import { complain, fail } from './complaints';
import { notSimulated, parseOptions } from './options';
import { parseTime } from './times';
import { requireRoot } from './useradd';

/** The fields of a line of /etc/shadow that chage(1) sets. */
const FIELDS: Readonly<Record<string, number>> = {
  lastday: 2,
  mindays: 3,
  maxdays: 4,
  warndays: 5,
  inactive: 6,
  expiredate: 7,
};

const OPTIONS = [
  '-d --lastday=DAY',
  '-E --expiredate=DAY',
  '-I --inactive=DAYS',
  '-l --list',
  '-m --mindays=DAYS',
  '-M --maxdays=DAYS',
  '-W --warndays=DAYS',
];

/** chage(1) of shadow-utils 4.13, with its settings on the command line. */
export async function chage(context: CommandContext): Promise<number> {
  const options = parseOptions(context, OPTIONS);
  requireRoot(context);
  const [name, ...more] = options.operands;
  if (name === undefined || more.length > 0 || options.list.length === 0)
    throw notSimulated('chage', 'without a name or a setting');
  if (options.has('list')) {
    if (!context.stdout.isLog) throw new NotSimulated('what `chage -l` prints is not simulated');
    return 0;
  }
  const files = await AccountFiles.read(context);
  // It runs with the group that owns /etc/shadow, and so does the lock that it makes.
  const lockGroup = Number(files.row('group', 'shadow')?.[2] ?? 0);
  if (!files.row('passwd', name)) {
    files.lock(lockGroup);
    return fail(context, `user '${name}' does not exist in /etc/passwd`);
  }
  const row = files.row('shadow', name);
  if (!row) throw notSimulated('chage', 'of an account without a shadow line');
  const next = [...row];
  for (const [option, field] of Object.entries(FIELDS)) {
    const text = options.value(option);
    if (text === undefined) continue;
    const value = /date$|day$/.test(option) ? dayOf(text) : daysOf(text);
    if (value === undefined) {
      complain(
        context,
        `invalid ${option === 'lastday' || option === 'expiredate' ? 'date' : 'numeric argument'} '${text}'`,
      );
      return 2;
    }
    next[field] = value;
  }
  files.lock(lockGroup);
  files.replace('shadow', name, next);
  files.write();
  return 0;
}

function daysOf(text: string): string | undefined {
  if (!/^-?\d+$/.test(text)) return undefined;
  return Number(text) === -1 ? '' : text;
}

/** A number of days since 1970, or a date; -1 for never. */
export function dayOf(text: string): string | undefined {
  if (text === '' || text === '-1') return '';
  if (/^\d+$/.test(text)) return text;
  const seconds = /^\d{4}-\d\d?-\d\d?$/.test(text) ? parseTime(text) : undefined;
  return seconds === undefined ? undefined : String(Math.floor(seconds / 86_400));
}
