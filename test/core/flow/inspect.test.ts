import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openContext } from '../../../src/context/build-context';
import { type Doors, Memory } from '../../../src/flow-doors';
import { DEFAULT_PLATFORM } from '../../../src/graph/build-options';
import type { Builder } from '../../../src/graph/builder';
import { inspect } from '../../../src/inspect';
import { type Inspection, layersOf } from '../../../src/inspection';
import { reasonsOf } from '../../../src/layers/certainty';
import { hostContents } from '../../../src/platform/contents';
import { runShell } from '../../../src/simulate/run/shell';
import { contextInMemory } from './memory-context';

const FILES = { 'a.txt': 'A', 'src/main.ts': 'main', 'src/lib/x.ts': 'x' };

describe('the flow', () => {
  test('layers of the target, those of the stage it stands on among them', async () => {
    const found = await run('FROM scratch AS one\nCOPY a.txt /a\nFROM one\nCOPY src /s\n');
    assert.deepEqual(
      layersOf(found, found.target!).map(({ layer }) => layer.createdBy),
      ['COPY a.txt /a # buildkit', 'COPY src /s # buildkit'],
    );
    assert.equal(found.target?.fileSystem.lookup('/s/lib/x.ts').kind, 'present');
  });

  test('a stage that the target does not need is not built, and its fault does not matter', async () => {
    const found = await run('FROM scratch AS bad\nCOPY nothing /x\nFROM scratch\nCOPY a.txt /a\n');
    assert.deepEqual(found.problems, []);
    assert.deepEqual(
      found.stages.map(({ isReached }) => isReached),
      [false, true],
    );
  });

  test('what lies in a folder that may not be there is a guess, what lies beside it is not', async () => {
    const text = 'FROM scratch\nCOPY ?^.txt /d/\nCOPY a.txt /d/\nCOPY a.txt /e/\n';
    const found = await run(text, { files: { ...FILES, 'b^.txt': 'B' } });
    assert.deepEqual(
      found.target?.steps.map(({ outcome }) => outcome?.layer.certainty.level),
      ['modelled', 'modelled', 'exact'],
    );
  });

  test('the classic builder knows no build checks', async () => {
    const text = '# check=error=true\nFROM scratch as a\nCOPY a.txt /a\n';
    const checks = async (builder: Builder) => {
      const { problems } = await run(text, { options: { buildArgs: {}, builder } });
      return problems.map(({ check, message }) => check ?? message);
    };
    assert.deepEqual(await checks('buildkit'), [
      'FromAsCasing',
      'lint violation found for rules: FromAsCasing',
    ]);
    assert.deepEqual(await checks('classic'), []);
  });

  test('a chosen target and build arguments', async () => {
    const text = 'ARG WHO=x\nFROM scratch AS first\nARG WHO\nCOPY a.txt /$WHO\nFROM scratch\nCOPY a.txt /b\n';
    const found = await run(text, { options: { target: 'first', buildArgs: { WHO: 'given' } } });
    assert.equal(found.target?.fileSystem.lookup('/given').kind, 'present');
    assert.match(
      (await run(text, { options: { target: 'no', buildArgs: {} } })).problems[0]!.message,
      /target stage "no" could not be found/,
    );
  });

  test('the build stops at the first step that fails, and says where', async () => {
    const found = await run('FROM scratch\nCOPY a.txt /a\nCOPY nothing /x\nCOPY src /s\n');
    assert.deepEqual(
      found.problems.map(({ severity, range }) => [severity, range.start.line]),
      [['error', 2]],
    );
    assert.equal(found.target?.steps[2]?.notReached, 'the build stops at line 3');
    assert.equal(found.target?.fileSystem.lookup('/a').kind, 'present');
  });

  test('what stands on a stage that fails is not reached either', async () => {
    const found = await run('FROM scratch AS a\nCOPY nothing /x\nFROM a\nCOPY a.txt /a\n');
    assert.equal(found.problems.length, 1);
    assert.equal(found.target?.steps[0]?.notReached, 'the build stops at line 2');
  });

  test('a stage may take only from earlier ones', async () => {
    const found = await run(
      'FROM scratch AS a\nCOPY --from=b /x /\nFROM scratch AS b\nCOPY a.txt /x\nFROM a\n',
    );
    assert.match(found.problems.map(({ message }) => message).join(), /cannot copy from stage "b"/);
  });
});

