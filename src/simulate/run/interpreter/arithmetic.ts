/** What arithmetic needs of the variables; names may carry a subscript (`a[1]`). */
export interface ArithmeticVariables {
  get(name: string): string | undefined;
  set(name: string, value: string): void;
}

/** A fault of the expression, in words for stderr. */
export class ArithmeticFault extends Error {}

const TOKEN =
  /\s*(?:(0[xX][0-9a-fA-F]+|\d+#[\w@]+|\d+)|([A-Za-z_]\w*)|(<<=|>>=|\*\*|\+\+|--|&&|\|\||<<|>>|<=|>=|==|!=|[-+*/%&|^]=|[-+*/%<>=!~&|^?:,()[\]]))/y;

/** Left-associative operators, weakest first (C's order). */
const LEVELS: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['|'],
  ['^'],
  ['&'],
  ['==', '!='],
  ['<', '>', '<=', '>='],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '%'],
];
const ASSIGNMENTS = new Set(['=', '+=', '-=', '*=', '/=', '%=', '<<=', '>>=', '&=', '|=', '^=']);
const MAX_NESTING = 50;

/** Evaluates an expression of 64-bit integers (POSIX XCU 2.6.4; `extended`, which all but dash are, adds `**`, `++`, bases, subscripts). */
export function evaluateArithmetic(
  text: string,
  variables: ArithmeticVariables,
  options: { readonly extended: boolean },
  nesting = 0,
): bigint {
  if (nesting > MAX_NESTING) throw new ArithmeticFault('expression recursion level exceeded');
  return new Evaluation(text, variables, options.extended, nesting).whole();
}

class Evaluation {
  private at = 0;
  private token = '';
  private kind: 'number' | 'name' | 'operator' | 'end' = 'end';
  /** Above 0 in the branch that `&&`, `||` or `?:` does not take: no assignments, no division faults. */
  private skipped = 0;

  constructor(
    private readonly text: string,
    private readonly variables: ArithmeticVariables,
    private readonly extended: boolean,
    private readonly nesting: number,
  ) {
    this.next();
  }

  whole(): bigint {
    if (this.isAtEnd()) return 0n;
    const value = this.comma();
    if (!this.isAtEnd()) this.fail();
    return value;
  }

  private isAtEnd(): boolean {
    return this.kind === 'end';
  }

  private fail(): never {
    throw new ArithmeticFault(`arithmetic expression: syntax error: "${this.text}"`);
  }

  private next(): void {
    TOKEN.lastIndex = this.at;
    const match = TOKEN.exec(this.text);
    if (!match) {
      if (/\S/.test(this.text.slice(this.at))) this.fail();
      this.kind = 'end';
      this.token = '';
      return;
    }
    this.at = TOKEN.lastIndex;
    this.token = match[1] ?? match[2] ?? match[3]!;
    this.kind = match[1] !== undefined ? 'number' : match[2] !== undefined ? 'name' : 'operator';
  }

  private take(operator: string): boolean {
    if (this.kind !== 'operator' || this.token !== operator) return false;
    this.next();
    return true;
  }

  private comma(): bigint {
    let value = this.assignment();
    while (this.extended && this.take(',')) value = this.assignment();
    return value;
  }

  private assignment(): bigint {
    if (this.kind !== 'name') return this.ternary();
    const start = { at: this.at, token: this.token };
    const name = this.reference();
    const operator = this.token;
    if (!ASSIGNMENTS.has(operator)) {
      this.at = start.at;
      this.token = start.token;
      this.kind = 'name';
      return this.ternary();
    }
    this.next();
    const right = this.assignment();
    const value = operator === '=' ? right : this.apply(operator.slice(0, -1), this.valueOf(name), right);
    this.assign(name, value);
    return value;
  }

  /** A name, with its subscript if there is one. */
  private reference(): string {
    let name = this.token;
    if (this.extended && this.text[this.at] === '[') {
      let depth = 0;
      let end = this.at;
      do {
        if (this.text[end] === '[') depth++;
        if (this.text[end] === ']') depth--;
        end++;
      } while (depth > 0 && end < this.text.length);
      name += this.text.slice(this.at, end);
      this.at = end;
    }
    this.next();
    return name;
  }

  private assign(name: string, value: bigint): void {
    if (this.skipped === 0) this.variables.set(name, value.toString());
  }

  private valueOf(name: string): bigint {
    if (this.skipped > 0) return 0n;
    const text = this.variables.get(name)?.trim() ?? '';
    if (text === '') return 0n;
    if (/^[-+]?(?:0[xX][0-9a-fA-F]+|\d+)$/.test(text)) return this.signed(text);
    if (!this.extended) throw new ArithmeticFault(`Illegal number: ${text}`);
    return evaluateArithmetic(text, this.variables, { extended: true }, this.nesting + 1);
  }

  private signed(text: string): bigint {
    const digits = text.replace(/^[-+]/, '');
    const value = this.number(digits);
    return text.startsWith('-') ? BigInt.asIntN(64, -value) : value;
  }

