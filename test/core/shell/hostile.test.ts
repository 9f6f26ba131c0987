import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Simulation, simulate } from './simulated';

/**
 * Scripts that would run for ever, fill the memory or trip over names of JavaScript. Each ends within its limit and a
 * second, in a report: right, or `unknown` with a reason; nothing is thrown, and the heap stays as it was.
 */
const MILLISECONDS = 150;
const MEGABYTE = 1024 * 1024;
const LIMITS = { steps: 2_000_000, milliseconds: MILLISECONDS, bytes: 8 * MEGABYTE };
/** Besides its limit, in time of the processor; the benchmark measures how much of it is used. */
const GRACE = 5_000;
const MOST_HEAP = 300 * MEGABYTE;

type Shell = NonNullable<Simulation['shell']>;
const ALL: readonly Shell[] = ['dash', 'bash', 'ash'];

interface Ending {
  /** A piece of the reason. Without one the script ends as the real one would. */
  readonly reason?: RegExp;
  readonly stdout?: string;
  readonly exitCode?: number;
}

/** A script, which shells run it, and how it ends. */
type Row = readonly [script: string, shells: readonly Shell[], ending: Ending];

const TIME = { reason: /stopped after 0\.15 seconds/ };
const DEPTH = { reason: /stopped at a (recursion|nesting)/ };
const TEXT = { reason: /stopped at a (text|field)/ };
const FILES = { reason: /stopped after 8 MB of written files|stopped at a text/ };
const PATTERN = { reason: /a pattern on .* takes more than 0\.5 seconds/ };
const ANY = { reason: /./ };
const dash: readonly Shell[] = ['dash'];
const bash: readonly Shell[] = ['bash'];

const forever: readonly Row[] = [
  ['while :; do :; done', ALL, TIME],
  ['until false; do :; done', ALL, TIME],
  ['while :; do sleep 1000; done', ALL, TIME],
  ['while :; do : & done', ALL, TIME],
  ['while true; do (:); done', ALL, TIME],
  ["trap 'while :; do :; done' EXIT; exit", ALL, TIME],
  ["trap 'exit' EXIT; exit", ALL, { exitCode: 0 }],
  ['i=0; while [ $i -lt 1000000000 ]; do i=$((i+1)); done', ALL, TIME],
  ['echo 1 > f; while read x; do echo $x >> f; done < f', dash, TIME],
  ['for ((;;)); do :; done', bash, TIME],
  ['for ((i=0;i<1000000000;i++)); do x[i]=1; done', bash, TIME],
  ["trap 'false' ERR; while :; do false; done", bash, TIME],
  ['sleep infinity', ALL, ANY],
  ['read x; wait; cat; echo $?', ALL, { stdout: '0\n' }],
  ['tail -f /etc/passwd', ALL, ANY],
  ['yes | while read x; do :; done', dash, TIME],
  ['yes', ALL, ANY],
  ["awk 'BEGIN{while(1);}'", ALL, TIME],
  ["awk 'BEGIN{while(1) a[i++]=i}'", dash, TIME],
  ["echo x | sed ':a;ba'", ALL, TIME],
  ["echo x | sed ':a;s/x/xx/;ta'", dash, TIME],
  ['seq 1000000000 > f', dash, TIME],
  ['seq 100000 | xargs -n1 echo > f', dash, TIME],
];

