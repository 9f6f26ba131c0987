import { byteLength } from '../bytes';
import { NotSimulated } from '../command';
import { holdsUnknown, reasonOfUnknown } from '../unknown-text';
import { evaluateText } from './arithmetic-words';
import { arrayOfCalls } from './call-stack';
import { ShellFault } from './control';
import { assignElement, elementOf, subscriptOf } from './elements';
import { expandPattern, expandText } from './expand';
import { changeCase, quoteTransform, removePattern, replacePattern } from './parameter-text';
import type { ShellState } from './shell-state';
import { type ParameterOperation, type ParameterPart, parseWord, type WordNode } from './syntax';

/** What a parameter expansion gives: one text, several (`$@`, `${a[@]}`), or a word that is still to be expanded. */
export type ParameterValue =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'list'; readonly values: readonly string[]; readonly star: boolean }
  | { readonly kind: 'word'; readonly word: WordNode };

/** A parameter before any operator; `undefined` is unset. */
type Parameter =
  | { readonly kind: 'text'; readonly text: string | undefined }
  | {
      readonly kind: 'list';
      readonly values: readonly string[];
      readonly star: boolean;
      readonly keys: readonly string[];
    };

/** Operators that busybox has besides those of POSIX. */
const ASH_OPERATIONS = new Set(['Substring', 'PatternReplacement']);
const POSIX_OPERATIONS = new Set([
  'DefaultValue',
  'AssignDefault',
  'ErrorIfUnset',
  'UseAlternative',
  'Length',
  'PatternRemoval',
]);

/** Expands `$x` and all forms of `${…}` (POSIX XCU 2.6.2, bash manual 3.5.3). */
export async function expandParameter(
  shell: ShellState,
  { parameter, operation }: ParameterPart,
): Promise<ParameterValue> {
  checkDialect(shell, parameter, operation);
  const name = await expandSubscript(shell, parameter);
  if (!operation) return requireSet(shell, name, read(shell, name));
  if (operation.type === 'ArrayKeys') {
    return { kind: 'list', values: keysOf(shell, operation.array), star: operation.star };
  }
  if (operation.type === 'VarNamePrefix') {
    const values = shell.variables.names().filter((known) => known.startsWith(operation.prefix));
    return { kind: 'list', values, star: operation.star };
  }
  if (operation.type === 'Indirection' && shell.options.has('posix') && /^\W/.test(name))
    throw new NotSimulated('an indirection through a special parameter is not simulated');
  if (operation.type === 'Indirection') return indirect(shell, name, operation);
  return operate(shell, name, operation);
}

function checkDialect(shell: ShellState, parameter: string, operation: ParameterOperation | null): void {
  const allowed =
    shell.isBash ||
    (!parameter.includes('[') &&
      (!operation ||
        POSIX_OPERATIONS.has(operation.type) ||
        (shell.dialect === 'ash' && ASH_OPERATIONS.has(operation.type))));
  const isFault = operation?.type === 'BadSubstitution' || operation?.type === 'LengthSliceError';
  if (!allowed || isFault) throw new ShellFault('Bad substitution', shell.isBash ? 1 : 2, true);
}

