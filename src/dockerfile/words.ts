import { isBlank } from './blanks';
import { goQuoted } from './quoted';
import { removePrefix, removeSuffix, replacePattern } from './substitution';

/**
 * Words of a Dockerfile line and the variables in them, as BuildKit's own small shell reads them
 * (frontend/dockerfile/shell). https://docs.docker.com/reference/dockerfile/#environment-replacement
 */
export interface Expansion {
  readonly variables: ReadonlyMap<string, string>;
  readonly escape: string;
  /** Is told of each variable that is asked for, and whether it has a value. */
  readonly onAsked?: ((name: string, isSet: boolean) => void) | undefined;
}

/** What went wrong in an expansion, in the builder's words, such as `REQUIRED: is not allowed to be empty`. */
export class ExpansionError extends Error {}

/** The word with variables expanded and quotes taken off. Throws `ExpansionError`. */
export function expandWord(word: string, expansion: Expansion): string {
  return read(word, expansion, {}).text;
}

/** As `expandWord`, split at unquoted blanks, also those that come out of a variable: for EXPOSE. */
export function expandWords(text: string, expansion: Expansion): string[] {
  return read(text, expansion, {}).words;
}

/** Variables in a here-document, where quotes mean nothing and a backslash always escapes. Throws `ExpansionError`. */
export function expandText(text: string, expansion: Expansion): string {
  return read(text, { ...expansion, escape: '\\' }, { ignoresQuotes: true }).text;
}

/** The words of a line as written, variables and all. Throws `ExpansionError` for a quote that is not closed. */
export function rawWords(text: string, kept: 'quotes and escapes' | 'quotes' | 'neither'): string[] {
  const options = {
    keepsQuotes: kept !== 'neither',
    keepsEscapes: kept === 'quotes and escapes',
    keepsUnset: true,
  };
  return read(text, { variables: new Map(), escape: '\\' }, options).words;
}

interface ReadingOptions {
  readonly keepsQuotes?: boolean;
  readonly keepsEscapes?: boolean;
  /** A variable without a value stays as it is written. */
  readonly keepsUnset?: boolean;
  readonly ignoresQuotes?: boolean;
}

function read(text: string, expansion: Expansion, options: ReadingOptions): Result {
  try {
    return new WordReader(text, expansion, options).readUntil(undefined, options.keepsEscapes === true);
  } catch (error) {
    if (error instanceof ExpansionError)
      error.message = `failed to process ${goQuoted(text)}: ${error.message}`;
    throw error;
  }
}

interface Result {
  readonly text: string;
  readonly words: string[];
}

const MISSING_SLASH = `syntax error: missing '/' in $` + '{}';
const SPECIAL_PARAMETERS = '@*#?-$!0';

class WordReader {
  private position = 0;
  private readonly chars: readonly string[];
  /** The word that is being put together. The builder has one for all levels: a nested text begins it anew. */
  private word = '';
  private keepsEscapes = false;

  constructor(
    text: string,
    private readonly expansion: Expansion,
    private readonly options: ReadingOptions,
  ) {
    this.chars = [...text];
  }

  /** Reads up to `stop`, which is taken as well, or to the end. */
  readUntil(stop: string | undefined, keepsEscapes: boolean): Result {
    const outer = this.keepsEscapes;
    this.keepsEscapes = keepsEscapes;
    const words: string[] = [];
    let text = '';
    this.word = '';
    for (let char = this.peek(); char !== undefined; char = this.peek()) {
      if (char === stop) {
        this.position++;
        this.keepsEscapes = outer;
        return { text, words: this.endWords(words) };
      }
      const part = this.part(char, words);
      if (part === undefined) break;
      text += part;
    }
    this.keepsEscapes = outer;
    if (stop !== undefined) {
      throw new ExpansionError(`unexpected end of statement while looking for matching ${stop}`);
    }
    return { text, words: this.endWords(words) };
  }

  /** Reads one thing and adds it to the words; undefined where the text ends in an escape. */
  private part(char: string, words: string[]): string | undefined {
    switch (char) {
      case '$': {
        const value = this.dollar();
        for (const one of value) this.addChar(one, words);
        return value;
      }
      case '<':
        return this.addRaw(this.possibleHeredoc());
      case "'":
        if (!this.options.ignoresQuotes) return this.addRaw(this.singleQuoted());
        break;
      case '"':
        if (!this.options.ignoresQuotes) return this.addRaw(this.doubleQuoted());
        break;
    }
    this.position++;
    if (char !== this.expansion.escape) {
      this.addChar(char, words);
      return char;
    }
    const kept = this.keepsEscapes ? this.addRaw(char) : '';
    const escaped = this.take();
    return escaped === undefined ? undefined : kept + this.addRaw(escaped);
  }

  private addChar(char: string, words: string[]): void {
    if (!isBlank(char)) this.word += char;
    else if (this.word !== '') {
      words.push(this.word);
      this.word = '';
    }
  }

  private addRaw(text: string): string {
    this.word += text;
    return text;
  }

  private endWords(words: string[]): string[] {
    if (this.word !== '') words.push(this.word);
    this.word = '';
    return words;
  }

  private peek(): string | undefined {
    return this.chars[this.position];
  }

  private take(): string | undefined {
    return this.chars[this.position++];
  }

