import type { Described } from './described';

/** What an image is built of in the end: its package manager, its shell and its basic programs. */
export type Family = 'debian' | 'alpine' | 'redhat' | 'busybox' | 'bare';

const COREUTILS = `[ arch b2sum base32 base64 basename basenc cat chcon chgrp chmod chown cksum comm cp csplit cut date dd df dir
  dircolors dirname du echo env expand expr factor false fmt fold groups head hostid id install join link ln logname ls
  md5sum mkdir mkfifo mknod mktemp mv nice nl nohup nproc numfmt od paste pathchk pinky pr printenv printf ptx pwd readlink
  realpath rm rmdir runcon seq sha1sum sha224sum sha256sum sha384sum sha512sum shred shuf sleep sort split stat stdbuf
  stty sum sync tac tail tee test timeout touch tr true truncate tsort tty uname unexpand uniq unlink users vdir wc who
  whoami yes`;

/** Besides what the Debian skeleton of the golden cases has. */
const DEBIAN: Described = { folders: { '/etc/apt/sources.list.d': 0o755 } };

const ALPINE_USERS = `root:x:0:0:root:/root:/bin/ash
bin:x:1:1:bin:/bin:/sbin/nologin
daemon:x:2:2:daemon:/sbin:/sbin/nologin
lp:x:4:7:lp:/var/spool/lpd:/sbin/nologin
sync:x:5:0:sync:/sbin:/bin/sync
shutdown:x:6:0:shutdown:/sbin:/sbin/shutdown
halt:x:7:0:halt:/sbin:/sbin/halt
mail:x:8:12:mail:/var/mail:/sbin/nologin
news:x:9:13:news:/usr/lib/news:/sbin/nologin
uucp:x:10:14:uucp:/var/spool/uucppublic:/sbin/nologin
cron:x:16:16:cron:/var/spool/cron:/sbin/nologin
ftp:x:21:21::/var/lib/ftp:/sbin/nologin
sshd:x:22:22:sshd:/dev/null:/sbin/nologin
games:x:35:35:games:/usr/games:/sbin/nologin
ntp:x:123:123:NTP:/var/empty:/sbin/nologin
guest:x:405:100:guest:/dev/null:/sbin/nologin
nobody:x:65534:65534:nobody:/:/sbin/nologin
`;

const ALPINE_GROUPS = `root:x:0:root
bin:x:1:root,bin,daemon
daemon:x:2:root,bin,daemon
sys:x:3:root,bin
adm:x:4:root,daemon
tty:x:5:
disk:x:6:root
lp:x:7:lp
kmem:x:9:
wheel:x:10:root
floppy:x:11:root
mail:x:12:mail
news:x:13:news
uucp:x:14:uucp
cron:x:16:cron
audio:x:18:
cdrom:x:19:
dialout:x:20:root
ftp:x:21:
sshd:x:22:
input:x:23:
tape:x:26:root
video:x:27:root
netdev:x:28:
kvm:x:34:kvm
games:x:35:
shadow:x:42:
www-data:x:82:
users:x:100:games
ntp:x:123:
abuild:x:300:
utmp:x:406:
ping:x:999:
nogroup:x:65533:
nobody:x:65534:
`;

/** Applets of Alpine's busybox, by the folder of their links. */
const ALPINE_APPLETS = {
  '/bin': `arch ash base64 bbconfig cat chattr chgrp chmod chown cp date dd df dmesg dnsdomainname dumpkmap echo ed egrep
    false fatattr fdflush fgrep fsync getopt grep gunzip gzip hostname ionice iostat ipcalc kbd_mode kill link linux32
    linux64 ln login ls lsattr lzop makemime mkdir mknod mktemp more mount mountpoint mpstat mv netstat nice pidof ping
    ping6 pipe_progress printenv ps pwd reformime rev rm rmdir run-parts sed setpriv setserial sh sleep stat stty su sync
    tar touch true umount uname usleep watch zcat`,
  '/sbin': `acpid adjtimex arp blkid blockdev depmod fbsplash fdisk findfs fsck fstrim getty halt hwclock ifconfig ifdown
    ifenslave ifup init inotifyd insmod ip ipaddr iplink ipneigh iproute iprule iptunnel klogd loadkmap logread losetup
    lsmod mdev mkdosfs mkfs.vfat mkswap modinfo modprobe nameif nologin pivot_root poweroff raidautorun reboot rmmod
    route setconsole slattach swapoff swapon switch_root sysctl syslogd tunctl udhcpc vconfig watchdog zcip`,
  '/usr/bin': `[ [[ awk basename bc beep blkdiscard bunzip2 bzcat bzip2 cal chvt cksum clear cmp comm cpio crontab cryptpw
    cut dc deallocvt diff dirname dos2unix du eject env expand expr factor fallocate find flock fold free fuser groups hd
    head hexdump hostid iconv id install killall last less logger lsof lsusb lzcat lzma lzopcat md5sum mesg microcom
    mkfifo mkpasswd nc nl nmeter nohup nproc nsenter nslookup od openvt passwd paste pgrep pkill pmap printf pscan pstree
    pwdx readlink realpath renice reset resize seq setkeycodes setsid sha1sum sha256sum sha3sum sha512sum showkey shred
    shuf sort split strings sum tac tail tee test time timeout top tr traceroute traceroute6 tree truncate tty ttysize
    udhcpc6 unexpand uniq unix2dos unlink unlzma unlzop unshare unxz unzip uptime uudecode uuencode vi vlock volname wc
    wget which who whoami whois xargs xxd xz xzcat yes`,
  '/usr/sbin': `add-shell addgroup adduser arping brctl chpasswd chroot crond delgroup deluser ether-wake fbset killall5
    loadfont nanddump nandwrite nbd-client ntpd partprobe rdate rdev readahead remove-shell rfkill sendmail setfont
    setlogcons`,
};

