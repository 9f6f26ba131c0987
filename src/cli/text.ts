import { type ChangeFact, changeFacts } from '../filesystem/change-kinds';
import type { FileSystem } from '../filesystem/tree';
import type { ListedLayer } from '../inspection';
import { type Certainty, reasonsOf } from '../layers/certainty';
import type { Change } from '../layers/change';
import { type Content, isSizeUnknown } from '../layers/content';
import { count, formatSize, oneLine, symbolicMode } from '../layers/format';
import { layerSize } from '../layers/layer';
import { countWords, isBlank, sizeWords } from '../pages/layer-words';
import type { Palette } from '../pages/palette';
import { layerPage } from '../pages/summary';
import { walkTree } from './json';
import type { Source } from './source';

/** More entries of a layer than this are counted, not listed. */
const LISTED = 40;

export function inspectText(source: Source, paint: Palette): string {
  const lines = source.builder === undefined ? [] : [paint.dim(`Simulated builder: ${source.builder}`), ''];
  let running = 0;
  source.layers.forEach((listed, index) => {
    running += layerSize(listed.layer);
    lines.push(...layerLines(listed, index, { source, running, paint }));
  });
  for (const stage of source.inspection?.target?.steps ?? []) {
    if (stage.notReached) lines.push(`    ${oneLine(stage.step.createdBy)}: ${paint.dim(stage.notReached)}`);
  }
  lines.push(...problemLines(source, paint));
  return `${lines.join('\n').trimEnd()}\n`;
}

function layerLines(
  listed: ListedLayer,
  index: number,
  { source, running, paint }: { source: Source; running: number; paint: Palette },
): string[] {
  const { layer, step, below, isContext } = listed;
  const isBase = source.inspection !== undefined && step === undefined;
  const error = step?.outcome?.error;
  const number = paint.dim(String(index + 1).padStart(2));
  const head = `${number}  ${paint.bold(oneLine(layer.createdBy) || '(no history)')}`;
  const page = layerPage(listed);
  const nothing = layer.certainty.level === 'exact' ? ['no changes'] : [];
  const changes = isBlank(page) ? nothing : countWords(page);
  const words = [
    placeWords(listed, isBase),
    sizeWords(page),
    `total ${formatSize(running)}`,
    ...(error === undefined ? [...changes, certaintyWord(layer.certainty, paint)] : []),
  ];
  const lines = [head, `    ${words.filter(Boolean).join(' · ')}`];
  for (const reason of reasonsOf(layer.certainty)) lines.push(`    ${paint.yellow('why:')} ${reason}`);
  if (error !== undefined) lines.push(`    ${paint.red('fails:')} ${error}`);
  if (!isBase || isContext) lines.push(...entryLines(changeFacts(layer, below), paint));
  return [...lines, ''];
}

function placeWords({ step }: ListedLayer, isBase: boolean): string {
  if (!step) return isBase ? 'base' : '';
  return step.step.isTrigger ? '' : `line ${step.step.instruction.range.start.line + 1}`;
}

function entryLines(facts: readonly ChangeFact[], paint: Palette): string[] {
  const marks = { added: paint.green('A'), changed: paint.blue('M'), deleted: paint.red('D'), carried: ' ' };
  const shown = facts.slice(0, LISTED).map(({ change, kind, why }) => {
    const reason = why.length === 0 ? '' : paint.dim(` (${why.join(', ')})`);
    return `      ${marks[kind]} ${change.path}${details(change, paint)}${reason}`;
  });
  const rest = facts.length - shown.length;
  return rest > 0
    ? [...shown, `      ${paint.dim(`… and ${count(rest, 'more entry', 'more entries')}`)}`]
    : shown;
}

function details(change: Change, paint: Palette): string {
  switch (change.kind) {
    case 'hardlink':
      return paint.dim(`  = ${change.target}`);
    case 'opaque':
      return paint.dim('  (all that was in it)');
    case 'remove':
      return '';
    default: {
      const { node } = change;
      const owner = `${node.uid}:${node.gid}`;
      const target = node.kind === 'symlink' ? ` -> ${node.target}` : '';
      const size = node.kind === 'file' ? `  ${fileSizeWords(node.content)}` : '';
      return paint.dim(`${target}  ${symbolicMode(node)} ${owner}${size}`);
    }
  }
}

function fileSizeWords(content: Content): string {
  return isSizeUnknown(content) ? 'size unknown' : formatSize(content.size);
}

function certaintyWord({ level }: Certainty, paint: Palette): string {
  return level === 'exact'
    ? paint.green(level)
    : level === 'modelled'
      ? paint.yellow(level)
      : paint.red(level);
}

function problemLines(source: Source, paint: Palette): string[] {
  return source.problems.map(({ severity, message, range }) => {
    const word = severity === 'error' ? paint.red('error') : paint.yellow(severity);
    return `line ${range.start.line + 1}: ${word}: ${message}`;
  });
}

export function treeText(fileSystem: FileSystem): string {
  const lines = walkTree(fileSystem).map(([path, { node }]) => {
    const size = node.kind === 'file' ? String(node.content.size) : '-';
    const link = node.kind === 'symlink' ? ` -> ${node.target}` : '';
    return `${symbolicMode(node)} ${`${node.uid}:${node.gid}`.padEnd(11)} ${size.padStart(10)} ${path}${link}`;
  });
  for (const doubt of fileSystem.doubts) lines.push(`? ${doubt.path}  ${doubt.reason}`);
  return lines.map((line) => `${line}\n`).join('');
}
