import * as vscode from 'vscode';
import { baseName } from '../../layers/path';
import type { LayerAddress, Moment, TextAddress } from '../../pages/protocol';
import { fileUri, textUri } from '../address';
import type { FileTree, FileTreeRow } from '../file-tree';
import { type Focus, showsDockerfile } from '../focus';
import { dockerfileOf, type Inspected, type Inspections } from '../inspections';
import { type LayerRow, momentAfter } from '../layer-rows';
import { lineOf, momentWords, stageName, stepIcon, stepWords } from '../layer-words';
import { shortened } from '../markdown';
import { keepDockerfileOpen } from './dockerfile-editor';

/** What a command on a step is given: a row, the place that a hover's link names, or nothing. */
export type MomentArgument =
  | LayerRow
  | FileTreeRow
  | { key: string; moment: Moment }
  | vscode.Uri
  | undefined;

interface Place {
  readonly inspected: Inspected;
  readonly moment: Moment;
}

/** Finds the step that a command is meant for. */
export class Moments {
  constructor(
    private readonly focus: Focus,
    private readonly inspections: Inspections,
    private readonly files: FileTree,
  ) {}

  /** What the argument names; without one, the step at the cursor, and at last the file view's. */
  async placeOf(argument: MomentArgument): Promise<Place | undefined> {
    if (argument && 'moment' in argument)
      return { inspected: await this.inspections.at(argument.key), moment: argument.moment };
    if (argument && 'inspected' in argument) return placeOfRow(argument);
    return (await this.atCursor()) ?? this.files.shown;
  }

  /** The step at the cursor of a Dockerfile, or the last one before it. */
  async atCursor(): Promise<Place | undefined> {
    const editor = vscode.window.activeTextEditor;
    if (!editor || !showsDockerfile(editor)) return undefined;
    const inspected = await this.inspections.of(editor.document);
    const line = editor.selection.active.line;
    let moment: Moment | undefined;
    for (const { index, range, steps, isReached } of inspected.page.stages) {
      if (range.start.line > line || !isReached) continue;
      const before = steps.filter((step) => step.range.start.line <= line);
      moment = { stage: index, step: before[before.length - 1]?.ordinal ?? -1 };
    }
    return moment && { inspected, moment };
  }

  async showFiles(argument: MomentArgument): Promise<void> {
    const place = await this.placeOf(argument);
    if (!place) return tellNothingOpen();
    await this.files.showMoment(place.inspected, place.moment);
  }

  /** Lets the user choose the step whose files the file view shows. */
  async chooseStep(): Promise<void> {
    const inspected = this.files.shown?.inspected ?? this.focus.inspected;
    if (!inspected) return tellNothingOpen();
    const chosen = await vscode.window.showQuickPick(stepItems(inspected, this.files.shown?.moment), {
      placeHolder: 'Show the file system after which step?',
      matchOnDescription: true,
    });
    if (chosen?.moment) await this.files.showMoment(inspected, chosen.moment);
  }

  async addWorkspaceFolder(argument: MomentArgument): Promise<void> {
    const place = await this.placeOf(argument);
    if (!place) return tellNothingOpen();
    const { inspected, moment } = place;
    const path = argument && 'kind' in argument && argument.kind === 'file' ? argument.file.path : '/';
    const folders = vscode.workspace.workspaceFolders ?? [];
    if (folders.length < 2 && !(await agreesToReload())) return;
    const name = `${path === '/' ? '' : `${path} `}${nameOf(inspected)} ${momentWords(inspected.page.stages[moment.stage], moment)}`;
    const uri = fileUri({ key: inspected.key, moment, path });
    vscode.workspace.updateWorkspaceFolders(folders.length, 0, { uri, name });
  }

  async showHistory(argument: { key: string } | LayerRow | undefined): Promise<void> {
    const named = argument && ('key' in argument ? argument.key : argument.inspected.key);
    const inspected = named
      ? await this.inspections.at(named)
      : ((await this.atCursor())?.inspected ?? this.focus.inspected);
    if (!inspected) return tellNothingOpen();
    await openText(inspected, { kind: 'history' }, `History of ${nameOf(inspected)}.txt`);
  }