const recursion: readonly Row[] = [
  ['f() { f; }; f', ALL, DEPTH],
  ['f() { g; }; g() { f; }; f', ALL, DEPTH],
  ['b() { b | b & }; b', ALL, DEPTH],
  [':(){ :|:& };:', bash, DEPTH],
  ["echo 'sh /tmp/b' > /tmp/a; echo 'sh /tmp/a' > /tmp/b; sh /tmp/a", ALL, DEPTH],
  ['printf \'#!/bin/sh\\nexec "$0"\\n\' > s; chmod +x s; ./s', ALL, DEPTH],
  ['x=\'eval "$x"\'; eval "$x"', ALL, DEPTH],
  ["echo 'find / -exec sh /tmp/r {} \\;' > /tmp/r; sh /tmp/r", dash, DEPTH],
  ["awk 'function f(){f()} BEGIN{f()}'", dash, ANY],
  ['a="a[a]"; echo $((a[a]))', bash, DEPTH],
  [`echo ${'"$(echo '.repeat(1000)}${')"'.repeat(1000)}`, dash, ANY],
  [`echo $((${'('.repeat(1000)}1${')'.repeat(1000)}))`, ALL, ANY],
  [`${'{ '.repeat(1000)}:${'; }'.repeat(1000)}`, ALL, ANY],
  [`${'if true; then '.repeat(1000)}:${'; fi'.repeat(1000)}`, ALL, ANY],
  [`awk 'BEGIN{print ${'('.repeat(2000)}1${')'.repeat(2000)}}'`, dash, ANY],
  [`${'eval '.repeat(20_000)}:`, dash, TIME],
  [`${'if true; then '.repeat(20_000)}:${'; fi'.repeat(20_000)}`, dash, ANY],
  [`${'case x in x) '.repeat(20_000)}:${';; esac'.repeat(20_000)}`, bash, ANY],
  [`${': && '.repeat(2_000)}echo end`, ALL, { stdout: 'end\n' }],
  [`${'env '.repeat(1000)}true`, dash, ANY],
];

const memory: readonly Row[] = [
  ['x=x; while :; do x=$x$x; done', ALL, TEXT],
  ['x=x; while :; do x=$(echo $x$x); done', dash, { reason: /stopped/ }],
  ['x=x; while :; do x+=$x; done', bash, TEXT],
  ['a=(x); while :; do a+=("${a[@]}"); done', bash, { reason: /stopped/ }],
  ["printf '%1000000000s' x > f", ALL, TEXT],
  ["printf '%*d' 1000000000 1", ALL, TEXT],
  ["printf -v x '%1000000000s' y", bash, TEXT],
  ['awk \'BEGIN{printf "%1000000000s", "x"}\'', dash, TEXT],
  ['awk \'BEGIN{x="x"; while(1) x = x x}\'', dash, TEXT],
  ["echo x | sed ':a;s/.*/&&/;ba'", dash, TEXT],
  ["echo x | sed ':a;G;h;ba'", dash, TEXT],
  ['echo {1..1000000000}', bash, ANY],
  [`echo ${'{a,b}'.repeat(30)}`, bash, ANY],
  ['echo x > f; while :; do cat f f > g; mv g f; done', ALL, FILES],
  ['echo x > f; while :; do cat f >> f; done', ['dash', 'bash'], TIME],
  ['echo x > f; while :; do cat f >> f; done', ['ash'], FILES],
  ['while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxx; done | cat > f', dash, TIME],
  ['cat /dev/zero > f', ALL, ANY],
  ['cat /dev/urandom | head -c 10 > f', ALL, ANY],
  ['head -c 100000000000 /dev/zero > f', dash, { reason: /may not fit on the disk/ }],
];

const A = 'a'.repeat(40);
const patterns: readonly Row[] = [
  [`x=${A.repeat(5)}; echo \${x##${'*a'.repeat(14)}b}`, ALL, PATTERN],
  [`case ${A.repeat(5)} in ${'*a'.repeat(12)}*b) ;; esac`, bash, PATTERN],
  [`touch ${A.repeat(5)}; echo ${'*a'.repeat(12)}*b`, dash, PATTERN],
  [`[[ ${A}b =~ ^(a+)+$ ]]`, bash, PATTERN],
  [`shopt -s extglob\n[[ ${A} == +(+(a)|a)b ]]`, bash, PATTERN],
  [`echo ${A}b | grep -E '^(a+)+$'`, dash, PATTERN],
  [`echo ${A}b | grep '\\(a*\\)*$'`, dash, PATTERN],
  [`echo ${A} | grep -P '^(a+)+b'`, dash, PATTERN],
  [`echo ${A}b | sed -E 's/^(a|a)*$/x/'`, dash, PATTERN],
  [`echo ${A}b | awk '/^(a+)+$/'`, dash, PATTERN],
  [`expr ${A}b : '\\(a*\\)*c'`, dash, PATTERN],
  // Expressions of every day are not hindered.
  [`echo ${A}b | sed -E 's/(a|b)+$/x/; s/^(.*)x/\\1y/'`, ALL, { stdout: 'y\n' }],
  ['seq 5000 | grep -cE "^([0-9]+)+$"', dash, { stdout: '5000\n' }],
];