const ALPINE: Described = {
  programs: {
    '/bin': 'busybox',
    '/sbin': 'apk ldconfig',
    '/usr/bin': 'getconf getent iconv ldd scanelf ssl_client',
  },
  links: Object.fromEntries(
    Object.entries(ALPINE_APPLETS).flatMap(([folder, names]) =>
      names
        .split(/\s+/)
        .filter((name) => name !== '' && name !== 'getent' && name !== 'iconv')
        .map((name) => [`${folder}/${name}`, '/bin/busybox']),
    ),
  ),
  files: {
    '/etc/alpine-release': '3.20.3\n',
    '/etc/apk/arch': 'x86_64\n',
    '/etc/apk/repositories':
      'https://dl-cdn.alpinelinux.org/alpine/v3.20/main\nhttps://dl-cdn.alpinelinux.org/alpine/v3.20/community\n',
    '/etc/apk/world': 'alpine-baselayout\nalpine-keys\napk-tools\nbusybox\nlibc-utils\n',
    '/etc/group': ALPINE_GROUPS,
    '/etc/hostname': 'localhost\n',
    '/etc/hosts': '127.0.0.1\tlocalhost localhost.localdomain\n::1\t\tlocalhost localhost.localdomain\n',
    '/etc/issue': 'Welcome to Alpine Linux 3.20\n',
    '/etc/modules': 'af_packet\nipv6\n',
    '/etc/nsswitch.conf': 'hosts: files dns\n',
    '/etc/os-release':
      'NAME="Alpine Linux"\nID=alpine\nVERSION_ID=3.20.3\nPRETTY_NAME="Alpine Linux v3.20"\nHOME_URL="https://alpinelinux.org/"\n',
    '/etc/passwd': ALPINE_USERS,
    '/etc/profile':
      'export PATH="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"\nexport PAGER=less\numask 022\n',
    '/etc/securetty': 'console\ntty1\n',
    '/etc/shadow': ALPINE_USERS.replace(/^([^:]+):.*$/gm, '$1:!::0:::::').replace('root:!:', 'root:*:'),
    '/etc/shells': '/bin/sh\n/bin/ash\n',
    '/lib/apk/db/installed': '',
    '/lib/ld-musl-x86_64.so.1': '',
  },
  folders: {
    ...modes(
      0o755,
      `/dev /etc/conf.d /etc/crontabs /etc/init.d /etc/logrotate.d /etc/network /etc/opt /etc/periodic/15min
      /etc/periodic/daily /etc/periodic/hourly /etc/profile.d /etc/ssl/certs /home /media /mnt /opt /run /srv /usr/lib
      /usr/local/bin /usr/local/lib /usr/local/share /usr/share/man /usr/share/misc /var/cache/apk /var/cache/misc
      /var/empty /var/lib/apk /var/lib/misc /var/local /var/lock /var/log /var/opt /var/spool/cron /proc /sys`,
    ),
    '/root': 0o700,
    '/tmp': 0o1777,
    '/var/tmp': 0o1777,
  },
};

