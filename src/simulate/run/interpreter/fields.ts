import { escapePattern } from './pattern';

/** One field of a command line before pathname expansion: its text, and the same with quoted characters escaped. */
export interface Field {
  readonly text: string;
  readonly pattern: string;
}

/**
 * Puts fields together from quoted, literal and expanded pieces. Only expanded ones are split, at the characters of
 * `separators` (POSIX XCU 2.6.5); only what was not quoted can be a pattern.
 */
export class FieldBuilder {
  readonly fields: Field[] = [];
  private text = '';
  private pattern = '';
  private started = false;

  constructor(private readonly separators: string) {}

  quoted(text: string): void {
    this.started = true;
    this.text += text;
    this.pattern += escapePattern(text);
  }

  literal(text: string): void {
    if (text === '') return;
    this.started = true;
    this.text += text;
    this.pattern += text;
  }

  expanded(text: string): void {
    let index = this.skipBlanks(text, 0);
    if (index > 0) this.end();
    while (index < text.length) {
      const start = index;
      while (index < text.length && !this.separators.includes(text[index]!)) index++;
      this.literal(text.slice(start, index));
      if (index >= text.length) return;
      index = this.separator(text, index);
    }
  }

  /** One separator: blanks around at most one other character; that one ends a field even if it is empty. */
  private separator(text: string, index: number): number {
    let next = this.skipBlanks(text, index);
    if (next < text.length && this.separators.includes(text[next]!)) {
      this.started = true;
      next = this.skipBlanks(text, next + 1);
    }
    this.end();
    return next;
  }

  private skipBlanks(text: string, index: number): number {
    let next = index;
    while (next < text.length && ' \t\n'.includes(text[next]!) && this.separators.includes(text[next]!))
      next++;
    return next;
  }

  /** Ends the field that was begun, if one was. */
  end(): void {
    if (!this.started) return;
    this.fields.push({ text: this.text, pattern: this.pattern });
    this.text = '';
    this.pattern = '';
    this.started = false;
  }
}
