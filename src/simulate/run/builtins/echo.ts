import { byteText, normalizeText } from '../bytes';
import { type Command, NotSimulated } from '../command';
import type { Builtin } from './builtin';

/** The program: GNU and busybox agree on `-n`, `-e` and `-E`. */
export const echoProgram: Command = ({ args, stdout }) => {
  stdout.write(echoText(args, 'flags'));
  return 0;
};

/** In dash echo takes `-n` only and always interprets backslashes (dash manual); bash and ash want `-e` for that. */
export const echoBuiltin: Builtin = ({ shell, args }) => {
  const isAlways = shell.dialect === 'dash' || shell.shopt.has('xpg_echo');
  const style = isAlways ? 'always' : shell.isBash ? 'bash' : 'flags';
  shell.descriptors.output(1).write(echoText(args, style));
  return shell.descriptors.get(1) ? 0 : 1;
};

/**
 * `flags`: `-n`, `-e`, `-E` in any mix. `bash`: the same, but octal escapes need their 0. `always`: escapes are
 * interpreted, `-n` is the only option.
 */
export function echoText(args: readonly string[], style: 'flags' | 'bash' | 'always'): string {
  const flag = style === 'always' ? /^-n$/ : /^-[neE]+$/;
  let index = 0;
  let newline = true;
  let escapes = style === 'always';
  while (index < args.length && flag.test(args[index]!)) {
    for (const letter of args[index++]!.slice(1)) {
      if (letter === 'n') newline = false;
      else escapes = letter === 'e';
    }
    if (style === 'always') break;
  }
  const text = args.slice(index).join(' ');
  if (!escapes) return newline ? `${text}\n` : text;
  const { text: interpreted, stops } = interpretEscapes(text, STYLES[style]);
  return newline && !stops ? `${interpreted}\n` : interpreted;
}

const STYLES = { flags: 'echo', bash: 'bash-echo', always: 'posix' } as const;

const SIMPLE: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
};

export type EscapeStyle = 'posix' | 'echo' | 'bash-echo' | 'format' | 'format-posix';

/**
 * Backslash escapes: `posix` has octal digits, with or without a 0 before, and the letters, `echo` also `\xhh`;
 * `bash-echo` wants the 0, `format` (of printf) does not count it as one. `\c` stops all output.
 */
export function interpretEscapes(
  text: string,
  style: EscapeStyle,
): { readonly text: string; readonly stops: boolean } {
  if (!text.includes('\\')) return { text, stops: false };
  const isFormat = style.startsWith('format');
  const hasMore = style === 'echo' || style === 'bash-echo' || style === 'format';
  let out = '';
  for (let index = 0; index < text.length; index++) {
    const char = text[index]!;
    const rest = text.slice(index + 1, index + 11);
    if (char !== '\\' || rest === '') {
      out += char;
      continue;
    }
    if (rest[0] === 'c' && !isFormat) return { text: normalizeText(out), stops: true };
    const escape =
      simpleEscape(rest) ??
      escapeCharacter(rest) ??
      octalEscape(rest, style) ??
      (hasMore ? moreEscape(rest) : undefined);
    out += escape?.text ?? '\\';
    index += escape?.length ?? 0;
  }
  return { text: normalizeText(out), stops: false };
}

/** Outside ASCII `\u` depends on the locale: in the C locale it stays as written. */
export function refuseLocale(digits: string): void {
  if (Number.parseInt(digits, 16) > 0x7f) throw new NotSimulated('`\\u` escapes depend on the locale');
}

interface Escape {
  readonly text: string;
  readonly length: number;
}

function simpleEscape(rest: string): Escape | undefined {
  const text = SIMPLE[rest[0]!];
  return text === undefined ? undefined : { text, length: 1 };
}

function octalEscape(rest: string, style: EscapeStyle): Escape | undefined {
  const digits = style.startsWith('format')
    ? /^[0-7]{1,3}/
    : style === 'bash-echo'
      ? /^0[0-7]{0,3}/
      : /^(?:0[0-7]{0,3}|[1-7][0-7]{0,2})/;
  const match = digits.exec(rest);
  if (!match) return undefined;
  return { text: byteText((Number.parseInt(match[0], 8) || 0) & 0xff), length: match[0].length };
}

/** Beyond POSIX, in all of these shells; `\E` only where hexadecimal ones are known too. */
function escapeCharacter(rest: string): Escape | undefined {
  return rest[0] === 'e' ? { text: '\x1b', length: 1 } : undefined;
}

function moreEscape(rest: string): Escape | undefined {
  if (rest[0] === 'E') return { text: '\x1b', length: 1 };
  if (rest[0] === '"') return { text: '"', length: 1 };
  const hex = /^x([0-9a-fA-F]{1,2})/.exec(rest);
  if (hex) return { text: byteText(Number.parseInt(hex[1]!, 16)), length: hex[0].length };
  const code = /^(?:u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8}))/.exec(rest);
  if (!code) return undefined;
  refuseLocale(code[1] ?? code[2]!);
  return { text: String.fromCodePoint(Number.parseInt(code[1] ?? code[2]!, 16)), length: code[0].length };
}
