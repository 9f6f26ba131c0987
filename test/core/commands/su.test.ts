// What su and runuser of Debian 12 (util-linux 2.38) did in a real build.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { simulate, type TestFile } from '../shell/simulated';

const FILES: Record<string, TestFile> = {
  '/usr/bin/su': { mode: 0o4755, text: '\x7fELF' },
  '/usr/sbin': {},
  '/usr/sbin/runuser': { mode: 0o755, text: '\x7fELF' },
  '/etc/pam.d': {},
  '/etc/pam.d/su': {
    text: 'session       required   pam_env.so readenv=1\nsession    optional   pam_mail.so nopen\n',
  },
  '/etc/login.defs': {
    text: 'ENV_SUPATH\tPATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\nENV_PATH\tPATH=/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games\n',
  },
  '/etc/passwd': {
    text: 'root:x:0:0:root:/root:/bin/bash\nwww-data:x:33:33:www-data:/var/www:/usr/sbin/nologin\nsvc:x:999:999::/nonexistent:/bin/sh\napp:x:1000:1000::/home/app:/bin/bash\n',
  },
  '/etc/group': { text: 'root:x:0:\nwww-data:x:33:\nsvc:x:999:\napp:x:1000:\n' },
  '/home': {},
  '/home/app': {},
  '/home/app/.profile': { text: 'export FROMPROFILE=1\n' },
};
const ENV = { A: '1', LANG: 'C', TERM: 'xterm', PATH: '/opt/x:/usr/sbin:/usr/bin:/bin' };
const USER_PATH = 'PATH=/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games';

const ROWS: readonly (readonly [script: string, out: string])[] = [
  [
    'su - app -s /bin/sh -c env | sort > /out',
    `FROMPROFILE=1 HOME=/home/app LOGNAME=app MAIL=/var/mail/app ${USER_PATH} PWD=/home/app SHELL=/bin/sh TERM=xterm USER=app`,
  ],
  ["su -l app -c 'pwd; umask; id -un; echo $0' > /out", '/home/app 0022 app -bash'],
  ["su - -c 'pwd; echo $PATH' > /out", '/root /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
  [
    "su app -c 'echo $HOME $USER $PATH $A $FROMPROFILE' > /out",
    '/home/app app /opt/x:/usr/sbin:/usr/bin:/bin 1',
  ],
  [
    'su - svc -c pwd > /out 2>&1',
    'su: warning: cannot change directory to /nonexistent: No such file or directory /',
  ],
  ['su app -c \'echo "$0" "$@"\' x y > /out', 'x y'],
  ['su - app -c \'echo "$0" "$@"\' x y > /out', 'x y'],
  ['su --login app --command pwd > /out', '/home/app'],
  ['su -c pwd - app > /out; su -c pwd app >> /out; su app -lc pwd >> /out', '/home/app / /home/app'],
  [
    'su nosuch -c true 2> /out; echo $? >> /out',
    'su: user nosuch does not exist or the user entry does not contain all the required fields 1',
  ],
  ["su -s /bin/bash svc -c 'echo $HOME $SHELL' > /out", '/nonexistent /bin/bash'],
  ['echo pwd | su - app > /out; echo pwd | su app >> /out', '/home/app /'],
  ['su -g www-data app -c id > /out', 'uid=1000(app) gid=33(www-data) groups=33(www-data)'],
  ['su www-data -c id > /out; echo $? >> /out', 'This account is currently not available. 1'],
  [
    'runuser -u app -- id -un > /out; runuser app -c pwd >> /out; runuser -l app -c pwd >> /out',
    'app / /home/app',
  ],
  ["runuser -u app -- sh -c 'echo $HOME $USER $SHELL' > /out", '/home/app app'],
];

for (const [script, out] of ROWS) {
  test(`su: ${script}`, async () => {
    const { certainty, text } = await simulate(script, { files: FILES, env: ENV, cwd: '/' });
    assert.deepEqual(certainty, { level: 'exact' });
    assert.equal(text('/out')?.replace(/\n$/, '').replaceAll('\n', ' '), out);
  });
}