const REDHAT_USERS = `root:x:0:0:root:/root:/bin/bash
bin:x:1:1:bin:/bin:/sbin/nologin
daemon:x:2:2:daemon:/sbin:/sbin/nologin
adm:x:3:4:adm:/var/adm:/sbin/nologin
lp:x:4:7:lp:/var/spool/lpd:/sbin/nologin
sync:x:5:0:sync:/sbin:/bin/sync
shutdown:x:6:0:shutdown:/sbin:/sbin/shutdown
halt:x:7:0:halt:/sbin:/sbin/halt
mail:x:8:12:mail:/var/spool/mail:/sbin/nologin
operator:x:11:0:operator:/root:/sbin/nologin
games:x:12:100:games:/usr/games:/sbin/nologin
ftp:x:14:50:FTP User:/var/ftp:/sbin/nologin
nobody:x:65534:65534:Kernel Overflow User:/:/sbin/nologin
dbus:x:81:81:System message bus:/:/sbin/nologin
`;

const REDHAT_GROUPS = `root:x:0:
bin:x:1:
daemon:x:2:
sys:x:3:
adm:x:4:
tty:x:5:
disk:x:6:
lp:x:7:
mem:x:8:
kmem:x:9:
wheel:x:10:
cdrom:x:11:
mail:x:12:
man:x:15:
dialout:x:18:
floppy:x:19:
games:x:20:
utmp:x:22:
tape:x:33:
video:x:39:
ftp:x:50:
lock:x:54:
audio:x:63:
dbus:x:81:
users:x:100:
nobody:x:65534:
`;

const REDHAT: Described = {
  links: {
    '/bin': 'usr/bin',
    '/sbin': 'usr/sbin',
    '/lib': 'usr/lib',
    '/lib64': 'usr/lib64',
    '/usr/bin/sh': 'bash',
    '/usr/bin/awk': 'gawk',
    '/var/run': '../run',
    '/var/lock': '../run/lock',
  },
  programs: {
    '/usr/bin': `${COREUTILS} bash gawk sed grep egrep fgrep find xargs gpg gpg2 gpgv rpm rpmkeys rpmquery rpmverify curl openssl
      update-ca-trust ca-legacy getent getconf locale localedef iconv ldd tar gzip gunzip zcat cmp diff sdiff diff3 less more
      info microdnf dnf yum dnf-3 tdnf zypper su mount umount kill login lscpu setpriv chsh which newgrp chage gpasswd lastlog sg
      hostname cal col column hexdump logger look rev script flock getopt setsid findmnt ipcs ps top free vi xz unxz xzcat
      python3 pip3 trust p11-kit cracklib-check systemctl journalctl systemd-tmpfiles sqlite3 catchsegv sotruss tzselect
      zdump gencat pldd sprof bashbug bashbug-64 alias bg cd command fc fg hash jobs read type ulimit umask unalias wait`,
    '/usr/sbin': `useradd userdel usermod groupadd groupdel groupmod adduser chpasswd newusers chgpasswd grpck pwck grpconv pwconv
      groupmems vipw vigr nologin ldconfig alternatives update-alternatives runuser zic chroot iconvconfig build-locale-archive
      agetty fsck sulogin swapon sysctl`,
  },
  files: {
    '/etc/passwd': REDHAT_USERS,
    '/etc/group': REDHAT_GROUPS,
    '/etc/shadow': REDHAT_USERS.replace(/^([^:]+):.*$/gm, '$1:*:19000:0:99999:7:::'),
    '/etc/gshadow': REDHAT_GROUPS.replace(/^([^:]+):.*$/gm, '$1:::'),
    '/etc/subuid': '',
    '/etc/subgid': '',
    '/etc/login.defs':
      'MAIL_DIR\t/var/spool/mail\nUMASK\t\t022\nHOME_MODE\t0700\nPASS_MAX_DAYS\t99999\nPASS_MIN_DAYS\t0\nPASS_WARN_AGE\t7\nUID_MIN                  1000\nUID_MAX                 60000\nSYS_UID_MIN               201\nSYS_UID_MAX               999\nGID_MIN                  1000\nGID_MAX                 60000\nSYS_GID_MIN               201\nSYS_GID_MAX               999\nCREATE_HOME\tyes\nUSERGROUPS_ENAB yes\nENCRYPT_METHOD SHA512\n',
    '/etc/default/useradd':
      'GROUP=100\nHOME=/home\nINACTIVE=-1\nEXPIRE=\nSHELL=/bin/bash\nSKEL=/etc/skel\nCREATE_MAIL_SPOOL=yes\n',
    '/etc/skel/.bash_logout': '# ~/.bash_logout\n',
    '/etc/skel/.bash_profile': '# .bash_profile\n',
    '/etc/skel/.bashrc': '# .bashrc\n',
    '/etc/redhat-release': 'Red Hat Enterprise Linux release 9.4 (Plow)\n',
    '/etc/os-release':
      'NAME="Red Hat Enterprise Linux"\nVERSION="9.4 (Plow)"\nID="rhel"\nID_LIKE="fedora"\nVERSION_ID="9.4"\nPLATFORM_ID="platform:el9"\nPRETTY_NAME="Red Hat Enterprise Linux 9.4 (Plow)"\nCPE_NAME="cpe:/o:redhat:enterprise_linux:9::baseos"\n',
    '/etc/bashrc': '# /etc/bashrc\n',
    '/etc/profile': '# /etc/profile\n',
    '/etc/ld.so.conf': 'include ld.so.conf.d/*.conf\n',
    '/etc/nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\n',
    '/etc/yum.repos.d/base.repo': '[base]\nname=base\nenabled=1\n',
    '/etc/dnf/dnf.conf':
      '[main]\ngpgcheck=1\ninstallonly_limit=3\nclean_requirements_on_remove=True\nbest=True\n',
    '/etc/yum.conf': '[main]\ngpgcheck=1\n',
    '/etc/locale.conf': 'LANG="C.UTF-8"\n',
    '/etc/pki/tls/certs/ca-bundle.crt': '',
    '/etc/pki/tls/openssl.cnf': '[ openssl_init ]\n[ evp_properties ]\n',
    '/root/.bashrc': '# .bashrc\n',
    '/root/.bash_profile': '# .bash_profile\n',
  },
  folders: {
    ...modes(
      0o755,
      `/boot /dev /etc/alternatives /etc/ld.so.conf.d /etc/pki/ca-trust/source/anchors /etc/pki/rpm-gpg /etc/profile.d
      /etc/rc.d /etc/rpm /etc/ssl/certs /etc/sysconfig /etc/systemd/system /etc/xdg /home /media /mnt /opt /proc /run/lock /srv
      /sys /usr/games /usr/include /usr/lib/systemd /usr/lib64 /usr/libexec /usr/local/bin /usr/local/etc /usr/local/lib
      /usr/local/sbin /usr/local/share /usr/share/doc /usr/share/man /usr/share/zoneinfo/Etc /usr/src /var/adm /var/cache/dnf
      /var/cache/yum /var/lib/dnf /var/lib/rpm /var/log /var/opt /var/spool/mail /var/db`,
    ),
    '/root': 0o550,
    '/tmp': 0o1777,
    '/var/tmp': 0o1777,
  },
};

