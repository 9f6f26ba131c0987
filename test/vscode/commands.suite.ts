import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { textUri } from '../../src/views/address';
import { readArguments } from '../../src/views/commands/choose-build';
import { code, plain } from '../../src/views/markdown';
import { keyOfDocument, showSample } from './sample';
import { eventually, type Suite } from './suite';

export const commands: Suite = {
  name: 'commands',
  tests: {
    'every command of the manifest is there': async () => {
      await showSample();
      const manifest = vscode.extensions.getExtension('dockerfile-layers.dockerfile-layers')?.packageJSON;
      const known = new Set(await vscode.commands.getCommands());
      for (const { command } of manifest.contributes.commands) assert.ok(known.has(command), command);
    },

    'a file is compared before and after a step': async () => {
      const { document } = await showSample();
      const address = {
        key: keyOfDocument(document),
        moment: { stage: 3, step: 3 },
        path: '/etc/nginx/nginx.conf',
      };
      await vscode.commands.executeCommand('dockerfileLayers.compareFile', address);
      const { activeTab } = vscode.window.tabGroups.activeTabGroup;
      assert.equal(activeTab?.label, 'nginx.conf (before ↔ after line 42)');
      assert.ok(activeTab.input instanceof vscode.TabInputTextDiff);
      assert.notEqual(activeTab.input.original.authority, activeTab.input.modified.authority);
    },

    'the history opens as a text, newest first': async () => {
      await showSample();
      await vscode.commands.executeCommand('dockerfileLayers.showHistory');
      const text = vscode.window.activeTextEditor?.document.getText() ?? '';
      assert.match(text, /^ +SIZE +CREATED BY\n +0 B +CMD \["node"/);
      assert.match(text, /debian\.sh/);
    },

    "a layer's listing opens from the cursor": async () => {
      const shown = await showSample();
      shown.selection = new vscode.Selection(41, 0, 41, 0);
      await vscode.commands.executeCommand('dockerfileLayers.showLayer');
      const text = vscode.window.activeTextEditor?.document.getText() ?? '';
      assert.match(text, /^M -rw-r--r-- .*\/etc\/nginx\/nginx\.conf/m);
      assert.match(text, /^D .*\/etc\/nginx\/conf\.d\/default\.conf/m);
    },

    'a here-document opens, and one that has gone says so': async () => {
      const { document } = await showSample();
      const key = keyOfDocument(document);
      const open = async (step: number) =>
        vscode.workspace.openTextDocument(
          textUri(key, { kind: 'heredoc', moment: { stage: 3, step }, name: 'EOF' }, 'EOF'),
        );
      assert.match((await open(2)).getText(), /root \/srv\/tasks\/public;/);
      assert.match((await open(1)).getText(), /no here-document EOF/);
    },

    'files after a line are shown without a question': async () => {
      const shown = await showSample();
      shown.selection = new vscode.Selection(17, 0, 17, 0);
      await vscode.commands.executeCommand('dockerfileLayers.showFiles');
    },

    'a map of images in the settings is taken up at once': async () => {
      const { document } = await showSample();
      const settings = vscode.workspace.getConfiguration('dockerfileLayers', document.uri);
      const count = () =>
        vscode.languages.getDiagnostics(document.uri).filter(({ message }) => /was not found/.test(message))
          .length;
      await settings.update('images', {}, vscode.ConfigurationTarget.Workspace);
      await eventually('the warning', () => count() > 0);
      const images = { 'sample-base:1': 'base-image.tar' };
      await settings.update('images', images, vscode.ConfigurationTarget.Workspace);
      await eventually('the end of the warning', () => count() === 0);
    },

    'build arguments are read as they are written': async () => {
      assert.deepEqual(readArguments('A=1 B="two words" C='), { A: '1', B: 'two words', C: '' });
      assert.deepEqual(readArguments(''), {});
      assert.equal(readArguments('nonsense'), undefined);
    },

    'markdown is escaped': async () => {
      assert.equal(plain('[a](b) $(x) *y*'), '\\[a\\]\\(b\\) \\$\\(x\\) \\*y\\*');
      assert.equal(code('a`b'), '``a`b``');
    },
  },
};
