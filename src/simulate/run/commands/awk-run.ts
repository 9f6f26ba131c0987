import { type CommandContext, NotSimulated } from '../command';
import type { AwkAnswer, AwkQuestion } from './awk-questions';
import type { AwkFunction, AwkProgram, Expr, Rule, Stmt } from './awk-syntax';
import { compareValues, formatText, inputValue, isTrue, toNumber, toText, type Value } from './awk-values';
import type { ByteString } from './bytes';
import { PosixRegex } from './posix-regex';

export type AwkArray = Map<ByteString, Value>;
type Cell = Value | AwkArray;

/** What awk reads from and writes to. */
export interface AwkDoors {
  readonly context: CommandContext;
  readonly kind: 'mawk' | 'gawk' | 'busybox';
  /** The inputs in order; an assignment among them takes effect when its turn comes. */
  readonly inputs: readonly (
    | { readonly kind: 'text'; readonly name: string; readonly text: ByteString }
    | { readonly kind: 'assign'; readonly name: string; readonly value: ByteString }
  )[];
  write(text: ByteString): void;
  writeFile(operator: string, file: ByteString, text: ByteString): void;
  /** `undefined` when no such file or pipe was printed to; else what close() gives. */
  closeFile(file: ByteString): number | undefined;
  ask(question: AwkQuestion): AwkAnswer;
}

class Leave {
  constructor(
    readonly how: 'next' | 'nextfile' | 'exit' | 'return' | 'break' | 'continue',
    readonly value?: Value,
  ) {}
}

const MAX_CALLS = 500;
/** Shorter texts are not worth a look at what may be held. */
const LONG = 2 ** 16;

/** Runs a program as POSIX describes awk, with mawk's answers where POSIX leaves a choice. */
export class AwkRun {
  readonly globals = new Map<string, Cell>();
  private locals: Map<string, Cell> | undefined;
  private fields: Value[] = [''];
  /** The record was changed and `fields` are to be split anew, or a field was and `$0` is to be joined. */
  private state: 'split' | 'record changed' | 'field changed' = 'record changed';
  private input = -1;
  private rest: ByteString = '';
  private readonly regexes = new Map<ByteString, PosixRegex>();
  /** What getline reads from, by file or command. */
  private readonly readers = new Map<ByteString, { rest: ByteString; readonly exitCode: number }>();
  private readonly active = new Set<Rule>();
  private exitCode = 0;
  private depth = 0;

  constructor(
    private readonly program: AwkProgram,
    private readonly doors: AwkDoors,
  ) {
    const set = (name: string, value: Value) => this.globals.set(name, value);
    set('FS', ' ');
    set('OFS', ' ');
    set('ORS', '\n');
    set('RS', '\n');
    set('NR', 0);
    set('FNR', 0);
    set('NF', 0);
    set('SUBSEP', '\x1c');
    set('CONVFMT', '%.6g');
    set('OFMT', '%.6g');
    set('RSTART', 0);
    set('RLENGTH', -1);
    set('FILENAME', '');
  }

  run(): number {
    const { rules } = this.program;
    try {
      for (const rule of rules) if (rule.kind === 'BEGIN') this.guarded(rule.body!);
      const reads = rules.some((rule) => rule.kind !== 'BEGIN');
      while (reads && this.nextRecord()) this.record();
    } catch (error) {
      if (!(error instanceof Leave) || error.how !== 'exit') throw error;
      this.exitCode = error.value === undefined ? this.exitCode : toNumber(error.value);
    }
    try {
      for (const rule of rules) if (rule.kind === 'END') this.guarded(rule.body!);
    } catch (error) {
      if (!(error instanceof Leave) || error.how !== 'exit') throw error;
      if (error.value !== undefined) this.exitCode = toNumber(error.value);
    }
    return this.exitCode & 0xff;
  }

  private guarded(body: Stmt): void {
    try {
      this.execute(body);
    } catch (error) {
      if (error instanceof Leave && (error.how === 'next' || error.how === 'nextfile'))
        throw new NotSimulated('`awk` with next in BEGIN or END is not simulated');
      throw error;
    }
  }

