import { NotSimulated } from '../command';
import type { ByteString } from './bytes';
import { PosixRegex, type RegexOptions } from './posix-regex';

/** Scripts of sed as GNU sed 4.9 reads them (its manual, "sed scripts"). */

export type Address =
  | { readonly kind: 'line'; readonly line: number }
  | { readonly kind: 'last' }
  | { readonly kind: 'step'; readonly first: number; readonly step: number }
  /** Without a regex: the one used last. */
  | { readonly kind: 'regex'; readonly regex: PosixRegex | undefined };

export type RangeEnd =
  | Address
  | { readonly kind: 'lines more'; readonly count: number }
  | { readonly kind: 'multiple'; readonly of: number };

export interface Substitution {
  readonly regex: PosixRegex | undefined;
  readonly replacement: readonly ReplacementPiece[];
  readonly global: boolean;
  readonly occurrence: number;
  readonly print: boolean;
  readonly file: string | undefined;
  /** A delimiter that means something in expressions stands in this one, behind a backslash. */
  readonly escapesDelimiter: boolean;
}

export type ReplacementPiece =
  | { readonly kind: 'text'; readonly text: ByteString }
  | { readonly kind: 'group'; readonly number: number }
  | { readonly kind: 'case'; readonly letter: string };

export interface SedCommand {
  readonly name: string;
  readonly from?: Address;
  readonly to?: RangeEnd;
  readonly negated: boolean;
  /** Text of a, i, c; file of r, w, R, W; label of b, t, T; number of q, Q, l, L. */
  readonly text: ByteString;
  readonly substitution?: Substitution;
  readonly map?: ReadonlyMap<string, string>;
  /** Index of the command to go to: behind the block of `{`, at the label of a branch. */
  target: number;
}

export interface SedScript {
  readonly commands: readonly SedCommand[];
  readonly quiet: boolean;
}

/** A fault of the script that sed itself reports. */
export class SedError extends Error {}

export function parseSed(script: ByteString, regex: RegexOptions): SedScript {
  return new Parser(script, regex).parse();
}

const ESCAPES: Record<string, string> = { a: '\x07', f: '\f', r: '\r', t: '\t', v: '\v' };

class Parser {
  private at = 0;
  private readonly commands: SedCommand[] = [];
  private readonly blocks: number[] = [];
  private readonly labels = new Map<string, number>();

  constructor(
    private readonly script: ByteString,
    private readonly regexOptions: RegexOptions,
  ) {}

  parse(): SedScript {
    const quiet = /^#n(\n|$)/.test(this.script);
    for (;;) {
      this.skip(/[\s;]*/y);
      if (this.at >= this.script.length) break;
      this.command();
    }
    if (this.blocks.length > 0) throw new SedError("-e expression #1, char 0: unmatched `{'");
    for (const command of this.commands) {
      if (!'btT'.includes(command.name)) continue;
      const target = command.text === '' ? this.commands.length : this.labels.get(command.text);
      if (target === undefined) throw new SedError(`can't find label for jump to \`${command.text}'`);
      command.target = target;
    }
    return { commands: this.commands, quiet };
  }

  private fault(text: string): SedError {
    return new SedError(`-e expression #1, char ${Math.min(this.at, this.script.length)}: ${text}`);
  }

