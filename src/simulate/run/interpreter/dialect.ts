/** Which shell a file is: Debian's and Ubuntu's `sh`, bash, or busybox's `sh`. */
export type Dialect = 'dash' | 'bash' | 'ash';

/** Arrays, brace expansion, `<<<`, `<(…)` and the other things that only bash has. */
export function isBash(dialect: Dialect): boolean {
  return dialect === 'bash';
}