const BUSYBOX: Described = {
  programs: { '/bin': 'busybox' },
  links: Object.fromEntries(
    Object.values(ALPINE_APPLETS)
      .flatMap((names) => names.split(/\s+/))
      .filter((name) => name !== '')
      .map((name) => [`/bin/${name}`, 'busybox']),
  ),
  files: {
    '/etc/passwd':
      'root:x:0:0:root:/root:/bin/sh\ndaemon:x:1:1:daemon:/usr/sbin:/bin/false\nwww-data:x:33:33:www-data:/var/www:/bin/false\nnobody:x:65534:65534:nobody:/home:/bin/false\n',
    '/etc/group': 'root:x:0:\ndaemon:x:1:\nwww-data:x:33:\nusers:x:100:\nnobody:x:65534:\n',
    '/etc/shadow': 'root:*:::::::\ndaemon:*:::::::\nwww-data:*:::::::\nnobody:*:::::::\n',
  },
  folders: {
    '/tmp': 0o1777,
    '/var/spool/mail': 0o755,
    '/var/www': 0o755,
    '/usr/sbin': 0o755,
    '/root': 0o700,
    '/home': 0o755,
  },
};

/** What has no shell: enough for COPY and USER. */
const BARE: Described = {
  files: {
    '/etc/passwd':
      'root:x:0:0:root:/root:/sbin/nologin\nnobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n',
    '/etc/group': 'root:x:0:\nnobody:x:65534:\ntty:x:5:\nstaff:x:50:\nnonroot:x:65532:\n',
  },
  folders: { '/tmp': 0o1777, '/home/nonroot': 0o700, '/root': 0o700 },
};

export const FAMILIES: Readonly<Record<Family, Described>> = {
  debian: DEBIAN,
  alpine: ALPINE,
  redhat: REDHAT,
  busybox: BUSYBOX,
  bare: BARE,
};

function modes(mode: number, paths: string): Record<string, number> {
  return Object.fromEntries(paths.split(/\s+/).map((path) => [path, mode]));
}
