import { unknown } from '../../../layers/certainty';
import { NotSimulated } from '../command';
import { ExitSignal, ReturnSignal, ShellFault } from './control';
import type { ShellState } from './shell-state';

/** Commands that are listed; a loop may run any number. */
const REPORTED = 5000;
/** Characters of a command. */
const SHOWN_LENGTH = 500;

/**
 * Lists a command among those that ran: how far it is to be trusted since `mark`, where its expansions began, how it
 * ended and what it touched. Commands that it ran stand for it.
 */
export async function reported(
  { session }: ShellState,
  { text, mark }: { readonly text: string; readonly mark: number },
  act: () => Promise<number>,
): Promise<number> {
  const shown = text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text;
  const place = session.reports.length;
  const touched = session.watch();
  if (session.inDoubt !== undefined)
    session.model(`whether it runs is not known: ${session.inDoubt}`, session.inDoubt);
  const report = (exitCode: number | undefined) => {
    if (session.reports.length > place || place >= REPORTED) return;
    const certainty = session.certaintySince(mark);
    session.reports.push({
      text: shown,
      certainty,
      touched: touched(),
      ...(exitCode !== undefined && { exitCode }),
    });
  };
  try {
    const exitCode = await act();
    await session.flush();
    report(exitCode);
    return exitCode;
  } catch (error) {
    if (error instanceof NotSimulated && session.firstFailure !== error) {
      session.firstFailure = error;
      session.reports.push({ text: shown, certainty: unknown(error.reason), touched: touched() });
    }
    report(statusOf(error));
    throw error;
  }
}

/** `exit 3`, `return 1` and what ends a shell leave it this way. */
function statusOf(error: unknown): number | undefined {
  const isEnd = error instanceof ExitSignal || error instanceof ReturnSignal || error instanceof ShellFault;
  return isEnd ? error.status : undefined;
}
