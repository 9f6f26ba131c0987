import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askBoth, hasBash } from './real-shell';
import { simulate } from './simulated';

const SHOW = `printf '%s|' "\${#BASH_SOURCE[@]}" "\${BASH_SOURCE[*]}" "\${BASH_SOURCE-unset}" "\${BASH_SOURCE[0]:-none}" "\${FUNCNAME[*]}" "\${#FUNCNAME[@]}" "\${FUNCNAME-unset}" "\${BASH_LINENO[*]}" "\${BASH_LINENO[0]}" "$LINENO" "$0"; echo`;

const FILES = {
  't.sh': `#!/bin/bash
${SHOW}
f() {
  ${SHOW}
}
f
g() { f; }
g
(f)
x=$(f); echo "$x"
. "$PWD/opt/lib.sh" a
lf
. opt/lib.sh
cd opt; . ./lib.sh
PATH=$PWD:$PATH; . lib.sh
PATH=.:$PATH; . lib.sh
. inner.sh
echo "\${BASH_SOURCE[-1]} \${!BASH_SOURCE[*]} \${BASH_SOURCE%/*} \${BASH_SOURCE[0]##*/} $(dirname "\${BASH_SOURCE[0]}")"
[[ "\${BASH_SOURCE[0]}" == "$0" ]] && echo main
`,
  'opt/lib.sh': `echo in lib
${SHOW}
f 2> /dev/null
lf() {
  ${SHOW}
}
lf
[ "\${BASH_SOURCE[0]}" = "$0" ] || echo sourced
`,
  'opt/inner.sh': `k() { . lib.sh; ${SHOW}; }
k
`,
  'lines.sh': `echo a $LINENO
x=$(echo $LINENO)
echo $x
f() {
  echo f $LINENO

  echo f $LINENO
}
f
if [ $LINENO = 10 ]; then echo yes; fi
case x in
 *) echo $LINENO ;;
esac
for i in x
do echo $i $LINENO; done
# a comment
( echo $LINENO
  echo $LINENO )
while :; do
  echo $LINENO; break
done
. ./lines-lib.sh
echo $LINENO
`,
  'lines-lib.sh': 'echo lib $LINENO\nlf() {\n echo $LINENO; }\nlf\n',
};

test('bash tells which file and function runs', { skip: !hasBash }, async (t) => {
  const calls: readonly (readonly string[])[] = [
    ['bash', 't.sh'],
    ['bash', './t.sh'],
    ['bash', '-e', 't.sh', 'x'],
    ['./t.sh'],
    ['bash', 'lines.sh'],
    ['bash', '-c', './t.sh'],
    ['bash', '-c', 'PATH=$PWD:$PATH; t.sh'],
    ['bash', '-c', `${SHOW}; f() { ${SHOW}; }; f\n f; . opt/lib.sh\nlf`],
    ['bash', '-c', `set -u; echo "\${BASH_SOURCE[0]:-x}"; echo "\${BASH_SOURCE[0]}"; echo not`],
  ];
  for (const argv of calls) {
    await t.test(argv.join(' ').slice(0, 60), async () => {
      const { real, ours } = await askBoth(FILES, argv, { shell: 'bash' });
      assert.deepEqual(ours, { ...real, level: 'exact' });
    });
  }
  await t.test('a script on standard input', async () => {
    const stdin = `${SHOW}\nf() { ${SHOW}; }\n f\n. opt/lib.sh\nlf\n`;
    const { real, ours } = await askBoth(FILES, ['bash'], { shell: 'bash', stdin });
    assert.deepEqual(ours, { ...real, level: 'exact' });
  });
});

test('lines that each shell counts in its own way are not vouched for', async () => {
  for (const script of [
    'for i in $LINENO; do echo $i; done',
    "eval 'echo $LINENO'",
    'echo "a\nb" $LINENO',
    'echo \\\n $LINENO',
    "trap 'echo $LINENO' EXIT",
    "f() { echo ${BASH_LINENO[0]}; }; eval 'f'",
  ]) {
    const { certainty } = await simulate(script, { shell: 'bash' });
    assert.equal(certainty.level, 'modelled', script);
  }
});

test("Debian's dash has no LINENO", async () => {
  const { stdout, certainty } = await simulate('echo "[$LINENO]"; LINENO=x; echo $LINENO');
  assert.equal(stdout, '[]\nx\n');
  assert.equal(certainty.level, 'exact');
});
