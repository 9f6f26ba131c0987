import { BreakSignal, ContinueSignal, ExitSignal, ReturnSignal, ShellFault } from '../interpreter/control';
import type { Builtin, BuiltinCall } from './builtin';

export const breakBuiltin: Builtin = (call) => leaveLoop(call, (count) => new BreakSignal(count));
export const continueBuiltin: Builtin = (call) => leaveLoop(call, (count) => new ContinueSignal(count));

function leaveLoop({ shell, name, args }: BuiltinCall, signal: (count: number) => unknown): number {
  const count = args[0] === undefined ? 1 : Number(args[0]);
  if (!Number.isInteger(count) || count < 1) {
    throw new ShellFault(`${name}: ${args[0]}: loop count out of range`, shell.isBash ? 1 : 2, !shell.isBash);
  }
  if (shell.loops === 0) return 0;
  throw signal(Math.min(count, shell.loops));
}

export const returnBuiltin: Builtin = ({ shell, args }) => {
  const status = statusOf(args[0], shell.status);
  if (shell.callDepth > 0) throw new ReturnSignal(status);
  if (!shell.isBash) throw new ExitSignal(status);
  shell.complain("return: can only `return' from a function or sourced script");
  return 2;
};

export const exitBuiltin: Builtin = ({ shell, args }) => {
  if (args[0] !== undefined && !/^[-+]?\d+$/.test(args[0])) {
    throw new ShellFault(
      shell.isBash ? `exit: ${args[0]}: numeric argument required` : `exit: Illegal number: ${args[0]}`,
      2,
      true,
    );
  }
  throw new ExitSignal(statusOf(args[0], shell.status));
};

function statusOf(text: string | undefined, current: number): number {
  return text === undefined ? current : Number(text) & 0xff;
}
