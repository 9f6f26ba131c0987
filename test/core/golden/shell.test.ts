import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { Machine } from '../../../src/doors';
import { compareStates } from '../../shell-differential/compare';
import { predict } from '../../shell-differential/predict';
import type { Script } from '../../shell-differential/scripts';
import type { StateEntry } from '../../shell-differential/state';
import { BASES } from './case';

/** Scripts and what a real shell did on a real Debian: see test/shell-differential/README.md. */
interface Row extends Script {
  readonly exitCode: number;
  readonly entries: readonly StateEntry[];
}

const FOLDER = path.join('test', 'golden', 'shell');
const since = Math.floor(Date.now() / 1000);
const machine = new Machine();

for (const file of readdirSync(FOLDER)) {
  const rows = JSON.parse(readFileSync(path.join(FOLDER, file), 'utf8')) as Row[];
  describe(`real shell, ${file.replace('.json', '')}`, () => {
    for (const row of rows) {
      test(row.name, async () => {
        const { verdict, notes } = compareStates(row, await predict(row, BASES['deb:12'], machine, since));
        assert.ok(verdict !== 'wrong though exact', `${verdict}\n${notes.join('\n')}`);
        assert.notEqual(verdict, 'honest', `no longer simulated: ${notes.join('\n')}`);
      });
    }
  });
}
