import * as vscode from 'vscode';
import type { Builder } from '../graph/builder';
import type { InspectionClient } from './inspection-client';
import { settingsFor } from './settings';

/** How a Dockerfile is built, as `docker build` takes it. */
export interface Build {
  /** Absolute path; `undefined` for a build without a context. */
  readonly contextFolder: string | undefined;
  readonly target: string | undefined;
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly platform: string;
  readonly builder: Builder;
}

/** What a user chose; the rest is guessed. */
export type BuildChoice = Partial<Build>;

/** The build of each Dockerfile: what the user chose, remembered in the workspace, over a good guess. */
export class Builds {
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.changed.event;
  private readonly guesses = new Map<string, Promise<string | undefined>>();

  constructor(
    private readonly memory: vscode.Memento,
    private readonly client: InspectionClient,
  ) {}

  async of(document: vscode.TextDocument): Promise<Build> {
    const choice = this.choiceOf(document.uri);
    const settings = settingsFor(document.uri);
    const contextFolder =
      'contextFolder' in choice ? choice.contextFolder : await this.guessedContext(document);
    return {
      contextFolder,
      target: choice.target,
      buildArgs: choice.buildArgs ?? {},
      platform: choice.platform ?? settings.platform,
      builder: choice.builder ?? settings.builder,
    };
  }

  choiceOf(dockerfile: vscode.Uri): BuildChoice {
    return this.memory.get<BuildChoice>(memoryKey(dockerfile), {});
  }

  /** Nothing chosen goes back to the guess. */
  async choose(dockerfile: vscode.Uri, choice: BuildChoice | undefined): Promise<void> {
    await this.memory.update(memoryKey(dockerfile), choice);
    if (!choice) this.guesses.delete(dockerfile.toString());
    this.changed.fire(dockerfile);
  }

  dispose(): void {
    this.changed.dispose();
  }

  /** Guessed once, so that the context does not jump while someone types. */
  private guessedContext(document: vscode.TextDocument): Promise<string | undefined> {
    const id = document.uri.toString();
    const known = this.guesses.get(id) ?? this.guessContext(document);
    this.guesses.set(id, known);
    known.catch(() => this.guesses.delete(id));
    return known;
  }

  /**
   * Of the folder of the Dockerfile and those above it, up to the workspace folder, the one that has most of what
   * the Dockerfile copies: `docker build -f docker/Dockerfile .` is common. The nearest wins a tie.
   */
  private async guessContext(document: vscode.TextDocument): Promise<string | undefined> {
    const { uri } = document;
    if (uri.scheme !== 'file') return undefined;
    const folders = possibleContexts(uri);
    if (folders.length === 1) return folders[0]?.fsPath;
    const sources = await this.client.ask('contextSources', { text: document.getText() });
    const counts = await Promise.all(folders.map((folder) => countExisting(folder, sources)));
    return folders[counts.indexOf(Math.max(...counts))]?.fsPath;
  }
}

function memoryKey(dockerfile: vscode.Uri): string {
  return `build:${dockerfile.toString()}`;
}

/** From the nearest up. */
export function possibleContexts(dockerfile: vscode.Uri): vscode.Uri[] {
  const own = vscode.Uri.joinPath(dockerfile, '..');
  const root = vscode.workspace.getWorkspaceFolder(dockerfile)?.uri;
  const folders = [own];
  if (!root) return folders;
  for (let folder = own; folder.path !== root.path && folder.path !== '/'; ) {
    folder = vscode.Uri.joinPath(folder, '..');
    folders.push(folder);
  }
  return folders;
}

async function countExisting(folder: vscode.Uri, sources: readonly string[]): Promise<number> {
  const found = await Promise.all(sources.map((source) => exists(vscode.Uri.joinPath(folder, source))));
  return found.filter(Boolean).length;
}

async function exists(uri: vscode.Uri): Promise<boolean> {
  return vscode.workspace.fs.stat(uri).then(
    () => true,
    () => false,
  );
}
