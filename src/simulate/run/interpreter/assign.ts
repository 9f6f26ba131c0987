import { evaluateExpanded } from './arithmetic-words';
import { assignElement, elementOf } from './elements';
import { expandText, expandWords } from './expand';
import type { ShellState } from './shell-state';
import { type AssignmentNode, parseWord, type WordNode, type WordPart } from './syntax';

/** Performs one assignment; an array's words are expanded as those of a command. */
export async function assign(
  shell: ShellState,
  { name, value, append, array }: AssignmentNode,
): Promise<void> {
  if (array) {
    await assignArray(shell, name, array, append);
    return;
  }
  const target = await expandTarget(shell, name);
  assignText(shell, target, await expandText(shell, value), append);
}

/** `x=text` or `x+=text`, arithmetically for variables declared as integers. */
export function assignText(shell: ShellState, target: string, text: string, append: boolean): void {
  if (!append) {
    assignElement(shell, target, text);
    return;
  }
  const before = elementOf(shell, target) ?? '';
  const isInteger = shell.variables.get(target)?.integer;
  assignElement(
    shell,
    target,
    isInteger ? evaluateExpanded(shell, `${before || 0}+(${text})`).toString() : before + text,
  );
}

async function expandTarget(shell: ShellState, name: string): Promise<string> {
  const match = /^(\w+)\[(.*)\]$/s.exec(name);
  if (!match || !/[$`"'\\]/.test(match[2]!)) return name;
  return `${match[1]}[${await expandText(shell, parseWord(match[2]!, shell.dialect))}]`;
}

/** `x=(a b [5]=c)`: elements follow each other but for those that name their place. */
export async function assignArray(
  shell: ShellState,
  name: string,
  words: readonly WordNode[],
  append: boolean,
): Promise<void> {
  const elements: { key?: string; value: string }[] = [];
  for (const word of words) {
    const keyed = keyedElement(word);
    if (keyed) {
      elements.push({ key: await expandText(shell, keyed.key), value: await expandText(shell, keyed.value) });
    } else elements.push(...(await expandWords(shell, [word])).map((value) => ({ value })));
  }
  const variable = shell.variables.get(name);
  if (variable?.map) {
    if (!append) shell.variables.declare(name, { map: new Map() });
    for (const { key, value } of elements)
      shell.variables.setKey(name, key ?? value, key === undefined ? '' : value);
    return;
  }
  const before = append
    ? (variable?.list ?? (variable?.value === undefined ? new Map() : new Map([[0, variable.value]])))
    : new Map();
  shell.variables.declare(name, { list: before, value: undefined });
  let next = lastIndex(before) + 1;
  shell.session.budget.hold(elements.reduce((sum, { value }) => sum + value.length + 1, before.size));
  const plain: [number, string][] = [];
  for (const { key, value } of elements) {
    if (key === undefined) plain.push([next++, value]);
    else {
      // The subscript may use what was assigned before it.
      shell.variables.setElements(name, plain.splice(0));
      next = Number(evaluateExpanded(shell, key));
      plain.push([next++, value]);
    }
  }
  shell.variables.setElements(name, plain);
}

function lastIndex(list: ReadonlyMap<number, string>): number {
  let last = -1;
  for (const index of list.keys()) if (index > last) last = index;
  return last;
}

/** `[key]=value` taken apart. */
function keyedElement(word: WordNode): { key: WordNode; value: WordNode } | undefined {
  const texts = word.parts.map((part) =>
    part.type === 'Literal' ? part.value : part.type === 'Glob' ? part.pattern : '',
  );
  if (!texts[0]?.startsWith('[')) return undefined;
  const joined = texts.join('\0');
  if (!/\]\0?=/.test(joined)) return undefined;
  const key: WordPart[] = [];
  const value: WordPart[] = [];
  let state: 'key' | 'equals' | 'value' = 'key';
  for (const [index, part] of word.parts.entries()) {
    let text = index === 0 ? texts[0]!.slice(1) : texts[index]!;
    const isText = part.type === 'Literal' || part.type === 'Glob';
    if (state === 'key' && isText && text.includes(']')) {
      const close = text.indexOf(']');
      key.push({ type: 'Literal', value: text.slice(0, close) });
      text = text.slice(close + 1);
      state = 'equals';
      if (text === '') continue;
    }
    if (state === 'key') key.push(isText ? { type: 'Literal', value: text } : part);
    else {
      const rest = state === 'equals' ? text.replace(/^=/, '') : text;
      state = 'value';
      value.push(isText ? { type: 'Literal', value: rest } : part);
    }
  }
  return { key: { type: 'Word', parts: key }, value: { type: 'Word', parts: value } };
}

/** The words of `x=(a "b c")` where it stands as an argument, as in `local -a x=(a "b c")`. */
export function arrayArgument(
  word: WordNode,
): { name: string; append: boolean; words: readonly WordNode[] } | undefined {
  const [first] = word.parts;
  const last = word.parts[word.parts.length - 1];
  if (first?.type !== 'Literal' || last?.type !== 'Literal' || !last.value.endsWith(')')) return undefined;
  const match = /^([A-Za-z_]\w*)(\+?)=\(/.exec(first.value);
  if (!match) return undefined;
  const words: WordPart[][] = [[]];
  for (const part of word.parts) {
    let text = part.type === 'Literal' ? part.value : undefined;
    if (part === first) text = text!.slice(match[0].length);
    if (part === last) text = text!.replace(/\)$/, '');
    if (text === undefined) words[words.length - 1]!.push(part);
    else appendSplit(words, text);
  }
  const found = words.filter((parts) => parts.length > 0).map((parts): WordNode => ({ type: 'Word', parts }));
  return { name: match[1]!, append: match[2] === '+', words: found };
}

function appendSplit(words: WordPart[][], text: string): void {
  for (const [index, value] of text.split(/\s+/).entries()) {
    if (index > 0) words.push([]);
    if (value !== '') words[words.length - 1]!.push({ type: 'Literal', value });
  }
}
