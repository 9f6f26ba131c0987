import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Expected } from '../core/golden/case';
import type { GeneratedCase } from './generate';

/** Keeps a case with the builder's answer, in the form of the golden cases: an entry a line, so that differences are readable. */
export function storeCase(golden: GeneratedCase, expected: Expected, folder: string): void {
  const place = path.join(folder, golden.name);
  rmSync(place, { recursive: true, force: true });
  mkdirSync(place, { recursive: true });
  writeFileSync(path.join(place, 'case.json'), `${JSON.stringify(golden, undefined, 1)}\n`);
  writeFileSync(path.join(place, 'expected.json'), `${expectedText(expected)}\n`);
}

function expectedText({ error, line, config, history = [], layers = [] }: Expected): string {
  if (error !== undefined) return JSON.stringify({ error: withoutPlaces(error), line });
  const rows = layers.map(({ entries, ...head }) => {
    const listed = entries?.map((entry) => `   ${JSON.stringify(entry)}`).join(',\n');
    return listed
      ? `  ${JSON.stringify(head).slice(0, -1)},"entries":[\n${listed}\n  ]}`
      : `  ${JSON.stringify({ ...head, entries })}`;
  });
  const lines = history.map((item) => `  ${JSON.stringify(item)}`);
  return `{"config":${JSON.stringify(config)},\n "history":[\n${lines.join(',\n')}\n ],\n "layers":[\n${rows.join(',\n')}\n ]}`;
}

/** Without where the builder kept its snapshots, and the names it made up. */
function withoutPlaces(error: string): string {
  return error.replace(/\/\S*\/(?:buildkit\d+|snapshots\/\d+\/fs)(?=\/)/g, '').replace(/ref \S+:/, 'ref:');
}
