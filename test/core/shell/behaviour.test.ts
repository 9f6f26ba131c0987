import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FileSystem } from '../../../src/filesystem/tree';
import { WritableLayer } from '../../../src/filesystem/writable';
import { Session } from '../../../src/simulate/run/session';
import { type Simulation, simulate } from './simulated';

const ELF = '\x7fELF\x02\x01\x01\0'.padEnd(64, '\0');

/** What a run ends with: exit code, certainty, and a few files. */
interface Row {
  readonly name: string;
  readonly script: string;
  readonly options?: Simulation;
  readonly exitCode?: number;
  readonly level?: 'exact' | 'modelled' | 'unknown';
  /** A piece of one of the reasons. */
  readonly reason?: string;
  readonly stdout?: string;
  readonly files?: Readonly<Record<string, string | undefined>>;
}

const NETWORK = {
  '/usr/bin/curl': { mode: 0o755, text: ELF },
  '/usr/bin/apt-get': { mode: 0o755, text: ELF },
};
const INSTALLED = [{ path: '/usr', reason: 'apt-get installed something' }];

const rows: readonly Row[] = [
  {
    name: 'operators with = in an arithmetic command',
    script: 'i=3; ((i>=1 && i<=3)) && echo a; ((i>=4)) || echo b; ((i<<=1)); echo $i',
    options: { shell: 'bash' },
    stdout: 'a\nb\n6\n',
    level: 'exact',
  },
  // What the real shells do in corners that few scripts have
  {
    name: 'a file beside none is not newer to dash',
    script: '> f; [ f -nt no ]; echo $?; [ no -ot f ]; echo $?; [ no -nt f ]; echo $?',
    stdout: '1\n1\n1\n',
  },
  {
    name: 'a file beside none is newer to bash',
    script: '> f; [ f -nt no ]; echo $?; [[ no -ot f ]]; echo $?; [ no -nt f ]; echo $?',
    options: { shell: 'bash' },
    stdout: '0\n0\n1\n',
  },
  {
    name: 'sed -i whose backup has no folder leaves the file as it was, and later ones work',
    script:
      "echo a > /f; sed -i'no/*' s/a/b/ /f; echo $?; cp /f /g; sed -i s/a/c/ /f; ls /sed* 2>/dev/null; cat /g /f",
    stdout: '4\na\nc\n',
  },
  { name: 'two negations are none to dash', script: '! ! true', exitCode: 2, level: 'exact' },
  { name: 'two negations in bash', script: '! ! true; echo $?', options: { shell: 'bash' }, stdout: '0\n' },
  {
    name: '`do` in the list of a `for`',
    script: 'for i in a do b; do echo $i; done',
    level: 'unknown',
    reason: 'the word `do`',
  },
  {
    name: 'a `for` over a variable called do',
    script: 'do=1; for i do echo $i; done; for i in $do; do echo $i; done',
    stdout: '1\n',
  },
  { name: '`return` in an EXIT trap', script: "trap 'return 3' EXIT; exit 1", exitCode: 1 },
  {
    name: 'a program that dash remembers',
    script: 'type ls; type ls; hash -r; type ls; ls > /dev/null | true; type ls; PATH=/usr/bin; type ls',
    stdout:
      'ls is /usr/bin/ls\nls is a tracked alias for /usr/bin/ls\nls is /usr/bin/ls\nls is a tracked alias for /usr/bin/ls\nls is /usr/bin/ls\n',
  },
  {
    name: 'a program that bash remembers',
    script: 'hash; type ls; ls > /dev/null; type ls; hash -r; command -V ls',
    options: { shell: 'bash' },
    stdout: 'hash: hash table empty\nls is /usr/bin/ls\nls is hashed (/usr/bin/ls)\nls is /usr/bin/ls\n',
  },
  ...(
    [
      ['a \\x', '[a] [a][x]'],
      ['a \\x \\y', '[a] [a][x]'],
      ['a \\xy', '[a xy] [a][xy]'],
      ['a y\\x \\z', '[a yx] [a][yx]'],
      ['\\x \\y', '[x y] [x][y]'],
      ['a \\x b \\y', '[a x b] [a][x b]'],
      ['a\\ \\x', '[a x] [a x][]'],
    ] as const
  ).map(
    ([line, stdout]): Row => ({
      name: `dash reads protected words: ${line}`,
      script: `read x < f; read y z < f; printf '[%s] [%s][%s]' "$x" "$y" "$z"`,
      options: { files: { '/tmp/f': { text: `${line}\n` } }, cwd: '/tmp' },
      stdout,
    }),
  ),
  { name: 'endless output into a file', script: 'yes > f', level: 'unknown', reason: '`yes` without an end' },
  {
    name: 'a file that a pipe reads and empties',
    script: 'echo a > f; cat f | sed s/a/b/ > f',
    level: 'modelled',
    reason: 'whether f is read before it is emptied',
  },
  {
    name: 'a file that a pipe makes and lists',
    script: 'ls | sort > list',
    level: 'modelled',
    reason: 'lists the file of another',
  },
  { name: 'a file that a pipe makes', script: 'ls / | sort > list', level: 'exact' },
  ...['declare -n a=b; declare -n b=a; echo $a', 'declare -n a=b b=a', 'CDPATH=/; echo $((0x))', 'a=('].map(
    (script): Row => ({ name: `not known: ${script}`, script, options: { shell: 'bash' }, level: 'unknown' }),
  ),
  // Jobs in the background that sleep
  ...(['dash', 'bash', 'ash'] as const).map(
    (shell): Row => ({
      name: `a loop that sleeps is left, and killed: ${shell}`,
      script:
        "sh -c 'while true; do sleep 30; echo x >> /beat; done' & p=$!; echo on > /f; kill $p; echo $?; wait $p; echo $?",
      options: { shell },
      level: 'modelled',
      reason: 'a job that sleeps in the background for minutes is left there',
      stdout: '0\n143\n',
      files: { '/f': 'on\n' },
    }),
  ),
  {
    name: 'a loop that sleeps is waited for',
    script: 'while true; do sleep 30; done & wait',
    level: 'unknown',
    reason: '`wait` for a job that sleeps for minutes',
  },
  {
    name: 'what is done after a sleep in the background',
    script: '(sleep 1; rm -f f) & touch f; wait',
    level: 'modelled',
    reason: 'after a `sleep` depends on how long the rest takes',
  },
  {
    name: 'a sleep in the background with nothing after it',
    script: 'sleep 1 & wait; touch f',
    level: 'exact',
  },
  // What a name is
  {
    name: 'a program of its own',
    script: 'mkdir a; app run; mkdir b',
    options: { files: { '/usr/bin/app': { mode: 0o755, text: ELF } } },
    level: 'unknown',
    reason: '`app` is a program that is not simulated',
  },
  { name: 'its own number in quotes', script: 'echo "p $$" "$$x" "$$$$"; echo $$', stdout: 'p 1 1x 11\n1\n' },
  { name: 'certainly absent', script: 'nope || echo $?', stdout: '127\n' },
  {
    name: 'absent where more may be',
    script: 'nope; echo no',
    options: { openRegions: INSTALLED },
    level: 'unknown',
    reason: 'apt-get installed something',
  },
  {
    name: 'handled where it may be',
    script: 'tar --version >/dev/null; rm -f x',
    options: { openRegions: INSTALLED, env: { PATH: '/usr/bin' } },
  },
  {
    name: 'script of the image',
    script: 'hello you',
    options: {
      files: {
        '/usr/local/bin/hello': { mode: 0o755, text: '#!/bin/sh -e\necho "$0 $1"; false; echo no\n' },
      },
    },
    exitCode: 1,
    stdout: '/usr/local/bin/hello you\n',
  },
  {
    name: 'script by env',
    script: './s',
    options: {
      files: { '/tmp/s': { mode: 0o755, text: '#!/usr/bin/env bash\n[[ a = a ]] && echo bash\n' } },
    },
    stdout: 'bash\n',
  },
  {
    name: 'script of another language',
    script: './s',
    options: {
      files: {
        '/tmp/s': { mode: 0o755, text: '#!/usr/bin/perl\n' },
        '/usr/bin/perl': { mode: 0o755, text: ELF },
      },
    },
    level: 'unknown',
    reason: 'perl',
  },
  {
    name: 'script without its interpreter',
    script: './s; echo $?',
    options: { files: { '/tmp/s': { mode: 0o755, text: '#!/usr/bin/python9\n' } } },
    stdout: '127\n',
  },
  {
    name: 'script under a handled name',
    script: 'install x; echo end',
    options: { files: { '/usr/local/bin/install': { mode: 0o755, text: '#!/bin/sh\necho mine $1\n' } } },
    stdout: 'mine x\nend\n',
  },
  {
    name: 'link under a handled name',
    script: 'mkdir x; [ -d x ] || echo nothing',
    options: { files: { '/usr/local/bin/mkdir': { link: '/bin/true' } } },
    stdout: 'nothing\n',
  },
  {
    name: 'not executable',
    script: './s; echo $?; sh s',
    options: { files: { '/tmp/s': { text: 'echo ran\n' } } },
    stdout: '126\nran\n',
  },
  { name: 'no shell at all', script: '', options: { argv: ['/bin/zsh', '-c', 'x'] }, exitCode: 127 },
  { name: 'exec form', script: '', options: { argv: ['mkdir', '-p', '/a/b'] }, exitCode: 0 },
  {
    name: 'here-document as program',
    script: '',
    options: { argv: ['/bin/sh'], stdin: 'echo "$0"; echo x > /f\n' },
    stdout: '/bin/sh\n',
    files: { '/f': 'x\n' },
  },
  // Dialects
  {
    name: 'ash',
    script: 'x=abc; echo ${x:1:1} ${x/b/_} {a,b}; [[ a = a ]] && echo yes; echo -e "a\\tb"',
    options: { shell: 'ash' },
    stdout: 'b a_c {a,b}\nyes\na\tb\n',
  },
  {
    name: 'sh is what its link says',
    script: '',
    options: { argv: ['/bin/sh', '-c', 'echo {a,b}'], files: { '/usr/bin/sh': { link: 'bash' } } },
    stdout: 'a b\n',
  },
  { name: 'process number of the first shell', script: 'echo $$ $PPID', stdout: '1 0\n' },
  // Files
  {
    name: 'umask',
    script: 'umask 077; : > a; (umask 0; : > b); sh -c "umask 0"; : > c',
    files: { '/tmp/a': '', '/tmp/b': '', '/tmp/c': '' },
  },
  {
    name: 'device',
    script: 'echo x > /dev/null; echo y > /dev/stderr; echo z > /dev/stdout; cat < /dev/null',
    stdout: 'z\n',
  },
  {
    name: 'append keeps',
    script: 'echo a > f; for i in 1 2 3; do echo $i >> f; done; { echo x; echo y >&2; } >> f 2>&1',
    files: { '/tmp/f': 'a\n1\n2\n3\nx\ny\n' },
  },
  { name: 'no rights', script: 'echo x > /etc/f || echo refused', options: { env: {} }, level: 'exact' },
  {
    name: 'bytes',
    script: "printf '\\377\\000\\101' > f; printf '\\303\\251' > g; x=$(cat g); echo \"${#x}\"",
    stdout: '2\n',
    files: { '/tmp/g': 'é' },
  },
  // Words of messages
  {
    name: 'a proven message in a file',
    script: 'nosuch 2> f; cat f',
    stdout: '/bin/sh: 1: nosuch: not found\n',
    options: { argv: ['/bin/sh', '-c', 'nosuch 2> f; cat f'] },
  },
  {
    name: 'a message of unknown words in a file',
    script: 'umask 999 2> f; echo end',
    level: 'modelled',
    reason: 'the words of a message of the shell',
    stdout: 'end\n',
  },
  {
    name: "a program's message of unknown words in a file",
    script: 'touch a; chmod u+q a 2> f; rm nofile 2> g; chmod a+x-z a 2> /dev/null; echo end',
    options: { env: { LANG: 'C.UTF-8' } },
    level: 'modelled',
    reason: 'the words of a message of `chmod`',
  },
  {
    name: "a program's proven message in a file",
    script: 'rm nofile 2> f; cat nofile 2>> f; cat f',
    stdout: "rm: cannot remove 'nofile': No such file or directory\ncat: nofile: No such file or directory\n",
  },
  { name: 'a message of unknown words in the log', script: 'umask 999; echo end', stdout: 'end\n' },
  {
    name: 'a trace in a file',
    script: 'exec 2> f; set -x; echo a',
    level: 'modelled',
    stdout: 'a\n',
  },
  {
    name: 'seconds of the build',
    script: 'echo $SECONDS > f',
    options: { shell: 'bash' },
    level: 'modelled',
    reason: '$SECONDS',
  },
  {
    name: 'a locale that may not be there',
    script: 'x=é; echo ${#x} > f',
    options: { shell: 'bash', env: { LANG: 'de_DE.UTF-8' } },
    level: 'modelled',
    reason: 'de_DE.UTF-8',
  },
  // Limits
  {
    name: 'endless loop',
    script: 'while :; do :; done',
    options: { limits: { steps: 5000, milliseconds: 5000 } },
    level: 'unknown',
    reason: 'stopped after 5000 steps',
  },
  {
    name: 'time',
    script: 'while :; do :; done',
    options: { limits: { steps: 1e9, milliseconds: 50 } },
    level: 'unknown',
    reason: 'stopped after 0.05 seconds',
  },
  { name: 'recursion', script: 'f() { f; }; f', level: 'unknown', reason: 'recursion' },
  {
    name: 'cancelled',
    script: 'while :; do :; done',
    options: { signal: AbortSignal.timeout(20) },
    level: 'unknown',
    reason: 'cancelled',
  },
  {
    name: 'what was done stays',
    script: 'echo a > f; app; echo b > g',
    options: { files: { '/usr/bin/app': { mode: 0o755, text: ELF } } },
    level: 'unknown',
    files: { '/tmp/f': 'a\n', '/tmp/g': undefined },
  },
  // Package managers and downloads
  {
    name: 'apt-get',
    script: 'apt-get update && apt-get install -y x && rm -rf /var/lib/apt/lists/*; echo end',
    options: { files: NETWORK },
    level: 'modelled',
    reason: '`apt-get install` is modelled',
    stdout: 'end\n',
  },
  { name: 'apt-get is not there', script: 'apt-get update', exitCode: 127 },
  {
    name: 'installed in the same run',
    script: 'apt-get install -y foo; foo --init',
    options: { files: NETWORK },
    level: 'unknown',
    reason: '`apt-get install` is modelled',
  },
  {
    name: 'test of what may be installed',
    script: 'apt-get install -y foo; if [ -x /usr/bin/foo ]; then echo a; fi',
    options: { files: NETWORK },
    level: 'modelled',
  },
  {
    name: 'download to a file',
    script:
      'curl -fsSL -o a.tgz https://x.org/a.tgz; curl -sSLO https://x.org/d/b.zip?x=1; curl https://x.org > c; curl -o /no/x https://y.org || echo $?',
    options: { files: NETWORK },
    level: 'modelled',
    stdout: '23\n',
    files: { '/tmp/a.tgz': 'placeholder', '/tmp/b.zip': 'placeholder', '/tmp/c': 'placeholder' },
  },
  {
    name: 'download into a shell',
    script: 'curl https://x.org | sh; echo on',
    options: { files: NETWORK },
    level: 'modelled',
    reason: 'what a script changes is not known (`curl` is modelled: what it downloads is not known',
    stdout: 'on\n',
  },
  {
    name: 'download that decides',
    script: 'v=$(curl https://x.org); if [ "$v" = 1 ]; then mkdir a; fi; ls a',
    options: { files: NETWORK },
    level: 'modelled',
    reason: '`curl` is modelled: what it downloads is not known',
  },
  {
    name: 'download as a name',
    script: 'v=$(curl https://x.org); mkdir "$v"',
    options: { files: NETWORK },
    level: 'modelled',
  },
  { name: 'version for the log', script: 'curl --version', options: { files: NETWORK }, level: 'exact' },
];

