import type { ComparedStep, Comparison } from '../comparison';
import { layerSize } from '../layers/layer';
import { differenceText } from './comparison-text';
import type { ComparedLine, ComparisonPage } from './protocol';

/** More differences of a layer than these are only counted. */
const TOLD = 8;

/** An image beside the lines of its Dockerfile, as the tree shows it. */
export function comparisonPage({ image, steps, unmatched }: Comparison): ComparisonPage {
  return { image: image.name, lines: steps.map(comparedLine), unmatched: unmatched.length };
}

function comparedLine({ step, row, verdict, differences }: ComparedStep): ComparedLine {
  // What the prediction vouched for comes first.
  const sorted = [...differences].sort(
    (a, b) => Number(a.doubt !== undefined) - Number(b.doubt !== undefined),
  );
  return {
    stage: step.step.stage,
    step: step.step.ordinal,
    verdict,
    ...(row?.layer && { realSize: layerSize(row.layer) }),
    differences: differences.length,
    told: sorted.slice(0, TOLD).map(differenceText),
  };
}
