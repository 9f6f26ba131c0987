import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArguments } from '../../src/cli/arguments';
import { openSource } from '../../src/cli/source';
import type { Machine } from '../../src/doors';
import type { Entry, FileSystem } from '../../src/filesystem/tree';
import type { InspectedStep } from '../../src/inspection';
import { reasonsOf } from '../../src/layers/certainty';
import type { Change, FileSystemNode } from '../../src/layers/change';
import type { Content, ContentReader } from '../../src/layers/content';
import { nodeEntry } from '../../src/layers/entries';
import { comparePaths, namesOf } from '../../src/layers/path';
import type { Script } from './scripts';
import { isSame, MOST_TEXT, type State, type StateEntry } from './state';

/** What we say of a script. */
export interface Prediction extends State {
  readonly certainty: string;
  readonly reasons: readonly string[];
}

/** Gives a script to the whole product, as a RUN on `image` (an archive or layout); `since` is when `machine` was made. */
export async function predict(
  script: Script,
  image: string,
  machine: Machine,
  since: number,
): Promise<Prediction> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'shell-differential-'));
  try {
    writeFileSync(path.join(folder, 'Dockerfile'), dockerfileOf(script));
    const source = await openSource(
      parseArguments(['inspect', folder, '--image', `base:1=${image}`], {}),
      machine,
    );
    const { problems, inspection } = source;
    const last = inspection?.target?.steps.at(-1);
    if (problems.some(({ severity }) => severity === 'error')) return failed(problems);
    return await stateOf(last!, inspection!.target!.start, machine.reader, since);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function dockerfileOf({ text, shell, user, environment }: Script): string {
  const variables = Object.entries(environment).map(([name, value]) => `ENV ${name}='${value}'\n`);
  return `FROM base:1\n${variables.join('')}USER ${user}\nRUN ${JSON.stringify([shell, '-c', text])}\n`;
}

function failed(problems: readonly { readonly message: string }[]): Prediction {
  const message = problems.map((problem) => problem.message).join('\n');
  const exitCode = Number(/exit code: (\d+)/.exec(message)?.[1] ?? 1);
  return { exitCode, entries: [], certainty: 'exact', reasons: [message] };
}

async function stateOf(
  step: InspectedStep,
  before: FileSystem,
  reader: ContentReader,
  since: number,
): Promise<Prediction> {
  const { layer } = step.outcome!;
  const known = await reader.digests(contentsOf(layer.changes));
  const state = stateEntries(layer.changes, before, step.fileSystem);
  const names = namesOfLinks(layer.changes);
  const entries: StateEntry[] = [];
  for (const [at, node] of state) {
    if (!node) entries.push({ path: at, type: 'whiteout' });
    else {
      const own = withTime(at, node, known, since);
      const linked = names.get(at);
      const old = lookUp(before, at);
      if (linked !== undefined) entries.push({ ...own, names: linked });
      else if (!(old && isSame(own, withTime(at, old.node, await oldDigest(old, node, reader), since))))
        entries.push(own);
    }
  }
  const { level } = layer.certainty;
  return { exitCode: 0, entries, certainty: level, reasons: reasonsOf(layer.certainty) };
}

/** An old file is read only where its size does not tell yet that it is another one. */
async function oldDigest(old: Entry, node: FileSystemNode, reader: ContentReader) {
  const isSameSize =
    old.node.kind === 'file' && node.kind === 'file' && old.node.content.size === node.content.size;
  return isSameSize ? reader.digests([old.node.content]) : new Map<Content, string>();
}

function contentsOf(changes: readonly Change[]): Content[] {
  return changes.flatMap((change) =>
    change.kind === 'put' && change.node.kind === 'file' ? [change.node.content] : [],
  );
}

function withTime(
  at: string,
  node: FileSystemNode,
  digests: ReadonlyMap<Content, string>,
  since: number,
): StateEntry {
  const entry = nodeEntry(at, node, (content) => digests.get(content)?.replace('sha256:', ''));
  if (node.kind === 'directory') return entry;
  const mtime = node.mtime >= since ? 'now' : Math.floor(node.mtime);
  const { mode, dev: _, ...rest } = entry;
  const content = node.kind === 'file' ? node.content : undefined;
  const text =
    content?.kind === 'inline' && content.size <= MOST_TEXT
      ? { text: new TextDecoder().decode(content.bytes) }
      : {};
  return { ...rest, mode: node.kind === 'symlink' ? '0777' : mode!, mtime, ...text };
}

/** Every path that a layer changes with what is there now; nothing where it is gone. */
function stateEntries(changes: readonly Change[], before: FileSystem, after: FileSystem) {
  const state = new Map<string, FileSystemNode | undefined>();
  for (const { path: at } of changes) {
    const old = lookUp(before, at);
    const now = lookUp(after, at);
    if (now) state.set(at, now.node);
    else if (old) state.set(at, undefined);
    if (old?.node.kind !== 'directory' || now?.node.kind !== 'directory') continue;
    for (const name of old.children!.keys())
      if (!now.children!.has(name)) state.set(path.posix.join(at, name), undefined);
  }
  return [...state].sort(([one], [other]) => comparePaths(one, other));
}

function namesOfLinks(changes: readonly Change[]): Map<string, string> {
  const groups = new Map<string, string[]>();
  for (const change of changes) {
    if (change.kind !== 'hardlink') continue;
    groups.set(change.target, [...(groups.get(change.target) ?? [change.target]), change.path]);
  }
  return new Map(
    [...groups.values()].flatMap((group) => {
      const text = [...group].sort(comparePaths).join(' ');
      return group.map((at) => [at, text] as const);
    }),
  );
}

function lookUp(fileSystem: FileSystem, at: string): Entry | undefined {
  let entry: Entry | undefined = fileSystem.root;
  for (const name of namesOf(at)) entry = entry?.children?.get(name);
  return entry;
}
