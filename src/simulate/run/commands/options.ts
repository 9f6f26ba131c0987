import { type CommandContext, NotSimulated } from '../command';

/** The options and operands of a command line, as `getopt_long` finds them. */
export interface ParsedOptions {
  /** In the order given; `name` is the long name, or the letter where there is no long one. */
  readonly list: readonly { readonly name: string; readonly value: string }[];
  readonly operands: readonly string[];
  has(...names: string[]): boolean;
  /** The value given last. */
  value(name: string): string | undefined;
  values(name: string): string[];
  /** Which of these was given last: for options that override each other. */
  last(...names: string[]): string | undefined;
}

export interface ParseRules {
  /** The first operand ends the options, as with `env`, `xargs` and `nice`. */
  readonly stopAtOperand?: boolean;
  /** Operands also stand in the list, without a name, where their place among the options matters (`tar -C`). */
  readonly keepsOrder?: boolean;
  /** Called for an argument that starts with a dash before it is taken for an option; `true` makes it an operand. */
  readonly isOperand?: (argument: string) => boolean;
}

interface Option {
  readonly name: string;
  readonly argument: 'none' | 'needed' | 'optional';
}

/**
 * Parses by declarations that read like a manual page:
 * `'-f --force'`, `'-m --mode=MODE'`, `'-d=LIST'` (a letter with a value), `'--color[=WHEN]'`, `'-i[SUFFIX]'`.
 *
 * Options mix with operands (GNU's permutation), letters bundle, long names may be cut while they are unique, `--`
 * ends the options. What is not declared is a limit of the simulation and never an error of the program.
 */
export function parseOptions(
  context: Pick<CommandContext, 'name' | 'args'>,
  declarations: readonly string[],
  rules: ParseRules = {},
): ParsedOptions {
  const table = declare(declarations);
  const list: { name: string; value: string }[] = [];
  const operands: string[] = [];
  const addOperand = (value: string) => {
    operands.push(value);
    if (rules.keepsOrder) list.push({ name: '', value });
  };
  // Taken from the end: a hundred thousand arguments are not moved for each that is looked at.
  const rest = [...context.args].reverse();
  let isOver = false;
  while (rest.length > 0) {
    const argument = rest.pop()!;
    if (isOver) {
      addOperand(argument);
      continue;
    }
    if (argument === '--') {
      isOver = true;
      continue;
    }
    if (argument === '-' || !argument.startsWith('-') || rules.isOperand?.(argument)) {
      addOperand(argument);
      isOver = rules.stopAtOperand ?? false;
      continue;
    }
    if (argument.startsWith('--')) list.push(longOption(context.name, table, argument, rest));
    else list.push(...bundle(context.name, table, argument, rest));
  }
  return parsed(list, operands);
}

function parsed(list: ParsedOptions['list'], operands: readonly string[]): ParsedOptions {
  const given = (names: readonly string[]) => list.filter(({ name }) => names.includes(name));
  return {
    list,
    operands,
    has: (...names) => given(names).length > 0,
    value: (name) => given([name]).at(-1)?.value,
    values: (name) => given([name]).map(({ value }) => value),
    last: (...names) => given(names).at(-1)?.name,
  };
}

const declared = new WeakMap<readonly string[], Map<string, Option>>();

function declare(declarations: readonly string[]): Map<string, Option> {
  const known = declared.get(declarations);
  if (known) return known;
  const table = new Map<string, Option>();
  for (const declaration of declarations) {
    const names = declaration.split(' ').map((word) => word.replace(/\[.*|=.*/, '').replace(/^--?/, ''));
    const argument = declaration.includes('[') ? 'optional' : declaration.includes('=') ? 'needed' : 'none';
    const option: Option = { name: names.at(-1)!, argument };
    for (const name of names) table.set(name, option);
  }
  declared.set(declarations, table);
  return table;
}

function longOption(command: string, table: Map<string, Option>, argument: string, rest: string[]) {
  const equals = argument.indexOf('=');
  const written = argument.slice(2, equals < 0 ? undefined : equals);
  const option = findLong(table, written);
  if (!option) throw notSimulated(command, `--${written}`);
  if (equals >= 0) {
    if (option.argument === 'none') throw notSimulated(command, argument);
    return { name: option.name, value: argument.slice(equals + 1) };
  }
  if (option.argument !== 'needed') return { name: option.name, value: '' };
  if (rest.length === 0) throw notSimulated(command, `${argument}\` without its value`);
  return { name: option.name, value: rest.pop()! };
}

function findLong(table: Map<string, Option>, written: string): Option | undefined {
  if (written.length < 2) return undefined;
  const exact = table.get(written);
  if (exact) return exact;
  const matches = [...table].filter(([name]) => name.length > 1 && name.startsWith(written));
  // A cut name may also fit an option that is not declared here, so only long cuts are taken.
  return matches.length === 1 && written.length >= 4 ? matches[0]![1] : undefined;
}

function bundle(command: string, table: Map<string, Option>, argument: string, rest: string[]) {
  const found: { name: string; value: string }[] = [];
  for (let index = 1; index < argument.length; index++) {
    const letter = argument[index]!;
    const option = table.get(letter);
    if (!option) throw notSimulated(command, `-${letter}`);
    if (option.argument === 'none') {
      found.push({ name: option.name, value: '' });
      continue;
    }
    const attached = argument.slice(index + 1);
    if (attached === '' && option.argument === 'needed') {
      if (rest.length === 0) throw notSimulated(command, `-${letter}\` without its value`);
      found.push({ name: option.name, value: rest.pop()! });
    } else {
      found.push({ name: option.name, value: attached });
    }
    break;
  }
  return found;
}

/** The error for an option (or another piece of a command line) that is not simulated. */
export function notSimulated(command: string, piece: string): NotSimulated {
  return new NotSimulated(
    piece.includes('`') ? `\`${command} ${piece}` : `\`${command} ${piece}\` is not simulated`,
  );
}
