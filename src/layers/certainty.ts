/**
 * How far a prediction may be trusted.
 *
 * - `exact`: what the real builder would write, entry by entry.
 * - `modelled`: known to happen, while contents, sizes or neighbours are estimated.
 * - `unknown`: not simulated.
 *
 * Everything that is not `exact` carries its reasons, in sentences for the user.
 */
export type Certainty = { readonly level: 'exact' } | Doubtful;

export interface Doubtful {
  readonly level: 'modelled' | 'unknown';
  readonly reasons: readonly string[];
}

export const EXACT: Certainty = { level: 'exact' };

export function modelled(...reasons: string[]): Doubtful {
  return { level: 'modelled', reasons };
}

/** For as many reasons as there may be, each once. */
export function modelledFor(reasons: Iterable<string>): Doubtful {
  return { level: 'modelled', reasons: [...new Set(reasons)] };
}

export function unknown(...reasons: string[]): Doubtful {
  return { level: 'unknown', reasons };
}

const RANK = { exact: 0, modelled: 1, unknown: 2 } as const;

/** The least certain of all, with every reason once. Nothing at all is `exact`. */
export function leastCertain(certainties: Iterable<Certainty>): Certainty {
  let level: Certainty['level'] = 'exact';
  const reasons = new Set<string>();
  for (const certainty of certainties) {
    if (RANK[certainty.level] > RANK[level]) level = certainty.level;
    for (const reason of reasonsOf(certainty)) reasons.add(reason);
  }
  return level === 'exact' ? EXACT : { level, reasons: [...reasons] };
}

export function reasonsOf(certainty: Certainty): readonly string[] {
  return certainty.level === 'exact' ? [] : certainty.reasons;
}
