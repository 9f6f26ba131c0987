import { trim, trimStart } from './blanks';
import { Directives } from './directives';
import type { Problem, Range } from './instruction';

/** One instruction's line, put together from the lines of the text. */
export interface LogicalLine {
  /** Continuations joined, comments and empty lines inside dropped. */
  readonly text: string;
  /** 0-based, both included. */
  readonly first: number;
  readonly last: number;
  /** An empty line stands where a continuation is due. */
  readonly hasEmptyContinuation: boolean;
  /** The comment lines right above it, without their `#`. */
  readonly comments: readonly string[];
}

/** The builder reads no line of as many bytes. */
const LONGEST_LINE = 65_536;

/**
 * Cuts a text into instructions' lines, in the order of the text, as BuildKit's parser does: a line that ends in the
 * escape character goes on in the next one. It knows nothing of keywords; whoever reads a line with here-documents takes
 * their lines out of the text with `takeLine`.
 */
export class Scanner {
  readonly directives = new Directives();
  readonly problems: Problem[] = [];
  private readonly lines: readonly string[];
  private position = 0;
  private comments: string[] = [];

  constructor(text: string) {
    // A carriage return stays with its line: here-documents keep it.
    this.lines = text.replace(/^\uFEFF/, '').split('\n');
    if (this.lines[this.lines.length - 1] === '') this.lines = this.lines.slice(0, -1);
  }

  next(): LogicalLine | undefined {
    while (this.position < this.lines.length) {
      const first = this.position;
      const line = trimStart(trimLineEnd(this.takeLine()!));
      if (this.isAside(line, first)) continue;
      const { text, continues } = splitContinuation(line, this.directives.escape);
      if (text === '' && !continues) continue;
      return this.join(text, continues, first);
    }
    return undefined;
  }

  /** The next line as it stands, with a carriage return if there is one; undefined at the end. */
  takeLine(): string | undefined {
    if (this.position >= this.lines.length) return undefined;
    const line = this.lines[this.position]!;
    if (line.length * 3 >= LONGEST_LINE) this.checkLength(line);
    this.position++;
    return line;
  }

  /** The last line that was taken. */
  get lastLine(): number {
    return this.position - 1;
  }

  lineLength(line: number): number {
    return trimLineEnd(this.lines[line] ?? '').length;
  }

  source(first: number, last: number): string {
    return this.lines.slice(first, last + 1).join('\n');
  }

  /** Notes comments and directives; says whether the line is one of them. */
  private isAside(line: string, number: number): boolean {
    if (this.directives.take(line, number)) return true;
    if (!line.startsWith('#')) return false;
    const comment = trim(line.slice(1));
    if (comment === '') this.comments = [];
    else this.comments.push(comment);
    return true;
  }

  private join(start: string, isOpen: boolean, first: number): LogicalLine {
    let text = start;
    let hasEmptyContinuation = false;
    for (let open = isOpen; open; ) {
      const raw = this.takeLine();
      if (raw === undefined) break;
      const line = trimLineEnd(raw);
      const content = trimStart(line);
      if (content.startsWith('#')) continue;
      if (content === '') {
        hasEmptyContinuation = true;
        continue;
      }
      const split = splitContinuation(line, this.directives.escape);
      text += split.text;
      open = split.continues;
    }
    const comments = this.comments;
    this.comments = [];
    return { text, first, last: this.lastLine, hasEmptyContinuation, comments };
  }

  private checkLength(line: string): void {
    if (new TextEncoder().encode(line).length + 1 < LONGEST_LINE) return;
    const message = `dockerfile line greater than max allowed size of ${LONGEST_LINE - 1}`;
    this.problems.push({ severity: 'error', message, range: this.lineRange(this.position) });
  }

  private lineRange(line: number): Range {
    return { start: { line, character: 0 }, end: { line, character: this.lineLength(line) } };
  }
}

function trimLineEnd(line: string): string {
  return line.endsWith('\r') ? line.replace(/\r+$/, '') : line;
}

/** The escape character at the end of a line, blanks after it allowed, unless another one stands before it. */
function splitContinuation(line: string, escape: string): { text: string; continues: boolean } {
  let end = line.length;
  while (end > 0 && (line[end - 1] === ' ' || line[end - 1] === '\t')) end--;
  if (end === 0 || line[end - 1] !== escape || (end > 1 && line[end - 2] === escape)) {
    return { text: line, continues: false };
  }
  return { text: line.slice(0, end - 1), continues: true };
}