  private record(): void {
    for (const rule of this.program.rules) {
      if (rule.kind === 'BEGIN' || rule.kind === 'END' || !this.selects(rule)) continue;
      try {
        if (rule.body) this.execute(rule.body);
        else this.doors.write(toText(this.field(0), '') + this.text('ORS'));
      } catch (error) {
        if (!(error instanceof Leave)) throw error;
        if (error.how === 'next') return;
        if (error.how === 'nextfile') {
          this.rest = '';
          return;
        }
        throw error;
      }
    }
  }

  private selects(rule: Rule): boolean {
    if (!rule.pattern) return true;
    if (rule.kind !== 'range') return isTrue(this.evaluate(rule.pattern));
    if (!this.active.has(rule)) {
      if (!isTrue(this.evaluate(rule.pattern))) return false;
      this.active.add(rule);
    }
    if (isTrue(this.evaluate(rule.until!))) this.active.delete(rule);
    return true;
  }

  // ── Input ────────────────────────────────────────────────────────────────────────────────────────────────

  private nextRecord(): boolean {
    const record = this.readRecord();
    if (record === undefined) return false;
    this.setRecord(record);
    return true;
  }

  private readRecord(): ByteString | undefined {
    this.doors.context.checkBudget();
    while (this.rest === '') if (!this.nextInput()) return undefined;
    if (this.text('RS') === '') return this.paragraph();
    const { record, rest } = this.firstRecord(this.rest);
    this.rest = rest;
    this.count();
    return record;
  }

  /** The text up to where RS, which is not empty, parts it. */
  private firstRecord(text: ByteString): { record: ByteString; rest: ByteString } {
    const separator = this.text('RS');
    const found = separator.length === 1 ? plainEnd(text, separator) : this.regex(separator).exec(text);
    if (found) return { record: text.slice(0, found.index), rest: text.slice(found.end) };
    return { record: separator.length > 1 ? text.replace(/\n$/, '') : text, rest: '' };
  }

  /** RS is empty: records are parted by empty lines. */
  private paragraph(): ByteString | undefined {
    this.rest = this.rest.replace(/^\n+/, '');
    if (this.rest === '') return this.readRecord();
    const match = /\n\n+/.exec(this.rest);
    const record = (match ? this.rest.slice(0, match.index) : this.rest).replace(/\n$/, '');
    this.rest = match ? this.rest.slice(match.index + match[0].length) : '';
    this.count();
    return record;
  }

  private count(): void {
    this.globals.set('NR', toNumber(this.scalar('NR')) + 1);
    this.globals.set('FNR', toNumber(this.scalar('FNR')) + 1);
  }

  private nextInput(): boolean {
    for (this.input++; this.input < this.doors.inputs.length; this.input++) {
      const input = this.doors.inputs[this.input]!;
      if (input.kind === 'assign') {
        this.globals.set(input.name, inputValue(input.value));
        continue;
      }
      this.globals.set('FILENAME', input.name);
      this.globals.set('FNR', 0);
      this.rest = input.text;
      return true;
    }
    return false;
  }

  // ── Fields ───────────────────────────────────────────────────────────────────────────────────────────────

  private setRecord(record: ByteString): void {
    this.fields = [inputValue(record)];
    this.state = 'record changed';
  }

  private split(): void {
    if (this.state !== 'record changed') return;
    const pieces = this.pieces(toText(this.fields[0], this.text('CONVFMT')), this.text('FS'));
    this.fields = [this.fields[0], ...pieces.map(inputValue)];
    this.globals.set('NF', pieces.length);
    this.state = 'split';
  }

  private pieces(text: ByteString, separator: ByteString): ByteString[] {
    if (separator === ' ') return text.split(/[ \t\n]+/).filter((piece) => piece !== '');
    if (text === '') return [];
    const breaksLines = this.text('RS') === '';
    if (separator === '') return [...text];
    if (separator.length === 1 && separator !== '\\')
      return text.split(
        breaksLines ? new RegExp(`[\\n${separator.replace(/[\]\\^-]/g, '\\$&')}]`) : separator,
      );
    const regex = this.regex(breaksLines ? `(${separator})|\n` : separator);
    const found: ByteString[] = [];
    let from = 0;
    for (let at = 0; at <= text.length; ) {
      const match = regex.exec(text, at);
      if (!match) break;
      if (match.end === match.index) {
        at = match.index + 1;
        continue;
      }
      found.push(text.slice(from, match.index));
      from = match.end;
      at = match.end;
    }
    return [...found, text.slice(from)];
  }

