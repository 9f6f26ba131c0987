import { baseName } from '../../layers/path';
import type { Output } from './command';
import type { Session } from './session';

const GONE = 'No such file or directory';

/**
 * Messages of GNU programs whose words are rows of the golden commands, with quoted names as `'…'`. The others are told by memory,
 * which does for a log.
 */
const PROVEN: readonly RegExp[] = [
  new RegExp(`^(?:cat|cmp|cut|diff|grep|md5sum|realpath|sha\\d+sum|tee|wc): .+: ${GONE}$`),
  /^(?:cat|grep|tee|wc): .+: Is a directory$/,
  new RegExp(`^(?:chmod|chown|ls): cannot access '…': ${GONE}$`),
  new RegExp(`^(?:cp|install|mv): cannot stat '…': ${GONE}$`),
  new RegExp(`^(?:stat: cannot statx|find:|env:|touch: cannot touch) '…': ${GONE}$`),
  new RegExp(`^(?:head: cannot open '…' for reading|sed: can't read .+|sort: cannot read: .+): ${GONE}$`),
  /^(?:cp|ln|mv): '…' and '…' are the same file$/,
  /^ln: failed to create symbolic link '…': (?:File exists|No such file or directory)$/,
  /^mkdir: cannot create directory '…': (?:File exists|No such file or directory|Not a directory)$/,
  /^mv: cannot move '…' to '…': (?:Directory not empty|Not a directory)$/,
  /^rm: cannot remove '…': (?:Not a directory|Is a directory|No such file or directory|Directory not empty)$/,
  /^rmdir: failed to remove '…': (?:Not a directory|Directory not empty|No such file or directory)$/,
  /^(?:chmod: invalid mode|chown: invalid (?:user|group)|chgrp: invalid group): '…'$/,
  /^gzip: (?:.+: No such file or directory|stdin: not in gzip format|.+ already exists;\tnot overwritten)$/,
  /^grep: .+: binary file matches$/,
  /^(?:basename|expr|seq|tr): missing operand$/,
  /^tar: (?:This does not look like a tar archive|Child returned status 1|Error is not recoverable: exiting now|Exiting with failure status due to previous errors)$/,
  /^awk: cannot open .+ \(No such file or directory\)$/,
  /^xargs: .+: No such file or directory$/,
  /^su: warning: cannot change directory to .+: No such file or directory$/,
  /^su: user .+ does not exist or the user entry does not contain all the required fields$/,
  /^sudo: .+: command not found$/,
];

function isProven(line: string, utf8: boolean): boolean {
  // In a locale of UTF-8 some of the quotes are others.
  if (utf8 && line.includes("'")) return false;
  const shape = line.replace(/'[^']*'/g, "'…'");
  return PROVEN.some((pattern) => pattern.test(shape));
}

/** Standard error of a GNU program: where a message is kept whose words are not proven, that makes it a guess. */
export function provenOnly(
  output: Output,
  session: Session,
  called: string,
  { utf8 }: { readonly utf8: boolean },
): Output {
  if (output.isLog) return output;
  const name = baseName(called);
  return {
    ...(output.keepsOrder ? { keepsOrder: true } : {}),
    write(piece) {
      const lines = typeof piece === 'string' ? piece.split('\n') : [];
      // Called by a path, most programs name that in their messages.
      const isDoubtful = lines.some(
        (line) => line.startsWith(`${name}: `) && (name !== called || !isProven(line, utf8)),
      );
      if (isDoubtful) session.model(`the words of a message of \`${name}\` are not certain`);
      output.write(piece);
    },
  };
}
