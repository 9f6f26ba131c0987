import type { AccountFiles } from './account-files';

export interface IdRules {
  readonly system: boolean;
  readonly settings: ReadonlyMap<string, string>;
  /** An id that is taken if it is free: a user's own group gets the number of the user. */
  readonly preferred?: number;
}

/**
 * The next free id as shadow-utils 4.13 finds it (libmisc/find_new_uid.c): system ids one below the lowest in use,
 * others one above the highest, both within the range of login.defs; where that is used up, any that is free.
 */
export function nextId(
  files: AccountFiles,
  kind: 'UID' | 'GID',
  { system, settings, preferred }: IdRules,
): number | undefined {
  const number = (name: string, fallback: number) => Number(settings.get(name) ?? fallback);
  const [min, max] = system
    ? [number(`SYS_${kind}_MIN`, 101), number(`SYS_${kind}_MAX`, number(`${kind}_MIN`, 1000) - 1)]
    : [number(`${kind}_MIN`, 1000), number(`${kind}_MAX`, 60000)];
  const used = new Set(files.rows(kind === 'UID' ? 'passwd' : 'group').map((row) => Number(row[2])));
  // A system account's number may also lie below the range.
  if (preferred !== undefined && preferred >= (system ? 1 : min) && preferred <= max && !used.has(preferred))
    return preferred;
  const inRange = [...used].filter((id) => id >= min && id <= max);
  const next = system ? Math.min(max + 1, ...inRange) - 1 : Math.max(min - 1, ...inRange) + 1;
  if (next >= min && next <= max) return next;
  for (let step = 0; step <= max - min; step++) {
    const id = system ? max - step : min + step;
    if (!used.has(id)) return id;
  }
  return undefined;
}

/**
 * The first free range of subordinate ids (lib/subordinateio.c, `find_free_range`), which leaves the lines that are
 * there in the order of their ranges.
 */
export function nextSubRange(
  files: AccountFiles,
  kind: 'UID' | 'GID',
  settings: ReadonlyMap<string, string>,
): [start: number, count: number] | undefined {
  const count = Number(settings.get(`SUB_${kind}_COUNT`) ?? 65536);
  if (count === 0) return undefined;
  let start = Number(settings.get(`SUB_${kind}_MIN`) ?? 100000);
  const database = kind === 'UID' ? 'subuid' : 'subgid';
  files.sort(database, (a, b) => Number(a[1]) - Number(b[1]) || Number(a[2]) - Number(b[2]));
  for (const [from, length] of files.rows(database).map((row) => [Number(row[1]), Number(row[2])] as const)) {
    if (from + length > start && from < start + count) start = from + length;
  }
  return [start, count];
}
