// What a script does behind a status that only a real build knows.
import { strict as assert } from 'node:assert';
import { describe, test } from 'node:test';
import { type Simulation, simulate } from './simulated';

const ELF = '\x7fELF\0\0\0';
/** `/vendor` may hold more than is known, and `curl` gives text that is not known. */
const IMAGE: Simulation = {
  openRegions: [{ path: '/vendor', reason: 'something was installed' }],
  files: {
    '/usr/bin/curl': { mode: 0o755, text: ELF },
    '/opt': {},
    '/vendor': {},
    '/opt/base': { text: 'b\n' },
  },
};

interface Row {
  readonly name: string;
  readonly script: string;
  readonly shell?: 'dash' | 'bash';
  readonly level?: 'exact' | 'modelled' | 'unknown';
  /** Files afterwards; `undefined` for one that is not there. */
  readonly files?: Readonly<Record<string, string | undefined>>;
  /** All regions that are open afterwards, but for what the image has. */
  readonly open?: readonly string[];
  readonly stdout?: string;
  /** Commands that may be called exact, and those that may not. */
  readonly exact?: readonly string[];
  readonly guessed?: readonly string[];
  readonly exitCode?: number;
}

const NEEDED: readonly Row[] = [
  {
    name: 'a test that leads out of the RUN holds',
    script: '[ -f /vendor/x ] && mkdir /opt/a && touch /opt/a/b',
    files: { '/opt/a/b': '' },
    open: [],
    exact: ['mkdir /opt/a', 'touch /opt/a/b'],
    guessed: ["'[' -f /vendor/x ']'"],
  },
  {
    name: 'a test under set -e holds',
    script: 'set -e; [ -d /vendor/x ]; mkdir /opt/a',
    open: [],
    exact: ['mkdir /opt/a'],
  },
  {
    name: 'the last command holds, also behind a function and negated',
    script: 'f() { mkdir /opt/a; ! test -e /vendor/x; }; f',
    open: [],
    exact: ['mkdir /opt/a'],
  },
  {
    name: 'a folder that is not known is entered',
    script: 'set -e; d="$(curl x.org)"; [ -d "$d" ]; cd "$d"; echo a > a; cat /opt/base; mkdir /opt/c',
    guessed: ['echo a', 'cat /opt/base', 'mkdir /opt/c'],
  },
  {
    name: 'a folder of a name that is not known',
    script: 'cd "/opt/php-$(curl x.org)" && cd .. && pwd',
    stdout: '/opt\n',
    open: [],
  },
  {
    name: 'a filter of text that is not known',
    script: 'curl x.org | grep -qe "^v24" && curl x.org | cut -c1 | diff - /opt/base && mkdir /opt/a',
    open: [],
    exact: ['mkdir /opt/a'],
  },
  { name: 'what is known stays exact', script: '[ -f /opt/base ] && mkdir /opt/a', level: 'exact', open: [] },
  {
    name: 'a branch that ends the build is not the one',
    script:
      'if [ ! -f /vendor/x ]; then echo no; exit 1; fi; test -d /vendor/y || { echo no >&2; exit 2; }; mkdir /opt/a',
    stdout: '',
    open: [],
    exact: ['mkdir /opt/a'],
  },
  {
    name: 'a branch that ends the build by a function',
    script: 'die() { echo "$1" >&2; exit 1; }; [ -f /vendor/x ] || die no; mkdir /opt/a',
    open: [],
    exact: ['mkdir /opt/a'],
    guessed: ['exit 1'],
  },
  { name: 'a branch that only prints', script: '[ -f /vendor/x ] || echo no; mkdir /opt/a', open: [] },
];

test('a temporary name that an earlier RUN left is not made up again', async () => {
  const first = (await simulate('mktemp -d')).stdout.trim();
  const report = await simulate('set -e; mktemp -d; mkdir /opt/a', { files: { '/opt': {}, [first]: {} } });
  assert.equal(report.exitCode, 0, report.stderr);
  assert.notEqual(report.stdout.trim(), first);
});

