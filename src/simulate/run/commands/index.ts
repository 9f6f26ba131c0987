import type { Command, Flavour } from '../command';
import { NotSimulated } from '../command';
import { debianAdduser } from './adduser';
import { updateAlternatives } from './alternatives';
import { apacheSites } from './apache-sites';
import { awk } from './awk';
import { busyboxAddgroup, busyboxAdduser, busyboxDeluser } from './busybox-accounts';
import { refuseWhereBusyboxDiffers } from './busybox-limits';
import { cat, rev, tac, tee } from './cat';
import { chage } from './chage';
import { base64, checksum } from './checksums';
import { chmod } from './chmod';
import { chown } from './chown';
import { chsh } from './chsh';
import { comm, cut, expand, fold, join, nl, paste, uniq } from './columns';
import { cmp, diff } from './compare';
import { cp } from './cp';
import { date } from './date';
import { debianDeluser } from './deluser';
import { dos2unix } from './dos2unix';
import { dpkgDivert } from './dpkg-divert';
import {
  arch,
  doNothing,
  env,
  getconf,
  hostname,
  nproc,
  printenv,
  runWrapped,
  sleep,
  uname,
} from './environment';
import { envsubst } from './envsubst';
import { expr } from './expr';
import { find } from './find';
import { getopt } from './getopt';
import { grep } from './grep';
import { gpasswd, groupadd, groupdel, groupmod } from './groups-of-accounts';
import { gzip } from './gzip';
import { head, tail } from './head-tail';
import { install } from './install';
import { ln } from './ln';
import { flock, setpriv } from './locked';
import { ls } from './ls';
import { mkdir } from './mkdir';
import { mktemp } from './mktemp';
import { mv } from './mv';
import { od } from './od';
import { chpasswd, gosu, passwd } from './passwords';
import { patch } from './patch';
import { dd, truncate } from './raw-files';
import { basename, dirname, readlink, realpath, which } from './real-paths';
import { link, rm, rmdir, unlink } from './rm';
import { runParts } from './run-parts';
import { sed } from './sed';
import { seq } from './seq';
import { sort } from './sort';
import { mkfifo, mknod, shuf, tellOfDisks, yes } from './special-files';
import { split } from './split';
import { stat } from './stat';
import { su } from './su';
import { sudo } from './sudo';
import { cksum, sum } from './sums';
import { tar } from './tar';
import { listLogins, logname, tty } from './terminals';
import { touch } from './touch';
import { tr } from './tr';
import { unzip } from './unzip';
import { useradd } from './useradd';
import { userdel, usermod } from './usermod';
import { getent, groups, id, whoami } from './users';
import { wc } from './wc';
import { xargs } from './xargs';

/** Programs of GNU and Debian by the name they are called with. */
const COMMANDS: Readonly<Record<string, Command>> = {
  a2disconf: apacheSites,
  a2dismod: apacheSites,
  a2dissite: apacheSites,
  a2enconf: apacheSites,
  a2enmod: apacheSites,
  a2ensite: apacheSites,
  arch,
  basename,
  cat,
  chgrp: chown,
  chmod,
  chown,
  cksum,
  comm,
  cp,
  cut,
  date,
  dirname,
  dos2unix,
  'dpkg-divert': dpkgDivert,
  egrep: grep,
  env,
  envsubst,
  expand,
  fgrep: grep,
  find,
  fold,
  getconf,
  getent,
  getopt,
  grep,
  groups,
  head,
  hostname,
  id,
  install,
  ionice: runWrapped,
  join,
  link,
  ln,
  mkdir,
  mktemp,
  mv,
  nice: runWrapped,
  nl,
  nohup: runWrapped,
  nproc,
  paste,
  patch,
  printenv,
  readlink,
  realpath,
  rev,
  rm,
  rmdir,
  sed,
  seq,
  setsid: runWrapped,
  sleep,
  sort,
  split,
  sum,
  stdbuf: runWrapped,
  sync: doNothing,
  tac,
  tail,
  tee,
  timeout: runWrapped,
  touch,
  logname,
  tty,
  users: listLogins,
  who: listLogins,
  tr,
  uname,
  uniq,
  unix2dos: dos2unix,
  unlink,
  unzip,
  addgroup: debianAdduser,
  awk: awk('mawk'),
  gawk: awk('gawk'),
  mawk: awk('mawk'),
  adduser: debianAdduser,
  chage,
  chpasswd,
  chsh,
  flock,
  'run-parts': runParts,
  setpriv,
  delgroup: debianDeluser,
  deluser: debianDeluser,
  gosu,
  gpasswd,
  groupadd,
  groupdel,
  groupmod,
  passwd,
  runuser: su,
  su,
  sudo,
  'su-exec': gosu,
  df: tellOfDisks,
  du: tellOfDisks,
  mkfifo,
  mknod,
  shuf,
  'update-alternatives': updateAlternatives,
  yes,
  useradd,
  userdel,
  usermod,
  base64,
  gunzip: gzip,
  gzip,
  tar,
  bunzip2: gzip,
  bzcat: gzip,
  bzip2: gzip,
  unxz: gzip,
  unzstd: gzip,
  zstd: gzip,
  zstdcat: gzip,
  xz: gzip,
  xzcat: gzip,
  zcat: gzip,
  cmp,
  dd,
  diff,
  expr,
  ls,
  md5sum: checksum,
  od,
  sha1sum: checksum,
  sha256sum: checksum,
  sha384sum: checksum,
  sha512sum: checksum,
  shasum: checksum,
  stat,
  truncate,
  wc,
  which,
  whoami,
  xargs,
};

/** Programs of busybox that share no more than the name with those above. */
const BUSYBOX: Readonly<Record<string, Command>> = {
  addgroup: busyboxAddgroup,
  awk: awk('busybox'),
  adduser: busyboxAdduser,
  delgroup: busyboxDeluser,
  deluser: busyboxDeluser,
};

/** The simulated program of that name; `undefined` when there is none. */
export function findCommand(name: string, flavour: Flavour): Command | undefined {
  const own = flavour === 'busybox' && Object.hasOwn(BUSYBOX, name) ? BUSYBOX[name] : undefined;
  const command = own ?? (Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined);
  if (!command) return undefined;
  return (context) => {
    const [only, ...more] = context.args;
    // What a program says about itself matters only where it is captured.
    if (flavour === 'gnu' && more.length === 0 && (only === '--version' || only === '--help')) {
      if (context.stdout.isLog) return 0;
      throw new NotSimulated(`the text of \`${name} ${only}\` is not simulated`);
    }
    if (flavour === 'busybox') refuseWhereBusyboxDiffers(context);
    return command(context);
  };
}
