import {
  type AwkFunction,
  type AwkProgram,
  AwkSyntaxError,
  type Expr,
  type Rule,
  type Stmt,
  type Token,
  tokenize,
} from './awk-syntax';
import type { ByteString } from './bytes';

export function parseAwk(source: ByteString): AwkProgram {
  return new Parser(tokenize(source)).program();
}

const NON_UNARY_START = new Set(['!', '(', '$', '++', '--', '-', '+']);

class Parser {
  private at = 0;
  private readonly functions = new Map<string, AwkFunction>();
  /** Within `print`, an unbracketed `>` redirects. */
  private noGreater = 0;
  /** Within `for (`, `in` belongs to the loop. */
  private noIn = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  program(): AwkProgram {
    const rules: Rule[] = [];
    for (;;) {
      this.skipEnds();
      if (this.token.kind === 'end') return { rules, functions: this.functions };
      if (this.takesWord('function')) this.function();
      else rules.push(this.rule());
    }
  }

  private get token(): Token {
    return this.tokens[this.at]!;
  }

  private is(text: string): boolean {
    const { token } = this;
    return token.kind === 'operator' && token.text === text;
  }

  private takes(text: string): boolean {
    if (!this.is(text)) return false;
    this.at++;
    return true;
  }

  private isWord(text: string): boolean {
    const { token } = this;
    return token.kind === 'word' && token.text === text;
  }

  private takesWord(text: string): boolean {
    if (!this.isWord(text)) return false;
    this.at++;
    return true;
  }

  private expect(text: string): void {
    if (!this.takes(text)) throw this.fault();
  }

  private fault(): AwkSyntaxError {
    const { token } = this;
    return new AwkSyntaxError(
      `syntax error at or near ${'text' in token ? token.text : token.kind === 'number' ? token.value : 'end of line'}`,
    );
  }

  private skipNewlines(): void {
    while (this.token.kind === 'newline') this.at++;
  }

  private skipEnds(): void {
    while (this.token.kind === 'newline' || this.is(';')) this.at++;
  }

  private function(): void {
    const { token } = this;
    if (token.kind !== 'function name' && token.kind !== 'name') throw this.fault();
    this.at++;
    this.expect('(');
    const parameters: string[] = [];
    while (!this.takes(')')) {
      const parameter = this.token;
      if (parameter.kind !== 'name') throw this.fault();
      parameters.push(parameter.text);
      this.at++;
      if (this.takes(',')) this.skipNewlines();
    }
    this.skipNewlines();
    this.functions.set(token.text, { parameters, body: this.block() });
  }

  private rule(): Rule {
    for (const kind of ['BEGIN', 'END'] as const) {
      if (this.takesWord(kind)) return { kind, body: this.block() };
    }
    if (this.is('{')) return { kind: 'pattern', body: this.block() };
    const pattern = this.expression();
    if (this.takes(',')) {
      this.skipNewlines();
      const until = this.expression();
      return { kind: 'range', pattern, until, ...(this.is('{') ? { body: this.block() } : {}) };
    }
    return { kind: 'pattern', pattern, ...(this.is('{') ? { body: this.block() } : {}) };
  }

  // ── Statements ───────────────────────────────────────────────────────────────────────────────────────────

  private block(): Stmt {
    this.expect('{');
    const body: Stmt[] = [];
    for (;;) {
      this.skipEnds();
      if (this.takes('}')) return { kind: 'block', body };
      if (this.token.kind === 'end') throw this.fault();
      body.push(this.statement());
    }
  }

