import type { Option, ShellState } from './shell-state';

/** Letters that a shell takes on its command line and `set` changes. */
export const shellLetters = 'abCefhimnpuvxBEHPTkrst';

const NAMES: Readonly<Record<string, Option>> = {
  allexport: 'a',
  notify: 'b',
  noclobber: 'C',
  errexit: 'e',
  noglob: 'f',
  hashall: 'h',
  monitor: 'm',
  noexec: 'n',
  nounset: 'u',
  verbose: 'v',
  xtrace: 'x',
  braceexpand: 'B',
  errtrace: 'E',
  functrace: 'T',
  pipefail: 'pipefail',
  posix: 'posix',
};
/** Accepted and without any effect on a build. */
const WITHOUT_EFFECT = new Set([
  'emacs',
  'vi',
  'history',
  'histexpand',
  'ignoreeof',
  'interactive-comments',
  'nolog',
  'physical',
  'privileged',
  'keyword',
  'onecmd',
  'debug',
  'interactive',
  'stdin',
]);

/** Turns a setting on or off by its letter or name; false when this shell does not know it. */
export function setOption(shell: ShellState, name: string, on: boolean): boolean {
  const option = name.length === 1 ? (name as Option) : NAMES[name];
  if (name.length === 1 && !shellLetters.includes(name)) return false;
  if (option === undefined) return WITHOUT_EFFECT.has(name);
  // dash knows no pipefail before 0.5.13, which no stable Debian has.
  if (option === 'pipefail' && shell.dialect === 'dash') return false;
  if (on) shell.options.add(option);
  else shell.options.delete(option);
  return true;
}

/** For `set +o`: each setting and whether it is on. */
export function listOptions(shell: ShellState): { readonly name: string; readonly on: boolean }[] {
  return Object.entries(NAMES)
    .filter(([, option]) => shell.isBash || !['B', 'E', 'T', 'h', 'posix', 'pipefail'].includes(option))
    .map(([name, option]) => ({ name, on: shell.options.has(option) }));
}