  private ternary(): bigint {
    const condition = this.binary(0);
    if (!this.take('?')) return condition;
    const yes = this.branch(condition === 0n, () => this.comma());
    if (!this.take(':')) this.fail();
    const no = this.branch(condition !== 0n, () => this.assignment());
    return condition !== 0n ? yes : no;
  }

  private branch(skip: boolean, act: () => bigint): bigint {
    if (skip) this.skipped++;
    const value = act();
    if (skip) this.skipped--;
    return value;
  }

  private binary(level: number): bigint {
    const operators = LEVELS[level];
    if (!operators) return this.power();
    let left = this.binary(level + 1);
    while (this.kind === 'operator' && operators.includes(this.token)) {
      const operator = this.token;
      this.next();
      if (operator === '&&' || operator === '||') {
        const decided = operator === '&&' ? left === 0n : left !== 0n;
        const right = this.branch(decided, () => this.binary(level + 1));
        left = BigInt(operator === '&&' ? left !== 0n && right !== 0n : left !== 0n || right !== 0n);
      } else left = this.apply(operator, left, this.binary(level + 1));
    }
    return left;
  }

  private power(): bigint {
    const base = this.unary();
    if (!this.extended || !this.take('**')) return base;
    const exponent = this.power();
    if (exponent < 0n) throw new ArithmeticFault('exponent less than 0');
    return BigInt.asIntN(64, base ** exponent);
  }

  private unary(): bigint {
    if (this.kind === 'operator') {
      const operator = this.token;
      if ((operator === '++' || operator === '--') && this.extended) return this.preIncrement(operator);
      if (operator === '++' || operator === '--') {
        this.next();
        const value = this.unary();
        return value;
      }
      if (this.take('-')) return BigInt.asIntN(64, -this.unary());
      if (this.take('+')) return this.unary();
      if (this.take('!')) return BigInt(this.unary() === 0n);
      if (this.take('~')) return ~this.unary();
    }
    return this.primary();
  }

  private preIncrement(operator: string): bigint {
    this.next();
    if (this.kind !== 'name') {
      const value = this.unary();
      return value;
    }
    const name = this.reference();
    const value = BigInt.asIntN(64, this.valueOf(name) + (operator === '++' ? 1n : -1n));
    this.assign(name, value);
    return value;
  }

  private primary(): bigint {
    if (this.kind === 'number') {
      const value = this.number(this.token);
      this.next();
      return value;
    }
    if (this.kind === 'name') return this.variable();
    if (!this.take('(')) this.fail();
    const value = this.comma();
    if (!this.take(')')) this.fail();
    return value;
  }

  private variable(): bigint {
    const name = this.reference();
    const value = this.valueOf(name);
    if (this.kind === 'operator' && (this.token === '++' || this.token === '--')) {
      if (!this.extended) this.fail();
      this.assign(name, BigInt.asIntN(64, value + (this.token === '++' ? 1n : -1n)));
      this.next();
    }
    return value;
  }

  private number(token: string): bigint {
    const based = /^(\d+)#([\w@]+)$/.exec(token);
    if (based && !this.extended) this.fail();
    if (based) return digitsOf(based[2]!, Number(based[1]));
    if (/^0[xX]/.test(token)) return this.limited(BigInt(token));
    if (/^0\d/.test(token)) return this.limited(digitsOf(token.slice(1), 8));
    return this.limited(BigInt(token));
  }

  /** dash reads numbers by `strtoimax(3)`, which stops at the largest; the others let them run over. */
  private limited(number: bigint): bigint {
    return !this.extended && number >= 2n ** 63n ? 2n ** 63n - 1n : BigInt.asIntN(64, number);
  }

  private apply(operator: string, left: bigint, right: bigint): bigint {
    if ((operator === '/' || operator === '%') && right === 0n) {
      if (this.skipped > 0) return 0n;
      throw new ArithmeticFault(`arithmetic expression: division by zero: "${this.text}"`);
    }
    return BigInt.asIntN(64, BigInt(OPERATIONS[operator]!(left, right)));
  }
}

const OPERATIONS: Readonly<Record<string, (left: bigint, right: bigint) => bigint | boolean>> = {
  '|': (left, right) => left | right,
  '^': (left, right) => left ^ right,
  '&': (left, right) => left & right,
  '==': (left, right) => left === right,
  '!=': (left, right) => left !== right,
  '<': (left, right) => left < right,
  '>': (left, right) => left > right,
  '<=': (left, right) => left <= right,
  '>=': (left, right) => left >= right,
  '<<': (left, right) => left << (right & 63n),
  '>>': (left, right) => left >> (right & 63n),
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
  '%': (left, right) => left % right,
};

/** Digits in a base of 2 to 64; letters, `@` and `_` follow the digits as in bash. */
function digitsOf(text: string, base: number): bigint {
  const order = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ@_';
  let value = 0n;
  for (const char of base <= 36 ? text.toLowerCase() : text) {
    const digit = order.indexOf(char);
    if (digit < 0 || digit >= base) throw new ArithmeticFault(`${text}: value too great for base`);
    value = value * BigInt(base) + BigInt(digit);
  }
  return BigInt.asIntN(64, value);
}
