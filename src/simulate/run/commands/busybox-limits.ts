import { type CommandContext, NotSimulated } from '../command';

/** Calls whose output busybox formats in its own way, or that it does not know at all; by name, its arguments tested. */
const OTHERWISE: Readonly<Record<string, (args: readonly string[]) => boolean>> = {
  date: () => true,
  df: () => true,
  diff: () => true,
  du: () => true,
  find: (args) => args.some((arg) => /^-(printf|fprintf?|ls|regextype|newer.+|fstype|anewer|cnewer)$/.test(arg)),
  ls: (args) => args.some((arg) => /^-[^-]*[FgGilnosph]/.test(arg)),
  nl: () => true,
  od: () => true,
  stat: (args) => !args.includes('-c'),
  wc: (args) => args.filter((arg) => /^-[clwmL]$/.test(arg)).length !== 1 || args.length > 2,
  xargs: (args) => args.some((arg) => /^-[da]/.test(arg)),
};
/** Of these only the output differs, so that it counts only where it is kept. */
const ONLY_IN_OUTPUT = new Set(['date', 'df', 'diff', 'du', 'ls', 'nl', 'od', 'stat', 'wc']);

/**
 * Programs here follow GNU. Where busybox certainly or possibly does another thing, this throws `NotSimulated`: seen
 * in a real build, or read in busybox's own help.
 */
export function refuseWhereBusyboxDiffers({ name, args, stdout }: CommandContext): void {
  const long = args.find((arg) => /^--[a-z]/.test(arg));
  if (long !== undefined) throw new NotSimulated(`\`${name} ${long}\` of busybox is not simulated`);
  if (ONLY_IN_OUTPUT.has(name) && stdout.isLog) return;
  if (OTHERWISE[name]?.(args)) throw new NotSimulated(`\`${[name, ...args].join(' ').slice(0, 40)}\` of busybox is not simulated`);
}
