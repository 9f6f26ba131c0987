import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { EngineKind } from '../../src/images/engine/endpoint';
import { Engine } from '../../src/images/engine/engine';
import { imageHistory, listImages } from '../../src/images/engine/engine-images';
import { fetchFromEngine } from '../../src/images/engine/fetch-image';
import { findDocker } from '../../src/images/engine/find-docker';
import { findPodman } from '../../src/images/engine/find-podman';
import { inspectImage } from '../../src/images/engine/inspect-image';
import { ImageStore } from '../../src/images/store/image-store';
import type { Image } from '../../src/layers/image';
import { HostArchives } from '../../src/platform/archive-bytes';
import { bareMachine } from '../core/images/fake-engine';
import { temporaryFolder } from '../core/images/saved-images';
import { missing, type RealEngine, type RealPodman, startDocker, startPodman } from './real-engines';
import { buildContext, buildWithBuildah } from './sample-images';
import { type Tree, treeOfExport, treeOfFolder, treeOfImage } from './trees';

async function connect(kind: EngineKind, host: string): Promise<Engine> {
  const env = kind === 'docker' ? { DOCKER_HOST: host } : { CONTAINER_HOST: host };
  const around = bareMachine({ PATH: process.env.PATH, ...env });
  return Engine.open(await (kind === 'docker' ? findDocker(around) : findPodman(around)), around);
}

async function fetched(engine: Engine, reference: string): Promise<Image> {
  const store = new ImageStore(temporaryFolder(), { bytes: 1e9 });
  const record = await fetchFromEngine(engine, reference, undefined, store);
  return store.open(record, new HostArchives(), {});
}

/** Path by path, so that a difference is told by its path. */
function assertSameTree(actual: Tree, expected: Tree): void {
  const sorted = (tree: Tree) => Object.fromEntries([...tree].sort(([a], [b]) => (a < b ? -1 : 1)));
  assert.ok(expected.size > 3);
  assert.deepEqual(sorted(actual), sorted(expected));
}

describe('Docker', { skip: missing('docker', 'dockerd', 'podman', 'buildah') }, () => {
  let docker: RealEngine;
  let podman: RealPodman;
  let engine: Engine;
  before(async () => {
    [docker, podman] = await Promise.all([startDocker(), startPodman()]);
    engine = await connect('docker', docker.host);
    await buildWithBuildah(podman);
    const archive = path.join(temporaryFolder(), 'changed.tar');
    await podman.buildah('push', '--quiet', 'localhost/changed:1', `docker-archive:${archive}:changed:1`);
    await docker.run('load', '--input', archive);
    await docker.run('build', '--quiet', '--tag', 'built:1', '--tag', 'built:again', buildContext());
  });
  after(async () => {
    await docker?.stop();
    await podman?.stop();
  });

  /** A container's own layer, which the engine makes for each, is no part of the image. */
  const exported = async (name: string) => {
    const container = await docker.run('create', name, '/none');
    const tree = await treeOfExport(docker.host, container);
    await docker.run('rm', container);
    for (const at of tree.keys())
      if (/^\/(\.dockerenv|dev|etc\/(hostname|hosts|mtab|resolv\.conf)|proc|sys)(\/|$)/.test(at))
        tree.delete(at);
    return tree;
  };

  it('gives an image that it built', async () => {
    const tree = treeOfImage(await fetched(engine, 'built:1'));
    const expected = await exported('built:1');
    // The engine makes this folder for a container's files.
    if (!tree.has('/etc')) expected.delete('/etc');
    assertSameTree(tree, expected);
    assert.equal(tree.get('/app/lib/copy'), 'file 0644 7:8 5000');
  });

  it('gives an image that buildah made', async () => {
    const tree = treeOfImage(await fetched(engine, 'changed:1'));
    assertSameTree(tree, await exported('changed:1'));
    assert.ok(tree.has('/opt/replaced/new') && !tree.has('/opt/replaced/old') && !tree.has('/opt/removed'));
  });

  it('gives an image by its ID', async () => {
    const { id } = await inspectImage(engine, 'built:1');
    const [byId, byName] = [await fetched(engine, id), await fetched(engine, 'built:1')];
    assert.deepEqual(treeOfImage(byId), treeOfImage(byName));
  });

  it('lists images as docker images does', async () => {
    const format = '{{.Repository}} {{.Tag}} {{.ID}}';
    const rows = (await docker.run('images', '--no-trunc', '--format', format)).split('\n');
    const listed = (await listImages(engine)).map(({ repository, tag, id }) => `${repository} ${tag} ${id}`);
    assert.deepEqual(listed.sort(), rows.sort());
    assert.ok(listed.some((row) => row.startsWith('built again ')));
  });

  it('tells the history as docker history does', async () => {
    const format = '{{.ID}}|{{.CreatedBy}}|{{.Size}}|{{.Comment}}';
    const shown = await docker.run('history', '--no-trunc', '--human=false', '--format', format, 'built:1');
    const history = await imageHistory(engine, 'built:1');
    const rows = history.map(({ id = '<missing>', createdBy, size, comment }) => [
      id,
      createdBy,
      size,
      comment,
    ]);
    assert.deepEqual(
      rows.map((row) => row.join('|')),
      shown.split('\n'),
    );
  });

  it('tells where its layers lie', async () => {
    const { layers, driver, platform, labels } = await inspectImage(engine, 'built:1');
    const json = JSON.parse(await docker.run('image', 'inspect', 'built:1'))[0];
    assert.equal(driver, json.GraphDriver.Name);
    assert.deepEqual([platform.os, platform.architecture], [json.Os, json.Architecture]);
    assert.equal(labels['made-for'], 'tests');
    assert.deepEqual(
      layers.map(({ diffId }) => diffId),
      json.RootFS.Layers,
    );
    if (driver !== 'overlay2') return;
    assert.deepEqual(treeOfFolder(layers.at(-1)!.folder!).get('/app/lib/copy'), 'file 0644 7:8 5000');
    assert.ok(layers.every(({ folder }) => folder !== undefined && existsSync(folder)));
  });

  it('is left as it was', async () => {
    const images = async () =>
      (await docker.run('images', '--all', '--no-trunc', '--quiet')).split('\n').sort();
    const before = await images();
    await fetched(engine, 'built:1');
    await assert.rejects(fetched(engine, 'not-there:1'), { kind: 'missing' });
    assert.deepEqual(await images(), before);
    assert.equal(await docker.run('ps', '--all', '--quiet'), '');
  });
});

