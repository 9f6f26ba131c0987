import { heldWidth } from '../budget';
import { byteLength, normalizeText } from '../bytes';
import type { Command } from '../command';
import { NotSimulated } from '../command';
import { decodeArgument, encodeArgument } from '../commands/bytes';
import { assignElement } from '../interpreter/elements';
import { quoteByBackslash } from '../interpreter/reusable';
import type { Builtin } from './builtin';
import { type EscapeStyle, interpretEscapes } from './escapes';
import { type Converted, type Fault, type PrintfStyle, realText, toInteger, toReal } from './printf-numbers';

export const printfProgram: Command = ({ args, stdout, stderr, flavour }) => {
  const style = flavour === 'busybox' ? 'ash' : 'gnu';
  const { text, faults } = formatText(args[0] === '--' ? args.slice(1) : args, style, false);
  stdout.write(text);
  for (const { words } of faults) stderr.write(`printf: ${words}\n`);
  return faults.length > 0 ? 1 : 0;
};

export const printfBuiltin: Builtin = ({ shell, args }) => {
  let rest = args;
  let variable: string | undefined;
  if (shell.isBash && rest[0] === '-v') {
    variable = rest[1];
    rest = rest.slice(2);
  } else if (shell.dialect !== 'ash' && /^-[^-]/.test(rest[0] ?? '')) {
    return shell.misuse('printf', rest[0]!.slice(0, 2));
  }
  if (rest[0] === '--') rest = rest.slice(1);
  if (rest.length === 0) {
    shell.complain('printf: usage: printf format [arg ...]');
    return 2;
  }
  const { text, faults } = formatText(rest, shell.dialect, shell.characters.utf8);
  // The output is written at the end.
  for (const { words } of faults) shell.complain(shell.dialect === 'ash' ? words : `printf: ${words}`);
  if (variable !== undefined) assignElement(shell, variable, text);
  else shell.descriptors.output(1).write(text);
  if (faults.every(({ isWarning }) => isWarning)) return 0;
  // A directive that dash does not know is an error of use.
  return shell.dialect === 'dash' &&
    faults.some(({ words }) => /invalid directive|missing format/.test(words))
    ? 2
    : 1;
};

interface Formatted {
  readonly text: string;
  /** What was wrong with arguments; the text is written all the same. */
  readonly faults: readonly Fault[];
}

