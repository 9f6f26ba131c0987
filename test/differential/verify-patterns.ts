import { rmSync } from 'node:fs';
import path from 'node:path';
import table from '../core/context/patterns.json';
import { type GoldenFile, materialize } from '../core/golden/case';
import { escaped } from './dockerfile-words';
import { buildForReal, type RealBuild, type RealBuilder } from './real-build';

/** Builds each row of the table of patterns for real; gives the number of rows that the builder sees otherwise. */
export async function verifyPatterns(builder: RealBuilder): Promise<number> {
  let wrong = 0;
  const check = (name: string, notes: readonly string[]) => {
    if (notes.length === 0) return;
    wrong++;
    console.log(`${name}\n${notes.map((note) => `    ${note}`).join('\n')}`);
  };
  for (const { name, lines, out = [], kept = [], error } of table.ignore) {
    const ignoreFile = { path: '.dockerignore', type: 'file', text: lines } as const;
    const real = await build(['.', '/t/'], [ignoreFile, ...filesAt([...out, ...kept])], builder);
    check(
      name,
      differences(real, { wanted: kept, unwanted: out, fails: error !== undefined }, (file) => file),
    );
  }
  for (const { name, pattern, matches = [], others = [], error } of table.globs) {
    const real = await build([escaped(pattern), '/t/'], filesAt([...matches, ...others]), builder);
    check(
      name,
      differences(real, { wanted: matches, unwanted: others, fails: error === true }, path.basename),
    );
  }
  console.log(`${table.ignore.length + table.globs.length} rows, ${wrong} otherwise`);
  return wrong;
}

function filesAt(paths: readonly string[]): GoldenFile[] {
  return paths.map((place) => ({ path: place, type: 'file', text: place }));
}

async function build(
  words: readonly string[],
  files: readonly GoldenFile[],
  builder: RealBuilder,
): Promise<RealBuild> {
  const golden = { name: 'patterns', dockerfile: `FROM scratch\nCOPY ${JSON.stringify(words)}\n`, files };
  const context = materialize(golden, path.join(builder.work, golden.name));
  try {
    return await buildForReal(golden, context, builder);
  } finally {
    rmSync(context, { recursive: true });
  }
}

function differences(
  real: RealBuild,
  { wanted, unwanted, fails }: { wanted: readonly string[]; unwanted: readonly string[]; fails: boolean },
  nameOf: (file: string) => string,
): string[] {
  if (real.kind === 'failed') return fails ? [] : [`the build fails: ${real.error}`];
  if (fails) return ['the build succeeds'];
  const entries = real.image.layers.flatMap((layer) => layer.entries ?? []);
  const found = new Set(entries.map((entry) => entry.path));
  return [
    ...wanted.filter((file) => !found.has(`/t/${nameOf(file)}`)).map((file) => `${file} is not there`),
    ...unwanted.filter((file) => found.has(`/t/${nameOf(file)}`)).map((file) => `${file} is there`),
  ];
}