  private field(index: number): Value {
    if (index < 0) throw new NotSimulated('`awk` with a negative field is not simulated');
    if (index > 0) this.split();
    else if (this.state === 'field changed') this.join();
    return index < this.fields.length ? this.fields[index] : undefined;
  }

  private join(): void {
    const format = this.text('CONVFMT');
    const texts = this.fields.slice(1).map((value) => toText(value, format));
    this.fields[0] = texts.join(this.text('OFS'));
    this.state = 'split';
  }

  private setField(index: number, value: Value): void {
    if (index === 0) {
      this.setRecord(toText(value, this.text('CONVFMT')));
      return;
    }
    this.split();
    if (index > 100_000) throw new NotSimulated('`awk` with so many fields is not simulated');
    while (this.fields.length <= index) this.fields.push('');
    this.fields[index] = value;
    this.globals.set('NF', this.fields.length - 1);
    this.state = 'field changed';
  }

  private setFieldCount(count: number): void {
    this.split();
    while (this.fields.length <= count) this.fields.push('');
    this.fields.length = count + 1;
    this.state = 'field changed';
  }

  // ── Variables ────────────────────────────────────────────────────────────────────────────────────────────

  private scope(name: string): Map<string, Cell> {
    return this.locals?.has(name) ? this.locals : this.globals;
  }

  private scalar(name: string): Value {
    if (name === 'NF' && this.scope(name) === this.globals) this.split();
    const value = this.scope(name).get(name);
    if (value instanceof Map) throw new NotSimulated('`awk` that uses an array as a value is not simulated');
    return value;
  }

  private text(name: string): ByteString {
    const value = this.globals.get(name);
    return value instanceof Map ? '' : toText(value, '%.6g');
  }

  private array(name: string): AwkArray {
    const scope = this.scope(name);
    const value = scope.get(name);
    if (value instanceof Map) return value;
    const made: AwkArray = new Map();
    scope.set(name, made);
    return made;
  }

  private subscript(subscripts: readonly Expr[]): ByteString {
    const format = this.text('CONVFMT');
    return subscripts.map((item) => toText(this.evaluate(item), format)).join(this.text('SUBSEP'));
  }

  private assign(target: Expr, value: Value): Value {
    if (typeof value === 'string' && value.length > LONG) this.doors.context.checkBudget(value.length);
    switch (target.kind) {
      case 'variable':
        this.scope(target.name).set(target.name, value);
        if (target.name === 'NF' && this.scope('NF') === this.globals) this.setFieldCount(toNumber(value));
        return value;
      case 'element':
        this.array(target.name).set(this.subscript(target.subscripts), value);
        return value;
      case 'field':
        this.setField(toNumber(this.evaluate(target.index)), value);
        return value;
      case 'grouping':
        if (target.items.length === 1) return this.assign(target.items[0]!, value);
        break;
      default:
    }
    throw new NotSimulated('`awk` with such an assignment is not simulated');
  }

  // ── Statements ───────────────────────────────────────────────────────────────────────────────────────────

  private execute(statement: Stmt): void {
    this.doors.context.checkBudget();
    switch (statement.kind) {
      case 'block':
        for (const inner of statement.body) this.execute(inner);
        return;
      case 'expression':
        this.evaluate(statement.expression);
        return;
      case 'print':
        this.print(statement);
        return;
      case 'if':
        if (isTrue(this.evaluate(statement.test))) this.execute(statement.then);
        else if (statement.otherwise) this.execute(statement.otherwise);
        return;
      case 'while':
        if (!statement.first && !this.loopBody(statement.body)) return;
        while (isTrue(this.evaluate(statement.test))) if (!this.loopBody(statement.body)) return;
        return;
      case 'for':
        if (statement.start) this.execute(statement.start);
        while (!statement.test || isTrue(this.evaluate(statement.test))) {
          if (!this.loopBody(statement.body)) return;
          if (statement.step) this.execute(statement.step);
        }
        return;
      case 'for in':
        this.forIn(statement);
        return;
      case 'delete':
        if (statement.subscripts) this.array(statement.name).delete(this.subscript(statement.subscripts));
        else this.array(statement.name).clear();
        return;
      case 'leave':
        throw new Leave(statement.how, statement.value && this.evaluate(statement.value));
      default:
        statement satisfies never;
    }
  }

