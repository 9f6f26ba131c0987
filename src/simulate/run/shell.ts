import { QuotaExceeded } from '../../filesystem/posix';
import { type Certainty, leastCertain, unknown } from '../../layers/certainty';
import { EMPTY_CONTENT, inlineContent } from '../../layers/content';
import { encodeText } from './bytes';
import { NotSimulated } from './command';
import { Descriptors } from './descriptors';
import type { RunReport, RunRequest, ShellEngine } from './engine';
import { Tail } from './output';
import { runProgram } from './program';
import { Session } from './session';

/** Characters of output that a report keeps. */
const KEPT_OUTPUT = 4096;

/**
 * Simulates a process of the container: finds the program in the image and does to `request.fileSystem` what it
 * would do. Never throws for what the script does; a limit of the simulation makes the report `unknown`.
 */
export const runShell: ShellEngine['run'] = async (request: RunRequest): Promise<RunReport> => {
  const session = new Session(request);
  const stdout = new Tail(KEPT_OUTPUT);
  const stderr = new Tail(KEPT_OUTPUT);
  const stdin = request.stdin === undefined ? EMPTY_CONTENT : inlineContent(encodeText(request.stdin));
  const descriptors = Descriptors.standard(stdin, stdout, stderr);
  const { credentials, umask } = request.fileSystem;
  request.fileSystem.takeDoubts();
  const end = await endOf(session, async () => {
    const { env, cwd } = request;
    const outcome = await runProgram(session, request.argv, { env, cwd, descriptors, isFirst: true });
    if (outcome.failure) stderr.write(startFailure(request.argv[0] ?? '', outcome.failure));
    return outcome.exitCode;
  });
  request.fileSystem.credentials = credentials;
  request.fileSystem.umask = umask;
  const { reports: commands, guess } = session;
  const { openRegions } = request.fileSystem;
  return { ...end, commands, openRegions, guess, stdout: stdout.text, stderr: stderr.text };
};

function startFailure(name: string, failure: string): string {
  const words = failure === 'absent' ? 'no such file or directory' : failure.toLowerCase();
  return `exec: "${name}": ${words}\n`;
}

async function endOf(
  session: Session,
  act: () => Promise<number>,
): Promise<{ readonly exitCode: number; readonly certainty: Certainty }> {
  try {
    const exitCode = await act();
    await session.flush();
    // A build that fails by a guess shows that the guess is wrong.
    if (exitCode !== 0 && session.chosen !== undefined)
      throw new NotSimulated(`it ends with ${exitCode} where it rests on a guess: ${session.chosen}`);
    if (session.restInDoubt !== undefined) session.openRegion('/', session.restInDoubt);
    return { exitCode, certainty: session.certainty };
  } catch (error) {
    const reason = reasonOf(error);
    session.openRegion('/', reason);
    await session.flush().catch(() => undefined);
    return { exitCode: 0, certainty: leastCertain([session.certainty, unknown(reason)]) };
  }
}

/** A fault of ours is told like a limit of ours, so that one line does not take the whole inspection down. */
function reasonOf(error: unknown): string {
  if (error instanceof NotSimulated) return error.reason;
  if (error instanceof QuotaExceeded) return error.message;
  // What JavaScript cannot hold: its strings end at half a gigabyte, its calls at some ten thousand.
  if (error instanceof RangeError && /call stack/.test(error.message)) return 'stopped at a nesting too deep';
  if (error instanceof RangeError && /digits/.test(error.message))
    return 'stopped at a number of too many digits';
  if (error instanceof RangeError && /length|allocation/.test(error.message))
    return 'stopped at a text that is too long to hold';
  return `the simulation failed: ${error instanceof Error ? error.message : String(error)}`;
}
