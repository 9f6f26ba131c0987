import { NotSimulated } from '../command';
import { matching } from '../matching';
import type { ByteString } from './bytes';

/**
 * POSIX basic and extended regular expressions with GNU's additions (glibc regex(7), grep(1), sed's manual), over
 * byte strings: translated to JavaScript's, and searched so that the leftmost longest match wins.
 */
export interface RegexOptions {
  readonly syntax: 'basic' | 'extended';
  readonly ignoreCase?: boolean;
  /** `^` and `$` also match at newlines (sed's `M`). */
  readonly multiline?: boolean;
  /** Bytes beyond 0x7f are parts of UTF-8 characters, so that `.` takes a whole one. */
  readonly utf8?: boolean;
  /** Which escapes mean a character: sed knows `\n`, `\t`, `\x41`; awk also takes a backslash within brackets. */
  readonly escapes?: 'none' | 'sed' | 'awk';
  /** Match only whole words, or the whole text (`grep -w`, `-x`). */
  readonly whole?: 'word' | 'line' | undefined;
}

export interface RegexMatch {
  readonly index: number;
  readonly end: number;
  /** The whole match, then the groups; `undefined` for a group that took no part. */
  readonly groups: readonly (ByteString | undefined)[];
}

/** An expression that the C library refuses, with its words. */
export class RegexError extends Error {}

export class PosixRegex {
  private readonly search: RegExp;
  private readonly needsLongest: boolean;
  private readonly source: string;
  private readonly namesCharacters: boolean;
  private readonly longer = new Map<number, RegExp>();
  readonly groupCount: number;

  constructor(
    pattern: ByteString,
    private readonly options: RegexOptions,
  ) {
    const translation = new Translation(pattern, options);
    const translated = translation.translate();
    this.source = wholly(translated, options);
    this.groupCount = translation.groups;
    this.needsLongest = translation.needsLongest;
    this.namesCharacters = translation.namesCharacters;
    this.search = new RegExp(this.source, translation.flags('g'));
  }

  test(text: ByteString): boolean {
    return this.exec(text) !== undefined;
  }

  /** The leftmost longest match at or after `from`. */
  exec(text: ByteString, from = 0): RegexMatch | undefined {
    if (this.options.utf8 && this.namesCharacters && /[\x80-\xff]/.test(text)) {
      throw new NotSimulated('word characters and classes of UTF-8 text are not simulated');
    }
    const match = matching(this.search, text.length - from, () => {
      this.search.lastIndex = from;
      const first = this.search.exec(text);
      return first && this.needsLongest ? this.longest(text, first) : first;
    });
    if (!match) return undefined;
    return { index: match.index, end: match.index + match[0].length, groups: [...match] };
  }

  /** JavaScript takes the first alternative that fits, POSIX the longest match: ask for a longer one while there is. */
  private longest(text: ByteString, first: RegExpExecArray): RegExpExecArray {
    let match = first;
    for (;;) {
      const end = match.index + match[0].length;
      if (end >= text.length) return match;
      const search = this.endingBeyond(end);
      search.lastIndex = match.index;
      const next = search.exec(text);
      if (!next) return match;
      match = next;
    }
  }

  private endingBeyond(end: number): RegExp {
    const known = this.longer.get(end);
    if (known) return known;
    const search = new RegExp(`(?:${this.source})(?<=(?<![^])[^]{${end + 1},})`, 'y');
    if (this.longer.size < 10_000) this.longer.set(end, search);
    return search;
  }
}

function wholly(source: string, { whole }: RegexOptions): string {
  if (whole === 'line') return `(?<![^])(?:${source})(?![^])`;
  if (whole === 'word') return `(?<![A-Za-z0-9_])(?:${source})(?![A-Za-z0-9_])`;
  return source;
}

