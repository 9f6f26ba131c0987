import { C_ESCAPES } from '../c-escapes';
import type { CommandContext } from '../command';
import { type ByteString, encodeArgument } from './bytes';
import { complain, failUsage, quote } from './complaints';
import { print, readText } from './input';
import { notSimulated, parseOptions } from './options';

const CLASSES: Record<string, RegExp> = {
  alnum: /[A-Za-z0-9]/,
  alpha: /[A-Za-z]/,
  blank: /[ \t]/,
  cntrl: /[\x00-\x1f\x7f]/,
  digit: /[0-9]/,
  graph: /[!-~]/,
  lower: /[a-z]/,
  print: /[ -~]/,
  punct: /[!-/:-@[-`{-~]/,
  space: /[ \t\n\v\f\r]/,
  upper: /[A-Z]/,
  xdigit: /[0-9A-Fa-f]/,
};

/** A set of `tr`: its characters in order; `[c*]` fills up to the other set's length; classes keep their names. */
interface Sets {
  readonly characters: string[];
  readonly fillAt?: { readonly index: number; readonly character: string };
  /** Where case classes begin, for `[:lower:]` to `[:upper:]`. */
  readonly classes: readonly string[];
}

/** GNU coreutils manual, "tr invocation": byte by byte, as GNU's tr is in every locale. */
export async function tr(context: CommandContext): Promise<number> {
  const options = parseOptions(
    context,
    ['-c -C --complement', '-d --delete', '-s --squeeze-repeats', '-t --truncate-set1'],
    { stopAtOperand: true },
  );
  const [first, second, ...more] = options.operands;
  const [deletes, squeezes] = [options.has('delete'), options.has('squeeze-repeats')];
  if (first === undefined) return failUsage(context, 'missing operand');
  const needed = deletes === squeezes ? 2 : 1;
  if (second === undefined && needed === 2 && context.flavour === 'busybox')
    throw notSimulated('tr', 'of busybox with one set');
  if (second === undefined && needed === 2) {
    complain(context, `missing operand after ${quote(first)}`);
    const what = squeezes ? 'both deleting and squeezing repeats' : 'translating';
    context.stderr.write(
      `Two strings must be given when ${what}.\nTry '${context.name} --help' for more information.\n`,
    );
    return 1;
  }
  if (context.flavour === 'busybox' && (more.length > 0 || (deletes && !squeezes && second !== undefined)))
    throw notSimulated('tr', 'of busybox with so many sets');
  if (more.length > 0) return failUsage(context, `extra operand ${quote(more[0]!)}`);
  if (deletes && !squeezes && second !== undefined) {
    complain(context, `extra operand ${quote(second)}`);
    context.stderr.write(
      `Only one string may be given when deleting without squeezing repeats.\nTry 'tr --help' for more information.\n`,
    );
    return 1;
  }
  if (
    context.flavour === 'busybox' &&
    (/\[.\*/.test(`${first}${second}`) || (second === undefined && needed === 2))
  )
    throw notSimulated('tr', 'of busybox with such sets');
  const set1 = complemented(setOf(encodeArgument(first)), options.has('complement'));
  const set2 = second === undefined ? undefined : setOf(encodeArgument(second));
  let text = await readText(context, context.stdin);
  if (deletes) {
    const gone = new Set(set1.characters);
    text = replaced(context, text, (character) => (gone.has(character) ? '' : character));
  } else if (set2) {
    const map = mapOf(set1, set2, options.has('truncate-set1'), options.has('complement'));
    text = replaced(context, text, (character) => map.get(character) ?? character);
  }
  if (squeezes)
    text = replaced(context, text, squeezing(new Set(set2 ? filled(set2, 0).characters : set1.characters)));
  print(context, text);
  return 0;
}

/** Bytes that are put together at once: a long text neither piles up in small pieces nor keeps the thread. */
const PIECE = 65_536;

/** Puts something in the place of every byte. */
function replaced(context: CommandContext, text: ByteString, by: (character: string) => string): ByteString {
  const pieces: string[] = [];
  for (let at = 0; at < text.length; at += PIECE) {
    context.checkBudget();
    pieces.push(Array.from(text.slice(at, at + PIECE), by).join(''));
  }
  return pieces.join('');
}

function squeezing(set: ReadonlySet<string>): (character: string) => string {
  let last = '';
  return (character) => {
    const isRepeated = character === last && set.has(character);
    last = character;
    return isRepeated ? '' : character;
  };
}

function mapOf(set1: Sets, set2: Sets, truncates: boolean, complement: boolean): Map<string, string> {
  const from = set1.characters;
  const to = filled(set2, from.length).characters;
  const isCase = (sets: Sets) => sets.classes.every((name) => name === 'lower' || name === 'upper');
  if (
    set2.classes.length > 0 &&
    (!isCase(set2) || !isCase(set1) || set1.classes.length === 0 || complement)
  ) {
    throw notSimulated('tr', 'with such a class in the second set');
  }
  if (to.length === 0 && from.length > 0 && !truncates) throw notSimulated('tr', 'with an empty second set');
  const map = new Map<string, string>();
  for (const [index, character] of from.entries()) {
    const target = to[index] ?? (truncates ? undefined : to.at(-1));
    if (target !== undefined) map.set(character, target);
  }
  return map;
}

function filled(set: Sets, length: number): Sets {
  if (!set.fillAt || set.characters.length >= length) return set;
  const { index, character } = set.fillAt;
  const fill = Array.from({ length: length - set.characters.length }, () => character);
  return { ...set, characters: [...set.characters.slice(0, index), ...fill, ...set.characters.slice(index)] };
}

function complemented(set: Sets, complement: boolean): Sets {
  if (!complement) return set;
  const without = new Set(set.characters);
  const characters = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).filter(
    (c) => !without.has(c),
  );
  return { characters, classes: [] };
}

function setOf(text: ByteString): Sets {
  const characters: string[] = [];
  const classes: string[] = [];
  let fillAt: Sets['fillAt'];
  let rest = text;
  while (rest !== '') {
    const named = /^\[:([a-z]+):\]/.exec(rest);
    const repeated = /^\[(\\?[\s\S])\*(\d*)\]/.exec(rest);
    const equal = /^\[=(.)=\]/.exec(rest);
    if (named && CLASSES[named[1]!]) {
      classes.push(named[1]!);
      for (let code = 0; code < 256; code++) {
        if (CLASSES[named[1]!]!.test(String.fromCharCode(code))) characters.push(String.fromCharCode(code));
      }
      rest = rest.slice(named[0].length);
    } else if (repeated) {
      const character = oneOf(repeated[1]!).character;
      const count = repeated[2]!.startsWith('0')
        ? Number.parseInt(repeated[2]!, 8)
        : Number(repeated[2] || 0);
      if (count === 0) fillAt = { index: characters.length, character };
      else characters.push(...Array.from({ length: count }, () => character));
      rest = rest.slice(repeated[0].length);
    } else if (equal) {
      characters.push(equal[1]!);
      rest = rest.slice(equal[0].length);
    } else {
      rest = range(rest, characters);
    }
  }
  return fillAt ? { characters, classes, fillAt } : { characters, classes };
}

function range(text: ByteString, characters: string[]): ByteString {
  const start = oneOf(text);
  const after = text.slice(start.length);
  if (!after.startsWith('-') || after.length < 2) {
    characters.push(start.character);
    return after;
  }
  const end = oneOf(after.slice(1));
  const [from, to] = [start.character.charCodeAt(0), end.character.charCodeAt(0)];
  if (from > to) throw notSimulated('tr', `${text.slice(0, 3)} as a range`);
  for (let code = from; code <= to; code++) characters.push(String.fromCharCode(code));
  return after.slice(1 + end.length);
}

function oneOf(text: ByteString): { character: string; length: number } {
  if (text[0] !== '\\' || text.length === 1) return { character: text[0]!, length: 1 };
  const octal = /^\\([0-3]?[0-7]{1,2})/.exec(text);
  if (octal)
    return { character: String.fromCharCode(Number.parseInt(octal[1]!, 8)), length: octal[0].length };
  return { character: C_ESCAPES[text[1]!] ?? text[1]!, length: 2 };
}
