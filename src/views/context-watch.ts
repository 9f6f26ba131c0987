import * as vscode from 'vscode';
import type { Shown } from './focus';

const QUIET_TIME = 300;

/** Tells when files of the build context that is shown change. */
export class ContextWatch implements vscode.Disposable {
  private folder: string | undefined;
  private watcher: vscode.FileSystemWatcher | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly changed: (contextFolder: string) => void) {}

  follow(shown: Shown): void {
    if (shown.kind !== 'inspected') return;
    const { origin } = shown.inspected;
    const folder = origin.kind === 'dockerfile' ? origin.build.contextFolder : undefined;
    if (folder === this.folder) return;
    this.stop();
    this.folder = folder;
    if (folder === undefined) return;
    const pattern = new vscode.RelativePattern(vscode.Uri.file(folder), '**/*');
    const watcher = vscode.workspace.createFileSystemWatcher(pattern);
    this.watcher = watcher;
    const notice = (uri: vscode.Uri) => this.notice(uri);
    watcher.onDidChange(notice);
    watcher.onDidCreate(notice);
    watcher.onDidDelete(notice);
  }

  dispose(): void {
    this.stop();
  }

  private notice(uri: vscode.Uri): void {
    const { folder } = this;
    // Every git command writes there, and contexts that take it in are rare.
    if (folder === undefined || /\/\.git\//.test(uri.path)) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.changed(folder), QUIET_TIME);
  }

  private stop(): void {
    clearTimeout(this.timer);
    this.watcher?.dispose();
    this.watcher = undefined;
    this.folder = undefined;
  }
}
