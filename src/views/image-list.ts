import * as vscode from 'vscode';
import type { EngineKind } from '../images/engine/endpoint';
import { titleOf } from '../images/engine/engine';
import { type EngineHistoryEntry, NONE } from '../images/engine/engine-images';
import { type LocalImage, shortId } from '../images/local-images';
import { count, formatSize, historyWords } from '../layers/format';
import { formatPlatform } from '../layers/image';
import type { StoredImage } from '../layers/stored-image';
import type { HostServices } from './host-services';
import { VIEWS } from './ids';
import { imageSources } from './settings';

/** A row of the images view. */
export type ImageRow =
  | { readonly kind: 'engine'; readonly engine: EngineKind }
  | { readonly kind: 'registries' }
  | { readonly kind: 'image'; readonly engine: EngineKind; readonly image: LocalImage }
  | { readonly kind: 'stored'; readonly image: StoredImage }
  | { readonly kind: 'history'; readonly entry: EngineHistoryEntry }
  | { readonly kind: 'message'; readonly text: string };

/** The images of the engines on this machine, as `docker images` and `docker history` show them. */
export class ImageList implements vscode.TreeDataProvider<ImageRow>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly view: vscode.TreeView<ImageRow>;

  constructor(private readonly services: HostServices) {
    this.view = vscode.window.createTreeView(VIEWS.images, { treeDataProvider: this, showCollapseAll: true });
  }

  refresh(): void {
    this.changed.fire();
  }

  getTreeItem(row: ImageRow): vscode.TreeItem {
    switch (row.kind) {
      case 'engine':
        return groupItem(titleOf(row.engine), 'server-environment');
      case 'registries':
        return groupItem('From registries', 'cloud-download');
      case 'image':
        return imageItem(row.engine, row.image);
      case 'stored':
        return storedItem(row.image);
      case 'history':
        return historyItem(row.entry);
      case 'message':
        return messageItem(row.text);
      default:
        return row satisfies never;
    }
  }

  async getChildren(row?: ImageRow): Promise<ImageRow[]> {
    try {
      return await this.childrenOf(row);
    } catch (error) {
      return [{ kind: 'message', text: (error as Error).message }];
    }
  }

  dispose(): void {
    this.view.dispose();
    this.changed.dispose();
  }

  private async childrenOf(row: ImageRow | undefined): Promise<ImageRow[]> {
    switch (row?.kind) {
      case undefined:
        return this.roots();
      case 'engine': {
        const { engine } = row;
        const images = await this.services.localImages(engine);
        if (images.length === 0) return [{ kind: 'message', text: 'No images' }];
        return images.map((image) => ({ kind: 'image', engine, image }));
      }
      case 'registries':
        return (await this.storedFromRegistries()).map((image) => ({ kind: 'stored', image }));
      case 'image': {
        const history = await this.services.history(row.engine, row.image.reference);
        return history.map((entry) => ({ kind: 'history', entry }));
      }
      default:
        return [];
    }
  }

  private async roots(): Promise<ImageRow[]> {
    const stored = await this.storedFromRegistries();
    return imageSources().flatMap((source): ImageRow[] => {
      if (source !== 'registry') return [{ kind: 'engine', engine: source }];
      return stored.length > 0 ? [{ kind: 'registries' }] : [];
    });
  }

  private async storedFromRegistries(): Promise<StoredImage[]> {
    return (await this.services.storedImages()).filter(({ source }) => source === 'registry');
  }
}

function groupItem(label: string, icon: string): vscode.TreeItem {
  const item = new vscode.TreeItem(label, vscode.TreeItemCollapsibleState.Expanded);
  item.id = label;
  item.iconPath = new vscode.ThemeIcon(icon);
  return item;
}