  /** `false` when the loop ends. */
  private loopBody(body: Stmt): boolean {
    try {
      this.execute(body);
    } catch (error) {
      if (!(error instanceof Leave) || (error.how !== 'break' && error.how !== 'continue')) throw error;
      return error.how === 'continue';
    }
    return true;
  }

  /** The subscripts come in an order of each awk's own. */
  private forIn(statement: Extract<Stmt, { kind: 'for in' }>): void {
    const array = this.array(statement.array);
    const keys = [...array.keys()].sort();
    const { stdout } = this.doors.context;
    // What is only printed matters where the order of lines is kept, what is computed wherever it goes.
    const isOnlyPrinted = statement.body.kind === 'print' && !statement.body.redirect;
    const matters = isOnlyPrinted ? stdout.keepsOrder === true : !stdout.isLog;
    if (keys.length > 1 && dependsOnOrder(statement.body) && matters) {
      this.doors.context.model('the order in which `awk` goes through an array is not known');
    }
    for (const key of keys) {
      this.assign({ kind: 'variable', name: statement.variable }, inputValue(key));
      if (!this.loopBody(statement.body)) return;
    }
  }

  private print({ format, args, redirect }: Extract<Stmt, { kind: 'print' }>): void {
    const values = args.map((item) => this.evaluate(item));
    const target = redirect && toText(this.evaluate(redirect.target), this.text('CONVFMT'));
    let text: ByteString;
    if (format)
      text = formatText(toText(values[0], this.text('CONVFMT')), values.slice(1), this.text('CONVFMT'));
    else {
      const shown = values.length === 0 ? [this.field(0)] : values;
      text = shown.map((value) => toText(value, this.text('OFMT'))).join(this.text('OFS')) + this.text('ORS');
    }
    if (redirect) this.doors.writeFile(redirect.operator, target!, text);
    else this.doors.write(text);
  }

  // ── Expressions ──────────────────────────────────────────────────────────────────────────────────────────

  private evaluate(expression: Expr): Value {
    switch (expression.kind) {
      case 'number':
        return expression.value;
      case 'string':
        return expression.value;
      case 'regex':
        return this.regex(expression.source).test(toText(this.field(0), '')) ? 1 : 0;
      case 'field':
        return this.field(toNumber(this.evaluate(expression.index)));
      case 'variable':
        return this.scalar(expression.name);
      case 'element':
        return this.element(expression);
      case 'assign':
        return this.assignment(expression);
      case 'step':
        return this.step(expression);
      case 'unary':
        return this.unary(expression);
      case 'binary':
        return this.binary(expression);
      case 'match': {
        const found = this.pattern(expression.pattern).test(this.asText(expression.text));
        return found !== expression.negated ? 1 : 0;
      }
      case 'in':
        return this.array(expression.name).has(this.subscript(expression.subscripts)) ? 1 : 0;
      case 'conditional':
        return this.evaluate(isTrue(this.evaluate(expression.test)) ? expression.yes : expression.no);
      case 'grouping':
        if (expression.items.length !== 1) throw new NotSimulated('`awk` with such a list is not simulated');
        return this.evaluate(expression.items[0]!);
      case 'call':
        return expression.builtin
          ? this.builtin(expression.name, expression.args)
          : this.call(expression.name, expression.args);
      case 'getline':
        return this.getline(expression);
      default:
        return expression satisfies never;
    }
  }

  private element({ name, subscripts }: Extract<Expr, { kind: 'element' }>): Value {
    const array = this.array(name);
    const key = this.subscript(subscripts);
    // Looking at an element makes it.
    if (!array.has(key)) array.set(key, undefined);
    return array.get(key);
  }

  private asText(expression: Expr): ByteString {
    return toText(this.evaluate(expression), this.text('CONVFMT'));
  }

