import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { busyboxWords } from '../../../src/simulate/run/busybox-words';
import { NotSimulated } from '../../../src/simulate/run/command';
import { type Entry, entriesOf, type Invocation, runIn, worldOf } from './world';

interface Row extends Invocation {
  readonly setup?: string;
  /** The messages are not compared: they hold something of the machine. */
  readonly anyMessage?: boolean;
  /** The lines that are printed come in the order of a real folder. */
  readonly unordered?: boolean;
  readonly seen: {
    readonly exitCode: number;
    readonly stdout?: string;
    readonly stderr?: string;
    readonly changed?: readonly Entry[];
    readonly gone?: readonly string[];
  };
}

const folder = join(process.env.GOLDEN_COMMANDS ?? 'test/core/commands', 'golden');
const files = existsSync(folder) ? readdirSync(folder) : [];

for (const file of files) {
  const { trees, rows } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as {
    trees: Record<string, Entry[]>;
    rows: Row[];
  };
  for (const row of rows) {
    test(`${file.replace('.json', '')}: ${row.setup ? `${row.setup}; ` : ''}${row.run.join(' ')}`, async (t) => {
      const tree = trees[row.setup ?? '']!;
      const world = worldOf(tree);
      try {
        const { exitCode, stdout, stderr, models } = await runIn(world, row);
        if (models.length > 0) return t.skip(`modelled: ${models[0]}`);
        const { seen } = row;
        const ordered = (text: string) =>
          row.unordered
            ? text
                .split(/[\n\0]/)
                .sort()
                .join('\n')
            : text;
        const wanted = {
          exitCode: seen.exitCode,
          stdout: ordered(seen.stdout ?? ''),
          stderr: row.anyMessage && row.flavour !== 'busybox' ? stderr : (seen.stderr ?? ''),
        };
        // Where it is not known how busybox words its complaint, any is right.
        const said = row.flavour === 'busybox' ? inBusyboxWords(row, stderr) : stderr;
        assert.deepEqual({ exitCode, stdout: ordered(stdout), stderr: said ?? wanted.stderr }, wanted);
        assert.deepEqual(entriesOf(world), treeAfter(tree, row.seen));
      } catch (error) {
        if (!(error instanceof NotSimulated)) throw error;
        t.skip(error.reason);
      }
    });
  }
}

function inBusyboxWords({ run }: Row, stderr: string): string | undefined {
  const lines = stderr.split(/(?<=\n)/).filter((line) => line !== '');
  const words = lines.map((line) => busyboxWords(/^\w+/.exec(line)?.[0] ?? run[0]!, line));
  return words.includes(undefined) ? undefined : words.join('');
}

function treeAfter(before: readonly Entry[], { changed = [], gone = [] }: Row['seen']): Entry[] {
  const entries = new Map(before.map((entry) => [entry.path, entry]));
  for (const path of gone) entries.delete(path);
  for (const entry of changed) entries.set(entry.path, entry);
  return [...entries.values()].sort((a, b) => comparePaths(a.path, b.path));
}

function comparePaths(a: string, b: string): number {
  const [left, right] = [a.split('/'), b.split('/')];
  for (let index = 0; index < Math.min(left.length, right.length); index++) {
    if (left[index] !== right[index]) return left[index]! < right[index]! ? -1 : 1;
  }
  return left.length - right.length;
}