describe('honesty', () => {
  const levels = (found: Inspection) =>
    found.target!.steps.flatMap(({ outcome }) => outcome?.layer.certainty.level ?? []);
  const reasons = (found: Inspection) =>
    found.target!.steps.flatMap(({ outcome }) => (outcome ? reasonsOf(outcome.layer.certainty) : []));

  test('on a base that was not found nothing is exact, and the reason names it', async () => {
    const found = await run('FROM node:22\nWORKDIR /app\nCOPY . .\nRUN mkdir /x\nCOPY --link a.txt /alone\n');
    assert.deepEqual(levels(found), ['modelled', 'modelled', 'modelled', 'exact']);
    assert.ok(reasons(found).some((reason) => reason.includes('node:22')));
    assert.equal(found.problems.filter(({ severity }) => severity === 'error').length, 0);
  });

  test('a program that is not seen in an unknown base is not called absent', async () => {
    const found = await run('FROM node:22\nRUN some-tool --version\n');
    assert.deepEqual(levels(found), ['unknown']);
    assert.equal(found.problems.filter(({ severity }) => severity === 'error').length, 0);
  });

  test('in an image without a shell a RUN fails', async () => {
    const found = await run('FROM scratch\nRUN echo hi\n');
    assert.equal(found.problems[0]?.severity, 'error');
  });

  test('what is copied out of a stage that was guessed at is a guess', async () => {
    const found = await run(
      'FROM node:22 AS build\nCOPY . /app\nRUN npm run build\nFROM scratch\nCOPY --from=build /app/dist /dist\nCOPY a.txt /dist/a\nCOPY a.txt /other\n',
    );
    assert.deepEqual(levels(found), ['unknown', 'modelled', 'exact']);
  });

  test('what rests on a modelled command names the RUN of it, also in another stage', async () => {
    const found = await run(
      'FROM node:22 AS build\nRUN curl -so /f https://x.org/f\nFROM scratch\nCOPY --from=build /f /f\n',
    );
    assert.deepEqual(levels(found), ['modelled']);
    assert.match(reasons(found).join(), /`curl` is modelled.*, in `RUN curl -so \/f https:\/\/x.org\/f`/);
  });

  test('a cache that a RUN empties holds nothing for a later stage', async () => {
    const found = await run(
      'FROM node:22 AS build\nRUN mkdir -p /c && npm ci --cache /c && rm -rf /c && mkdir /c\nFROM scratch\nCOPY --from=build /c /c\nCOPY a.txt /c/a\n',
    );
    assert.deepEqual([...new Set(reasons(found))], ['what the base image node:22 holds is not known']);
  });

  test('a context that was not listed to its end', async () => {
    const found = await run('FROM scratch\nCOPY . /\n', { cap: 2 });
    assert.deepEqual(levels(found), ['modelled']);
    assert.match(reasons(found).join(), /more than 2 files/);
  });

  test('a file that a context which was not listed to its end may have', async () => {
    const found = await run('FROM scratch\nCOPY zzz /z\n', { cap: 1 });
    assert.deepEqual(levels(found), ['unknown']);
    assert.match(reasons(found).join(), /more than 1 files/);
  });

  test('a secret without which the build fails', async () => {
    const found = await run('FROM scratch\nRUN --mount=type=secret,id=s,required true\n');
    assert.match(reasons(found).join(), /fails unless the secret "s" is given/);
  });

  test('a download by the classic builder does not ask for the context', async () => {
    const dockerfile = 'FROM scratch\nADD https://example.com/x.tgz /d/\n';
    assert.deepEqual(
      levels(await run(dockerfile, { cap: 1, options: { buildArgs: {}, builder: 'classic' } })),
      ['modelled'],
    );
  });

  test('a context without modes', async () => {
    assert.deepEqual(levels(await run('FROM scratch\nCOPY . /\n', { hasModes: false })), ['modelled']);
  });

  test('a download is a placeholder', async () => {
    const found = await run('FROM scratch\nADD https://user:secret@example.com/x.tgz /d/\n');
    assert.deepEqual(levels(found), ['modelled']);
    assert.doesNotMatch(JSON.stringify(reasons(found)), /secret/);
  });

  test('a missing context', async () => {
    const found = await run('FROM scratch\nCOPY a.txt /\n', { noContext: true });
    assert.deepEqual(levels(found), ['unknown']);
  });
});

