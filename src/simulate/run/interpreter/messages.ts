import type { Dialect } from './dialect';

/**
 * Messages whose words are those of the real shell, after its name and line: each is a row of the golden scripts. Others are told
 * by memory, which does for a log, but not for a file or a variable.
 */
const PROVEN: Readonly<Record<Dialect, readonly RegExp[]>> = {
  dash: [
    /^(?:exec: |\.: )?[^:]+: (?:not found|Permission denied)$/,
    /^(?:cannot (?:open|create) .+): (?:No such file|Directory nonexistent|Permission denied|Is a directory|File exists)$/,
    /^\w+: parameter not set(?: or null)?$/,
    /^\w+: is read only$/,
    /^(?:break|exit|return|shift|wait|test|\[): Illegal number: .*$/,
    /^\w+: Illegal option -.$/,
    /^\w+: [^:]+: bad variable name$/,
    /^(?:test|\[): \S+: unexpected operator$/,
    /^cd: can't cd to .+$/,
    /^shift: can't shift that many$/,
    /^(?:test|\[): (?:missing \]|\S+: argument expected)$/,
    /^local: not in a function$/,
    /^printf: .*(?:not completely converted|expected numeric value|Numerical result out of range|invalid directive|missing format character)$/,
    /^Bad substitution$/,
    /^\.: cannot open .*: No such file$/,
    /^arithmetic expression: division by zero: ".*"$/,
  ],
  bash: [
    /^[^:]+: (?:command not found|Permission denied|Is a directory|No such file or directory)$/,
    /^\$?\w+: unbound variable$/,
    /^\w+: readonly variable$/,
    /^\w+: parameter (?:null or )?not set$/,
    /^(?:exit|return|shift|break|continue): .*: numeric argument required$/,
    /^(?:test|\[): .*: integer expression expected$/,
    /^(?:test|\[): .*(?:unary|binary) operator expected$/,
    /^cd: .*: (?:No such file or directory|Not a directory)$/,
    /^cd: (?:HOME|OLDPWD) not set$/,
    /^\S+: cannot overwrite existing file$/,
    /^printf: .*: invalid (?:octal |hex )?number$/,
    /^local: can only be used in a function$/,
    /^(?:break|continue): only meaningful in a `for', `while', or `until' loop$/,
    /^exec: .*: not found$/,
    /^(?:test|\[): missing `\]'$/,
  ],
  ash: [
    /^[^:]+: (?:not found|Permission denied)$/,
    /^can't (?:open|create) .*: (?:no such file|nonexistent directory|Permission denied|Is a directory)$/,
  ],
};

export function isProven(dialect: Dialect, message: string): boolean {
  return PROVEN[dialect].some((pattern) => pattern.test(message));
}

/** What a shell says of an option that a built-in does not have, and whether it says more after it. */
export function illegalOption(dialect: Dialect, name: string, option: string): string {
  if (dialect === 'bash') return `${name}: ${option}: invalid option`;
  return dialect === 'dash'
    ? `${name}: Illegal option ${option}`
    : `${name}: line 0: illegal option ${option}`;
}
