// The product's main job, as a user does it with mouse and keys: open a Dockerfile, see its layers, open files.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { openWorkbench } from './driver.mjs';

let workbench;
let layers;
let files;

before(async () => {
  workbench = await openWorkbench({
    theme: 'Dark Modern',
    size: { width: 1400, height: 1200 },
    // VS Code in a browser saves by itself otherwise.
    settings: { 'files.autoSave': 'off' },
  });
});
afterEach((context) => workbench?.screenshotIfFailed(context));
after(() => workbench?.close());

/** Asks again until `probe` gives something; views follow in their own time. */
async function eventually(what, probe, within = 15_000) {
  for (const end = Date.now() + within; ; await workbench.page.waitForTimeout(100)) {
    const value = await probe();
    if (value) return value;
    if (Date.now() > end) throw new Error(`Waited in vain for ${what}`);
  }
}

async function row(start) {
  return eventually(`a row "${start}…"`, async () =>
    (await layers.rows()).find(({ label }) => label.startsWith(start)),
  );
}

test('before a Dockerfile is open, the view says what it is for', async () => {
  layers = await workbench.showView('Layers');
  files = workbench.view('Files');
  await layers.body.getByText('Open a Dockerfile to see the layers it makes').waitFor();
  await workbench.screenshot('welcome');
});

test('the Dockerfile of the sample opens, with sizes at the ends of its lines', async () => {
  await workbench.page.locator('a[aria-label^="Explorer"]').first().click();
  await workbench.openFromExplorer('Dockerfile');
  const text = await eventually('sizes', async () => {
    const lines = (await workbench.editor.visibleLines()).join('\n');
    return lines.includes('+146 B') && lines;
  });
  assert.match(text, /^FROM \$\{BASE_IMAGE\} AS base$/m);
  assert.match(text, /^COPY \. \.\s*\+[\d.]+ kB$/m);
  assert.match(text, /^RUN npm ci --omit=dev\s*\?$/m);
});

test('the tree shows stages, and under the target what each line adds', async () => {
  layers = await workbench.showView('Layers');
  await row('RUN rm -r data');
  const rows = await layers.rows();
  const stages = rows.filter(({ level }) => level === 1).map(({ label }) => label);
  assert.deepEqual(stages, ['base', 'packages', 'build', 'runtime']);
  assert.equal((await row('COPY <<EOF')).description, '+146 B · 1 added');
  assert.equal((await row('RUN rm /etc')).description, '+206 B · 2 added · 1 modified · 1 deleted');
  assert.equal((await row('COPY --from=packages')).description, 'size unknown · 1 added · modelled');
  await workbench.page.waitForTimeout(700);
});

test('a layer opens into the folders and files that it changes', async () => {
  await layers.expand((await row('RUN rm /etc')).label);
  await layers.row('etc/nginx').waitFor();
  await layers.expand('etc/nginx');
  await layers.row('nginx.conf').waitFor();
  await layers.expand('conf.d');
  await layers.row('default.conf').waitFor();
  const changed = (await layers.rows()).filter(({ level }) => level > 2);
  assert.deepEqual(
    changed.map(({ label, description }) => `${label} ${description}`.trim()),
    [
      'etc/nginx 206 B',
      'conf.d',
      'default.conf 61 B stay below',
      'nginx.conf 206 B (content, time)',
      'var/log/nginx',
    ],
  );
  await workbench.screenshot('tree-dark');
});

test('a hover tells what a line does, and its link opens a merged file', async () => {
  await workbench.editor.goTo(42);
  const hover = await workbench.editor.hover('RUN rm /etc');
  assert.match(hover, /RUN makes layer 5 of 12 in runtime · \+206 B/);
  assert.match(hover, /Exact: all 4 commands were simulated/);
  await workbench.page.waitForTimeout(500);
  await workbench.screenshot('hover-dark');
  await workbench.editor.clickHoverLink('/etc/nginx/nginx.conf');
  await workbench.editor.waitFor('nginx.conf');
  assert.match((await workbench.editor.visibleLines()).join('\n'), /^worker_processes 2;$/m);
  assert.deepEqual(await workbench.tabs(), ['Dockerfile', 'nginx.conf']);
  await workbench.screenshot('merged-file-dark');
});

test('a modified file is compared with what it was before the step', async () => {
  await layers.clickAction('nginx.conf', 'Compare');
  await workbench.page.locator('.tab.active').filter({ hasText: 'before ↔ after line 42' }).waitFor();
  await workbench.page.getByText('worker_processes auto').first().waitFor();
  await workbench.screenshot('compare-dark');
});

