import * as vscode from 'vscode';
import { answerWords, type ContextAnswer } from '../../pages/context-answer';
import { activeDockerfile, type Focus } from '../focus';
import { type Inspections, openDocument } from '../inspections';

/** Tells whether a file is in the build context of the Dockerfile that is shown, and which pattern decides it. */
export async function explainContext(
  focus: Focus,
  inspections: Inspections,
  argument: vscode.Uri | undefined,
): Promise<void> {
  const file = argument ?? vscode.window.activeTextEditor?.document.uri;
  const dockerfile = activeDockerfile(focus) ?? (await onlyDockerfile());
  if (!file || !dockerfile)
    return tell('Open a Dockerfile first: the build context is that of the Dockerfile you look at.');
  const inspected = await inspections.of(await openDocument(dockerfile));
  const { key, origin } = inspected;
  const contextFolder = origin.kind === 'dockerfile' ? origin.build.contextFolder : undefined;
  if (contextFolder === undefined) return tell('This build has no context folder.');
  const folder = vscode.Uri.file(contextFolder);
  const build = vscode.workspace.asRelativePath(dockerfile);
  const path = pathIn(folder, file);
  if (path === undefined) return tell(`It is outside the build context of ${build}, ${contextFolder}.`);
  const answer = await inspections.ask('explainContext', { key, path });
  if (answer) await tellAnswer(answer, folder, `the build context of ${build}`);
}

async function tellAnswer(answer: ContextAnswer, folder: vscode.Uri, context: string) {
  const { rule } = answer;
  const message = answerWords(answer, context);
  if (!rule) return tell(message);
  const show = 'Show the Pattern';
  if ((await vscode.window.showInformationMessage(message, show)) !== show) return;
  const selection = new vscode.Range(rule.line, 0, rule.line, 0);
  await vscode.window.showTextDocument(vscode.Uri.joinPath(folder, rule.file), { selection });
}

/** The path from the folder, with `/`; `undefined` for what is not inside. */
function pathIn(folder: vscode.Uri, file: vscode.Uri): string | undefined {
  const inside = `${folder.path.replace(/\/$/, '')}/`;
  return file.scheme === folder.scheme && file.path.startsWith(inside)
    ? file.path.slice(inside.length)
    : undefined;
}

async function onlyDockerfile(): Promise<vscode.Uri | undefined> {
  const [first] = await vscode.workspace.findFiles('**/{Dockerfile,Containerfile}', '**/node_modules/**', 1);
  return first;
}

function tell(message: string): void {
  vscode.window.showInformationMessage(message);
}
