import type { ByteString } from './bytes';
import type { Hunk } from './patch-text';

/** Where a hunk was found, counted from 1, how far from where it was expected, and how many lines of context did not fit. */
export interface Place {
  readonly line: number;
  readonly offset: number;
  readonly fuzz: number;
}

export interface Patched {
  readonly text: ByteString;
  /** By hunk; `undefined` where none fits. */
  readonly places: readonly (Place | undefined)[];
}

/** Applies hunks in order as GNU patch does: where they say, else nearest to it, else with less of their context. */
export function applyHunks(text: ByteString, hunks: readonly Hunk[], maxFuzz: number): Patched {
  const input = text === '' ? [] : text.split(/(?<=\n)/);
  const output: ByteString[] = [];
  const places: (Place | undefined)[] = [];
  let done = 0;
  let offset = 0;
  for (const hunk of hunks) {
    const place = placeOf(hunk, { input, done, offset, maxFuzz });
    places.push(place);
    if (!place) continue;
    offset = place.offset;
    output.push(...input.slice(done, place.line - 1));
    let at = place.line - 1;
    for (const { kind, text: line } of hunk.lines) {
      // Context is kept as the file has it.
      if (kind === '+') output.push(line);
      else if (kind === ' ') output.push(input[at++]!);
      else at++;
    }
    done = at;
  }
  output.push(...input.slice(done));
  return { text: output.join(''), places };
}

interface Search {
  readonly input: readonly ByteString[];
  /** How many lines are taken already. */
  readonly done: number;
  readonly offset: number;
  readonly maxFuzz: number;
}

function placeOf(hunk: Hunk, search: Search): Place | undefined {
  const [prefix, suffix] = contextOf(hunk);
  const context = Math.max(prefix, suffix);
  for (let fuzz = 0; fuzz <= Math.min(search.maxFuzz, context); fuzz++) {
    const line = lineOf(hunk, search, fuzz + prefix - context, fuzz + suffix - context);
    if (line !== undefined) return { line, fuzz, offset: line - firstOf(hunk) };
  }
  return undefined;
}

/** A hunk without old lines stands behind the line that it names. */
function firstOf({ oldStart, oldCount }: Hunk): number {
  return oldCount === 0 ? oldStart + 1 : oldStart;
}

function contextOf({ lines }: Hunk): [prefix: number, suffix: number] {
  const prefix = lines.findIndex(({ kind }) => kind !== ' ');
  const last = lines.findLastIndex(({ kind }) => kind !== ' ');
  return prefix < 0 ? [lines.length, lines.length] : [prefix, lines.length - 1 - last];
}

/**
 * Less context at one end than at the other says that the hunk belongs to that end of the file: then `prefixFuzz` or
 * `suffixFuzz` is below 0.
 */
function lineOf(
  hunk: Hunk,
  { input, done, offset }: Search,
  prefixFuzz: number,
  suffixFuzz: number,
): number | undefined {
  const old = hunk.lines.filter(({ kind }) => kind !== '+').map(({ text }) => text);
  const expected = firstOf(hunk) + offset;
  if (old.length === 0) return expected - 1 <= input.length && expected > done ? expected : undefined;
  const fits = (line: number, prefix: number, suffix: number) =>
    line > done &&
    old.every(
      (text, index) => index < prefix || index >= old.length - suffix || input[line - 1 + index] === text,
    );
  const last = input.length - (old.length - Math.max(suffixFuzz, 0)) + 1;
  if (prefixFuzz < 0 && firstOf(hunk) <= 1) {
    if (suffixFuzz < 0 && old.length !== input.length) return undefined;
    return last >= 1 && fits(1, 0, Math.max(suffixFuzz, 0)) ? 1 : undefined;
  }
  const prefix = Math.max(prefixFuzz, 0);
  if (suffixFuzz < 0) {
    const end = input.length - old.length + 1;
    return end >= 1 && fits(end, prefix, 0) ? end : undefined;
  }
  for (let distance = 0; distance <= Math.max(last - expected, expected - done - 1); distance++) {
    if (
      expected + distance <= last &&
      expected + distance > 0 &&
      fits(expected + distance, prefix, suffixFuzz)
    )
      return expected + distance;
    if (
      distance > 0 &&
      expected - distance > 0 &&
      expected - distance <= last &&
      fits(expected - distance, prefix, suffixFuzz)
    )
      return expected - distance;
  }
  return undefined;
}
