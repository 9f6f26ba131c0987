import * as vscode from 'vscode';
import type { Focus } from './focus';
import { VIEWS } from './ids';
import { isOverWithin } from './patience';

const PATIENCE = 500;

/** Shows in the layer tree that work is under way, when it takes longer than a moment. */
export function followProgress(focus: Focus): vscode.Disposable {
  return focus.onDidStart(async (work) => {
    if (await isOverWithin(PATIENCE, work)) return;
    const over = work.catch(() => {});
    void vscode.window.withProgress({ location: { viewId: VIEWS.layers } }, () => over);
  });
}
