import * as vscode from 'vscode';
import { formatSize, octalMode } from '../layers/format';
import type { FileRow, Moment, StagePage } from '../pages/protocol';
import { rowUri } from './address';
import type { Focus } from './focus';
import { COMMANDS, VIEWS } from './ids';
import type { Inspected, Inspections } from './inspections';
import { rootStage } from './layer-rows';
import { momentWords } from './layer-words';
import { code, plain } from './markdown';
import { matchSteps } from './step-identity';

/** An entry of the file view. */
export interface FileTreeRow {
  readonly kind: 'file';
  readonly key: string;
  readonly moment: Moment;
  readonly file: FileRow;
  readonly parent: FileTreeRow | undefined;
}

/** The merged file system after a step: the one that was chosen, or the last of the target. */
export class FileTree implements vscode.TreeDataProvider<FileTreeRow>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  private inspected: Inspected | undefined;
  private chosen: Moment | undefined;
  private readonly view: vscode.TreeView<FileTreeRow>;
  private readonly disposables: vscode.Disposable[];

  constructor(
    focus: Focus,
    private readonly inspections: Inspections,
  ) {
    this.view = vscode.window.createTreeView(VIEWS.files, { treeDataProvider: this, showCollapseAll: true });
    const showNew = () => focus.inspected && this.showPage(focus.inspected);
    this.disposables = [this.view, this.changed, focus.onDidChange(showNew)];
    showNew();
  }

  /** What the view shows. */
  get shown(): { inspected: Inspected; moment: Moment } | undefined {
    const moment = this.chosen ?? (this.inspected && lastMoment(this.inspected));
    return this.inspected && moment && { inspected: this.inspected, moment };
  }

  /** Shows the file system at a moment, until the Dockerfile that it is of is left. */
  async showMoment(inspected: Inspected, moment: Moment): Promise<void> {
    this.inspected = inspected;
    this.chosen = moment;
    this.update();
    await vscode.commands.executeCommand(`${VIEWS.files}.focus`);
  }

  getTreeItem(row: FileTreeRow): vscode.TreeItem {
    return fileItem(row);
  }

  getParent(row: FileTreeRow): FileTreeRow | undefined {
    return row.parent;
  }

  async getChildren(parent?: FileTreeRow): Promise<FileTreeRow[]> {
    const { shown } = this;
    if (!shown) return [];
    const { key } = shown.inspected;
    const { moment } = shown;
    const path = parent?.file.path ?? '/';
    const files = await this.inspections.ask('folder', { key, moment, path }).catch((): FileRow[] => []);
    return files.map((file) => ({ kind: 'file', key, moment, file, parent }));
  }

  dispose(): void {
    for (const disposable of this.disposables) disposable.dispose();
  }

  private showPage(inspected: Inspected): void {
    const { chosen } = this;
    const before = this.inspected;
    this.inspected = inspected;
    if (chosen) this.chosen = before?.key === inspected.key ? followed(chosen, before, inspected) : undefined;
    this.update();
  }

  private update(): void {
    const { shown, view } = this;
    const stage = shown?.inspected.page.stages[shown.moment.stage];
    view.description = shown ? momentWords(stage, shown.moment) : '';
    view.message = stage && shown ? messageOf(shown.inspected, stage, shown.moment) : '';
    this.changed.fire(undefined);
  }
}

/** The state that a build ends with. */
export function lastMoment({ page }: Inspected): Moment | undefined {
  const stage = page.target === undefined ? undefined : page.stages[page.target];
  return stage && { stage: stage.index, step: stage.steps.length - 1 };
}

/** The same step in a newer page. */
function followed({ stage, step }: Moment, before: Inspected, after: Inspected): Moment | undefined {
  const texts = ({ page }: Inspected) => page.stages[stage]?.steps.map(({ text }) => text);
  const [older, newer] = [texts(before), texts(after)];
  if (!older || !newer) return undefined;
  const now = step < 0 ? step : matchSteps(older, newer).indexOf(step);
  return step >= 0 && now < 0 ? undefined : { stage, step: now };
}

function messageOf({ page }: Inspected, stage: StagePage, { step }: Moment): string {
  const root = rootStage(page, stage.index);
  if (root?.base.kind === 'missing')
    return `${root.from} was not found: what it holds is missing here, so there may be more.`;
  const why = stage.steps[step]?.notReached;
  return why === undefined ? '' : `This step is not reached: ${why}.`;
}

function fileItem(row: FileTreeRow): vscode.TreeItem {
  const { file } = row;
  const leadsToFolder = file.type === 'directory' || file.linkType === 'directory';
  const state = leadsToFolder
    ? vscode.TreeItemCollapsibleState.Collapsed
    : vscode.TreeItemCollapsibleState.None;
  const item = new vscode.TreeItem(file.name, state);
  item.id = file.path;
  item.iconPath = iconOf(file);
  item.resourceUri = rowUri(file.path, isGuess(file) ? 'doubtful' : 'carried');
  item.description = wordsOf(file);
  item.tooltip = tooltipOf(file);
  item.contextValue = leadsToFolder ? 'folder' : 'file';
  if (!leadsToFolder) item.command = { command: COMMANDS.openFile, title: 'Open', arguments: [row] };
  return item;
}

function iconOf({ type, linkType }: FileRow): vscode.ThemeIcon {
  if (type === 'directory' || linkType === 'directory') return vscode.ThemeIcon.Folder;
  return type === 'file' || type === 'symlink' ? vscode.ThemeIcon.File : new vscode.ThemeIcon('plug');
}

/** A folder in which there may be more is still there; a file whose content is not known is a guess. */
function isGuess({ type, doubt }: FileRow): boolean {
  return doubt !== undefined && type !== 'directory';
}

function wordsOf({ type, linkTarget, linkType, size }: FileRow): string {
  if (linkTarget !== undefined) return `→ ${linkTarget}${linkType === undefined ? ' (not there)' : ''}`;
  if (type === 'file') return formatSize(size);
  return type === 'directory' ? '' : type;
}

function tooltipOf(file: FileRow): vscode.MarkdownString {
  const { path, mode, uid, gid, from, doubt, mtime } = file;
  const facts = [`mode ${octalMode(mode)}`, `owner ${uid}:${gid}`, new Date(mtime * 1000).toISOString()];
  const parts = [code(path), facts.map(plain).join(' · ')];
  if (from) parts.push(`From ${plain(from)}`);
  if (doubt !== undefined) parts.push(`Not certain: ${plain(doubt)}`);
  return new vscode.MarkdownString(parts.join('\n\n'));
}
