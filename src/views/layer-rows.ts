import type {
  ChangeRow,
  InspectionPage,
  LayerAddress,
  LayerPage,
  Moment,
  StagePage,
  StepPage,
} from '../pages/protocol';
import type { Inspected } from './inspections';
import { matchSteps } from './step-identity';

/** A row of the layer tree. Rows of stages, bases and steps are made once a page; the others when they are opened. */
export type LayerRow = StageRow | BaseRow | BaseLayerRow | StepRow | ChangeTreeRow | NoteRow;

interface Row {
  /** Stays the same over edits, so that the view keeps what is open and selected. */
  readonly id: string;
  readonly parent: LayerRow | undefined;
  readonly inspected: Inspected;
}
export interface StageRow extends Row {
  readonly kind: 'stage';
  readonly stage: StagePage;
  readonly isTarget: boolean;
  readonly children: readonly LayerRow[];
}
export interface BaseRow extends Row {
  readonly kind: 'base';
  readonly stage: StagePage;
}
export interface BaseLayerRow extends Row {
  readonly kind: 'base layer';
  readonly layer: LayerPage;
  readonly address: LayerAddress;
}
export interface StepRow extends Row {
  readonly kind: 'step';
  readonly stage: StagePage;
  readonly step: StepPage;
  readonly address: LayerAddress;
}
/** A changed entry, or folders on the way to some. */
export interface ChangeTreeRow extends Row {
  readonly kind: 'change';
  readonly change: ChangeRow;
  /** The name, with those of folders that have nothing else: `srv/tasks`. */
  readonly label: string;
  readonly address: LayerAddress;
}
export interface NoteRow extends Row {
  readonly kind: 'note';
  readonly text: string;
}

/** The rows of stages and steps. Ids come from `older` rows of the same file where a step is still there. */
export function stageRows(inspected: Inspected, older: readonly StageRow[]): StageRow[] {
  const { page } = inspected;
  const rows = page.stages.map((stage) => stageRow(inspected, stage, older));
  const isNeeded = (row: StageRow) => Number(row.stage.isReached);
  return rows.sort((a, b) => isNeeded(b) - isNeeded(a) || a.stage.index - b.stage.index);
}

function stageRow(inspected: Inspected, stage: StagePage, olderRows: readonly StageRow[]): StageRow {
  const { page } = inspected;
  const older = olderRows.find((row) => row.stage.index === stage.index);
  const children: LayerRow[] = [];
  const isTarget = page.target === stage.index;
  // A stage that becomes the target opens, and other files have other rows.
  const id = older?.isTarget === isTarget ? older.id : newId('stage');
  const row: StageRow = { kind: 'stage', id, parent: undefined, inspected, stage, isTarget, children };
  if (stage.base.kind !== 'scratch' && stage.isReached)
    children.push({ kind: 'base', id: `${id} base`, parent: row, inspected, stage });
  children.push(...stepRows(row, older));
  return row;
}

function stepRows(parent: StageRow, older: StageRow | undefined): StepRow[] {
  const { stage, inspected } = parent;
  const before = older?.children.filter((row): row is StepRow => row.kind === 'step') ?? [];
  const places = matchSteps(
    before.map(({ step }) => step.text),
    stage.steps.map(({ text }) => text),
  );
  return stage.steps.map((step, index) => {
    const id = before[places[index] ?? -1]?.id ?? newId(`${parent.id} step`);
    const address = { stage: stage.index, step: step.ordinal };
    return { kind: 'step', id, parent, inspected, stage, step, address };
  });
}

let ids = 0;

function newId(kind: string): string {
  return `${kind} ${++ids}`;
}

export function baseLayerRows(parent: BaseRow): LayerRow[] {
  const { stage, inspected } = parent;
  return stage.base.layers.map((layer, base): BaseLayerRow => {
    const address = { stage: stage.index, base };
    return { kind: 'base layer', id: `${parent.id} ${base}`, parent, inspected, layer, address };
  });
}

/** When a layer has just been put on top. */
export function momentAfter(address: LayerAddress): Moment {
  return 'step' in address ? address : { stage: address.stage, step: -1, base: address.base + 1 };
}

/** The step at a line (from 0) of the Dockerfile, or the stage whose FROM it is. */
export function rowAtLine(rows: readonly StageRow[], line: number): StageRow | StepRow | undefined {
  const isAt = ({ range }: StagePage | StepPage) => range.start.line <= line && line <= range.end.line;
  for (const row of rows) {
    if (isAt(row.stage)) return row;
    const step = row.children.find(
      (child): child is StepRow => child.kind === 'step' && !child.step.isTrigger && isAt(child.step),
    );
    if (step) return step;
  }
  return undefined;
}

/** The stage at the end of the FROMs: the one that stands on an image, or on nothing. */
export function rootStage({ stages }: InspectionPage, index: number): StagePage | undefined {
  let stage = stages[index];
  while (stage?.base.stage !== undefined) stage = stages[stage.base.stage];
  return stage;
}

/** The layers of a stage with those below it, counted; `undefined` when the base is not known. */
export function layerNumber(page: InspectionPage, stageIndex: number, ordinal: number) {
  const stage = page.stages[stageIndex];
  if (!stage) return undefined;
  const own = stage.steps.filter(({ layer }) => layer);
  const place = own.findIndex((step) => step.ordinal === ordinal);
  const base = stage.base.layers.length;
  const knowsBase = rootStage(page, stageIndex)?.base.kind !== 'missing';
  return { number: base + place + 1, of: base + own.length, knowsBase };
}
