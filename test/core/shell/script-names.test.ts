import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Simulation, simulate } from './simulated';

/** What scripts are told of where they lie: as dash and bash of Debian 12 told it in real builds. */
const rows: readonly (readonly [name: string, script: string, printed: string, options?: Simulation])[] = [
  [
    'a script is called by the path that was typed',
    `printf '#!/bin/sh\necho $0\n' > x; chmod +x x; ./x; "$PWD/x"; cd /; tmp/x; ../tmp/x`,
    './x\n/tmp/x\ntmp/x\n../tmp/x\n',
  ],
  [
    'a script of PATH by the folder that PATH names',
    `printf '#!/bin/sh\necho $0\n' > x; chmod +x x; PATH=$PWD:$PATH x; cd /; PATH=tmp:$PATH x`,
    '/tmp/x\ntmp/x\n',
  ],
  ['a text without #!', `echo 'echo $0' > x; chmod +x x; ./x`, './x\n'],
  [
    'BASH_SOURCE of a script',
    `printf '#!/bin/bash\necho "\${BASH_SOURCE[0]} $BASH_SOURCE"\n' > x; chmod +x x; ./x; bash x; bash < x`,
    './x ./x\nx x\n \n',
  ],
  [
    'BASH_SOURCE of what is sourced, and of its functions',
    `echo 'echo "\${BASH_SOURCE[*]}"; f() { echo "\${BASH_SOURCE[*]} \${FUNCNAME[*]}"; }' > lib
echo '. ./lib; f; echo "\${#BASH_SOURCE[@]}"' > x; bash x; bash -c '. ./lib; f'`,
    './lib x\n./lib x f main\n1\n./lib\n./lib f\n',
  ],
  [
    'BASH_SOURCE without a file',
    `f() { echo "\${BASH_SOURCE[0]}"; }; f; echo "[\${BASH_SOURCE[0]}]"`,
    'environment\n[]\n',
    { shell: 'bash' },
  ],
];

for (const [name, script, printed, options] of rows) {
  test(name, async () => {
    const { stdout, certainty } = await simulate(script, options);
    assert.equal(stdout, printed);
    assert.equal(certainty.level, 'exact', JSON.stringify(certainty));
  });
}

test('dash needs both files to tell which is newer; -N is not known to it', async () => {
  const script =
    '[ /etc -nt /nosuch ]; echo $?; [ /nosuch -ot /etc ]; echo $?; [ -N /etc ] 2>/dev/null; echo $?';
  assert.equal((await simulate(script)).stdout, '1\n1\n2\n');
  assert.equal((await simulate(script, { shell: 'bash' })).stdout, '0\n0\n1\n');
});
