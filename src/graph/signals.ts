import { PlanFault } from './fault';

const NAMES =
  'ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT SEGV STKFLT STOP SYS TERM TRAP TSTP TTIN TTOU URG USR1 USR2 VTALRM WINCH XCPU XFSZ RTMIN RTMAX'.split(
    ' ',
  );
const REAL_TIME = { 'RTMIN+': 15, 'RTMAX-': 14 };

/** The signals of Linux (signal(7)), as a STOPSIGNAL names them: with or without `SIG`, in any case. */
const SIGNALS: ReadonlySet<string> = new Set([
  ...NAMES,
  ...Object.entries(REAL_TIME).flatMap(([name, count]) =>
    Array.from({ length: count }, (_, index) => `${name}${index + 1}`),
  ),
]);

/** Throws `PlanFault` for a signal that is none. A number is taken as it is. */
export function checkSignal(signal: string): void {
  const isNumber = /^[-+]?\d+$/.test(signal);
  const isKnown = isNumber ? Number(signal) !== 0 : SIGNALS.has(signal.toUpperCase().replace(/^SIG/, ''));
  if (!isKnown) throw new PlanFault(`invalid signal: ${signal}`);
}
