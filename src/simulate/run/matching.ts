import { NotSimulated } from './command';

/**
 * A regular expression of JavaScript cannot be interrupted from inside, and some take longer than the universe lasts
 * (`(a+)+b`). What may take long is therefore matched under a watchdog of the machine that stops the thread's code.
 */
export interface Watchdog {
  /** Gives what `act` gives, or `undefined` when it was stopped after so many milliseconds. */
  run<T>(milliseconds: number, act: () => T): { readonly value: T } | undefined;
}

/** A search that takes longer is given up; many that take less add up against the time of the run. */
const LONGEST = 500;
/** Steps that a search may take at worst without being watched: a few milliseconds, of which starting a watchdog is 0.04. */
const SMALL = 1e6;

let watchdog: Watchdog | undefined;
let isWatched = false;

/** One watchdog serves all runs of a thread. Without one nothing is stopped. */
export function watchMatching(given: Watchdog): void {
  watchdog = given;
}

/** Does something with `regex` and a text of `length`. */
export function matching<T>(regex: RegExp, length: number, act: () => T): T {
  return isHarmless(regex, length) ? act() : watched(act, `a pattern on a text of ${length} characters`);
}

/** Does what nothing can stop from inside; `what` it is says the reason, when it takes too long. */
export function watched<T>(act: () => T, what: string): T {
  if (!watchdog || isWatched) return act();
  isWatched = true;
  try {
    const done = watchdog.run(LONGEST, act);
    if (!done) throw new NotSimulated(`${what} takes more than ${LONGEST / 1000} seconds`);
    return done.value;
  } finally {
    isWatched = false;
  }
}

function isHarmless(regex: RegExp, length: number): boolean {
  const { isNested, repeats } = growthOf(regex);
  if (isNested) return length < 16;
  return repeats === 0 || (length + 1) ** (repeats + 1) < SMALL;
}

interface Growth {
  /** A repetition within a repetition, where the steps may double with every character. */
  readonly isNested: boolean;
  /** Otherwise each repetition multiplies the steps by the length at worst. */
  readonly repeats: number;
}

const known = new WeakMap<RegExp, Growth>();

function growthOf(regex: RegExp): Growth {
  const seen = known.get(regex);
  if (seen) return seen;
  // Only the shape counts: `c` is a class, `e` an escape, `g` a group of which each text is read in one way, `N` another.
  let shape = regex.source
    .replace(/\\./gs, 'e')
    .replace(/\[[^\]]*\]/g, 'c')
    .replace(/\(\?(?::|=|!|<=|<!|<\w+>)/g, '(')
    .replace(/\{\d+\}/g, '')
    .replaceAll(UTF8_CHARACTER, 'c');
  const repeats = (shape.match(/[*+?{]/g) ?? []).length;
  let isNested = repeats > MANY;
  for (let before = ''; before !== shape; ) {
    before = shape;
    isNested ||= /N[*+{]/.test(shape);
    shape = shape.replace(/\(([^()]*)\)/g, (_, inside: string) => (/[*+?{|N]/.test(inside) ? 'N' : 'g'));
  }
  const growth = { isNested, repeats };
  known.set(regex, growth);
  return growth;
}

/** The shape of a character of one to four bytes, whose alternatives exclude each other (posix-regex.ts). */
const UTF8_CHARACTER = '(c|cc|cc|cc)';
const MANY = 12;
