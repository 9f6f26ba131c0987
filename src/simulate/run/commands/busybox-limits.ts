import { hasAllLinks } from '../busybox';
import { type CommandContext, NotSimulated } from '../command';

/**
 * What busybox (1.35 and later, as Debian and Alpine build it) understands of each program's options. Builds differ,
 * and what is not listed here is refused or means something else in some of them.
 */
interface Limits {
  /** Letters; one with a colon takes a value. */
  readonly letters: string;
  readonly long?: readonly string[];
  /** The first operand ends the options. */
  readonly stops?: boolean;
  /** Letters that print in words of busybox' own: fine in the build's log, not simulated elsewhere. */
  readonly chatty?: string;
  readonly chattyLong?: readonly string[];
}

const CHECKSUM: Limits = { letters: 'csw' };

const LIMITS: Readonly<Record<string, Limits>> = {
  awk: { letters: 'F:v:f:' },
  base64: { letters: 'dw:' },
  basename: { letters: '' },
  bunzip2: { letters: 'cfkt' },
  bzcat: { letters: '' },
  cat: { letters: 'nbveAut' },
  chgrp: { letters: 'Rh', chatty: 'vcf' },
  chmod: { letters: 'R', chatty: 'vcf' },
  chown: { letters: 'Rh', chatty: 'vcf' },
  cmp: { letters: 's' },
  comm: { letters: '123' },
  cp: { letters: 'aRrdPLpfTu', chatty: 'v' },
  cut: { letters: 'b:c:d:f:sn' },
  date: { letters: 'ud:R' },
  diff: { letters: 'qra' },
  dirname: { letters: '' },
  egrep: { letters: 'HhnlcoqvsriwFEe:f:m:A:B:C:x' },
  env: { letters: 'iu:', stops: true },
  expand: { letters: 't:' },
  fgrep: { letters: 'HhnlcoqvsriwFEe:f:m:A:B:C:x' },
  fold: { letters: 'bsw:' },
  grep: { letters: 'HhnlcoqvsriwFEe:f:m:A:B:C:x' },
  bzip2: { letters: 'cdfkt' },
  gunzip: { letters: 'cfkt' },
  gzip: { letters: 'cdfkt123456789' },
  head: { letters: 'n:c:qv' },
  hostname: { letters: 's' },
  id: { letters: 'ugnGr' },
  install: {
    letters: 'cdDo:g:m:pt:',
    long: ['directory', 'group', 'mode', 'owner', 'preserve-timestamps', 'target-directory'],
    chatty: 'v',
    chattyLong: ['verbose'],
  },
  ln: { letters: 'sfnT', chatty: 'v' },
  ls: { letters: '1AaldRFprhLHSntvg' },
  md5sum: CHECKSUM,
  mkdir: { letters: 'pm:', long: ['parents', 'mode'], chatty: 'v' },
  mktemp: { letters: 'dqup:t' },
  mv: { letters: 'fT', chatty: 'v' },
  nice: { letters: 'n:', stops: true },
  nl: { letters: 'b:s:v:w:' },
  nohup: { letters: '', stops: true },
  od: { letters: 'A:t:cxv' },
  paste: { letters: 'd:s' },
  printenv: { letters: '' },
  readlink: { letters: 'fn' },
  realpath: { letters: '' },
  rev: { letters: '' },
  rm: { letters: 'frR', chatty: 'v' },
  rmdir: { letters: 'p', long: ['ignore-fail-on-non-empty'] },
  sed: { letters: 'nErie:f:' },
  seq: { letters: 'ws:' },
  setsid: { letters: 'c', stops: true },
  sha1sum: CHECKSUM,
  sha256sum: CHECKSUM,
  sha512sum: CHECKSUM,
  sort: { letters: 'nrugMcbdfik:o:t:sz' },
  stat: { letters: 'c:L' },
  tac: { letters: '' },
  tail: { letters: 'n:c:q' },
  tar: {
    letters: 'cxtf:C:zjJavpohmkOX:T:',
    long: [
      'create',
      'directory',
      'exclude',
      'exclude-from',
      'extract',
      'file',
      'files-from',
      'gzip',
      'bzip2',
      'xz',
      'list',
      'no-recursion',
      'no-same-owner',
      'no-same-permissions',
      'numeric-owner',
      'overwrite',
      'same-permissions',
      'strip-components',
      'to-stdout',
      'touch',
      'verbose',
    ],
  },
  tee: { letters: 'ai' },
  timeout: { letters: 's:k:', stops: true },
  touch: { letters: 'cd:r:t:h' },
  tr: { letters: 'cCds' },
  truncate: { letters: 'cs:' },
  uname: { letters: 'amnrspvio' },
  uniq: { letters: 'cdui' },
  wc: { letters: 'clw' },
  which: { letters: 'a' },
  xargs: { letters: '0rtn:I:P:', stops: true },
  xz: { letters: 'cdfkt' },
  zcat: { letters: 'f' },
};

