/**
 * Words of a Dockerfile line and the variables in them, as BuildKit's own small shell reads them
 * (frontend/dockerfile/shell). https://docs.docker.com/reference/dockerfile/#environment-replacement
 */
export interface Expansion {
  readonly variables: ReadonlyMap<string, string>;
  readonly escape: string;
}

/** What went wrong in an expansion, in the builder's words, such as `REQUIRED: not allowed to be empty`. */
export class ExpansionError extends Error {}

/** The word with variables expanded and quotes taken off. Throws `ExpansionError`. */
export function expandWord(word: string, { variables, escape }: Expansion): string {
  return new WordReader(word, escape, variables).read().join(' ');
}

/** As `expandWord`, split at unquoted blanks, also those that come out of a variable: for EXPOSE. */
export function expandWords(text: string, { variables, escape }: Expansion): string[] {
  const reader = new WordReader(text, escape, variables);
  reader.splits = true;
  return reader.read().filter((word) => word !== '');
}

/** Takes quotes and escapes off, `$` staying what it is. */
export function unquote(word: string, escape: string): string {
  let out = '';
  let quote = '';
  for (let index = 0; index < word.length; index++) {
    const char = word[index]!;
    if (char === escape && quote !== "'" && index + 1 < word.length) out += word[++index]!;
    else if (quote === '' && (char === '"' || char === "'")) quote = char;
    else if (char === quote) quote = '';
    else out += char;
  }
  return out;
}

/** Splits at blanks outside quotes, each word as written (quotes and escapes kept). */
export function splitWords(text: string, escape: string): string[] {
  const words: string[] = [];
  let word = '';
  let quote = '';
  let started = false;
  const end = () => {
    if (started) words.push(word);
    word = '';
    started = false;
  };
  for (let index = 0; index < text.length; index++) {
    const char = text[index]!;
    if (quote === '' && /\s/.test(char)) {
      end();
      continue;
    }
    started = true;
    word += char;
    if (char === escape && quote !== "'" && index + 1 < text.length) word += text[++index]!;
    else if (quote === '' && (char === '"' || char === "'")) quote = char;
    else if (char === quote) quote = '';
  }
  end();
  return words;
}

class WordReader {
  splits = false;
  private position = 0;
  private words: string[] = [''];

  constructor(
    private readonly text: string,
    private readonly escape: string,
    private readonly variables: ReadonlyMap<string, string>,
  ) {}

  read(): string[] {
    while (this.position < this.text.length) {
      const char = this.text[this.position]!;
      if (char === "'") this.append(this.singleQuoted());
      else if (char === '"') this.append(this.doubleQuoted());
      else if (char === '$') this.appendSplit(this.dollar());
      else if (char === this.escape) this.escaped();
      else if (this.splits && /\s/.test(char)) {
        this.position++;
        this.words.push('');
      } else {
        this.position++;
        this.append(char);
      }
    }
    return this.words;
  }

  private append(text: string): void {
    this.words[this.words.length - 1] += text;
  }

  private appendSplit(text: string): void {
    const parts = this.splits ? text.split(/\s+/) : [text];
    parts.forEach((part, index) => {
      if (index > 0) this.words.push('');
      this.append(part);
    });
  }

  private escaped(): void {
    this.position++;
    // An escape at the very end stands for nothing.
    if (this.position < this.text.length) this.append(this.text[this.position++]!);
  }

  private singleQuoted(): string {
    const end = this.text.indexOf("'", this.position + 1);
    if (end < 0)
      throw new ExpansionError('unexpected end of statement while looking for matching single-quote');
    const inner = this.text.slice(this.position + 1, end);
    this.position = end + 1;
    return inner;
  }

  private doubleQuoted(): string {
    let out = '';
    this.position++;
    for (;;) {
      const char = this.text[this.position];
      if (char === undefined) {
        throw new ExpansionError('unexpected end of statement while looking for matching double-quote');
      }
      if (char === '"') {
        this.position++;
        return out;
      }
      if (char === '$') {
        out += this.dollar();
        continue;
      }
      this.position++;
      const next = this.text[this.position];
      if (
        char === this.escape &&
        next !== undefined &&
        (next === '"' || next === '$' || next === this.escape)
      ) {
        out += next;
        this.position++;
      } else out += char;
    }
  }