  async showLayer(argument: MomentArgument): Promise<void> {
    const base = argument && 'kind' in argument && argument.kind === 'base layer' ? argument : undefined;
    if (base) return openLayer(base.inspected, base.address);
    const place = await this.placeOf(argument);
    if (!place) return tellNothingOpen();
    const step = place.inspected.page.stages[place.moment.stage]?.steps[place.moment.step];
    if (step?.layer) return openLayer(place.inspected, place.moment);
    vscode.window.showInformationMessage('This instruction makes no layer.');
  }

  async showHeredoc({ key, moment, name }: { key: string; moment: Moment; name: string }): Promise<void> {
    await openText(await this.inspections.at(key), { kind: 'heredoc', moment, name }, name);
  }
}

function placeOfRow(row: LayerRow): Place | undefined {
  const { inspected } = row;
  switch (row.kind) {
    case 'stage':
      return { inspected, moment: { stage: row.stage.index, step: row.stage.steps.length - 1 } };
    case 'base':
      return { inspected, moment: { stage: row.stage.index, step: -1 } };
    case 'step':
    case 'base layer':
      return { inspected, moment: momentAfter(row.address) };
    default:
      return row.parent && placeOfRow(row.parent);
  }
}

async function openLayer(inspected: Inspected, layer: LayerAddress): Promise<void> {
  const step = 'step' in layer ? inspected.page.stages[layer.stage]?.steps[layer.step] : undefined;
  const where = !('step' in layer)
    ? `Base layer ${layer.base + 1}`
    : step && step.keyword !== ''
      ? `Layer of line ${lineOf(step)}`
      : `Layer ${layer.step + 1}`;
  await openText(inspected, { kind: 'layer', layer }, `${where} of ${nameOf(inspected)}.txt`);
}

async function openText(inspected: Inspected, text: TextAddress, name: string): Promise<void> {
  await keepDockerfileOpen();
  const document = await vscode.workspace.openTextDocument(textUri(inspected.key, text, name));
  await vscode.window.showTextDocument(document, { preview: true });
}

const ITEM_LENGTH = 60;

interface StepItem extends vscode.QuickPickItem {
  readonly moment?: Moment;
}

function stepItems({ page }: Inspected, shown: Moment | undefined): StepItem[] {
  return page.stages
    .filter(({ isReached }) => isReached)
    .flatMap((stage): StepItem[] => {
      const separator = { label: stageName(stage), kind: vscode.QuickPickItemKind.Separator };
      const base = { label: `FROM ${stage.from}`, iconPath: new vscode.ThemeIcon('package') };
      const steps = stage.steps.map((step): StepItem => {
        const moment = { stage: stage.index, step: step.ordinal };
        const isShown = shown?.stage === moment.stage && shown.step === moment.step;
        const description = [stepWords(step), ...(isShown ? ['shown now'] : [])].join(' · ');
        return { label: shortened(step.text, ITEM_LENGTH), description, iconPath: stepIcon(step), moment };
      });
      const first = stage.from ? [{ ...base, moment: { stage: stage.index, step: -1 } }] : [];
      return [separator, ...first, ...steps];
    });
}

async function agreesToReload(): Promise<boolean> {
  const add = 'Add to Workspace';
  const answer = await vscode.window.showInformationMessage(
    'Add this file system to the workspace?',
    {
      modal: true,
      detail:
        'VS Code may reload its extensions to do this. The Files view shows the same without adding anything.',
    },
    add,
  );
  return answer === add;
}

function nameOf(inspected: Inspected): string {
  const { origin } = inspected;
  const path = dockerfileOf(inspected)?.path ?? (origin.kind === 'image' ? origin.file : '');
  return baseName(path.replaceAll('\\', '/'));
}

function tellNothingOpen(): void {
  vscode.window.showInformationMessage('Open a Dockerfile first: its layers are shown while you edit it.');
}
