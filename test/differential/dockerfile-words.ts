import type { Random } from './random';

/** A path as a word of the shell form, for the reader of the Dockerfile to take off again. */
export function escaped(path: string): string {
  return path.replace(/[\\$"']/g, '\\$&');
}

/** The words of a COPY or ADD, as JSON where a blank asks for it. */
export function copyWords(words: readonly string[], random: Random): string {
  const needsJson = words.some((word) => /[\s"]/.test(word) || word === '');
  // A word that begins like a flag or a here-document would be read as one.
  if (needsJson || random.chance(8)) return JSON.stringify(words);
  return words.join(' ');
}
