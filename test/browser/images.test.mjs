// Images of an engine and of a registry, as a user meets them: bases that come by themselves, the list, a comparison.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { temporaryFolder } from '../host/at-exit.mjs';
import { projectRoot } from '../host/project.mjs';
import { openWorkbench } from './driver.mjs';

const GOLDEN = path.join(projectRoot, 'test', 'golden', 'compare');
const ARCHIVE = path.join(GOLDEN, 'classic.tar');
const { folder } = temporaryFolder('images');
const asked = [];
let engine;
let registry;
let workbench;

before(async () => {
  const socket = path.join(folder, 'docker.sock');
  engine = await listen(recordedEngine(), socket);
  registry = await listen(smallRegistry(), 0);
  const { port } = registry.address();
  const workspace = path.join(folder, 'workspace');
  cpSync(path.join(GOLDEN, 'app'), workspace, { recursive: true });
  writeFileSync(path.join(workspace, 'engine.Dockerfile'), 'FROM cmp:classic\nCOPY src/one.txt /two.txt\n');
  writeFileSync(
    path.join(workspace, 'registry.Dockerfile'),
    `FROM 127.0.0.1:${port}/app:1\nWORKDIR /app/x\n`,
  );
  workbench = await openWorkbench({
    workspace,
    env: { DOCKER_HOST: `unix://${socket}` },
    theme: 'Dark Modern',
    size: { width: 1400, height: 1400 },
  });
});
afterEach((context) => workbench?.screenshotIfFailed(context));
after(async () => {
  await workbench?.close();
  engine?.close();
  registry?.close();
});

test('a base that the engine holds is found by itself', async () => {
  await workbench.openFile('engine.Dockerfile');
  const layers = await workbench.showView('Layers');
  await eventually('the layers of the base', async () =>
    (await layers.rows()).some(
      ({ label, description }) => label.startsWith('Base') && /4 layers/.test(description),
    ),
  );
  const lines = (await workbench.editor.visibleLines()).join('\n');
  assert.match(lines, /COPY src\/one\.txt \/two\.txt\s*\+4 B$/m);
});

test('the images of the engine are listed with their history', async () => {
  const images = await workbench.showView('Images');
  await eventually('the image', async () =>
    (await images.rows()).some(({ label }) => label === 'cmp:classic'),
  );
  await images.expand('cmp:classic');
  await eventually('its history', async () =>
    (await images.rows()).some(({ label }) => /^LABEL who=me/.test(label)),
  );
  const rows = await images.rows();
  assert.match(
    rows.find(({ label }) => label === 'cmp:classic').description,
    /^dfa9fa3433ee · .* ago · 16 B$/,
  );
  assert.ok(
    rows.some(({ label, description }) => /^COPY --chown=7:8/.test(label) && /^4 B/.test(description)),
  );
  await workbench.screenshot('images-view');
});

test('an image of the list opens as a Dockerfile does', async () => {
  const images = workbench.view('Images');
  await images.clickAction('cmp:classic', 'Show Layers and Files');
  const layers = workbench.view('Layers');
  await eventually('its layers', async () =>
    (await layers.rows()).some(({ label }) => /WORKDIR \/app/.test(label)),
  );
});

