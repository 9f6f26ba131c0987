import { byteText, normalizeText } from '../bytes';
import { C_ESCAPES } from '../c-escapes';
import { NotSimulated } from '../command';

/** Who interprets escapes: `echo` and `%b` of a shell or of GNU's programs, or the format of a `printf`. */
export type EscapeStyle =
  | 'dash'
  | 'bash-echo'
  | 'bash-b'
  | 'ash'
  | 'gnu'
  | 'gnu-b'
  | 'dash-format'
  | 'bash-format'
  | 'ash-format'
  | 'gnu-format';

interface Traits {
  /** Octal digits as they follow the backslash. */
  readonly octal: RegExp;
  /** Single characters besides those that all know, with what they stand for. */
  readonly more?: Readonly<Record<string, string>>;
  readonly hex?: boolean;
  /** `\x` wants a digit. */
  readonly strictHex?: boolean;
  readonly unicode?: 'known' | 'refused';
  /** `\c` ends all output. */
  readonly stops?: boolean;
}

const FORMAT_OCTAL = /^[0-7]{1,3}/;
const ANY_OCTAL = /^(?:0[0-7]{0,3}|[1-7][0-7]{0,2})/;
const E = { E: '\x1b' };
const QUOTES = { '"': '"', "'": "'", '?': '?' };

const STYLES: Readonly<Record<EscapeStyle, Traits>> = {
  dash: { octal: ANY_OCTAL, stops: true },
  'bash-echo': { octal: /^0[0-7]{0,3}/, more: E, hex: true, unicode: 'known', stops: true },
  'bash-b': { octal: ANY_OCTAL, more: E, hex: true, strictHex: true, unicode: 'known', stops: true },
  ash: { octal: ANY_OCTAL, hex: true, stops: true },
  gnu: { octal: ANY_OCTAL, hex: true, stops: true },
  'gnu-b': {
    octal: ANY_OCTAL,
    more: { '"': '"' },
    hex: true,
    strictHex: true,
    unicode: 'refused',
    stops: true,
  },
  'dash-format': { octal: FORMAT_OCTAL },
  'bash-format': {
    octal: FORMAT_OCTAL,
    more: { ...E, ...QUOTES },
    hex: true,
    strictHex: true,
    unicode: 'known',
  },
  'ash-format': { octal: FORMAT_OCTAL, hex: true, stops: true },
  'gnu-format': {
    octal: FORMAT_OCTAL,
    more: { '"': '"' },
    hex: true,
    strictHex: true,
    unicode: 'refused',
    stops: true,
  },
};

/** `\\e` is beyond POSIX, and in all of these. */
const SIMPLE: Readonly<Record<string, string>> = { ...C_ESCAPES, e: '\x1b' };

/** Text with its backslash escapes interpreted; `stops` when a `\c` ended it. */
export function interpretEscapes(
  text: string,
  style: EscapeStyle,
): { readonly text: string; readonly stops: boolean } {
  if (!text.includes('\\')) return { text, stops: false };
  const traits = STYLES[style];
  let out = '';
  for (let index = 0; index < text.length; index++) {
    const char = text[index]!;
    const rest = text.slice(index + 1, index + 11);
    if (char !== '\\' || rest === '') {
      out += char;
      continue;
    }
    if (rest[0] === 'c' && traits.stops) return { text: normalizeText(out), stops: true };
    const escape = escapeAt(rest, traits);
    out += escape?.text ?? '\\';
    index += escape?.length ?? 0;
  }
  return { text: normalizeText(out), stops: false };
}

interface Escape {
  readonly text: string;
  readonly length: number;
}

function escapeAt(rest: string, { octal, more, hex, strictHex, unicode }: Traits): Escape | undefined {
  const single = SIMPLE[rest[0]!] ?? more?.[rest[0]!];
  if (single !== undefined) return { text: single, length: 1 };
  const octals = octal.exec(rest)?.[0];
  if (octals !== undefined)
    return { text: byteText((Number.parseInt(octals, 8) || 0) & 0xff), length: octals.length };
  const digits = hex ? /^x([0-9a-fA-F]{1,2})/.exec(rest) : null;
  if (digits) return { text: byteText(Number.parseInt(digits[1]!, 16)), length: digits[0].length };
  if (rest[0] === 'x' && strictHex)
    throw new NotSimulated('`\\x` without a digit in a format is not simulated');
  const code = unicode ? /^(?:u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8}))/.exec(rest) : null;
  if (!code) return undefined;
  if (unicode === 'refused') throw new NotSimulated('`\\u` in the format of GNU printf is not simulated');
  const point = code[1] ?? code[2]!;
  refuseLocale(point);
  return { text: String.fromCodePoint(Number.parseInt(point, 16)), length: code[0].length };
}

/** Outside ASCII `\u` depends on the locale: in the C locale it stays as written. */
export function refuseLocale(digits: string): void {
  if (Number.parseInt(digits, 16) > 0x7f) throw new NotSimulated('`\\u` escapes depend on the locale');
}