for (const { name, script, options, exitCode = 0, level = 'exact', reason, stdout, files = {} } of rows) {
  test(name, async () => {
    const report = await simulate(script, options);
    const { certainty } = report;
    const told = JSON.stringify({ certainty, stderr: report.stderr, commands: report.commands });
    assert.equal(report.exitCode, exitCode, told);
    assert.equal(certainty.level, level, told);
    if (reason)
      assert.ok(certainty.level !== 'exact' && certainty.reasons.some((one) => one.includes(reason)), told);
    if (stdout !== undefined) assert.equal(report.stdout, stdout, told);
    for (const [path, text] of Object.entries(files)) assert.equal(report.text(path), text, path);
  });
}

test('commands are reported with their certainty', async () => {
  const { commands, openRegions } = await simulate('x=1; mkdir "a b"; app --flag; echo no', {
    files: { '/usr/bin/app': { mode: 0o755, text: ELF } },
  });
  assert.deepEqual(
    commands.map(({ text, certainty }) => `${text}: ${certainty.level}`),
    ["mkdir 'a b': exact", 'app --flag: unknown'],
  );
  assert.deepEqual(
    openRegions.map(({ path }) => path),
    ['/'],
  );
});

test('modes follow the umask of each shell', async () => {
  const { fileSystem } = await simulate(
    'umask 077; : > a; (umask 0; : > b); sh -c "umask 0"; : > c; mkdir d',
  );
  const modes = ['a', 'b', 'c', 'd'].map((name) => fileSystem.stat(`/tmp/${name}`).node.mode.toString(8));
  assert.deepEqual(modes, ['600', '666', '600', '700']);
  assert.equal(fileSystem.umask, 0o022);
});

test('a big file is copied by its handle', async () => {
  const { text } = await simulate(
    'truncate -s 10G big 2>/dev/null || exit 0; cat big > copy; cat copy >> other',
    {
      files: { '/usr/bin/truncate': { mode: 0o755, text: ELF } },
    },
  );
  assert.ok(['zeros', undefined].includes(text('/tmp/copy')));
});

test('what a run models again and again is told once', () => {
  const session = new Session({
    argv: [],
    env: new Map(),
    cwd: '/',
    fileSystem: new WritableLayer(FileSystem.empty, () => 0),
    reader: undefined as never,
    architecture: 'amd64',
    limits: { steps: 1, milliseconds: 1000, bytes: 1 },
  });
  // More than the arguments that a call can have.
  for (let count = 0; count < 300_000; count++) session.model('guessed');
  assert.deepEqual(session.certainty, { level: 'modelled', reasons: ['guessed'] });
  assert.deepEqual(session.certaintySince(0), { level: 'modelled', reasons: ['guessed'] });
});
