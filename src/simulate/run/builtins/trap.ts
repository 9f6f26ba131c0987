import { NotSimulated } from '../command';
import { quoteAlways, quotePlainly } from '../interpreter/reusable';
import type { ShellState } from '../interpreter/shell-state';
import type { Builtin } from './builtin';

/** Signals of Linux by their number; 0 is the end of the shell. */
const SIGNALS =
  'EXIT HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS'.split(
    ' ',
  );

/** `trap`: EXIT and ERR act; signals do not arrive in a build. */
export const trapBuiltin: Builtin = ({ shell, args }) => {
  if (/^-[^-]/.test(args[0] ?? '') && !(shell.isBash && /^-[lp]/.test(args[0]!)))
    return shell.dialect !== 'bash' && args[0] !== '-l'
      ? shell.misuse('trap', args[0]!.slice(0, 2), true)
      : refuse(args[0]!);
  const words = args[0] === '--' ? args.slice(1) : args;
  if (words.length === 0 || words[0] === '-p') {
    if (words.length > 1) throw new NotSimulated('`trap -p` of single signals is not simulated');
    list(shell);
    return 0;
  }
  if (words[0] === '-l') return refuse('-l');
  const [action] = words as [string, ...string[]];
  const resets = action === '-' || /^\d+$/.test(action) || words.length === 1;
  const signals = resets && action !== '-' ? words : words.slice(1);
  return signals.map((word) => set(shell, word, resets ? undefined : action)).includes(false) ? 1 : 0;
};

function refuse(option: string): never {
  throw new NotSimulated(`\`trap ${option}\` is not simulated`);
}

function set(shell: ShellState, word: string, action: string | undefined): boolean {
  const signal = signalName(shell, word);
  if (signal === undefined) {
    if (shell.dialect === 'dash') shell.say(`trap: ${word}: bad trap`, true);
    else shell.complain(`trap: ${word}: invalid signal specification`);
    return false;
  }
  if (signal === 'DEBUG' || signal === 'RETURN' || /^\d+$/.test(signal))
    throw new NotSimulated(`\`trap … ${word}\` is not simulated`);
  shell.shownTraps = undefined;
  if (action === undefined) shell.traps.delete(signal);
  else shell.traps.set(signal, action);
  return true;
}

function signalName(shell: ShellState, word: string): string | undefined {
  if (/^\d+$/.test(word)) return SIGNALS[Number(word)] ?? (Number(word) <= 64 ? word : undefined);
  const upper = word.toUpperCase();
  const isPrefixed = upper.startsWith('SIG');
  if (isPrefixed && shell.dialect === 'dash') return undefined;
  const name = isPrefixed ? upper.slice(3) : upper;
  if (name === 'EXIT' && isPrefixed && shell.isBash) return undefined;
  if (SIGNALS.includes(name)) return name;
  if (/^RTM(?:IN|AX)/.test(name)) throw new NotSimulated(`\`trap … ${word}\` is not simulated`);
  if (shell.dialect === 'dash') return undefined;
  if (name === 'ERR') return name;
  return shell.isBash && /^(?:DEBUG|RETURN)$/.test(name) ? name : undefined;
}

/** In the order of their numbers; a subshell of bash still shows what it did not inherit. */
function list(shell: ShellState): void {
  const traps = shell.shownTraps ?? shell.traps;
  for (const signal of [...SIGNALS, 'ERR']) {
    const action = traps.get(signal);
    if (action === undefined) continue;
    const quoted = shell.isBash ? quoteAlways(action, shell.characters.utf8) : quotePlainly(action);
    const name = shell.isBash && signal !== 'EXIT' && signal !== 'ERR' ? `SIG${signal}` : signal;
    shell.descriptors.output(1).write(`trap -- ${quoted} ${name}\n`);
  }
}
