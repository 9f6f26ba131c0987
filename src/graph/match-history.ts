import { oneLine } from '../layers/format';
import type { HistoryEntry } from '../layers/image';

/** Which row of an image's history an instruction made. */
export interface HistoryMatch {
  /** Index of the instruction among those that were given. */
  readonly own: number;
  /** Index into the history. */
  readonly row: number;
  /** `same` words, or only the same `kind` of instruction with other words. */
  readonly by: 'same' | 'kind';
}

/** Same words weigh more than any number of same kinds that they could cross. */
const SAME = 1000;
const KIND = 1;

/**
 * Finds the rows of an image's history that the instructions of a Dockerfile made: both in order, as many with the same
 * words as possible, then as many of the same kind. What a base made stands before the first of them, so of equally
 * good ways the one that ends latest is taken.
 *
 * `words` are history's words for the instructions as one of the builders writes them; BuildKit's, the classic
 * builder's and buildah's words for one instruction count as the same.
 */
export function matchHistory(words: readonly string[], history: readonly HistoryEntry[]): HistoryMatch[] {
  const own = words.map(essence);
  const rows = history.map(({ created_by }) => essence(created_by ?? ''));
  const best = bestScores(own, rows);
  const matches: HistoryMatch[] = [];
  // From the end, so that what is equally good goes to the later row.
  for (let i = own.length, j = rows.length; i > 0 && j > 0; ) {
    const score = likeness(own[i - 1]!, rows[j - 1]!);
    if (score > 0 && best[i]![j] === best[i - 1]![j - 1]! + score) {
      matches.push({ own: --i, row: --j, by: score === SAME ? 'same' : 'kind' });
    } else if (best[i]![j] === best[i - 1]![j]) i--;
    else j--;
  }
  return matches.reverse();
}

/** `best[i][j]`: the score of the first `i` instructions against the first `j` rows. */
function bestScores(own: readonly Essence[], rows: readonly Essence[]): number[][] {
  const best = Array.from({ length: own.length + 1 }, () => new Array<number>(rows.length + 1).fill(0));
  for (let i = 1; i <= own.length; i++) {
    for (let j = 1; j <= rows.length; j++) {
      const score = likeness(own[i - 1]!, rows[j - 1]!);
      const both = score === 0 ? 0 : best[i - 1]![j - 1]! + score;
      best[i]![j] = Math.max(best[i - 1]![j]!, best[i]![j - 1]!, both);
    }
  }
  return best;
}

/** An instruction without what only one builder writes about it. */
interface Essence {
  readonly keyword: string;
  readonly rest: string;
}

function likeness(a: Essence, b: Essence): number {
  if (a.keyword !== b.keyword) return 0;
  return a.rest === b.rest ? SAME : KIND;
}

const KEYWORDS =
  /^(ADD|ARG|CMD|COPY|ENTRYPOINT|ENV|EXPOSE|HEALTHCHECK|LABEL|MAINTAINER|ONBUILD|RUN|SHELL|STOPSIGNAL|USER|VOLUME|WORKDIR)\s+(.*)$/;

/**
 * `RUN |1 A=b /bin/sh -c make # buildkit`, `|1 A=b /bin/sh -c make` and `/bin/sh -c make` are one RUN; so are
 * `COPY a /b # buildkit` and `/bin/sh -c #(nop) COPY file:… in /b` one COPY, as far as they tell.
 */
function essence(createdBy: string): Essence {
  const text = oneLine(createdBy.replace(/\s+# buildkit\s*$/, ''));
  const nop = / ?#\(nop\) +(.*)$/.exec(text);
  const [, keyword, rest] = KEYWORDS.exec(nop ? nop[1]!.trim() : text) ?? [];
  if (keyword === undefined) return { keyword: 'RUN', rest: command(text) };
  if (keyword === 'RUN') return { keyword, rest: command(rest!) };
  if (keyword === 'COPY' || keyword === 'ADD') return { keyword, rest: destination(rest!) };
  return { keyword, rest: plain(rest!) };
}

/** Without the build arguments in front: they may differ from one build to the next. */
function command(text: string): string {
  const counted = /^\|(\d+) (.*)$/.exec(text);
  if (!counted) return text;
  // Values may hold blanks, so the shell or program after them is looked for.
  const shell = counted[2]!.search(/(^| )\/\S*sh (-\S+ )*-c /);
  if (shell >= 0) return counted[2]!.slice(shell).trim();
  return counted[2]!.split(' ').slice(Number(counted[1])).join(' ');
}

/** Of a copy the builders agree only in where it goes. */
function destination(text: string): string {
  const last = text.trim().split(' ').at(-1) ?? '';
  return last.length > 1 ? last.replace(/\/+$/, '') : last;
}

/** Quotes and the brackets of the exec form are written by some and left out by others. */
function plain(text: string): string {
  return text
    .replace(/[[\]"',]/g, '')
    .replace(/\s+/g, ' ')
    .trim();
}
