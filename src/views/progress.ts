import * as vscode from 'vscode';
import type { Focus } from './focus';
import { VIEWS } from './ids';

const PATIENCE = 500;

/** Shows in the layer tree that work is under way, when it takes longer than a moment. */
export function followProgress(focus: Focus): vscode.Disposable {
  return focus.onDidStart(async (work) => {
    const over = work.then(
      () => true,
      () => true,
    );
    const isQuick = await Promise.race([over, after(PATIENCE)]);
    if (isQuick) return;
    void vscode.window.withProgress({ location: { viewId: VIEWS.layers } }, () => over);
  });
}

function after(milliseconds: number): Promise<false> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(false), milliseconds);
  });
}