/** Expands what stands between the brackets of `a[$i]`, but for `@` and `*`. */
async function expandSubscript(shell: ShellState, parameter: string): Promise<string> {
  const element = subscriptOf(parameter);
  if (!element || !/[$`"'\\]/.test(element.subscript)) return parameter;
  const subscript = await expandText(shell, parseWord(element.subscript, shell.dialect));
  return `${element.name}[${subscript}]`;
}

function read(shell: ShellState, name: string): Parameter {
  if (name === '@' || name === '*') {
    return { kind: 'list', values: shell.positional, star: name === '*', keys: [] };
  }
  const element = subscriptOf(name);
  if (element?.subscript === '@' || element?.subscript === '*') {
    const values = valuesOf(shell, element.name);
    return { kind: 'list', values, star: element.subscript === '*', keys: keysOf(shell, element.name) };
  }
  return { kind: 'text', text: elementOf(shell, name) ?? unknownValue(shell, name) };
}

function unknownValue({ session, unknownVariables }: ShellState, name: string): string | undefined {
  const isVariable = unknownVariables !== undefined && /^[A-Za-z_]/.test(name);
  return isVariable ? session.unknownText(unknownVariables) : undefined;
}

function valuesOf(shell: ShellState, name: string): readonly string[] {
  const calls = arrayOfCalls(shell, name);
  if (calls) return calls;
  if (name === 'PIPESTATUS') return shell.pipeStatus.map(String);
  const variable = shell.variables.get(name);
  if (variable?.map) return [...variable.map.values()];
  if (variable?.list) return indexesOf(variable.list).map((index) => variable.list!.get(index)!);
  return variable?.value === undefined ? [] : [variable.value];
}

function keysOf(shell: ShellState, name: string): readonly string[] {
  const calls = arrayOfCalls(shell, name);
  if (calls) return calls.map((_, index) => index.toString());
  const variable = shell.variables.get(name);
  if (variable?.map) return [...variable.map.keys()];
  if (variable?.list) return indexesOf(variable.list).map(String);
  return variable?.value === undefined ? [] : ['0'];
}

function indexesOf(list: ReadonlyMap<number, string>): number[] {
  return [...list.keys()].sort((a, b) => a - b);
}

function requireSet(shell: ShellState, name: string, parameter: Parameter): ParameterValue {
  if (parameter.kind === 'list') return parameter;
  if (parameter.text === undefined && shell.options.has('u')) throw unsetFault(shell, name);
  return { kind: 'text', text: parameter.text ?? '' };
}

/** bash ends with 127 when its text came by `-c`, but not in a subshell or under `set -e`. */
function unsetStatus(shell: ShellState): number {
  if (!shell.isBash) return 2;
  const isText = shell.variables.text('BASH_EXECUTION_STRING') !== undefined;
  return isText && !shell.isSubshell && !shell.options.has('e') ? 127 : 1;
}

export function unsetFault(shell: ShellState, name: string): ShellFault {
  return shell.isBash
    ? new ShellFault(`${/^\d/.test(name) ? '$' : ''}${name}: unbound variable`, unsetStatus(shell), true)
    : new ShellFault(`${name}: parameter not set`, 2, true);
}

async function indirect(
  shell: ShellState,
  name: string,
  { innerOp }: Extract<ParameterOperation, { type: 'Indirection' }>,
): Promise<ParameterValue> {
  const variable = shell.variables.raw(name);
  if (variable?.reference) return { kind: 'text', text: variable.value ?? '' };
  const target = elementOf(shell, name);
  if (!target) throw new ShellFault(`${name}: invalid indirect expansion`, 1, true);
  if (!innerOp) return requireSet(shell, target, read(shell, target));
  return operate(shell, target, innerOp);
}

type Operation = Exclude<ParameterOperation, { type: 'ArrayKeys' | 'VarNamePrefix' | 'Indirection' }>;

async function operate(shell: ShellState, name: string, operation: Operation): Promise<ParameterValue> {
  const parameter = read(shell, name);
  switch (operation.type) {
    case 'DefaultValue':
      return isSet(parameter, operation.checkEmpty)
        ? asValue(parameter)
        : { kind: 'word', word: operation.word };
    case 'UseAlternative':
      return isSet(parameter, operation.checkEmpty)
        ? { kind: 'word', word: operation.word }
        : emptyLike(parameter);
    case 'AssignDefault':
      return isSet(parameter, operation.checkEmpty)
        ? asValue(parameter)
        : assignDefault(shell, name, operation.word);
    case 'ErrorIfUnset':
      if (isSet(parameter, operation.checkEmpty)) return asValue(parameter);
      throw new ShellFault(`${name}: ${await wordsOfUnset(shell, operation)}`, unsetStatus(shell), true);
    case 'Length':
      if (isMade(parameter)) return madeOf(shell, parameter.text);
      return { kind: 'text', text: lengthOf(shell, name, parameter).toString() };
    case 'Substring':
      if (isMade(parameter)) return madeOf(shell, parameter.text);
      return substring(shell, name, parameter, operation);
    default:
      return transform(shell, name, parameter, operation);
  }
}

/** Text that only a real build makes: what is made of it is not known either. */
function isMade(parameter: Parameter): parameter is { readonly kind: 'text'; readonly text: string } {
  return parameter.kind === 'text' && parameter.text !== undefined && holdsUnknown(parameter.text);
}

function madeOf(shell: ShellState, text: string): ParameterValue {
  return { kind: 'text', text: shell.session.unknownText(reasonOfUnknown(text)) };
}

async function wordsOfUnset(
  shell: ShellState,
  { word, checkEmpty }: Extract<Operation, { type: 'ErrorIfUnset' }>,
): Promise<string> {
  if (word && word.parts.length > 0) return expandText(shell, word);
  if (!checkEmpty) return 'parameter not set';
  return shell.isBash ? 'parameter null or not set' : 'parameter not set or null';
}

function isSet(parameter: Parameter, checkEmpty: boolean): boolean {
  if (parameter.kind === 'text')
    return parameter.text !== undefined && !(checkEmpty && parameter.text === '');
  return parameter.values.length > 0 && !(checkEmpty && parameter.values.every((value) => value === ''));
}

function asValue(parameter: Parameter): ParameterValue {
  return parameter.kind === 'list' ? parameter : { kind: 'text', text: parameter.text ?? '' };
}

function emptyLike(parameter: Parameter): ParameterValue {
  return parameter.kind === 'list' ? { ...parameter, values: [] } : { kind: 'text', text: '' };
}

async function assignDefault(shell: ShellState, name: string, word: WordNode): Promise<ParameterValue> {
  if (!/^[A-Za-z_]/.test(name))
    throw new ShellFault(`$${name}: cannot assign in this way`, shell.isBash ? 1 : 2, true);
  const text = await expandText(shell, word);
  assignElement(shell, name, text);
  return { kind: 'text', text };
}

function lengthOf(shell: ShellState, name: string, parameter: Parameter): number {
  if (parameter.kind === 'list') {
    const element = subscriptOf(name);
    if (element && shell.options.has('u') && !shell.variables.get(element.name))
      throw new ShellFault(`${element.name}: unbound variable`, 1, true);
    // The others take `${#*}` for the length of `$*`.
    return shell.isBash
      ? parameter.values.length
      : byteLength(parameter.values.join(shell.fieldSeparators.slice(0, 1)));
  }
  if (parameter.text === undefined && shell.options.has('u')) throw unsetFault(shell, name);
  return [...shell.characters.units(parameter.text ?? '')].length;
}

async function substring(
  shell: ShellState,
  name: string,
  parameter: Parameter,
  operation: Extract<ParameterOperation, { type: 'Substring' }>,
): Promise<ParameterValue> {
  const start = Number(await evaluateText(shell, operation.offset.originalText ?? ''));
  const length = operation.length
    ? Number(await evaluateText(shell, operation.length.originalText ?? ''))
    : undefined;
  if (parameter.kind === 'list') {
    if (!shell.isBash)
      throw new NotSimulated('a part of the positional parameters in a busybox shell is not simulated');
    // `${@:0}` begins with the name of the shell.
    const isPositional = name === '@' || name === '*';
    const values = isPositional ? [shell.name, ...parameter.values] : parameter.values;
    const from = isPositional ? fromEnd(values.length, start) : placeOfKey(parameter.keys, start);
    return { ...parameter, values: values.slice(from, length === undefined ? undefined : from + length) };
  }
  const { characters } = shell;
  const chars = [...characters.units(parameter.text ?? '')];
  const from = start < 0 ? chars.length + start : start;
  if (from < 0 || from > chars.length) return { kind: 'text', text: '' };
  const end = length === undefined ? chars.length : length < 0 ? chars.length + length : from + length;
  if (end < from) throw new ShellFault(`${length}: substring expression < 0`, 1, false);
  return { kind: 'text', text: characters.text(chars.slice(from, end).join('')) };
}

function fromEnd(length: number, start: number): number {
  return start < 0 ? Math.max(0, length + start) : start;
}

/** Elements count from the first whose index is not below `start`; arrays may have gaps. */
function placeOfKey(keys: readonly string[], start: number): number {
  const first = start < 0 ? Number(keys.at(-1) ?? -1) + 1 + start : start;
  const place = keys.findIndex((key) => Number(key) >= first);
  return place < 0 ? keys.length : place;
}

type TextOperation = Extract<
  Operation,
  {
    type:
      | 'PatternRemoval'
      | 'PatternReplacement'
      | 'CaseModification'
      | 'Transform'
      | 'LengthSliceError'
      | 'BadSubstitution';
  }
>;

/** Operators that change each text on its own. */
async function transform(
  shell: ShellState,
  name: string,
  parameter: Parameter,
  operation: TextOperation,
): Promise<ParameterValue> {
  if (parameter.kind === 'text' && parameter.text === undefined && shell.options.has('u'))
    throw unsetFault(shell, name);
  if (isMade(parameter)) return madeOf(shell, parameter.text);
  const inUnits = await changeOf(shell, operation);
  const change = (text: string) => shell.characters.text(inUnits(shell.characters.units(text)));
  if (parameter.kind === 'list') return { ...parameter, values: parameter.values.map(change) };
  return { kind: 'text', text: parameter.text === undefined ? '' : change(parameter.text) };
}

/** The change of a text that is given in the units of the shell's characters. */
async function changeOf(shell: ShellState, operation: TextOperation): Promise<(text: string) => string> {
  const { characters } = shell;
  const pattern = async (word: WordNode) => characters.units(await expandPattern(shell, word));
  const options = shell.patternOptions;
  switch (operation.type) {
    case 'PatternRemoval': {
      const removed = await pattern(operation.pattern);
      return (text) => removePattern(text, removed, { ...operation, ...options });
    }
    case 'PatternReplacement': {
      const replaced = await pattern(operation.pattern);
      const replacement = operation.replacement ? await pattern(operation.replacement) : '';
      return (text) => replacePattern(text, replaced, replacement, { ...operation, ...options });
    }
    case 'CaseModification': {
      const changed = operation.pattern ? await pattern(operation.pattern) : '?';
      return (text) => changeCase(text, changed, { ...operation, utf8: characters.utf8 });
    }
    case 'Transform':
      return quoteTransform(operation.operator, characters);
    default:
      throw new NotSimulated(`the expansion \`${operation.type}\` is not simulated`);
  }
}
