import * as vscode from 'vscode';
import { DEFAULT_BUILDER } from '../graph/builder';
import { keyOf, type Origin } from './address';
import type { Builds } from './builds';
import { ContextWatch } from './context-watch';
import { isDockerfile } from './dockerfiles';
import {
  contextFolders,
  dockerfileOf,
  type Inspected,
  type Inspections,
  isOf,
  openDocument,
} from './inspections';
import { affectsInspection, PREFIX } from './settings';

const TYPING_PAUSE = 150;

/** What the views show: an inspection, or why there is none. */
export type Shown =
  | { readonly kind: 'inspected'; readonly inspected: Inspected }
  | { readonly kind: 'failed'; readonly origin: Origin; readonly message: string };

/**
 * The inspection that the views show: of the Dockerfile that was last active in an editor, or of an image that was
 * opened. It follows edits without saving, files of the context, settings and the chosen build.
 */
export class Focus implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<Shown>();
  /** Something new is shown. */
  readonly onDidChange = this.changed.event;
  private readonly started = new vscode.EventEmitter<Promise<unknown>>();
  /** A new inspection is under way. */
  readonly onDidStart = this.started.event;
  shown: Shown | undefined;
  private subject: vscode.Uri | Extract<Origin, { kind: 'image' }> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private readonly disposables: vscode.Disposable[];

  constructor(
    private readonly inspections: Inspections,
    builds: Builds,
  ) {
    const watch = new ContextWatch((contextFolder) => this.contextChanged(contextFolder));
    const { workspace, window } = vscode;
    this.disposables = [
      watch,
      this.onDidChange((shown) => watch.follow(shown)),
      window.onDidChangeActiveTextEditor((editor) => this.followEditor(editor)),
      window.onDidChangeTextEditorSelection(({ kind, textEditor }) => this.returnTo(textEditor, kind)),
      workspace.onDidOpenTextDocument((document) => this.languageChanged(document)),
      workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (contentChanges.length > 0) this.outdate(isOf(document), TYPING_PAUSE);
      }),
      // What is closed may change on the disk unseen, and the name of an untitled document is given away again.
      workspace.onDidCloseTextDocument((document) => inspections.outdate(isOf(document))),
      workspace.onDidSaveTextDocument((document) => {
        if (isDockerfile(document)) this.outdate(isOf(document), 0);
      }),
      workspace.onDidChangeConfiguration((event) => {
        if (affectsInspection(event)) this.outdate(() => true, 0);
      }),
      workspace.onDidGrantWorkspaceTrust(() => this.outdate(() => true, 0)),
      workspace.onDidChangeWorkspaceFolders(() => this.outdate(() => true, 0)),
      builds.onDidChange((uri) => this.outdate(isOf(uri), 0)),
      this.changed,
      this.started,
    ];
    this.followEditor(window.activeTextEditor ?? window.visibleTextEditors.find(showsDockerfile));
  }

  /** The inspection that is shown, if there is one. */
  get inspected(): Inspected | undefined {
    return this.shown?.kind === 'inspected' ? this.shown.inspected : undefined;
  }

  /** The Dockerfile that is shown. */
  get dockerfile(): vscode.Uri | undefined {
    return this.subject instanceof vscode.Uri ? this.subject : undefined;
  }

  async showImage(origin: Extract<Origin, { kind: 'image' }>): Promise<void> {
    this.subject = origin;
    await this.update();
  }

  async showDockerfile(uri: vscode.Uri): Promise<void> {
    this.subject = uri;
    await this.update();
  }

  /** To be called when images came or went that inspections asked for. */
  imagesChanged(): void {
    this.outdate(() => true, 0);
  }

  /** Reads everything again: the contexts, the images, the Dockerfile. */
  async refresh(): Promise<void> {
    const { inspected } = this;
    const folders = inspected ? contextFolders(inspected.origin) : [];
    for (const folder of folders) await this.inspections.forgetContext(folder);
    this.inspections.outdate(() => true);
    await this.update();
  }

  dispose(): void {
    clearTimeout(this.timer);
    for (const disposable of this.disposables) disposable.dispose();
  }

  private followEditor(editor: vscode.TextEditor | undefined): void {
    if (editor && showsDockerfile(editor)) void this.showDockerfile(editor.document.uri);
  }

  /** After an image was looked at, the first click or key in the Dockerfile brings its layers back. */
  private returnTo(editor: vscode.TextEditor, kind: vscode.TextEditorSelectionChangeKind | undefined): void {
    const isElsewhere = this.subject?.toString() !== editor.document.uri.toString();
    if (kind !== undefined && kind !== vscode.TextEditorSelectionChangeKind.Command && isElsewhere)
      this.followEditor(editor);
  }

  private languageChanged(document: vscode.TextDocument): void {
    const { activeTextEditor } = vscode.window;
    if (activeTextEditor?.document === document) this.followEditor(activeTextEditor);
  }

  private outdate(which: Parameters<Inspections['outdate']>[0], delay: number): void {
    this.inspections.outdate(which);
    const { subject } = this;
    const isShown =
      subject &&
      which(subject instanceof vscode.Uri ? dockerfileEntry(subject) : { key: '', origin: subject });
    if (isShown) this.updateAfter(delay);
  }

  private contextChanged(contextFolder: string): void {
    this.inspections.forgetContext(contextFolder).then(
      () => this.updateAfter(0),
      () => {},
    );
  }

  private updateAfter(delay: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.update(), delay);
  }

  private async update(): Promise<void> {
    clearTimeout(this.timer);
    const { subject } = this;
    if (!subject) return;
    await vscode.commands.executeCommand('setContext', `${PREFIX}.isShowing`, true);
    const work = this.inspect(subject);
    this.started.fire(work);
    const shown = await work.then(
      (inspected): Shown => ({ kind: 'inspected', inspected }),
      (error: Error): Shown => ({ kind: 'failed', origin: originOfSubject(subject), message: error.message }),
    );
    const isWanted = this.subject === subject;
    const isNew =
      shown.kind === 'failed' || this.inspected?.page !== (shown.inspected as Inspected | undefined)?.page;
    if (!isWanted || !isNew) return;
    this.shown = shown;
    this.changed.fire(shown);
  }

  private async inspect(subject: vscode.Uri | Extract<Origin, { kind: 'image' }>): Promise<Inspected> {
    if (!(subject instanceof vscode.Uri)) return this.inspections.at(keyOf(subject));
    return this.inspections.of(await openDocument(subject));
  }
}

/** Whether an editor shows a Dockerfile. */
export function showsDockerfile(editor: vscode.TextEditor): boolean {
  return isDockerfile(editor.document);
}

function dockerfileEntry(uri: vscode.Uri): { key: string; origin: Origin } {
  return { key: '', origin: originOfSubject(uri) };
}

function originOfSubject(subject: vscode.Uri | Extract<Origin, { kind: 'image' }>): Origin {
  if (!(subject instanceof vscode.Uri)) return subject;
  const build = {
    contextFolder: undefined,
    target: undefined,
    buildArgs: {},
    platform: '',
    builder: DEFAULT_BUILDER,
  };
  return { kind: 'dockerfile', dockerfile: subject.toString(), build };
}

/** The Dockerfile to act on: in the active editor, or the one that the views show. */
export function activeDockerfile(focus: Focus): vscode.Uri | undefined {
  const editor = vscode.window.activeTextEditor;
  if (editor && showsDockerfile(editor)) return editor.document.uri;
  return focus.inspected ? dockerfileOf(focus.inspected) : focus.dockerfile;
}
