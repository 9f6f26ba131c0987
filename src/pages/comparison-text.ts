import type { ComparedStep, Comparison, Verdict } from '../comparison';
import type { LayerDifference } from '../filesystem/compare-layers';
import { count, formatSize, octalMode, oneLine } from '../layers/format';
import { type Layer, layerSize } from '../layers/layer';
import { type Palette, PLAIN } from './palette';

/** More differences of a layer than these are counted, not listed. */
const LISTED = 20;

/** A Dockerfile's lines, each with its layer in the image beside what was predicted for it. */
export function comparisonText(
  { image, steps, base, unmatched, isSameBase }: Comparison,
  paint: Palette,
): string {
  const verdicts: Record<Verdict, string> = {
    equal: paint.green('equal'),
    'as modelled': paint.yellow('as modelled'),
    differs: paint.red('differs'),
    absent: paint.dim('not in the image'),
  };
  const baseLayers = base.filter(({ layer }) => layer);
  const baseSize = baseLayers.reduce((sum, { layer }) => sum + layerSize(layer!), 0);
  const lines = [
    `${paint.bold('base')}  ${count(baseLayers.length, 'layer')}, ${formatSize(baseSize)}${baseWords(isSameBase)}`,
    '',
    ...steps.flatMap((step) => stepLines(step, verdicts[step.verdict], paint)),
    ...unmatched.map(
      ({ entry, layer }) =>
        `${paint.red('only in the image')}  ${layer ? formatSize(layerSize(layer)) : 'no layer'}  ${oneLine(entry.created_by ?? '')}`,
    ),
  ];
  const isLegendNeeded = steps.some(({ differences }) => differences.length > 0);
  const legend = isLegendNeeded ? '+ only in the image, - only predicted, ~ in both, and other\n' : '';
  return `${lines.join('\n').trimEnd()}\n\n${summary(steps, image.name)}\n${legend}`;
}

function baseWords(isSameBase: boolean | undefined): string {
  if (isSameBase === undefined) return ', not compared: what the Dockerfile stands on is not known';
  return isSameBase
    ? ', the one that the prediction stands on'
    : ', another one than the prediction stands on';
}

function stepLines({ step, row, by, differences }: ComparedStep, verdict: string, paint: Palette): string[] {
  const { instruction, isTrigger, createdBy } = step.step;
  const place = isTrigger ? 'trigger' : `line ${instruction.range.start.line + 1}`;
  const predicted = step.outcome?.layer;
  const sizes = predicted || row?.layer ? [predictedSize(step), realSize(row?.layer)] : [];
  const head = `${place.padEnd(8)}  ${paint.bold(oneLine(createdBy))}`;
  const other = by === 'kind' ? ['built with other words'] : [];
  const told = new Set<string>();
  const shown = differences.slice(0, LISTED).map((difference) => {
    const { doubt } = difference;
    const isNew = doubt !== undefined && !told.has(doubt);
    if (isNew) told.add(doubt);
    return `          ${differenceLine(difference, paint)}${doubtWords(doubt, isNew, paint)}`;
  });
  const rest = differences.length - shown.length;
  return [
    head,
    `          ${[verdict, ...sizes, ...other].join(' · ')}`,
    ...shown,
    ...(rest > 0 ? [paint.dim(`          and ${rest} more`)] : []),
    '',
  ];
}

function predictedSize({ outcome }: ComparedStep['step']): string {
  if (!outcome) return 'predicted no layer';
  return `predicted ${formatSize(layerSize(outcome.layer))} (${outcome.layer.certainty.level})`;
}

function realSize(layer: Layer | undefined): string {
  return layer ? `real ${formatSize(layerSize(layer))}` : 'really no layer';
}

function differenceLine(difference: LayerDifference, paint: Palette): string {
  const { path, kind } = difference;
  if (kind === 'only predicted') return `${paint.red('-')} ${path}${removal(difference.predicted)}`;
  if (kind === 'only real') return `${paint.green('+')} ${path}${removal(difference.real)}`;
  return `${paint.blue('~')} ${path}  ${aspectWords(difference)}`;
}

/** A reason is told once for each step. */
function doubtWords(doubt: string | undefined, isNew: boolean, paint: Palette): string {
  if (doubt === undefined) return '';
  return paint.dim(isNew ? `  (not vouched for: ${doubt})` : '  (not vouched for)');
}

function removal(change: LayerDifference['real']): string {
  return change?.kind === 'remove' || change?.kind === 'opaque' ? ' (removed)' : '';
}

/** `~ /a  mode 0644 → 0755`, without colours. */
export function differenceText(difference: LayerDifference): string {
  return differenceLine(difference, PLAIN);
}

/** `mode 0644 → 0755, content`. */
function aspectWords({ aspects, predicted, real }: LayerDifference): string {
  const before = predicted?.kind === 'put' ? predicted.node : undefined;
  const after = real?.kind === 'put' ? real.node : undefined;
  if (!before || !after) return aspects.join(', ');
  const values = (node: typeof before): Partial<Record<string, string>> => ({
    type: node.kind,
    mode: octalMode(node.mode),
    owner: `${node.uid}:${node.gid}`,
    ...(node.kind === 'file' && { size: formatSize(node.content.size) }),
    ...(node.kind === 'symlink' && { target: node.target }),
  });
  const [from, to] = [values(before), values(after)];
  return aspects
    .map((aspect) => (from[aspect] ? `${aspect} ${from[aspect]} → ${to[aspect]}` : aspect))
    .join(', ');
}

function summary(steps: readonly ComparedStep[], name: string): string {
  const layers = steps.filter(({ step, row }) => step.outcome || row?.layer);
  const of = (verdict: Verdict) => layers.filter((step) => step.verdict === verdict).length;
  const parts = [
    `${of('equal')} equal`,
    `${of('as modelled')} as modelled`,
    `${of('differs')} other than predicted`,
    ...(of('absent') > 0 ? [`${of('absent')} not in the image`] : []),
  ];
  return `${count(layers.length, 'layer')} of ${name}: ${parts.join(', ')}`;
}