  private skip(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.script)?.[0] ?? '';
    this.at += found.length;
    return found;
  }

  private command(): void {
    if (this.script[this.at] === '#') {
      this.skip(/[^\n]*/y);
      return;
    }
    const from = this.address();
    let to: RangeEnd | undefined;
    this.skip(/[ \t]*/y);
    if (from && this.script[this.at] === ',') {
      this.at++;
      this.skip(/[ \t]*/y);
      to = this.rangeEnd();
      if (!to) throw this.fault("unexpected `,'");
    }
    if (from?.kind === 'line' && from.line === 0 && to?.kind !== 'regex')
      throw this.fault('invalid usage of line address 0');
    this.skip(/[ \t]*/y);
    const negated = this.skip(/!+[ \t!]*/y) !== '';
    const name = this.script[this.at++];
    if (name === undefined) throw this.fault('missing command');
    this.body({ name, negated, text: '', target: 0, ...(from ? { from } : {}), ...(to ? { to } : {}) });
  }

  private address(): Address | undefined {
    const digits = this.skip(/\d+/y);
    if (digits !== '') {
      const step = this.skip(/[ \t]*~[ \t]*\d*/y);
      if (step === '') return { kind: 'line', line: Number(digits) };
      return { kind: 'step', first: Number(digits), step: Number(step.replace(/\D/g, '')) };
    }
    const character = this.script[this.at];
    if (character === '$') {
      this.at++;
      return { kind: 'last' };
    }
    if (character !== '/' && character !== '\\') return undefined;
    this.at += character === '/' ? 1 : 2;
    const delimiter = this.script[this.at - 1]!;
    const pattern = this.delimited(delimiter, 'regex');
    const flags = this.skip(/[IM]*/y);
    return { kind: 'regex', regex: this.compile(pattern, flags.includes('I'), flags.includes('M')) };
  }

  private rangeEnd(): RangeEnd | undefined {
    const relative = this.skip(/[+~]\d+/y);
    if (relative === '') return this.address();
    const count = Number(relative.slice(1));
    return relative.startsWith('+') ? { kind: 'lines more', count } : { kind: 'multiple', of: count };
  }

  /** An empty regex stands for the last one used. */
  private compile(pattern: ByteString, ignoreCase: boolean, multiline: boolean): PosixRegex | undefined {
    if (pattern === '') return undefined;
    return new PosixRegex(pattern, { ...this.regexOptions, ignoreCase, multiline, escapes: 'sed' });
  }

  /** Reads up to the delimiter, which a backslash makes ordinary (`match_slash` of sed's compile.c). */
  private delimited(delimiter: string, kind: 'regex' | 'text'): ByteString {
    let text = '';
    for (;;) {
      const character = this.script[this.at++];
      if (character === undefined)
        throw this.fault(kind === 'regex' ? 'unterminated address regex' : "unterminated `s' command");
      if (character === delimiter) return text;
      if (character === '\n' && kind === 'regex') throw this.fault("unterminated `s' command");
      if (character === '[' && kind === 'regex') {
        text += this.bracket();
        continue;
      }
      if (character !== '\\') {
        text += character;
        continue;
      }
      const next = this.script[this.at++];
      if (next === undefined) throw this.fault("unterminated `s' command");
      if (next === delimiter && !(kind === 'text' && next === '&')) text += next;
      else if (next === 'n' && kind === 'regex') text += '\n';
      else text += `\\${next}`;
    }
  }

  /** A bracket expression, in which the delimiter is an ordinary character. */
  private bracket(): string {
    const rest = this.script.slice(this.at);
    const match = /^\^?\]?(?:\[([:.=])[\s\S]*?\1\]|[^\]\n])*\]/.exec(rest);
    if (!match) {
      this.at = this.script.length;
      throw this.fault("unterminated `s' command");
    }
    this.at += match[0].length;
    return `[${match[0]}`;
  }

  private body(command: SedCommand): void {
    const { name } = command;
    if (name === '{') {
      this.blocks.push(this.commands.length);
      this.commands.push(command);
      return;
    }
    if (name === '}') {
      this.closeBlock(command);
      return;
    }
    if (name === ':') {
      if (command.from) throw this.fault(": doesn't want any addresses");
      const label = this.skip(/[ \t]*[^\s;]*/y).trim();
      if (label === '') throw this.fault('":" lacks a label');
      this.labels.set(label, this.commands.length);
      return;
    }
    if (name === 's') this.commands.push({ ...command, substitution: this.substitution() });
    else if (name === 'y') this.commands.push({ ...command, map: this.transliteration() });
    else this.commands.push({ ...command, text: this.argument(name) });
    this.end();
  }

  private closeBlock(command: SedCommand): void {
    const start = this.blocks.pop();
    if (start === undefined) throw this.fault("unexpected `}'");
    if (command.from) throw this.fault("} doesn't want any addresses");
    this.commands[start]!.target = this.commands.length;
    this.end();
  }

  private argument(name: string): ByteString {
    if ('aic'.includes(name)) return this.textBlock();
    if ('btT'.includes(name)) return this.skip(/[ \t]*[^\s;}]*/y).trim();
    if ('rwRW'.includes(name)) {
      const file = this.skip(/[^\n]*/y).trim();
      if (file === '') throw this.fault('missing filename in r/R/w/W commands');
      return file;
    }
    if ('qQlL'.includes(name)) return this.skip(/[ \t]*\d*/y).trim();
    if ('dDgGhHnNpPxz=F'.includes(name)) return '';
    if ('ev'.includes(name)) throw new NotSimulated(`\`sed\` with the command ${name} is not simulated`);
    throw this.fault(`unknown command: \`${name}'`);
  }

  private end(): void {
    this.skip(/[ \t]*/y);
    const next = this.script[this.at];
    if (next === undefined || next === '\n' || next === ';' || next === '}' || next === '#') return;
    if (/\r/.test(next)) return void this.at++;
    this.at++;
    throw this.fault('extra characters after command');
  }

  /** The text of a, i and c: on the same line, or after a backslash on the next ones. */
  private textBlock(): ByteString {
    this.skip(/[ \t]*/y);
    if (this.at >= this.script.length) throw this.fault("expected \\ after `a', `c' or `i'");
    let isOneLiner = true;
    if (this.script[this.at] === '\\') {
      const marker = this.skip(/\\[ \t]*\n/y);
      if (marker !== '') isOneLiner = false;
      else {
        this.at++;
        // One backslash keeps the blanks behind it.
        const blanks = this.skip(/[ \t]*/y);
        if (blanks !== '') return blanks + this.textLines();
        if (this.script[this.at] === '\\') return this.textLines();
        const first = this.script[this.at++] ?? '';
        return first + this.textLines();
      }
    }
    if (isOneLiner) this.skip(/[ \t]*/y);
    return this.textLines();
  }

  private textLines(): ByteString {
    let text = '';
    while (this.at < this.script.length) {
      const character = this.script[this.at++]!;
      if (character === '\n') {
        // The end of the line ends the command as well.
        this.at--;
        break;
      }
      if (character !== '\\') {
        text += character;
        continue;
      }
      const next = this.script[this.at++];
      if (next === undefined) break;
      text += this.named(next) ?? next;
    }
    return `${text}\n`;
  }

  /** `\t`, `\x41`, `\o101`, `\d65`, `\cA`. */
  private named(letter: string): string | undefined {
    const rest = this.script.slice(this.at);
    const number = { x: /^[0-9A-Fa-f]{1,2}/, o: /^[0-7]{1,3}/, d: /^[0-9]{1,3}/ }[letter]?.exec(rest)?.[0];
    if (number) {
      this.at += number.length;
      return String.fromCharCode(Number.parseInt(number, { x: 16, o: 8, d: 10 }[letter]) & 0xff);
    }
    return ESCAPES[letter];
  }

  private substitution(): Substitution {
    const delimiter = this.script[this.at++];
    if (delimiter === undefined || delimiter === '\n' || delimiter === '\\')
      throw this.fault("unterminated `s' command");
    const start = this.at;
    const pattern = this.delimited(delimiter, 'regex');
    const escapesDelimiter = this.script.slice(start, this.at).includes(`\\${delimiter}`);
    const replacement = replacementOf(this.delimited(delimiter, 'text'));
    const flags = this.skip(/[gpiIeMm0-9]*/y);
    let file: string | undefined;
    if (this.script[this.at] === 'w') {
      this.at++;
      file = this.skip(/[^\n]*/y).trim();
    }
    if (this.script[this.at] === 'e') throw new NotSimulated('`sed` with the flag e is not simulated');
    if (/[^\s;}#]/.test(this.script[this.at] ?? ' ')) {
      this.at++;
      throw this.fault("unknown option to `s'");
    }
    const numbers = /\d+/.exec(flags)?.[0];
    if (numbers === '0') throw this.fault("number option to `s' command may not be zero");
    const regex = this.compile(pattern, /[iI]/.test(flags), /[mM]/.test(flags));
    const highest = Math.max(0, ...replacement.map((piece) => (piece.kind === 'group' ? piece.number : 0)));
    if (regex && highest > regex.groupCount)
      throw this.fault(`invalid reference \\${highest} on \`s' command's RHS`);
    return {
      regex,
      replacement,
      global: flags.includes('g'),
      occurrence: Number(numbers ?? 1),
      print: flags.includes('p'),
      file,
      escapesDelimiter: escapesDelimiter && '|.*+?(){}^$[]'.includes(delimiter),
    };
  }

  private transliteration(): Map<string, string> {
    const delimiter = this.script[this.at++];
    if (delimiter === undefined) throw this.fault("unterminated `y' command");
    const sets = [this.delimited(delimiter, 'text'), this.delimited(delimiter, 'text')].map((text) =>
      [...text.matchAll(/\\([\s\S])|([\s\S])/g)].map(([, escaped, plain]) => {
        if (plain !== undefined) return plain;
        if (escaped === '\\') return '\\';
        const named = escaped === 'n' ? '\n' : ESCAPES[escaped!];
        if (named === undefined) throw new NotSimulated('`sed` with such an escape in y is not simulated');
        return named;
      }),
    );
    const [from, to] = sets as [string[], string[]];
    if (from.length !== to.length) throw this.fault("strings for `y' command are different lengths");
    if (this.regexOptions.utf8 && [...from, ...to].some((character) => character > '\x7f')) {
      throw new NotSimulated('`sed` with y of characters beyond ASCII is not simulated');
    }
    return new Map(from.map((character, index) => [character, to[index]!]).reverse() as [string, string][]);
  }
}

