import type { WritableLayer } from '../../filesystem/writable';

/** Applets that Alpine's busybox has and others, such as Debian's busybox-static, are built without. */
const OFTEN_LEFT_OUT = new Set([
  'addgroup',
  'adduser',
  'chpasswd',
  'delgroup',
  'deluser',
  'install',
  'passwd',
  'su',
]);

/** Applets that a busybox shell runs itself where it is built to prefer them over PATH. */
const APPLETS = new Set(
  'ar arch awk base64 basename bunzip2 bzip2 cat chgrp chmod chown chroot cksum clear cmp comm cp cpio cut date dd df diff dirname dmesg dos2unix du egrep env expand expr factor fallocate fgrep find fold free getopt grep groups gunzip gzip head hexdump hostid hostname id kill less ln ls lzcat md5sum mkdir mkfifo mknod mktemp more mv nice nl nohup nproc od paste patch ping printenv ps pwd readlink realpath rev rm rmdir sed seq sha1sum sha256sum sha512sum shuf sleep sort split stat strings stty sum sync tac tail tar tee time timeout top touch tr tree true truncate tty uname uncompress unexpand uniq unix2dos unlink unlzma unxz unzip uptime users usleep uudecode uuencode vi wc wget which who whoami xargs xxd xz xzcat yes zcat'.split(
    ' ',
  ),
);

/**
 * Why it is not known what a busybox does with a name, if so. How a busybox was built shows only in its program:
 * Alpine's is known, of others it is not known which applets they have, nor whether their shell runs an applet that
 * has no link on PATH (FEATURE_SH_STANDALONE).
 */
export function doubtOfApplet(
  fileSystem: WritableLayer,
  name: string,
  found: 'linked' | 'absent',
): string | undefined {
  if (!(found === 'linked' ? OFTEN_LEFT_OUT : APPLETS).has(name) || hasAllLinks(fileSystem)) return undefined;
  return found === 'linked'
    ? `whether this busybox has \`${name}\` is not known`
    : `whether this busybox runs \`${name}\` without a file of that name is not known`;
}

/** `busybox --install` makes a link for each of its 300 and more applets; by hand nobody makes as many. */
const INSTALLED = 200;

const known = new WeakMap<WritableLayer, boolean>();

/**
 * Whether the links tell what this busybox has: Alpine's, and one that has installed itself as in the official
 * image. Of any other it shows only in its program.
 */
export function hasAllLinks(fileSystem: WritableLayer): boolean {
  const answer = known.get(fileSystem) ?? (isAlpine(fileSystem) || countLinks(fileSystem) >= INSTALLED);
  known.set(fileSystem, answer);
  return answer;
}

function isAlpine(fileSystem: WritableLayer): boolean {
  const found = fileSystem.find('/etc/alpine-release');
  fileSystem.takeDoubts();
  return found.kind === 'present';
}

function countLinks(fileSystem: WritableLayer): number {
  const program = fileSystem.find('/bin/busybox');
  let links = 0;
  for (const folder of ['/bin', '/sbin', '/usr/bin', '/usr/sbin']) {
    const found = fileSystem.find(folder);
    if (program.kind !== 'present' || found.kind !== 'present' || found.path !== folder) continue;
    for (const name of fileSystem.namesIn(found.inode)) {
      const { node } = fileSystem.child(found.inode, name)!;
      const isLink = node.kind === 'symlink' && /(^|\/)busybox$/.test(node.target);
      if (isLink || node === program.inode.node) links++;
    }
  }
  fileSystem.takeDoubts();
  return links;
}
