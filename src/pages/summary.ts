import { changeFacts, countKinds } from '../filesystem/change-kinds';
import {
  type InspectedStage,
  type InspectedStep,
  type ListedLayer,
  layersOf,
  listLayers,
} from '../inspection';
import { type Certainty, EXACT, leastCertain } from '../layers/certainty';
import type { Change } from '../layers/change';
import { isSizeUnknown } from '../layers/content';
import { historyWords } from '../layers/format';
import { type Layer, layerSize } from '../layers/layer';
import type { Inspected } from './inspected';
import type { BasePage, InspectionPage, LayerPage, StagePage, StepPage } from './protocol';

/** The first page: stages, steps and layers with their sizes, for the tree. */
export function summarise(inspected: Inspected): Omit<InspectionPage, 'took'> {
  if (inspected.kind === 'image') return imageSummary(inspected);
  const { inspection } = inspected;
  const target = inspection.target;
  return {
    stages: inspection.stages.map(stagePage),
    target: target?.stage.index,
    problems: inspection.problems,
    size: target ? total(layersOf(inspection, target)) : 0,
  };
}

function imageSummary({
  image,
  layers,
}: Extract<Inspected, { kind: 'image' }>): Omit<InspectionPage, 'took'> {
  const nowhere = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };
  const steps = layers.map((listed, ordinal): StepPage => {
    const createdBy = listed.layer.createdBy;
    const text = historyWords(createdBy) || `layer ${ordinal + 1}`;
    return {
      ordinal,
      range: nowhere,
      keyword: '',
      text,
      createdBy,
      isTrigger: false,
      layer: layerPage(listed),
    };
  });
  const stage: StagePage = {
    index: 0,
    name: image.name,
    range: nowhere,
    from: '',
    isReached: true,
    base: { kind: 'scratch', layers: [], size: 0 },
    steps,
    certainty: EXACT,
    size: total(layers),
    layers: layers.length,
  };
  return { stages: [stage], target: 0, problems: [], size: stage.size };
}

function stagePage(inspected: InspectedStage): StagePage {
  const { stage, steps } = inspected;
  const pages = stepPages(inspected);
  const own = pages.flatMap(({ layer }) => layer ?? []);
  return {
    index: stage.index,
    name: stage.name,
    range: stage.from.range,
    from: baseWords(inspected),
    isReached: inspected.isReached,
    base: basePage(inspected),
    steps: pages,
    certainty: stageCertainty(steps),
    size: own.reduce((sum, layer) => sum + layer.size, 0),
    layers: own.length,
  };
}

function stageCertainty(steps: readonly InspectedStep[]): Certainty {
  return leastCertain(steps.flatMap(({ outcome }) => outcome?.layer.certainty ?? []));
}

function baseWords({ stage }: InspectedStage): string {
  switch (stage.base.kind) {
    case 'scratch':
      return 'scratch';
    case 'image':
      return stage.base.reference;
    default:
      return stage.from.rest.split(/\s+/)[0] ?? '';
  }
}

export function basePage({ base, start }: InspectedStage): BasePage {
  if (base.kind === 'scratch') return { kind: 'scratch', layers: [], size: 0 };
  if (base.kind === 'missing') {
    const { kind, reason, image } = base;
    return { kind, reason, layers: [], size: 0, ...(image !== undefined && { image }) };
  }
  const layers = listLayers(start.layers).map(layerPage);
  const size = layers.reduce((sum, layer) => sum + layer.size, 0);
  const context = base.kind === 'image' ? base.context : undefined;
  return {
    kind: base.kind,
    layers,
    size,
    ...(base.kind === 'stage' && { stage: base.stage }),
    ...(context !== undefined && { context }),
  };
}

function stepPages({ steps, start }: InspectedStage): StepPage[] {
  let below = start;
  return steps.map((inspected) => {
    const page = stepPage(inspected, below);
    below = inspected.fileSystem;
    return page;
  });
}

export function stepPage(
  { step, outcome, notReached }: InspectedStep,
  below: ListedLayer['below'],
): StepPage {
  return {
    ordinal: step.ordinal,
    range: step.instruction.range,
    keyword: step.instruction.keyword,
    text: step.instruction.text.replace(/\s+/g, ' '),
    createdBy: outcome?.layer.createdBy ?? step.createdBy,
    isTrigger: step.isTrigger,
    layer: outcome && !outcome.isDropped ? layerPage({ layer: outcome.layer, below }) : undefined,
    ...(outcome?.isDropped && step.action.kind !== 'config' && { isDropped: true as const }),
    ...(outcome?.error !== undefined && { error: outcome.error }),
    ...(notReached !== undefined && { notReached }),
  };
}

export function layerPage({ layer, below }: Pick<ListedLayer, 'layer' | 'below'>): LayerPage {
  const { createdBy, certainty, diffId } = layer;
  const counts = countKinds(changeFacts(layer, below));
  return {
    createdBy,
    size: layerSize(layer),
    ...counts,
    certainty,
    holdsMore: holdsMore(layer),
    ...(diffId && { diffId }),
  };
}

function total(layers: readonly ListedLayer[]): number {
  return layers.reduce((sum, { layer }) => sum + layerSize(layer), 0);
}

/** Whether a layer brings more bytes than are known. */
function holdsMore({ openRegions, changes }: Layer): boolean {
  return openRegions.length > 0 || changes.some(isOfUnknownSize);
}

function isOfUnknownSize(change: Change): boolean {
  return change.kind === 'put' && change.node.kind === 'file' && isSizeUnknown(change.node.content);
}