const CHOOSING: readonly Row[] = [
  {
    name: 'what a branch makes is in doubt',
    script: '[ -f /vendor/x ] && echo a > /opt/a; mkdir /opt/b; cat /opt/a; cat /opt/base',
    files: { '/opt/a': 'a\n' },
    open: ['/opt/a'],
    exact: ['mkdir /opt/b', 'cat /opt/base'],
    guessed: ['echo a', 'cat /opt/a'],
  },
  {
    name: 'what a branch changes is in doubt',
    script: 'if [ -f /vendor/x ]; then chmod 600 /opt/base; fi; cat /opt/base',
    open: ['/opt/base'],
    guessed: ['chmod 600 /opt/base', 'cat /opt/base'],
  },
  {
    name: 'what a branch takes away may be there',
    script: 'if [ -f /vendor/x ]; then rm /opt/base; fi; [ -f /opt/base ] || mkdir /opt/gone',
    open: ['/opt/base', '/opt/gone'],
    guessed: ['mkdir /opt/gone'],
  },
  {
    name: 'what is written anew is certain again',
    script: '[ -f /vendor/x ] && echo a > /opt/a; rm -f /opt/a; echo b > /opt/a; cat /opt/a',
    open: [],
    exact: ['cat /opt/a'],
  },
  {
    name: 'the other side of a choice',
    script: '[ -f /vendor/x ] || mkdir /opt/a; true',
    open: ['/opt/a'],
    guessed: ['mkdir /opt/a'],
  },
  {
    name: 'what a branch empties may not be empty',
    script: 'if [ -f /vendor/x ]; then rm -rf /vendor/* /vendor; fi; mkdir /opt/a',
    open: ['/vendor'],
    exact: ['mkdir /opt/a'],
  },
  {
    name: 'a choice whose other side is not known either',
    script:
      '[ -f /vendor/x ] || [ -f /vendor/y ] && mkdir /opt/a; [ -f /vendor/x ] || [ -f /opt/base ] && mkdir /opt/b',
    open: ['/opt/a'],
    guessed: ['mkdir /opt/a'],
    exact: ['mkdir /opt/b'],
  },
  {
    name: 'the other branch could do anything',
    script: 'if [ -f /vendor/x ]; then mkdir /opt/a; else mkdir /opt/b; fi; ls /opt/b || true',
    files: { '/opt/b': undefined },
    open: ['/opt/a', '/'],
    guessed: ['mkdir /opt/a', 'ls /opt/b'],
  },
  {
    name: 'the branch that does something is preferred',
    script: 'if [ -f /vendor/x ]; then echo there; elif [ -f /opt/base ]; then mkdir /opt/a; fi',
    open: ['/opt/a'],
    stdout: '',
  },
  {
    name: 'variables of a branch',
    script: 'V=a; if [ -f /vendor/x ]; then V=b; fi; echo $V > /opt/v; echo c > "/opt/d-$V"',
    files: { '/opt/v': 'placeholder', '/opt/d-b': undefined },
  },
  {
    name: 'variables of the branch that did not run',
    script: 'V=a; if [ -f /vendor/x ]; then true; mkdir /opt/a; else export V=c; fi; echo $V > /opt/v',
    files: { '/opt/v': 'placeholder' },
  },
  {
    name: 'a search path of a branch',
    script: '[ -f /vendor/x ] && PATH=/opt/bin:$PATH; tool --version; mkdir /opt/a',
    open: [],
    guessed: ['tool --version'],
  },
  {
    name: 'what a branch prints is not known where it is read',
    script: 'V=$(if [ -f /vendor/x ]; then echo a; else echo b; fi); echo $V > /opt/v',
    files: { '/opt/v': 'placeholder' },
  },
  {
    name: 'the status itself',
    script:
      '[ -f /vendor/x ]; echo $? > /opt/v; [ -f /vendor/x ]; s=$?; if [ $s -eq 0 ]; then mkdir /opt/a; fi; :',
    files: { '/opt/v': 'placeholder' },
    open: ['/opt/a'],
    guessed: ['mkdir /opt/a'],
  },
  {
    name: 'a choice of several',
    script: 'case "$(curl x.org)" in a) mkdir /opt/a;; *) exit 1;; esac; mkdir /opt/b',
    open: ['/opt/a'],
    guessed: ['mkdir /opt/a'],
    exact: ['mkdir /opt/b'],
  },
  {
    name: 'a choice of several that do something',
    script: 'case "$(curl x.org)" in a) A=1; mkdir /opt/a;; b) A=2;; esac; echo $A > /opt/v',
    files: { '/opt/v': 'placeholder' },
    open: ['/opt/a', '/'],
  },
  {
    name: 'a loop that ends some time',
    script:
      'until [ -f /vendor/x ]; do echo a >> /opt/a; done; while [ -f /vendor/lock ]; do sleep 1; done; mkdir /opt/b',
    open: ['/opt/a'],
    guessed: ['echo a'],
    exact: ['mkdir /opt/b'],
  },
  {
    name: 'a loop over words that are not known',
    script: 'for f in $(curl x.org); do touch /opt/list; done; cat /opt/list',
    open: ['/opt/list'],
    guessed: ['touch /opt/list', 'cat /opt/list'],
  },
  {
    name: 'a choice within a choice',
    script:
      'if [ -f /vendor/x ]; then mkdir /opt/a; if [ -f /vendor/y ]; then mkdir /opt/b; fi; mkdir /opt/c; fi',
    guessed: ['mkdir /opt/a', 'mkdir /opt/b', 'mkdir /opt/c'],
  },
  {
    name: 'a choice within a loop, a function and a subshell',
    script: 'f() { [ -f /vendor/$1 ] && (mkdir /opt/$1); }; for x in a b; do f $x; done; ls /opt/a',
    open: ['/opt/a', '/opt/b'],
    guessed: ['mkdir /opt/a', 'mkdir /opt/b', 'ls /opt/a'],
  },
  {
    name: 'the status of a choice chooses as well',
    script: 'f() { [ -f /vendor/x ] && mkdir /opt/a; }; if f; then mkdir /opt/b; fi; :',
    guessed: ['mkdir /opt/a', 'mkdir /opt/b'],
  },
  {
    name: 'any part of a pipe under pipefail',
    shell: 'bash',
    script: 'set -o pipefail; [ -f /vendor/x ] | true && mkdir /opt/a; :',
    guessed: ['mkdir /opt/a'],
  },
  {
    name: 'the last part of a pipe only',
    shell: 'bash',
    script: '[ -f /vendor/x ] | true && mkdir /opt/a; :',
    open: [],
    exact: ['mkdir /opt/a'],
  },
  {
    name: 'bash tests',
    shell: 'bash',
    script:
      'if [[ "$(curl x.org)" == 1* ]]; then mkdir /opt/a; fi; if [[ -f /vendor/x ]]; then mkdir /opt/b; fi',
    guessed: ['mkdir /opt/a', 'mkdir /opt/b'],
  },
  {
    name: 'a folder that a branch enters',
    script: 'cd /opt; if [ -f /vendor/x ]; then cd /vendor; fi; pwd',
    open: ['/opt'],
  },
  {
    name: 'a program that may be there',
    script:
      'PATH=/vendor:$PATH; if command -v tool > /dev/null; then mkdir /opt/a; fi; P=$(command -v tool); echo "$P" > /opt/p',
    files: { '/opt/p': 'placeholder' },
    guessed: ['mkdir /opt/a'],
  },
];

