import * as vscode from 'vscode';
import type { WorkerData } from './pages/protocol';
import { startThread } from './platform/thread';
import { FILES, TEXTS } from './views/address';
import { Builds } from './views/builds';
import { registerCommands } from './views/commands';
import { decorations } from './views/decorations';
import { followProblems } from './views/diagnostics';
import { DOCKERFILES } from './views/dockerfiles';
import { FileTree } from './views/file-tree';
import { Focus } from './views/focus';
import { HostServices } from './views/host-services';
import { provideHovers } from './views/hover';
import { ImageList } from './views/image-list';
import { InlaySizes } from './views/inlay-sizes';
import { InspectionClient } from './views/inspection-client';
import { Inspections } from './views/inspections';
import { LayerTree } from './views/layer-tree';
import { MergedFiles } from './views/merged-files';
import { followProgress } from './views/progress';
import { settingsFor, storeLimit } from './views/settings';
import { Texts } from './views/texts';

const SILENCE = 10_000;

/** Lists what is registered. Parsing and simulation are in a thread that starts with the first Dockerfile. */
export function activate(context: vscode.ExtensionContext): void {
  const { extensionUri, globalStorageUri, workspaceState, subscriptions } = context;
  const script = vscode.Uri.joinPath(extensionUri, 'dist', 'inspection.worker.js').fsPath;
  const cacheFolder = globalStorageUri.fsPath;
  const services = new HostServices(vscode.Uri.joinPath(globalStorageUri, 'images').fsPath);
  const client = new InspectionClient({
    start: (events) =>
      startThread(script, events, { cacheFolder, storeLimit: storeLimit() } satisfies WorkerData),
    patience: () => settingsFor(undefined).runMilliseconds + SILENCE,
    serve: (question, signal) => services.serve(question, signal),
  });
  const builds = new Builds(workspaceState, client);
  const inspections = new Inspections(client, builds);
  const focus = new Focus(inspections, builds);
  const mergedFiles = new MergedFiles(inspections);
  const texts = new Texts(inspections);
  const files = new FileTree(focus, inspections);
  const sizes = new InlaySizes(inspections);
  const images = new ImageList(services);
  subscriptions.push(
    client,
    services,
    services.onDidChangeImages(() => focus.imagesChanged()),
    builds,
    inspections,
    focus,
    mergedFiles,
    texts,
    files,
    sizes,
    images,
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
    registerCommands({ focus, inspections, builds, files, services, images }),
  );
}