test('an image is put beside the Dockerfile it was built from', async () => {
  await workbench.page.locator('a[aria-label^="Explorer"]').first().click();
  await workbench.openFromExplorer('Dockerfile');
  await workbench.runCommand('Dockerfile Layers: Compare with a Built Image…');
  await workbench.quickInput.pick('cmp:classic');
  await workbench.editor.waitFor('cmp:classic beside the Dockerfile');
  const text = (await workbench.editor.visibleLines()).join('\n');
  assert.match(text, /line 3 +COPY src\/ \.\/src\/ # buildkit\n +equal · predicted 8 B \(exact\) · real 8 B/);
  const layers = await workbench.showView('Layers');
  await eventually('the real sizes in the tree', async () =>
    (await layers.rows()).some(
      ({ label, description }) =>
        label.startsWith('COPY src/one.txt') && /really 4 B, equal/.test(description),
    ),
  );
  await workbench.screenshot('compare-with-image');
});

test('a registry is asked when the user agrees, and not before', async () => {
  await workbench.openFile('registry.Dockerfile');
  await workbench.editor.hover('FROM');
  assert.deepEqual(asked, []);
  await workbench.editor.clickHoverLink('Get it from its registry…');
  await workbench.page.locator('.monaco-dialog-box .monaco-button', { hasText: 'Allow' }).first().click();
  const layers = await workbench.showView('Layers');
  await eventually('the layers of the base', async () =>
    (await layers.rows()).some(
      ({ label, description }) => label.startsWith('Base') && /1 layer/.test(description),
    ),
  );
  assert.ok(asked.includes('/v2/app/manifests/1'));
});

/** Asks again until `probe` gives something; views follow in their own time. */
async function eventually(what, probe, within = 20_000) {
  for (const end = Date.now() + within; ; await workbench.page.waitForTimeout(100)) {
    if (await probe()) return;
    if (Date.now() > end) throw new Error(`Waited in vain for ${what}`);
  }
}

function listen(server, where) {
  return new Promise((resolve) => server.listen(where, '127.0.0.1', () => resolve(server)));
}

/** What a real engine answered, and the archive that it saved. */
function recordedEngine() {
  const answers = JSON.parse(readFileSync(path.join(GOLDEN, 'engine.json'), 'utf8'));
  const [{ Id: id }] = answers['/images/json'];
  return createServer((request, response) => {
    const url = decodeURIComponent(request.url)
      .replace(/^\/v[\d.]+/, '')
      .replace(/\?.*/, '')
      .replace(id, 'cmp:classic');
    response.setHeader('api-version', '1.41');
    if (url === '/_ping') return response.end('OK');
    if (url === '/images/cmp:classic/get') return response.end(readFileSync(ARCHIVE));
    response.statusCode = answers[url] ? 200 : 404;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(answers[url] ?? { message: `No such image: ${url}` }));
  });
}

/** A registry that holds the first layer of the archive as `app:1`. */
function smallRegistry() {
  const names = execFileSync('tar', ['tf', ARCHIVE], { encoding: 'utf8' }).split('\n');
  const [{ Layers: layers }] = JSON.parse(member('manifest.json'));
  const layer = member(layers[0]);
  const whole = JSON.parse(member(names.find((name) => /^[0-9a-f]{64}\.json$/.test(name))));
  const config = Buffer.from(
    JSON.stringify({
      ...whole,
      history: whole.history.slice(0, 1),
      rootfs: { type: 'layers', diff_ids: [digestOf(layer)] },
    }),
  );
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: describe('application/vnd.oci.image.config.v1+json', config),
      layers: [describe('application/vnd.oci.image.layer.v1.tar', layer)],
    }),
  );
  const blobs = new Map([config, layer].map((blob) => [`/v2/app/blobs/${digestOf(blob)}`, blob]));
  return createServer((request, response) => {
    asked.push(request.url);
    const found = /^\/v2\/app\/manifests\//.test(request.url) ? manifest : blobs.get(request.url);
    if (request.url === '/v2/') return response.end('{}');
    if (!found) {
      response.statusCode = 404;
      return response.end();
    }
    if (found === manifest) response.setHeader('content-type', 'application/vnd.oci.image.manifest.v1+json');
    response.setHeader('docker-content-digest', digestOf(found));
    response.setHeader('content-length', found.length);
    response.end(request.method === 'HEAD' ? undefined : found);
  });
}

function member(name) {
  return execFileSync('tar', ['xOf', ARCHIVE, name], { maxBuffer: 1e8 });
}

function describe(mediaType, blob) {
  return { mediaType, digest: digestOf(blob), size: blob.length };
}

function digestOf(blob) {
  return `sha256:${createHash('sha256').update(blob).digest('hex')}`;
}
