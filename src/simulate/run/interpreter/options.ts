import type { Dialect } from './dialect';
import type { Option, ShellState } from './shell-state';

/** Letters that a shell takes on its command line and `set` changes. */
export const shellLetters = 'abCefhimnpuvxBEHPTkrst';

/** The names of settings that matter, with their letters. */
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

/** All that a shell knows, as it lists them. */
const KNOWN: Readonly<Record<Dialect, readonly string[]>> = {
  dash: 'errexit noglob ignoreeof interactive monitor noexec stdin xtrace verbose vi emacs noclobber allexport notify nounset privileged nolog debug'.split(
    ' ',
  ),
  // dash knows no pipefail before 0.5.13, which no stable Debian has.
  ash: 'errexit noglob ignoreeof monitor noexec xtrace verbose noclobber allexport notify nounset errtrace vi pipefail'.split(
    ' ',
  ),
  bash: 'allexport braceexpand emacs errexit errtrace functrace hashall histexpand history ignoreeof interactive-comments keyword monitor noclobber noexec noglob nolog notify nounset onecmd physical pipefail posix privileged verbose vi xtrace'.split(
    ' ',
  ),
};

/** Turns a setting on or off by its letter or name; false when this shell does not know it. */
export function setOption(shell: ShellState, name: string, on: boolean): boolean {
  const option = name.length === 1 ? (name as Option) : NAMES[name];
  if (name.length === 1 && !shellLetters.includes(name)) return false;
  if (name.length > 1 && !KNOWN[shell.dialect].includes(name)) return false;
  // What has no effect on a build is taken and forgotten.
  if (option === undefined) return true;
  if (on) shell.options.add(option);
  else shell.options.delete(option);
  return true;
}

/** Whether a setting is on; undefined for a name that this shell does not know. */
export function isOn(shell: ShellState, name: string): boolean | undefined {
  if (!KNOWN[shell.dialect].includes(name)) return undefined;
  if (name === 'interactive-comments') return true;
  const option = NAMES[name] ?? (name === 'stdin' ? 's' : undefined);
  return option !== undefined && shell.options.has(option);
}

/** For `set -o` and `set +o`: each setting and whether it is on. */
export function listOptions(shell: ShellState): { readonly name: string; readonly on: boolean }[] {
  return KNOWN[shell.dialect].map((name) => ({ name, on: isOn(shell, name) ?? false }));
}
