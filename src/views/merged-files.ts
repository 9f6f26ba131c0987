import * as vscode from 'vscode';
import { type FileRow, type FileType, PageError } from '../pages/protocol';
import { FILES, parseFileUri } from './address';
import type { Inspected, Inspections } from './inspections';

/** Serves the merged file systems read-only. */
export class MergedFiles implements vscode.FileSystemProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  readonly onDidChangeFile = this.changed.event;
  private readonly watched = new Map<string, vscode.Uri>();
  private readonly subscription: vscode.Disposable;

  constructor(private readonly inspections: Inspections) {
    this.subscription = inspections.onDidChange((inspected) => this.notify(inspected));
  }

  watch(uri: vscode.Uri): vscode.Disposable {
    const id = uri.toString();
    this.watched.set(id, uri);
    return new vscode.Disposable(() => this.watched.delete(id));
  }

  async stat(uri: vscode.Uri): Promise<vscode.FileStat> {
    const address = parseFileUri(uri);
    const { path } = address;
    const row = await this.answer(uri, this.inspections.ask('file', { ...address, follow: path === '/' }));
    if (row) return statOf(row, await this.targetOf(uri, row));
    // Reading tells why it is not there: absent, or not known.
    await this.readFile(uri);
    throw vscode.FileSystemError.FileNotFound(uri);
  }

  async readDirectory(uri: vscode.Uri): Promise<[string, vscode.FileType][]> {
    const rows = await this.answer(uri, this.inspections.ask('folder', parseFileUri(uri)), 'folder');
    return rows.map((row) => [row.name, typeOf(row)]);
  }

  async readFile(uri: vscode.Uri): Promise<Uint8Array> {
    return this.answer(uri, this.inspections.ask('read', parseFileUri(uri)));
  }

  createDirectory(uri: vscode.Uri): never {
    throw readOnly(uri);
  }

  writeFile(uri: vscode.Uri): never {
    throw readOnly(uri);
  }

  delete(uri: vscode.Uri): never {
    throw readOnly(uri);
  }

  rename(uri: vscode.Uri): never {
    throw readOnly(uri);
  }

  dispose(): void {
    this.subscription.dispose();
    this.changed.dispose();
  }

  /** Of a link to a file the editor wants the size of what it leads to. */
  private async targetOf(uri: vscode.Uri, row: FileRow): Promise<FileRow> {
    if (row.type !== 'symlink' || row.linkType === undefined) return row;
    const address = parseFileUri(uri);
    return (await this.answer(uri, this.inspections.ask('file', { ...address, follow: true }))) ?? row;
  }

  private async answer<T>(uri: vscode.Uri, answer: T | Promise<T>, wanted?: 'folder'): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      throw fileSystemError(uri, error, wanted);
    }
  }

  /** Editors and explorers look again at what they show of this file. */
  private notify({ key, origin }: Inspected): void {
    const shows = (uri: vscode.Uri) => uri.scheme === FILES && keyOfUri(uri) === key;
    const open = vscode.workspace.textDocuments.map(({ uri }) => uri).filter(shows);
    const watched = [...this.watched.values()].filter(shows);
    const uris = new Map([...open, ...watched].map((uri) => [uri.toString(), uri]));
    if (uris.size === 0 || origin.kind === 'image') return;
    this.changed.fire([...uris.values()].map((uri) => ({ type: vscode.FileChangeType.Changed, uri })));
  }
}

function keyOfUri(uri: vscode.Uri): string | undefined {
  try {
    return parseFileUri(uri).key;
  } catch {
    return undefined;
  }
}

const { File, Directory, SymbolicLink, Unknown } = vscode.FileType;
const TYPES: Record<FileType, vscode.FileType> = {
  file: File,
  directory: Directory,
  symlink: SymbolicLink,
  character: Unknown,
  block: Unknown,
  fifo: Unknown,
};

function typeOf({ type, linkType }: FileRow): vscode.FileType {
  return type === 'symlink' ? SymbolicLink | TYPES[linkType ?? 'fifo'] : TYPES[type];
}

function statOf(row: FileRow, target: FileRow): vscode.FileStat {
  // Fractions are kept: two simulations in one millisecond are told apart by them.
  const time = target.mtime * 1000;
  const { size } = target;
  return { type: typeOf(row), size, mtime: time, ctime: time, permissions: vscode.FilePermission.Readonly };
}

function fileSystemError(uri: vscode.Uri, error: unknown, wanted: 'folder' | undefined): Error {
  if (error instanceof vscode.FileSystemError) return error;
  const { FileNotFound, FileIsADirectory, FileNotADirectory, Unavailable } = vscode.FileSystemError;
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof PageError)) return Unavailable(message);
  switch (error.code) {
    case 'not found':
      return FileNotFound(uri);
    case 'not a file':
      return wanted === 'folder' ? FileNotADirectory(uri) : FileIsADirectory(uri);
    default:
      return Unavailable(message);
  }
}

function readOnly(uri: vscode.Uri): vscode.FileSystemError {
  return vscode.FileSystemError.NoPermissions(`${uri.path} is part of an image layer, which never changes`);
}
