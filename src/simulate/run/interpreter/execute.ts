import { EMPTY_CONTENT } from '../../../layers/content';
import { InputStream } from '../descriptors';
import { Collector, mergeContents } from '../output';
import { SyntaxFault } from './command-list';
import { executeCompound } from './compound';
import { ExitSignal, ShellFault } from './control';
import { fateOf } from './fate';
import { makeOutputs, mentions, modelRaces } from './pipe-files';
import type { ShellState } from './shell-state';
import { executeSimple } from './simple-command';
import { inSubshell } from './subshell';
import type { CommandNode, PipelineNode, StatementNode } from './syntax';
import { runTrap } from './traps';
import { goesThere, inBranch } from './undecided';

/** Runs a list of commands; the status is that of the last one. */
export async function executeStatements(
  shell: ShellState,
  statements: readonly StatementNode[],
): Promise<number> {
  const { leadsOut } = shell;
  let status = 0;
  try {
    for (const [index, statement] of statements.entries()) {
      shell.leadsOut = leadsOut && index === statements.length - 1;
      status = statement.background
        ? await inBackground(shell, statement)
        : await executeList(shell, statement);
      noteStatus(shell, status);
    }
  } finally {
    shell.leadsOut = leadsOut;
  }
  return status;
}

/** Keeps `$?`. */
function noteStatus(shell: ShellState, status: number): void {
  shell.status = status;
  shell.statusDoubt = shell.session.undecided;
}

/** `a && b || c`: only a failure of the last command that could run counts for `set -e`. */
async function executeList(shell: ShellState, list: StatementNode): Promise<number> {
  if (list.deferredError) throw new SyntaxFault(list.deferredError.token);
  return executeFrom(shell, list, 0, 0);
}

/** The rest of a list from its part `start`; `before` is the status of what came before it. */
async function executeFrom(
  shell: ShellState,
  list: StatementNode,
  start: number,
  before: number,
): Promise<number> {
  const { pipelines, operators } = list;
  let status = before;
  for (let index = start; index < pipelines.length; index++) {
    const pipeline = pipelines[index]!;
    const operator = operators[index - 1];
    if (operator === '&&' && status !== 0) continue;
    if (operator === '||' && status === 0) continue;
    const last = index === pipelines.length - 1;
    status = last
      ? await checkedPipeline(shell, pipeline)
      : await tested(shell, () => executePipeline(shell, pipeline));
    noteStatus(shell, status);
    if (last) return status;
    const doubt = shell.session.takeUndecided();
    const isNeeded = shell.leadsOut && operators.slice(index).every((next) => next === '&&');
    if (doubt !== undefined && !isNeeded) return behindUndecided(shell, list, index, doubt);
  }
  return status;
}

/** Goes on behind the part `index` of a list, of which the status is not known (undecided.ts). */
async function behindUndecided(
  shell: ShellState,
  list: StatementNode,
  index: number,
  doubt: string,
): Promise<number> {
  const { pipelines, operators } = list;
  const next = index + 1;
  const right: StatementNode[] = [{ ...list, pipelines: [pipelines[next]!], operators: [] }];
  const fate = fateOf(shell, right);
  const isEither = operators[index] === '||';
  if (fate === 'fails' || fate === 'leaves' || fate === 'skips') {
    const goes = goesThere(shell, doubt, fate);
    const status = await executeFrom(shell, list, next, goes === isEither ? 1 : 0);
    if (status !== 0) shell.session.undecided ??= doubt;
    return 0;
  }
  if (isEither) {
    const isLast = next === pipelines.length - 1;
    const run = () => executeStatements(shell, right);
    const status = await inBranch(shell, doubt, isLast ? run : () => tested(shell, run));
    const stillOpen = shell.session.undecided;
    if (stillOpen === undefined || isLast) return executeFrom(shell, list, next + 1, status);
    shell.session.undecided = undefined;
    const isNeeded = shell.leadsOut && operators.slice(next).every((one) => one === '&&');
    return isNeeded ? executeFrom(shell, list, next + 1, 0) : behindUndecided(shell, list, next, stillOpen);
  }
  const others = pipelines.filter((_, place) => place > next && operators[place - 1] === '||');
  const otherwise = others.map((pipeline) => ({ ...list, pipelines: [pipeline], operators: [] }));
  const status = await inBranch(shell, doubt, () => executeFrom(shell, list, next, 0), otherwise);
  shell.session.undecided = doubt;
  return status;
}

/** Runs `act` where a failure is looked at, so that `set -e` does not end the shell. */
export async function tested(shell: ShellState, act: () => Promise<number>): Promise<number> {
  const { leadsOut } = shell;
  shell.leadsOut = false;
  shell.tested++;
  try {
    return await act();
  } finally {
    shell.tested--;
    shell.leadsOut = leadsOut;
  }
}

