import * as vscode from 'vscode';
import { BUILDERS, type Builder, DEFAULT_BUILDER } from '../graph/builder';
import { type NamedContexts, parseNamedContext } from '../graph/named-contexts';
import type { StoredSource } from '../layers/stored-image';
import { homeFolder } from '../platform/thread';

/** The prefix of every id of this extension: commands, views, settings. */
export const PREFIX = 'dockerfileLayers';
export const IMAGES_SETTING = 'images';

/** What a user can set, as plain values. */
export interface Settings {
  /** Image reference → absolute path. */
  readonly images: Readonly<Record<string, string>>;
  readonly contexts: NamedContexts;
  readonly platform: string;
  readonly builder: Builder;
  /** Whether servers that ADD lines name may be asked for sizes. */
  readonly asksSizes: boolean;
  /** Whether engines and registries may be asked for images. */
  readonly asksImages: boolean;
  readonly contextCap: number;
  readonly runMilliseconds: number;
  readonly runBytes: number;
  readonly showsSizes: boolean;
  readonly showsChecks: boolean;
}

/** The settings as they hold for a resource. */
export function settingsFor(resource: vscode.Uri | undefined): Settings {
  const settings = vscode.workspace.getConfiguration(PREFIX, resource);
  const absolute = (path: string) => absolutePath(path, resource);
  return {
    images: namedTexts(settings, IMAGES_SETTING, absolute),
    contexts: namedTexts(settings, 'contexts', (value) => parseNamedContext(value, absolute)),
    // What is written as null comes as null, whatever the default.
    platform: (settings.get<string | null>('platform') ?? '').trim() || 'linux/amd64',
    builder: builderNamed(settings.get('builder')),
    // Nobody but the user turns this on: not a workspace, and not in a workspace that is not trusted.
    asksSizes: vscode.workspace.isTrusted && settings.inspect<boolean>('network.sizes')?.globalValue === true,
    asksImages: vscode.workspace.isTrusted,
    contextCap: numberOf(settings, 'context.maxFiles', 50_000),
    runMilliseconds: numberOf(settings, 'run.timeLimit', 5, { least: 0.1, most: 120 }) * 1000,
    runBytes: numberOf(settings, 'run.memoryLimit', 256, { least: 16, most: 4096 }) * 1024 * 1024,
    showsSizes: settings.get('inlayHints.enabled', true),
    showsChecks: settings.get('buildChecks.enabled', true),
  };
}

/** Where images are looked for that no archive is mapped to, in this order. */
export function imageSources(): StoredSource[] {
  const listed = vscode.workspace.getConfiguration(PREFIX).get<unknown>('imageSources');
  const known: readonly StoredSource[] = ['docker', 'podman', 'registry'];
  if (!Array.isArray(listed)) return [...known];
  return [...new Set(listed)].filter((name): name is StoredSource => known.includes(name));
}

const REGISTRIES = 'registries.allowed';

/** Registries that the user agreed to ask. Nobody else can: not a workspace. */
export function allowedRegistries(): string[] {
  const { globalValue } = vscode.workspace.getConfiguration(PREFIX).inspect<unknown>(REGISTRIES) ?? {};
  return Array.isArray(globalValue)
    ? globalValue.filter((host): host is string => typeof host === 'string')
    : [];
}

export async function allowRegistry(host: string): Promise<void> {
  const hosts = [...new Set([...allowedRegistries(), host])];
  await vscode.workspace
    .getConfiguration(PREFIX)
    .update(REGISTRIES, hosts, vscode.ConfigurationTarget.Global);
}

/** Bytes of images from engines and registries that may stay on disk. */
export function storeLimit(): number {
  const settings = vscode.workspace.getConfiguration(PREFIX);
  return numberOf(settings, 'imageStore.maxSize', 10, { least: 0.1, most: 1000 }) * 1e9;
}

/** A number as it may be used: what is written as null or as a text is the default, what is out of range its end. */
function numberOf(
  settings: vscode.WorkspaceConfiguration,
  name: string,
  otherwise: number,
  { least = 1, most = Number.POSITIVE_INFINITY } = {},
): number {
  const value = settings.get<unknown>(name);
  return typeof value === 'number' ? Math.min(Math.max(value, least), most) : otherwise;
}

/** A setting of names and texts, without the entries that are not of that kind. */
function namedTexts<Value>(
  settings: vscode.WorkspaceConfiguration,
  name: string,
  read: (text: string) => Value,
): Record<string, Value> {
  const entries = Object.entries(settings.get<Record<string, unknown> | null>(name) ?? {});
  const texts = entries.flatMap(([key, text]) =>
    typeof text === 'string' && text !== '' ? [[key, text] as const] : [],
  );
  return Object.fromEntries(texts.map(([key, text]) => [key, read(text)]));
}

export function affectsInspection(event: vscode.ConfigurationChangeEvent): boolean {
  return [
    'images',
    'imageSources',
    'registries',
    'contexts',
    'platform',
    'builder',
    'network',
    'context',
    'run',
    'buildChecks',
  ].some((name) => event.affectsConfiguration(`${PREFIX}.${name}`));
}

/** The editor marks a value that is none of the list; what is simulated then is the default. */
function builderNamed(value: unknown): Builder {
  return BUILDERS.find((name) => name === value) ?? DEFAULT_BUILDER;
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
