import { FileSystem } from '../filesystem/tree';
import { type InspectedStage, type Inspection, type ListedLayer, layersOf, listLayers } from '../inspection';
import type { Image } from '../layers/image';
import type { ContextAnswer } from './context-answer';
import { type LayerAddress, type Moment, PageError } from './protocol';

/** An inspection as the pages see it: of a Dockerfile, or of an image. */
export type Inspected =
  | { readonly kind: 'dockerfile'; readonly inspection: Inspection; readonly explain: Explain }
  | { readonly kind: 'image'; readonly image: Image; readonly layers: readonly ListedLayer[] };

/** Answers why a file of the context is in or out. */
export type Explain = (path: string) => ContextAnswer | undefined;

export function inspectedImage(image: Image): Inspected {
  return { kind: 'image', image, layers: listLayers(image.layers) };
}

/** The merged file system at a moment. Throws `PageError` when the step is gone. */
export function fileSystemAt(inspected: Inspected, { stage, step, base }: Moment): FileSystem {
  if (inspected.kind === 'image') {
    const below = inspected.layers[step + 1];
    if (below) return below.below;
    const last = inspected.layers[inspected.layers.length - 1];
    return last ? last.below.with(last.layer) : FileSystem.empty;
  }
  const found = stageAt(inspected, stage);
  if (base !== undefined) return baseLayers(inspected, stage)[base]?.below ?? found.start;
  if (step < 0) return found.start;
  const at = found.steps[step];
  if (!at) throw new PageError('not found', 'this step is no longer in the Dockerfile');
  return at.fileSystem;
}

/** A layer with what is below it. */
export function layerAt(inspected: Inspected, address: LayerAddress): ListedLayer {
  const found =
    'base' in address
      ? baseLayers(inspected, address.stage)[address.base]
      : inspected.kind === 'image'
        ? inspected.layers[address.step]
        : layersOf(inspected.inspection, stageAt(inspected, address.stage)).find(
            ({ step }) => step?.step.stage === address.stage && step.step.ordinal === address.step,
          );
  if (!found) throw new PageError('not found', 'this layer is no longer in the Dockerfile');
  return found;
}

/** The layers that a stage stands on: of an image, or of other stages. */
function baseLayers(inspected: Inspected, stage: number): readonly ListedLayer[] {
  if (inspected.kind === 'image') return inspected.layers;
  return layersOf(inspected.inspection, stageAt(inspected, stage)).filter(
    ({ step }) => step?.step.stage !== stage,
  );
}

function stageAt({ inspection }: Extract<Inspected, { kind: 'dockerfile' }>, stage: number): InspectedStage {
  const found = inspection.stages[stage];
  if (!found) throw new PageError('not found', 'this stage is no longer in the Dockerfile');
  return found;
}
