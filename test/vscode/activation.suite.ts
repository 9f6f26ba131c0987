import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Suite } from './suite';

const extensionId = 'dockerfile-layers.dockerfile-layers';

export const activation: Suite = {
  name: 'activation',
  tests: {
    'the extension is there': async () => {
      assert.ok(vscode.extensions.getExtension(extensionId), `${extensionId} is not among the extensions`);
    },

    'opening a Dockerfile activates it': async () => {
      const [dockerfile] = await vscode.workspace.findFiles('Dockerfile');
      assert.ok(dockerfile, 'the sample workspace has a Dockerfile');
      const document = await vscode.workspace.openTextDocument(dockerfile);
      assert.equal(document.languageId, 'dockerfile');
      await vscode.window.showTextDocument(document);
      const extension = vscode.extensions.getExtension(extensionId);
      await extension?.activate();
      assert.equal(extension?.isActive, true);
    },
  },
};