const trees: readonly Row[] = [
  ["mkdir -p $(printf 'a/%.0s' $(seq 10000))", dash, ANY],
  ['i=0; while [ $i -lt 100000 ]; do mkdir d; cd d; i=$((i+1)); done', ALL, ANY],
  ["mkdir -p $(printf 'a/%.0s' $(seq 300)); find . | wc -l; rm -rf a; ls", dash, { stdout: '301\n' }],
  [`echo ${'/*'.repeat(300)} | wc -c`, dash, { stdout: '601\n' }],
  [`ls ${'/..'.repeat(1000)} | head -1`, dash, { stdout: 'bin\n' }],
  [`touch ${'n'.repeat(256)}; echo $?; ls`, dash, { stdout: '1\n' }],
  ['seq 3000 | xargs touch; echo * | wc -w; rm *; ls', dash, { stdout: '3000\n' }],
  ['ln -s a b; ln -s b a; cat a || cd a || mkdir a/x; echo $?', dash, { stdout: '1\n' }],
  ['ln -s a b; ln -s b a; find -L a', dash, ANY],
  ['ln -s . l; find -L .', dash, ANY],
  ['ln -s . l; cp -rL . /x', dash, ANY],
  ['ln -s . l; tar chf /x.tar .', dash, ANY],
  [`ln -s . l; cd ${'l/'.repeat(41)} || echo no`, dash, { stdout: 'no\n' }],
  [
    'echo x > f; for i in $(seq 300); do ln f l$i; done; stat -c %h f; rm l*; stat -c %h f',
    dash,
    { stdout: '301\n1\n' },
  ],
  ["printf 'a\\000b' > f; x=$(cat f); echo $x; wc -c < f", dash, { stdout: 'ab\n3\n' }],
];

/** What every JavaScript object has, used as names of everything that has one. */
const NAMES = ['__proto__', 'constructor', 'hasOwnProperty', 'toString'];
const named = NAMES.flatMap((name): Row[] => [
  [
    `${name}=1; echo $${name}; ${name}() { echo f; }; ${name}; export ${name}; env | grep ^${name}; unset ${name}; echo $${name}`,
    ALL,
    { stdout: `1\nf\n${name}=1\n\n` },
  ],
  [
    `mkdir -p d/${name}; touch ${name}; echo d/* ${name}; rm ${name}; ls`,
    ALL,
    { stdout: `d/${name} ${name}\nd\n` },
  ],
  [`${name} 2> /dev/null; echo $?`, ALL, { stdout: '127\n' }],
  [
    `awk 'BEGIN { a["${name}"] = 1; for (k in a) print k, a[k]; print ("valueOf" in a), ${name}++ + 0, ${name} }'`,
    dash,
    { stdout: `${name} 1\n0 0 1\n` },
  ],
  [
    `declare -A m; m[${name}]=1; echo \${m[${name}]} \${!m[@]} [\${m[valueOf]}]`,
    bash,
    { stdout: `1 ${name} []\n` },
  ],
  [
    `echo ${name} | sed ':${name};s/x/y/;t${name}'; echo $((${name} + 1)); id ${name} 2> /dev/null; echo $?`,
    dash,
    {
      stdout: `${name}\n1\n1\n`,
    },
  ],
  [`tar --${name}`, dash, ANY],
  [`find . -${name}`, dash, ANY],
  [`chmod ${name} /etc/passwd 2> /dev/null; echo $?`, dash, { stdout: '1\n' }],
]);