  private statement(): Stmt {
    this.skipNewlines();
    if (this.is('{')) return this.block();
    if (this.takes(';')) return { kind: 'block', body: [] };
    if (this.takesWord('if')) return this.ifStatement();
    if (this.takesWord('while')) {
      const test = this.inParentheses();
      if (this.takes(';')) return { kind: 'while', test, body: { kind: 'block', body: [] }, first: true };
      return { kind: 'while', test, body: this.statement(), first: true };
    }
    if (this.takesWord('do')) {
      const body = this.statement();
      this.skipEnds();
      if (!this.takesWord('while')) throw this.fault();
      const test = this.inParentheses();
      this.endStatement();
      return { kind: 'while', test, body, first: false };
    }
    if (this.takesWord('for')) return this.forStatement();
    const statement = this.simple();
    this.endStatement();
    return statement;
  }

  private endStatement(): void {
    if (this.takes(';') || this.is('}')) return;
    if (this.token.kind !== 'newline') throw this.fault();
    this.at++;
  }

  private inParentheses(): Expr {
    this.expect('(');
    const expression = this.freely(() => this.expression());
    this.expect(')');
    return expression;
  }

  /** Within brackets `>` and `in` are what they always are. */
  private freely<T>(parse: () => T): T {
    const [noGreater, noIn] = [this.noGreater, this.noIn];
    [this.noGreater, this.noIn] = [0, 0];
    const result = parse();
    [this.noGreater, this.noIn] = [noGreater, noIn];
    return result;
  }

  private ifStatement(): Stmt {
    const test = this.inParentheses();
    const then = this.statement();
    const before = this.at;
    this.skipEnds();
    if (this.takesWord('else')) return { kind: 'if', test, then, otherwise: this.statement() };
    this.at = before;
    return { kind: 'if', test, then };
  }

  private forStatement(): Stmt {
    this.expect('(');
    const [variable, word, array, close] = this.tokens.slice(this.at, this.at + 4);
    const isForIn =
      variable?.kind === 'name' && word?.kind === 'word' && word.text === 'in' && array?.kind === 'name';
    if (isForIn && close?.kind === 'operator' && close.text === ')') {
      this.at += 4;
      return { kind: 'for in', variable: variable.text, array: array.text, body: this.statement() };
    }
    const start = this.is(';') ? undefined : this.simple();
    this.expect(';');
    this.skipNewlines();
    const test = this.is(';') ? undefined : this.expression();
    this.expect(';');
    this.skipNewlines();
    const step = this.is(')') ? undefined : this.simple();
    this.expect(')');
    const body = this.takes(';') ? ({ kind: 'block', body: [] } as const) : this.statement();
    return {
      kind: 'for',
      body,
      ...(start ? { start } : {}),
      ...(test ? { test } : {}),
      ...(step ? { step } : {}),
    };
  }

  private simple(): Stmt {
    const { token } = this;
    if (token.kind === 'word') {
      switch (token.text) {
        case 'print':
        case 'printf':
          this.at++;
          return this.print(token.text === 'printf');
        case 'next':
        case 'nextfile':
        case 'break':
        case 'continue':
          this.at++;
          return { kind: 'leave', how: token.text };
        case 'exit':
        case 'return': {
          this.at++;
          const hasValue = !(this.token.kind === 'newline' || this.is(';') || this.is('}'));
          return { kind: 'leave', how: token.text, ...(hasValue ? { value: this.expression() } : {}) };
        }
        case 'delete':
          return this.delete();
      }
    }
    return { kind: 'expression', expression: this.expression() };
  }

  private delete(): Stmt {
    this.at++;
    const { token } = this;
    if (token.kind !== 'name') throw this.fault();
    this.at++;
    return this.takes('[')
      ? { kind: 'delete', name: token.text, subscripts: this.list(']') }
      : { kind: 'delete', name: token.text };
  }

  private print(format: boolean): Stmt {
    const args: Expr[] = [];
    this.noGreater++;
    if (!this.endsPrint()) {
      const first = this.expression();
      if (first.kind === 'grouping' && first.items.length > 1 && this.endsPrint()) args.push(...first.items);
      else {
        args.push(first);
        while (this.takes(',')) {
          this.skipNewlines();
          args.push(this.expression());
        }
      }
    }
    this.noGreater--;
    for (const operator of ['>', '>>', '|']) {
      if (!this.takes(operator)) continue;
      this.noGreater++;
      const target = this.concatenation();
      this.noGreater--;
      return { kind: 'print', format, args, redirect: { operator, target } };
    }
    return { kind: 'print', format, args };
  }

