import * as vscode from 'vscode';
import { reasonsOf } from '../layers/certainty';
import { count, formatSize } from '../layers/format';
import { layerWords } from '../pages/layer-words';
import type { LayerPage, Moment, StagePage, StepPage } from '../pages/protocol';

/** What stands behind a step in the tree. */
export function stepWords(step: StepPage): string {
  if (step.error !== undefined) return 'fails';
  if (step.notReached !== undefined) return 'not reached';
  return step.layer ? layerWords(step.layer) : (withoutLayer(step) ?? 'configuration only');
}

/** Why a step that changes files has no layer. */
export function withoutLayer({ isDropped }: StepPage): string | undefined {
  return isDropped ? 'no changes, so no layer' : undefined;
}

/** `FROM node:20 · 3 layers · 1.2 MB`. */
export function stageWords(stage: StagePage): string {
  const from = stage.from ? [`FROM ${stage.from}`] : [];
  if (!stage.isReached) return [...from, 'not needed by the target'].join(' · ');
  return [...from, count(stage.layers, 'layer'), formatSize(stage.size)].join(' · ');
}

export function stageName({ name, index }: StagePage): string {
  return name ?? `Stage ${index}`;
}

/** The first line of an instruction, from 1. */
export function lineOf({ range }: { range: StepPage['range'] }): number {
  return range.start.line + 1;
}

/** `after line 12: COPY . .`, `before line 3`, `layer 2 of app.tar`. */
export function momentWords(stage: StagePage | undefined, { step, base }: Moment): string {
  if (!stage) return '';
  if (base !== undefined) return `after base layer ${base}`;
  const at = stage.steps[step];
  if (at) return at.keyword === '' ? `after layer ${step + 1}` : `after line ${lineOf(at)}: ${at.text}`;
  return stage.from ? `of the base image ${stage.from}` : 'before the first layer';
}

const CERTAINTY_WORDS = {
  exact: 'Exact: this is what the real builder writes.',
  modelled: 'Modelled: it is known to happen; contents, sizes or neighbours are estimated.',
  unknown: 'Unknown: this was not simulated.',
} as const;

export function certaintyWords({ certainty }: LayerPage): { line: string; reasons: readonly string[] } {
  return { line: CERTAINTY_WORDS[certainty.level], reasons: reasonsOf(certainty) };
}

const CERTAINTY_ICONS = {
  exact: ['circle-filled', 'charts.green'],
  modelled: ['circle-outline', 'charts.yellow'],
  unknown: ['question', 'list.warningForeground'],
} as const;

export function certaintyIcon({ certainty }: LayerPage): vscode.ThemeIcon {
  const [icon, colour] = CERTAINTY_ICONS[certainty.level];
  return new vscode.ThemeIcon(icon, new vscode.ThemeColor(colour));
}

export function stepIcon(step: StepPage): vscode.ThemeIcon {
  if (step.error !== undefined)
    return new vscode.ThemeIcon('error', new vscode.ThemeColor('list.errorForeground'));
  const dim = new vscode.ThemeColor('disabledForeground');
  if (step.notReached !== undefined) return new vscode.ThemeIcon('circle-slash', dim);
  return step.layer ? certaintyIcon(step.layer) : new vscode.ThemeIcon('symbol-constant', dim);
}
