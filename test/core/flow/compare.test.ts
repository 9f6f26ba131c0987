import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { type Comparison, compareWithImage } from '../../../src/comparison';
import { Machine } from '../../../src/doors';
import { matchHistory } from '../../../src/graph/match-history';
import { inspect } from '../../../src/inspect';
import { parsePlatform } from '../../../src/layers/image';
import { comparisonText } from '../../../src/pages/comparison-text';
import { PLAIN } from '../../../src/pages/palette';

const FOLDER = path.join('test', 'golden', 'compare');
const DOCKERFILE = readFileSync(path.join(FOLDER, 'app', 'Dockerfile'), 'utf8');

async function compared(archive: string, text = DOCKERFILE): Promise<Comparison> {
  const machine = new Machine();
  const doors = machine.doors({
    contextFolder: path.join(FOLDER, 'app'),
    dockerfile: 'Dockerfile',
    images: {},
  });
  const platform = parsePlatform('linux/amd64');
  const inspection = await inspect(
    { text, options: { platform, buildPlatform: platform, buildArgs: {} } },
    doors,
  );
  const image = await machine.image(path.join(FOLDER, archive), undefined);
  return compareWithImage(inspection, image, machine.reader);
}

const verdicts = ({ steps }: Comparison) =>
  steps.map(({ step, verdict }) => `${step.step.instruction.range.start.line + 1} ${verdict}`);

describe('an image beside its Dockerfile', () => {
  for (const archive of ['buildkit.tar', 'classic.tar']) {
    it(`is as predicted: ${archive}`, async () => {
      const comparison = await compared(archive);
      assert.deepEqual(
        verdicts(comparison),
        [2, 3, 4, 7, 8, 9, 10].map((line) => `${line} equal`),
      );
      assert.equal(comparison.isSameBase, true);
      assert.deepEqual(comparison.unmatched, []);
      assert.ok(comparison.steps.every(({ by }) => by === 'same'));
    });
  }

  it('shows where another builder does otherwise: buildah makes no layer of WORKDIR', async () => {
    const comparison = await compared('buildah.tar');
    const [workdir, ...others] = verdicts(comparison);
    assert.equal(workdir, '2 differs');
    assert.ok(others.every((verdict) => verdict.endsWith(' equal')));
    assert.deepEqual(
      comparison.steps[0]!.differences.map(({ path, kind }) => `${kind} ${path}`),
      ['only predicted /app'],
    );
  });

  it('names the paths and what is other about them', async () => {
    const text = DOCKERFILE.replace('--chown=7:8', '--chown=9:8 --chmod=600').replace(
      'one.txt /app',
      'one.txt /opp',
    );
    const comparison = await compared('buildkit.tar', text);
    assert.deepEqual(
      verdicts(comparison).filter((verdict) => verdict.endsWith('differs')),
      ['7 differs', '9 differs'],
    );
    const shown = comparisonText(comparison, PLAIN);
    assert.match(shown, /\+ \/app\/src\/sub\/two\.txt\n/);
    assert.match(shown, /- \/opp\/src\/sub\/two\.txt\n/);
    assert.match(shown, /~ \/data\/two\.txt {2}mode 0600 → 0644, owner 9:8 → 7:8\n/);
    assert.match(shown, /built with other words/);
  });

  it('finds contents that are other though their sizes are the same', async () => {
    const comparison = await compared(
      'buildkit.tar',
      DOCKERFILE.replace('src/one.txt', '--chmod=755 src/sub/two.txt'),
    );
    const line = comparison.steps.find(({ verdict }) => verdict === 'differs')!;
    assert.deepEqual(
      line.differences.map(({ path, aspects }) => `${path} ${aspects.join()}`),
      ['/app/src/sub/two.txt content'],
    );
  });

  it('vouches for nothing in a layer that is not exact', async () => {
    // The base is not known, so neither is what COPY meets there.
    const text = DOCKERFILE.replace('FROM scratch', 'FROM nobody/has:this').replace(
      '--chown=7:8',
      '--chown=9:9',
    );
    const comparison = await compared('buildkit.tar', text);
    const line = comparison.steps.find(({ step }) => step.step.instruction.range.start.line === 8)!;
    assert.equal(line.verdict, 'as modelled');
    assert.ok(line.differences.length > 0 && line.differences.every(({ doubt }) => doubt !== undefined));
    assert.equal(comparison.isSameBase, undefined);
    const shown = comparisonText(comparison, PLAIN);
    assert.equal(shown.match(/not vouched for: what the base image/g)?.length, 1);
    assert.match(shown, /\+ only in the image, - only predicted/);
  });

  it('tells instructions that came later or went', async () => {
    const more = await compared('classic.tar', DOCKERFILE.replace('LABEL', 'USER me\nLABEL'));
    assert.ok(verdicts(more).includes('8 absent'));
    const less = await compared('classic.tar', DOCKERFILE.replace('LABEL who="me"\n', ''));
    assert.deepEqual(
      less.unmatched.map(({ entry }) => /LABEL.*/.exec(entry.created_by!)?.[0]),
      ['LABEL who=me'],
    );
  });

  it('refuses an image of another Dockerfile', async () => {
    const text = 'FROM scratch\nCOPY Dockerfile /other\nADD src /that\n';
    await assert.rejects(compared('buildkit.tar', text), /built from another one/);
  });
});

describe('the rows of a history', () => {
  const rows = (...words: string[]) => words.map((created_by) => ({ created_by }));
  const match = (words: string[], history: string[]) =>
    matchHistory(words, rows(...history)).map(({ own, row, by }) => `${own}-${row} ${by}`);

  it('are found behind those of the base, even where they say the same', () => {
    assert.deepEqual(match(['ENV A=b', 'CMD ["x"]'], ['ENV A=b', 'CMD ["x"]', 'ENV A=b', 'CMD ["x"]']), [
      '0-2 same',
      '1-3 same',
    ]);
  });

  it('are the same whatever builder wrote them', () => {
    const words = [
      'RUN |1 A=b c /bin/sh -c make # buildkit',
      'COPY a b /to/ # buildkit',
      'CMD ["sh" "-c" "x"]',
      'WORKDIR /w',
    ];
    const classic = [
      '|1 A=other value /bin/sh -c make',
      '/bin/sh -c #(nop) COPY multi:0123 in /to/ ',
      '/bin/sh -c #(nop)  CMD ["sh" "-c" "x"]',
      '/bin/sh -c #(nop) WORKDIR /w',
    ];
    assert.deepEqual(match(words, classic), ['0-0 same', '1-1 same', '2-2 same', '3-3 same']);
  });

  it('with other words go to the same kind of instruction between those that are sure', () => {
    const words = [
      'RUN /bin/sh -c a # buildkit',
      'RUN /bin/sh -c b # buildkit',
      'RUN /bin/sh -c c # buildkit',
    ];
    assert.deepEqual(
      match(words, ['RUN /bin/sh -c a # buildkit', 'RUN /bin/sh -c old # buildkit', words[2]!]),
      ['0-0 same', '1-1 kind', '2-2 same'],
    );
  });

  it('stay alone where nothing is like them', () => {
    assert.deepEqual(match(['USER a'], ['RUN /bin/sh -c a', 'ENV A=b']), []);
  });
});
