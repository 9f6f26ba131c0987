import { C_ESCAPES } from '../c-escapes';
import type { ByteString } from './bytes';

/** Programs of awk as a tree: POSIX "awk", Grammar, with what mawk and gawk share beyond it. */

export type Expr =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'string'; readonly value: ByteString }
  | { readonly kind: 'regex'; readonly source: ByteString }
  | { readonly kind: 'field'; readonly index: Expr }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'element'; readonly name: string; readonly subscripts: readonly Expr[] }
  | { readonly kind: 'assign'; readonly operator: string; readonly target: Expr; readonly value: Expr }
  | { readonly kind: 'step'; readonly target: Expr; readonly by: 1 | -1; readonly isPrefix: boolean }
  | { readonly kind: 'unary'; readonly operator: '!' | '-' | '+'; readonly operand: Expr }
  | { readonly kind: 'binary'; readonly operator: string; readonly left: Expr; readonly right: Expr }
  | { readonly kind: 'match'; readonly negated: boolean; readonly text: Expr; readonly pattern: Expr }
  | { readonly kind: 'in'; readonly subscripts: readonly Expr[]; readonly name: string }
  | { readonly kind: 'conditional'; readonly test: Expr; readonly yes: Expr; readonly no: Expr }
  | { readonly kind: 'grouping'; readonly items: readonly Expr[] }
  | {
      readonly kind: 'call';
      readonly name: string;
      readonly args: readonly Expr[];
      readonly builtin: boolean;
    }
  | { readonly kind: 'getline'; readonly target?: Expr; readonly file?: Expr; readonly command?: Expr };

export type Stmt =
  | { readonly kind: 'expression'; readonly expression: Expr }
  | {
      readonly kind: 'print';
      readonly format: boolean;
      readonly args: readonly Expr[];
      readonly redirect?: { readonly operator: string; readonly target: Expr };
    }
  | { readonly kind: 'if'; readonly test: Expr; readonly then: Stmt; readonly otherwise?: Stmt }
  | { readonly kind: 'while'; readonly test: Expr; readonly body: Stmt; readonly first: boolean }
  | {
      readonly kind: 'for';
      readonly start?: Stmt;
      readonly test?: Expr;
      readonly step?: Stmt;
      readonly body: Stmt;
    }
  | { readonly kind: 'for in'; readonly variable: string; readonly array: string; readonly body: Stmt }
  | { readonly kind: 'block'; readonly body: readonly Stmt[] }
  | { readonly kind: 'delete'; readonly name: string; readonly subscripts?: readonly Expr[] }
  | {
      readonly kind: 'leave';
      readonly how: 'next' | 'nextfile' | 'exit' | 'return' | 'break' | 'continue';
      readonly value?: Expr;
    };

export interface Rule {
  readonly kind: 'BEGIN' | 'END' | 'pattern' | 'range';
  readonly pattern?: Expr;
  readonly until?: Expr;
  /** Without a body the record is printed. */
  readonly body?: Stmt;
}

export interface AwkFunction {
  readonly parameters: readonly string[];
  readonly body: Stmt;
}

export interface AwkProgram {
  readonly rules: readonly Rule[];
  readonly functions: ReadonlyMap<string, AwkFunction>;
}

export type Token =
  | { readonly kind: 'number'; readonly value: number }
  | {
      readonly kind: 'string' | 'regex' | 'name' | 'function name' | 'word' | 'builtin' | 'operator';
      readonly text: ByteString;
    }
  | { readonly kind: 'newline' | 'end' };

/** A program that awk itself refuses. */
export class AwkSyntaxError extends Error {}

