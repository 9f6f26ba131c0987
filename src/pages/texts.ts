import { changeFacts } from '../filesystem/change-kinds';
import type { InspectedStage } from '../inspection';
import { reasonsOf } from '../layers/certainty';
import { count, formatSize, oneLine, symbolicMode } from '../layers/format';
import type { HistoryEntry, Image } from '../layers/image';
import { layerSize } from '../layers/layer';
import type { CommandReport } from '../simulate/run/engine';
import { type Inspected, layerAt } from './inspected';
import { type LayerAddress, PageError, type TextAddress } from './protocol';

/** A row of the history table; `size` is 0 for an instruction without a layer. */
export interface HistoryLine {
  readonly createdBy: string;
  readonly size: number;
  readonly emptyLayer: boolean;
}

/** A generated text: the history table, a layer's listing, the content of a here-document. */
export function generatedText(
  inspected: Inspected,
  text: Exclude<TextAddress, { kind: 'comparison' }>,
): string {
  switch (text.kind) {
    case 'history':
      return historyTable(historyOf(inspected));
    case 'layer':
      return layerListing(inspected, text.layer);
    case 'heredoc':
      return heredocText(inspected, text);
    default:
      return text satisfies never;
  }
}

/** Oldest first. */
export function historyOf(inspected: Inspected): HistoryLine[] {
  if (inspected.kind === 'image') return imageHistory(inspected.image);
  const { stages, target } = inspected.inspection;
  const lines = (stage: InspectedStage | undefined): HistoryLine[] => {
    if (!stage) return [];
    const { base } = stage;
    const below =
      base.kind === 'image'
        ? imageHistory(base.image)
        : base.kind === 'stage'
          ? lines(stages[base.stage])
          : base.kind === 'context'
            ? contextHistory(stage)
            : [];
    return stage.stage.isReplaced ? below : [...below, ...ownHistory(stage)];
  };
  return lines(target);
}

/** A folder that a stage stands on is a layer of the build's own. */
function contextHistory({ start }: InspectedStage): HistoryLine[] {
  return start.layers.map((layer) => ({
    createdBy: layer.createdBy,
    size: layerSize(layer),
    emptyLayer: false,
  }));
}

function ownHistory(stage: InspectedStage): HistoryLine[] {
  return stage.steps.flatMap(({ step: { createdBy, inHistory, action }, outcome }) => {
    if (!inHistory) return [];
    const words = outcome?.layer.createdBy ?? createdBy;
    const size = outcome ? layerSize(outcome.layer) : 0;
    const emptyLayer = outcome ? outcome.isDropped === true : action.kind === 'config';
    return [{ createdBy: words, size, emptyLayer }];
  });
}

function imageHistory(image: Image): HistoryLine[] {
  const sizes = image.layers.map(layerSize);
  return image.history.map((entry: HistoryEntry) => ({
    createdBy: entry.created_by ?? '',
    size: entry.empty_layer ? 0 : (sizes.shift() ?? 0),
    emptyLayer: entry.empty_layer ?? false,
  }));
}

/** As `docker history` shows it: newest first. */
export function historyTable(history: readonly HistoryLine[]): string {
  const rows = [...history].reverse().map(({ createdBy, size }) => {
    return `${formatSize(size).padStart(9)}  ${oneLine(createdBy)}\n`;
  });
  return `${'SIZE'.padStart(9)}  CREATED BY\n${rows.join('')}`;
}

const MARKS = { added: 'A', changed: 'M', deleted: 'D', carried: ' ' } as const;

function layerListing(inspected: Inspected, address: LayerAddress): string {
  const { layer, below, step } = layerAt(inspected, address);
  const reasons = reasonsOf(layer.certainty).map((reason) => `# ${layer.certainty.level}: ${reason}\n`);
  const head = [
    `# ${layer.createdBy.replace(/\s+/g, ' ')}\n`,
    `# ${formatSize(layerSize(layer))}, ${layer.certainty.level}\n`,
  ];
  const rows = changeFacts(layer, below).map(({ change, kind, why }) => {
    const mark = MARKS[kind];
    const reason = why.length === 0 ? '' : `  (${why.join(', ')})`;
    if (change.kind === 'remove') return `${mark} ${' '.repeat(33)} ${change.path}\n`;
    if (change.kind === 'opaque') return `${mark} ${' '.repeat(33)} ${change.path}/*\n`;
    if (change.kind === 'hardlink')
      return `${mark} ${'hard link'.padEnd(33)} ${change.path} = ${change.target}${reason}\n`;
    const { node } = change;
    const size = node.kind === 'file' ? String(node.content.size) : '-';
    const target = node.kind === 'symlink' ? ` -> ${node.target}` : '';
    const owner = `${node.uid}:${node.gid}`.padEnd(11);
    return `${mark} ${symbolicMode(node)} ${owner} ${size.padStart(10)} ${change.path}${target}${reason}\n`;
  });
  return [...head, ...reasons, '\n', ...commandLines(step?.outcome?.commands ?? []), ...rows].join('');
}

/** What each command of a RUN did, in the order in which they ran. */
function commandLines(commands: readonly CommandReport[]): string[] {
  if (commands.length === 0) return [];
  const lines = commands.map(({ text, certainty, exitCode, touched }) => {
    const more = touched.count - touched.paths.length;
    const facts = [
      certainty.level,
      ...(exitCode === undefined || exitCode === 0 ? [] : [`exit code ${exitCode}`]),
      ...(touched.bytes === 0 ? [] : [formatSize(touched.bytes)]),
      ...(touched.paths.length === 0
        ? []
        : [touched.paths.join(' ') + (more > 0 ? ` and ${more} more` : '')]),
    ];
    return `#   ${text.replace(/\s+/g, ' ')}\n#       ${facts.join(' · ')}\n`;
  });
  return [`# ${count(commands.length, 'command')}\n`, ...lines, '\n'];
}

function heredocText(
  inspected: Inspected,
  { moment, name }: Extract<TextAddress, { kind: 'heredoc' }>,
): string {
  const steps =
    inspected.kind === 'dockerfile' ? inspected.inspection.stages[moment.stage]?.steps : undefined;
  const step = steps?.[moment.step]?.step;
  const { action } = step ?? {};
  if (action?.kind === 'copy' || action?.kind === 'add') {
    const source = action.sources.find((item) => item.kind === 'heredoc' && item.heredoc.name === name);
    if (source?.kind === 'heredoc') return source.content;
  }
  const heredoc = step?.instruction.heredocs.find((item) => item.name === name);
  if (!heredoc) throw new PageError('not found', `there is no here-document ${name} at this step`);
  return heredoc.content;
}
