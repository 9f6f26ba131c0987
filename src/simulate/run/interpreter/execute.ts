import { EMPTY_CONTENT } from '../../../layers/content';
import { InputStream } from '../descriptors';
import { Collector, mergeContents } from '../output';
import { SyntaxFault } from './command-list';
import { executeCompound } from './compound';
import { ExitSignal, ShellFault } from './control';
import { makeOutputs, mentions, modelRaces } from './pipe-files';
import type { ShellState } from './shell-state';
import { executeSimple } from './simple-command';
import { inSubshell } from './subshell';
import type { CommandNode, PipelineNode, StatementNode } from './syntax';
import { runTrap } from './traps';

/** Runs a list of commands; the status is that of the last one. */
export async function executeStatements(
  shell: ShellState,
  statements: readonly StatementNode[],
): Promise<number> {
  let status = 0;
  for (const statement of statements) {
    status = statement.background
      ? await inBackground(shell, statement)
      : await executeList(shell, statement);
    shell.status = status;
  }
  return status;
}

/** `a && b || c`: only a failure of the last command that could run counts for `set -e`. */
async function executeList(
  shell: ShellState,
  { pipelines, operators, deferredError }: StatementNode,
): Promise<number> {
  if (deferredError) throw new SyntaxFault(deferredError.token);
  let status = 0;
  for (const [index, pipeline] of pipelines.entries()) {
    const operator = operators[index - 1];
    if (operator === '&&' && status !== 0) continue;
    if (operator === '||' && status === 0) continue;
    const last = index === pipelines.length - 1;
    status = last
      ? await checkedPipeline(shell, pipeline)
      : await tested(shell, () => executePipeline(shell, pipeline));
    shell.status = status;
  }
  return status;
}

/** Runs `act` where a failure is looked at, so that `set -e` does not end the shell. */
export async function tested(shell: ShellState, act: () => Promise<number>): Promise<number> {
  shell.tested++;
  try {
    return await act();
  } finally {
    shell.tested--;
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
  return negated ? Number(status === 0) : status;
}

/** Each command finishes before the next begins and finds the whole output as its input. */
async function pipe(shell: ShellState, { commands, pipeStderr }: PipelineNode): Promise<number> {
  const statuses: number[] = [];
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
  if (command.line) shell.line = command.line;
  if (command.type === 'SimpleCommand') return executeSimple(shell, command);
  if (command.type === 'FunctionDef') {
    if (shell.isBash && shell.isPosix && !/^[A-Za-z_]\w*$/.test(command.name))
      throw new ShellFault(`\`${command.name}': not a valid identifier`, 2, true);
    shell.functions.set(command.name, command);
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
  shell.jobs.set(job, status ?? 'asleep');
  shell.lastJob = job;
  return 0;
}
