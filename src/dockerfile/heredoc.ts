import type { Heredoc } from './instruction';
import { splitWords, unquote } from './words';

/** `<<EOF`, `<<-'EOF'` as it stands on the line, before its content is read. */
export type HeredocWord = Omit<Heredoc, 'content' | 'raw'>;

/** The here-documents that a line announces, in order. Follows BuildKit's `heredocsFromLine` and `ParseHeredoc`. */
export function heredocsOf(line: string, escape: string): HeredocWord[] {
  if (!line.includes('<<')) return [];
  const found: HeredocWord[] = [];
  for (const word of splitWords(line, escape)) {
    const match = /^\d*<<(-?)([^<]+)$/.exec(word);
    if (!match) continue;
    const name = unquote(match[2]!, escape);
    // A delimiter that quotes change, even by one escape, is a quoted one: its content is taken literally.
    found.push({ name, stripsTabs: match[1] === '-', expands: name === match[2], word });
  }
  return found;
}

/** Takes the contents of `words` from the lines that follow the instruction's own, and counts these lines. */
export function readHeredocs(
  words: readonly HeredocWord[],
  raw: readonly string[],
): { heredocs: Heredoc[]; lines: number } {
  let lines = 0;
  const heredocs = words.map((word) => {
    const found = { content: '', raw: '' };
    while (lines < raw.length) {
      const written = raw[lines]!;
      const line = word.stripsTabs ? written.replace(/^\t+/, '') : written;
      lines++;
      if (line === word.name) break;
      found.content += `${line}\n`;
      found.raw += `${written}\n`;
    }
    return { ...word, ...found };
  });
  return { heredocs, lines };
}
