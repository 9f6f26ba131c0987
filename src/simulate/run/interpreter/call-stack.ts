import type { ShellState } from './shell-state';

/** A text that a shell runs: where it is from, and what it says if its lines can be counted. */
export interface Code {
  /** What BASH_SOURCE calls it. */
  readonly source: string;
  /** `undefined` for texts of `eval` and traps, whose lines each shell counts in another way. */
  readonly text: string | undefined;
  /** How many lines are before those that the parser counts: it begins anew in `$(…)`. */
  readonly before?: number;
}

/** A function or a sourced file that is running, or the script that the shell was started with. */
export interface Call {
  readonly name: string;
  readonly isFunction: boolean;
  readonly source: string;
  /** The line that it was called from. */
  readonly line: number;
  readonly isLineCertain: boolean;
}

/** The text that runs before any call: bash has names of its own for `-c` and for its standard input. */
export function mainCode(text: string, from: { readonly file: string | undefined; isText: boolean }): Code {
  return { source: from.file ?? (from.isText ? 'environment' : 'main'), text };
}

/** Runs `act` as one more call, of code that is from `code`. */
export async function inCall(
  shell: ShellState,
  { name, isFunction }: Pick<Call, 'name' | 'isFunction'>,
  code: Code,
  act: () => Promise<number>,
): Promise<number> {
  const { calls, line } = shell;
  const isLineCertain = countsLines(shell);
  const outer = shell.code;
  shell.calls = [{ name, isFunction, source: code.source, line, isLineCertain }, ...calls];
  shell.code = code;
  try {
    return await act();
  } finally {
    shell.calls = calls;
    shell.code = outer;
  }
}

/** Runs a text that is neither a function nor a file: `eval` and traps. */
export async function inText(shell: ShellState, act: () => Promise<number>): Promise<number> {
  const { code } = shell;
  shell.code = { ...code, text: undefined };
  try {
    return await act();
  } finally {
    shell.code = code;
  }
}

/** The code of a command substitution in the line that runs. */
export function innerCode({ code, line }: ShellState): Code {
  return { ...code, before: line - 1 };
}

/** Arrays that bash fills from its calls (bash manual 5.2); `undefined` for other names. */
export function arrayOfCalls(shell: ShellState, name: string): readonly string[] | undefined {
  if (!shell.isBash) return undefined;
  const { calls } = shell;
  switch (name) {
    case 'FUNCNAME':
      return calls.some(({ isFunction }) => isFunction) ? calls.map((call) => call.name) : [];
    case 'BASH_SOURCE':
      return calls.map(({ source }) => source);
    case 'BASH_LINENO':
      if (calls.some(({ isLineCertain }) => !isLineCertain)) modelLine(shell, name);
      return calls.map(({ line }) => line.toString());
    default:
      return undefined;
  }
}

export function lineText(shell: ShellState): string {
  if (!countsLines(shell)) modelLine(shell, 'LINENO');
  return shell.line.toString();
}

function modelLine(shell: ShellState, name: string): void {
  shell.session.model(`the line that \`$${name}\` tells is not certain here`);
}

/** A command over several lines has, in each shell, another of them for its own. */
function countsLines({ code, isLineKnown }: ShellState): boolean {
  return isLineKnown && (code.text?.split('\n').every(isWhole) ?? false);
}

function isWhole(line: string): boolean {
  const count = (pattern: RegExp) => line.match(pattern)?.length ?? 0;
  const quotes = count(/'/g) % 2 === 0 && count(/"/g) % 2 === 0 && count(/`/g) % 2 === 0;
  return quotes && !line.endsWith('\\') && count(/\$\(/g) <= count(/\)/g) && !/<<-?\s*\W?\w/.test(line);
}