describe('an edit', () => {
  test('simulates anew only what it touches', async () => {
    const memory = new Memory();
    const doors = doorsOf({ memory });
    const first = await run('FROM scratch\nCOPY a.txt /a\nCOPY src /s\n', { doors });
    const second = await run('FROM scratch\n# a comment\nCOPY a.txt /a\nCOPY src /other\n', { doors });
    assert.equal(first.target?.steps[0]?.fileSystem, second.target?.steps[0]?.fileSystem);
    assert.notEqual(first.target?.steps[1]?.fileSystem, second.target?.steps[1]?.fileSystem);
    const third = await run('FROM scratch\nCOPY a.txt /a\nCOPY src /s\n', { doors });
    assert.equal(first.target?.fileSystem, third.target?.fileSystem);
  });

  test('a context that was listed anew and is the same changes nothing', async () => {
    const memory = new Memory();
    const text = 'FROM scratch\nENV A=1\nWORKDIR /w\nCOPY . /x\nWORKDIR /v\n';
    const [one, two] = [
      await run(text, { doors: doorsOf({ memory }) }),
      await run(text, { doors: doorsOf({ memory }) }),
    ];
    assert.equal(one.target?.steps[1]?.fileSystem, two.target?.steps[1]?.fileSystem);
  });

  test('another builder makes other layers of the same file, with one memory for both', async () => {
    const memory = new Memory();
    const text = 'FROM scratch\nCOPY a.txt /a\nCOPY a.txt /a\nWORKDIR /w\nWORKDIR /w\nCOPY src /s\n';
    const built = async (builder: Builder) => {
      const found = await run(text, { memory, options: { buildArgs: {}, builder } });
      return layersOf(found, found.target!).map(({ layer }) => layer.changes.length);
    };
    assert.deepEqual(await built('buildkit'), [1, 0, 1, 0, 4]);
    assert.deepEqual(await built('overlay2'), [1, 1, 1, 0, 4]);
    assert.deepEqual(await built('classic'), [1, 1, 1, 4]);
    assert.deepEqual(await built('buildkit'), [1, 0, 1, 0, 4]);
  });

  test('the classic builder stops at a fault in a stage that the target does not need', async () => {
    const text = 'FROM scratch AS bad\nCOPY nothing /x\nFROM scratch\nCOPY a.txt /a\n';
    const found = await run(text, { options: { buildArgs: {}, builder: 'classic' } });
    assert.deepEqual(
      found.stages.map(({ steps }) => steps[0]?.notReached),
      [undefined, 'the build stops at line 2'],
    );
  });

  test('is given up when a newer one came', async () => {
    const controller = new AbortController();
    controller.abort(new Error('superseded'));
    await assert.rejects(run('FROM scratch\nCOPY . /\n', { signal: controller.signal }), /superseded/);
  });
});

interface Setting {
  readonly files?: Readonly<Record<string, string>>;
  readonly cap?: number;
  readonly hasModes?: boolean;
  readonly noContext?: boolean;
  readonly memory?: Memory;
}

function doorsOf({ files = FILES, cap, hasModes, noContext, memory }: Setting): Doors {
  let now = 1_700_000_000;
  const context = openContext(contextInMemory(files, hasModes), {
    dockerfile: 'Dockerfile',
    ...(cap !== undefined && { cap }),
  });
  return {
    context: () => (noContext ? undefined : context),
    findImage: async (reference) => ({ kind: 'missing', reason: `the image ${reference} was not found` }),
    findLayout: async ({ path }) => ({ kind: 'missing', reason: `there is no layout ${path}` }),
    openFolder: () => undefined,
    inputs: {
      reader: hostContents(),
      archives: { open: async () => undefined },
      engine: { run: runShell },
      limits: { steps: 10_000, milliseconds: 1000, bytes: 1_000_000 },
      clock: () => now++,
    },
    ...(memory && { memory }),
  };
}

async function run(
  text: string,
  more: Setting & {
    doors?: Doors;
    signal?: AbortSignal;
    options?: { target?: string; buildArgs: Record<string, string>; builder?: Builder };
  } = {},
): Promise<Inspection> {
  const options = { buildArgs: {}, ...more.options, platform: DEFAULT_PLATFORM };
  return inspect({ text, options }, more.doors ?? doorsOf(more), more.signal);
}
