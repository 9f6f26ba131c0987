import type { CommandContext } from '../command';
import { NotSimulated } from '../command';
import { secondsOfWords } from './date-words';

/** Dates as `date -d` and `touch -d` take them, as far as their meaning does not hang on the day of the build. */

/** Seconds since 1970; `undefined` for a text that is not understood here. */
export function parseTime(text: string): number | undefined {
  const epoch = /^\s*@(-?\d+(?:\.\d+)?)\s*$/.exec(text);
  return epoch ? Number(epoch[1]) : secondsOfWords(text);
}

function secondsOf(year: number, month: number, day: number, hour: number, minute: number, second: number) {
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 24 || minute > 59 || second > 60)
    return undefined;
  const time = Date.UTC(year, month - 1, day, hour, minute, second);
  return new Date(Date.UTC(year, month - 1, day)).getUTCDate() === day ? time / 1000 : undefined;
}

/** `touch -t [[CC]YY]MMDDhhmm[.ss]`. Without the year it would be this year, which is not simulated. */
export function parseStamp(text: string): number | undefined {
  const match = /^(\d{2})?(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(?:\.(\d{2}))?$/.exec(text);
  if (!match) return undefined;
  const [century, year, month, day, hour, minute, second = '0'] = match.slice(1);
  const full = century ? Number(century + year) : Number(year) + (Number(year) >= 69 ? 1900 : 2000);
  return secondsOf(full, Number(month), Number(day), Number(hour), Number(minute), Number(second));
}

/** Refuses a time zone other than UTC, which a container has unless somebody set one. */
export function requireUtc(context: CommandContext): void {
  const zone = context.env.get('TZ');
  if (zone === undefined ? hasLocalTime(context) : !/^:?(|UTC0?|UCT|GMT0?|Etc\/(UTC|GMT|UCT))$/.test(zone)) {
    throw new NotSimulated(`\`${context.name}\` in a time zone other than UTC is not simulated`);
  }
}

function hasLocalTime(context: CommandContext): boolean {
  const found = context.fileSystem.find('/etc/localtime');
  return found.kind === 'present' && !/\/(UTC|UCT|Universal|Zulu|GMT.?.?|Greenwich)$/.test(found.path);
}

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
export const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** strftime(3) in UTC and the C locale, with GNU date's flags `-`, `_`, `0`, `^` and `#`. */
export function formatTime(format: string, seconds: number): string {
  return format.replace(
    /%([-_0^#]*)(\d*)(:{0,3}[a-zA-Z%+])/g,
    (whole, flags: string, width: string, letter: string) => {
      const field = fieldOf(letter, seconds);
      if (field === undefined) throw new NotSimulated(`the date format \`${whole}\` is not simulated`);
      return pad(field, flags, width);
    },
  );
}

interface Field {
  readonly text: string;
  readonly width?: number;
  readonly fill?: '0' | ' ';
}

function pad({ text, width = 0, fill }: Field, flags: string, asked: string): string {
  let result = text;
  const flag = /[-_0]/.exec(flags.split('').reverse().join(''))?.[0];
  const filler = flag === '_' ? ' ' : flag === '0' ? '0' : (fill ?? ' ');
  if (flag !== '-') result = result.padStart(Number(asked) || width, filler);
  if (flags.includes('^')) result = result.toUpperCase();
  return result;
}

function fieldOf(letter: string, seconds: number): Field | undefined {
  const date = new Date(Math.floor(seconds) * 1000);
  const number = (value: number, width: number, fill: '0' | ' ' = '0'): Field => ({
    text: String(value),
    width,
    fill,
  });
  const text = (value: string): Field => ({ text: value });
  const [year, month, day, hour] = [
    date.getUTCFullYear(),
    date.getUTCMonth(),
    date.getUTCDate(),
    date.getUTCHours(),
  ];
  const dayOfYear = Math.floor((Date.UTC(year, month, day) - Date.UTC(year, 0, 1)) / 86_400_000);
  const weekday = date.getUTCDay();
  const again = (format: string) => text(formatTime(format, seconds));
  switch (letter) {
    case '%':
      return text('%');
    case 'Y':
      return number(year, 4);
    case 'C':
      return number(Math.floor(year / 100), 2);
    case 'y':
      return number(year % 100, 2);
    case 'm':
      return number(month + 1, 2);
    case 'd':
      return number(day, 2);
    case 'e':
      return number(day, 2, ' ');
    case 'H':
      return number(hour, 2);
    case 'k':
      return number(hour, 2, ' ');
    case 'I':
      return number(hour % 12 || 12, 2);
    case 'l':
      return number(hour % 12 || 12, 2, ' ');
    case 'M':
      return number(date.getUTCMinutes(), 2);
    case 'S':
      return number(date.getUTCSeconds(), 2);
    case 'N':
      return number(Math.round((seconds - Math.floor(seconds)) * 1e6) * 1e3, 9);
    case 's':
      return text(String(Math.floor(seconds)));
    case 'g':
      return number(isoWeek(date).year % 100, 2);
    case 'q':
      return text(String(Math.floor(month / 3) + 1));
    case 'j':
      return number(dayOfYear + 1, 3);
    case 'u':
      return number(weekday || 7, 1);
    case 'w':
      return number(weekday, 1);
    case 'V':
      return number(isoWeek(date).week, 2);
    case 'G':
      return number(isoWeek(date).year, 4);
    case 'U':
      return number(Math.floor((dayOfYear + 7 - weekday) / 7), 2);
    case 'W':
      return number(Math.floor((dayOfYear + 7 - ((weekday + 6) % 7)) / 7), 2);
    case 'a':
      return text(DAYS[weekday]!.slice(0, 3));
    case 'A':
      return text(DAYS[weekday]!);
    case 'b':
    case 'h':
      return text(MONTHS[month]!.slice(0, 3));
    case 'B':
      return text(MONTHS[month]!);
    case 'p':
      return text(hour < 12 ? 'AM' : 'PM');
    case 'P':
      return text(hour < 12 ? 'am' : 'pm');
    case 'z':
      return text('+0000');
    case ':z':
      return text('+00:00');
    case '::z':
      return text('+00:00:00');
    case ':::z':
      return text('+00');
    case 'Z':
      return text('UTC');
    case 'n':
      return text('\n');
    case 't':
      return text('\t');
    case 'D':
    case 'x':
      return again('%m/%d/%y');
    case 'F':
      return again('%Y-%m-%d');
    case 'T':
    case 'X':
      return again('%H:%M:%S');
    case 'R':
      return again('%H:%M');
    case 'r':
      return again('%I:%M:%S %p');
    case 'c':
      return again('%a %b %e %H:%M:%S %Y');
    default:
      return undefined;
  }
}

/** ISO 8601: weeks begin on Monday, the first has the year's first Thursday. */
function isoWeek(date: Date): { year: number; week: number } {
  const thursday = new Date(date.getTime() + (4 - (date.getUTCDay() || 7)) * 86_400_000);
  const year = thursday.getUTCFullYear();
  return { year, week: Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / 604_800_000) + 1 };
}
