import { byteText, normalizeText } from '../bytes';
import { NotSimulated, RestsOnGuess } from '../command';
import { ShellFault } from '../interpreter/control';
import { assignElement } from '../interpreter/elements';
import type { ShellState } from '../interpreter/shell-state';
import type { Builtin } from './builtin';

interface ReadOptions {
  readonly raw: boolean;
  readonly delimiter: string;
  readonly descriptor: number;
  readonly array: string | undefined;
  readonly most: number | undefined;
  readonly names: readonly string[];
}

/** `read` (POSIX XCU): one line, split by IFS; 1 at the end of the input. */
export const readBuiltin: Builtin = async ({ shell, args }) => {
  const options = readOptions(shell, args);
  if (typeof options === 'number') return options;
  if (shell.dialect === 'dash' && options.names.length === 0)
    throw new ShellFault('read: arg count', 2, false);
  const wrong = options.names.find((name) => !NAME.test(name));
  if (wrong !== undefined) return refuseName(shell, wrong);
  const { text, complete } = await readUntil(shell, options);
  if (options.array !== undefined) {
    const fields = splitAll(text, shell.fieldSeparators);
    shell.variables.declare(options.array, {
      value: undefined,
      list: new Map(fields.map((field, index) => [index, plain(field)])),
    });
  } else if (options.names.length === 0) {
    assignElement(shell, 'REPLY', plain(text));
  } else assignFields(shell, options.names, text);
  return complete ? 0 : 1;
};

/** Characters that a backslash protected are marked, so that they neither split nor trim. */
const PROTECTED = '\uE000';

function plain(text: string): string {
  return text.replaceAll(PROTECTED, '');
}

/** Letters of `read`; those before the bar take a value. */
const LETTERS = { dash: 'p|r', ash: 'pndtu|rs', bash: 'adinNptu|ers' } as const;
const NAME = /^[A-Za-z_]\w*(?:\[.*\])?$/;

function refuseName(shell: ShellState, name: string): number {
  if (shell.isBash) shell.complain(`read: \`${name}': not a valid identifier`);
  else if (shell.dialect === 'dash') shell.complain(`read: ${name}: bad variable name`);
  else shell.complain(`read: '${name}': bad variable name`);
  return shell.dialect === 'dash' ? 2 : 1;
}

function readOptions(shell: ShellState, args: readonly string[]): ReadOptions | number {
  const [withValue, plain] = LETTERS[shell.dialect].split('|') as [string, string];
  const options = {
    raw: false,
    delimiter: '\n',
    descriptor: 0,
    array: undefined as string | undefined,
    most: undefined as number | undefined,
  };
  let index = 0;
  for (; index < args.length && /^-./.test(args[index]!); index++) {
    const arg = args[index]!;
    if (arg === '--') {
      index++;
      break;
    }
    for (let at = 1; at < arg.length; at++) {
      const letter = arg[at]!;
      if (plain.includes(letter)) options.raw ||= letter === 'r';
      else if (withValue.includes(letter)) {
        const value = arg.slice(at + 1) || (args[++index] ?? '');
        if (letter === 't' && Number(value) === 0) throw new NotSimulated('`read -t 0` is not simulated');
        if (letter === 'd') options.delimiter = value === '' ? '\0' : value[0]!;
        if (letter === 'u') options.descriptor = Number(value);
        if (letter === 'a') options.array = value;
        if (letter === 'n' || letter === 'N') options.most = Number(value);
        break;
      } else return shell.misuse('read', `-${letter}`);
    }
  }
  const names = args.slice(index);
  // dash wants a name; without one bash takes REPLY.
  return { ...options, names };
}

async function readUntil(
  shell: ShellState,
  options: ReadOptions,
): Promise<{ text: string; complete: boolean }> {
  const input = shell.descriptors.input(options.descriptor);
  if (input.source.kind === 'placeholder') throw new RestsOnGuess(input.source.reason);
  const end = options.delimiter.charCodeAt(0);
  let text = '';
  for (let count = 0; options.most === undefined || count < options.most; count++) {
    const byte = await input.next(shell.session.reader);
    if (byte === undefined) return { text: normalizeText(text), complete: false };
    if (byte === end) break;
    if (byte === 0x5c && !options.raw) {
      const next = await input.next(shell.session.reader);
      if (next === undefined) return { text: normalizeText(text), complete: false };
      if (next !== 10) text += PROTECTED + byteText(next);
    } else if (byte !== 0) text += byteText(byte);
  }
  return { text: normalizeText(text), complete: true };
}