  private pattern(expression: Expr): PosixRegex {
    return this.regex(expression.kind === 'regex' ? expression.source : this.asText(expression));
  }

  private regex(source: ByteString): PosixRegex {
    const known = this.regexes.get(source);
    if (known) return known;
    // mawk of Debian takes braces as they are, newer ones and the others as intervals.
    if (this.doors.kind === 'mawk' && /(?<!\\)\{\d/.test(source.replace(/\[[^\]]*\]/g, '')))
      throw new NotSimulated('`mawk` with {} in an expression is not simulated');
    const regex = new PosixRegex(source, { syntax: 'extended', escapes: 'awk' });
    this.regexes.set(source, regex);
    return regex;
  }

  private assignment({ operator, target, value }: Extract<Expr, { kind: 'assign' }>): Value {
    const right = this.evaluate(value);
    if (operator === '=') return this.assign(target, right);
    return this.assign(target, arithmetic(operator[0]!, toNumber(this.evaluate(target)), toNumber(right)));
  }

  private step({ target, by, isPrefix }: Extract<Expr, { kind: 'step' }>): Value {
    const before = toNumber(this.evaluate(target));
    this.assign(target, before + by);
    return isPrefix ? before + by : before;
  }

  private unary({ operator, operand }: Extract<Expr, { kind: 'unary' }>): Value {
    const value = this.evaluate(operand);
    if (operator === '!') return isTrue(value) ? 0 : 1;
    return operator === '-' ? -toNumber(value) : toNumber(value);
  }

  private binary({ operator, left, right }: Extract<Expr, { kind: 'binary' }>): Value {
    const first = this.evaluate(left);
    if (operator === '&&') return isTrue(first) && isTrue(this.evaluate(right)) ? 1 : 0;
    if (operator === '||') return isTrue(first) || isTrue(this.evaluate(right)) ? 1 : 0;
    const second = this.evaluate(right);
    if (operator === ' ') return toText(first, this.text('CONVFMT')) + toText(second, this.text('CONVFMT'));
    if (!/^[<>=!]/.test(operator)) return arithmetic(operator, toNumber(first), toNumber(second));
    const order = compareValues(first, second, this.text('CONVFMT'));
    switch (operator) {
      case '<':
        return order < 0 ? 1 : 0;
      case '<=':
        return order <= 0 ? 1 : 0;
      case '>':
        return order > 0 ? 1 : 0;
      case '>=':
        return order >= 0 ? 1 : 0;
      case '==':
        return order === 0 ? 1 : 0;
      default:
        return order !== 0 ? 1 : 0;
    }
  }

  private getline({ target, file, command }: Extract<Expr, { kind: 'getline' }>): Value {
    const source = file ?? command;
    const record = source
      ? this.recordFrom(this.asText(source), file ? 'file' : 'output')
      : this.readRecord();
    if (record === undefined) return 0;
    if (typeof record === 'number') return record;
    if (command && this.doors.kind === 'gawk') this.globals.set('NR', toNumber(this.scalar('NR')) + 1);
    if (target) this.assign(target, inputValue(record));
    else this.setRecord(record);
    return 1;
  }

  /** The next record of a file, or of what a command prints; -1 for a file that cannot be read. */
  private recordFrom(of: ByteString, kind: 'file' | 'output'): ByteString | number | undefined {
    this.doors.context.checkBudget();
    if (this.text('RS') === '') throw new NotSimulated('`awk` with getline of paragraphs is not simulated');
    let reader = this.readers.get(of);
    if (!reader) {
      const { exitCode, text } = this.doors.ask({ kind, of });
      if (kind === 'file' && exitCode !== 0) return -1;
      reader = { rest: text, exitCode };
      this.readers.set(of, reader);
    }
    if (reader.rest === '') return undefined;
    const { record, rest } = this.firstRecord(reader.rest);
    reader.rest = rest;
    return record;
  }

  /** close() of what was printed to or read from; busybox gives the status as wait(2) has it. */
  private close(name: ByteString): number {
    const reader = this.readers.get(name);
    this.readers.delete(name);
    const written = this.doors.closeFile(name);
    if (!reader) return written ?? -1;
    return this.doors.kind === 'busybox' ? reader.exitCode * 256 : reader.exitCode;
  }

