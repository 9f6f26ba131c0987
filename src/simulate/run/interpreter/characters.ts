import { normalizeText } from '../bytes';
import { NotSimulated } from '../command';
import { decodeArgument, encodeArgument, isAscii } from '../commands/bytes';
import type { ShellState } from './shell-state';

/**
 * What a shell counts, matches and cuts as one character: bytes, or characters of UTF-8 (`units` of a text, one JavaScript
 * character or code point each).
 */
export interface Characters {
  readonly utf8: boolean;
  units(text: string): string;
  text(units: string): string;
}

const BYTES: Characters = { utf8: false, units: encodeArgument, text: decodeArgument };

/** dash knows bytes only; bash goes by the locale (`setlocale(3)`), which is C unless the image or the script says otherwise. */
export function charactersOf(shell: ShellState): Characters {
  if (shell.dialect === 'dash') return BYTES;
  const { variables } = shell;
  const locale = variables.text('LC_ALL') || variables.text('LC_CTYPE') || variables.text('LANG') || 'C';
  return /\.utf-?8$/i.test(locale)
    ? { utf8: true, units: (text) => unitsIn(shell, locale, text), text: normalizeText }
    : BYTES;
}

/** Of C.UTF-8 it is known that it is there; of others it depends on what is installed, and on how busybox was built. */
function unitsIn(shell: ShellState, locale: string, text: string): string {
  if (isAscii(text)) return text;
  if (!shell.isBash)
    throw new NotSimulated(`text beyond ASCII in a busybox shell with ${locale} is not simulated`);
  if (!/^C\./.test(locale)) shell.session.model(`the locale ${locale} may not be installed`);
  return normalizeText(text);
}

/** A text and a pattern in the same units; what `[[:alpha:]]` has beyond ASCII is the locale's business. */
export function unitsToMatch(
  shell: ShellState,
  text: string,
  pattern: string,
): { readonly text: string; readonly pattern: string } {
  const { characters } = shell;
  if (characters.utf8 && pattern.includes('[:') && !isAscii(text))
    throw new NotSimulated('character classes beyond ASCII are not simulated');
  return { text: characters.units(text), pattern: characters.units(pattern) };
}
