import { RestsOnGuess } from '../command';
import { holdsUnknown, reasonOfUnknown } from '../unknown-text';
import type { ShellState } from './shell-state';

/** Ends the simulation, unless `undecided` takes it up, where the way it goes on, as `what` decides it, hangs on text that is not known. Gives the text back. */
export function deciding(what: string, text: string): string {
  if (holdsUnknown(text)) {
    const reason = reasonOfUnknown(text);
    throw new RestsOnGuess(`\`${what}\` depends on text that is not known: ${reason}`, reason);
  }
  return text;
}

/** Where it only matters whether text is empty, what a command printed is taken not to be. */
export function takenAsText({ session }: ShellState, text: string): void {
  session.model(`text that is not known is taken not to be empty (${reasonOfUnknown(text)})`);
}
