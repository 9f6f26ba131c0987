import type { FileSystem } from '../../src/filesystem/tree';
import { reasonsOf } from '../../src/layers/certainty';
import type { Layer } from '../../src/layers/layer';
import type { Outcome } from '../../src/simulate/outcome';
import type { RunReport } from '../../src/simulate/run/engine';

/**
 * - `exact`: every command was simulated exactly, given what the RUN starts from.
 * - `modelled`: every command was simulated, some by a model.
 * - `unknown`: something was not simulated.
 * - `fails`: it is claimed to fail the build. Public Dockerfiles build, so the assumed base or the engine is wrong.
 */
export type Level = 'exact' | 'modelled' | 'unknown' | 'fails';

export interface Verdict {
  readonly level: Level;
  /** The layer itself is `exact`, as the product shows it: what it starts from is no guess either. */
  readonly isExactLayer: boolean;
  readonly reasons: readonly string[];
  /** What stands in the way of the next better level. */
  readonly blocker?: string;
  /** The command that it was seen at. */
  readonly command?: string;
}

export function judge(outcome: Outcome, report: RunReport | undefined, before: FileSystem): Verdict {
  const { certainty } = outcome.layer;
  const isExactLayer = certainty.level === 'exact';
  if (outcome.error !== undefined) return fails(outcome.error);
  const reasons = reasonsOf(certainty);
  const commands = outcome.commands ?? [];
  if (report && report.exitCode !== 0)
    return fails(report.stderr, `exit code ${report.exitCode}`, commands.at(-1)?.text);
  if (certainty.level === 'unknown') {
    const last = commands.find((command) => command.certainty.level === 'unknown');
    const reason = (last ? reasonsOf(last.certainty).at(-1) : undefined) ?? reasons.at(-1) ?? '';
    const blocker = blockerOf(reason);
    return { level: 'unknown', isExactLayer, reasons, blocker, ...(last && { command: last.text }) };
  }
  const called = new Set(commands.map(({ text }) => text.split(' ')[0]!.replace(/^.*\//, '')));
  const inherited = reasonsBefore(before);
  const own = reasons.filter((reason) => !isInherited(reason, inherited, called));
  if (own.length === 0) return { level: 'exact', isExactLayer, reasons };
  return { level: 'modelled', isExactLayer, reasons, blocker: own.map(blockerOf).join(' + ') };
}

function fails(words: string, otherwise = 'fails', command?: string): Verdict {
  const last = words.trimEnd().split('\n').at(-1) || otherwise;
  return {
    level: 'fails',
    isExactLayer: false,
    reasons: [last],
    blocker: withoutPlaces(last),
    ...(command !== undefined && { command }),
  };
}

/** The reason with what differs from file to file taken out. */
function blockerOf(reason: string): string {
  const program = /^`([^`]+)` is (?:a program that is )?not simulated/.exec(reason)?.[1];
  if (program !== undefined && !program.includes(' ')) return `command ${program}`;
  const rests = /^`[^`]*` depends on [^:]+: (.*)$/s.exec(reason)?.[1];
  if (rests !== undefined) return `depends on what is not known: ${withoutPlaces(rests)}`;
  return withoutPlaces(reason);
}

function withoutPlaces(reason: string): string {
  return reason
    .replace(/^(?:\/bin\/)?(?:ba|da|a)?sh: (?:line )?\d+: /, 'sh: ')
    .replace(/(?:\/[\w.@:+-]+)+\/?/g, '/…')
    .replace(/\d+/g, 'N')
    .slice(0, 110);
}

/** Whether a reason was there before the RUN, and is not one of its own commands'. */
function isInherited(reason: string, inherited: ReadonlySet<string>, called: ReadonlySet<string>): boolean {
  const parts = [
    reason,
    reason.replace(/^\/\S*: /, ''),
    reason.replace(/^`[^`]*` may not be in the image: /, ''),
  ];
  return parts.some((part) => inherited.has(part) && !called.has(/`([^` ]+)/.exec(part)?.[1] ?? ''));
}

const known = new WeakMap<Layer, ReadonlySet<string>>();

/** Why something about the file system is not known: its doubts, and the placeholders in it. */
function reasonsBefore(fileSystem: FileSystem): ReadonlySet<string> {
  const reasons = new Set(fileSystem.doubts.map(({ reason }) => reason));
  for (const layer of fileSystem.layers) for (const reason of placeholdersIn(layer)) reasons.add(reason);
  return reasons;
}

function placeholdersIn(layer: Layer): ReadonlySet<string> {
  const found = known.get(layer) ?? new Set<string>();
  if (known.has(layer)) return found;
  for (const change of layer.changes) {
    if (change.kind !== 'put' || change.node.kind !== 'file') continue;
    const { content } = change.node;
    if (content.kind === 'placeholder') (found as Set<string>).add(content.reason);
  }
  known.set(layer, found);
  return found;
}
