import { NotSimulated } from '../command';
import { isUnknown } from '../unknown-text';
import { evaluate } from './arithmetic-words';
import { unitsToMatch } from './characters';
import { evaluateConditional } from './conditional';
import { BreakSignal, ContinueSignal, ExitSignal, ShellFault } from './control';
import { deciding } from './decisions';
import { assignElement } from './elements';
import { executeStatements, tested } from './execute';
import { expandPattern, expandText, expandWords } from './expand';
import { matchesPattern } from './pattern';
import { RedirectFault, redirect, restore, type Saved } from './redirect';
import type { ShellState } from './shell-state';
import { inSubshell } from './subshell';
import type { CaseNode, CommandNode, CStyleForNode, ForNode, IfNode, UntilNode, WhileNode } from './syntax';

type Compound = Exclude<CommandNode, { type: 'SimpleCommand' | 'FunctionDef' }>;

/** Runs a compound command with its redirections (POSIX XCU 2.9.4). */
export async function executeCompound(shell: ShellState, command: Compound): Promise<number> {
  if (command.redirections.length === 0) return run(shell, command);
  const saved: Saved = new Map();
  try {
    await redirect(shell, command.redirections, saved);
    return await run(shell, command);
  } catch (error) {
    if (!(error instanceof RedirectFault)) throw error;
    // bash tells another line when the command has several.
    if (shell.isBash) shell.say(`${shell.name}: line ${shell.line}: ${error.message}`, false);
    else shell.complain(error.message);
    const status = shell.dialect === 'dash' ? 2 : 1;
    // What a compound command itself comes to does not count for `set -e`, but this failure is its own.
    if (shell.tested === 0 && shell.options.has('e') && shell.dialect !== 'ash') throw new ExitSignal(status);
    return status;
  } finally {
    await shell.session.flush();
    restore(shell, saved);
  }
}

async function run(shell: ShellState, command: Compound): Promise<number> {
  switch (command.type) {
    case 'If':
      return runIf(shell, command);
    case 'For':
      return runFor(shell, command);
    case 'CStyleFor':
      return runCStyleFor(shell, command);
    case 'While':
    case 'Until':
      return runWhile(shell, command);
    case 'Case':
      return runCase(shell, command);
    case 'Subshell':
      return inSubshell(shell, (child) => executeStatements(child, command.body));
    case 'Group':
      return executeStatements(shell, command.body);
    case 'ArithmeticCommand':
      return only(shell, '((', async () => Number((await evaluate(shell, command.expression)) === 0n));
    case 'ConditionalCommand':
      return only(shell, '[[', () => evaluateConditional(shell, command.expression));
    default:
      return command satisfies never;
  }
}

/** A wrong expression of these commands only fails them. */
async function only(shell: ShellState, name: string, act: () => Promise<number>): Promise<number> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof ShellFault) || /unbound variable$|Bad subst/.test(error.message)) throw error;
    shell.complain(`${name}: ${error.message}`);
    return 1;
  }
}

async function runIf(shell: ShellState, { clauses, elseBody }: IfNode): Promise<number> {
  for (const { condition, body } of clauses) {
    const status = await tested(shell, () => executeStatements(shell, condition));
    if (status === 0) return executeStatements(shell, body);
  }
  return elseBody ? executeStatements(shell, elseBody) : 0;
}

async function runFor(shell: ShellState, { variable, words, body }: ForNode): Promise<number> {
  if (!/^[A-Za-z_]\w*$/.test(variable))
    throw new NotSimulated(`a loop over \`${variable}\` is not simulated`);
  const values = words ? await expandWords(shell, words) : shell.positional;
  const remaining = [...values];
  // How many words it is cannot be told.
  for (const value of values) if (isUnknown(value)) deciding('for', value);
  return loop(shell, async () => {
    const value = remaining.shift();
    if (value === undefined) return undefined;
    assignElement(shell, variable, value);
    return () => executeStatements(shell, body);
  });
}

async function runCStyleFor(
  shell: ShellState,
  { init, condition, update, body }: CStyleForNode,
): Promise<number> {
  if (init) await evaluate(shell, init);
  let first = true;
  return loop(shell, async () => {
    if (!first && update) await evaluate(shell, update);
    first = false;
    const goesOn = !condition || (await evaluate(shell, condition)) !== 0n;
    return goesOn ? () => executeStatements(shell, body) : undefined;
  });
}

async function runWhile(
  shell: ShellState,
  { type, condition, body }: WhileNode | UntilNode,
): Promise<number> {
  return loop(shell, async () => {
    const status = await tested(shell, () => executeStatements(shell, condition));
    const goesOn = (status === 0) === (type === 'While');
    return goesOn ? () => executeStatements(shell, body) : undefined;
  });
}

/** The body of a loop's next turn, or undefined at its end. */
type NextTurn = () => Promise<(() => Promise<number>) | undefined>;

/** What all loops share: `break`, `continue`, and the status of the last body that ran. */
async function loop(shell: ShellState, next: NextTurn): Promise<number> {
  let status = 0;
  shell.loops++;
  try {
    for (;;) {
      const pause = shell.session.budget.step();
      if (pause) await pause;
      try {
        const body = await next();
        if (!body) return status;
        status = await body();
      } catch (signal) {
        if (!(signal instanceof BreakSignal) && !(signal instanceof ContinueSignal)) throw signal;
        status = 0;
        if (signal.count > 1 && shell.loops > 1) throw outer(signal);
        if (signal instanceof BreakSignal) return 0;
      }
    }
  } finally {
    shell.loops--;
  }
}

function outer(signal: BreakSignal | ContinueSignal): BreakSignal | ContinueSignal {
  return signal instanceof BreakSignal
    ? new BreakSignal(signal.count - 1)
    : new ContinueSignal(signal.count - 1);
}

async function runCase(shell: ShellState, { word, items }: CaseNode): Promise<number> {
  const subject = deciding('case', await expandText(shell, word));
  const options = { ...shell.patternOptions, ignoreCase: shell.shopt.has('nocasematch') };
  let status = 0;
  let fallsThrough = false;
  for (const { patterns, body, terminator } of items) {
    let matches = fallsThrough;
    for (const pattern of patterns) {
      const units = unitsToMatch(shell, subject, deciding('case', await expandPattern(shell, pattern)));
      matches ||= matchesPattern(units.text, units.pattern, options);
      if (matches) break;
    }
    if (!matches) continue;
    status = await executeStatements(shell, body);
    if (terminator === ';;') return status;
    fallsThrough = terminator === ';&';
  }
  return status;
}
