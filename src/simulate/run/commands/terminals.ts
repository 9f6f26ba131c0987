import type { CommandContext } from '../command';
import { fail, failUsage, quote } from './complaints';
import { printText } from './input';
import { notSimulated, parseOptions } from './options';

/** GNU coreutils manual, "tty invocation": nothing in a build has a terminal. */
export function tty(context: CommandContext): number {
  const options = parseOptions(context, ['-s --silent --quiet']);
  const [extra] = options.operands;
  if (extra !== undefined) return failUsage(context, `extra operand ${quote(extra)}`, 2);
  if (!options.has('quiet')) printText(context, 'not a tty\n');
  return 1;
}

/** GNU coreutils manual, "logname invocation": nobody logs in to a build. */
export function logname(context: CommandContext): number {
  const [extra] = parseOptions(context, []).operands;
  if (extra !== undefined) return failUsage(context, `extra operand ${quote(extra)}`);
  return fail(context, 'no login name');
}

/** `users` and `who`, which print who is logged in. */
export function listLogins(context: CommandContext): number {
  const isListed = context.fileSystem.find('/run/utmp').kind !== 'absent';
  if (context.args.length > 0 || isListed) throw notSimulated(context.name, context.args.join(' '));
  return 0;
}