  private endsPrint(): boolean {
    return this.token.kind === 'newline' || [';', '}', '>', '>>', '|'].some((text) => this.is(text));
  }

  // ── Expressions, from the loosest to the tightest ────────────────────────────────────────────────────────

  private expression(): Expr {
    const left = this.conditional();
    for (const operator of ['=', '+=', '-=', '*=', '/=', '%=', '^=', '**=']) {
      if (!this.is(operator)) continue;
      if (!['field', 'variable', 'element'].includes(left.kind)) throw this.fault();
      this.at++;
      this.skipNewlines();
      return {
        kind: 'assign',
        operator: operator.replace('**', '^'),
        target: left,
        value: this.expression(),
      };
    }
    return left;
  }

  private conditional(): Expr {
    const test = this.either();
    if (!this.takes('?')) return test;
    this.skipNewlines();
    const yes = this.expression();
    this.skipNewlines();
    this.expect(':');
    this.skipNewlines();
    return { kind: 'conditional', test, yes, no: this.expression() };
  }

  private binary(operators: readonly string[], operand: () => Expr): Expr {
    let left = operand();
    for (;;) {
      const operator = operators.find((text) => this.is(text));
      if (operator === undefined) return left;
      this.at++;
      this.skipNewlines();
      left = { kind: 'binary', operator, left, right: operand() };
    }
  }

  private either(): Expr {
    return this.binary(['||'], () => this.binary(['&&'], () => this.membership()));
  }

  private membership(): Expr {
    let left = this.matching();
    while (this.noIn === 0 && this.takesWord('in')) {
      const { token } = this;
      if (token.kind !== 'name') throw this.fault();
      this.at++;
      left = { kind: 'in', subscripts: left.kind === 'grouping' ? left.items : [left], name: token.text };
    }
    return left;
  }

  private matching(): Expr {
    let left = this.comparison();
    while (this.is('~') || this.is('!~')) {
      const negated = this.is('!~');
      this.at++;
      left = { kind: 'match', negated, text: left, pattern: this.comparison() };
    }
    return left;
  }

  private comparison(): Expr {
    const left = this.concatenation();
    const operators = ['<', '<=', '==', '!=', '>='].concat(this.noGreater > 0 ? [] : ['>']);
    const operator = operators.find((text) => this.is(text));
    if (operator === undefined) return this.pipedGetline(left);
    this.at++;
    return { kind: 'binary', operator, left, right: this.concatenation() };
  }

  private pipedGetline(command: Expr): Expr {
    let left = command;
    while (
      this.is('|') &&
      this.tokens[this.at + 1]?.kind === 'word' &&
      (this.tokens[this.at + 1] as { text: string }).text === 'getline'
    ) {
      this.at += 2;
      const target = this.getlineTarget();
      left = { kind: 'getline', command: left, ...(target ? { target } : {}) };
    }
    return left;
  }

  private concatenation(): Expr {
    let left = this.additive();
    while (this.startsOperand()) left = { kind: 'binary', operator: ' ', left, right: this.additive() };
    return left;
  }

  private startsOperand(): boolean {
    const { token } = this;
    if (['number', 'string', 'name', 'function name', 'builtin'].includes(token.kind)) return true;
    if (token.kind === 'operator')
      return (
        ['!', '(', '$', '++', '--', '-', '+'].includes(token.text) &&
        token.text !== '+' &&
        token.text !== '-' &&
        token.text !== '!'
      );
    return false;
  }

  private additive(): Expr {
    return this.binary(['+', '-'], () => this.binary(['*', '/', '%'], () => this.unary()));
  }