const LEAVING: readonly Row[] = [
  {
    name: 'a loop without end is left by its first way out',
    script:
      'n=0; while true; do n=$((n+1)); [ -f /vendor/x ] && break; sleep 1; done; while :; do if [ -f /vendor/y ]; then exit 0; fi; done; mkdir /opt/a',
    open: ['/'],
    files: { '/opt/a': undefined },
  },
  {
    name: 'a mask that a branch sets',
    script: '[ -f /vendor/x ] && umask 077; mkdir /opt/a',
    open: ['/'],
    guessed: ['mkdir /opt/a'],
  },
  {
    name: 'a RUN that fails by a choice',
    script: '[ -f /vendor/x ] && echo a > /opt/a; rmdir /opt/none',
    level: 'unknown',
    open: ['/opt/a', '/'],
  },
  {
    name: 'nothing behind a way out is certain',
    script: '[ -f /vendor/x ] && exit 0; mkdir /opt/a; mkdir /opt/b',
    open: ['/'],
    guessed: ['mkdir /opt/a', 'mkdir /opt/b'],
  },
  {
    name: 'nor behind a function that may have returned',
    script: 'f() { if [ -f /vendor/x ]; then return 1; fi; mkdir /opt/a; }; f || mkdir /opt/b; mkdir /opt/c',
    open: ['/'],
    guessed: ['mkdir /opt/a', 'mkdir /opt/c'],
  },
  {
    name: 'nor behind a loop that may have ended',
    script: 'for x in a b; do [ -f /vendor/$x ] && break; mkdir /opt/$x; done; mkdir /opt/c',
    open: ['/'],
    guessed: ['mkdir /opt/a', 'mkdir /opt/b', 'mkdir /opt/c'],
  },
  {
    name: 'a subshell that fails ends no build',
    script: '( [ -f /vendor/x ] || exit 1; mkdir /opt/a ); mkdir /opt/b',
    open: ['/'],
    guessed: ['mkdir /opt/a', 'mkdir /opt/b'],
  },
  {
    name: 'a program that is not simulated, in a branch',
    script: 'if [ -f /vendor/x ]; then /opt/tool; fi; mkdir /opt/b',
    level: 'unknown',
    open: ['/'],
  },
  {
    name: 'a program that goes by the status',
    script: 'find /opt -type f -exec test -f /vendor/x ";" -delete',
    level: 'unknown',
    open: ['/'],
  },
];