  // ── Functions ────────────────────────────────────────────────────────────────────────────────────────────

  private call(name: string, args: readonly Expr[]): Value {
    const called = this.program.functions.get(name);
    if (!called) throw new NotSimulated(`\`awk\` with the function ${name} is not simulated`);
    if (++this.depth > MAX_CALLS) throw new NotSimulated('`awk` with such a recursion is not simulated');
    const locals = this.localsFor(called, args);
    const outer = this.locals;
    this.locals = locals;
    try {
      this.execute(called.body);
      return undefined;
    } catch (error) {
      if (error instanceof Leave && error.how === 'return') return error.value;
      throw error;
    } finally {
      this.locals = outer;
      this.depth--;
    }
  }

  /** Arrays go by reference. An unset variable that the function uses as an array becomes one for the caller, too. */
  private localsFor(called: AwkFunction, args: readonly Expr[]): Map<string, Cell> {
    const locals = new Map<string, Cell>();
    for (const [index, parameter] of called.parameters.entries()) {
      const argument = args[index];
      if (argument?.kind === 'variable') {
        const cell = this.scope(argument.name).get(argument.name);
        if (cell === undefined && usesAsArray(called.body, parameter))
          locals.set(parameter, this.array(argument.name));
        else locals.set(parameter, cell instanceof Map ? cell : this.scalar(argument.name));
      } else locals.set(parameter, argument && this.evaluate(argument));
    }
    return locals;
  }

  private builtin(name: string, args: readonly Expr[]): Value {
    const text = (index: number) => this.asText(args[index]!);
    const number = (index: number) => toNumber(this.evaluate(args[index]!));
    switch (name) {
      case 'length':
        return this.length(args);
      case 'substr':
        return this.substring(text(0), number(1), args.length > 2 ? number(2) : Number.POSITIVE_INFINITY);
      case 'index':
        return text(0).indexOf(text(1)) + 1;
      case 'split':
        return this.splitInto(args);
      case 'sub':
      case 'gsub':
        return this.replace(name === 'gsub', args);
      case 'match':
        return this.match(args);
      case 'sprintf': {
        const values = args.map((item) => this.evaluate(item));
        return formatText(toText(values[0], this.text('CONVFMT')), values.slice(1), this.text('CONVFMT'));
      }
      case 'tolower':
        return text(0).replace(/[A-Z]/g, (letter) => letter.toLowerCase());
      case 'toupper':
        return text(0).replace(/[a-z]/g, (letter) => letter.toUpperCase());
      case 'int':
        return Math.trunc(number(0));
      case 'sqrt':
        return Math.sqrt(number(0));
      case 'exp':
        return Math.exp(number(0));
      case 'log':
        return Math.log(number(0));
      case 'sin':
        return Math.sin(number(0));
      case 'cos':
        return Math.cos(number(0));
      case 'atan2':
        return Math.atan2(number(0), number(1));
      case 'close':
        return this.close(text(0));
      case 'system':
        return this.doors.ask({ kind: 'system', of: text(0) }).exitCode;
      case 'fflush':
        return 0;
      default:
        throw new NotSimulated(`\`awk\` with ${name}() is not simulated`);
    }
  }

  /** Characters from `start`. What is not whole or lies before the text, each awk rounds and counts in its own way. */
  private substring(text: ByteString, start: number, length: number): ByteString {
    const isPlain =
      Number.isInteger(start) &&
      (length === Number.POSITIVE_INFINITY || (Number.isInteger(length) && start >= 1));
    if (!isPlain) throw new NotSimulated('`awk` with such a substr() is not simulated');
    return text.slice(Math.max(start, 1) - 1, Math.max(start - 1 + length, 0));
  }

  private length(args: readonly Expr[]): number {
    const [only] = args;
    if (!only) return toText(this.field(0), '').length;
    const cell = only.kind === 'variable' ? this.scope(only.name).get(only.name) : undefined;
    return cell instanceof Map ? cell.size : this.asText(only).length;
  }

