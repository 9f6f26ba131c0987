import type { CommandContext } from './command';

/**
 * A script whose text only a real build has, such as a downloaded installer: it counts as done, like the package managers
 * that it stands in for, and as nothing tells what it changed, all that is looked up afterwards is in doubt. That makes
 * everything behind it a guess, which is why it need not end the simulation as a program of the image does: what the
 * other commands do for certain can still be shown.
 */
export function runUnreadable(
  context: Pick<CommandContext, 'model' | 'openRegion'>,
  what: string,
  guess: string,
): number {
  const reason = `what ${what} changes is not known (${guess})`;
  context.model(reason);
  context.openRegion('/', reason);
  return 0;
}
