import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { ListedEntry } from '../../../src/layers/entries';

/** A golden case; the fields are described in test/golden/cases/README.md. */
export interface GoldenCase {
  readonly name: string;
  readonly about: string;
  readonly dockerfile: string;
  readonly files?: readonly GoldenFile[];
  readonly buildArgs?: Readonly<Record<string, string>>;
  readonly target?: string;
  /** Named contexts: a folder with these files, or a value as it is. */
  readonly contexts?: Readonly<Record<string, string | { readonly files: readonly GoldenFile[] }>>;
  readonly expected: Expected;
}

export interface GoldenFile {
  readonly path: string;
  readonly type: 'file' | 'dir' | 'symlink' | 'hardlink';
  readonly mode?: string;
  readonly text?: string;
  readonly base64?: string;
  readonly linkname?: string;
}

export interface Expected {
  readonly error?: string;
  /** The line that the builder names for its error, from 1. */
  readonly line?: number;
  readonly layers?: readonly {
    readonly base?: boolean;
    readonly created_by?: string;
    readonly entries?: readonly ListedEntry[];
  }[];
  readonly config?: Readonly<Record<string, unknown>>;
  readonly history?: readonly { readonly created_by?: string }[];
}

const GOLDEN = path.join('test', 'golden');

/** Where the base images of the cases lie. */
export const BASES = {
  'bb:1': path.resolve(GOLDEN, 'cases', 'bases', 'bb1.tar'),
  'deb:12': path.resolve(GOLDEN, 'cases', 'bases', 'debian12-skeleton.tar'),
};

/** What other builders made; most of these cases are defined in the sets of the reference. */
export const BUILDER_SETS = ['overlay2', 'classic'] as const;

/** All cases that another builder was given: a case without a definition takes that of the first set that has one. */
export function builderCases(set: (typeof BUILDER_SETS)[number]): GoldenCase[] {
  return readdirSync(path.join(GOLDEN, set)).flatMap((name) => {
    const expected = path.join(GOLDEN, set, name, 'expected.json');
    if (!existsSync(expected)) return [];
    return [
      { ...definitionOf(name), expected: JSON.parse(readFileSync(expected, 'utf8')) as Expected, name },
    ];
  });
}

function definitionOf(name: string): GoldenCase {
  const sets = ['cases', 'run-cases', ...BUILDER_SETS];
  const files = sets.map((set) => path.join(GOLDEN, set, name, 'case.json'));
  const file = files.find((candidate) => existsSync(candidate));
  if (!file) throw new Error(`Cannot find the definition of "${name}": no set has ${name}/case.json`);
  return JSON.parse(readFileSync(file, 'utf8')) as GoldenCase;
}

/** All cases of a set, found by pattern. A folder named by GOLDEN_CASES takes the place of our copies. */
export type GoldenSet = 'cases' | 'run-cases' | 'contexts' | 'differential' | 'mixed';

export function goldenCases(set: GoldenSet): GoldenCase[] {
  const folder = path.join(process.env.GOLDEN_CASES ?? GOLDEN, set);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => existsSync(path.join(folder, name, 'case.json')))
    .map((name) => ({
      ...(JSON.parse(readFileSync(path.join(folder, name, 'case.json'), 'utf8')) as GoldenCase),
      expected: JSON.parse(readFileSync(path.join(folder, name, 'expected.json'), 'utf8')) as Expected,
      name,
    }));
}

/** Makes the build context of a case in `context` (a new temporary folder unless given), and gives its path. */
export function materialize(
  { dockerfile, files = [] }: Pick<GoldenCase, 'dockerfile' | 'files'>,
  context?: string,
): string {
  return materializeFolder([{ path: 'Dockerfile', type: 'file', text: dockerfile }, ...files], context);
}

/** Makes a folder of files, in a temporary place unless one is given, and gives its path. */
export function materializeFolder(
  files: readonly GoldenFile[],
  context = mkdtempSync(path.join(os.tmpdir(), 'golden-')),
): string {
  mkdirSync(context, { recursive: true });
  for (const file of files) make(file, context);
  // Modes last and from the innermost, so that a folder without write permission does not stand in the way.
  for (const file of [...files].sort((a, b) => b.path.length - a.path.length)) {
    if (file.type === 'symlink' || file.type === 'hardlink') continue;
    const place = path.join(context, file.path);
    if (file.type === 'file') stampByContent(place);
    chmodSync(place, Number.parseInt(file.mode ?? (file.type === 'dir' ? '0755' : '0644'), 8));
  }
  return context;
}

/** A hard link comes after the file it is a name of. */
function make(file: GoldenFile, context: string): void {
  const place = path.join(context, file.path);
  mkdirSync(file.type === 'dir' ? place : path.dirname(place), { recursive: true });
  if (file.type === 'hardlink') linkSync(path.join(context, file.linkname!), place);
  if (file.type === 'symlink') {
    symlinkSync(file.linkname!, place);
    lutimesSync(place, LINK_TIME, LINK_TIME);
  }
  if (file.type === 'file') {
    const encoding = file.base64 === undefined ? 'utf8' : 'base64';
    writeFileSync(place, Buffer.from(file.base64 ?? file.text ?? '', encoding));
  }
}

const LINK_TIME = 1_577_836_800;

/** A builder takes two files of one size and time for the same, so the time comes from the content. */
function stampByContent(file: string): void {
  const digest = createHash('sha1').update(readFileSync(file)).digest('hex');
  const time = 1_600_000_000 + Number.parseInt(digest.slice(0, 6), 16);
  utimesSync(file, time, time);
}
