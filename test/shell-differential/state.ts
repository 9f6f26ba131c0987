import type { ListedEntry } from '../../src/layers/entries';

/**
 * What a script left at a path that it changed: an entry as in a layer, `whiteout` where something is gone. `names`
 * are all names of one hard-linked file, `mtime` is `now` for a time during the run.
 */
export interface StateEntry extends Omit<ListedEntry, 'linkname'> {
  readonly linkname?: string;
  readonly names?: string;
  readonly mtime?: number | 'now';
  /** What is in a small file, to tell how two differ; not compared. */
  readonly text?: string;
}

/** How a script ended, and every path that is other than before. */
export interface State {
  readonly exitCode: number;
  readonly entries: readonly StateEntry[];
}

/** Bytes of a file of which the text is kept. */
export const MOST_TEXT = 4096;

const FIELDS = ['type', 'mode', 'uid', 'gid', 'size', 'sha256', 'linkname', 'names', 'mtime'] as const;

/** What differs between two sets of entries, a line each; empty when they are the same. */
export function differences(expected: readonly StateEntry[], got: readonly StateEntry[]): string[] {
  const wanted = new Map(expected.map((entry) => [entry.path, entry]));
  const found = new Map(got.map((entry) => [entry.path, entry]));
  const notes: string[] = [];
  for (const [path, entry] of wanted) {
    const other = found.get(path);
    if (!other) notes.push(`- ${path} (${entry.type})`);
    else notes.push(...fieldNotes(entry, other));
  }
  for (const [path, { type }] of found) if (!wanted.has(path)) notes.push(`+ ${path} (${type})`);
  return notes;
}

function fieldNotes(expected: StateEntry, got: StateEntry): string[] {
  return FIELDS.filter((field) => expected[field] !== got[field]).map((field) =>
    field === 'sha256' && expected.text !== undefined && got.text !== undefined
      ? `~ ${expected.path}: ${lineNote(expected.text.split('\n'), got.text.split('\n'))}`
      : `~ ${expected.path} ${field}: ${got[field]} instead of ${expected[field]}`,
  );
}

/** The first lines of two texts that differ. */
function lineNote(expected: readonly string[], got: readonly string[]): string {
  const line = expected.findIndex((text, index) => text !== got[index]);
  const at = line < 0 ? expected.length : line;
  return `line ${at + 1} is ${JSON.stringify(got[at])} instead of ${JSON.stringify(expected[at])}`;
}

/** Whether an entry says the same as what was there before. */
export function isSame(one: StateEntry, other: StateEntry | undefined): boolean {
  return other !== undefined && fieldNotes(one, other).length === 0;
}
