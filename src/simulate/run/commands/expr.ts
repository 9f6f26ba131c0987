import { type CommandContext, NotSimulated } from '../command';
import { type ByteString, encodeArgument } from './bytes';
import { complain, failUsage } from './complaints';
import { print } from './input';
import { localeOf } from './locale';
import { PosixRegex, RegexError } from './posix-regex';

/** GNU coreutils manual, "expr invocation". 0: neither null nor 0, 1: null or 0, 2: wrong, 3: trouble. */
export function expr(context: CommandContext): number {
  const words = context.args[0] === '--' ? context.args.slice(1) : context.args;
  if (context.flavour === 'busybox' && (words[0] === '+' || words.some((word) => /^-?\d{18,}$/.test(word))))
    throw new NotSimulated('such an `expr` of busybox is not simulated');
  if (words.length === 0) return failUsage(context, 'missing operand', 2);
  try {
    const parser = new Evaluation(context, words.map(encodeArgument));
    const value = parser.evaluate();
    print(context, `${value}\n`);
    return isNull(value) ? 1 : 0;
  } catch (error) {
    if (!(error instanceof ExprError) && !(error instanceof RegexError)) throw error;
    complain(context, error.message);
    return 2;
  }
}

class ExprError extends Error {}

function isNull(value: string): boolean {
  return value === '' || /^-?0+$/.test(value);
}

const LEVELS: readonly (readonly string[])[] = [
  ['|'],
  ['&'],
  ['<', '<=', '=', '==', '!=', '>=', '>'],
  ['+', '-'],
  ['*', '/', '%'],
  [':'],
];

class Evaluation {
  private at = 0;

  constructor(
    private readonly context: CommandContext,
    private readonly words: readonly ByteString[],
  ) {}

  evaluate(): ByteString {
    const value = this.level(0);
    if (this.at < this.words.length)
      throw new ExprError(`syntax error: unexpected argument '${this.words[this.at]}'`);
    return value;
  }

  private level(depth: number): ByteString {
    if (depth === LEVELS.length) return this.term();
    let left = this.level(depth + 1);
    for (;;) {
      const operator = this.words[this.at];
      if (operator === undefined || !LEVELS[depth]!.includes(operator)) return left;
      this.at++;
      left = this.apply(operator, left, this.level(depth + 1));
    }
  }

  private next(): ByteString {
    const word = this.words[this.at];
    if (word === undefined)
      throw new ExprError(`syntax error: missing argument after '${this.words.at(-1)}'`);
    this.at++;
    return word;
  }

  private term(): ByteString {
    const word = this.next();
    switch (word) {
      case '(': {
        const value = this.level(0);
        if (this.words[this.at] !== ')')
          throw new ExprError(`syntax error: expecting ')' after '${this.words[this.at - 1]}'`);
        this.at++;
        return value;
      }
      case ')':
        throw new ExprError("syntax error: unexpected ')'");
      case '+':
        return this.next();
      case 'length':
        return String(this.ascii(this.term()).length);
      case 'match':
        return this.match(this.term(), this.term());
      case 'index': {
        const [text, characters] = [this.ascii(this.term()), this.term()];
        return String([...text].findIndex((character) => characters.includes(character)) + 1);
      }
      case 'substr': {
        const [text, start, length] = [this.ascii(this.term()), Number(this.term()), Number(this.term())];
        return start >= 1 && length >= 1 ? text.slice(start - 1, start - 1 + length) : '';
      }
      default:
        return word;
    }
  }

  private ascii(text: ByteString): ByteString {
    if (localeOf(this.context).utf8 && /[\x80-\xff]/.test(text))
      throw new NotSimulated('`expr` of text beyond ASCII is not simulated');
    return text;
  }

  private apply(operator: string, left: ByteString, right: ByteString): ByteString {
    switch (operator) {
      case '|':
        return !isNull(left) ? left : isNull(right) && right === '' ? '0' : right;
      case '&':
        return isNull(left) || isNull(right) ? '0' : left;
      case ':':
        return this.match(left, right);
      case '+':
      case '-':
      case '*':
      case '/':
      case '%':
        return this.arithmetic(operator, left, right);
      default:
        return this.compare(operator, left, right) ? '1' : '0';
    }
  }

  private compare(operator: string, left: ByteString, right: ByteString): boolean {
    const numeric = isInteger(left) && isInteger(right);
    const [a, b] = numeric ? [BigInt(left), BigInt(right)] : [left, right];
    if (
      !numeric &&
      operator !== '=' &&
      operator !== '==' &&
      operator !== '!=' &&
      !localeOf(this.context).byteOrder
    ) {
      throw new NotSimulated('`expr` in the order of a language is not simulated');
    }
    switch (operator) {
      case '<':
        return a < b;
      case '<=':
        return a <= b;
      case '>=':
        return a >= b;
      case '>':
        return a > b;
      case '!=':
        return a !== b;
      default:
        return a === b;
    }
  }

  private arithmetic(operator: string, left: ByteString, right: ByteString): string {
    if (!isInteger(left) || !isInteger(right)) throw new ExprError('non-integer argument');
    const [a, b] = [BigInt(left), BigInt(right)];
    if (operator === '+') return String(a + b);
    if (operator === '-') return String(a - b);
    if (operator === '*') return String(a * b);
    if (b === 0n) throw new ExprError('division by zero');
    return String(operator === '/' ? a / b : a % b);
  }

  /** Anchored at the start; the first group if there is one, else the length of the match. */
  private match(text: ByteString, pattern: ByteString): string {
    const regex = new PosixRegex(pattern, { syntax: 'basic', utf8: localeOf(this.context).utf8 });
    const match = regex.exec(text);
    const found = match && match.index === 0 ? match : undefined;
    // The leftmost match starts at 0 if any does, since the search begins there.
    if (regex.groupCount > 0) return found?.groups[1] ?? '';
    return String(found ? this.ascii(found.groups[0]!).length : 0);
  }
}

function isInteger(text: string): boolean {
  return /^-?\d+$/.test(text);
}
