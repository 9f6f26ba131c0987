import { PosixError } from '../../../filesystem/posix';
import type { CommandContext } from '../command';

/** Writes `NAME: text` to standard error, as `error(3)` does. */
export function complain(context: CommandContext, text: string): void {
  context.stderr.write(`${context.name}: ${text}\n`);
}

/** Complains and gives the exit code, for `return fail(context, 'missing operand')`. */
export function fail(context: CommandContext, text: string, exitCode = 1): number {
  complain(context, text);
  return exitCode;
}

/** The same with coreutils' second line. */
export function failUsage(context: CommandContext, text: string, exitCode = 1): number {
  complain(context, text);
  context.stderr.write(`Try '${context.name} --help' for more information.\n`);
  return exitCode;
}

/**
 * Does something to a file; where the file system refuses, complains with `words` and the cause. Says whether it
 * went well. `words` with a `%` has the cause put there instead of at its end.
 */
export function attempt(context: CommandContext, words: string, action: () => void): boolean {
  try {
    action();
    return true;
  } catch (error) {
    complain(context, `${words}: ${causeOf(error)}`);
    return false;
  }
}

/** The words of `strerror` for a refusal of the file system; everything else is thrown on. */
export function causeOf(error: unknown): string {
  if (error instanceof PosixError) return error.reason;
  throw error;
}

/**
 * A name as coreutils quote it in messages (gnulib's `shell-escape-always`): in single quotes, in double quotes
 * when it has a single one, control characters as `$'\n'`.
 */
export function quote(name: string): string {
  if (/[\x00-\x1f\x7f]/.test(name)) return quoteControls(name);
  if (name.includes("'") && !/["$`\\!]/.test(name)) return `"${name}"`;
  return `'${name.replaceAll("'", "'\\''")}'`;
}

const ESCAPES: Record<string, string> = {
  '\n': '\\n',
  '\t': '\\t',
  '\r': '\\r',
  '\f': '\\f',
  '\v': '\\v',
  '\b': '\\b',
};

function quoteControls(name: string): string {
  const pieces = name.split(/([\x00-\x1f\x7f]+)/);
  return pieces
    .map((piece, index) => {
      if (index % 2 === 0) return piece === '' && index > 0 ? '' : `'${piece.replaceAll("'", "'\\''")}'`;
      const escaped = [...piece].map(
        (c) => ESCAPES[c] ?? `\\${c.charCodeAt(0).toString(8).padStart(3, '0')}`,
      );
      return `$'${escaped.join('')}'`;
    })
    .join('');
}

/** As `ls` and `stat %N` quote: only where a shell would need it. */
export function quoteIfNeeded(name: string): string {
  return /^[A-Za-z0-9_./,:@%+=-]+$/.test(name) ? name : quote(name);
}