test('the file view shows the end of the build, and the state after any line', async () => {
  await layers.row((await row('COPY <<EOF')).label).hover();
  await layers.clickAction((await row('COPY <<EOF')).label, 'Show Files');
  await eventually('the chosen line', async () =>
    (await files.pane.textContent()).includes('after line 32: COPY <<EOF'),
  );
  await files.expand('etc');
  await files.row('passwd').waitFor();
  await workbench.screenshot('files-dark');
});

test('a file is found by parts of its path', async () => {
  await files.clickTitleAction('Find File');
  await workbench.page.keyboard.type('nginx tasks', { delay: 20 });
  const rows = await eventually('what is found', async () => {
    const found = await workbench.quickInput.rows();
    return found.length === 1 && found;
  });
  assert.match(rows[0], /tasks\.conf.*\/etc\/nginx\/conf\.d\/tasks\.conf/);
  await workbench.screenshot('find-dark');
  await workbench.page.keyboard.press('Enter');
  await workbench.editor.waitFor('tasks.conf');
  assert.match((await workbench.editor.visibleLines()).join('\n'), /root \/srv\/tasks\/public;/);
});

test('the tree follows an edit that is not saved, and keeps what is open', async () => {
  await workbench.page.locator('.tab').filter({ hasText: 'Dockerfile' }).first().click();
  await workbench.editor.waitFor('Dockerfile');
  await workbench.editor.goTo(50, 1);
  await workbench.editor.type('COPY NOTICES.md /notices.md\n');
  await eventually(
    'the new line',
    async () => (await row('COPY NOTICES.md')).description === '+79 B · 1 added',
  );
  assert.equal((await row('RUN rm /etc')).expanded, true);
  const saved = readFileSync(path.join(workbench.workspace, 'Dockerfile'), 'utf8');
  assert.doesNotMatch(saved, /\/notices\.md/);
  await workbench.screenshot('edited-dark');
});

test('a file of the context that changes on the disk is followed', async () => {
  const { writeFile } = await import('node:fs/promises');
  await writeFile(path.join(workbench.workspace, 'NOTICES.md'), 'x'.repeat(1000));
  await eventually(
    'the new size',
    async () => (await row('COPY NOTICES.md')).description === '+1 kB · 1 added',
  );
});

test('a line that fails is marked, and what comes after it is not reached', async () => {
  await workbench.editor.goTo(50, 1);
  await workbench.editor.type('COPY missing.txt /\n');
  await eventually('the failure', async () => (await row('COPY missing.txt')).description === 'fails');
  await eventually('what follows', async () => (await row('RUN rm -r data')).description === 'not reached');
  await workbench.editor.goTo(50, 1);
  await workbench.page.waitForTimeout(600);
  await workbench.screenshot('failing-dark');
  await workbench.page.keyboard.press('Control+Shift+k');
  await eventually(
    'the end of the failure',
    async () => (await row('RUN rm -r data')).description !== 'not reached',
  );
});

test('a missing base image reads well', async () => {
  await workbench.editor.goTo(2, 5);
  await workbench.page.keyboard.press('Shift+End');
  await workbench.editor.type('BASE_IMAGE=node:20');
  await eventually('the new base', async () => (await row('base')).description.startsWith('FROM node:20 '));
  await workbench.page.waitForTimeout(500);
  await layers.expand('base');
  await layers.row('node:20 was not found').waitFor();
  await workbench.page.waitForTimeout(500);
  await workbench.screenshot('missing-base-dark');
});

test('light colours fit as well', async () => {
  await workbench.editor.goTo(2, 5);
  await workbench.page.keyboard.press('Shift+End');
  await workbench.editor.type('BASE_IMAGE=sample-base:1');
  await eventually('the base', async () => (await row('base')).description.startsWith('FROM sample-base'));
  await workbench.switchTheme('Light Modern');
  await workbench.editor.goTo(42);
  await workbench.editor.hover('RUN rm /etc');
  await workbench.page.waitForTimeout(500);
  await workbench.screenshot('hover-light');
  await workbench.page.keyboard.press('Escape');
  await layers.expand('etc/nginx');
  await workbench.page.waitForTimeout(500);
  await workbench.screenshot('tree-light');
  await layers.click('nginx.conf');
  await workbench.editor.waitFor('nginx.conf');
  await workbench.screenshot('merged-file-light');
});

test('an open merged file is there again after the window was reloaded', async () => {
  await workbench.switchTheme('Dark Modern');
  await workbench.runCommand('Developer: Reload Window');
  await workbench.page.waitForEvent('load');
  await workbench.page.locator('.tab.active').filter({ hasText: 'nginx.conf' }).waitFor({ timeout: 60_000 });
  await workbench.page.getByText('worker_processes').first().waitFor({ timeout: 30_000 });
  await workbench.screenshot('after-reload-dark');
});
