import type { Change } from '../layers/change';
import type { Layer } from '../layers/layer';
import type { Outcome } from './outcome';

const SHOWN = 60;
const MARK = ', in `RUN ';

/**
 * The outcome of a RUN whose open places and placeholders name the instruction, so that whoever looks at them in a later
 * step or stage says on which earlier guess it rests. By its text and not by its line: a line moves without making the
 * step another one.
 */
export function namingOrigin(outcome: Outcome, createdBy: string): Outcome {
  const command = createdBy
    .replace(/^RUN (?:\|\d+ .*?)?(?:\/bin\/sh -c )?/s, '')
    .replace(/ # buildkit$/, '')
    .replace(/\s+/g, ' ');
  const shown = command.length > SHOWN ? `${command.slice(0, SHOWN)}…` : command;
  const named = (reason: string) => (reason.includes(MARK) ? reason : `${reason}${MARK}${shown}\``);
  const { layer } = outcome;
  const openRegions = layer.openRegions.map((region) => ({ ...region, reason: named(region.reason) }));
  const changes = layer.changes.map((change) => withReason(change, named));
  return { ...outcome, layer: { ...layer, changes, openRegions } satisfies Layer };
}

function withReason(change: Change, named: (reason: string) => string): Change {
  if (change.kind !== 'put' || change.node.kind !== 'file' || change.node.content.kind !== 'placeholder')
    return change;
  const { content } = change.node;
  return { ...change, node: { ...change.node, content: { ...content, reason: named(content.reason) } } };
}
