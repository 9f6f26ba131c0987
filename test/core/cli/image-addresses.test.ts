import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { FakeRegistry, noise } from '../images/fake-registry';
import { file, sampleImage, temporaryFolder } from '../images/saved-images';

const CLI = path.resolve('dist', 'cli.js');

/** The program and a registry beside it, so it runs while this process answers. */
describe('the command line with images of a registry', () => {
  let registry: FakeRegistry;
  let cache = '';

  before(async () => {
    registry = await FakeRegistry.start();
    cache = temporaryFolder();
  });
  after(() => registry.close());

  const blobs = () => path.join(cache, 'dockerfile-layers', 'images', 'blobs');
  const address = (name: string) => `registry://${registry.host}/${name}:1`;

  function start(...args: string[]) {
    const env = { ...process.env, XDG_CACHE_HOME: cache, DOCKER_CONFIG: cache };
    const program = spawn(process.execPath, [CLI, ...args], { env });
    const said = { out: '', err: '' };
    program.stdout.on('data', (text) => {
      said.out += text;
    });
    program.stderr.on('data', (text) => {
      said.err += text;
    });
    const ended = once(program, 'close').then(([status, signal]) => ({ status, signal, ...said }));
    return { program, ended };
  }

  it('leaves nothing half fetched behind when it is interrupted', async () => {
    const image = registry.image(await sampleImage([[file('big', noise(500_000))]]), ['1']);
    const stopped = new Promise<void>((resolve) => {
      registry.on(new RegExp(`slow/blobs/${image.layers[0]!.digest}`), (_, response) => {
        const bytes = registry.content(image.layers[0]!.digest);
        response.setHeader('content-length', bytes.length);
        response.write(bytes.subarray(0, 200_000), () => resolve());
      });
    });
    const { program, ended } = start('inspect', address('slow'));
    await stopped;
    while (!readdirSync(blobs()).some((name) => name.endsWith('.part')))
      await new Promise((resolve) => setTimeout(resolve, 20));
    program.kill('SIGINT');
    assert.equal((await ended).signal, 'SIGINT');
    assert.deepEqual(
      readdirSync(blobs()).filter((name) => name.endsWith('.part')),
      [],
    );
  });

  it('fetches anew what was damaged on disk', async () => {
    const { config } = registry.image(await sampleImage([[file('a', 'hello')]]), ['1']);
    assert.equal((await start('tree', address('app')).ended).status, 0);
    const kept = path.join(blobs(), config.digest.replace(':', '-'));
    const bytes = readFileSync(kept);
    writeFileSync(kept, Buffer.alloc(bytes.length, 'x'));
    const { status, out, err } = await start('tree', address('app')).ended;
    assert.equal(err, '');
    assert.match(out, / \/a\n$/);
    assert.equal(status, 0);
    assert.deepEqual(readFileSync(kept), bytes);
  });

  it('looks at the only platform that there is, unless another one is asked for', async () => {
    const image = await sampleImage([[file('a')]], { architecture: 's390x' });
    registry.image(image, ['1']);
    assert.equal((await start('inspect', address('z')).ended).status, 0);
    const { status, err } = await start('inspect', address('z'), '--platform', 'linux/amd64').ended;
    assert.match(err, /no image for linux\/amd64; it has linux\/s390x/);
    assert.equal(status, 2);
  });

  it('says that it shows what was fetched before when the registry cannot be asked', async () => {
    registry.image(await sampleImage([[file('a')]]), ['1']);
    const name = address('kept');
    assert.equal((await start('inspect', name).ended).err, '');
    registry.close();
    const { status, out, err } = await start('tree', name).ended;
    assert.match(err, /nothing answers at .*; .*kept:1 is taken as it was fetched on \d{4}-\d\d-\d\d\n$/);
    assert.match(out, / \/a\n$/);
    assert.equal(status, 0);
  });
});
