import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FileSystem } from '../../../src/filesystem/tree';
import { toColumns } from '../../../src/images/layer-index/columns';
import { UnfoldedColumns } from '../../../src/images/layer-index/unfolded';
import { EXACT } from '../../../src/layers/certainty';
import type { Change, FileSystemNode } from '../../../src/layers/change';
import type { Layer } from '../../../src/layers/layer';
import { comparePaths } from '../../../src/layers/path';

const archive = { file: '/x', offset: 0, length: 9, compression: 'none' } as const;

/** A few names that meet often: links to each other's folders, files where there were folders, and the reverse. */
function randomLayer(random: () => number, mark: number): Change[] {
  const pick = <T>(...of: T[]): T => of[Math.floor(random() * of.length)]!;
  const path = () => Array.from({ length: pick(1, 2, 2, 3) }, () => `/${pick('a', 'b', 'c')}`).join('');
  const changes = new Map<string, Change>();
  const meta = { mode: 0o755, uid: mark, gid: 0, mtime: 0 };
  for (let count = 0; count < 9; count++) {
    const at = path();
    const node = pick<FileSystemNode>(
      { kind: 'directory', ...meta },
      { kind: 'directory', ...meta },
      { kind: 'directory', ...meta },
      { kind: 'directory', ...meta },
      { kind: 'file', ...meta, content: { kind: 'archived', archive, offset: count, size: 1 } },
      { kind: 'symlink', ...meta, target: pick(path(), path(), '.', '..', '/') },
    );
    const kind = pick('put', 'put', 'put', 'put', 'hardlink', 'remove', 'opaque');
    if (kind === 'put') changes.set(at, { kind, path: at, node });
    else if (kind === 'hardlink') changes.set(at, { kind, path: at, target: path() });
    else changes.set(`${kind} ${at}`, { kind: kind as 'remove', path: at });
  }
  // Of one path the mark comes first, as a layer is listed.
  const marksFirst = [...changes.values()].sort((a, b) => order(a) - order(b));
  return marksFirst.sort((a, b) => comparePaths(a.path, b.path));
}

const order = ({ kind }: Change) => (kind === 'remove' || kind === 'opaque' ? 0 : 1);

function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}

function stacked(layers: readonly Layer[]): unknown {
  try {
    const { root } = layers.reduce((below, layer) => below.with(layer), FileSystem.empty);
    return root;
  } catch (error) {
    return (error as Error).message;
  }
}

describe('a layer put on a tree row by row', () => {
  it('is the same tree as change by change, wherever links lead', () => {
    let loops = 0;
    for (let seed = 1; seed <= 4000; seed++) {
      const random = generator(seed * 7919);
      const layers = [1, 2, 3].map((mark): Layer => {
        const changes = randomLayer(random, mark);
        return { changes, certainty: EXACT, openRegions: [], closes: [], createdBy: '' };
      });
      const expected = stacked(layers);
      if (typeof expected === 'string') loops++;
      const byRows = layers.map((layer) => ({
        ...layer,
        rows: new UnfoldedColumns(toColumns(layer.changes), archive),
      }));
      assert.deepEqual(stacked(byRows), expected, `seed ${seed}`);
    }
    assert.ok(loops < 2000, `${loops} loops`);
  });

  it('has the nodes that its changes have', () => {
    const rows = new UnfoldedColumns(toColumns(randomLayer(generator(5), 1)), archive);
    let puts = 0;
    const nodes = new Set(Array.from({ length: rows.count }, (_, row) => rows.node(row)));
    for (const change of rows.changes())
      if (change.kind === 'put' && ++puts) assert.ok(nodes.has(change.node));
    assert.ok(puts > 0);
  });
});
