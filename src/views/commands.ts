import * as vscode from 'vscode';
import type { Builds } from './builds';
import { chooseBuild } from './commands/choose-build';
import { openDockerfile, revealLine } from './commands/dockerfile-editor';
import { explainContext } from './commands/explain-context';
import {
  compareWithImage,
  copyImageId,
  getFromRegistry,
  openImage,
  pointToArchive,
  showImage,
} from './commands/images';
import { Moments } from './commands/moments';
import { compareFile, copyPath, findFile, openFile } from './commands/open-files';
import type { FileTree } from './file-tree';
import { activeDockerfile, type Focus } from './focus';
import type { HostServices } from './host-services';
import { COMMANDS } from './ids';
import type { ImageList } from './image-list';
import type { Inspections } from './inspections';
import { momentWords } from './layer-words';

export interface CommandParts {
  readonly focus: Focus;
  readonly inspections: Inspections;
  readonly builds: Builds;
  readonly files: FileTree;
  readonly services: HostServices;
  readonly images: ImageList;
}

type Handler = (...args: never[]) => unknown;

/** All commands by id. A failure ends in one message that says what was tried and why it failed. */
export function registerCommands(parts: CommandParts): vscode.Disposable {
  const handlers = Object.entries(handlersOf(parts)) as [keyof typeof COMMANDS, Handler][];
  return vscode.Disposable.from(
    ...handlers.map(([name, handler]) =>
      vscode.commands.registerCommand(COMMANDS[name], async (...args: never[]) => {
        try {
          await handler(...args);
        } catch (error) {
          vscode.window.showErrorMessage(error instanceof Error ? error.message : String(error));
        }
      }),
    ),
  );
}

function handlersOf(parts: CommandParts): Record<keyof typeof COMMANDS, Handler> {
  const { focus, inspections, builds, files, services, images } = parts;
  const moments = new Moments(focus, inspections, files);
  return {
    refresh: () => {
      services.forgetImages();
      return focus.refresh();
    },
    openDockerfile,
    openImage: () => openImage(focus),
    chooseBuild: () => choose(focus, builds, inspections),
    chooseStep: () => moments.chooseStep(),
    showFiles: moments.showFiles.bind(moments),
    findFile: () => find(inspections, files.shown),
    openMergedFile: async () => find(inspections, (await moments.atCursor()) ?? files.shown),
    addWorkspaceFolder: moments.addWorkspaceFolder.bind(moments),
    compareFile: compareFile.bind(undefined, inspections),
    copyPath,
    showHistory: moments.showHistory.bind(moments),
    showLayer: moments.showLayer.bind(moments),
    showHeredoc: moments.showHeredoc.bind(moments),
    pointToArchive: pointToArchive.bind(undefined, focus),
    getFromRegistry: getFromRegistry.bind(undefined, focus, services),
    compareWithImage: () => compareWithImage(focus, services),
    refreshImages: () => images.refresh(),
    showImage: showImage.bind(undefined, focus),
    copyImageId,
    explainContext: explainContext.bind(undefined, focus, inspections),
    revealLine: revealLine.bind(undefined, focus),
    openFile: openFile.bind(undefined, inspections),
  };
}

async function choose(focus: Focus, builds: Builds, inspections: Inspections): Promise<void> {
  const dockerfile = activeDockerfile(focus);
  if (dockerfile) await chooseBuild(builds, inspections, dockerfile);
  else vscode.window.showInformationMessage('Open the Dockerfile whose build you want to choose.');
}

function find(inspections: Inspections, place: FileTree['shown']): void {
  if (!place) return;
  const { inspected, moment } = place;
  const where = momentWords(inspected.page.stages[moment.stage], moment);
  findFile(inspections, inspected.key, moment, where);
}
