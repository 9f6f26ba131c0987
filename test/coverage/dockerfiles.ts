import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** A Dockerfile of the sample. Paths are absolute. */
export interface SampleFile {
  readonly file: string;
  /** The first folder below the one that was given: a repository, as a sample is laid out. */
  readonly repository: string;
  readonly repositoryFolder: string;
  readonly text: string;
}

const NAME = /^(?:Dockerfile|Containerfile)(?:[.-].+)?$|\.dockerfile$/i;
/** Files that are named like a Dockerfile and are none: ignore files, programs, and what a generator reads. */
const OTHER =
  /\.(?:dockerignore|md|sh|py|ya?ml|json|txt|html|js|ts|go|rb|template|tmpl|tpl|j2|jinja2?|erb|in|m4|patch|test|bak|orig)$|(?:^|[/.-])(?:template|windows|windowsservercore|nanoserver)(?:[/.-]|$)/i;
const TEMPLATE_MARKS = /\{\{|\{%|<%|@@|^%%/m;
const OF_WINDOWS = /^\s*FROM\s.*(?:windows|nanoserver|servercore)|^#\s*escape\s*=\s*`/im;
const SKIPPED_FOLDERS = new Set(['.git', 'node_modules', 'vendor', 'testdata', 'fixtures']);

/**
 * The Dockerfiles below `folder`, each text once. With `perRepository`, so many of each repository: those whose
 * paths' digests come first, so that a sample is the same for everybody and follows no order of names.
 */
export function sampleDockerfiles(folder: string, perRepository: number): SampleFile[] {
  const byRepository = new Map<string, string[]>();
  for (const file of walk(folder)) {
    const relative = path.relative(folder, file);
    const repository = relative.includes(path.sep) ? relative.split(path.sep)[0]! : '.';
    byRepository.set(repository, [...(byRepository.get(repository) ?? []), file]);
  }
  const seen = new Set<string>();
  return [...byRepository].flatMap(([repository, files]) => {
    const ordered = files.map((file) => ({ file, order: digest(path.relative(folder, file)) }));
    ordered.sort((a, b) => (a.order < b.order ? -1 : 1));
    const taken: SampleFile[] = [];
    for (const { file } of ordered) {
      if (taken.length >= perRepository) break;
      const text = readFileSync(file, 'utf8');
      const known = digest(text);
      if (seen.has(known) || !isDockerfile(text)) continue;
      seen.add(known);
      taken.push({ file, repository, repositoryFolder: path.join(folder, repository), text });
    }
    return taken;
  });
}

function* walk(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!SKIPPED_FOLDERS.has(entry.name)) yield* walk(file);
    } else if (entry.isFile() && NAME.test(entry.name) && !OTHER.test(file)) yield file;
  }
}

function isDockerfile(text: string): boolean {
  return (
    /^\s*FROM\s/im.test(text) && !TEMPLATE_MARKS.test(text) && !OF_WINDOWS.test(text) && !text.includes('\0')
  );
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
