import type { Entry, FileSystem } from '../filesystem/tree';
import type { ListedLayer } from '../inspection';
import type { Certainty } from '../layers/certainty';
import { reasonsOf } from '../layers/certainty';
import type { Content, ContentReader } from '../layers/content';
import { type DigestOf, entriesOf, type ListedEntry, nodeEntry } from '../layers/entries';
import { childPath, compareNames } from '../layers/path';
import type { CommandReport } from '../simulate/run/engine';
import type { Source } from './source';

/** The layers as JSON: the shape that the golden cases describe. */
export async function inspectJson(source: Source): Promise<string> {
  const isDockerfile = source.inspection !== undefined;
  const isOwn = ({ step, isContext }: ListedLayer) => step !== undefined || isContext || !isDockerfile;
  const own = source.layers.filter(isOwn);
  const digestOf = await digests(
    own.flatMap(({ layer }) =>
      layer.changes.flatMap((change) =>
        change.kind === 'put' && change.node.kind === 'file' ? [change.node.content] : [],
      ),
    ),
    source.machine.reader,
  );
  const layers = source.layers.map((listed) => {
    const { layer } = listed;
    const head = { created_by: layer.createdBy, ...certaintyOf(layer.certainty) };
    if (!isOwn(listed)) return { base: true, ...head };
    const commands = listed.step?.outcome?.commands;
    return {
      ...head,
      entries: entriesOf(layer.changes, digestOf),
      ...(commands && { commands: commands.map(commandJson) }),
    };
  });
  const problems = source.problems.map(({ severity, message, range }) => ({
    severity,
    message,
    line: range.start.line + 1,
  }));
  return JSON.stringify(
    { layers, config: source.config, history: source.history.map(historyJson), problems },
    undefined,
    1,
  );
}

function commandJson({ text, certainty, exitCode, touched }: CommandReport) {
  return {
    command: text,
    ...certaintyOf(certainty),
    ...(exitCode !== undefined && { exit_code: exitCode }),
    touched,
  };
}

function certaintyOf(certainty: Certainty) {
  const reasons = reasonsOf(certainty);
  return reasons.length === 0 ? { certainty: certainty.level } : { certainty: certainty.level, reasons };
}

function historyJson({ createdBy, emptyLayer }: Source['history'][number]) {
  return emptyLayer ? { created_by: createdBy, empty_layer: true } : { created_by: createdBy };
}

/** Every path of a merged file system, in the order of a layer. */
export async function treeJson(fileSystem: FileSystem, reader: ContentReader): Promise<string> {
  const found = walkTree(fileSystem);
  const digestOf = await digests(
    found.flatMap(([, { node }]) => (node.kind === 'file' ? [node.content] : [])),
    reader,
  );
  const entries: ListedEntry[] = found.map(([path, { node }]) => nodeEntry(path, node, digestOf));
  return JSON.stringify({ entries }, undefined, 1);
}

export function walkTree(fileSystem: FileSystem): [string, Entry][] {
  const found: [string, Entry][] = [];
  const visit = (folder: Entry, path: string) => {
    for (const name of [...(folder.children?.keys() ?? [])].sort(compareNames)) {
      const entry = folder.children!.get(name)!;
      found.push([childPath(path, name), entry]);
      visit(entry, childPath(path, name));
    }
  };
  visit(fileSystem.root, '/');
  return found;
}

async function digests(contents: readonly Content[], reader: ContentReader): Promise<DigestOf> {
  const known = await reader.digests(contents);
  return (content) => known.get(content)?.replace('sha256:', '');
}
