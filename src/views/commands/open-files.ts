import * as vscode from 'vscode';
import { baseName } from '../../layers/path';
import type { FileRow, Moment } from '../../pages/protocol';
import { type FileAddress, fileUri } from '../address';
import type { FileTreeRow } from '../file-tree';
import type { Inspections } from '../inspections';
import { type LayerRow, momentAfter } from '../layer-rows';
import { lineOf } from '../layer-words';
import { keepDockerfileOpen } from './dockerfile-editor';

/** What a command on a file is given: a row of one of the trees, or an address from a hover's link. */
export type FileArgument = LayerRow | FileTreeRow | FileAddress | undefined;

/** The address of a file; `undefined` for what is not one. */
export function addressOf(argument: FileArgument): FileAddress | undefined {
  if (!argument) return undefined;
  if (!('kind' in argument)) return argument;
  switch (argument.kind) {
    case 'file':
      return { key: argument.key, moment: argument.moment, path: argument.file.path };
    case 'change': {
      const { inspected, address, change } = argument;
      return { key: inspected.key, moment: momentAfter(address), path: change.path };
    }
    default:
      return undefined;
  }
}

/** Opens a file as it is at a moment; one that the step deletes, as it was before. */
export async function openFile(inspections: Inspections, argument: FileArgument): Promise<void> {
  const address = addressOf(argument);
  if (!address) return;
  const isDeletion =
    argument && 'kind' in argument && argument.kind === 'change' && argument.change.kind === 'deleted';
  const at = isDeletion ? before(address) : address;
  const row = await inspections.ask('file', { ...at, follow: true });
  if (row?.type === 'directory') {
    const what = isDeletion ? 'was a folder, which this step deletes' : 'is a folder';
    vscode.window.showInformationMessage(`${at.path} ${what}.`);
    return;
  }
  await keepDockerfileOpen();
  await vscode.commands.executeCommand('vscode.open', fileUri(at));
}

/** Opens the difference that a step makes to a file. */
export async function compareFile(inspections: Inspections, argument: FileArgument): Promise<void> {
  const address = addressOf(argument);
  if (!address) return;
  const earlier = before(address);
  const [older, newer] = await Promise.all(
    [earlier, address].map((at) => inspections.ask('file', { ...at, follow: true })),
  );
  if (!older || !newer) {
    const what = older ? 'is deleted by this step' : newer ? 'is added by this step' : 'is not there';
    vscode.window.showInformationMessage(`${address.path} ${what}: there is nothing to compare it with.`);
    if (older ?? newer)
      await vscode.commands.executeCommand('vscode.open', fileUri(older ? earlier : address));
    return;
  }
  const page = inspections.known(address.key)?.page;
  const step = page?.stages[address.moment.stage]?.steps[address.moment.step];
  const where = step && step.keyword !== '' ? `line ${lineOf(step)}` : 'this layer';
  const title = `${baseName(address.path)} (before ↔ after ${where})`;
  await keepDockerfileOpen();
  await vscode.commands.executeCommand('vscode.diff', fileUri(earlier), fileUri(address), title);
}

function before({ key, moment: { stage, step, base }, path }: FileAddress): FileAddress {
  const moment =
    base === undefined
      ? { stage, step: Math.max(-1, step - 1) }
      : { stage, step, base: Math.max(0, base - 1) };
  return { key, moment, path };
}

/** Copies the path inside the container. */
export async function copyPath(argument: FileArgument): Promise<void> {
  const address = addressOf(argument);
  if (address) await vscode.env.clipboard.writeText(address.path);
}

interface FoundItem extends vscode.QuickPickItem {
  readonly file: FileRow;
}

const MOST_FOUND = 100;

/** Finds files by name while one types, and opens the chosen one. */
export function findFile(inspections: Inspections, key: string, moment: Moment, where: string): void {
  const pick = vscode.window.createQuickPick<FoundItem>();
  pick.placeholder = `Name or path of a file ${where}`;
  pick.matchOnDescription = true;
  let asked = 0;
  const search = async (query: string) => {
    const number = ++asked;
    pick.busy = true;
    const found = await inspections
      .ask('find', { key, moment, query, limit: MOST_FOUND })
      .catch((): FileRow[] => []);
    if (number !== asked) return;
    pick.busy = false;
    pick.items = found.filter(isFile).map((file) => foundItem(key, moment, file));
  };
  pick.onDidChangeValue((query) => void search(query));
  pick.onDidAccept(() => {
    const [chosen] = pick.selectedItems;
    pick.hide();
    if (chosen) void openFile(inspections, { key, moment, path: chosen.file.path });
  });
  pick.onDidHide(() => {
    asked++;
    pick.dispose();
  });
  pick.show();
  void search('');
}

function isFile({ type, linkType }: FileRow): boolean {
  return type !== 'directory' && linkType !== 'directory';
}

function foundItem(key: string, moment: Moment, file: FileRow): FoundItem {
  const resourceUri = fileUri({ key, moment, path: file.path });
  // Every row holds the query already; the editor's own filter would hide those with words in another order.
  return {
    label: file.name,
    description: file.path,
    alwaysShow: true,
    resourceUri,
    iconPath: vscode.ThemeIcon.File,
    file,
  } as FoundItem;
}
