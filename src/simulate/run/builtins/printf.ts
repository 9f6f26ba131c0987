import { heldWidth } from '../budget';
import { byteLength } from '../bytes';
import type { Command } from '../command';
import { NotSimulated } from '../command';
import type { Dialect } from '../interpreter/dialect';
import { assignElement } from '../interpreter/elements';
import type { Builtin } from './builtin';
import { interpretEscapes } from './echo';

export const printfProgram: Command = ({ args, stdout, stderr }) => {
  const { text, fault } = formatText(args[0] === '--' ? args.slice(1) : args, 'bash');
  stdout.write(text);
  if (fault) stderr.write(`printf: ${fault}\n`);
  return fault ? 1 : 0;
};

export const printfBuiltin: Builtin = ({ shell, args }) => {
  let rest = args;
  let variable: string | undefined;
  if (shell.isBash && rest[0] === '-v') {
    variable = rest[1];
    rest = rest.slice(2);
  }
  if (rest[0] === '--') rest = rest.slice(1);
  if (rest.length === 0) {
    shell.complain('printf: usage: printf format [arg ...]');
    return 2;
  }
  const { text, fault } = formatText(rest, shell.dialect);
  if (variable !== undefined) assignElement(shell, variable, text);
  else shell.descriptors.output(1).write(text);
  if (fault) shell.complain(`printf: ${fault}`);
  // A directive that dash does not know is an error of use.
  return fault ? (shell.dialect === 'dash' && fault.endsWith('invalid directive') ? 2 : 1) : 0;
};

interface Formatted {
  readonly text: string;
  /** What was wrong with an argument; the text is written all the same. */
  readonly fault: string | undefined;
}

