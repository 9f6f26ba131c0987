import type { Dockerfile, Problem } from './dockerfile/instruction';
import { FileSystem } from './filesystem/tree';
import type { Environment } from './graph/environment';
import type { Stage } from './graph/stages';
import type { Step } from './graph/step';
import type { Image } from './layers/image';
import type { Layer } from './layers/layer';
import type { Outcome } from './simulate/outcome';

/** All that is known about a Dockerfile's layers. Every view and the command line read from it. */
export interface Inspection {
  readonly dockerfile: Dockerfile;
  /** All stages of the file, in order; those that the target does not reach have no steps. */
  readonly stages: readonly InspectedStage[];
  /** `undefined` when the file has no stage, or not the one that was asked for. */
  readonly target: InspectedStage | undefined;
  readonly problems: readonly Problem[];
}

export interface InspectedStage {
  readonly stage: Stage;
  readonly isReached: boolean;
  readonly base: InspectedBase;
  readonly steps: readonly InspectedStep[];
  /** The file system that the first step starts from. */
  readonly start: FileSystem;
  /** What the stage ends with. */
  readonly end: Environment;
  readonly fileSystem: FileSystem;
}

export type InspectedBase =
  | { readonly kind: 'scratch' }
  | { readonly kind: 'stage'; readonly stage: number }
  /** `context` is set when a named context leads to it: `docker-image://alpine:3`. */
  | { readonly kind: 'image'; readonly image: Image; readonly context?: string }
  /** The folder of a named context. */
  | { readonly kind: 'context'; readonly name: string }
  | {
      readonly kind: 'missing';
      readonly reference: string;
      readonly reason: string;
      /** The image that an archive could be mapped to. */
      readonly image?: string;
    };

export interface InspectedStep {
  readonly step: Step;
  /** `undefined` for an instruction that makes no layer. */
  readonly outcome: Outcome | undefined;
  /** The merged file system after the step. */
  readonly fileSystem: FileSystem;
  /** Why the builder does not come to this step: an earlier one fails. */
  readonly notReached?: string;
}

/** A layer in its stack. */
export interface ListedLayer {
  readonly layer: Layer;
  /** The step that makes it; undefined for a layer of the base. */
  readonly step: InspectedStep | undefined;
  /** It is a named context's folder, which a stage stands on. */
  readonly isContext?: boolean;
  /** The merged file system below it. */
  readonly below: FileSystem;
}

/** The layers of a stage from the base up, those of the stages it stands on among them. */
export function layersOf(inspection: Inspection, stage: InspectedStage): ListedLayer[] {
  const start =
    stage.base.kind === 'stage'
      ? layersOf(inspection, inspection.stages[stage.base.stage]!)
      : listLayers(stage.start.layers).map((layer) =>
          stage.base.kind === 'context' ? { ...layer, isContext: true } : layer,
        );
  const own: ListedLayer[] = [];
  let below = stage.start;
  for (const step of stage.steps) {
    if (step.outcome && !step.outcome.isDropped) own.push({ layer: step.outcome.layer, step, below });
    below = step.fileSystem;
  }
  return [...start, ...own];
}

const listed = new WeakMap<readonly Layer[], readonly ListedLayer[]>();

/** Layers of an image, each with what is below it; stacked once for one list of layers. */
export function listLayers(layers: readonly Layer[]): readonly ListedLayer[] {
  const known = listed.get(layers);
  if (known) return known;
  let below = FileSystem.empty;
  const found = layers.map((layer): ListedLayer => {
    const here = { layer, step: undefined, below };
    below = below.with(layer);
    return here;
  });
  listed.set(layers, found);
  return found;
}
