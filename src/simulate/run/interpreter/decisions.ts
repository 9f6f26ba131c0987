import { NotSimulated } from '../command';
import { holdsUnknown, reasonOfUnknown } from '../unknown-text';
import type { ShellState } from './shell-state';

/** Ends the simulation where the way it goes on, as `what` decides it, hangs on text that is not known. Gives the text back. */
export function deciding(what: string, text: string): string {
  if (holdsUnknown(text))
    throw new NotSimulated(`\`${what}\` depends on text that is not known: ${reasonOfUnknown(text)}`);
  return text;
}

/** Where it only matters whether text is empty, what a command printed is taken not to be. */
export function takenAsText({ session }: ShellState, text: string): void {
  session.model(`text that is not known is taken not to be empty (${reasonOfUnknown(text)})`);
}
