import * as vscode from 'vscode';
import { DEFAULT_BUILDER } from '../../src/graph/builder';
import type { Moment } from '../../src/pages/protocol';
import { fileUri, keyOf } from '../../src/views/address';

/** The folder of the sample workspace. */
export function workspaceFolder(): vscode.Uri {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  if (!folder) throw new Error('The suite runs in the sample workspace');
  return folder.uri;
}

export async function showSample(name = 'Dockerfile'): Promise<vscode.TextEditor> {
  return vscode.window.showTextDocument(vscode.Uri.joinPath(workspaceFolder(), name), { preview: false });
}

/** A Dockerfile that was never saved, in the active editor. */
export async function showUntitled(content: string): Promise<vscode.TextEditor> {
  const document = await vscode.workspace.openTextDocument({ language: 'dockerfile', content });
  return vscode.window.showTextDocument(document);
}

export function keyOfDocument(document: vscode.TextDocument, buildArgs: Record<string, string> = {}): string {
  const contextFolder = document.isUntitled ? undefined : workspaceFolder().fsPath;
  const build = {
    contextFolder,
    target: undefined,
    buildArgs,
    platform: 'linux/amd64',
    builder: DEFAULT_BUILDER,
  };
  return keyOf({ kind: 'dockerfile', dockerfile: document.uri.toString(), build });
}

/** A file of a document's merged file system. */
export function fileOf(document: vscode.TextDocument, moment: Moment, path: string): vscode.Uri {
  return fileUri({ key: keyOfDocument(document), moment, path });
}

export async function readText(uri: vscode.Uri): Promise<string> {
  return new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
}

/** The hover over a line (from 0), as markdown. */
export async function hoverAt(document: vscode.TextDocument, line: number): Promise<string> {
  const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
    'vscode.executeHoverProvider',
    document.uri,
    new vscode.Position(line, 1),
  );
  return hovers
    .flatMap(({ contents }) => contents)
    .map((content) => (typeof content === 'string' ? content : content.value))
    .join('\n');
}

/** Sizes at the ends of lines, by line from 1. */
export async function sizesOf(document: vscode.TextDocument): Promise<Record<number, string>> {
  const all = new vscode.Range(0, 0, document.lineCount, 0);
  const hints = await vscode.commands.executeCommand<vscode.InlayHint[]>(
    'vscode.executeInlayHintProvider',
    document.uri,
    all,
  );
  return Object.fromEntries(hints.map(({ position, label }) => [position.line + 1, String(label)]));
}

export async function type(editor: vscode.TextEditor, line: number, text: string): Promise<void> {
  await editor.edit((edit) => edit.insert(new vscode.Position(line, 0), text));
}

export async function revert(editor: vscode.TextEditor): Promise<void> {
  await vscode.window.showTextDocument(editor.document);
  await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
}

/** What the extension says about a document, by line from 1. */
export function problemsOf({ uri }: vscode.TextDocument): string[] {
  return vscode.languages
    .getDiagnostics(uri)
    .filter(({ source }) => source === 'Dockerfile Layers')
    .map(({ range, message }) => `${range.start.line + 1}: ${message}`);
}
