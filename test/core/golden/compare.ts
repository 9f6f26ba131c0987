import type { ListedEntry } from '../../../src/layers/entries';
import type { Expected } from './case';

/** What the command line prints, as far as the comparison goes. */
export interface Answer {
  readonly layers: readonly {
    readonly base?: boolean;
    readonly certainty: string;
    readonly created_by: string;
    readonly entries?: readonly ListedEntry[];
  }[];
  readonly config: Readonly<Record<string, unknown>>;
  readonly history: readonly { readonly created_by?: string }[];
  readonly problems: readonly {
    readonly severity: string;
    readonly message: string;
    readonly line?: number;
  }[];
}

export type Verdict = 'match' | 'honest unknown' | 'wrong though exact' | 'differs';

/** Compares an answer with what the real builder made; `notes` tell each difference. */
export function compare(expected: Expected, answer: Answer): { verdict: Verdict; notes: string[] } {
  const fails = answer.problems.some(({ severity }) => severity === 'error');
  const own = answer.layers.filter(({ base }) => !base);
  if (expected.error !== undefined) {
    if (fails) return { verdict: 'match', notes: [] };
    const isSure = own.every(({ certainty }) => certainty === 'exact');
    return {
      verdict: isSure ? 'wrong though exact' : 'honest unknown',
      notes: [`expected: ${expected.error}`],
    };
  }
  if (fails) return { verdict: 'differs', notes: answer.problems.map(({ message }) => message) };
  const { wrong, unsure, notes } = compareLayers(expected, answer);
  if (wrong) return { verdict: 'wrong though exact', notes };
  if (unsure) return { verdict: 'honest unknown', notes };
  const others = [...compareConfig(expected, answer), ...compareHistory(expected, answer)];
  return { verdict: others.length > 0 ? 'differs' : 'match', notes: others };
}

function compareLayers({ layers = [] }: Expected, answer: Answer) {
  const notes: string[] = [];
  let wrong = layers.length !== answer.layers.length;
  let unsure = false;
  if (wrong) notes.push(`${answer.layers.length} layers instead of ${layers.length}`);
  layers.forEach((layer, index) => {
    const got = answer.layers[index];
    if (layer.base || !got) return;
    const differences = compareEntries(layer.entries ?? [], got.entries ?? []);
    if (differences.length === 0) return;
    notes.push(`layer ${index} (${got.certainty}) ${got.created_by}`, ...differences);
    if (got.certainty === 'exact') wrong = true;
    else unsure = true;
  });
  return { wrong, unsure, notes };
}

const FIELDS = ['type', 'mode', 'uid', 'gid', 'size', 'sha256', 'linkname', 'names'] as const;

function compareEntries(expected: readonly ListedEntry[], got: readonly ListedEntry[]): string[] {
  const [wanted, found] = [byPath(expected), byPath(got)];
  const notes: string[] = [];
  for (const [path, entry] of wanted) {
    const other = found.get(path);
    if (!other) {
      notes.push(`- ${path}`);
      continue;
    }
    // A file without a sum has contents that depend on the day of the build.
    const dependsOnDay = entry.type === 'file' && entry.sha256 === undefined;
    for (const field of FIELDS) {
      if (
        (field === 'mode' && entry.type === 'symlink') ||
        (dependsOnDay && (field === 'sha256' || field === 'size'))
      )
        continue;
      if (entry[field] !== other[field])
        notes.push(`~ ${path} ${field}: ${other[field]} instead of ${entry[field]}`);
    }
  }
  for (const path of found.keys()) if (!wanted.has(path)) notes.push(`+ ${path}`);
  return notes;
}

/** Which name of an inode is the file and which the hard link does not count, only the group of names. */
function byPath(entries: readonly ListedEntry[]): Map<string, ListedEntry & { names?: string }> {
  const groups = new Map<string, string[]>();
  for (const { type, path, linkname } of entries) {
    if (type === 'hardlink') groups.set(linkname!, [...(groups.get(linkname!) ?? [linkname!]), path]);
  }
  const plain = new Map(entries.map((entry) => [entry.path, entry]));
  return new Map(
    entries.map((entry) => {
      const first = entry.type === 'hardlink' ? entry.linkname! : entry.path;
      const names = groups.get(first)?.sort().join(' ');
      // An opaque folder is two entries of one path.
      const key = entry.type === 'opaque' ? `${entry.path}/` : entry.path;
      return [key, names ? { ...plain.get(first)!, path: entry.path, names } : entry];
    }),
  );
}

const COMPARED = [
  'Env',
  'Cmd',
  'Entrypoint',
  'User',
  'WorkingDir',
  'ExposedPorts',
  'Volumes',
  'Labels',
  'Healthcheck',
  'StopSignal',
  'Shell',
  'OnBuild',
];

function compareConfig({ config }: Expected, answer: Answer): string[] {
  if (!config) return [];
  return COMPARED.filter((key) => spelled(key, config[key]) !== spelled(key, answer.config[key])).map(
    (key) => `config ${key}: ${spelled(key, answer.config[key])} instead of ${spelled(key, config[key])}`,
  );
}

function spelled(key: string, value: unknown): string {
  if (key === 'WorkingDir') return JSON.stringify(value || '/');
  if (Array.isArray(value)) return JSON.stringify(key === 'Env' ? [...value].sort() : value);
  if (value === undefined || value === null) return 'none';
  return JSON.stringify(
    typeof value === 'object' ? Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)) : value,
  );
}

/** The digest of what the classic builder copied is not told. */
function withoutDigest(words: string | undefined): string | undefined {
  return words?.replace(/\b(file|dir|multi):[0-9a-f]{64} in /, '$1:… in ');
}

function compareHistory({ history, layers = [] }: Expected, answer: Answer): string[] {
  if (!history) return [];
  const bases = layers.filter(({ base }) => base).length;
  const wanted = history.slice(bases).map((line) => withoutDigest(line.created_by));
  const got = answer.history.slice(answer.history.length - wanted.length).map((line) => line.created_by);
  return wanted.flatMap((words, index) =>
    words === got[index] ? [] : [`history: ${got[index]} instead of ${words}`],
  );
}