function assignFields(shell: ShellState, names: readonly string[], text: string): void {
  let rest = trim(text, shell.fieldSeparators);
  for (const [index, name] of names.entries()) {
    if (index === names.length - 1) {
      const last = lastField(rest, shell.fieldSeparators);
      const kept = shell.dialect === 'dash' ? withoutProtectedEnd(last, text, shell.fieldSeparators) : last;
      assignElement(shell, name, plain(kept));
      return;
    }
    const { field, after } = nextField(rest, shell.fieldSeparators);
    assignElement(shell, name, plain(field));
    rest = after;
  }
}

function isBlank(char: string | undefined, separators: string): boolean {
  return char !== undefined && ' \t\n'.includes(char) && separators.includes(char);
}

function trim(text: string, separators: string): string {
  let start = 0;
  while (isBlank(text[start], separators)) start++;
  let end = text.length;
  while (end > start && isBlank(text[end - 1], separators) && text[end - 2] !== PROTECTED) end--;
  return text.slice(start, end);
}

function nextField(text: string, separators: string): { field: string; after: string } {
  let end = 0;
  while (end < text.length && !separators.includes(text[end]!)) end += text[end] === PROTECTED ? 2 : 1;
  let next = end;
  while (isBlank(text[next], separators)) next++;
  if (next < text.length && separators.includes(text[next]!) && !isBlank(text[next], separators)) {
    next++;
    while (isBlank(text[next], separators)) next++;
  }
  return { field: text.slice(0, end), after: text.slice(next) };
}

/** The last name takes the rest as it is, but a single field loses the separator after it. */
function lastField(text: string, separators: string): string {
  const { field, after } = nextField(text, separators);
  return after === '' ? field : text;
}

/** dash takes words at the end that are nothing but protected characters for blanks, unless the line has no other. */
function withoutProtectedEnd(field: string, line: string, separators: string): string {
  let end = field.length;
  let start = end;
  while (end > 0) {
    if (field[end - 2] === PROTECTED) end -= 2;
    else if (isBlank(field[end - 1], separators)) start = --end;
    else break;
  }
  const before = line.slice(0, line.length - field.length) + field.slice(0, end);
  const isPlain = [...before.replace(/\uE000./gsu, '')].some((char) => !isBlank(char, separators));
  return isPlain ? field.slice(0, start) : field;
}

function splitAll(text: string, separators: string): string[] {
  const fields: string[] = [];
  let rest = trim(text, separators);
  while (rest !== '') {
    const { field, after } = nextField(rest, separators);
    fields.push(field);
    rest = after;
  }
  return fields;
}

/** bash's `mapfile`, also called `readarray`: one element a line. */
export const mapfileBuiltin: Builtin = async ({ shell, args }) => {
  let trimEnd = false;
  let delimiter = '\n';
  let index = 0;
  for (; index < args.length && args[index]!.startsWith('-'); index++) {
    const arg = args[index]!;
    if (arg === '-t') trimEnd = true;
    else if (arg === '-d') delimiter = args[++index] || '\0';
    else if (arg.startsWith('-d')) delimiter = arg[2]!;
    else if (arg === '-td') {
      trimEnd = true;
      delimiter = args[++index] || '\0';
    } else throw new NotSimulated(`\`mapfile ${arg}\` is not simulated`);
  }
  const options = { raw: true, delimiter, descriptor: 0, array: undefined, most: undefined, names: [] };
  const list = new Map<number, string>();
  for (;;) {
    const { text, complete } = await readUntil(shell, options);
    if (!complete && text === '') break;
    list.set(list.size, trimEnd || !complete ? text : text + delimiter);
    if (!complete) break;
  }
  shell.variables.declare(args[index] ?? 'MAPFILE', { list, value: undefined });
  return 0;
};
