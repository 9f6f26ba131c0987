import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Envelope, PageError } from '../../../src/pages/protocol';
import type { Thread, ThreadEvents } from '../../../src/platform/thread';
import { InspectionClient } from '../../../src/views/inspection-client';

/** Threads that answer as a test says, one behaviour for each start. */
function clientOf(...behaviours: ((envelope: Envelope, events: ThreadEvents) => void)[]) {
  let starts = 0;
  let ended = 0;
  const start = (events: ThreadEvents): Thread => {
    const behave = behaviours[Math.min(starts++, behaviours.length - 1)]!;
    return { post: (message) => behave(message as Envelope, events), terminate: () => ended++ };
  };
  const client = new InspectionClient({
    start,
    patience: () => 10_000,
    serve: async () => ({ kind: 'unknown', reason: 'no network here' }),
  });
  return { client, counts: () => ({ starts, ended }) };
}

const answers = ({ id, name }: Envelope, { message }: ThreadEvents) => message({ id, answer: name });
const isSilent = () => {};

test('the thread starts with the first question, and answers find theirs', async () => {
  const { client, counts } = clientOf(answers);
  assert.equal(counts().starts, 0);
  assert.deepEqual(
    await Promise.all([
      client.ask('contextSources', { text: '' }),
      client.ask('inspectImage', { key: 'a', file: 'b', platform: 'linux/amd64' }),
    ]),
    ['contextSources', 'inspectImage'],
  );
  assert.equal(counts().starts, 1);
  client.dispose();
});

test('a fault keeps its code', async () => {
  const { client } = clientOf(({ id }, { message }) => message({ id, error: 'gone', code: 'closed' }));
  await assert.rejects(client.ask('close', { key: 'a' }), (error) => {
    return error instanceof PageError && error.code === 'closed' && error.message === 'gone';
  });
  client.dispose();
});

test('what the thread asks for is asked by the host, and given up with the thread', async () => {
  const posted: unknown[] = [];
  let events: ThreadEvents | undefined;
  const signals: AbortSignal[] = [];
  const client = new InspectionClient({
    start: (given) => {
      events = given;
      return { post: (message) => posted.push(message), terminate: () => {} };
    },
    patience: () => 10_000,
    serve: async (question, signal) => {
      signals.push(signal);
      if (question.kind === 'remote size' && question.url.endsWith('slow'))
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
      return { kind: 'known', size: 7 };
    },
  });
  client.ask('contextSources', { text: '' }).catch(() => {});
  posted.length = 0;
  events!.message({ request: 1, kind: 'remote size', url: 'http://h/f' });
  events!.message({ request: 2, kind: 'remote size', url: 'http://h/slow' });
  events!.message({ request: 3, kind: 'remote size', url: 'http://h/slow' });
  events!.message({ request: 2, kind: 'cancel' });
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(posted, [{ request: 1, answer: { kind: 'known', size: 7 } }]);
  assert.deepEqual(
    signals.map(({ aborted }) => aborted),
    [false, true, false],
  );
  client.dispose();
  assert.equal(signals[2]!.aborted, true);
});

test('a silent thread is ended and started anew; the inspection is repeated, other questions are not', async (context) => {
  context.mock.timers.enable({ apis: ['setInterval', 'Date'] });
  const { client, counts } = clientOf(isSilent, answers);
  const inspection = client.ask('inspectImage', { key: 'a', file: 'b', platform: 'linux/amd64' });
  const other = client.ask('close', { key: 'a' });
  const refused = assert.rejects(other, (error) => error instanceof PageError && error.code === 'closed');
  context.mock.timers.tick(12_000);
  assert.equal((await inspection) as unknown, 'inspectImage');
  await refused;
  assert.deepEqual(counts(), { starts: 2, ended: 1 });
  client.dispose();
});

test('a thread that hangs twice ends in one clear error', async (context) => {
  context.mock.timers.enable({ apis: ['setInterval', 'Date'] });
  const { client } = clientOf(isSilent);
  const inspection = client.ask('inspectImage', { key: 'a', file: 'b', platform: 'linux/amd64' });
  const refused = assert.rejects(inspection, /failed twice: no sign of life for 10 s/);
  for (let seconds = 0; seconds < 30; seconds++) context.mock.timers.tick(1_000);
  await refused;
  client.dispose();
});

test('a step in which the thread hangs is left out by the next one', async (context) => {
  context.mock.timers.enable({ apis: ['setInterval', 'Date'] });
  const told: unknown[] = [];
  const hangsIn =
    (step: string) =>
    (message: Envelope | object, { message: send }: ThreadEvents) => {
      if ('hung' in message) told.push(message.hung);
      else if ('name' in message && message.name !== 'ping') send({ simulating: [step] });
    };
  const { client, counts } = clientOf(hangsIn('RUN a'), hangsIn('RUN b'), (message, events) => {
    if ('hung' in message) told.push(message.hung);
    else answers(message, events);
  });
  const inspection = client.ask('inspectImage', { key: 'a', file: 'b', platform: 'linux/amd64' });
  for (let seconds = 0; seconds < 30; seconds++) context.mock.timers.tick(1_000);
  assert.equal((await inspection) as unknown, 'inspectImage');
  assert.equal(counts().starts, 3);
  const reason = 'no sign of life for 10 s';
  assert.deepEqual(told, [
    [['RUN a', reason]],
    [
      ['RUN a', reason],
      ['RUN b', reason],
    ],
  ]);
  client.dispose();
});

test('a thread that dies is replaced', async () => {
  const { client, counts } = clientOf(
    (_, { ended }) => queueMicrotask(() => ended('out of memory')),
    answers,
  );
  assert.equal(
    (await client.ask('inspectImage', { key: 'a', file: 'b', platform: 'linux/amd64' })) as unknown,
    'inspectImage',
  );
  assert.equal(counts().starts, 2);
  client.dispose();
});

test('a thread that answers pings is given its time', async (context) => {
  context.mock.timers.enable({ apis: ['setInterval', 'Date'] });
  const { client, counts } = clientOf((envelope, events) => {
    if (envelope.name === 'ping') answers(envelope, events);
  });
  const asked = client.ask('inspectImage', { key: 'a', file: 'b', platform: 'linux/amd64' });
  asked.catch(() => {});
  for (let seconds = 0; seconds < 120; seconds++) context.mock.timers.tick(1_000);
  assert.equal(counts().starts, 1);
  client.dispose();
});
