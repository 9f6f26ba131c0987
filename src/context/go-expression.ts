import { escapedLiteral, rangeOf } from './glob';

/**
 * A regular expression of Go (RE2, https://github.com/google/re2/wiki/Syntax) as one of JavaScript. Ignore patterns
 * become such expressions in the reference, and what a pattern has between brackets and behind backslashes means what
 * it means to RE2. Only what can come out of a pattern is understood. Throws an `Error` for what RE2 refuses.
 */
export function goExpression(source: string): RegExp {
  const chars = [...source];
  let text = '';
  let index = 0;
  while (index < chars.length) {
    const char = chars[index]!;
    if (char === '[') {
      const read = readClass(chars, index);
      text += read.text;
      index = read.end;
    } else if (char === '\\') {
      const read = readEscape(chars, index);
      text += read.assertion ?? (read.class ? `[${read.class}]` : escapedLiteral(read.char!));
      index = read.end;
    } else {
      // A closing bracket that closes nothing is an ordinary character, which JavaScript wants to be told.
      text += char === ']' || char === '/' ? `\\${char}` : char;
      index++;
    }
  }
  return new RegExp(text, 'u');
}

/** What stands for one character, several, or a place between characters. */
interface Escape {
  readonly end: number;
  readonly char?: string;
  /** Inside of a class. */
  readonly class?: string;
  readonly assertion?: string;
}

const CONTROL: Readonly<Record<string, string>> = { a: '\x07', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };
const CLASSES: Readonly<Record<string, string>> = {
  d: '0-9',
  D: '\\0-\\/:-\\u{10ffff}',
  s: '\\t\\n\\f\\r ',
  S: '\\0-\\x08\\x0b\\x0e-\\x1f!-\\u{10ffff}',
  w: '0-9A-Za-z_',
  W: '\\0-\\/:-@\\[-\\^`\\{-\\u{10ffff}',
};
const ASSERTIONS: Readonly<Record<string, string>> = { A: '^', z: '$', b: '\\b', B: '\\B' };

function readEscape(chars: readonly string[], start: number): Escape {
  const letter = chars[start + 1];
  const end = start + 2;
  if (letter === undefined) throw new Error('the pattern ends in a backslash');
  if (!/^[0-9A-Za-z]$/.test(letter)) {
    if (letter.codePointAt(0)! > 0x7f) throw invalid(letter);
    return { char: letter, end };
  }
  if (CONTROL[letter] !== undefined) return { char: CONTROL[letter], end };
  if (CLASSES[letter] !== undefined) return { class: CLASSES[letter], end };
  if (ASSERTIONS[letter] !== undefined) return { assertion: ASSERTIONS[letter], end };
  return numbered(chars, start);
}

/** `\x41`, `\x{41}`, `\012`. */
function numbered(chars: readonly string[], start: number): Escape {
  const rest = chars.slice(start + 1, start + 12).join('');
  const match = /^(?:x([0-9A-Fa-f]{2})|x\{([0-9A-Fa-f]+)\}|(0[0-7]{0,2}|[1-7][0-7]{1,2}))/.exec(rest);
  if (!match) throw invalid(chars[start + 1]!);
  const hexadecimal = match[1] ?? match[2];
  const code = hexadecimal === undefined ? Number.parseInt(match[3]!, 8) : Number.parseInt(hexadecimal, 16);
  if (code > 0x10ffff) throw invalid(match[0]);
  return { char: String.fromCodePoint(code), end: start + 1 + match[0].length };
}

function invalid(letter: string): Error {
  return new Error(`"\\${letter}" means nothing`);
}

function readClass(chars: readonly string[], start: number): { text: string; end: number } {
  const negated = chars[start + 1] === '^';
  let index = start + (negated ? 2 : 1);
  let body = '';
  for (const first = index; index === first || chars[index] !== ']'; ) {
    if (index >= chars.length) throw new Error('a character class is not closed');
    const low = readMember(chars, index);
    index = low.end;
    if (low.class !== undefined) {
      body += low.class;
      continue;
    }
    let high = low;
    if (chars[index] === '-' && index + 1 < chars.length && chars[index + 1] !== ']') {
      high = readMember(chars, index + 1);
      index = high.end;
    }
    const [from, to] = [low.char!.codePointAt(0)!, high.char?.codePointAt(0) ?? -1];
    if (to < from) throw new Error('a range runs backwards');
    body += rangeOf(from, to);
  }
  return { text: `[${negated ? '^' : ''}${body}]`, end: index + 1 };
}

const POSIX: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  ascii: '\\0-\\x7f',
  blank: '\\t ',
  cntrl: '\\0-\\x1f\\x7f',
  digit: '0-9',
  graph: '!-~',
  lower: 'a-z',
  print: ' -~',
  punct: '!-\\/:-@\\[-`\\{-~',
  space: '\\t\\n\\v\\f\\r ',
  upper: 'A-Z',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
};

function readMember(chars: readonly string[], at: number): Escape {
  const named = /^\[:(\^?)(\w+):\]/.exec(chars.slice(at, at + 12).join(''));
  if (named) {
    const members = named[1] === '' ? POSIX[named[2]!] : undefined;
    if (members === undefined) throw new Error(`there is no class ${named[0]}`);
    return { class: members, end: at + named[0].length };
  }
  const char = chars[at];
  if (char === undefined) throw new Error('a character class is not closed');
  if (char !== '\\') return { char, end: at + 1 };
  const escape = readEscape(chars, at);
  if (escape.assertion !== undefined) throw invalid(chars[at + 1]!);
  return escape;
}
