import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import { Machine } from '../../../src/doors';
import { DEFAULT_BUILDER } from '../../../src/graph/builder';
import {
  BUILDER_SETS,
  builderCases,
  type GoldenCase,
  goldenCases,
  materialize,
  materializeFolder,
} from './case';
import { type Answer, compare } from './compare';
import { inspectContext } from './inspect-context';

/**
 * Every case is a Dockerfile and what the real builder made of it. A prediction may be unsure of itself; it may
 * never be wrong and call itself exact.
 */
/** One for all, so that the base images are listed once. */
const machine = new Machine();

const sets = [
  ...(['cases', 'run-cases', 'contexts', 'differential', 'mixed'] as const).map((set) => ({
    set,
    cases: goldenCases(set),
    builder: DEFAULT_BUILDER,
  })),
  ...BUILDER_SETS.map((set) => ({ set, cases: builderCases(set), builder: set })),
];

for (const { set, cases, builder } of sets) {
  describe(`golden ${set}`, () => {
    const layers = { own: 0, exact: 0 };
    const verdicts = new Map<string, string[]>();

    for (const golden of cases) {
      test(golden.name, async () => {
        const answer = await inspectCase(golden, builder);
        const own = answer.layers.filter(({ base }) => !base);
        layers.own += own.length;
        layers.exact += own.filter(({ certainty }) => certainty === 'exact').length;
        const { verdict, notes } = compare(golden.expected, answer);
        const { line } = golden.expected;
        const lines = answer.problems.filter(({ severity }) => severity === 'error').map((item) => item.line);
        if (line !== undefined) assert.ok(lines.includes(line), `fails at ${lines} instead of line ${line}`);
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

async function inspectCase(golden: GoldenCase, builder: string): Promise<Answer> {
  const context = materialize(golden);
  const named = Object.entries(golden.contexts ?? {}).map(([name, value]) => {
    return typeof value === 'string'
      ? { name, value }
      : { name, value: materializeFolder(value.files), isOurs: true };
  });
  try {
    const contexts = named.flatMap(({ name, value }) => ['--build-context', `${name}=${value}`]);
    return await inspectContext(context, golden, machine, ['--builder', builder, ...contexts]);
  } finally {
    rmSync(context, { recursive: true });
    for (const { value, isOurs } of named) if (isOurs) rmSync(value, { recursive: true });
  }
}
