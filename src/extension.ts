import * as vscode from 'vscode';
import { RemoteSizes } from './platform/remote-sizes';
import { startThread } from './platform/thread';
import { FILES, TEXTS } from './views/address';
import { Builds } from './views/builds';
import { registerCommands } from './views/commands';
import { decorations } from './views/decorations';
import { followProblems } from './views/diagnostics';
import { DOCKERFILES } from './views/dockerfiles';
import { FileTree } from './views/file-tree';
import { Focus } from './views/focus';
import { provideHovers } from './views/hover';
import { InlaySizes } from './views/inlay-sizes';
import { InspectionClient } from './views/inspection-client';
import { Inspections } from './views/inspections';
import { LayerTree } from './views/layer-tree';
import { MergedFiles } from './views/merged-files';
import { followProgress } from './views/progress';
import { settingsFor } from './views/settings';
import { Texts } from './views/texts';

const SILENCE = 10_000;

/** Lists what is registered. Parsing and simulation are in a thread that starts with the first Dockerfile. */
export function activate(context: vscode.ExtensionContext): void {
  const { extensionUri, globalStorageUri, workspaceState, subscriptions } = context;
  const script = vscode.Uri.joinPath(extensionUri, 'dist', 'inspection.worker.js').fsPath;
  const servers = new RemoteSizes();
  const client = new InspectionClient({
    start: (events) => startThread(script, events, { cacheFolder: globalStorageUri.fsPath }),
    patience: () => settingsFor(undefined).runMilliseconds + SILENCE,
    remoteSize: async (url, signal) =>
      settingsFor(undefined).asksSizes
        ? servers.ask(url, signal)
        : { kind: 'unknown', reason: 'asking servers is turned off' },
  });
  const builds = new Builds(workspaceState, client);
  const inspections = new Inspections(client, builds);
  const focus = new Focus(inspections, builds);
  const mergedFiles = new MergedFiles(inspections);
  const texts = new Texts(inspections);
  const files = new FileTree(focus, inspections);
  const sizes = new InlaySizes(inspections);
  subscriptions.push(
    client,
    builds,
    inspections,
    focus,
    mergedFiles,
    texts,
    files,
    sizes,
    new LayerTree(focus, inspections),
    vscode.workspace.registerFileSystemProvider(FILES, mergedFiles, {
      isReadonly: true,
      isCaseSensitive: true,
    }),
    vscode.workspace.registerTextDocumentContentProvider(TEXTS, texts),
    vscode.window.registerFileDecorationProvider(decorations),
    vscode.languages.registerInlayHintsProvider(DOCKERFILES, sizes),
    provideHovers(inspections),
    followProblems(focus),
    followProgress(focus),
    registerCommands({ focus, inspections, builds, files }),
  );
}
