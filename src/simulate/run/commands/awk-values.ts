import { heldWidth } from '../budget';
import { NotSimulated } from '../command';
import type { ByteString } from './bytes';

/** Input that looks like a number compares as one and prints as it was written: POSIX's "numeric string". */
export interface NumericString {
  readonly text: ByteString;
  readonly number: number;
}

/** `undefined` is a variable nobody set: both 0 and the empty string. */
export type Value = number | ByteString | NumericString | undefined;

export function inputValue(text: ByteString): Value {
  return /^[ \t\n\r\f\v]*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?[ \t\n\r\f\v]*$/.test(text)
    ? { text, number: Number(text) }
    : text;
}

export function toNumber(value: Value): number {
  if (value === undefined) return 0;
  if (typeof value === 'number') return value;
  if (typeof value === 'object') return value.number;
  const match = /^[ \t\n\r\f\v]*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)/.exec(value);
  if (/^[ \t\n]*[-+]?(?:0[xX][0-9a-fA-F]|inf|nan)/i.test(value))
    throw new NotSimulated('`awk` with hexadecimal or infinite input is not simulated');
  return match ? Number(match[1]) : 0;
}

export function toText(value: Value, format: string): ByteString {
  if (value === undefined) return '';
  if (typeof value === 'object') return value.text;
  return typeof value === 'string' ? value : numberText(value, format);
}

function numberText(value: number, format: string): string {
  // mawk writes whole numbers as such only while they fit 32 bits, the others up to 53.
  if (Number.isInteger(value) && Math.abs(value) >= 2 ** 31 && Math.abs(value) < 2 ** 53) {
    throw new NotSimulated('`awk` that prints whole numbers beyond 31 bits is not simulated');
  }
  if (Number.isInteger(value) && Math.abs(value) < 2 ** 31) return Object.is(value, -0) ? '0' : String(value);
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : value < 0 ? '-inf' : 'inf';
  return formatText(format, [value], '%.6g');
}

export function isTrue(value: Value): boolean {
  if (value === undefined) return false;
  if (typeof value === 'object') return value.number !== 0;
  return typeof value === 'number' ? value !== 0 : value !== '';
}

export function compareValues(left: Value, right: Value, format: string): number {
  const isText = (value: Value) => typeof value === 'string';
  if (isText(left) || isText(right)) {
    const [a, b] = [toText(left, format), toText(right, format)];
    return a < b ? -1 : a > b ? 1 : 0;
  }
  return Math.sign(toNumber(left) - toNumber(right));
}

/** printf(3) for awk. */
export function formatText(format: ByteString, args: readonly Value[], convfmt: string): ByteString {
  let next = 0;
  return format.replace(
    /%([-+ #0]*)(\*|\d+)?(?:\.(\*|\d*))?(?:hh?|ll?|L|q|j|z|t)?([a-zA-Z%])/g,
    (whole, flags: string, width, precision, letter: string) => {
      if (letter === '%') return '%';
      const star = () => toNumber(args[next++]);
      let allFlags = flags;
      let size = width === '*' ? star() : Number(width ?? 0);
      if (size < 0) [allFlags, size] = [`${flags}-`, -size];
      const digits =
        precision === undefined ? undefined : precision === '*' ? star() : Number(precision || 0);
      if (next >= args.length)
        throw new NotSimulated('`awk` with fewer values than a format wants is not simulated');
      return pad(
        conversion(letter, args[next++], digits, allFlags, convfmt, whole),
        allFlags,
        size,
        letter,
        digits,
      );
    },
  );
}

function conversion(
  letter: string,
  value: Value,
  digits: number | undefined,
  flags: string,
  convfmt: string,
  whole: string,
): string {
  const sign = (number: number, text: string) =>
    number < 0 || Object.is(number, -0)
      ? `-${text}`
      : flags.includes('+')
        ? `+${text}`
        : flags.includes(' ')
          ? ` ${text}`
          : text;
  switch (letter) {
    case 's':
      return toText(value, convfmt).slice(0, digits);
    case 'c':
      return typeof value === 'number'
        ? String.fromCharCode(value & 0xff)
        : toText(value, convfmt).slice(0, 1);
    case 'd':
    case 'i': {
      const number = Math.trunc(toNumber(value));
      return sign(number || 0, BigInt(Math.abs(number)).toString().padStart(heldWidth(digits), '0'));
    }
    case 'u':
    case 'o':
    case 'x':
    case 'X': {
      const number = BigInt(Math.trunc(toNumber(value)));
      const text = BigInt.asUintN(64, number)
        .toString({ u: 10, o: 8, x: 16, X: 16 }[letter])
        .padStart(heldWidth(digits), '0');
      const prefixed =
        flags.includes('#') && number !== 0n ? `${{ u: '', o: '0', x: '0x', X: '0x' }[letter]}${text}` : text;
      return letter === 'X' ? prefixed.toUpperCase() : prefixed;
    }
    case 'f':
    case 'F':
      return sign(toNumber(value), fixed(Math.abs(toNumber(value)), digits ?? 6));
    case 'e':
    case 'E': {
      const text = exponent(Math.abs(toNumber(value)).toExponential(digits ?? 6));
      return sign(toNumber(value), letter === 'E' ? text.toUpperCase() : text);
    }
    case 'g':
    case 'G': {
      const text = general(Math.abs(toNumber(value)), digits ?? 6, flags.includes('#'));
      return sign(toNumber(value), letter === 'G' ? text.toUpperCase() : text);
    }
    default:
      throw new NotSimulated(`\`awk\` with the format ${whole} is not simulated`);
  }
}

/** As C rounds: of two that are equally near, the even one. */
function fixed(value: number, digits: number): string {
  const scaled = value * 10 ** digits;
  const isTie = scaled < 2 ** 52 && scaled % 1 === 0.5 && scaled / 10 ** digits === value;
  return isTie
    ? ((Math.floor(scaled) + (Math.floor(scaled) % 2)) / 10 ** digits).toFixed(digits)
    : value.toFixed(digits);
}

function exponent(text: string): string {
  return text.replace(/e([-+])(\d)$/, 'e$10$2');
}

function general(value: number, digits: number, keepsZeros: boolean): string {
  const precision = digits === 0 ? 1 : digits;
  if (value === 0) return '0';
  const power = Number(value.toExponential(precision - 1).split('e')[1]);
  const text =
    power < -4 || power >= precision
      ? exponent(value.toExponential(precision - 1))
      : fixed(value, Math.max(0, precision - 1 - power));
  if (keepsZeros || !text.includes('.')) return text;
  return text.replace(/\.?0+(?=e|$)/, '');
}

function pad(text: string, flags: string, width: number, letter: string, digits: number | undefined): string {
  if (text.length >= heldWidth(width)) return text;
  if (flags.includes('-')) return text.padEnd(width);
  const zero =
    flags.includes('0') &&
    letter !== 's' &&
    letter !== 'c' &&
    !(digits !== undefined && /[diouxX]/.test(letter));
  if (!zero) return text.padStart(width);
  const sign = /^[-+ ]/.exec(text)?.[0] ?? '';
  return sign + text.slice(sign.length).padStart(width - sign.length, '0');
}
