import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

/**
 * Which room may import which (src/README.md explains them). A room may always import itself; `flow` stands for
 * the files of the flow at the top of src/, named below. Type-only imports of a door that another room defines are free for `platform`.
 */
const ARROWS: Record<string, readonly string[]> = {
  layers: [],
  dockerfile: [],
  archive: ['layers'],
  filesystem: ['layers'],
  context: ['filesystem', 'layers'],
  graph: ['dockerfile', 'layers'],
  simulate: ['dockerfile', 'graph', 'context', 'archive', 'layers', 'filesystem'],
  images: ['archive', 'layers'],
  findings: ['dockerfile', 'graph', 'context', 'layers', 'filesystem'],
  platform: ['layers', 'archive'],
  checks: ['dockerfile', 'graph', 'context', 'layers'],
  flow: ['dockerfile', 'graph', 'context', 'layers', 'filesystem', 'simulate', 'checks'],
  pages: ['flow', 'dockerfile', 'graph', 'context', 'layers', 'filesystem', 'simulate', 'findings'],
};
/** These compose the product, so everything is open to them. */
const COMPOSERS = new Set(['cli', 'views', 'doors', 'extension', 'worker']);
const NODE_ROOMS = new Set(['platform', 'images', 'cli', 'doors', 'worker']);
const VSCODE_ROOMS = new Set(['views', 'extension']);

interface Import {
  readonly file: string;
  readonly target: string;
  readonly typeOnly: boolean;
}

test('every import goes along an arrow of the design', () => {
  const faults = imports().flatMap(({ file, target, typeOnly }) => {
    if (!target.startsWith('.')) return [];
    const from = roomOf(file);
    const to = roomOf(path.join(path.dirname(file), target));
    if (from === to || COMPOSERS.has(from) || to === 'package.json') return [];
    if (ARROWS[from]?.includes(to) || (from === 'platform' && typeOnly)) return [];
    return [
      `${file} imports ${target}: ${from}/ may not know ${to}/. Pass the value in, or move what is shared to a room both may import`,
    ];
  });
  assert.deepEqual(faults, []);
});

test('only the rooms at the edge know Node and VS Code', () => {
  const faults = imports().flatMap(({ file, target }) => {
    const room = roomOf(file);
    if (target === 'vscode' && !VSCODE_ROOMS.has(room))
      return [`${file} imports vscode: only src/views and src/extension.ts may`];
    if (target.startsWith('node:') && !NODE_ROOMS.has(room))
      return [`${file} imports ${target}: put it behind a door in src/platform`];
    return [];
  });
  assert.deepEqual(faults, []);
});

test('third-party packages stay behind their doors', () => {
  // The programs of a RUN unpack in memory, without a platform below them.
  const decoders = ['src/platform/decompress.ts', 'src/simulate/run/commands/compressing.ts'];
  const doors: Record<string, readonly string[]> = {
    'just-bash': ['src/simulate/run/'],
    'dockerfile-ast': ['src/dockerfile/'],
    fzstd: decoders,
    'xz-decompress': decoders,
  };
  const faults = imports().flatMap(({ file, target }) => {
    const name = target.split('/')[0]!;
    const isOurs = target.startsWith('.') || target.startsWith('node:') || target === 'vscode';
    if (isOurs || doors[name]?.some((place) => file.startsWith(place))) return [];
    return [
      `${file} imports ${target}: ${doors[name] ? `only ${doors[name].join(' and ')} may` : 'it has no door yet'}`,
    ];
  });
  assert.deepEqual(faults, []);
});

function imports(): Import[] {
  return readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => importsOf(path.posix.join('src', name.split(path.sep).join('/'))));
}

function importsOf(file: string): Import[] {
  const text = readFileSync(file, 'utf8');
  const statements = text.matchAll(
    /^(?:import|export)\s+(type\s)?[^;'"]*?from\s+['"]([^'"]+)['"]|import\(['"]([^'"]+)['"]\)/gm,
  );
  return [...statements].map(([, type, from, dynamic]) => ({
    file,
    target: (from ?? dynamic)!,
    typeOnly: type !== undefined,
  }));
}

function roomOf(file: string): string {
  const relative = path.posix.normalize(file).replace(/^src\//, '');
  if (relative.endsWith('package.json')) return 'package.json';
  const [first, ...rest] = relative.split('/');
  if (rest.length > 0) return first!;
  if (/\.worker(\.ts)?$/.test(first!)) return 'worker';
  return /^(inspect|inspection|stage-flow|flow-doors|build-sources|comparison)(\.ts)?$/.test(first!)
    ? 'flow'
    : first!.replace(/\.ts$/, '');
}
