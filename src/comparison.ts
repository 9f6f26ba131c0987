import { compareLayers, type LayerDifference } from './filesystem/compare-layers';
import { type HistoryMatch, matchHistory } from './graph/match-history';
import { type InspectedStage, type InspectedStep, type Inspection, layersOf } from './inspection';
import { EXACT } from './layers/certainty';
import type { ContentReader } from './layers/content';
import type { HistoryEntry, Image } from './layers/image';
import type { Layer } from './layers/layer';

/** An image beside the Dockerfile that it was built from. */
export interface Comparison {
  readonly image: Image;
  /** The instructions of the target and of the stages it stands on, oldest first. */
  readonly steps: readonly ComparedStep[];
  /** Rows of the history before the first of the instructions: what the base brought. */
  readonly base: readonly HistoryRow[];
  /** Other rows that no instruction leads to. */
  readonly unmatched: readonly HistoryRow[];
  /** Whether the layers of the base are those that the prediction stands on; `undefined` when that is not known. */
  readonly isSameBase: boolean | undefined;
}

/** A row of the image's history and its layer, if it has one. */
export interface HistoryRow {
  /** Index into the history. */
  readonly index: number;
  readonly entry: HistoryEntry;
  readonly layer: Layer | undefined;
  /** Index into the image's layers. */
  readonly layerIndex: number | undefined;
}

export interface ComparedStep {
  readonly step: InspectedStep;
  /** `undefined`: the image has nothing of this instruction. */
  readonly row: HistoryRow | undefined;
  /** Whether the image's words for it are those of this Dockerfile. */
  readonly by: HistoryMatch['by'] | undefined;
  readonly verdict: Verdict;
  readonly differences: readonly LayerDifference[];
}

/**
 * - `equal`: as predicted, entry by entry.
 * - `as modelled`: other only where the prediction does not vouch for it.
 * - `differs`: other than predicted.
 * - `absent`: the image was built without this instruction, or it was not predicted because the build stops before.
 */
export type Verdict = 'equal' | 'as modelled' | 'differs' | 'absent';

/**
 * Ties an image to the lines of a Dockerfile by its history and compares its layers with what was predicted for them.
 * Throws when nothing of its history is of this Dockerfile, or when history and layers do not fit each other.
 */
export async function compareWithImage(
  inspection: Inspection,
  image: Image,
  reader: Pick<ContentReader, 'digests'>,
): Promise<Comparison> {
  const { target } = inspection;
  if (!target) throw new Error('Cannot compare: the Dockerfile has no stage to compare with');
  const rows = historyRows(image);
  const steps = stepsOf(inspection, target).filter(({ step }) => step.inHistory);
  const matches = matchHistory(
    steps.map(({ step, outcome }) => outcome?.layer.createdBy ?? step.createdBy),
    image.history,
  );
  if (steps.length > 0 && !matches.some(({ by }) => by === 'same')) {
    throw new Error(
      `Cannot compare with ${image.name}: its history has none of the Dockerfile's instructions, so it was built from another one`,
    );
  }
  const compared: ComparedStep[] = [];
  for (const [own, step] of steps.entries()) {
    const match = matches.find((one) => one.own === own);
    compared.push(await compareStep(step, match && rows[match.row], match?.by, reader));
  }
  const first = matches[0]?.row ?? rows.length;
  const taken = new Set(matches.map(({ row }) => row));
  return {
    image,
    steps: compared,
    base: rows.slice(0, first),
    unmatched: rows.filter(({ index }) => index > first && !taken.has(index)),
    isSameBase: sameBase(inspection, target, rows.slice(0, first)),
  };
}

/** https://github.com/opencontainers/image-spec/blob/v1.1.0/config.md: a layer for each row that is not empty. */
function historyRows(image: Image): HistoryRow[] {
  const filled = image.history.filter(({ empty_layer }) => !empty_layer).length;
  if (image.history.length === 0)
    throw new Error(`Cannot compare with ${image.name}: it has no history to tell its layers apart by`);
  if (filled !== image.layers.length) {
    throw new Error(
      `Cannot compare with ${image.name}: its history tells of ${filled} layers and it has ${image.layers.length}`,
    );
  }
  let next = 0;
  return image.history.map((entry, index) => {
    const layerIndex = entry.empty_layer ? undefined : next++;
    const layer = layerIndex === undefined ? undefined : image.layers[layerIndex];
    return { index, entry, layer, layerIndex };
  });
}

/** The steps of a stage, those of the stages it stands on before them. */
function stepsOf(inspection: Inspection, { base, stage, steps }: InspectedStage): InspectedStep[] {
  const below = base.kind === 'stage' ? stepsOf(inspection, inspection.stages[base.stage]!) : [];
  return stage.isReplaced ? below : [...below, ...steps];
}

async function compareStep(
  step: InspectedStep,
  row: HistoryRow | undefined,
  by: HistoryMatch['by'] | undefined,
  reader: Pick<ContentReader, 'digests'>,
): Promise<ComparedStep> {
  if (!row || step.notReached !== undefined) return { step, row, by, verdict: 'absent', differences: [] };
  const { outcome } = step;
  const predicted = outcome?.layer ?? nothing(step.step.createdBy);
  const differences = await compareLayers(predicted, row.layer ?? nothing(predicted.createdBy), reader);
  const isWrong = differences.some(({ doubt }) => doubt === undefined);
  const isDoubtful = differences.length > 0 || predicted.certainty.level === 'unknown';
  return { step, row, by, verdict: isWrong ? 'differs' : isDoubtful ? 'as modelled' : 'equal', differences };
}

function nothing(createdBy: string): Layer {
  return { changes: [], certainty: EXACT, openRegions: [], closes: [], createdBy };
}

function sameBase(
  inspection: Inspection,
  target: InspectedStage,
  rows: readonly HistoryRow[],
): boolean | undefined {
  const stage = rootStage(inspection, target);
  if (stage.base.kind === 'scratch') return rows.every(({ layer }) => layer === undefined);
  if (stage.base.kind !== 'image') return undefined;
  const predicted = layersOf(inspection, target)
    .filter(({ step }) => step === undefined)
    .map(({ layer }) => layer.diffId);
  const real = rows.flatMap(({ layer }) => (layer ? [layer.diffId] : []));
  if ([...predicted, ...real].includes(undefined)) return undefined;
  return predicted.length === real.length && predicted.every((diffId, index) => diffId === real[index]);
}

function rootStage(inspection: Inspection, stage: InspectedStage): InspectedStage {
  return stage.base.kind === 'stage' ? rootStage(inspection, inspection.stages[stage.base.stage]!) : stage;
}