/** Letters of a length before the conversion are taken by all but dash. */
const DIRECTIVE =
  /%(?:%|([-+ #0']*)(\*|-?\d+)?(?:\.(\*|-?\d*))?([hlLqjzt]*)([diouxXfFeEgGcsbqaA]|\([^)]*\)T)|[-+ #0']*\d*(?:\.\d*)?[hlLqjzt]*(.?))/gsy;

/** The utility's format (POSIX XCU printf): used again as long as arguments are left. */
export function formatText(args: readonly string[], style: PrintfStyle, utf8: boolean): Formatted {
  const [format = '', ...values] = args;
  const writer = new FormatWriter(values, style, utf8);
  do writer.pass(format);
  while (writer.goesOn);
  return { text: normalizeText(writer.text), faults: writer.faults };
}

const ESCAPES: Readonly<
  Record<PrintfStyle, { readonly format: EscapeStyle; readonly argument: EscapeStyle }>
> = {
  dash: { format: 'dash-format', argument: 'dash' },
  bash: { format: 'bash-format', argument: 'bash-b' },
  ash: { format: 'ash-format', argument: 'ash' },
  gnu: { format: 'gnu-format', argument: 'gnu-b' },
};

class FormatWriter {
  text = '';
  readonly faults: Fault[] = [];
  private index = 0;
  private stopped = false;
  private used = false;

  constructor(
    private readonly values: readonly string[],
    private readonly style: PrintfStyle,
    private readonly utf8: boolean,
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
        const { text, stops } = interpretEscapes(format.slice(at, end), ESCAPES[this.style].format);
        this.text += text;
        this.stopped ||= stops;
        at = end;
        continue;
      }
      DIRECTIVE.lastIndex = at;
      const match = DIRECTIVE.exec(format)!;
      this.text += this.directive(match);
      at += match[0].length;
    }
  }

  private directive(match: RegExpExecArray): string {
    const [whole, flags = '', width, precision, length, conversion] = match;
    if (whole === '%%') return '%';
    if (
      conversion === undefined ||
      !this.knows(conversion, flags, whole) ||
      (length && this.style === 'dash')
    )
      return this.refuse(match);
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
      !/(?:inf|nan)$/i.test(text) &&
      (digits === undefined || /[fFeEgG]/.test(conversion));
    return pad(text, Math.abs(size), left, zero);
  }

  private knows(conversion: string, flags: string, whole: string): boolean {
    if (conversion === 'q') return this.style === 'bash' || this.style === 'gnu';
    if (conversion.endsWith('T')) return this.style === 'bash';
    if (flags.includes("'")) return this.style === 'bash';
    return conversion !== 'b' || this.style !== 'ash' || whole === '%b';
  }

  /** Ends the output at a directive that is none. */
  private refuse([whole, , , , , conversion, after]: RegExpExecArray): string {
    this.stopped = true;
    if (after === 'n' && this.style === 'bash') throw new NotSimulated('`printf %n` is not simulated');
    const wrong = after || conversion;
    if (this.style === 'bash')
      this.faults.push({
        words: wrong ? `\`${wrong}': invalid format character` : `\`${whole}': missing format character`,
      });
    else if (this.style === 'dash') {
      const directive = /^%[-+ #0]*(?:\*|-?\d+)?(?:\.(?:\*|\d*))?./s.exec(whole)?.[0];
      const isCut = directive === undefined || /^[-+ #0\d.*]$/.test(directive.at(-1)!);
      this.faults.push({ words: isCut ? 'missing format character' : `${directive}: invalid directive` });
    } else this.faults.push({ words: `${whole}: invalid format` });
    return '';
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
        const { text, stops } = interpretEscapes(value ?? '', ESCAPES[this.style].argument);
        this.stopped ||= stops;
        return cut(text, digits);
      }
      case 'c':
        return value ? cut(value, 1) : '\0';
      case 'q':
        if (this.style === 'gnu') throw new NotSimulated('`printf %q` of GNU is not simulated');
        return quoteByBackslash(value ?? '', this.utf8);
      case 'd':
      case 'i':
        return signed(minimumDigits(this.integer(value, true), digits), flags);
      case 'u':
        return minimumDigits(BigInt.asUintN(64, this.integer(value, false)), digits);
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
    const number = BigInt.asUintN(64, this.integer(value, false));
    const text = number.toString(conversion === 'o' ? 8 : 16).padStart(heldWidth(digits), '0');
    if (flags.includes('#') && number !== 0n)
      return conversion === 'o' ? `0${text}` : conversion === 'X' ? `0X${text.toUpperCase()}` : `0x${text}`;
    return conversion === 'X' ? text.toUpperCase() : text;
  }

  private noted<T>({ value, fault }: Converted<T>): T {
    if (fault) this.faults.push(fault);
    return value;
  }

  /** A missing argument is 0; busybox takes it for an empty one, and complains. */
  private integer(value: string | undefined, isSigned: boolean): bigint {
    return this.noted(toInteger(value ?? '', this.style, isSigned, this.utf8));
  }

  private real(conversion: string, value: string | undefined, flags: string, digits = 6): string {
    const number = this.noted(toReal(value ?? '', this.style));
    if (/[aA]/.test(conversion)) throw new NotSimulated('`printf %a` is not simulated');
    const shown = realText(conversion, number, digits, value ?? '');
    return signed(conversion === conversion.toUpperCase() ? shown.toUpperCase() : shown, flags);
  }
}

function signed(text: string, flags: string): string {
  if (text.startsWith('-')) return text;
  return flags.includes('+') ? `+${text}` : flags.includes(' ') ? ` ${text}` : text;
}

function minimumDigits(number: bigint, digits = 0): string {
  const text = (number < 0n ? -number : number).toString().padStart(heldWidth(digits), '0');
  return number < 0n ? `-${text}` : text;
}

/** The first bytes: `printf` counts no characters, in no locale. */
function cut(text: string, digits: number | undefined): string {
  if (digits === undefined || digits < 0) return text;
  return decodeArgument(encodeArgument(text).slice(0, digits));
}

function pad(text: string, width: number, left: boolean, zero: boolean): string {
  const missing = heldWidth(width) - byteLength(text);
  if (missing <= 0) return text;
  if (left) return text + ' '.repeat(missing);
  if (!zero) return ' '.repeat(missing) + text;
  const sign = /^(?:[-+ ]|0[xX])*/.exec(text)![0];
  return sign + '0'.repeat(missing) + text.slice(sign.length);
}
