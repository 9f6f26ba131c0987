import * as vscode from 'vscode';
import type { Shown } from './focus';
import { contextFolders } from './inspections';

const QUIET_TIME = 300;

/** Tells when files of the build contexts of what is shown change: of the main one and of the named ones. */
export class ContextWatch implements vscode.Disposable {
  private readonly watches = new Map<string, FolderWatch>();

  constructor(private readonly changed: (contextFolder: string) => void) {}

  follow(shown: Shown): void {
    if (shown.kind !== 'inspected') return;
    const folders = new Set(contextFolders(shown.inspected.origin));
    for (const [folder, watch] of this.watches) {
      if (folders.has(folder)) continue;
      watch.dispose();
      this.watches.delete(folder);
    }
    for (const folder of folders) {
      if (!this.watches.has(folder)) this.watches.set(folder, new FolderWatch(folder, this.changed));
    }
  }

  dispose(): void {
    for (const watch of this.watches.values()) watch.dispose();
    this.watches.clear();
  }
}

class FolderWatch implements vscode.Disposable {
  private readonly watcher: vscode.FileSystemWatcher;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly folder: string,
    private readonly changed: (contextFolder: string) => void,
  ) {
    const pattern = new vscode.RelativePattern(vscode.Uri.file(folder), '**/*');
    this.watcher = vscode.workspace.createFileSystemWatcher(pattern);
    const notice = (uri: vscode.Uri) => this.notice(uri);
    this.watcher.onDidChange(notice);
    this.watcher.onDidCreate(notice);
    this.watcher.onDidDelete(notice);
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.watcher.dispose();
  }

  private notice(uri: vscode.Uri): void {
    // Every git command writes there, and contexts that take it in are rare.
    if (/\/\.git\//.test(uri.path)) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.changed(this.folder), QUIET_TIME);
  }
}
