import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import type { FoundImage } from '../../../src/build-sources';
import type { Doors } from '../../../src/flow-doors';
import { DEFAULT_PLATFORM } from '../../../src/graph/build-options';
import { workingDirectory } from '../../../src/graph/environment';
import { inspect } from '../../../src/inspect';
import type { Inspection } from '../../../src/inspection';
import { EXACT } from '../../../src/layers/certainty';
import type { ImageConfig } from '../../../src/layers/image';
import { historyOf } from '../../../src/pages/texts';

/** A text and what the builder's frontend made of it; test/golden/frontend/README.md has the fields. */
interface Row {
  readonly dockerfile: string;
  readonly buildArgs?: Readonly<Record<string, string>>;
  readonly target?: string;
  readonly images?: Readonly<Record<string, { readonly config: ImageConfig }>>;
  readonly expected: {
    readonly error?: string;
    readonly line?: number;
    readonly config?: Readonly<Record<string, unknown>>;
    readonly history?: readonly object[];
    readonly runs?: readonly object[];
    readonly warnings?: readonly string[];
  };
}

const ROWS = JSON.parse(readFileSync(path.join('test', 'golden', 'frontend', 'rows.json'), 'utf8')) as Row[];

describe('what the frontend says before a step runs', () => {
  for (const [index, row] of ROWS.entries()) {
    test(`${index}: ${JSON.stringify(row.dockerfile)}`, async () => {
      const { target, buildArgs = {}, expected } = row;
      const options = { target, buildArgs, platform: DEFAULT_PLATFORM };
      const found = await inspect({ text: row.dockerfile, options }, doorsOf(row));
      if (expected.error !== undefined) checkError(expected.error, expected.line, found);
      else assert.deepEqual(seen(found), { warnings: [], runs: [], ...expected });
    });
  }
});

/** Problems that a simulated step found are none of the frontend's. */
function planProblems({ problems, stages }: Inspection) {
  const failing = stages.flatMap(({ steps }) => steps.filter(({ step }) => step.fault === undefined));
  const simulated = new Set(failing.map(({ outcome }) => outcome?.error));
  return problems.filter(({ severity, message }) => severity === 'error' && !simulated.has(message));
}

function checkError(error: string, line: number | undefined, found: Inspection): void {
  const problems = planProblems(found);
  // A symbolic mode that cannot be read is only "invalid syntax" there; we say whose.
  const said = problems.find(({ message }) => message === error || message.endsWith(`: ${error}`));
  assert.ok(said, `${error} is not among ${JSON.stringify(problems.map(({ message }) => message))}`);
  // The frontend counts the lines of directives from 0.
  const isCounted = line !== undefined && line > 0 && !/parser directive|escape token|check opt/.test(error);
  if (isCounted && !/file with no instructions/.test(error)) assert.equal(said.range.start.line + 1, line);
}

function seen(found: Inspection) {
  assert.deepEqual(
    planProblems(found).map(({ message }) => message),
    [],
  );
  const { config = {} } = found.target?.end ?? {};
  const lines = historyOf({ kind: 'dockerfile', inspection: found, explain: () => undefined });
  return {
    config: Object.fromEntries(Object.entries(config).filter(([name, value]) => isSaid(name, value))),
    history: lines.map(({ createdBy, emptyLayer }) => ({
      created_by: createdBy,
      ...(emptyLayer && { empty_layer: true }),
    })),
    runs: unique(
      found.stages.filter(({ isReached }) => isReached).flatMap(({ steps }) => steps.flatMap(runOf)),
    ),
    warnings: [...new Set(found.problems.flatMap(warningOf))].sort(),
  };
}

/** An empty list is none. */
function isSaid(name: string, value: unknown): boolean {
  const isEmpty = typeof value === 'object' && Object.keys(value ?? {}).length === 0;
  return name !== 'ArgsEscaped' && value !== undefined && value !== '' && !isEmpty;
}

function warningOf({ check, message }: Inspection['problems'][number]): string[] {
  return check === undefined ? [] : [`${check}: ${message}`];
}

function runOf({ step: { action, environment } }: Inspection['stages'][number]['steps'][number]): object[] {
  if (action.kind !== 'run') return [];
  const { User } = environment.config;
  return [
    {
      args: action.argv,
      env: [...action.variables].map(([name, value]) => `${name}=${value}`).sort(),
      cwd: workingDirectory(environment.config),
      ...(User && { user: User }),
    },
  ];
}

/** Two equal RUNs one after the other are one operation there; of stages side by side the order is open. */
function unique(runs: readonly object[]): object[] {
  const byText = new Map(runs.map((run) => [JSON.stringify(run), run]));
  return [...byText].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, run]) => run);
}

function doorsOf({ images = {} }: Row): Doors {
  const findImage = async (name: string): Promise<FoundImage> => {
    const config = images[name]?.config ?? { Env: ['PATH=/usr/bin:/bin'] };
    return {
      kind: 'found',
      image: { name, platform: DEFAULT_PLATFORM, config, history: [], layers: [] },
    };
  };
  const nothing = { exitCode: 0, stderr: '', certainty: EXACT, openRegions: [], commands: [] };
  return {
    context: () => undefined,
    findLayout: async () => ({ kind: 'missing', reason: 'there are no layouts here' }),
    openFolder: () => undefined,
    findImage,
    inputs: {
      reader: {
        read: async () => new Uint8Array(),
        digest: async () => '',
        digests: async () => new Map(),
      },
      archives: { open: async () => undefined },
      engine: { run: async () => nothing },
      limits: { milliseconds: 1_000, bytes: 1_000, steps: 1_000 },
      clock: () => 0,
    } as unknown as Doors['inputs'],
  };
}
