import { type Builtin, findBuiltin, isDeclaration, isSpecial } from '../builtins/index';
import { RestsOnGuess } from '../command';
import { type Outcome, runProgram } from '../program';
import { holdsUnknown, isUnknown, reasonOfUnknown, showUnknown } from '../unknown-text';
import { runUnreadable } from '../unreadable';
import { arrayArgument, assign } from './assign';
import { reported } from './command-report';
import { ShellFault } from './control';
import { deciding, takenAsText } from './decisions';
import { executeCommand } from './execute';
import { expandText, expandWords } from './expand';
import { callFunction } from './functions';
import { finishSubstitutions } from './process-substitution';
import { showWord } from './quoting';
import { RedirectFault, redirect, restore, type Saved } from './redirect';
import type { ShellState } from './shell-state';
import type { AssignmentNode, SimpleCommandNode, WordNode } from './syntax';
import { undecided } from './undecided';
import { ReadonlyFault, type Variable } from './variables';

/** The words of a command after expansion. `arrays` are arguments such as `x=(1 2)`, by their place among `words`. */
export interface CommandLine {
  readonly words: readonly string[];
  readonly arrays: ReadonlyMap<number, { readonly words: readonly WordNode[]; readonly append: boolean }>;
}

/** Runs a simple command (POSIX XCU 2.9.1): expansions, redirections, assignments, then what its name stands for. */
export async function executeSimple(shell: ShellState, command: SimpleCommandNode): Promise<number> {
  const saved: Saved = new Map();
  let keepsRedirections = false;
  const { mark } = shell.session;
  try {
    shell.substitutionStatus = undefined;
    const line = await expandLine(shell, command);
    const text = line.words.map((word) => showWord(showUnknown(word))).join(' ');
    shell.session.settleDoubts(text, false);
    shell.lastWord = '';
    if (line.words.length > 0) shell.session.undecided = undefined;
    if (line.words.length === 0) return await withoutName(shell, command, saved);
    keepsRedirections = line.words[0] === 'exec' && line.words.length === 1;
    trace(shell, text);
    try {
      const unknown = line.words.find(holdsUnknown);
      if (unknown !== undefined) shell.session.model(reasonOfUnknown(unknown));
      return await reported(shell, { text, mark }, async () => {
        await redirectFor(shell, command, saved, line.words[0]!);
        return isUnknown(line.words[0]!)
          ? runUnknown(shell, line)
          : withAssignments(shell, command.assignments, line);
      });
    } finally {
      shell.lastWord = line.words[line.words.length - 1];
    }
  } catch (error) {
    return failed(shell, error);
  } finally {
    await shell.session.flush();
    if (!keepsRedirections) restore(shell, saved);
    if (shell.substitutions.length > 0) await finishSubstitutions(shell);
  }
}

async function expandLine(shell: ShellState, { name, args }: SimpleCommandNode): Promise<CommandLine> {
  shell.wholeFolders = [];
  if (!name) return { words: [], arrays: new Map() };
  const words = await expandWords(shell, [name]);
  const arrays = new Map<number, { words: readonly WordNode[]; append: boolean }>();
  if (!isDeclaration(shell, words[0])) {
    words.push(...(await expandWords(shell, args)));
    return { words, arrays };
  }
  for (const word of args) {
    const array = shell.isBash ? arrayArgument(word) : undefined;
    const first = word.parts[0];
    if (array) {
      arrays.set(words.length, array);
      words.push(array.name);
    } else if (first?.type === 'Literal' && /^[A-Za-z_]\w*(?:\[[^\]]*\])?\+?=/.test(first.value)) {
      // An assignment as an argument is neither split nor a pattern.
      words.push(await expandText(shell, word));
    } else words.push(...(await expandWords(shell, [word])));
  }
  return { words, arrays };
}

/** Only assignments and redirections: they act on the shell itself. */
async function withoutName(shell: ShellState, command: SimpleCommandNode, saved: Saved): Promise<number> {
  for (const assignment of command.assignments) await assign(shell, assignment);
  if (shell.options.has('x'))
    trace(
      shell,
      command.assignments.map(({ name }) => `${name}=${shell.variables.text(name) ?? ''}`).join(' '),
    );
  await redirect(shell, command.redirections, saved);
  shell.session.settleDoubts('a redirection', false);
  return shell.substitutionStatus ?? 0;
}

async function redirectFor(
  shell: ShellState,
  command: SimpleCommandNode,
  saved: Saved,
  name: string,
): Promise<void> {
  if (command.redirections.length === 0) return;
  try {
    await redirect(shell, command.redirections, saved);
  } catch (error) {
    if (error instanceof ShellFault && !runsInShell(shell, name))
      throw new ShellFault(error.message, error.status, error.endsShell && !shell.isBash);
    if (!(error instanceof RedirectFault)) throw error;
    shell.session.settleDoubts(name, true);
    const status = shell.dialect === 'dash' ? 2 : 1;
    throw new ShellFault(error.message, status, shell.isPosix && isSpecial(shell, name));
  }
  shell.session.settleDoubts(name, false);
}

/** bash redirects for a program in the process that it becomes, so that what is wrong there does not end the shell. */
function runsInShell(shell: ShellState, name: string): boolean {
  return shell.functions.has(name) || findBuiltin(shell, name) !== undefined;
}

function trace(shell: ShellState, text: string): void {
  if (shell.options.has('x')) shell.say(`${shell.variables.text('PS4') ?? '+ '}${text}`, false);
}

