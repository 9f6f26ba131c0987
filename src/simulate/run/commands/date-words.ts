/** Dates in the words that `date -d` and `touch -d` take (GNU coreutils manual, "Date input formats"). */

interface Pieces {
  date?: readonly [year: number, month: number, day: number];
  /** Seconds of the day. */
  time?: number;
  /** Seconds east of Greenwich. */
  zone?: number;
  weekday?: boolean;
  readonly added: { months: number; days: number; seconds: number };
}

/** A form, and what it says; `false` when its numbers are out of range. */
type Rule = readonly [form: RegExp, read: (match: RegExpExecArray, pieces: Pieces) => boolean];

const MONTH = '(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\\.?';
const UNIT = '(years?|months?|fortnights?|weeks?|days?|hours?|minutes?|mins?|seconds?|secs?)';
const END = '(?![\\w.])';

const RULES: readonly Rule[] = [
  [rule(`(\\d{4})-(\\d\\d?)-(\\d\\d?)(?:t(?=\\d)|${END})`), dateIn(1, 2, 3)],
  [rule(`(\\d{4})/(\\d\\d?)/(\\d\\d?)${END}`), dateIn(1, 2, 3)],
  [rule(`(\\d\\d?)/(\\d\\d?)/(\\d{4})${END}`), dateIn(3, 1, 2)],
  [rule(`(\\d{4})(\\d\\d)(\\d\\d)(?:t(?=\\d)|${END})`), dateIn(1, 2, 3)],
  [rule(`(\\d\\d?)[ -]?${MONTH}[ -,]*(\\d{4})${END}`), dateIn(3, 2, 1)],
  [rule(`${MONTH} *(\\d\\d?)(?:, *| +)(\\d{4})${END}`), dateIn(3, 1, 2)],
  // As `date` itself prints it: the time between, the year at the end.
  [rule(`${MONTH} +(\\d\\d?)(?= +\\d\\d:\\d\\d:\\d\\d(?: +(?:utc|gmt))? +(\\d{4})${END})`), dateIn(3, 1, 2)],
  [rule(`(\\d\\d?):(\\d\\d)(?::(\\d\\d)(?:[.,](\\d+))?)?(?: *([ap])\\.?m\\.?)?`), timeOfDay],
  [
    rule(`(\\d\\d?) *([ap])\\.?m\\.?${END}`),
    (match, pieces) => clock(pieces, Number(match[1]), 0, 0, match[2]),
  ],
  [rule(`(?:utc|gmt|z)${END}`), (_, pieces) => setZone(pieces, 0)],
  [rule('([-+])(\\d\\d):?(\\d\\d)(?![\\w:.])'), numericZone],
  [rule(`(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?)${END},?`), weekday],
  [rule(`([-+]?) *(\\d+) *${UNIT}${END}( *ago${END})?`), amount],
  [
    rule(`(next|last) +${UNIT}${END}`),
    (match, pieces) => add(pieces, match[1] === 'next' ? 1 : -1, match[2]!),
  ],
  [rule(`tomorrow${END}`), (_, pieces) => add(pieces, 1, 'day')],
  [rule(`yesterday${END}`), (_, pieces) => add(pieces, -1, 'day')],
];

function rule(form: string): RegExp {
  return new RegExp(`^(?:${form})`);
}

/** Seconds since 1970; `undefined` for what is not understood here, or hangs on the day of the build. */
export function secondsOfWords(text: string): number | undefined {
  const pieces: Pieces = { added: { months: 0, days: 0, seconds: 0 } };
  let rest = text.trim().toLowerCase();
  while (rest !== '') {
    const length = readOne(rest, pieces);
    if (length === undefined) return undefined;
    rest = rest.slice(length).trimStart();
    // The year that belonged to a date before it.
    if (pieces.date && pieces.time !== undefined && rest === String(pieces.date[0])) rest = '';
  }
  return pieces.date && total(pieces, pieces.date);
}

function readOne(rest: string, pieces: Pieces): number | undefined {
  for (const [form, read] of RULES) {
    const match = form.exec(rest);
    if (match) return read(match, pieces) ? match[0].length : undefined;
  }
  return undefined;
}

function total({ time = 0, zone = 0, added }: Pieces, [year, month, day]: readonly [number, number, number]) {
  const midnight = Date.UTC(year, month - 1 + added.months, day + added.days);
  return midnight / 1000 + time - zone + added.seconds;
}

function dateIn(yearAt: number, monthAt: number, dayAt: number) {
  return (match: RegExpExecArray, pieces: Pieces): boolean => {
    const [year, day] = [Number(match[yearAt]), Number(match[dayAt])];
    const month = monthOf(match[monthAt]!);
    const real = new Date(Date.UTC(year, month - 1, day));
    if (pieces.date || real.getUTCMonth() !== month - 1 || real.getUTCDate() !== day) return false;
    pieces.date = [year, month, day];
    return true;
  };
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

function monthOf(text: string): number {
  return /^\d/.test(text) ? Number(text) : MONTHS.indexOf(text) + 1;
}

function timeOfDay(match: RegExpExecArray, pieces: Pieces): boolean {
  const seconds = Number(match[3] ?? 0) + Number(`0.${match[4] ?? 0}`);
  return clock(pieces, Number(match[1]), Number(match[2]), seconds, match[5]);
}

function clock(
  pieces: Pieces,
  hour: number,
  minute: number,
  second: number,
  half: string | undefined,
): boolean {
  if (pieces.time !== undefined || minute > 59 || second >= 60) return false;
  if (half === undefined ? hour > 23 : hour < 1 || hour > 12) return false;
  const full = half === undefined ? hour : (hour % 12) + (half === 'p' ? 12 : 0);
  pieces.time = full * 3600 + minute * 60 + second;
  return true;
}

/** Only behind a time is a signed number a zone. */
function numericZone(match: RegExpExecArray, pieces: Pieces): boolean {
  const seconds = Number(match[2]) * 3600 + Number(match[3]) * 60;
  return pieces.time !== undefined && setZone(pieces, match[1] === '-' ? -seconds : seconds);
}

function setZone(pieces: Pieces, seconds: number): boolean {
  if (pieces.zone !== undefined) return false;
  pieces.zone = seconds;
  return true;
}

/** The day of the week says nothing beside a date. */
function weekday(_: RegExpExecArray, pieces: Pieces): boolean {
  if (pieces.weekday) return false;
  pieces.weekday = true;
  return true;
}

function amount(match: RegExpExecArray, pieces: Pieces): boolean {
  // Right behind a time it would be read as a zone.
  if (match[1] !== '' && pieces.time !== undefined && pieces.zone === undefined) return false;
  const sign = (match[1] === '-' ? -1 : 1) * (match[4] === undefined ? 1 : -1);
  return add(pieces, sign * Number(match[2]), match[3]!);
}

function add({ added }: Pieces, count: number, unit: string): boolean {
  const days = { w: 7, d: 1, f: 14 }[unit[0]!];
  if (days !== undefined) added.days += count * days;
  else if (unit.startsWith('y')) added.months += 12 * count;
  else if (unit.startsWith('mo')) added.months += count;
  else added.seconds += count * ({ h: 3600, m: 60, s: 1 }[unit[0]!] ?? 0);
  return true;
}
