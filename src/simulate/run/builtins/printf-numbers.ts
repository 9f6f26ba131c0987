import { NotSimulated } from '../command';
import { encodeArgument } from '../commands/bytes';

/** Whose `printf` it is: it decides what is a number, and what is said of one that is none. */
export type PrintfStyle = 'dash' | 'bash' | 'ash' | 'gnu';

/** A number taken from an argument, and what was wrong with it. */
export interface Converted<T> {
  readonly value: T;
  readonly fault?: Fault;
}

export interface Fault {
  readonly words: string;
  /** It was only said, and does no harm to the status. */
  readonly isWarning?: boolean;
}

const INTEGER = /^\s*([-+]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*)/;
const REAL = /^\s*([-+]?(?:0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|inf(?:inity)?|nan))/i;
const LARGEST = 2n ** 63n - 1n;

/** `strtoimax(3)` and `strtoumax(3)`, or the code of the character after a quote. */
export function toInteger(
  text: string,
  style: PrintfStyle,
  signed: boolean,
  utf8: boolean,
): Converted<bigint> {
  if (/^["']/.test(text)) return { value: characterCode(text, utf8) };
  if (text.trim() === '' && text !== '') return { value: 0n, fault: notConverted(text, style, false) };
  if (text === '')
    return style === 'ash' ? { value: 0n, fault: notConverted(text, style, false) } : { value: 0n };
  const match = INTEGER.exec(text);
  const whole = match !== null && match[0].length === text.length;
  const number = match
    ? clamped(match[1]!, BigInt(octalAware(match[2]!)), signed)
    : { value: 0n, out: false };
  if (style === 'ash' && (!whole || number.out))
    return { value: 0n, fault: notConverted(text, style, false) };
  if (!whole) return { value: number.value, fault: notConverted(text, style, match !== null) };
  return { value: number.value, ...(number.out ? { fault: outOfRange(text, style) } : {}) };
}

function octalAware(digits: string): string {
  return /^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits;
}

function clamped(sign: string, digits: bigint, signed: boolean): { value: bigint; out: boolean } {
  const value = sign === '-' ? -digits : digits;
  const [least, most] = signed ? [-LARGEST - 1n, LARGEST] : [-(2n ** 64n) + 1n, 2n ** 64n - 1n];
  if (value > most) return { value: most, out: true };
  if (value < least) return { value: signed ? least : most, out: true };
  return { value, out: false };
}

function characterCode(text: string, utf8: boolean): bigint {
  if (utf8) return BigInt(text.codePointAt(1) ?? 0);
  return BigInt(encodeArgument(text).charCodeAt(1) || 0);
}

function notConverted(text: string, style: PrintfStyle, begins: boolean): Fault {
  switch (style) {
    case 'dash':
      return { words: `${text}: ${begins ? 'not completely converted' : 'expected numeric value'}` };
    case 'bash': {
      const kind = /^0[xX]/.test(text) ? 'hex ' : /^0/.test(text) ? 'octal ' : '';
      return { words: `${text}: invalid ${kind}number` };
    }
    case 'ash':
      return { words: `invalid number '${text}'` };
    default:
      return {
        words: `'${text}': ${begins ? 'value not completely converted' : 'expected a numeric value'}`,
      };
  }
}

function outOfRange(text: string, style: PrintfStyle): Fault {
  const words = `${text}: Numerical result out of range`;
  if (style === 'bash') return { words: `warning: ${words}`, isWarning: true };
  return { words: style === 'gnu' ? `'${text}': Numerical result out of range` : words };
}

/** `strtod(3)`. bash and GNU work with long doubles, so what two precisions could round otherwise is refused. */
export function toReal(text: string, style: PrintfStyle): Converted<number> {
  if (/^["']/.test(text)) return { value: Number(characterCode(text, false)) };
  if (text === '') return { value: 0 };
  const match = REAL.exec(text);
  const digits = match?.[1] ?? '';
  const value = /^[-+]?(?:inf|nan)/i.test(digits) ? named(digits) : Number(digits.replace(/^\+/, ''));
  if (/^-0x/i.test(digits) || (Math.abs(value) === Number.POSITIVE_INFINITY && /\d/.test(digits)))
    throw new NotSimulated(`\`printf\` of ${digits} is not simulated`);
  if (match?.[0].length === text.length) return { value };
  return { value: style === 'ash' ? 0 : value || 0, fault: notConverted(text, style, match !== null) };
}

function named(text: string): number {
  if (/nan/i.test(text)) return Number.NaN;
  return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

/** `%f`, `%e` and `%g` as C writes them. */
export function realText(conversion: string, number: number, digits: number, source: string): string {
  if (Number.isNaN(number)) return 'nan';
  if (!Number.isFinite(number)) return number < 0 ? '-inf' : 'inf';
  if (isBetweenPrecisions(number, digits, source))
    throw new NotSimulated(`how \`printf\` rounds ${source} to ${digits} digits is not simulated`);
  const kind = conversion.toLowerCase();
  if (kind === 'f') return withSign(number, fixed(number, digits));
  if (kind === 'e') return withSign(number, exponent(number.toExponential(digits)));
  const precision = digits === 0 ? 1 : digits;
  const power = number === 0 ? 0 : Number(/e(.*)$/.exec(number.toExponential(precision - 1))![1]);
  const trim = (text: string) => (text.includes('.') ? text.replace(/\.?0+(?=e|$)/, '') : text);
  const shown =
    power < -4 || power >= precision
      ? exponent(trim(number.toExponential(precision - 1)))
      : trim(number.toFixed(Math.max(0, precision - 1 - power)));
  return withSign(number, shown);
}

function withSign(number: number, text: string): string {
  return Object.is(number, -0) ? `-${text}` : text;
}

/** Digits beyond those of a double, or a decimal tie that no double is. */
function isBetweenPrecisions(number: number, digits: number, source: string): boolean {
  if (Number.isInteger(number)) return Math.abs(number) >= 2 ** 53;
  if (digits > 15 - Math.max(0, Math.ceil(Math.log10(Math.abs(number))))) return true;
  const fraction = /\.(\d*)$/.exec(source)?.[1] ?? '';
  return /^50*$/.test(fraction.slice(digits)) && !isTie(number, digits);
}

function isTie(number: number, digits: number): boolean {
  const scaled = Math.abs(number) * 2 ** 30;
  if (!Number.isInteger(scaled)) return false;
  const shifted = Math.abs(number) * 10 ** digits;
  return shifted < 2 ** 50 && shifted - Math.floor(shifted) === 0.5;
}

/** C rounds a tie to the even digit, JavaScript away from zero. */
function fixed(number: number, digits: number): string {
  const scaled = Math.abs(number) * 10 ** digits;
  if (digits >= 15 || !isTie(number, digits) || Math.floor(scaled) % 2 === 1) return number.toFixed(digits);
  return `${number < 0 ? '-' : ''}${(Math.floor(scaled) / 10 ** digits).toFixed(digits)}`;
}

/** C writes at least two digits of an exponent. */
function exponent(text: string): string {
  return text.replace(/e([+-])(\d)$/, 'e$10$2');
}
