import { inCall } from './call-stack';
import { ReturnSignal, ShellFault } from './control';
import { RedirectFault, redirect, restore, type Saved } from './redirect';
import type { ShellState } from './shell-state';
import type { CommandNode, FunctionNode } from './syntax';

/** Calls a function (POSIX XCU 2.9.5): its arguments are the positional parameters until it returns. */
export async function callFunction(
  shell: ShellState,
  { name, body, redirections }: FunctionNode,
  args: readonly string[],
  execute: (shell: ShellState, command: CommandNode) => Promise<number>,
): Promise<number> {
  const { positional, loops } = shell;
  const code = shell.definedIn.get(name) ?? { source: 'environment', text: undefined };
  const saved: Saved = new Map();
  shell.positional = args;
  // dash forgets the loops outside, so that `break` in a function cannot leave them; bash does so too.
  shell.loops = 0;
  shell.callDepth++;
  shell.variables.enter();
  // A function does not inherit the trap of failures but with `set -E`.
  const onError = shell.options.has('E') ? undefined : shell.traps.get('ERR');
  if (onError !== undefined) shell.traps.delete('ERR');
  try {
    await redirect(shell, redirections, saved);
    const called = { name, isFunction: true };
    return await inCall(shell, called, code, () => shell.session.deeper(() => execute(shell, body)));
  } catch (signal) {
    if (signal instanceof ReturnSignal) return signal.status;
    if (signal instanceof ShellFault && shell.isBash) signal.isInner = true;
    if (!(signal instanceof RedirectFault)) throw signal;
    shell.complain(signal.message);
    return 1;
  } finally {
    if (onError !== undefined && !shell.traps.has('ERR')) shell.traps.set('ERR', onError);
    shell.variables.leave();
    restore(shell, saved);
    shell.callDepth--;
    shell.loops = loops;
    shell.positional = positional;
  }
}
