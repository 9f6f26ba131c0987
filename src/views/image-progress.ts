import * as vscode from 'vscode';
import type { Look } from '../images/image-supply';
import { formatSize } from '../layers/format';
import { isOverWithin } from './patience';

const PATIENCE = 1_000;

/** Shows that an image is being read when that takes longer than a moment; whoever cancels does without it. */
export async function showLook(look: Look): Promise<void> {
  if (await isOverWithin(PATIENCE, look.outcome)) return;
  const title = `Reading the image ${look.reference}`;
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  void vscode.window.withProgress(options, (progress, token) => {
    token.onCancellationRequested(() => look.giveUp());
    let shown = 0;
    look.onProgress = () => {
      const percent = look.total === 0 ? 0 : Math.min(100, (look.received / look.total) * 100);
      if (percent - shown < 1) return;
      const message = `${formatSize(look.received)} of ${formatSize(look.total)}`;
      progress.report({ message, increment: percent - shown });
      shown = percent;
    };
    return look.outcome;
  });
}
