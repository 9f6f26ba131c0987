import * as vscode from 'vscode';
import type { InspectionPage } from '../pages/protocol';
import type { Focus } from './focus';
import { dockerfileOf, type Inspected } from './inspections';
import { PREFIX, settingsFor } from './settings';

const SEVERITIES = {
  error: vscode.DiagnosticSeverity.Error,
  warning: vscode.DiagnosticSeverity.Warning,
  information: vscode.DiagnosticSeverity.Information,
} as const;

/** Shows the problems of the Dockerfile that is followed in the editor and in the list of problems. */
export function followProblems(focus: Focus): vscode.Disposable {
  const collection = vscode.languages.createDiagnosticCollection(PREFIX);
  const show = (inspected: Inspected) => {
    const uri = dockerfileOf(inspected);
    if (!uri) return;
    const { showsChecks } = settingsFor(uri);
    const shown = inspected.page.problems.filter(({ check }) => check === undefined || showsChecks);
    collection.set(uri, shown.map(diagnosticOf));
  };
  const subscriptions = [
    focus.onDidChange((shown) => shown.kind === 'inspected' && show(shown.inspected)),
    vscode.workspace.onDidCloseTextDocument(({ uri }) => collection.delete(uri)),
  ];
  return vscode.Disposable.from(collection, ...subscriptions);
}

function diagnosticOf({
  message,
  range,
  severity,
  check,
}: InspectionPage['problems'][number]): vscode.Diagnostic {
  const { start, end } = range;
  const place = new vscode.Range(start.line, start.character, end.line, end.character);
  const diagnostic = new vscode.Diagnostic(place, sentence(message), SEVERITIES[severity]);
  diagnostic.source = 'Dockerfile Layers';
  if (check !== undefined) diagnostic.code = { value: check, target: pageOf(check) };
  return diagnostic;
}

/** Where Docker explains a build check, such as `WorkdirRelativePath`. */
function pageOf(check: string): vscode.Uri {
  const words = check.replace(/(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, '-').toLowerCase();
  return vscode.Uri.parse(`https://docs.docker.com/go/dockerfile/rule/${words}/`);
}

function sentence(message: string): string {
  return message.charAt(0).toUpperCase() + message.slice(1);
}
