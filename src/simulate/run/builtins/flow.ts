import { BreakSignal, ContinueSignal, ExitSignal, ReturnSignal, ShellFault } from '../interpreter/control';
import type { ShellState } from '../interpreter/shell-state';
import { holdsUnknown, reasonOfUnknown } from '../unknown-text';
import type { Builtin, BuiltinCall } from './builtin';

export const breakBuiltin: Builtin = (call) => leaveLoop(call, (count) => new BreakSignal(count));
export const continueBuiltin: Builtin = (call) => leaveLoop(call, (count) => new ContinueSignal(count));

function leaveLoop({ shell, name, args }: BuiltinCall, signal: (count: number) => unknown): number {
  const [text] = args;
  const count = text === undefined ? 1 : Number(text);
  if (!Number.isInteger(count) || text?.trim() === '') {
    // bash ends with a status that no other fault has.
    if (shell.isBash) throw new ShellFault(`${name}: ${text}: numeric argument required`, 128, true);
    throw illegalNumber(name, text!);
  }
  if (count < 1) {
    if (!shell.isBash) throw illegalNumber(name, text!);
    throw new ShellFault(`${name}: ${text}: loop count out of range`, 1, false);
  }
  if (shell.loops === 0) {
    if (shell.isBash) shell.complain(`${name}: only meaningful in a \`for', \`while', or \`until' loop`);
    return 0;
  }
  throw signal(Math.min(count, shell.loops));
}

function illegalNumber(name: string, text: string): ShellFault {
  return new ShellFault(`${name}: Illegal number: ${text}`, 2, true);
}

export const returnBuiltin: Builtin = ({ shell, args }) => {
  if (shell.callDepth === 0 && shell.isBash) {
    throw new ShellFault("return: can only `return' from a function or sourced script", 2, shell.isPosix);
  }
  const status = statusOf(shell, 'return', args[0]);
  if (shell.callDepth > 0) throw new ReturnSignal(status);
  throw new ExitSignal(status & 0xff);
};

export const exitBuiltin: Builtin = ({ shell, args }) => {
  if (shell.isBash && args.length > 1) throw new ShellFault('exit: too many arguments', 1, true);
  throw new ExitSignal(statusOf(shell, 'exit', args[0]) & 0xff);
};

function lastStatus({ session, status, statusDoubt }: ShellState): number {
  if (statusDoubt === undefined) return status;
  session.leaveUndecided(statusDoubt, statusDoubt);
  return 0;
}

const NUMBERS = { dash: /^\s*\+?\d+\s*$/, ash: /^\d+$/, bash: /^\s*[-+]?\d+\s*$/ };

/** Only bash takes negative numbers, and cuts a status to a byte before a function returns it. */
function statusOf(shell: ShellState, name: string, text: string | undefined): number {
  if (text === undefined) return lastStatus(shell);
  if (holdsUnknown(text)) {
    const reason = reasonOfUnknown(text);
    shell.session.leaveUndecided(reason, reason);
    return 0;
  }
  if (!NUMBERS[shell.dialect].test(text)) {
    if (!shell.isBash) throw illegalNumber(name, text);
    const words = `${name}: ${text}: numeric argument required`;
    if (name === 'exit') throw new ShellFault(words, 2, true);
    shell.complain(words);
    return 2;
  }
  return shell.dialect === 'dash' ? Number(text) : Number(BigInt(text.trim().replace('+', '')) & 0xffn);
}
