import type { Prediction } from './predict';
import { differences, type State } from './state';

export type Verdict = 'match' | 'honest' | 'wrong though exact';

/** Compares what we say with what the real shell did; `notes` tell each difference, and why we are not sure. */
export function compareStates(real: State, ours: Prediction): { verdict: Verdict; notes: string[] } {
  const notes = statusNotes(real, ours);
  // A build that fails leaves no layer.
  if (notes.length === 0 && real.exitCode === 0) notes.push(...differences(real.entries, ours.entries));
  if (notes.length === 0) return { verdict: 'match', notes: [] };
  if (ours.certainty === 'exact') return { verdict: 'wrong though exact', notes };
  return { verdict: 'honest', notes: [`${ours.certainty}: ${ours.reasons.join('; ')}`, ...notes] };
}

function statusNotes(real: State, ours: Prediction): string[] {
  if (real.exitCode === ours.exitCode) return [];
  return [`exit code ${ours.exitCode} instead of ${real.exitCode}`, ...(ours.exitCode ? ours.reasons : [])];
}