  private dollar(): string {
    this.position++;
    if (this.text[this.position] === '{') return this.braced();
    const name = this.name();
    return name === '' ? '$' : (this.value(name) ?? '');
  }

  private name(): string {
    const match = /^(?:[A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*#?\-!$])/.exec(
      this.text.slice(this.position, this.position + 256),
    );
    const name = match?.[0] ?? '';
    this.position += name.length;
    return name;
  }

  private value(name: string): string | undefined {
    return this.variables.get(name);
  }

  private braced(): string {
    this.position++;
    const name = this.name();
    if (name === '') throw new ExpansionError(`bad substitution: ${this.text}`);
    const value = this.value(name);
    const operator = /^(?::[-+?]|[-+?}]|##?|%%?|\/\/?)/.exec(
      this.text.slice(this.position, this.position + 2),
    )?.[0];
    if (!operator)
      throw new ExpansionError(
        `unsupported modifier in substitution: \${${name}${this.text.slice(this.position)}`,
      );
    this.position += operator.length;
    if (operator === '}') return value ?? '';
    if (operator.startsWith('/')) return this.replaced(value, operator === '//');
    const word = this.until(['}']);
    this.position++;
    return applyOperator(name, operator, value, word);
  }

  private replaced(value: string | undefined, all: boolean): string {
    const pattern = this.until(['/', '}']);
    const replacement = this.text[this.position++] === '/' ? this.until(['}']) : undefined;
    if (replacement !== undefined) this.position++;
    const expression = new RegExp(globExpression(pattern, true), all ? 'gs' : 's');
    return (value ?? '').replace(expression, () => replacement ?? '');
  }

  /** An expanded word up to one of `stops`, which is left standing. */
  private until(stops: readonly string[]): string {
    let out = '';
    for (;;) {
      const char = this.text[this.position];
      if (char === undefined) throw new ExpansionError(`syntax error: missing '}' in ${this.text}`);
      if (stops.includes(char)) return out;
      if (char === "'") out += this.singleQuoted();
      else if (char === '"') out += this.doubleQuoted();
      else if (char === '$') out += this.dollar();
      else {
        this.position++;
        if (char === this.escape && this.position < this.text.length) out += this.text[this.position++]!;
        else out += char;
      }
    }
  }
}

function applyOperator(name: string, operator: string, value: string | undefined, word: string): string {
  const isEmpty = value === undefined || (operator.startsWith(':') && value === '');
  switch (operator.replace(':', '')) {
    case '-':
      return isEmpty ? word : (value ?? '');
    case '+':
      return isEmpty ? '' : word;
    case '?':
      if (isEmpty)
        throw new ExpansionError(
          `${name}: ${word || (operator === ':?' ? 'not allowed to be empty' : 'not allowed to be unset')}`,
        );
      return value ?? '';
    case '#':
    case '##':
      return (value ?? '').replace(new RegExp(`^(?:${globExpression(word, operator === '##')})`, 's'), '');
    default:
      return withoutSuffix(value ?? '', word, operator === '%%');
  }
}

function withoutSuffix(value: string, glob: string, longest: boolean): string {
  const suffix = new RegExp(`^(?:${globExpression(glob, true)})$`, 's');
  const starts = [...Array(value.length + 1).keys()];
  const start = (longest ? starts : starts.reverse()).find((index) => suffix.test(value.slice(index)));
  return start === undefined ? value : value.slice(0, start);
}

/** `*` and `?` of the `#`, `%` and `/` operators; everything else is literal, and `\` takes the meaning off. */
function globExpression(glob: string, greedy: boolean): string {
  return glob.replace(/\\?[\s\S]/g, (char) => {
    if (char === '*') return greedy ? '.*' : '.*?';
    if (char === '?') return '.';
    return char.slice(-1).replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  });
}
