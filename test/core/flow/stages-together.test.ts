import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Machine } from '../../../src/doors';
import { DEFAULT_PLATFORM } from '../../../src/graph/build-options';
import { inspect } from '../../../src/inspect';
import type { AskRemoteSize } from '../../../src/simulate/remote-sizes';

const inspected = (text: string, remoteSize: AskRemoteSize, signal?: AbortSignal) => {
  const doors = new Machine().doors({ contextFolder: undefined, dockerfile: 'Dockerfile', images: {} });
  const options = { buildArgs: {}, platform: DEFAULT_PLATFORM };
  return inspect({ text, options }, { ...doors, remoteSize }, signal);
};

/** A server that answers nobody until `count` have asked. */
function answersAllAtOnce(count: number, asked: string[] = []): AskRemoteSize {
  let answer = () => {};
  const all = new Promise<void>((resolve) => {
    answer = resolve;
  });
  return async (url) => {
    asked.push(url);
    if (asked.length === count) answer();
    await all;
    return { kind: 'known', size: 5 };
  };
}

describe('stages that do not need each other', () => {
  it('are simulated at the same time', async () => {
    const text = [
      'FROM scratch AS a\nADD http://h/a /',
      'FROM scratch AS b\nADD http://h/b /',
      'FROM scratch\nCOPY --from=a /a /\nCOPY --from=b /b /\n',
    ].join('\n');
    const { target, stages } = await inspected(text, answersAllAtOnce(2));
    assert.equal(target, stages[2]);
    assert.deepEqual(
      target!.steps.map(({ outcome }) => outcome!.layer.changes.map(({ path }) => path)),
      [['/a'], ['/b']],
    );
  });

  it('wait for those that they take from, and for no others', async () => {
    const asked: string[] = [];
    const text = [
      'FROM scratch AS a\nADD http://h/a /',
      'FROM a AS on-a\nADD http://h/on-a /',
      'FROM scratch AS b\nADD http://h/b /',
      'FROM on-a\nCOPY --from=b /b /\nADD http://h/last /\n',
    ].join('\n');
    await inspected(text, async (url) => {
      asked.push(url.slice('http://h/'.length));
      await new Promise((resolve) => setImmediate(resolve));
      return { kind: 'known', size: 1 };
    });
    assert.deepEqual(asked.slice(0, 2), ['a', 'b']);
    assert.deepEqual(asked.slice(2), ['on-a', 'last']);
  });

  it('tell what is wrong in the order of the file, whoever finds it first', async () => {
    const text = [
      'FROM scratch AS a\nADD http://h/a /\nCOPY --from=nowhere /x /y\nRUN no-shell',
      'FROM scratch AS b\nRUN no-shell',
      'FROM scratch\nCOPY --from=b /b /\nCOPY --from=a /a /\n',
    ].join('\n');
    const { problems } = await inspected(text, async () => ({ kind: 'known', size: 1 }));
    const lines = problems
      .filter(({ severity }) => severity === 'error')
      .map(({ range }) => range.start.line + 1);
    assert.deepEqual(
      lines,
      [...lines].sort((one, other) => one - other),
    );
    assert.ok(lines.length >= 2);
  });

  it('all end when the inspection is given up', async () => {
    const stop = new AbortController();
    const text =
      'FROM scratch AS a\nADD http://h/a /\nFROM scratch AS b\nADD http://h/b /\nFROM a\nCOPY --from=b /b /\n';
    const silent: AskRemoteSize = (_, signal) =>
      new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
    const inspecting = inspected(text, silent, stop.signal);
    setImmediate(() => stop.abort(new Error('given up')));
    await assert.rejects(inspecting, /given up/);
  });
});