/** Whoever opens one waits for its other end, and most of these would wait for ever. */
const FIFO = { reason: /fifo|special file/ };
const fifos = [
  'echo x > p',
  'cat p',
  'cat < p',
  'echo a >> p',
  ': > p',
  'cat p & echo x > p; wait',
  'exec 3<>p; echo x >&3; read y <&3; echo $y',
  'while read l; do :; done < p',
  'x=$(cat p)',
  'grep x p',
  'head -1 p',
  'cp p q',
  '. ./p',
  'tee p < /dev/null',
  'sort -o p /etc/passwd',
].map((script): Row => [`mkfifo p; ${script}`, ['dash', 'bash'], FIFO]);

const lines: readonly Row[] = [
  ["head -c 7000000 /dev/zero | tr '\\0' a > f; wc -c f; grep -c a f", dash, { stdout: '7000000 f\n1\n' }],
  ["head -c 7000000 /dev/zero | tr '\\0' a | sed 's/a/b/' | wc -c", dash, { stdout: '7000000\n' }],
  ["head -c 10000000 /dev/zero | tr '\\0' a | sed 's/a/b/' | wc -c", dash, { reason: /stopped/ }],
  ['x=$(head -c 10000000 /dev/zero | tr "\\0" a); echo ${#x}', ALL, { reason: /stopped/ }],
];

const groups = { fifos, lines, forever, recursion, memory, patterns, trees, named };
for (const [group, rows] of Object.entries(groups)) {
  describe(`hostile scripts: ${group}`, () => {
    for (const [script, shells, ending] of rows) {
      for (const shell of shells)
        test(`${shell}: ${script.slice(0, 70)}`, () => endsWell(script, shell, ending));
    }
  });
}

async function endsWell(script: string, shell: Shell, { reason, stdout, exitCode }: Ending): Promise<void> {
  const before = process.memoryUsage();
  const since = process.cpuUsage();
  // What ends at another limit is given the time for it, on a busy machine too.
  const milliseconds = reason === TIME.reason ? MILLISECONDS : 10_000;
  const report = await simulate(script, { shell, limits: { ...LIMITS, milliseconds } });
  const { user, system } = process.cpuUsage(since);
  const took = (user + system) / 1000;
  const now = process.memoryUsage();
  const { certainty } = report;
  const reasons = 'reasons' in certainty ? certainty.reasons.join('; ') : '';
  if (reason) {
    assert.equal(certainty.level, 'unknown', `${certainty.level} with exit code ${report.exitCode}`);
    assert.match(reasons, reason);
    assert.doesNotMatch(reasons, /the simulation failed/);
    assert.deepEqual(report.openRegions.at(-1)?.path, '/');
    const expected = reason === TIME.reason ? MILLISECONDS : 0;
    assert.ok(took < expected + GRACE, `took ${took} ms of the processor`);
  } else {
    assert.notEqual(certainty.level, 'unknown', reasons);
    if (stdout !== undefined) assert.equal(report.stdout, stdout);
    if (exitCode !== undefined) assert.equal(report.exitCode, exitCode);
  }
  const grown = now.heapUsed + now.arrayBuffers - before.heapUsed - before.arrayBuffers;
  assert.ok(grown < MOST_HEAP, `the heap grew by ${grown / MEGABYTE} MB`);
}

test('a run is cancelled while a command keeps the thread busy', async () => {
  const controller = new AbortController();
  const since = performance.now();
  const report = await simulate("awk 'BEGIN{while(1);}'", {
    limits: { steps: 1e9, milliseconds: 10_000 },
    signal: controller.signal,
    listen: () => controller.abort(),
  });
  assert.equal(report.certainty.level, 'unknown');
  assert.ok(performance.now() - since < 1_000);
});
