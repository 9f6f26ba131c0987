import * as vscode from 'vscode';
import { type Focus, showsDockerfile } from '../focus';

const PATTERN = '**/{Dockerfile,Containerfile,Dockerfile.*,Containerfile.*,*.Dockerfile,*.dockerfile}';
const MOST = 200;

/** Opens a Dockerfile of the workspace, or any other. */
export async function openDockerfile(): Promise<void> {
  const found = await vscode.workspace.findFiles(PATTERN, '**/node_modules/**', MOST);
  const files = found
    .filter(({ path }) => !path.endsWith('ignore'))
    .sort((a, b) => a.path.length - b.path.length);
  const [only] = files;
  if (only && files.length === 1) return show(only);
  const browse = { label: '$(folder-opened) Browse…', uri: undefined };
  const items = files.map((uri) => ({ label: vscode.workspace.asRelativePath(uri), uri }));
  const chosen =
    files.length === 0
      ? browse
      : await vscode.window.showQuickPick([...items, browse], { placeHolder: 'Which Dockerfile?' });
  if (!chosen) return;
  const uri = chosen.uri ?? (await vscode.window.showOpenDialog({ openLabel: 'Open' }))?.[0];
  if (uri) await show(uri);
}

async function show(uri: vscode.Uri): Promise<void> {
  await vscode.window.showTextDocument(uri, { preview: false });
}

/** A Dockerfile in a preview tab would be replaced by what is opened from it: the tab is kept. */
export async function keepDockerfileOpen(): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  const tab = vscode.window.tabGroups.activeTabGroup.activeTab;
  if (tab?.isPreview && editor && showsDockerfile(editor))
    await vscode.commands.executeCommand('workbench.action.keepEditor');
}

/** Shows a line (from 0) of the Dockerfile, and leaves the focus where it is. */
export async function revealLine(focus: Focus, line: number): Promise<void> {
  const { dockerfile } = focus;
  if (!dockerfile) return;
  const id = dockerfile.toString();
  const open = vscode.window.visibleTextEditors.find(({ document }) => document.uri.toString() === id);
  const column = open?.viewColumn;
  const selection = new vscode.Range(line, 0, line, 0);
  const editor = await vscode.window.showTextDocument(dockerfile, {
    ...(column !== undefined && { viewColumn: column }),
    preserveFocus: true,
    preview: false,
    selection,
  });
  editor.revealRange(selection, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
}