/** The right side of `s`: `&`, groups, `\n`, case changes. */
function replacementOf(text: ByteString): ReplacementPiece[] {
  const pieces: ReplacementPiece[] = [];
  const pattern = /\\x([0-9A-Fa-f]{1,2})|\\o([0-7]{1,3})|\\d(\d{1,3})|\\c([\s\S])|\\([\s\S])|(&)|([^\\&]+)/g;
  for (const [, hex, octal, decimal, control, escaped, ampersand, plain] of text.matchAll(pattern)) {
    const numbered = hex
      ? Number.parseInt(hex, 16)
      : octal
        ? Number.parseInt(octal, 8)
        : decimal
          ? Number(decimal)
          : undefined;
    if (numbered !== undefined) pieces.push({ kind: 'text', text: String.fromCharCode(numbered & 0xff) });
    else if (control)
      pieces.push({ kind: 'text', text: String.fromCharCode(control.toUpperCase().charCodeAt(0) ^ 64) });
    else if (ampersand) pieces.push({ kind: 'group', number: 0 });
    else if (plain !== undefined) pieces.push({ kind: 'text', text: plain });
    else if (/\d/.test(escaped!)) pieces.push({ kind: 'group', number: Number(escaped) });
    else if (/[ULEul]/.test(escaped!)) pieces.push({ kind: 'case', letter: escaped! });
    else pieces.push({ kind: 'text', text: escaped === 'n' ? '\n' : (ESCAPES[escaped!] ?? escaped!) });
  }
  return pieces;
}
