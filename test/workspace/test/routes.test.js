import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answer } from '../src/routes.js';

test('a task without a title is refused', async () => {
  assert.deepEqual(await answer({}, 'POST', '/api/tasks', {}), [400, { error: 'title is missing' }]);
});