async function checkedPipeline(shell: ShellState, pipeline: PipelineNode): Promise<number> {
  if (pipeline.negated) return tested(shell, () => executePipeline(shell, pipeline));
  const status = await executePipeline(shell, pipeline);
  if (status !== 0 && shell.tested === 0 && endsOnFailure(pipeline)) {
    shell.status = status;
    const trap = shell.traps.get('ERR');
    if (trap !== undefined) await runTrap(shell, trap, status);
    if (shell.options.has('e')) throw new ExitSignal(status);
  }
  return status;
}

/** Compound commands do not end the shell by their status: what failed inside them was looked at there. */
function endsOnFailure({ commands }: PipelineNode): boolean {
  if (commands.length > 1) return true;
  const kind = commands[0]!.type;
  return (
    kind === 'SimpleCommand' ||
    kind === 'Subshell' ||
    kind === 'ArithmeticCommand' ||
    kind === 'ConditionalCommand'
  );
}

async function executePipeline(shell: ShellState, pipeline: PipelineNode): Promise<number> {
  const { commands, negated, timed } = pipeline;
  if (timed && !shell.descriptors.output(2).isLog)
    shell.session.model('`time` tells how long a command took');
  const status =
    commands.length === 1 ? await executeCommand(shell, commands[0]!) : await pipe(shell, pipeline);
  if (commands.length === 1) shell.pipeStatus = [status];
  if (shell.session.undecided !== undefined) return 0;
  return negated ? Number(status === 0) : status;
}

/** Each command finishes before the next begins and finds the whole output as its input. */
async function pipe(shell: ShellState, { commands, pipeStderr }: PipelineNode): Promise<number> {
  const statuses: number[] = [];
  let undecided: string | undefined;
  let input: InputStream | undefined;
  const made = commands.slice(1).flatMap((command) => makeOutputs(shell, command));
  for (const [index, command] of commands.entries()) modelRaces(shell, command, commands.slice(index + 1));
  for (const [index, command] of commands.entries()) {
    const reader = commands[index + 1];
    const output = reader ? new Collector(shell.session.budget, !isOrderFree(reader)) : undefined;
    const status = await inSubshell(shell, async (child) => {
      if (input) child.descriptors.set(0, { kind: 'input', input });
      if (output) child.descriptors.set(1, { kind: 'output', output });
      if (output && pipeStderr?.[index]) child.descriptors.set(2, { kind: 'output', output });
      return executeCommand(child, command);
    });
    statuses.push(status);
    const doubt = shell.session.takeUndecided();
    if (!reader || shell.options.has('pipefail')) undecided ??= doubt;
    const [word] = command.type === 'SimpleCommand' ? (command.name?.parts ?? []) : [];
    if (shell.dialect === 'dash' && word?.type === 'Literal') shell.remember(word.value);
    if (!output) continue;
    const content = await mergeContents(output.take(), shell.session.reader);
    if (made.some((path) => mentions(content, path)))
      shell.session.model(
        'a part of a pipe lists the file of another, which is there at once or a moment later',
      );
    input = new InputStream(content);
  }
  shell.pipeStatus = statuses;
  shell.session.undecided = undecided;
  const failed = statuses.filter((status) => status !== 0);
  return shell.options.has('pipefail') ? (failed.at(-1) ?? 0) : statuses.at(-1)!;
}

const SORTING = new Set(['sort', 'wc', 'xargs']);

/** Whether what a command makes of its input is the same in whatever order the lines come: `find … | sort`, a loop. */
function isOrderFree(command: CommandNode): boolean {
  if (command.type !== 'SimpleCommand') return true;
  const [word] = command.name?.parts ?? [];
  return word?.type === 'Literal' && SORTING.has(word.value);
}

export async function executeCommand(shell: ShellState, command: CommandNode): Promise<number> {
  const pause = shell.session.budget.step();
  if (pause) await pause;
  shell.isLineKnown = command.line !== undefined;
  if (command.line) shell.line = command.line + (shell.code.before ?? 0);
  shell.session.undecided = undefined;
  if (command.type === 'SimpleCommand') return executeSimple(shell, command);
  if (command.type === 'FunctionDef') {
    if (shell.isBash && shell.isPosix && !/^[A-Za-z_]\w*$/.test(command.name))
      throw new ShellFault(`\`${command.name}': not a valid identifier`, 2, true);
    shell.functions.set(command.name, command);
    shell.definedIn.set(command.name, shell.code);
    return 0;
  }
  return executeCompound(shell, command);
}

/** `&`: runs at once to its end, or to where it sleeps for long; what it does cannot depend on the commands after it. */
async function inBackground(shell: ShellState, statement: StatementNode): Promise<number> {
  const job = shell.session.newProcess();
  const status = await shell.session.inBackground(() =>
    inSubshell(shell, async (child) => {
      child.tested = 0;
      child.descriptors.set(0, { kind: 'input', input: new InputStream(EMPTY_CONTENT) });
      return executeList(child, statement);
    }),
  );
  if (!shell.isBash) for (const waited of shell.waited) shell.jobs.delete(waited);
  shell.waited.clear();
  shell.session.undecided = undefined;
  shell.jobs.set(job, status ?? 'asleep');
  shell.lastJob = job;
  return 0;
}