  private singleQuoted(): string {
    const end = this.chars.indexOf("'", this.position + 1);
    if (end < 0) {
      this.position = this.chars.length;
      throw new ExpansionError('unexpected end of statement while looking for matching single-quote');
    }
    const inner = this.chars.slice(this.position + 1, end).join('');
    this.position = end + 1;
    return this.options.keepsQuotes ? `'${inner}'` : inner;
  }

  private doubleQuoted(): string {
    const quote = this.options.keepsQuotes ? '"' : '';
    let out = quote;
    this.position++;
    for (;;) {
      const char = this.peek();
      if (char === undefined) {
        throw new ExpansionError('unexpected end of statement while looking for matching double-quote');
      }
      if (char === '"') {
        this.position++;
        return out + quote;
      }
      if (char === '$') out += this.dollar();
      else out += this.insideDoubleQuotes(char);
    }
  }

  /** Only a quote, a dollar and the escape itself can be escaped there. */
  private insideDoubleQuotes(char: string): string {
    const { escape } = this.expansion;
    this.position++;
    if (char !== escape) return char;
    const kept = this.keepsEscapes ? char : '';
    const next = this.peek();
    if (next === undefined) return kept;
    if (next !== '"' && next !== '$' && next !== escape) return kept + char;
    this.position++;
    return kept + next;
  }

  /** Blanks between `<<` and its word belong to it. */
  private possibleHeredoc(): string {
    this.position++;
    if (this.peek() !== '<') return '<';
    this.position++;
    let out = '<<';
    while (this.peek() === ' ' || this.peek() === '\t' || this.peek() === '\r') out += this.take();
    return out;
  }

  private dollar(): string {
    this.position++;
    if (this.peek() === '{') return this.braced();
    const name = this.name();
    if (name === '') return '$';
    return this.value(name) ?? (this.options.keepsUnset ? `$${name}` : '');
  }

  private name(): string {
    const first = this.peek();
    if (first === undefined) return '';
    if (/\p{Nd}/u.test(first)) return this.takeWhile(/\p{Nd}/u);
    if (SPECIAL_PARAMETERS.includes(first)) return this.take()!;
    return this.takeWhile(/[\p{L}\p{Nd}_]/u);
  }

  private takeWhile(expression: RegExp): string {
    const start = this.position;
    while (this.peek() !== undefined && expression.test(this.peek()!)) this.position++;
    return this.chars.slice(start, this.position).join('');
  }

  private value(name: string): string | undefined {
    const value = this.expansion.variables.get(name);
    this.expansion.onAsked?.(name, value !== undefined);
    return value;
  }

  private braced(): string {
    this.position++;
    const first = this.peek();
    if (first === undefined) throw new ExpansionError("syntax error: missing '}'");
    if ('{}:'.includes(first)) throw new ExpansionError('syntax error: bad substitution');
    const name = this.name();
    const operator = this.take();
    switch (operator) {
      case '}':
        return this.value(name) ?? (this.options.keepsUnset ? `\${${name}}` : '');
      case ':':
        return this.modified(name, `:${this.take() ?? '\uFFFD'}`);
      case '/':
        return this.replaced(name);
      default:
        return this.modified(name, operator ?? '\uFFFD');
    }
  }

  private modified(name: string, operator: string): string {
    const unsupported = () => new ExpansionError(`unsupported modifier (${operator}) in substitution`);
    const isPattern = operator.endsWith('#') || operator.endsWith('%');
    if (operator.length === 1 ? !'+-?#%'.includes(operator) : isPattern) throw unsupported();
    const word = this.nested('}', isPattern, "syntax error: missing '}'");
    const value = this.value(name);
    if (value === undefined && this.options.keepsUnset) return `\${${name}${operator}${word}}`;
    const isEmpty = value === undefined || (operator.startsWith(':') && value === '');
    switch (operator.slice(-1)) {
      case '-':
        return isEmpty ? word : (value ?? '');
      case '+':
        return isEmpty ? '' : word;
      case '?':
        if (isEmpty) throw new ExpansionError(`${name}: ${word || refusal(value)}`);
        return value ?? '';
      case '#':
        return withPattern(() => removePrefix(value ?? '', word));
      case '%':
        return withPattern(() => removeSuffix(value ?? '', word));
      default:
        throw unsupported();
    }
  }

  private replaced(name: string): string {
    const all = this.peek() === '/';
    if (all) this.position++;
    const pattern = this.nested('/', true, MISSING_SLASH);
    const replacement = this.nested('}', true, "syntax error: missing '}'");
    const value = this.value(name);
    if (value === undefined && this.options.keepsUnset) return `\${${name}/${pattern}/${replacement}}`;
    return withPattern(() => replacePattern(value ?? '', pattern, replacement, { all }));
  }

  /** The text up to `stop`, expanded. Where the word ends before, `missing` is what the builder says. */
  private nested(stop: string, keepsEscapes: boolean, missing: string): string {
    try {
      return this.readUntil(stop, keepsEscapes).text;
    } catch (error) {
      if (error instanceof ExpansionError && this.position >= this.chars.length) {
        throw new ExpansionError(missing);
      }
      throw error;
    }
  }
}

function refusal(value: string | undefined): string {
  return value === undefined ? 'is not allowed to be unset' : 'is not allowed to be empty';
}

function withPattern(apply: () => string): string {
  try {
    return apply();
  } catch (error) {
    throw new ExpansionError((error as Error).message);
  }
}
