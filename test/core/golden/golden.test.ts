import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { parseArguments } from '../../../src/cli/arguments';
import { inspectJson } from '../../../src/cli/json';
import { openSource } from '../../../src/cli/source';
import { Machine } from '../../../src/doors';
import { BASES, type GoldenCase, goldenCases, materialize, materializeFolder } from './case';
import { type Answer, compare } from './compare';

/**
 * Every case is a Dockerfile and what the real builder made of it. A prediction may be unsure of itself; it may
 * never be wrong and call itself exact.
 */
/** One for all, so that the base images are listed once. */
const machine = new Machine();

for (const set of ['cases', 'run-cases', 'contexts'] as const) {
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
    const images = Object.entries(BASES).flatMap(([name, file]) => [
      '--image',
      `${name}=${path.resolve(file)}`,
    ]);
    const args = Object.entries(golden.buildArgs ?? {}).flatMap(([name, value]) => [
      '--build-arg',
      `${name}=${value}`,
    ]);
    const contexts = named.flatMap(({ name, value }) => ['--build-context', `${name}=${value}`]);
    const target = golden.target === undefined ? [] : ['--target', golden.target];
    const source = await openSource(
      parseArguments(['inspect', context, ...images, ...args, ...contexts, ...target], {}),
      machine,
    );
    return JSON.parse(await inspectJson(source)) as Answer;
  } finally {
    rmSync(context, { recursive: true });
    for (const { value, isOurs } of named) if (isOurs) rmSync(value, { recursive: true });
  }
}
