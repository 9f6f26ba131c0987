import * as vscode from 'vscode';
import { parseTextUri, TEXTS } from './address';
import type { Inspections } from './inspections';

/** Serves generated texts: the history table, a layer's listing, a here-document. */
export class Texts implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.changed.event;
  private readonly subscription: vscode.Disposable;

  constructor(private readonly inspections: Inspections) {
    this.subscription = inspections.onDidChange(({ key }) => {
      for (const { uri } of vscode.workspace.textDocuments)
        if (uri.scheme === TEXTS && parseTextUri(uri).key === key) this.changed.fire(uri);
    });
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    try {
      return await this.inspections.ask('text', parseTextUri(uri));
    } catch (error) {
      // An open tab whose step has gone says so.
      return error instanceof Error ? `${error.message}\n` : '';
    }
  }

  dispose(): void {
    this.subscription.dispose();
    this.changed.dispose();
  }
}