describe('Podman', { skip: missing('podman', 'buildah', 'docker', 'dockerd') }, () => {
  let docker: RealEngine;
  let podman: RealPodman;
  let engine: Engine;
  before(async () => {
    [docker, podman] = await Promise.all([startDocker(), startPodman()]);
    engine = await connect('podman', podman.host);
    await buildWithBuildah(podman);
    const context = buildContext();
    await podman.run('build', '--quiet', '--tag', 'localhost/built:1', context);
    await docker.run('build', '--quiet', '--tag', 'from-docker:1', context);
    const archive = path.join(temporaryFolder(), 'docker.tar');
    await docker.run('save', '--output', archive, 'from-docker:1');
    await podman.run('load', '--input', archive);
  });
  after(async () => {
    await docker?.stop();
    await podman?.stop();
  });

  for (const [maker, reference] of [
    ['buildah in one layer', 'localhost/base:1'],
    ['buildah in two layers', 'localhost/changed:1'],
    ['podman build', 'localhost/built:1'],
    ['docker build', 'from-docker:1'],
  ]) {
    it(`gives an image that was made by ${maker}, as podman image mount shows it`, async () => {
      const tree = treeOfImage(await fetched(engine, reference!));
      const mounted = await podman.run('image', 'mount', reference!);
      assertSameTree(tree, treeOfFolder(mounted));
      await podman.run('image', 'unmount', reference!);
    });
  }

  it('finds a short name that it made local', async () => {
    const [short, whole] = [await fetched(engine, 'built:1'), await fetched(engine, 'localhost/built:1')];
    assert.deepEqual(treeOfImage(short), treeOfImage(whole));
  });

  it('lists images as podman images does', async () => {
    const format = '{{.Repository}} {{.Tag}} sha256:{{.Id}}';
    const rows = (await podman.run('images', '--no-trunc', '--format', format)).split('\n');
    const listed = (await listImages(engine)).map(({ repository, tag, id }) => `${repository} ${tag} ${id}`);
    assert.deepEqual(listed.sort(), rows.map((row) => row.replace('sha256:sha256:', 'sha256:')).sort());
  });

  it('has no image that was never made', () =>
    assert.rejects(fetched(engine, 'not-there:1'), {
      kind: 'missing',
      message: `Cannot get not-there:1 from Podman at ${engine.address.label}: it has no image not-there:1: build or pull it there, or see "podman images"`,
    }));
});
