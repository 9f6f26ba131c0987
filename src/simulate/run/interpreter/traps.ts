import { inText } from './call-stack';
import { executeStatements } from './execute';
import type { ShellState } from './shell-state';
import { parseShell } from './syntax';

/** Runs a trap's text; unless it exits itself, the shell ends with the status it had. */
export async function runTrap(shell: ShellState, text: string, status: number): Promise<number> {
  shell.status = status;
  await inText(shell, () => executeStatements(shell, parseShell(text, shell.dialect).statements));
  return status;
}
