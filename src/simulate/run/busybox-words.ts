/** A complaint in GNU's words, and what busybox says in its place. */
type Translation = readonly [gnu: RegExp, busybox: string];

const FILE = "'([^']*)'";
const CAUSE =
  '(No such file or directory|Not a directory|Is a directory|File exists|Permission denied|Operation not permitted|Read-only file system|Too many levels of symbolic links|Device or resource busy|Directory not empty|Invalid argument)';

const says = (gnu: string, busybox: string): Translation => [new RegExp(`^${gnu}$`), busybox];

const PLAIN = says(`([^':]*): ${CAUSE}`, '$1: $2');
const OPENED: readonly Translation[] = [
  says('[^:]*: Is a directory', 'read error: Is a directory'),
  says(`([^':]*): ${CAUSE}`, "can't open '$1': $2"),
];
const OWNER: readonly Translation[] = [
  says(`cannot (?:access|dereference) ${FILE}: ${CAUSE}`, '$1: $2'),
  says("invalid user: '([^:']*)'", 'unknown user $1'),
  says("invalid (?:user|group): '([^:']+:[^']+)'", 'unknown user/group $1'),
  says("invalid group: '([^:']*)'", 'unknown group $1'),
];
const SUMS: readonly Translation[] = [
  says("([^':]*): Is a directory", "can't read '$1': Is a directory"),
  says(`([^':]*): ${CAUSE}`, "can't open '$1': $2"),
];

const WORDS: Readonly<Record<string, readonly Translation[]>> = {
  cat: OPENED,
  chgrp: OWNER,
  chmod: [
    says(`cannot access ${FILE}: ${CAUSE}`, '$1: $2'),
    says(`cannot operate on dangling symlink ${FILE}`, '$1: No such file or directory'),
    says(`invalid mode: ?${FILE}`, "invalid mode '$1'"),
  ],
  chown: OWNER,
  cp: [
    says(`cannot stat ${FILE}: (No such file or directory)`, "can't stat '$1': $2"),
    says(`cannot create regular file '([^']*[^'/])': ${CAUSE}`, "can't create '$1': $2"),
    says(`cannot create directory ${FILE}: ${CAUSE}`, "can't create directory '$1': $2"),
    says(`-r not specified; omitting directory ${FILE}`, "omitting directory '$1'"),
  ],
  cut: [PLAIN],
  dd: [says(`failed to open ${FILE}: ${CAUSE}`, "can't open '$1': $2")],
  env: [says(`${FILE}: (No such file or directory|Permission denied)`, "can't execute '$1': $2")],
  expr: [says('division by zero', 'division by zero'), says('non-integer argument', 'non-numeric argument')],
  find: [says(`${FILE}: ${CAUSE}`, '$1: $2')],
  grep: [PLAIN],
  groups: [says(`${FILE}: no such user`, 'unknown user $1')],
  head: [says(`cannot open ${FILE} for reading: ${CAUSE}`, '$1: $2')],
  id: [says(`${FILE}: no such user`, 'unknown user $1')],
  ln: [
    says(
      `failed to create (?:symbolic|hard) link '((?!\\./)[^']*)'(?: (?:=>|->) '[^']*')?: ${CAUSE}`,
      '$1: $2',
    ),
    says(`failed to access ${FILE}: ${CAUSE}`, '$1: $2'),
  ],
  ls: [says(`cannot access ${FILE}: ${CAUSE}`, '$1: $2')],
  md5sum: SUMS,
  mkdir: [
    says(
      `cannot create directory ${FILE}: (No such file or directory|File exists|Permission denied|Read-only file system)`,
      "can't create directory '$1': $2",
    ),
    says(`invalid mode ${FILE}`, "invalid mode '$1'"),
  ],
  mv: [
    says(`cannot stat ${FILE}: (No such file or directory)`, "can't rename '$1': $2"),
    says(`cannot move ${FILE} to '[^']*': ${CAUSE}`, "can't rename '$1': $2"),
  ],
  od: [PLAIN],
  paste: [PLAIN],
  realpath: [says(`([^':]*): (No such file or directory)`, '$1: $2')],
  rm: [
    says(`cannot remove ${FILE}: Is a directory`, "'$1' is a directory"),
    says(`cannot remove ${FILE}: (No such file or directory)`, "can't remove '$1': $2"),
  ],
  rmdir: [says(`failed to remove ${FILE}: ${CAUSE}`, "'$1': $2")],
  sed: [says(`can't read (.*): (No such file or directory)`, '$1: $2')],
  sha1sum: SUMS,
  sha256sum: SUMS,
  sha512sum: SUMS,
  stat: [says(`cannot stat(?:x)? ${FILE}: ${CAUSE}`, "can't stat '$1': $2")],
  tac: [says(`failed to open ${FILE} for reading: ${CAUSE}`, '$1: $2')],
  tail: [says(`cannot open ${FILE} for reading: ${CAUSE}`, "can't open '$1': $2")],
  tar: [
    says('([^:]*): Cannot open: (No such file or directory)', "can't open '$1': $2"),
    says('([^:]*): Not found in archive', '$1: not found in archive'),
  ],
  tee: [PLAIN],
  touch: [
    says(`cannot touch ${FILE}: ${CAUSE}`, '$1: $2'),
    says(`failed to get attributes of ${FILE}: ${CAUSE}`, "can't stat '$1': $2"),
  ],
  uniq: OPENED,
  unlink: [says(`cannot unlink ${FILE}: ${CAUSE}`, "can't remove file '$1': $2")],
  wc: [PLAIN],
  xargs: [says('([^:]*): (No such file or directory)', '$1: $2')],
};

/** What busybox (1.35 and later) writes where GNU's program of that name complains so; `undefined` when not known. */
export function busyboxWords(name: string, complaint: string): string | undefined {
  const text = complaint.startsWith(`${name}: `) ? complaint.slice(name.length + 2, -1) : undefined;
  if (text === undefined || !complaint.endsWith('\n') || text.includes('\n')) return undefined;
  for (const [gnu, busybox] of WORDS[name] ?? []) {
    if (gnu.test(text)) return `${name}: ${text.replace(gnu, busybox)}\n`;
  }
  return undefined;
}