const WORDS = new Set([
  'BEGIN',
  'END',
  'function',
  'func',
  'if',
  'else',
  'while',
  'for',
  'do',
  'break',
  'continue',
  'next',
  'nextfile',
  'exit',
  'return',
  'delete',
  'in',
  'getline',
  'print',
  'printf',
]);
export const BUILTINS = new Set([
  'length',
  'substr',
  'index',
  'split',
  'sub',
  'gsub',
  'match',
  'sprintf',
  'sin',
  'cos',
  'atan2',
  'exp',
  'log',
  'sqrt',
  'int',
  'rand',
  'srand',
  'tolower',
  'toupper',
  'system',
  'close',
  'fflush',
  'gensub',
  'strftime',
  'systime',
  'mktime',
  'asort',
  'asorti',
  'and',
  'or',
  'xor',
  'lshift',
  'rshift',
  'compl',
  'strtonum',
]);
const OPERATORS = [
  '**=',
  '&&',
  '||',
  '++',
  '--',
  '+=',
  '-=',
  '*=',
  '/=',
  '%=',
  '^=',
  '**',
  '==',
  '<=',
  '>=',
  '!=',
  '!~',
  '>>',
  '|&',
  '{',
  '}',
  '(',
  ')',
  '[',
  ']',
  ';',
  ',',
  '+',
  '-',
  '*',
  '/',
  '%',
  '^',
  '!',
  '>',
  '<',
  '|',
  '?',
  ':',
  '~',
  '$',
  '=',
];
const ESCAPES: Record<string, string> = { ...C_ESCAPES, '"': '"' };

export function tokenize(source: ByteString): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(source)?.[0];
    at += found?.length ?? 0;
    return found;
  };
  while (at < source.length) {
    if (take(/[ \t\r]+|\\\r?\n|#[^\n]*/y) !== undefined) continue;
    if (take(/\n/y) !== undefined) {
      tokens.push({ kind: 'newline' });
      continue;
    }
    const number = take(/(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?/y);
    if (number !== undefined) {
      tokens.push({ kind: 'number', value: Number(number) });
      continue;
    }
    const name = take(/[A-Za-z_]\w*/y);
    if (name !== undefined) {
      tokens.push(nameToken(name, source[at]));
      continue;
    }
    if (source[at] === '"') {
      const text = take(/"(?:[^"\\\n]|\\[\s\S])*"/y);
      if (text === undefined) throw new AwkSyntaxError('runaway string constant');
      tokens.push({ kind: 'string', text: unescapeText(text.slice(1, -1)) });
      continue;
    }
    if (source[at] === '/' && allowsRegex(tokens.at(-1))) {
      const text =
        take(/\/(?:[^/\\\n[]|\\[\s\S]|\[\^?\]?(?:\[:\w+:\]|\\[\s\S]|[^\]\n])*\])*\//y) ??
        take(/\/(?:[^/\\\n]|\\[\s\S])*\//y);
      if (text === undefined) throw new AwkSyntaxError('runaway regular expression');
      tokens.push({ kind: 'regex', text: text.slice(1, -1).replaceAll('\\/', '/') });
      continue;
    }
    const operator = OPERATORS.find((candidate) => source.startsWith(candidate, at));
    if (!operator) throw new AwkSyntaxError(`unexpected character ${source[at]}`);
    at += operator.length;
    tokens.push({ kind: 'operator', text: operator });
  }
  tokens.push({ kind: 'newline' }, { kind: 'end' });
  return tokens;
}

function nameToken(name: string, next: string | undefined): Token {
  if (WORDS.has(name)) return { kind: 'word', text: name === 'func' ? 'function' : name };
  if (BUILTINS.has(name)) return { kind: 'builtin', text: name };
  return { kind: next === '(' ? 'function name' : 'name', text: name };
}

/** After a value a slash divides. */
function allowsRegex(last: Token | undefined): boolean {
  if (!last) return true;
  if (last.kind === 'operator') return ![')', ']', '$', '++', '--'].includes(last.text);
  return last.kind === 'newline' || last.kind === 'word';
}

/** Escapes of a string constant; an unknown one (also `\/`) keeps its backslash, as in mawk. */
export function unescapeText(text: ByteString): ByteString {
  return text.replace(/\\([0-7]{1,3}|\n|[\s\S])/g, (whole, escape: string) => {
    if (/^[0-7]/.test(escape)) return String.fromCharCode(Number.parseInt(escape, 8) & 0xff);
    return escape === '\n' ? '' : (ESCAPES[escape] ?? whole);
  });
}
