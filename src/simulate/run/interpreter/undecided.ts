import type { RestsOnGuess } from '../command';
import { BreakSignal, ContinueSignal, ExitSignal, ReturnSignal, ShellFault } from './control';
import { assignedIn, type Fate, fateOf, isOfBuild } from './fate';
import type { ShellState } from './shell-state';
import type { StatementNode } from './syntax';

/**
 * What a script does behind a status that only a real build knows, such as that of `[ -f PATH ]` where a package manager
 * may have written. Such a status passes as 0, with the reason beside it (`session.undecided`) until the next command.
 *
 * - Where nothing but the end of the build hangs on it (it leads out of the RUN, or `set -e` is on), the file builds, so it
 *   is 0: nothing is to be done.
 * - Where it chooses what runs next, the branch is run that does something, *in doubt*: what it changed is an open region
 *   afterwards, what it made carries a doubt of its own, what it set is unknown text, what it printed too, and its commands
 *   are reported as modelled. A branch that ends the build is one that does not run.
 * - Of the other branch nothing is run. If it would do more than print, all of the file system is open from there on, and
 *   the variables that it names are unknown.
 * - A branch that leaves what it stands in (`return`, `exit 0`, `break`) is taken not to run, but in a `while`; in either
 *   case nobody knows whether any of the rest does: all that it does is in doubt, to the end of the RUN.
 *
 * A RUN that comes to fail after such a choice is unknown: the choice was wrong.
 */
export function undecided({ session }: ShellState, { reason, guess }: RestsOnGuess): number {
  session.leaveUndecided(`${reason}: which way it goes on is not known`, guess);
  return 0;
}

/** Runs the branch that is likelier to matter, of which the others are not run. */
export async function inBranch(
  shell: ShellState,
  reason: string,
  act: () => Promise<number>,
  others: readonly StatementNode[] = [],
): Promise<number> {
  const { session, cwd, functions } = shell;
  const before = shell.variables.fork();
  const { positional } = shell;
  const { umask } = session.fileSystem;
  const traps = new Map(shell.traps);
  shell.functions = new Map(functions);
  printInDoubt(shell, reason);
  const outer = session.inDoubt;
  session.inDoubt ??= reason;
  session.guess ??= reason;
  session.chosen ??= reason;
  let status = 0;
  try {
    status = await session.fileSystem.inDoubt(reason, async () => {
      const done = await stayingHere(shell, reason, act);
      await session.flush();
      return done;
    });
  } finally {
    session.inDoubt = session.restInDoubt ?? outer;
  }
  if (session.fileSystem.umask !== umask || !sameTraps(traps, shell.traps)) doubtRest(shell, reason);
  if (shell.cwd !== cwd) session.openRegion(cwd, reason);
  const isOther = fateOf(shell, others) === 'acts';
  const hasOtherFunctions = [...shell.functions].some(([name, body]) => functions.get(name) !== body);
  if (isOther || hasOtherFunctions || shell.positional !== positional) session.openRegion('/', reason);
  forget(shell, before, others, reason);
  if (status !== 0 || others.length > 0) session.undecided ??= reason;
  return 0;
}

function sameTraps(some: ReadonlyMap<string, string>, others: ReadonlyMap<string, string>): boolean {
  return some.size === others.size && [...some].every(([signal, action]) => others.get(signal) === action);
}

/**
 * Decides of a branch that fails or leaves: whether it is the one after all. Only a `while` is left by the first way out,
 * for it has to end some time.
 */
export function goesThere(shell: ShellState, reason: string, fate: Fate): boolean {
  if (fate === 'fails') return false;
  doubtRest(shell, reason);
  return fate === 'leaves' && shell.inWhile;
}

/** Whether any of the rest runs is not known: it is taken to, and all that it may do is in doubt. */
function doubtRest({ session }: ShellState, reason: string): void {
  session.restInDoubt ??= reason;
  session.inDoubt ??= reason;
  session.guess ??= reason;
  session.openRegion('/', reason);
}

/** A branch that would end the build after all was not taken; one that leaves otherwise may have been. */
async function stayingHere(shell: ShellState, reason: string, act: () => Promise<number>): Promise<number> {
  try {
    return await act();
  } catch (signal) {
    const isExit = signal instanceof ExitSignal || signal instanceof ShellFault;
    const leaves =
      signal instanceof ReturnSignal || signal instanceof BreakSignal || signal instanceof ContinueSignal;
    if (!isExit && !leaves) throw signal;
    const endsBuild = isExit && signal.status !== 0 && isOfBuild(shell);
    if (!endsBuild) doubtRest(shell, reason);
    return 0;
  }
}

/** Who reads what the branches print reads text that is not known. */
function printInDoubt({ descriptors }: ShellState, reason: string): void {
  const output = descriptors.output(1);
  if (!output.isLog) output.write({ kind: 'placeholder', size: 0, reason });
}

/** Variables of the shell itself, which go with where it is rather than with what a branch sets. */
const OWN = new Set('PWD OLDPWD IFS _ OPTIND PPID SHLVL'.split(' '));

/** What one branch sets and another does not is not known afterwards. */
function forget(
  shell: ShellState,
  before: ShellState['variables'],
  others: readonly StatementNode[],
  reason: string,
): void {
  const { variables, session } = shell;
  const names = new Set([...variables.names(), ...before.names()].filter((name) => !isSame(name)));
  for (const name of assignedIn(others)) names.add(name);
  for (const name of names) {
    if (OWN.has(name)) continue;
    // Programs have still to be found somewhere; those that are not may be.
    if (name === 'PATH') shell.unknownVariables ??= reason;
    else {
      const attributes = variables.raw(name) ?? before.raw(name);
      const value = session.unknownText(reason);
      variables.put(name, { ...attributes, value, list: undefined, map: undefined });
    }
  }

  function isSame(name: string): boolean {
    const [now, then] = [variables.raw(name), before.raw(name)];
    return now === then || (now?.value === then?.value && now?.list === then?.list && now?.map === then?.map);
  }
}
