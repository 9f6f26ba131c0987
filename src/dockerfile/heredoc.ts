import type { Heredoc } from './instruction';
import { rawWords } from './words';

/** `<<EOF`, `<<-'EOF'` as it stands on the line, before its content is read. */
export type HeredocWord = Omit<Heredoc, 'content' | 'raw'>;

/** The here-documents that a line announces, in order. A line with a quote that is not closed has none. */
export function heredocsOf(line: string): HeredocWord[] {
  if (!line.includes('<<')) return [];
  return wordsOf(line, 'quotes and escapes').flatMap((word) => heredocWord(word) ?? []);
}

/** What a word is as a here-document. Follows BuildKit's `ParseHeredoc`: blanks may stand before the delimiter. */
export function heredocWord(word: string): HeredocWord | undefined {
  const match = /^\d*<<(-?)[\t\n\f\r ]*([^<]*)$/.exec(word);
  if (!match || match[2] === '') return undefined;
  const [name, ...others] = wordsOf(match[2]!, 'neither');
  const [quoted] = wordsOf(match[2]!, 'quotes');
  if (name === undefined || others.length > 0) return undefined;
  // A delimiter with a quote in it, even in its midst, is a quoted one: its content is taken literally.
  return { name, stripsTabs: match[1] === '-', expands: countQuotes(name) === countQuotes(quoted ?? '') };
}

function wordsOf(text: string, kept: Parameters<typeof rawWords>[1]): string[] {
  try {
    return rawWords(text, kept);
  } catch {
    return [];
  }
}

function countQuotes(text: string): number {
  return text.replace(/[^'"]/g, '').length;
}

/** Reads the contents of here-documents from the lines that follow; `isOpen` when the text ends before the delimiter. */
export function readHeredocs(
  words: readonly HeredocWord[],
  takeLine: () => string | undefined,
): { heredocs: Heredoc[]; isOpen: boolean } {
  let isOpen = false;
  const heredocs = words.map((word): Heredoc => {
    const raw: string[] = [];
    for (;;) {
      const line = takeLine();
      if (line === undefined) {
        isOpen = true;
        break;
      }
      const end = line.replace(/\r+$/, '');
      if ((word.stripsTabs ? end.replace(/^\t+/, '') : end) === word.name) break;
      raw.push(`${line}\n`);
    }
    const text = raw.join('');
    return { ...word, raw: text, content: word.stripsTabs ? text.replace(/^\t+/gm, '') : text };
  });
  return { heredocs, isOpen };
}
