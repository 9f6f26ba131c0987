import type { Content } from '../../../layers/content';
import { Collector, mergeContents, readText } from '../output';
import { innerCode } from './call-stack';
import { executeStatements } from './execute';
import { expandText } from './expand';
import { openForReading } from './redirect';
import type { ShellState } from './shell-state';
import { inSubshell } from './subshell';
import type { ScriptNode } from './syntax';

/** The output of `$(…)` or backticks, without the newlines at its end (POSIX XCU 2.6.3). */
export async function substituteCommand(shell: ShellState, script: ScriptNode): Promise<string> {
  const content = (await fileToSubstitute(shell, script)) ?? (await outputOf(shell, script));
  if (content.kind === 'placeholder') return shell.session.unknownText(content.reason);
  const text = await readText(content, shell.session);
  return text.replaceAll('\0', '').replace(/\n+$/, '');
}

/** `$(< file)` in bash: the file, without running anything. */
async function fileToSubstitute(shell: ShellState, script: ScriptNode): Promise<Content | undefined> {
  if (!shell.isBash || script.statements.length !== 1) return undefined;
  const [pipeline] = script.statements[0]!.pipelines;
  const command = pipeline?.commands[0];
  if (command?.type !== 'SimpleCommand' || command.name || command.assignments.length > 0) return undefined;
  const [redirection] = command.redirections;
  if (
    command.redirections.length !== 1 ||
    redirection?.operator !== '<' ||
    redirection.target.type !== 'Word'
  ) {
    return undefined;
  }
  shell.substitutionStatus = 0;
  return openForReading(shell, await expandText(shell, redirection.target)).takeRest();
}

async function outputOf(shell: ShellState, script: ScriptNode): Promise<Content> {
  const output = new Collector(shell.session.budget);
  const status = await inSubshell(shell, async (child) => {
    child.loops = shell.loops;
    child.code = innerCode(shell);
    child.descriptors.set(1, { kind: 'output', output });
    // busybox, and bash outside POSIX mode, take `set -e` off in command substitutions (bash manual, Command Execution Environment).
    if (child.dialect === 'ash' || (!child.isPosix && !child.shopt.has('inherit_errexit')))
      child.options.delete('e');
    return executeStatements(child, script.statements);
  });
  shell.substitutionStatus = status;
  // In dash `$?` within the same command still is that of the command before.
  if (shell.isBash) shell.status = status;
  return mergeContents(output.take(), shell.session.reader);
}