for (const [title, rows] of Object.entries({
  'a status that has to be 0': NEEDED,
  'a choice': CHOOSING,
  'a way out': LEAVING,
})) {
  describe(title, () => {
    for (const row of rows) test(row.name, () => check(row));
  });
}

async function check({
  script,
  shell = 'dash',
  level = 'modelled',
  files = {},
  open,
  stdout,
  exact = [],
  guessed = [],
  exitCode = 0,
}: Row) {
  const tool = { '/opt/tool': { mode: 0o755, text: ELF } };
  const report = await simulate(script, { ...IMAGE, shell, files: { ...IMAGE.files, ...tool } });
  const told = JSON.stringify({ ...report, fileSystem: undefined });
  assert.equal(report.certainty.level, level, told);
  assert.equal(report.exitCode, exitCode, told);
  if (guessed.length > 0) assert.ok(report.guess, told);
  if (stdout !== undefined) assert.equal(report.stdout, stdout, told);
  for (const [path, text] of Object.entries(files)) assert.equal(report.text(path), text, `${path} ${told}`);
  if (open) assert.deepEqual([...new Set(report.openRegions.map(({ path }) => path))], open, told);
  const levels = (text: string) =>
    report.commands.filter((command) => command.text === text).map(({ certainty }) => certainty.level);
  for (const text of exact) assert.deepEqual([...new Set(levels(text))], ['exact'], `${text} ${told}`);
  for (const text of guessed) assert.deepEqual([...new Set(levels(text))], ['modelled'], `${text} ${told}`);
}
