import { BreakSignal, ContinueSignal, ExitSignal, ReturnSignal, ShellFault } from './control';
import type { ShellState } from './shell-state';
import { runTrap } from './traps';

/** Runs `act` in a copy of the shell; nothing it sets comes back but its status (POSIX XCU 2.12). */
export async function inSubshell(
  shell: ShellState,
  act: (child: ShellState) => Promise<number>,
): Promise<number> {
  const { session } = shell;
  const { umask } = session.fileSystem;
  const child = shell.fork();
  try {
    return await session.deeper(() => untilExit(child, () => act(child)));
  } finally {
    session.fileSystem.umask = umask;
  }
}

/** Runs `act` to the end of the shell: its `exit`, a fault, or the end of its text; then the EXIT trap. */
export async function untilExit(shell: ShellState, act: () => Promise<number>): Promise<number> {
  let status = await endStatus(shell, act);
  const trap = shell.traps.get('EXIT');
  if (trap !== undefined) {
    shell.traps.delete('EXIT');
    status = await endStatus(shell, () => runExitTrap(shell, trap, status));
  }
  await shell.session.flush();
  return status;
}

/** `return` ends the action and leaves the status alone; bash refuses it outside of functions. */
async function runExitTrap(shell: ShellState, trap: string, status: number): Promise<number> {
  const { callDepth } = shell;
  shell.callDepth = shell.isBash ? 0 : 1;
  try {
    return await runTrap(shell, trap, status);
  } catch (signal) {
    if (!(signal instanceof ReturnSignal)) throw signal;
    return status;
  } finally {
    shell.callDepth = callDepth;
  }
}

async function endStatus(shell: ShellState, act: () => Promise<number>): Promise<number> {
  try {
    return await act();
  } catch (signal) {
    if (signal instanceof ExitSignal || signal instanceof ReturnSignal) {
      shell.status = signal.status;
      return signal.status;
    }
    // `break` in a subshell leaves the subshell.
    if (signal instanceof BreakSignal || signal instanceof ContinueSignal) return 0;
    if (signal instanceof ShellFault) {
      shell.complain(signal.message, { isInner: signal.isInner });
      shell.status = signal.status;
      return signal.status;
    }
    throw signal;
  }
}