  private unary(): Expr {
    for (const operator of ['!', '-', '+'] as const) {
      if (this.takes(operator)) return { kind: 'unary', operator, operand: this.unary() };
    }
    return this.power();
  }

  private power(): Expr {
    const base = this.postfix();
    if (!this.takes('^') && !this.takes('**')) return base;
    return { kind: 'binary', operator: '^', left: base, right: this.unaryPower() };
  }

  private unaryPower(): Expr {
    for (const operator of ['-', '+', '!'] as const) {
      if (this.takes(operator)) return { kind: 'unary', operator, operand: this.unaryPower() };
    }
    return this.power();
  }

  private postfix(): Expr {
    const operand = this.primary();
    if (!['field', 'variable', 'element'].includes(operand.kind)) return operand;
    if (this.takes('++')) return { kind: 'step', target: operand, by: 1, isPrefix: false };
    if (this.takes('--')) return { kind: 'step', target: operand, by: -1, isPrefix: false };
    return operand;
  }

  private primary(): Expr {
    const { token } = this;
    this.at++;
    switch (token.kind) {
      case 'number':
        return { kind: 'number', value: token.value };
      case 'string':
        return { kind: 'string', value: token.text };
      case 'regex':
        return { kind: 'regex', source: token.text };
      case 'name':
        return this.takes('[')
          ? { kind: 'element', name: token.text, subscripts: this.list(']') }
          : { kind: 'variable', name: token.text };
      case 'function name':
        this.expect('(');
        return { kind: 'call', name: token.text, args: this.list(')'), builtin: false };
      case 'builtin':
        return this.builtin(token.text);
      case 'word':
        if (token.text === 'getline') return this.getline();
        break;
      case 'operator': {
        const found = this.operatorPrimary(token.text);
        if (found) return found;
        break;
      }
      default:
    }
    this.at--;
    throw this.fault();
  }

  private operatorPrimary(operator: string): Expr | undefined {
    if (!NON_UNARY_START.has(operator)) return undefined;
    switch (operator) {
      case '$':
        return { kind: 'field', index: this.fieldIndex() };
      case '++':
      case '--':
        return { kind: 'step', target: this.postfixTarget(), by: operator === '++' ? 1 : -1, isPrefix: true };
      case '(': {
        const items = this.list(')');
        return { kind: 'grouping', items };
      }
      case '-':
      case '+':
      case '!':
        return { kind: 'unary', operator, operand: this.unary() };
      default:
        return undefined;
    }
  }

  /** `$i++` is `($i)++`, `$++i` is `$(++i)`. */
  private fieldIndex(): Expr {
    if (this.is('++') || this.is('--') || this.is('-') || this.is('+')) return this.primary();
    return this.primary();
  }

  private postfixTarget(): Expr {
    const target = this.primary();
    if (!['field', 'variable', 'element'].includes(target.kind)) throw this.fault();
    return target;
  }

  private list(close: string): Expr[] {
    return this.freely(() => {
      const items: Expr[] = [];
      this.skipNewlines();
      while (!this.takes(close)) {
        items.push(this.expression());
        this.skipNewlines();
        if (this.takes(',')) this.skipNewlines();
        else if (!this.is(close)) throw this.fault();
      }
      return items;
    });
  }

  private builtin(name: string): Expr {
    if (this.takes('(')) return { kind: 'call', name, args: this.list(')'), builtin: true };
    if (name !== 'length') throw this.fault();
    return { kind: 'call', name, args: [], builtin: true };
  }

  private getlineTarget(): Expr | undefined {
    const { token } = this;
    const starts = token.kind === 'name' || (token.kind === 'operator' && token.text === '$');
    return starts ? this.primary() : undefined;
  }

  private getline(): Expr {
    const target = this.getlineTarget();
    const file = this.takes('<') ? this.postfix() : undefined;
    return { kind: 'getline', ...(target ? { target } : {}), ...(file ? { file } : {}) };
  }
}
