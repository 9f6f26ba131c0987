import * as vscode from 'vscode';
import { homeFolder } from '../platform/thread';

/** The prefix of every id of this extension: commands, views, settings. */
export const PREFIX = 'dockerfileLayers';
export const IMAGES_SETTING = 'images';

/** What a user can set, as plain values. */
export interface Settings {
  /** Image reference → absolute path. */
  readonly images: Readonly<Record<string, string>>;
  readonly platform: string;
  readonly contextCap: number;
  readonly runMilliseconds: number;
  readonly runBytes: number;
  readonly showsSizes: boolean;
}

/** The settings as they hold for a resource. */
export function settingsFor(resource: vscode.Uri | undefined): Settings {
  const settings = vscode.workspace.getConfiguration(PREFIX, resource);
  const images = settings.get<Record<string, string>>(IMAGES_SETTING, {});
  return {
    images: Object.fromEntries(
      Object.entries(images)
        .filter(([, path]) => typeof path === 'string' && path !== '')
        .map(([reference, path]) => [reference, absolutePath(path, resource)]),
    ),
    platform: settings.get('platform', 'linux/amd64').trim() || 'linux/amd64',
    contextCap: settings.get('context.maxFiles', 50_000),
    runMilliseconds: settings.get('run.timeLimit', 5) * 1000,
    runBytes: settings.get('run.memoryLimit', 256) * 1024 * 1024,
    showsSizes: settings.get('inlayHints.enabled', true),
  };
}

export function affectsInspection(event: vscode.ConfigurationChangeEvent): boolean {
  return ['images', 'platform', 'context', 'run'].some((name) =>
    event.affectsConfiguration(`${PREFIX}.${name}`),
  );
}

/** Maps a reference to an archive, in the folder's settings, or in the user's when no folder is open. */
export async function mapImage(
  reference: string,
  archive: vscode.Uri,
  resource: vscode.Uri | undefined,
): Promise<void> {
  const folder = folderOf(resource);
  const settings = vscode.workspace.getConfiguration(PREFIX, resource);
  const { globalValue, workspaceValue, workspaceFolderValue } =
    settings.inspect<Record<string, string>>(IMAGES_SETTING) ?? {};
  const isMultiRoot = (vscode.workspace.workspaceFolders?.length ?? 0) > 1;
  const [target, known] = !folder
    ? [vscode.ConfigurationTarget.Global, globalValue]
    : isMultiRoot
      ? [vscode.ConfigurationTarget.WorkspaceFolder, workspaceFolderValue]
      : [vscode.ConfigurationTarget.Workspace, workspaceValue];
  await settings.update(IMAGES_SETTING, { ...known, [reference]: writtenPath(archive, folder) }, target);
}

/** The workspace folder whose settings and relative paths hold for a resource. */
export function folderOf(resource: vscode.Uri | undefined): vscode.Uri | undefined {
  const own = resource && vscode.workspace.getWorkspaceFolder(resource);
  const first = vscode.workspace.workspaceFolders?.find(({ uri }) => uri.scheme === 'file');
  return (own ?? first)?.uri;
}

function absolutePath(path: string, resource: vscode.Uri | undefined): string {
  if (path === '~' || /^~[/\\]/.test(path)) return homeFolder() + path.slice(1);
  const isAbsolute = /^([/\\]|[A-Za-z]:[/\\])/.test(path);
  const folder = folderOf(resource);
  return isAbsolute || !folder ? path : vscode.Uri.joinPath(folder, path).fsPath;
}

function writtenPath(archive: vscode.Uri, folder: vscode.Uri | undefined): string {
  const inside = folder && `${folder.path}/`;
  return inside && archive.path.startsWith(inside) ? archive.path.slice(inside.length) : archive.fsPath;
}
