import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { contextFolderOnDisk } from '../../../src/platform/context-folder';

const NOBODY = 65_534;
const root = mkdtempSync(path.join(tmpdir(), 'unreadable-'));
const isRoot = process.getuid?.() === 0;
// Windows knows no such modes.
const skip = process.platform === 'win32';

chmodSync(root, 0o755);
mkdirSync(path.join(root, 'closed'));
writeFileSync(path.join(root, 'closed.txt'), 'closed');
writeFileSync(path.join(root, 'open.txt'), 'open');
writeFileSync(path.join(root, '.dockerignore'), 'x');
for (const name of ['closed', 'closed.txt', '.dockerignore']) chmodSync(path.join(root, name), 0);

after(() => rmSync(root, { recursive: true, force: true }));

/** Nothing is closed to root. */
function asNobody<T>(act: () => T): T {
  if (isRoot) process.seteuid!(NOBODY);
  try {
    return act();
  } finally {
    if (isRoot) process.seteuid!(0);
  }
}

test('a folder of the context that cannot be read is not taken for an empty one', { skip }, () => {
  const folder = contextFolderOnDisk(root);
  assert.throws(
    () => asNobody(() => folder.list('closed')),
    /^Error: Cannot read ".*closed" in the build context: permission denied$/,
  );
  assert.deepEqual(folder.list('gone'), []);
});

test('an ignore file that cannot be read is not taken for absent', { skip }, () => {
  const folder = contextFolderOnDisk(root);
  assert.throws(
    () => asNobody(() => folder.text('.dockerignore')),
    /\.dockerignore" in the build context: permission denied/,
  );
  assert.equal(folder.text('Dockerfile.dockerignore'), undefined);
});

test('the contents of a file that cannot be read are not known', { skip }, () => {
  const nodes = asNobody(() => contextFolderOnDisk(root).list(''));
  const kinds = nodes.flatMap(({ name, node }) =>
    node.kind === 'file' ? [`${name}: ${node.content.kind}`] : [],
  );
  assert.deepEqual(kinds.sort(), ['.dockerignore: placeholder', 'closed.txt: placeholder', 'open.txt: file']);
});
