/**
 * The lines of one instruction as the single line that the builder works on: a line that ends in the escape
 * character goes on in the next one; comment lines and empty lines in between are dropped. `used` says how many
 * of the raw lines went into it; what follows are here-documents.
 *
 * Follows BuildKit, frontend/dockerfile/parser/parser.go (`trimContinuationCharacter`, `isComment`).
 */
export function joinLines(raw: readonly string[], escape: string): { text: string; used: number } {
  const continues = continuation(escape);
  let text = (raw[0] ?? '').trimStart();
  let used = 1;
  for (;;) {
    const match = continues.exec(text);
    if (!match) break;
    text = text.slice(0, match.index) + (match[1] ?? '');
    while (used < raw.length && isSkipped(raw[used]!)) used++;
    if (used >= raw.length) break;
    text += raw[used]!;
    used++;
  }
  return { text: text.trimEnd(), used };
}

/** The escape character at the end of a line, blanks after it allowed, unless another one stands before it. */
function continuation(escape: string): RegExp {
  const mark = escape === '`' ? '`' : '\\\\';
  return new RegExp(`([^${mark}])${mark}[ \\t]*$|^${mark}[ \\t]*$`);
}

function isSkipped(line: string): boolean {
  const trimmed = line.trim();
  return trimmed === '' || trimmed.startsWith('#');
}
