import { normalizeText } from '../bytes';
import { isAscii } from '../commands/bytes';
import type { Characters } from './characters';
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

  private readonly separators: string;

  /** `characters` matter to separators beyond ASCII. */
  constructor(
    separators: string,
    private readonly characters?: Characters,
  ) {
    this.separators = characters && !isAscii(separators) ? characters.units(separators) : separators;
  }

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

  expanded(whole: string): void {
    const { characters } = this;
    const inUnits = characters !== undefined && !isAscii(this.separators);
    const text = inUnits ? characters.units(whole) : whole;
    let index = this.skipBlanks(text, 0);
    if (index > 0) this.end();
    while (index < text.length) {
      const start = index;
      while (index < text.length && !this.separators.includes(text[index]!)) index++;
      const piece = text.slice(start, index);
      this.literal(inUnits ? characters.text(piece) : piece);
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
    // Single bytes that met here may be a character together.
    this.fields.push({ text: normalizeText(this.text), pattern: normalizeText(this.pattern) });
    this.text = '';
    this.pattern = '';
    this.started = false;
  }
}
