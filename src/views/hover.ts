import * as vscode from 'vscode';
import { DOCKERFILES, isDockerfile } from './dockerfiles';
import { hoverText } from './hover-text';
import { COMMANDS } from './ids';
import type { Inspections } from './inspections';
import { trustedMarkdown } from './markdown';

const LINKS = [
  COMMANDS.openFile,
  COMMANDS.showFiles,
  COMMANDS.showLayer,
  COMMANDS.showHistory,
  COMMANDS.showHeredoc,
  COMMANDS.pointToArchive,
  COMMANDS.getFromRegistry,
];

/** Hovers over the instructions of a Dockerfile: what the line does to the image. */
export function provideHovers(inspections: Inspections): vscode.Disposable {
  return vscode.languages.registerHoverProvider(DOCKERFILES, {
    async provideHover(document, { line }, token) {
      if (!isDockerfile(document)) return undefined;
      const inspected = await inspections.of(document);
      const { key, page } = inspected;
      if (token.isCancellationRequested) return undefined;
      const facts = await inspections.ask('line', { key, line });
      if (!facts || token.isCancellationRequested) return undefined;
      const { start, end } = facts.range;
      const range = new vscode.Range(start.line, start.character, end.line, end.character);
      return new vscode.Hover(trustedMarkdown(hoverText(key, page, facts), LINKS), range);
    },
  });
}
