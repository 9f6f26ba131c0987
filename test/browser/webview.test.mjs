// Proof that the host of these tests shows webviews: a page under a strict content security policy, with script
// and style from files, whose button reaches the extension host and gets an answer. And that the driver's steps do
// what they say. Needs no built extension.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { projectRoot } from '../host/project.mjs';
import { openWorkbench } from './driver.mjs';

let workbench;

before(async () => {
  const fixture = path.join(projectRoot, 'test', 'host', 'fixtures', 'webview-extension');
  workbench = await openWorkbench({ extensionPath: fixture, theme: 'Dark Modern' });
});
afterEach((context) => workbench?.screenshotIfFailed(context));
after(() => workbench?.close());

test('a webview in an editor tab exchanges messages with the extension host', async () => {
  await workbench.runCommand('Webview Fixture: Open');
  const page = await workbench.webview('Webview in an editor tab');
  await page.getByRole('button', { name: 'Count' }).click();
  await page.getByText('the extension host saw click 1').waitFor();
  await workbench.screenshot('webview-in-editor');
  assert.match(await workbench.statusBar(), /clicked 1, styled true/);
});

test('so does a webview in a side bar', async () => {
  await workbench.showView('Fixture Webview');
  const page = await workbench.webview('Webview in a side bar view');
  await page.getByRole('button', { name: 'Count' }).click();
  await page.getByRole('button', { name: 'Count' }).click();
  await page.getByText('the extension host saw click 2').waitFor();
  await workbench.screenshot('webview-in-side-bar');
  assert.match(await workbench.statusBar(), /clicked 2, styled true/);
});

test('the driver reads and clicks a tree', async () => {
  const tree = await workbench.showView('Fixture Tree');
  await tree.expand('Fruit');
  await tree.row('Apple').waitFor();
  assert.deepEqual(await tree.rows(), [
    { label: 'Fruit', description: '2 kinds', level: 1, expanded: true },
    { label: 'Apple', description: 'a kind of fruit', level: 2, expanded: undefined },
    { label: 'Pear', description: 'a kind of fruit', level: 2, expanded: undefined },
    { label: 'Nuts', description: '1 kinds', level: 1, expanded: false },
  ]);
  await tree.click('Pear');
  await workbench.page.getByText('picked Pear').waitFor();
  await tree.clickAction('Apple', 'Eat');
  await workbench.page.getByText('ate Apple').waitFor();
});

test('the driver opens files, types, and reads hovers', async () => {
  await workbench.openFromExplorer('docker/worker.Dockerfile');
  await workbench.openFile('src/server.js');
  assert.deepEqual((await workbench.tabs()).slice(-2), ['worker.Dockerfile', 'server.js']);
  await workbench.editor.goTo(1);
  await workbench.editor.type('// first line\n');
  assert.equal((await workbench.editor.visibleLines())[0], '// first line');
  assert.match(await workbench.editor.hover('createServer'), /Fixture hover over createServer/);
  await workbench.editor.clickHoverLink('Pick it');
  await workbench.page.getByText('picked it').waitFor();
});

test('the theme can be changed while VS Code runs', async () => {
  await workbench.switchTheme('Light Modern');
  await workbench.screenshot('light-theme');
  await workbench.switchTheme('Dark Modern');
});
