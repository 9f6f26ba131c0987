import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import { Machine } from '../../../src/doors';
import { type GoldenCase, goldenCases, materialize, materializeFolder } from './case';
import { type Answer, compare } from './compare';
import { inspectContext } from './inspect-context';

/**
 * Every case is a Dockerfile and what the real builder made of it. A prediction may be unsure of itself; it may
 * never be wrong and call itself exact.
 */
/** One for all, so that the base images are listed once. */
const machine = new Machine();

for (const set of ['cases', 'run-cases', 'contexts', 'differential'] as const) {
  describe(`golden ${set}`, () => {
    const layers = { own: 0, exact: 0 };
    const verdicts = new Map<string, string[]>();

    for (const golden of goldenCases(set)) {
      test(golden.name, async () => {
        const answer = await inspectCase(golden);
        const own = answer.layers.filter(({ base }) => !base);
        layers.own += own.length;
        layers.exact += own.filter(({ certainty }) => certainty === 'exact').length;
        const { verdict, notes } = compare(golden.expected, answer);
        verdicts.set(verdict, [...(verdicts.get(verdict) ?? []), golden.name]);
        assert.ok(verdict === 'match' || verdict === 'honest unknown', `${verdict}\n${notes.join('\n')}`);
      });
    }

    after(() => {
      for (const [verdict, names] of verdicts) {
        const list = verdict === 'match' ? '' : `: ${names.join(', ')}`;
        console.log(`${set}: ${names.length} ${verdict}${list}`);
      }
      console.log(`${set}: ${layers.exact} of ${layers.own} layers claim exact`);
    });
  });
}

async function inspectCase(golden: GoldenCase): Promise<Answer> {
  const context = materialize(golden);
  const named = Object.entries(golden.contexts ?? {}).map(([name, value]) => {
    return typeof value === 'string'
      ? { name, value }
      : { name, value: materializeFolder(value.files), isOurs: true };
  });
  try {
    const contexts = named.flatMap(({ name, value }) => ['--build-context', `${name}=${value}`]);
    return await inspectContext(context, golden, machine, contexts);
  } finally {
    rmSync(context, { recursive: true });
    for (const { value, isOurs } of named) if (isOurs) rmSync(value, { recursive: true });
  }
}
