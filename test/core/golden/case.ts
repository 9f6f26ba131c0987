import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
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

interface GoldenFile {
  readonly path: string;
  readonly type: 'file' | 'dir' | 'symlink';
  readonly mode?: string;
  readonly text?: string;
  readonly base64?: string;
  readonly linkname?: string;
}

export interface Expected {
  readonly error?: string;
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

/** All cases of a set, found by pattern. A folder named by GOLDEN_CASES takes the place of our copies. */
export function goldenCases(set: 'cases' | 'run-cases' | 'contexts'): GoldenCase[] {
  const folder = path.join(process.env.GOLDEN_CASES ?? GOLDEN, set);
  return readdirSync(folder)
    .filter((name) => existsSync(path.join(folder, name, 'case.json')))
    .map((name) => ({
      ...(JSON.parse(readFileSync(path.join(folder, name, 'case.json'), 'utf8')) as GoldenCase),
      expected: JSON.parse(readFileSync(path.join(folder, name, 'expected.json'), 'utf8')) as Expected,
      name,
    }));
}

/** Makes the build context of a case in a temporary folder, and gives its path. */
export function materialize({ dockerfile, files = [] }: GoldenCase): string {
  return materializeFolder([{ path: 'Dockerfile', type: 'file', text: dockerfile }, ...files]);
}

/** Makes a folder of files in a temporary place, and gives its path. */
export function materializeFolder(files: readonly GoldenFile[]): string {
  const context = mkdtempSync(path.join(os.tmpdir(), 'golden-'));
  for (const file of files) {
    const place = path.join(context, file.path);
    mkdirSync(file.type === 'dir' ? place : path.dirname(place), { recursive: true });
    if (file.type === 'symlink') symlinkSync(file.linkname!, place);
    if (file.type === 'file')
      writeFileSync(
        place,
        Buffer.from(file.base64 ?? file.text ?? '', file.base64 === undefined ? 'utf8' : 'base64'),
      );
  }
  // Modes last and from the innermost, so that a folder without write permission does not stand in the way.
  for (const file of [...files].sort((a, b) => b.path.length - a.path.length)) {
    if (file.type === 'symlink') continue;
    const place = path.join(context, file.path);
    chmodSync(place, Number.parseInt(file.mode ?? (file.type === 'dir' ? '0755' : '0644'), 8));
    if (file.type === 'file') stampByContent(place);
  }
  return context;
}

/** A builder takes two files of one size and time for the same, so the time comes from the content. */
function stampByContent(file: string): void {
  const digest = createHash('sha1').update(readFileSync(file)).digest('hex');
  const time = 1_600_000_000 + Number.parseInt(digest.slice(0, 6), 16);
  utimesSync(file, time, time);
}
