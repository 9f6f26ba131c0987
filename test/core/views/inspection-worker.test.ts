import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import type { DockerfileQuestion, InspectionPage, WorkerData } from '../../../src/pages/protocol';

/** The thread of the product, spoken to as the extension host does. */
class Thread {
  readonly received: Record<string, unknown>[] = [];
  private readonly worker = new Worker(path.resolve('dist', 'inspection.worker.js'), {
    workerData: { cacheFolder: path.join(tmpdir(), 'no-images'), storeLimit: 0 } satisfies WorkerData,
  });
  private notify = () => {};

  constructor() {
    this.worker.on('message', (message) => {
      this.received.push(message);
      this.notify();
    });
  }

  post(message: unknown): void {
    this.worker.postMessage(message);
  }

  inspect(id: number, text: string, more: Partial<DockerfileQuestion> = {}): void {
    this.post({ id, name: 'inspectDockerfile', question: { ...QUESTION, text, ...more } });
  }

  async message(fits: (message: Record<string, unknown>) => boolean): Promise<Record<string, unknown>> {
    for (;;) {
      const found = this.received.find(fits);
      if (found) return found;
      await new Promise<void>((resolve) => {
        this.notify = resolve;
      });
    }
  }

  end(): Promise<unknown> {
    return this.worker.terminate();
  }
}

const QUESTION: DockerfileQuestion = {
  key: 'k',
  text: '',
  dockerfile: undefined,
  contextFolder: undefined,
  target: undefined,
  buildArgs: {},
  platform: 'linux/amd64',
  builder: 'buildkit',
  contexts: {},
  images: { 'deb:12': path.resolve('test', 'golden', 'cases', 'bases', 'debian12-skeleton.tar') },
  asksSizes: false,
  asksImages: false,
  contextCap: 1_000,
  runMilliseconds: 60_000,
  runBytes: 16 * 2 ** 20,
};
const BUSY = "FROM deb:12\nRUN echo x | sed ':a;ba'\n";

test('a busy thread gives signs of life, and an edit ends what it makes void', async () => {
  const thread = new Thread();
  thread.inspect(1, BUSY);
  await thread.message((message) => 'simulating' in message);
  const since = performance.now();
  thread.post({ id: 2, name: 'ping', question: {} });
  await thread.message(({ id }) => id === 2);
  thread.inspect(3, 'FROM deb:12\nRUN echo hi > /f\n');
  const answer = (await thread.message(({ id }) => id === 3)).answer as InspectionPage;
  assert.ok(performance.now() - since < 2_000, 'it took as long as the RUN');
  assert.equal(answer.stages[0]!.steps[0]!.layer?.certainty.level, 'exact');
  assert.equal((await thread.message(({ id }) => id === 1)).code, 'superseded');
  // What was cut off is not what the line comes to.
  thread.inspect(4, BUSY, { runMilliseconds: 200 });
  const again = (await thread.message(({ id }) => id === 4)).answer as InspectionPage;
  assert.deepEqual(again.stages[0]!.steps[0]!.layer?.certainty, {
    level: 'unknown',
    reasons: ['stopped after 0.2 seconds'],
  });
  await thread.end();
});

test('a step that made an earlier thread hang is unknown with the reason, and the rest goes on', async () => {
  const first = new Thread();
  first.inspect(1, BUSY);
  const { simulating } = await first.message((message) => 'simulating' in message);
  await first.end();
  const second = new Thread();
  second.post({ hung: (simulating as string[]).map((step) => [step, 'no sign of life for 15 s']) });
  second.inspect(1, `${BUSY}FROM deb:12\nRUN echo hi > /f\nCOPY --from=0 /etc/passwd /x\n`);
  const { stages } = (await second.message(({ id }) => id === 1)).answer as InspectionPage;
  const reason = 'the simulation of this line was given up: no sign of life for 15 s';
  assert.deepEqual(stages[0]!.steps[0]!.layer?.certainty, { level: 'unknown', reasons: [reason] });
  assert.equal(stages[1]!.steps[0]!.layer?.certainty.level, 'exact');
  await second.end();
});