function imageItem(engine: EngineKind, image: LocalImage): vscode.TreeItem {
  const { repository, tag, id, created, size, details } = image;
  const label = repository === NONE ? NONE : `${repository}:${tag}`;
  const item = new vscode.TreeItem(label, vscode.TreeItemCollapsibleState.Collapsed);
  item.id = `${engine} ${label} ${id}`;
  item.description = `${shortId(id)} · ${ago(created)} · ${formatSize(size)}`;
  item.iconPath = new vscode.ThemeIcon('layers');
  item.contextValue = 'image';
  const facts = [
    `ID ${id}`,
    ...(image.digest ? [`Digest ${image.digest}`] : []),
    ...(details ? [`Platform ${details.platforms.map(formatPlatform).join(', ')}`] : []),
    `Created ${new Date(created).toLocaleString()}`,
    ...layerLines(image),
  ];
  item.tooltip = facts.join('\n');
  return item;
}

/** Which layers others have too, and where they lie. */
function layerLines({ details, sharers }: LocalImage): string[] {
  if (!details) return [];
  const shared = sharers.filter((others) => others.length > 0);
  const with_ = [...new Set(shared.flat())];
  const names =
    with_.length > 5 ? `${with_.slice(0, 5).join(', ')} and ${with_.length - 5} more` : with_.join(', ');
  const folders = details.layers.flatMap(({ folder }) => (folder === undefined ? [] : [folder]));
  return [
    count(details.layers.length, 'layer') +
      (shared.length > 0
        ? `, ${shared.length} of them shared with ${names}`
        : ', shared with no other image'),
    ...(folders.length > 0 ? ['On the engine’s disk, the base first:', ...folders] : []),
  ];
}

function storedItem(image: StoredImage): vscode.TreeItem {
  const item = new vscode.TreeItem(image.name);
  const size = image.layers.reduce((sum, layer) => sum + layer.size, 0);
  item.id = `${image.name} ${image.id} ${formatPlatform(image.platform)}`;
  item.description = `${formatPlatform(image.platform)} · ${formatSize(size)} compressed · ${ago(image.fetchedAt)}`;
  item.tooltip = `${image.id}\nKept on this machine since ${new Date(image.fetchedAt).toLocaleString()}`;
  item.iconPath = new vscode.ThemeIcon('layers');
  item.contextValue = 'image';
  return item;
}

function historyItem({ id, created, createdBy, size, comment }: EngineHistoryEntry): vscode.TreeItem {
  const item = new vscode.TreeItem(historyWords(createdBy) || '(no words)');
  item.description = `${formatSize(size)} · ${ago(created)}${comment ? ` · ${comment}` : ''}`;
  item.tooltip = `${createdBy}\n\nImage ${id === undefined ? '<missing>' : shortId(id)}\nCreated ${new Date(created).toLocaleString()}`;
  item.iconPath = new vscode.ThemeIcon(size > 0 ? 'file-zip' : 'circle-small');
  return item;
}

function messageItem(text: string): vscode.TreeItem {
  const item = new vscode.TreeItem(text);
  item.tooltip = text;
  item.iconPath = new vscode.ThemeIcon('info');
  return item;
}

const UNITS = [
  ['year', 365 * 24 * 3600],
  ['month', 30 * 24 * 3600],
  ['week', 7 * 24 * 3600],
  ['day', 24 * 3600],
  ['hour', 3600],
  ['minute', 60],
] as const;

/** `3 days ago`. */
function ago(time: number): string {
  const seconds = Math.max(0, (Date.now() - time) / 1000);
  const [unit, length] = UNITS.find(([, unitLength]) => seconds >= unitLength) ?? (['second', 1] as const);
  return new Intl.RelativeTimeFormat('en').format(-Math.floor(seconds / length), unit);
}

/** What a row stands for, as an address: `docker://node:20`. */
export function addressOfRow(row: ImageRow): string | undefined {
  if (row.kind === 'image') return `${row.engine}://${row.image.reference}`;
  return row.kind === 'stored' ? `registry://${row.image.name}` : undefined;
}
