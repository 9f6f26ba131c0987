import type { Problem } from './instruction';

const NAMES: ReadonlySet<string> = new Set(['syntax', 'escape', 'check']);
const DIRECTIVE = /^#[\t\n\f\r ]*([a-zA-Z][a-zA-Z0-9]*)[\t\n\f\r ]*=[\t\n\f\r ]*(.+?)[\t\n\f\r ]*$/;

/**
 * The parser directives, which stand before everything else, comments among them; each may be given once.
 * https://docs.docker.com/reference/dockerfile/#parser-directives
 */
export class Directives {
  readonly values = new Map<string, string>();
  readonly problems: Problem[] = [];
  escape = '\\';
  private isOver = false;

  /** Takes a line, trimmed at its front; says whether it is a directive. */
  take(line: string, number: number): boolean {
    if (this.isOver) return false;
    const match = DIRECTIVE.exec(line);
    const name = (match?.[1] ?? '').toLowerCase();
    if (!match || !NAMES.has(name)) {
      this.isOver = true;
      return false;
    }
    const message = this.refuse(name, match[2]!);
    const range = { start: { line: number, character: 0 }, end: { line: number, character: line.length } };
    if (message !== undefined) this.problems.push({ severity: 'error', message, range });
    else this.values.set(name, match[2]!);
    return true;
  }

  private refuse(name: string, value: string): string | undefined {
    if (this.values.has(name)) return `only one ${name} parser directive can be used`;
    if (name !== 'escape') return undefined;
    if (value !== '\\' && value !== '`') return `invalid escape token '${value}' does not match \` or \\`;
    this.escape = value;
    return undefined;
  }
}
