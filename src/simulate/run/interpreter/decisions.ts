import { NotSimulated } from '../command';
import { holdsUnknown, reasonOfUnknown } from '../unknown-text';

/** Ends the simulation where the way it goes on, as `what` decides it, hangs on text that is not known. Gives the text back. */
export function deciding(what: string, text: string): string {
  if (holdsUnknown(text))
    throw new NotSimulated(`\`${what}\` depends on text that is not known: ${reasonOfUnknown(text)}`);
  return text;
}