  private splitInto([text, target, separator]: readonly Expr[]): number {
    if (target?.kind !== 'variable') throw new NotSimulated('`awk` with such a split() is not simulated');
    const source = this.asText(text!);
    const pieces = this.pieces(
      source,
      separator === undefined
        ? this.text('FS')
        : separator.kind === 'regex'
          ? regexSeparator(separator.source)
          : this.asText(separator),
    );
    const array = this.array(target.name);
    array.clear();
    for (const [index, piece] of pieces.entries()) array.set(String(index + 1), inputValue(piece));
    return pieces.length;
  }

  private replace(global: boolean, [pattern, by, target]: readonly Expr[]): number {
    const regex = this.pattern(pattern!);
    const replacement = this.asText(by!);
    const place: Expr = target ?? { kind: 'field', index: { kind: 'number', value: 0 } };
    const text = this.asText(place);
    let result = '';
    let count = 0;
    let lastEnd = -1;
    let start = 0;
    while (start <= text.length) {
      const match = regex.exec(text, start);
      if (!match) break;
      result += text.slice(start, match.index);
      const isEmpty = match.end === match.index;
      if (!isEmpty || match.index !== lastEnd) {
        result += substituted(replacement, match.groups[0]!);
        count++;
      }
      [lastEnd, start] = [match.end, match.end];
      if (isEmpty) result += text.slice(start, ++start);
      if (!global) break;
    }
    if (count > 0) this.assign(place, result + text.slice(start));
    return count;
  }

  private match([text, pattern, groups]: readonly Expr[]): number {
    if (groups) throw new NotSimulated('`awk` with match() into an array is not simulated');
    const match = this.pattern(pattern!).exec(this.asText(text!));
    this.globals.set('RSTART', match ? match.index + 1 : 0);
    this.globals.set('RLENGTH', match ? match.end - match.index : -1);
    return match ? match.index + 1 : 0;
  }
}

function plainEnd(text: ByteString, separator: ByteString): { index: number; end: number } | undefined {
  const index = text.indexOf(separator);
  return index < 0 ? undefined : { index, end: index + 1 };
}

/** A single character as a regex is no plain separator: `split(s, a, / /)` parts at every blank. */
function regexSeparator(source: ByteString): ByteString {
  return source.length === 1 ? `(${source})` : source;
}

function arithmetic(operator: string, left: number, right: number): number {
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '^':
      return left ** right;
    default:
      if (right === 0) throw new NotSimulated('`awk` that divides by zero is not simulated');
      return operator === '/' ? left / right : left % right;
  }
}

/** Whether a loop over an array does more than to count or to add. */
function dependsOnOrder(statement: unknown): boolean {
  if (typeof statement !== 'object' || statement === null) return false;
  if (Array.isArray(statement)) return statement.some(dependsOnOrder);
  const node = statement as { kind?: string; operator?: string; builtin?: boolean };
  if (node.kind === 'print' || node.kind === 'leave' || node.kind === 'getline') return true;
  if (node.kind === 'assign' && node.operator !== '+=') return true;
  if (node.kind === 'call' && !node.builtin) return true;
  return Object.values(statement).some(dependsOnOrder);
}

/** `&` is the match, `\&` an ampersand; after the string constant `\\&` has become `\&`. */
function substituted(replacement: ByteString, match: ByteString): ByteString {
  return replacement.replace(/\\\\&|\\&|&/g, (piece) =>
    piece === '&' ? match : piece === '\\&' ? '&' : `\\${match}`,
  );
}

function usesAsArray(statement: unknown, name: string): boolean {
  if (typeof statement !== 'object' || statement === null) return false;
  if (Array.isArray(statement)) return statement.some((item) => usesAsArray(item, name));
  const node = statement as { kind?: string; name?: string; array?: string; args?: readonly Expr[] };
  if ((node.kind === 'element' || node.kind === 'in' || node.kind === 'delete') && node.name === name)
    return true;
  if (node.kind === 'for in' && node.array === name) return true;
  if (
    node.kind === 'call' &&
    node.name === 'split' &&
    node.args?.[1]?.kind === 'variable' &&
    node.args[1].name === name
  )
    return true;
  return Object.values(statement).some((item) => usesAsArray(item, name));
}
