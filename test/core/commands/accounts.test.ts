import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Inode, WritableLayer } from '../../../src/filesystem/writable';
import { inlineContent } from '../../../src/layers/content';
import { NotSimulated } from '../../../src/simulate/run/command';
import { byteStringOf } from '../../../src/simulate/run/commands/bytes';
import { emptyWorld, NOW, runIn } from './world';

interface Entry {
  readonly path: string;
  readonly mode: string;
  readonly owner: string;
  readonly text?: string;
  readonly target?: string;
}
interface Row {
  readonly commands: readonly string[];
  readonly exitCodes: readonly number[];
  readonly changed: readonly Entry[];
}

const folder = join('test/core/commands', 'accounts');
const read = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8'));

for (const row of read('golden.json') as Row[]) {
  test(`accounts: ${row.commands.join('; ')}`, async (t) => {
    const world = emptyWorld();
    for (const entry of read('base.json') as Entry[]) place(world, entry);
    const before = new Map(snapshot(world).map((entry) => [entry.path, JSON.stringify(entry)]));
    const exitCodes: number[] = [];
    try {
      for (const command of row.commands) {
        const { exitCode, models } = await runIn(world, { run: words(command) });
        if (models.length > 0) return t.skip(`modelled: ${models[0]}`);
        exitCodes.push(exitCode);
      }
    } catch (error) {
      if (!(error instanceof NotSimulated)) throw error;
      return t.skip(error.reason);
    }
    const changed = snapshot(world).filter((entry) => before.get(entry.path) !== JSON.stringify(entry));
    assert.deepEqual({ exitCodes, changed }, { exitCodes: row.exitCodes, changed: row.changed });
  });
}

/** As the shell splits a command line that has nothing but single quotes. */
test('accounts: what the programs warn of', async () => {
  const world = emptyWorld();
  for (const entry of read('base.json') as Entry[]) place(world, entry);
  const says = async (command: string) => (await runIn(world, { run: words(command) })).stderr;
  assert.equal(
    await says('useradd -u 500 -s /nope a'),
    "useradd: Warning: missing or non-executable shell '/nope'\n" +
      "useradd warning: a's uid 500 outside of the UID_MIN 1000 and UID_MAX 60000 range.\n",
  );
  assert.equal(
    await says('useradd -r -u 2000 -s /sbin/nologin b'),
    "useradd warning: b's uid 2000 is greater than SYS_UID_MAX 999\n",
  );
  assert.match(await says('usermod -U a'), /^usermod: unlocking .* passwordless account\.\nYou should /);
  await says('useradd -g b c');
  assert.equal(
    await says('userdel b'),
    'userdel: group b is the primary group of another user and is not removed.\n',
  );
});

function words(command: string): string[] {
  return [...command.matchAll(/(?:[^\s']|'[^']*')+/g)].map(([word]) => word.replaceAll("'", ''));
}

function place(world: WritableLayer, { path, mode, owner, text }: Entry): void {
  const [uid, gid] = owner.split(':').map(Number) as [number, number];
  const metadata = { mode: Number.parseInt(mode, 8), uid, gid };
  if (text === undefined) {
    world.makeFolders(path, metadata);
    return;
  }
  world.makeFolders(path.slice(0, path.lastIndexOf('/')), { mode: 0o755, uid: 0, gid: 0 });
  world.place(path, { kind: 'file', content: inlineContent(text), ...metadata, mtime: 0 });
}

function snapshot(world: WritableLayer): Entry[] {
  const entries: Entry[] = [];
  const visit = (path: string, inode: Inode): void => {
    entries.push(entryOf(path, inode));
    if (inode.node.kind !== 'directory') return;
    for (const name of world.namesIn(inode).sort()) visit(`${path}/${name}`, world.child(inode, name)!);
  };
  for (const path of ['/etc', '/home', '/opt', '/srv']) visit(path, world.stat(path));
  return entries;
}

function entryOf(path: string, { node }: Inode): Entry {
  const entry = { path, mode: node.mode.toString(8), owner: `${node.uid}:${node.gid}` };
  if (node.kind === 'symlink') return { ...entry, target: node.target };
  if (node.kind !== 'file') return entry;
  const text = node.content.kind === 'inline' ? byteStringOf(node.content.bytes) : '';
  return { ...entry, text: text.replaceAll(`:${Math.floor(NOW / 86_400)}:`, ':TODAY:') };
}