const CLASSES: Record<string, string> = {
  alpha: 'A-Za-z',
  digit: '0-9',
  alnum: 'A-Za-z0-9',
  upper: 'A-Z',
  lower: 'a-z',
  space: ' \\t-\\r',
  blank: ' \\t',
  punct: '!-\\/:-@\\[-`{-~',
  xdigit: '0-9A-Fa-f',
  cntrl: '\\x00-\\x1f\\x7f',
  print: ' -~',
  graph: '!-~',
};
const WORD = 'A-Za-z0-9_';
/** One character of more than one byte. */
const MULTIBYTE = '[\\xc2-\\xdf][\\x80-\\xbf]|[\\xe0-\\xef][\\x80-\\xbf]{2}|[\\xf0-\\xf4][\\x80-\\xbf]{3}';
const ESCAPES: Record<string, string> = { a: '\x07', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

interface Atom {
  source: string;
  readonly kind: 'plain' | 'group' | 'anchor';
}

class Translation {
  groups = 0;
  needsLongest = false;
  /** Uses classes of characters (`\w`, `[[:alpha:]]`), whose members beyond ASCII depend on the locale. */
  namesCharacters = false;
  private at = 0;
  private readonly open: number[] = [];
  private readonly closed = new Set<number>();
  private readonly basic: boolean;
  private hasBackReference = false;

  constructor(
    private readonly text: ByteString,
    private readonly options: RegexOptions,
  ) {
    this.basic = options.syntax === 'basic';
  }

  flags(base: string): string {
    // Letters carry their other case in the translation; only a back-reference needs the flag for it.
    return this.options.ignoreCase && this.hasBackReference ? `${base}i` : base;
  }

  translate(): string {
    const source = this.alternatives();
    if (this.at < this.text.length)
      throw new RegexError(this.basic ? 'Unmatched ) or \\)' : 'Unmatched ) or \\)');
    return source;
  }

  private alternatives(): string {
    const branches = [this.branch()];
    while (this.takes(this.basic ? '\\|' : '|')) {
      branches.push(this.branch());
      this.needsLongest = true;
    }
    return branches.join('|');
  }

  private takes(token: string): boolean {
    if (!this.text.startsWith(token, this.at)) return false;
    this.at += token.length;
    return true;
  }

  private ends(): boolean {
    const rest = this.text.slice(this.at, this.at + 2);
    if (rest === '') return true;
    if (this.basic) return rest === '\\|' || (rest === '\\)' && this.open.length > 0);
    return rest[0] === '|' || (rest[0] === ')' && this.open.length > 0);
  }

  private branch(): string {
    const atoms: Atom[] = [];
    while (!this.ends()) {
      const repeat = this.repetition(atoms);
      if (repeat === undefined) atoms.push(this.atom(atoms));
      else this.repeatLast(atoms, repeat);
    }
    return atoms.map(({ source }) => source).join('');
  }

  private repeatLast(atoms: Atom[], repeat: string): void {
    const last = atoms.at(-1)!;
    if (last.kind === 'group') this.needsLongest = true;
    atoms[atoms.length - 1] = { source: `(?:${last.source})${repeat}`, kind: last.kind };
  }

  /** `*`, `+`, `?` or an interval, unless it stands where it is an ordinary character. */
  private repetition(atoms: readonly Atom[]): string | undefined {
    const start = this.at;
    const found = this.repetitionHere();
    if (found === undefined) return undefined;
    const last = atoms.at(-1);
    if (last && last.kind !== 'anchor') return found;
    if (this.basic && this.text[start] === '*') {
      this.at = start;
      return undefined;
    }
    throw new NotSimulated(`a repetition without anything before it ("${this.text}") is not simulated`);
  }

  private repetitionHere(): string | undefined {
    if (this.takes('*')) return '*';
    if (this.basic) {
      if (this.takes('\\+')) return '+';
      if (this.takes('\\?')) return '?';
      return this.takes('\\{') ? this.interval('\\}') : undefined;
    }
    if (this.takes('+')) return '+';
    if (this.takes('?')) return '?';
    // A brace that begins no interval is an ordinary character in GNU's extended syntax.
    return /^\{\d*(,\d*)?\}/.test(this.text.slice(this.at)) && this.takes('{')
      ? this.interval('}')
      : undefined;
  }

  private interval(close: string): string {
    const match = /^(\d*)(?:(,)(\d*))?/.exec(this.text.slice(this.at))!;
    this.at += match[0].length;
    if (!this.takes(close))
      throw new RegexError(this.at >= this.text.length ? 'Unmatched \\{' : 'Invalid content of \\{\\}');
    if (match[0] === '') throw new RegexError('Invalid content of \\{\\}');
    const [low, high] = [match[1] || '0', match[2] ? match[3] : match[1]];
    if (high && Number(high) < Number(low)) throw new RegexError('Invalid content of \\{\\}');
    if (Number(high || low) > 32767) throw new RegexError('Regular expression too big');
    return match[2] ? `{${low},${high}}` : `{${low}}`;
  }

  private atom(before: readonly Atom[]): Atom {
    const character = this.text[this.at++]!;
    if (character === '\\') return this.escaped(before);
    if (character === '[') return { source: this.bracket(), kind: 'plain' };
    if (character === '.')
      return { source: this.options.utf8 ? `(?:[\\x00-\\x7f]|${MULTIBYTE})` : '[^]', kind: 'plain' };
    if (character === '^' && (!this.basic || before.length === 0))
      return { source: this.lineStart(), kind: 'anchor' };
    if (character === '$' && (!this.basic || this.ends()))
      return { source: this.lineEnd(), kind: this.basic ? 'plain' : 'anchor' };
    if (character === '(' && !this.basic) return this.group(')');
    if (character === ')' && !this.basic) {
      throw new RegexError('Unmatched ) or \\)');
    }
    return { source: this.literal(this.wholeCharacter(character)), kind: 'plain' };
  }

  private lineStart(): string {
    return this.options.multiline ? '(?<![^\\n])' : '(?<![^])';
  }

  private lineEnd(): string {
    return this.options.multiline ? '(?![^\\n])' : '(?![^])';
  }

  private wholeCharacter(first: string): string {
    if (!this.options.utf8 || first < '\x80') return first;
    const match = new RegExp(`^(?:${MULTIBYTE})`).exec(this.text.slice(this.at - 1));
    if (!match) return first;
    this.at += match[0].length - 1;
    return match[0];
  }

  private group(close: string): Atom {
    const number = ++this.groups;
    this.open.push(number);
    const source = this.alternatives();
    if (!this.takes(close)) throw new RegexError('Unmatched ( or \\(');
    this.open.pop();
    this.closed.add(number);
    return { source: `(${source})`, kind: 'group' };
  }

  private escaped(before: readonly Atom[]): Atom {
    const letter = this.text[this.at++];
    if (letter === undefined) throw new RegexError('Trailing backslash');
    if (letter === '(' && this.basic) return this.group('\\)');
    if (letter === ')' && this.basic) throw new RegexError('Unmatched ) or \\)');
    if (letter === '{' && this.basic) throw new RegexError('Invalid preceding regular expression');
    if (/[1-9]/.test(letter) && this.options.escapes !== 'awk') return this.backReference(Number(letter));
    const special = this.specialEscape(letter);
    if (special) return special;
    const named = this.namedCharacter(letter);
    if (named !== undefined) return { source: this.literal(named), kind: 'plain' };
    if (before.length === 0 && (letter === '+' || letter === '?') && this.basic) {
      throw new NotSimulated(`a repetition without anything before it ("${this.text}") is not simulated`);
    }
    return { source: this.literal(this.wholeCharacter(letter)), kind: 'plain' };
  }

  private backReference(number: number): Atom {
    if (!this.closed.has(number)) throw new RegexError('Invalid back reference');
    this.hasBackReference = true;
    // A group that took no part matches nothing at all in POSIX, the empty string in JavaScript.
    return { source: `(?:\\${number})`, kind: 'group' };
  }

  private specialEscape(letter: string): Atom | undefined {
    const anchor = (source: string): Atom => ({ source, kind: 'anchor' });
    const plain = (source: string): Atom => {
      this.namesCharacters = true;
      return { source, kind: 'plain' };
    };
    if (this.options.escapes === 'awk') return undefined;
    switch (letter) {
      case 'w':
        return plain(`[${WORD}]`);
      case 'W':
        return plain(`[^${WORD}]`);
      case 's':
        return { source: '[ \\t-\\r]', kind: 'plain' };
      case 'S':
        return {
          source: this.options.utf8 ? `(?:(?![ \\t-\\r])(?:[\\x00-\\x7f]|${MULTIBYTE}))` : '[^ \\t-\\r]',
          kind: 'plain',
        };
      case 'b':
        this.namesCharacters = true;
        return anchor(`(?:(?<=[${WORD}])(?![${WORD}])|(?<![${WORD}])(?=[${WORD}]))`);
      case 'B':
        this.namesCharacters = true;
        return anchor(`(?:(?<=[${WORD}])(?=[${WORD}])|(?<![${WORD}])(?![${WORD}]))`);
      case '<':
        this.namesCharacters = true;
        return anchor(`(?<![${WORD}])(?=[${WORD}])`);
      case '>':
        this.namesCharacters = true;
        return anchor(`(?<=[${WORD}])(?![${WORD}])`);
      case '`':
        return anchor('(?<![^])');
      case "'":
        return anchor('(?![^])');
      default:
        return undefined;
    }
  }

  /** `\n`, `\t`, `\x41`, `\o101`, `\d065`, `\cA` where the program knows them. */
  private namedCharacter(letter: string): string | undefined {
    const { escapes = 'none' } = this.options;
    if (escapes === 'none') return undefined;
    const rest = this.text.slice(this.at);
    if (escapes === 'awk') {
      const octal = /^[0-7]{1,3}/.exec(letter + rest);
      if (octal) return this.numbered(octal[0].slice(1), Number.parseInt(octal[0], 8));
      return ESCAPES[letter] ?? (letter === 'b' ? '\b' : undefined);
    }
    const numbered = { x: /^[0-9A-Fa-f]{1,2}/, o: /^[0-7]{1,3}/, d: /^[0-9]{1,3}/ }[letter]?.exec(rest);
    if (numbered)
      return this.numbered(numbered[0], Number.parseInt(numbered[0], { x: 16, o: 8, d: 10 }[letter]));
    if (letter === 'c' && rest !== '')
      return this.numbered(rest[0]!, rest[0]!.toUpperCase().charCodeAt(0) ^ 64);
    return ESCAPES[letter];
  }

  private numbered(digits: string, code: number): string {
    this.at += digits.length;
    return String.fromCharCode(code & 0xff);
  }

  private literal(character: string): string {
    const escaped = [...character].map(escapeUnit).join('');
    if (character.length > 1) return `(?:${escaped})`;
    if (!this.options.ignoreCase || !/[A-Za-z]/.test(character)) return escaped;
    return `[${character.toLowerCase()}${character.toUpperCase()}]`;
  }

  /** A bracket expression; `at` is behind its `[`. */
  private bracket(): string {
    const negated = this.takes('^');
    const set: string[] = [];
    const sequences: string[] = [];
    for (let first = true; ; first = false) {
      if (this.at >= this.text.length) throw new RegexError('Unmatched [, [^, [:, [., or [=');
      if (this.text[this.at] === ']' && !first) break;
      const named = /^\[:([a-z]*):\]/.exec(this.text.slice(this.at));
      if (named) {
        set.push(this.characterClass(named[1]!));
        this.at += named[0].length;
        continue;
      }
      this.bracketItem(set, sequences);
    }
    this.at++;
    return this.bracketSource(negated, set.join(''), sequences);
  }

  private characterClass(name: string): string {
    const members = CLASSES[name];
    if (members === undefined) throw new RegexError('Invalid character class name');
    if (name !== 'space' && name !== 'digit' && name !== 'blank') this.namesCharacters = true;
    return this.options.ignoreCase && (name === 'upper' || name === 'lower') ? 'A-Za-z' : members;
  }

  private bracketItem(set: string[], sequences: string[]): void {
    const from = this.bracketCharacter();
    const isRange =
      this.text[this.at] === '-' && this.at + 1 < this.text.length && this.text[this.at + 1] !== ']';
    if (!isRange) {
      if (from.length > 1) sequences.push([...from].map(escapeUnit).join(''));
      else set.push(this.cases(from));
      return;
    }
    this.at++;
    const to = this.bracketCharacter();
    if (from.length > 1 || to.length > 1)
      throw new NotSimulated('a range of characters beyond ASCII is not simulated');
    if (from > to) throw new RegexError('Invalid range end');
    set.push(`${escapeUnit(from)}-${escapeUnit(to)}`);
    if (this.options.ignoreCase) set.push(...otherCases(from, to));
  }

  private bracketCharacter(): string {
    const collating = /^\[([.=])([\s\S])\1\]/.exec(this.text.slice(this.at));
    if (collating) {
      this.at += collating[0].length;
      return collating[2]!;
    }
    if (/^\[[.=]/.test(this.text.slice(this.at)))
      throw new NotSimulated('collating symbols are not simulated');
    const character = this.text[this.at++]!;
    if (character === '\\' && this.options.escapes === 'sed') {
      const letter = this.text[this.at];
      if (letter !== undefined && /[afnrtv]/.test(letter)) {
        this.at++;
        return ESCAPES[letter]!;
      }
    }
    if (character === '\\' && this.options.escapes === 'awk' && this.at < this.text.length) {
      const letter = this.text[this.at++]!;
      return this.namedCharacter(letter) ?? letter;
    }
    return this.wholeCharacter(character);
  }

  private cases(character: string): string {
    const escaped = escapeUnit(character);
    if (!this.options.ignoreCase || !/[A-Za-z]/.test(character)) return escaped;
    return character.toLowerCase() + character.toUpperCase();
  }

  private bracketSource(negated: boolean, set: string, sequences: readonly string[]): string {
    const members = set === '' ? '(?!)' : `[${set}]`;
    if (!this.options.utf8) return negated ? `[^${set}]` : members;
    const positive = sequences.length === 0 ? members : `(?:${[members, ...sequences].join('|')})`;
    return negated ? `(?:(?!${positive})(?:[\\x00-\\x7f]|${MULTIBYTE}))` : positive;
  }
}

function escapeUnit(character: string): string {
  if (/[A-Za-z0-9_ ]/.test(character)) return character;
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

/** The letters of the other case within a range. */
function otherCases(from: string, to: string): string[] {
  const found: string[] = [];
  for (let code = from.charCodeAt(0); code <= to.charCodeAt(0); code++) {
    const letter = String.fromCharCode(code);
    if (/[a-z]/.test(letter)) found.push(letter.toUpperCase());
    if (/[A-Z]/.test(letter)) found.push(letter.toLowerCase());
  }
  return found;
}
