import * as vscode from 'vscode';
import { countWords, isBlank, sizeWords } from '../pages/layer-words';
import type { StepPage } from '../pages/protocol';
import type { Inspections } from './inspections';
import { certaintyWords } from './layer-words';
import { plain } from './markdown';
import { PREFIX, settingsFor } from './settings';

/** Sizes at the ends of the lines that make layers: `+1.2 kB`, `+1.2 kB ≈` when modelled, `?` when unknown. */
export class InlaySizes implements vscode.InlayHintsProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeInlayHints = this.changed.event;
  private readonly subscriptions: vscode.Disposable;

  constructor(private readonly inspections: Inspections) {
    this.subscriptions = vscode.Disposable.from(
      inspections.onDidChange(() => this.changed.fire()),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration(`${PREFIX}.inlayHints`)) this.changed.fire();
      }),
    );
  }

  async provideInlayHints(
    document: vscode.TextDocument,
    range: vscode.Range,
    token: vscode.CancellationToken,
  ): Promise<vscode.InlayHint[]> {
    if (!settingsFor(document.uri).showsSizes) return [];
    const inspected = await this.inspections.of(document).catch(() => undefined);
    if (token.isCancellationRequested || !inspected) return [];
    return inspected.page.stages
      .flatMap(({ steps }) => steps)
      .filter((step) => !step.isTrigger && range.start.line <= step.range.start.line)
      .flatMap((step) => hintOf(step, document) ?? [])
      .filter(({ position }) => range.contains(position));
  }

  dispose(): void {
    this.subscriptions.dispose();
    this.changed.dispose();
  }
}

function hintOf(step: StepPage, document: vscode.TextDocument): vscode.InlayHint | undefined {
  const { layer, range } = step;
  if (!layer || step.error !== undefined || range.start.line >= document.lineCount) return undefined;
  const { level } = layer.certainty;
  const isMore = layer.holdsMore && layer.size === 0;
  const isKnown = level === 'exact' || (level === 'modelled' && !isBlank(layer) && !isMore);
  const text = isKnown ? sizeWords(layer) + (level === 'modelled' ? ' ≈' : '') : '?';
  const hint = new vscode.InlayHint(document.lineAt(range.start.line).range.end, text);
  hint.paddingLeft = true;
  const { line, reasons } = certaintyWords(layer);
  const counts = countWords(layer).join(' · ');
  hint.tooltip = new vscode.MarkdownString(
    [counts, line, ...reasons.map((reason) => `- ${plain(reason)}`)].filter(Boolean).join('\n\n'),
  );
  return hint;
}
