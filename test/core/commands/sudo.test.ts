// What sudo 1.9.13 of Debian 12 did in a real build, with the sudoers file of its package.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { simulate, type TestFile } from '../shell/simulated';

const SUDOERS =
  'Defaults\tenv_reset\nDefaults\tmail_badpass\nDefaults\tsecure_path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"\nroot\tALL=(ALL:ALL) ALL\n%sudo\tALL=(ALL:ALL) ALL\n@includedir /etc/sudoers.d\n';
const ENV = { A: '1', FOO: 'x', LANG: 'C', TZ: 'UTC', PATH: '/opt/x:/usr/bin', HOME: '/root' };
const SECURE = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const ROOT = `HOME=/root LANG=C LOGNAME=root MAIL=/var/mail/root ${SECURE} SHELL=/bin/sh SUDO_COMMAND=/usr/bin/env SUDO_GID=0 SUDO_UID=0 SUDO_USER=root TERM=unknown TZ=UTC USER=root`;

interface Row {
  readonly script: string;
  readonly out: string;
}

const ROWS: readonly Row[] = [
  { script: 'sudo env | sort > /out', out: ROOT },
  { script: 'sudo A=2 B=3 env | sort > /out', out: `A=2 B=3 ${ROOT}` },
  { script: 'sudo --preserve-env=FOO env | sort > /out', out: `FOO=x ${ROOT}` },
  {
    script: 'sudo -E -u app env | sort > /out',
    out: `A=1 FOO=x HOME=/root LANG=C LOGNAME=app ${SECURE} PWD=/ SHELL=/bin/sh SUDO_COMMAND=/usr/bin/env SUDO_GID=0 SUDO_UID=0 SUDO_USER=root TERM=unknown TZ=UTC USER=app`,
  },
  { script: "sudo -u app sh -c 'echo $HOME $USER' > /out", out: '/home/app app' },
  {
    script: 'sudo sh -c umask > /out; umask 077; sudo sh -c umask >> /out; umask >> /out',
    out: '0022 0077 0077',
  },
  { script: 'sudo nosuch 2> /out; echo $? >> /out', out: 'sudo: nosuch: command not found 1' },
  { script: 'sudo false; echo $? > /out', out: '1' },
  { script: 'sudo -n -H -- touch /out', out: '' },
  { script: 'sudo -u app id -u > /out', out: '1000' },
];

const files = (sudoers: string): Record<string, TestFile> => ({
  '/usr/bin/sudo': { mode: 0o4755, text: '\x7fELF' },
  '/etc/sudoers': { mode: 0o440, text: sudoers },
  '/etc/group': { text: 'root:x:0:\nsudo:x:27:app\napp:x:1000:\n' },
});

for (const { script, out } of ROWS) {
  test(`sudo: ${script}`, async () => {
    const { certainty, text } = await simulate(script, { files: files(SUDOERS), env: ENV, cwd: '/' });
    assert.equal(certainty.level, 'exact');
    assert.equal(text('/out')?.replace(/\n$/, '').replaceAll('\n', ' '), out);
  });
}

const LIMITS: readonly (readonly [sudoers: string, known: boolean])[] = [
  ['app ALL=(ALL) NOPASSWD: ALL\n', true],
  ['%sudo ALL=(ALL:ALL) NOPASSWD:ALL\n', true],
  ['app ALL=(ALL) ALL\n', false],
  ['app ALL=(root) NOPASSWD: /bin/true\n', false],
  ['app ALL=(ALL) NOPASSWD: ALL\napp ALL=(ALL) ALL\n', false],
];

for (const [rule, known] of LIMITS) {
  test(`sudo of another user under: ${rule.trim().replaceAll('\n', '; ')}`, async () => {
    const script = 'sudo -u app sudo sh -c "id -u; echo $SUDO_USER" > /out';
    const { certainty, text } = await simulate(script, { files: files(SUDOERS + rule), env: ENV });
    assert.equal(certainty.level, known ? 'exact' : 'unknown');
    if (known) assert.match(text('/out')!, /^0\n/);
  });
}