const DIRECTIVE =
  /%(?:%|([-+ #0]*)(\*|-?\d+)?(?:\.(\*|-?\d*))?[hlLqjzt]*([diouxXfFeEgGcsbqaA]|\([^)]*\)T)|.?)/gsy;

/** The utility's format (POSIX XCU printf): used again as long as arguments are left. */
export function formatText(args: readonly string[], dialect: Dialect): Formatted {
  const [format = '', ...values] = args;
  const writer = new FormatWriter(values, dialect);
  do writer.pass(format);
  while (writer.goesOn);
  return { text: writer.text, fault: writer.fault };
}

class FormatWriter {
  text = '';
  fault: string | undefined;
  private index = 0;
  private stopped = false;
  private used = false;

  constructor(
    private readonly values: readonly string[],
    private readonly dialect: Dialect,
  ) {}

  /** Arguments are left and the format takes some. */
  get goesOn(): boolean {
    return !this.stopped && this.used && this.index < this.values.length;
  }

  pass(format: string): void {
    this.used = false;
    let at = 0;
    while (at < format.length && !this.stopped) {
      if (format[at] !== '%') {
        const next = format.indexOf('%', at);
        const end = next < 0 ? format.length : next;
        this.text += this.literal(format.slice(at, end));
        at = end;
        continue;
      }
      DIRECTIVE.lastIndex = at;
      const match = DIRECTIVE.exec(format)!;
      this.text += this.directive(match);
      at += match[0].length;
    }
  }

  private literal(text: string): string {
    // Only busybox stops at `\\c` in the format itself.
    const stop = this.dialect === 'ash' ? /(?<!\\)(?:\\\\)*\\c/.exec(text) : null;
    this.stopped ||= stop !== null;
    const kept = stop ? text.slice(0, stop.index + stop[0].length - 2) : text;
    return interpretEscapes(kept, this.dialect === 'dash' ? 'format-posix' : 'format').text;
  }

  private directive(match: RegExpExecArray): string {
    const [whole, flags = '', width, precision, conversion] = match;
    if (whole === '%%') return '%';
    if (conversion === undefined || (conversion === 'q' && this.dialect !== 'bash')) {
      this.fault = `${whole}: invalid directive`;
      this.stopped = true;
      return '';
    }
    this.used = true;
    const size = width === '*' ? Number(this.next() ?? 0) : Number(width ?? 0);
    const digits =
      precision === '*'
        ? Number(this.next() ?? 0)
        : precision === undefined
          ? undefined
          : Number(precision || 0);
    const left = flags.includes('-') || size < 0;
    const text = this.convert(conversion, this.next(), flags, digits);
    const zero =
      flags.includes('0') &&
      !left &&
      /[diouxXfFeEgG]/.test(conversion) &&
      (digits === undefined || /[fFeEgG]/.test(conversion));
    return pad(text, Math.abs(size), left, zero);
  }

  private next(): string | undefined {
    return this.values[this.index++];
  }

  private convert(
    conversion: string,
    value: string | undefined,
    flags: string,
    digits: number | undefined,
  ): string {
    switch (conversion) {
      case 's':
        return cut(value ?? '', digits);
      case 'b': {
        const { text, stops } = interpretEscapes(value ?? '', this.dialect === 'dash' ? 'posix' : 'echo');
        this.stopped ||= stops;
        return cut(text, digits);
      }
      case 'c':
        return (value ?? '').slice(0, 1);
      case 'q':
        return shellQuoted(value ?? '');
      case 'd':
      case 'i':
        return signed(minimumDigits(this.integer(value), digits), flags);
      case 'u':
        return minimumDigits(BigInt.asUintN(64, this.integer(value)), digits);
      case 'o':
      case 'x':
      case 'X':
        return this.unsigned(conversion, value, flags, digits);
      default:
        if (conversion.startsWith('(')) throw new NotSimulated('`printf` of a time is not simulated');
        return this.real(conversion, value, flags, digits);
    }
  }

  private unsigned(
    conversion: string,
    value: string | undefined,
    flags: string,
    digits: number | undefined,
  ): string {
    const number = BigInt.asUintN(64, this.integer(value));
    const text = number.toString(conversion === 'o' ? 8 : 16).padStart(heldWidth(digits), '0');
    if (flags.includes('#') && number !== 0n)
      return conversion === 'o' ? `0${text}` : conversion === 'X' ? `0X${text.toUpperCase()}` : `0x${text}`;
    return conversion === 'X' ? text.toUpperCase() : text;
  }

  private integer(value: string | undefined): bigint {
    const text = (value ?? '').trim();
    if (text === '') return 0n;
    if (/^["']/.test(text)) return BigInt(text.codePointAt(1) ?? 0);
    const match = /^([-+]?)(0[xX][0-9a-fA-F]+|\d+)(.*)$/s.exec(text);
    if (match?.[3] !== '')
      this.fault = match ? `${text}: not completely converted` : `${text}: expected numeric value`;
    if (!match) return 0n;
    const digits = match[2]!;
    const octal = /^0[0-7]+$/.test(digits);
    const number = BigInt(octal ? `0o${digits.slice(1)}` : digits);
    return match[1] === '-' ? -number : number;
  }

  private real(conversion: string, value: string | undefined, flags: string, digits = 6): string {
    const text = (value ?? '').trim();
    const number = text === '' ? 0 : Number(text);
    if (Number.isNaN(number)) this.fault = `${text}: expected numeric value`;
    if (/[aA]/.test(conversion)) throw new NotSimulated('`printf %a` is not simulated');
    const shown = realText(conversion, Number.isNaN(number) ? 0 : number, digits);
    return signed(conversion === conversion.toUpperCase() ? shown.toUpperCase() : shown, flags);
  }
}

function realText(conversion: string, number: number, digits: number): string {
  const kind = conversion.toLowerCase();
  if (kind === 'f') return fixed(number, digits);
  if (kind === 'e') return exponent(number.toExponential(digits));
  const precision = digits === 0 ? 1 : digits;
  const power = number === 0 ? 0 : Math.floor(Math.log10(Math.abs(number)));
  const trim = (text: string) => (text.includes('.') ? text.replace(/\.?0+(?=e|$)/, '') : text);
  if (power < -4 || power >= precision) return exponent(trim(number.toExponential(precision - 1)));
  return trim(number.toFixed(Math.max(0, precision - 1 - power)));
}

/** C rounds a tie to the even digit, JavaScript away from zero. */
function fixed(number: number, digits: number): string {
  const scaled = Math.abs(number) * 10 ** digits;
  const isTie = digits < 15 && scaled < 2 ** 50 && scaled - Math.floor(scaled) === 0.5;
  if (!isTie || Math.floor(scaled) % 2 === 1) return number.toFixed(digits);
  return `${number < 0 ? '-' : ''}${(Math.floor(scaled) / 10 ** digits).toFixed(digits)}`;
}

/** C writes at least two digits of an exponent. */
function exponent(text: string): string {
  return text.replace(/e([+-])(\d)$/, 'e$10$2');
}

function signed(text: string, flags: string): string {
  if (text.startsWith('-')) return text;
  return flags.includes('+') ? `+${text}` : flags.includes(' ') ? ` ${text}` : text;
}

function minimumDigits(number: bigint, digits = 0): string {
  const text = (number < 0n ? -number : number).toString().padStart(heldWidth(digits), '0');
  return number < 0n ? `-${text}` : text;
}

function cut(text: string, digits: number | undefined): string {
  return digits === undefined || digits < 0 ? text : text.slice(0, digits);
}

function pad(text: string, width: number, left: boolean, zero: boolean): string {
  const missing = heldWidth(width) - byteLength(text);
  if (missing <= 0) return text;
  if (left) return text + ' '.repeat(missing);
  if (!zero) return ' '.repeat(missing) + text;
  const sign = /^(?:[-+ ]|0[xX])*/.exec(text)![0];
  return sign + '0'.repeat(missing) + text.slice(sign.length);
}

/** `%q` as bash writes it: backslashes, or `$'…'` for what cannot be shown. */
function shellQuoted(text: string): string {
  if (text === '') return "''";
  if (!/[\n\t\r\x00-\x1f]/.test(text)) return text.replace(/[^\w@%+=:./-]/g, '\\$&');
  const inside = text
    .replace(/['\\]/g, '\\$&')
    .replaceAll('\n', '\\n')
    .replaceAll('\t', '\\t')
    .replaceAll('\r', '\\r');
  return `$'${inside}'`;
}
