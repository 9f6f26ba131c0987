import * as vscode from 'vscode';
import { count, formatSize, historyWords } from '../layers/format';
import { countWords, isBlank, layerWords, sizeWords } from '../pages/layer-words';
import type { BasePage, ComparedLine } from '../pages/protocol';
import { rowUri } from './address';
import { COMMANDS } from './ids';
import type { BaseLayerRow, BaseRow, ChangeTreeRow, LayerRow, StageRow, StepRow } from './layer-rows';
import {
  certaintyIcon,
  certaintyWords,
  lineOf,
  stageName,
  stageWords,
  stepIcon,
  stepWords,
} from './layer-words';
import { code, codeBlock, plain, shortened } from './markdown';

const { None, Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
/** A row has room for about 35 characters, and the size behind the label counts more than the label's end. */
const LABEL_LENGTH = 22;
const LONE_LABEL_LENGTH = 60;

/** A row of the layer tree as the editor shows it. */
/** `compared` is what an image that is put beside the Dockerfile has of the step. */
export function layerItem(row: LayerRow, compared?: ComparedLine): vscode.TreeItem {
  const item = itemOf(row, compared);
  item.id = row.id;
  return item;
}

function itemOf(row: LayerRow, compared: ComparedLine | undefined): vscode.TreeItem {
  switch (row.kind) {
    case 'stage':
      return stageItem(row);
    case 'base':
      return baseItem(row);
    case 'base layer':
      return baseLayerItem(row);
    case 'step':
      return stepItem(row, compared);
    case 'change':
      return changeItem(row);
    case 'note':
      return new vscode.TreeItem(row.text, None);
    default:
      return row satisfies never;
  }
}

function stageItem({ stage, isTarget, inspected }: StageRow): vscode.TreeItem {
  const item = new vscode.TreeItem(
    stageName(stage),
    !stage.isReached ? None : isTarget ? Expanded : Collapsed,
  );
  item.description = stageWords(stage);
  item.iconPath = new vscode.ThemeIcon(isTarget ? 'target' : 'layers');
  item.contextValue = 'stage';
  if (!stage.isReached) {
    item.resourceUri = rowUri('/stage', 'dimmed');
    item.iconPath = new vscode.ThemeIcon('layers', new vscode.ThemeColor('disabledForeground'));
  }
  const { size } = inspected.page;
  item.tooltip = isTarget
    ? `The target of the build: ${formatSize(size)} with its base`
    : stage.isReached
      ? 'A stage that the target needs'
      : 'The target does not need this stage, so it is not built';
  if (inspected.origin.kind === 'dockerfile') item.command = revealCommand(stage.range);
  return item;
}

function baseItem({ stage }: BaseRow): vscode.TreeItem {
  const { base, from } = stage;
  if (base.kind === 'missing') return missingBaseItem(from, base);
  const label = BASE_LABELS[base.kind] ?? `From stage ${from}`;
  const item = new vscode.TreeItem(label, base.layers.length > 0 ? Collapsed : None);
  const words = [count(base.layers.length, 'layer'), formatSize(base.size)];
  item.description = (base.kind === 'stage' ? words : [from, ...words]).join(' · ');
  item.iconPath = new vscode.ThemeIcon(base.kind === 'context' ? 'root-folder' : 'package');
  item.contextValue = 'base';
  const context = base.context === undefined ? '' : ` is the named build context ${base.context}`;
  item.tooltip = `${from}${context}: ${words.join(', ')}`;
  return item;
}

const BASE_LABELS: Partial<Record<BasePage['kind'], string>> = {
  scratch: 'Nothing',
  image: 'Base image',
  context: 'Named build context',
};

function missingBaseItem(from: string, { image, reason = '' }: BasePage): vscode.TreeItem {
  const item = new vscode.TreeItem(`${from || 'The base image'} was not found`, None);
  item.description = 'layers unknown';
  item.iconPath = new vscode.ThemeIcon('warning', new vscode.ThemeColor('list.warningForeground'));
  // An archive can only be pointed to for an image.
  if (image !== undefined) item.contextValue = 'missingBase';
  const help =
    image === undefined
      ? ''
      : ` Save it with ${code(`docker save -o image.tar ${image}`)} and point to the archive, or to an OCI layout.`;
  item.tooltip = new vscode.MarkdownString(
    `**${plain(from)}** was not found: ${plain(reason)}.\n\n` +
      `What the base holds is not known, so layers on top of it are modelled at best.${help}`,
  );
  return item;
}

function baseLayerItem({ layer }: BaseLayerRow): vscode.TreeItem {
  const item = new vscode.TreeItem(
    shortened(historyWords(layer.createdBy) || 'layer', LABEL_LENGTH),
    isBlank(layer) ? None : Collapsed,
  );
  item.description = layerWords(layer);
  item.iconPath = certaintyIcon(layer);
  item.contextValue = 'layer';
  const digest = layer.diffId ? `\n\n${code(layer.diffId)}` : '';
  item.tooltip = new vscode.MarkdownString(codeBlock(layer.createdBy, 'dockerfile') + digest);
  return item;
}

function stepItem({ step, inspected }: StepRow, compared: ComparedLine | undefined): vscode.TreeItem {
  const { layer } = step;
  const isOpenable = layer !== undefined && !isBlank(layer);
  // A dimmed row says by itself that it is configuration only.
  const words = layer || step.error !== undefined || step.notReached !== undefined ? stepWords(step) : '';
  const length = words === '' ? LONE_LABEL_LENGTH : LABEL_LENGTH;
  const item = new vscode.TreeItem(shortened(labelOf(step), length), isOpenable ? Collapsed : None);
  // The side bar is narrow, and who compares looks for this.
  item.description = [comparedWords(compared), words].filter(Boolean).join(' · ');
  item.iconPath = stepIcon(step);
  item.contextValue = layer ? 'layerStep' : 'step';
  if (step.error !== undefined) item.resourceUri = rowUri('/step', 'fails');
  else if (!layer) item.resourceUri = rowUri('/step', 'dimmed');
  item.tooltip = stepTooltip(step, compared);
  if (inspected.origin.kind === 'dockerfile') item.command = revealCommand(step.range);
  return item;
}

/** The instruction without the flags that say less than its arguments. */
function labelOf({ text }: StepRow['step']): string {
  return text.replace(/ --(?!from=)[\w-]+(=\S*)?(?= )/g, '');
}

/** What an image that is put beside the Dockerfile has of the step. */
function comparedWords(line: ComparedLine | undefined): string {
  if (!line) return '';
  const { verdict, realSize, differences } = line;
  if (verdict === 'absent') return 'not in the image';
  if (realSize === undefined && differences === 0) return '';
  const size = realSize === undefined ? 'really no layer' : `really ${formatSize(realSize)}`;
  const other = verdict === 'differs' ? [`differs at ${count(differences, 'path')}`] : [];
  return [size, ...(verdict === 'equal' ? ['equal'] : other)].join(', ');
}

function stepTooltip(step: StepRow['step'], compared: ComparedLine | undefined): vscode.MarkdownString {
  const { layer, error, notReached } = step;
  const where = step.keyword === '' ? '' : `Line ${lineOf(step)}`;
  const parts = [codeBlock(step.text, 'dockerfile')];
  if (error !== undefined) parts.push(`${where}: the build fails here. ${plain(error)}`);
  else if (notReached !== undefined) parts.push(`${where}: not reached, ${plain(notReached)}.`);
  else if (!layer) parts.push(`${where}: configuration only, it makes no layer.`);
  else {
    const { line, reasons } = certaintyWords(layer);
    const facts = [...(where ? [where] : []), sizeWords(layer), ...countWords(layer)];
    parts.push(facts.join(' · '), [line, ...reasons.map((reason) => `- ${plain(reason)}`)].join('\n'));
  }
  if (compared && compared.told.length > 0) {
    const more = compared.differences - compared.told.length;
    const rest = more > 0 ? `\nand ${more} more` : '';
    parts.push(`In the image, other than predicted:`, codeBlock(compared.told.join('\n') + rest, 'text'));
  }
  return new vscode.MarkdownString(parts.join('\n\n'));
}

function changeItem(row: ChangeTreeRow): vscode.TreeItem {
  const { change, label } = row;
  const item = new vscode.TreeItem(label, change.hasChildren ? Collapsed : None);
  const isFolder = change.type === 'directory';
  // Not the theme's folder icon: themes without one would set folders further left than the step above them.
  item.iconPath = isFolder ? new vscode.ThemeIcon('symbol-folder') : vscode.ThemeIcon.File;
  item.resourceUri = rowUri(change.path, change.kind);
  item.description = changeWords(change);
  item.contextValue = change.kind === 'deleted' ? 'deletedEntry' : isFolder ? 'changedFolder' : 'changedFile';
  item.tooltip = changeTooltip(change);
  if (!isFolder && change.kind !== 'carried')
    item.command = { command: COMMANDS.openFile, title: 'Open', arguments: [row] };
  return item;
}

function changeWords({ kind, size, isSizeUnknown, type, why, linkTarget }: ChangeTreeRow['change']): string {
  const parts: string[] = [];
  if (linkTarget !== undefined) parts.push(`→ ${linkTarget}`);
  else if (kind === 'deleted') parts.push(size > 0 ? `${formatSize(size)} stay below` : '');
  else if (isSizeUnknown) parts.push('size unknown');
  else if (type === 'file' || size > 0) parts.push(formatSize(size));
  if (kind === 'changed' && why.length > 0) parts.push(`(${why.join(', ')})`);
  return parts.filter((part) => part !== '').join(' ');
}

const KIND_WORDS = { added: 'Added', changed: 'Modified', deleted: 'Deleted', carried: 'Holds changes' };

function changeTooltip({ path, kind, words, size, why }: ChangeTreeRow['change']): vscode.MarkdownString {
  const reason = why.length > 0 ? ` (${why.join(', ')})` : '';
  const facts = [KIND_WORDS[kind] + reason, ...(words ? [code(words)] : [])];
  if (kind === 'deleted' && size > 0)
    facts.push(`${formatSize(size)} stay in the layers below: a deletion hides bytes and frees none`);
  return new vscode.MarkdownString(`${code(path)}\n\n${facts.join(' · ')}`);
}

function revealCommand(range: StepRow['step']['range']): vscode.Command {
  return { command: COMMANDS.revealLine, title: 'Go to Line', arguments: [range.start.line] };
}