/** Programs whose options are read otherwise than by letters, or that are checked elsewhere. */
const UNCHECKED = new Set([
  'df',
  'du',
  'mkfifo',
  'mknod',
  'yes',
  'find',
  'expr',
  'dd',
  'addgroup',
  'adduser',
  'delgroup',
  'deluser',
  'sleep',
  'sync',
  'unlink',
  'whoami',
  'nproc',
  'arch',
  'groups',
  'ionice',
  'passwd',
  'chpasswd',
  'su',
  'gosu',
  'su-exec',
  'getent',
  'getconf',
]);

/** Programs that Alpine's build has while Debian's has not, whatever links there are. */
const RARE = new Set([
  'nice',
  'nohup',
  'install',
  'comm',
  'printenv',
  'join',
  'sha384sum',
  'adduser',
  'addgroup',
  'deluser',
  'delgroup',
]);

/** Calls whose output busybox formats in its own way, seen in real builds; by name, with its arguments tested. */
const WORDED_OTHERWISE: Readonly<Record<string, (args: readonly string[]) => boolean>> = {
  date: (args) =>
    !args.every((arg) => /^(?:-u|-R|-d|@\d+|\+(?:%[aAbBCdDeFgGHIjmMnprRsStTuUVwWyYzZ%]|[^%])*)$/.test(arg)),
  diff: () => true,
  ls: (args) => args.some((arg) => /^-[^-]*[FgGilnosph]/.test(arg)),
  nl: () => true,
  od: () => true,
  stat: (args) => !args.includes('-c'),
  id: (args) => args.some((arg) => /^\d+$/.test(arg)),
  wc: (args) => args.filter((arg) => /^-[clwmL]$/.test(arg)).length !== 1 || args.length > 2,
};

/**
 * Programs here follow GNU. Where busybox certainly or possibly does another thing, this throws `NotSimulated`: seen
 * in a real build, or read in busybox's own help.
 */
export function refuseWhereBusyboxDiffers(context: CommandContext): void {
  const { name, args, stdout } = context;
  const isRare =
    (name === 'tar' && args.some((arg) => arg.startsWith('--'))) ||
    RARE.has(name) ||
    (name === 'find' && args.includes('-delete'));
  if (isRare && !hasAllLinks(context.fileSystem)) {
    context.model(
      `not every build of busybox has \`${name === 'find' ? 'find -delete' : name === 'tar' ? 'tar --strip-components' : name}\``,
    );
  }
  const isOdd = !stdout.isLog && WORDED_OTHERWISE[name]?.(args);
  const refused = isOdd ? [name, ...args].join(' ').slice(0, 40) : refusedOption(context);
  if (refused !== undefined) throw new NotSimulated(`\`${refused}\` of busybox is not simulated`);
}

/** The first option that is not simulated; `undefined` when all are fine. */
function refusedOption({ name, args, stdout }: CommandContext): string | undefined {
  if (UNCHECKED.has(name)) return undefined;
  const limits = LIMITS[name];
  if (!limits) return name;
  for (let index = 0; index < args.length; index++) {
    const argument = args[index]!;
    if (argument === '--') return undefined;
    if (limits.stops && !/^-./.test(argument)) return undefined;
    if (
      !/^-./.test(argument) ||
      (name === 'chmod' && /^-[rwxXst,+-]/.test(argument)) ||
      /^-\d+$/.test(argument)
    )
      continue;
    if (argument.startsWith('--')) {
      const long = argument.slice(2).replace(/=.*/s, '');
      if (limits.chattyLong?.includes(long) && stdout.isLog) continue;
      if (!limits.long?.includes(long)) return `${name} ${argument}`;
      continue;
    }
    const outcome = letterOutcome(limits, argument, stdout.isLog === true);
    if (outcome === 'refused') return `${name} ${argument}`;
    if (outcome === 'takes next') index++;
  }
  return undefined;
}

function letterOutcome(
  { letters, chatty = '' }: Limits,
  argument: string,
  isLog: boolean,
): 'fine' | 'refused' | 'takes next' {
  for (let at = 1; at < argument.length; at++) {
    const letter = argument[at]!;
    if (chatty.includes(letter)) {
      if (!isLog) return 'refused';
      continue;
    }
    const place = letter === ':' ? -1 : letters.indexOf(letter);
    if (place < 0) return 'refused';
    if (letters[place + 1] === ':') return at === argument.length - 1 ? 'takes next' : 'fine';
  }
  return 'fine';
}
