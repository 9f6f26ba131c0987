import { trimStart } from './blanks';

/** What the text of an exec form comes to: its strings, or why the builder refuses it. */
export type JsonForm =
  | { readonly kind: 'strings'; readonly strings: readonly string[] }
  | { readonly kind: 'not strings' }
  | { readonly kind: 'none' };

export const NOT_STRINGS = 'when using JSON array syntax, arrays must be comprised of strings only';

/**
 * Reads an exec form `["a", "b"]`. A text that is no JSON array is a shell form without a word, while an array of
 * anything but strings is an error.
 */
export function jsonForm(text: string): JsonForm {
  if (!trimStart(text).startsWith('[')) return { kind: 'none' };
  try {
    const value: unknown = JSON.parse(text);
    if (!Array.isArray(value)) return { kind: 'none' };
    return value.every((item) => typeof item === 'string')
      ? { kind: 'strings', strings: value }
      : { kind: 'not strings' };
  } catch {
    return { kind: 'none' };
  }
}