function failed(shell: ShellState, error: unknown): number {
  if (error instanceof ReadonlyFault) {
    throw new ShellFault(
      `${error.variable}: ${shell.isBash ? 'readonly variable' : 'is read only'}`,
      shell.isBash ? 1 : 2,
      true,
    );
  }
  if (error instanceof RedirectFault) {
    shell.complain(error.message);
    return shell.dialect === 'dash' ? 2 : 1;
  }
  if (!(error instanceof ShellFault) || error.endsShell) throw error;
  shell.complain(error.message);
  return error.status;
}

/** Assignments before a name are for that command only, but stay after a special built-in (POSIX XCU 2.9.1.2). */
async function withAssignments(
  shell: ShellState,
  assignments: readonly AssignmentNode[],
  line: CommandLine,
): Promise<number> {
  if (assignments.length === 0) return dispatch(shell, line);
  const stays = shell.isPosix && isSpecial(shell, line.words[0]!) && !shell.functions.has(line.words[0]!);
  const before = new Map<string, Variable | undefined>();
  for (const assignment of assignments) {
    if (!before.has(assignment.name)) before.set(assignment.name, shell.variables.raw(assignment.name));
    await assign(shell, assignment);
    const isForProgram = line.words[0] === 'exec' && line.words.length > 1;
    if (!stays || isForProgram) shell.variables.declare(assignment.name, { exported: true });
  }
  try {
    return await dispatch(shell, line);
  } finally {
    if (!stays) for (const [name, variable] of before) shell.variables.put(name, variable);
  }
}

/** Runs what the first word names: a special built-in, a function, another built-in, or a program. */
export async function dispatch(
  shell: ShellState,
  line: CommandLine,
  skip: { readonly functions?: boolean; readonly programs?: boolean } = {},
): Promise<number> {
  const name = line.words[0]!;
  const builtin = findBuiltin(shell, name);
  const called = skip.functions ? undefined : shell.functions.get(name);
  if (called && !(shell.isPosix && builtin && isSpecial(shell, name))) {
    return callFunction(shell, called, line.words.slice(1), executeCommand);
  }
  if (builtin) return runBuiltin(shell, builtin, line);
  if (skip.programs) {
    shell.complain(`${name}: not a shell builtin`);
    return 1;
  }
  return (await runExternal(shell, line.words)).exitCode;
}

/** `$(…)` of unknown text as a command, as in `sh -c "$(curl …)"`. */
async function runUnknown(shell: ShellState, { words }: CommandLine): Promise<number> {
  return runUnreadable(shell.session, 'a text', reasonOfUnknown(words[0]!));
}

/** Built-ins that hand text on without looking into it. */
const TAKES_ANY_TEXT = new Set(
  ': . alias builtin cd command declare echo eval exec exit export false local pushd readonly return set source true typeset'.split(
    ' ',
  ),
);

/** `[ -z "$version" ]`, also behind a `!`. */
function asksIfEmpty(name: string, args: readonly string[]): boolean {
  return isTest(name) && /^(?:! )?-[nz]$/.test(args.slice(0, name === '[' ? -2 : -1).join(' '));
}

/** Whether the built-in's work is done with that: what `printf` prints is not known then. */
function handlesUnknown(shell: ShellState, name: string, args: readonly string[]): boolean {
  const unknown = args.find(holdsUnknown);
  if (unknown === undefined || TAKES_ANY_TEXT.has(name)) return false;
  if (asksIfEmpty(name, args)) {
    takenAsText(shell, unknown);
    return false;
  }
  if (name !== 'printf' || args[0] === '-v') deciding(name, unknown);
  shell.descriptors.output(1).write({ kind: 'placeholder', size: 0, reason: reasonOfUnknown(unknown) });
  return true;
}

async function runBuiltin(shell: ShellState, builtin: Builtin, line: CommandLine): Promise<number> {
  const [name, ...args] = line.words;
  const decides = onlyTells(name!, args);
  try {
    if (handlesUnknown(shell, name!, args)) return 0;
    const status = await builtin({ shell, name: name!, args, arrays: line.arrays });
    shell.session.settleDoubts(name!, status !== 0 || isTest(name!));
    return status;
  } catch (error) {
    if (!(error instanceof RestsOnGuess) || !decides) throw error;
    const output = shell.descriptors.output(1);
    if (!isTest(name!) && !output.isLog) output.write({ kind: 'placeholder', size: 0, reason: error.guess });
    return undecided(shell, error);
  }
}

function isTest(name: string): boolean {
  return name === 'test' || name === '[';
}

/** A built-in that does nothing but come to a status and print. */
function onlyTells(name: string, [option = '']: readonly string[]): boolean {
  return isTest(name) || /^(?:type|hash)$/.test(name) || (name === 'command' && /^-p?[vV]/.test(option));
}

async function runExternal(shell: ShellState, words: readonly string[], asked = ''): Promise<Outcome> {
  const { cwd, descriptors, dialect } = shell;
  const outcome = await runProgram(shell.session, words, {
    env: shell.variables.environment(),
    cwd,
    descriptors,
    dialect,
    wholeFolders: shell.wholeFolders,
    ...(shell.unknownVariables === undefined ? {} : { doubtOfPath: shell.unknownVariables }),
    path: shell.variables.text('PATH') ?? '',
  });
  const name = words[0]!;
  if (outcome.failure !== 'absent') shell.remember(name);
  if (outcome.failure === 'absent') {
    shell.complain(`${asked}${name}: ${asked ? 'not found' : wordsOfAbsence(shell, name)}`);
  } else if (outcome.failure) shell.complain(`${asked}${name}: ${outcome.failure}`);
  return outcome;
}

function wordsOfAbsence(shell: ShellState, name: string): string {
  if (!shell.isBash) return 'not found';
  const isSought = !name.includes('/') && shell.variables.text('PATH');
  return isSought ? 'command not found' : 'No such file or directory';
}

export { runExternal };
