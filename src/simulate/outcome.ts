import type { Step } from '../graph/step';
import type { Certainty } from '../layers/certainty';
import { EXACT, leastCertain, modelledFor, unknown } from '../layers/certainty';
import type { Change } from '../layers/change';
import type { Content, ContentReader } from '../layers/content';
import type { Layer, OpenRegion } from '../layers/layer';
import type { CommandReport } from './run/engine';

/** What a step came to: a layer, and with `error` that the build would stop here. */
export interface Outcome {
  readonly layer: Layer;
  /** The builder's words for why the build fails at this step. */
  readonly error?: string;
  /** It changed nothing, and the builder keeps no layer for that. */
  readonly isDropped?: true;
  /** What each command of a RUN did. */
  readonly commands?: readonly CommandReport[];
}

/** A step at which the build stops. */
export function failure(
  { createdBy }: Pick<Step, 'createdBy'>,
  error: string,
  commands?: readonly CommandReport[],
): Outcome {
  return { ...outcome(createdBy, [], EXACT, commands && { commands }), error };
}

/** A step of which nothing is known: the layer may hold anything. */
export function notSimulated({ createdBy }: Pick<Step, 'createdBy'>, reason: string): Outcome {
  return outcome(createdBy, [], unknown(reason), { openRegions: [{ path: '/', reason }] });
}

/** Compares contents by reading them. A placeholder is like nothing but itself. */
export function comparing(reader: ContentReader): (a: Content, b: Content) => Promise<boolean> {
  return async (a, b) => {
    if (a.kind === 'placeholder' || b.kind === 'placeholder') return false;
    return (await reader.digest(a)) === (await reader.digest(b));
  };
}

/** A step that fails a build, in the builder's words; `commands` are those of a RUN that went before. */
export class BuildError extends Error {
  constructor(
    message: string,
    readonly commands?: readonly CommandReport[],
  ) {
    super(message);
  }
}

export function outcome(
  createdBy: string,
  changes: readonly Change[],
  certainty: Certainty = EXACT,
  more: {
    openRegions?: readonly OpenRegion[];
    closes?: readonly string[];
    commands?: readonly CommandReport[];
  } = {},
): Outcome {
  const { openRegions = [], closes = [], commands } = more;
  const guesses = guessesIn(changes);
  const layer: Layer = {
    changes,
    certainty: guesses.length === 0 ? certainty : leastCertain([certainty, modelledFor(guesses)]),
    openRegions,
    closes,
    createdBy,
  };
  return commands ? { layer, commands } : { layer };
}

/** A layer that holds a placeholder, or bytes that another build would not have, is a guess, wherever they came from. */
function guessesIn(changes: readonly Change[]): string[] {
  const reasons = new Set<string>();
  for (const change of changes) {
    if (change.kind !== 'put' || change.node.kind !== 'file') continue;
    const { content } = change.node;
    if (content.kind === 'placeholder') reasons.add(content.reason);
    if (content.kind === 'inline' && content.varies) reasons.add(`${change.path}: ${content.varies}`);
  }
  return [...reasons];
}
