import { NotSimulated, RestsOnGuess } from '../command';
import { isUnknown, reasonOfUnknown } from '../unknown-text';
import { evaluateText } from './arithmetic-words';
import { unitsToMatch } from './characters';
import { evaluateConditional } from './conditional';
import { BreakSignal, ContinueSignal, ExitSignal, ShellFault } from './control';
import { deciding } from './decisions';
import { assignElement } from './elements';
import { executeStatements, tested } from './execute';
import { expandPattern, expandText, expandWords } from './expand';
import { fateOf } from './fate';
import { matchesPattern } from './pattern';
import { showArithmetic } from './quoting';
import { RedirectFault, redirect, restore, type Saved } from './redirect';
import type { ShellState } from './shell-state';
import { inSubshell } from './subshell';
import type { CaseNode, CommandNode, CStyleForNode, ForNode, IfNode, UntilNode, WhileNode } from './syntax';
import { goesThere, inBranch, undecided } from './undecided';

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
      return only(shell, '((', async () => {
        const text = showArithmetic(command.expression.originalText ?? '');
        return Number((await evaluateText(shell, text)) === 0n);
      });
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
    if (error instanceof RestsOnGuess) return undecided(shell, error);
    if (!failsOnly(error)) throw error;
    shell.complain(`${name}: ${error.message}`);
    return 1;
  }
}

function failsOnly(error: unknown): error is ShellFault {
  return error instanceof ShellFault && !/unbound variable$|Bad subst/.test(error.message);
}

async function runIf(shell: ShellState, node: IfNode, from = 0): Promise<number> {
  const { clauses, elseBody } = node;
  for (const [index, { condition, body }] of clauses.entries()) {
    if (index < from) continue;
    const status = await tested(shell, () => executeStatements(shell, condition));
    const doubt = shell.session.takeUndecided();
    if (doubt === undefined) {
      if (status === 0) return executeStatements(shell, body);
      continue;
    }
    const others = clauses.slice(index + 1).flatMap((clause) => [...clause.condition, ...clause.body]);
    others.push(...(elseBody ?? []));
    const fate = fateOf(shell, body);
    const hasBetter = fate === 'prints' && fateOf(shell, others) === 'acts';
    if (hasBetter) return inBranch(shell, doubt, () => runIf(shell, node, index + 1));
    if (fate === 'acts' || fate === 'prints')
      return inBranch(shell, doubt, () => executeStatements(shell, body), others);
    if (goesThere(shell, doubt, fate)) return executeStatements(shell, body);
  }
  return elseBody ? executeStatements(shell, elseBody) : 0;
}

async function runFor(shell: ShellState, { variable, words, body }: ForNode): Promise<number> {
  if (!/^[A-Za-z_]\w*$/.test(variable))
    throw new NotSimulated(`a loop over \`${variable}\` is not simulated`);
  const values = words ? await expandWords(shell, words) : shell.positional;
  const remaining = [...values];
  return loop(shell, async () => {
    const value = remaining.shift();
    if (value === undefined) return undefined;
    assignElement(shell, variable, value);
    // How many words it is cannot be told: one stands for all, and if there is none, nothing runs.
    if (isUnknown(value))
      return () => inBranch(shell, reasonOfUnknown(value), () => executeStatements(shell, body));
    return () => executeStatements(shell, body);
  });
}

async function runCStyleFor(
  shell: ShellState,
  { init, condition, update, body }: CStyleForNode,
): Promise<number> {
  let isWrong = false;
  const value = async (part: typeof init): Promise<bigint> => {
    try {
      return await evaluateText(shell, showArithmetic(part?.originalText ?? ''));
    } catch (error) {
      if (!failsOnly(error)) throw error;
      isWrong = true;
      shell.complain(`((: ${error.message}`);
      return 0n;
    }
  };
  if (init) await value(init);
  let first = true;
  const status = await loop(shell, async () => {
    if (!first && update) await value(update);
    first = false;
    const goesOn = !isWrong && (!condition || (await value(condition)) !== 0n);
    return goesOn ? () => executeStatements(shell, body) : undefined;
  });
  return isWrong ? 1 : status;
}

async function runWhile(
  shell: ShellState,
  { type, condition, body }: WhileNode | UntilNode,
): Promise<number> {
  let isLast = false;
  const next: NextTurn = async () => {
    if (isLast) return undefined;
    const status = await tested(shell, () => executeStatements(shell, condition));
    const doubt = shell.session.takeUndecided();
    // It ends some time, and each turn does what one does.
    if (doubt !== undefined) {
      isLast = true;
      const acts = fateOf(shell, body) !== 'prints';
      return acts ? () => inBranch(shell, doubt, () => executeStatements(shell, body)) : undefined;
    }
    const goesOn = (status === 0) === (type === 'While');
    return goesOn ? () => executeStatements(shell, body) : undefined;
  };
  return loop(shell, next, true);
}

/** The body of a loop's next turn, or undefined at its end. */
type NextTurn = () => Promise<(() => Promise<number>) | undefined>;

/** What all loops share: `break`, `continue`, and the status of the last body that ran. */
async function loop(shell: ShellState, next: NextTurn, inWhile = false): Promise<number> {
  let status = 0;
  const around = { leadsOut: shell.leadsOut, inWhile: shell.inWhile };
  Object.assign(shell, { leadsOut: false, inWhile });
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
    Object.assign(shell, around);
  }
}

function outer(signal: BreakSignal | ContinueSignal): BreakSignal | ContinueSignal {
  return signal instanceof BreakSignal
    ? new BreakSignal(signal.count - 1)
    : new ContinueSignal(signal.count - 1);
}

async function runCase(shell: ShellState, node: CaseNode): Promise<number> {
  try {
    return await matchCase(shell, node);
  } catch (error) {
    if (!(error instanceof UndecidedCase)) throw error;
    return chooseItem(shell, node, error.cause);
  }
}

/** The first item that does something stands for all. */
async function chooseItem(shell: ShellState, { items }: CaseNode, met: RestsOnGuess): Promise<number> {
  undecided(shell, met);
  const doubt = shell.session.takeUndecided() ?? met.guess;
  const fates = items.map(({ body }) => fateOf(shell, body));
  const chosen = items.find((_, index) => fates[index] === 'acts') ?? items[fates.indexOf('prints')];
  for (const fate of fates) if (fate === 'leaves' || fate === 'skips') goesThere(shell, doubt, fate);
  if (!chosen) return 0;
  const others = items.flatMap((item) => (item === chosen ? [] : item.body));
  return inBranch(shell, doubt, () => executeStatements(shell, chosen.body), others);
}

/** Which item of a `case` is meant is not known. */
class UndecidedCase extends Error {
  constructor(override readonly cause: RestsOnGuess) {
    super(cause.message);
  }
}

function decidingCase(text: string): string {
  try {
    return deciding('case', text);
  } catch (error) {
    throw error instanceof RestsOnGuess ? new UndecidedCase(error) : error;
  }
}

async function matchCase(shell: ShellState, { word, items }: CaseNode): Promise<number> {
  const subject = decidingCase(await expandText(shell, word));
  const options = { ...shell.patternOptions, ignoreCase: shell.shopt.has('nocasematch') };
  let status = 0;
  let fallsThrough = false;
  for (const { patterns, body, terminator } of items) {
    let matches = fallsThrough;
    for (const pattern of patterns) {
      const units = unitsToMatch(shell, subject, decidingCase(await expandPattern(shell, pattern)));
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
