import * as vscode from 'vscode';
import { formatSize } from '../layers/format';
import type { ChangeRow, ComparisonPage, LayerAddress } from '../pages/protocol';
import type { Comparisons } from './comparisons';
import type { Focus, Shown } from './focus';
import { VIEWS } from './ids';
import { dockerfileOf, type Inspections } from './inspections';
import { layerItem } from './layer-items';
import {
  baseLayerRows,
  type ChangeTreeRow,
  type LayerRow,
  rowAtLine,
  type StageRow,
  stageRows,
} from './layer-rows';

const MOST_FOLDED = 32;

/** The tree of stages, steps and what their layers change. */
export class LayerTree implements vscode.TreeDataProvider<LayerRow>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  private rows: readonly StageRow[] = [];
  private readonly view: vscode.TreeView<LayerRow>;
  private readonly disposables: vscode.Disposable[];

  constructor(
    focus: Focus,
    private readonly inspections: Inspections,
    private readonly comparisons: Comparisons,
  ) {
    this.view = vscode.window.createTreeView(VIEWS.layers, { treeDataProvider: this, showCollapseAll: true });
    this.disposables = [
      this.view,
      this.changed,
      focus.onDidChange((shown) => this.show(shown)),
      comparisons.onDidChange(() => focus.shown && this.show(focus.shown)),
      vscode.window.onDidChangeTextEditorSelection((event) => void this.followCursor(event)),
    ];
    if (focus.shown) this.show(focus.shown);
  }

  getTreeItem(row: LayerRow): vscode.TreeItem {
    if (row.kind !== 'step') return layerItem(row);
    return layerItem(row, this.comparisons.lineOf(row.inspected, row.stage.index, row.step));
  }

  getParent(row: LayerRow): LayerRow | undefined {
    return row.parent;
  }

  async getChildren(row?: LayerRow): Promise<LayerRow[]> {
    switch (row?.kind) {
      case undefined:
        return [...this.rows];
      case 'stage':
        return [...row.children];
      case 'base':
        return baseLayerRows(row);
      case 'base layer':
      case 'step':
        return this.changeRows(row, row.address, '/');
      case 'change':
        return this.changeRows(row, row.address, row.change.path);
      default:
        return [];
    }
  }

  dispose(): void {
    for (const disposable of this.disposables) disposable.dispose();
  }

  private show(shown: Shown): void {
    const { view } = this;
    if (shown.kind === 'failed') {
      view.message = shown.message;
    } else {
      const { inspected } = shown;
      const isSame = this.rows[0]?.inspected.key === inspected.key;
      this.rows = stageRows(inspected, isSame ? this.rows : []);
      view.message = messageOf(inspected.page.stages.length);
      view.description = [
        nameOf(inspected),
        formatSize(inspected.page.size),
        ...(inspected.page.builder === undefined ? [] : [inspected.page.builder]),
        ...besideWords(this.comparisons.of(inspected)),
      ].join(' · ');
    }
    this.changed.fire(undefined);
  }

  /** Folders with nothing but one folder in them share its row, as in the explorer. */
  private async changeRows(parent: LayerRow, layer: LayerAddress, path: string): Promise<LayerRow[]> {
    const { inspected } = parent;
    const { key } = inspected;
    const children = (folder: string) => this.inspections.ask('layerFolder', { key, layer, path: folder });
    // A step that has gone in the meantime has no rows; the next page is on its way.
    const changes = await children(path).catch((): ChangeRow[] => []);
    return Promise.all(
      changes.map(async (change): Promise<ChangeTreeRow> => {
        const { label, last } = await folded(change, children);
        const id = `${idOfLayer(parent)}:${last.path}`;
        return { kind: 'change', id, parent, inspected, change: last, label, address: layer };
      }),
    );
  }

  private async followCursor({ kind, textEditor, selections }: vscode.TextEditorSelectionChangeEvent) {
    const isByHand =
      kind === vscode.TextEditorSelectionChangeKind.Keyboard ||
      kind === vscode.TextEditorSelectionChangeKind.Mouse;
    const shown = this.rows[0] && dockerfileOf(this.rows[0].inspected);
    const line = selections[0]?.active.line;
    if (!isByHand || !this.view.visible || line === undefined) return;
    if (shown?.toString() !== textEditor.document.uri.toString()) return;
    const row = rowAtLine(this.rows, line);
    if (!row || this.view.selection[0]?.id === row.id) return;
    await this.view.reveal(row, { select: true, focus: false, expand: false });
  }
}

async function folded(change: ChangeRow, children: (folder: string) => Promise<ChangeRow[]>) {
  let label = change.name;
  let last = change;
  for (let depth = 0; depth < MOST_FOLDED; depth++) {
    if (last.type !== 'directory' || last.kind !== 'carried') break;
    const below = await children(last.path).catch((): ChangeRow[] => []);
    const only = below[0];
    if (below.length !== 1 || only?.type !== 'directory' || only.kind === 'deleted') break;
    label += `/${only.name}`;
    last = only;
  }
  return { label, last };
}

function idOfLayer(row: LayerRow): string {
  return row.kind === 'change' && row.parent ? idOfLayer(row.parent) : row.id;
}

function besideWords(compared: ComparisonPage | undefined): string[] {
  return compared ? [`beside ${compared.image}`] : [];
}

function messageOf(stages: number): string {
  return stages === 0 ? 'There is no FROM in this Dockerfile yet, so it makes no layers.' : '';
}

function nameOf({ origin }: StageRow['inspected']): string {
  const path = origin.kind === 'image' ? origin.file : vscode.Uri.parse(origin.dockerfile).path;
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}
