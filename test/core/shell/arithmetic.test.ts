import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askBoth, hasBash } from './real-shell';

/** What bash refuses may be unknown to us. Each runs as `((…))` and as `$((…))`, with a=5, b=3, i=2, x=0, y=7, z=9, s empty and u unset. */
const EXPRESSIONS = [
  'a<b',
  'a>b',
  'a<=b',
  'a>=b',
  'a==b',
  'a!=b',
  'a<<=1',
  'a>>=1',
  'a<<1',
  'a>>1',
  'a=b',
  'a+=b',
  'a-=b',
  'a*=b',
  'a/=b',
  'a%=b',
  'a&=b',
  'a|=b',
  'a^=b',
  'a = b > 2',
  'a&b',
  'a|b',
  'a^b',
  '~a',
  '!a',
  '!x',
  'a&&x',
  'x||a',
  'x?y:z',
  'a ? y : z',
  'x ? (y=1) : (z=1)',
  'a>b?a:b',
  'a<b?a:b',
  'i++',
  'i--',
  '++i',
  '--i',
  'i++ + ++i',
  'a - -b',
  'a--b',
  'a- -1',
  '+a',
  '- a',
  'a**b',
  'a**2',
  '-a**2',
  '2**3**2',
  'a*b+i',
  'a*(b+i)',
  '(a+b)*i',
  'a/b',
  'a%b',
  '-a/b',
  '-a%b',
  'a,b',
  'a=1,b=2',
  'x=a>b,y=a<b',
  '$a<$b',
  '${a}>$b',
  '"$a" > 2',
  '$(echo 4)>3',
  '`echo 2` < 3',
  's',
  'u',
  'u+1',
  '0x1F',
  '010',
  '2#101',
  '16#ff',
  '36#z',
  'a > 1 && b < 4',
  'a>1&&b<4||x',
  '!(a>b)',
  '! a>b',
  '1<2<3',
  '3>2>1',
  'a<b|1',
  'a&1==1',
  'n[1]',
  'n[i]',
  'n[i+1]>0',
  'n[0]+=5',
  'n[1]<<=2',
  'n[x]++',
  '${#n[@]}>2',
  '${n[1]}*2',
  '9223372036854775807+1',
  '1<<63',
  '1<<64',
  '-1>>1',
  '5 5',
  'a b',
  'a+',
  '*a',
  '1/0',
  '1%x',
  '',
  ' ',
  'a=',
  '1=2',
  'a\n>\nb',
  ' a  <  b ',
] as const;

const START = 'a=5; b=3; i=2; x=0; y=7; z=9; s=; n=(1 2 3 4)\n';
const END = '\necho "$? $a $b $i $x $y $z ${n[*]}"\n';

test('arithmetic as bash does it', { skip: !hasBash }, async (t) => {
  const forms: readonly (readonly [string, (text: string) => string])[] = [
    ['((…))', (text) => `((${text}))`],
    ['(( … )) in a condition', (text) => `if (( ${text} )); then echo yes; else echo no; fi`],
    ['$((…))', (text) => `echo $((${text}))`],
    ['for ((…))', (text) => `for ((k=0; k<1 && (${text}) | 1; k++)); do echo turn; done`],
  ];
  for (const [form, write] of forms) {
    for (const text of EXPRESSIONS) {
      if (form === 'for ((…))' && /^\s*$|\n/.test(text)) continue;
      await t.test(`${form} ${JSON.stringify(text)}`, async () => {
        const { real, ours } = await askBoth({}, ['bash', '-c', START + write(text) + END], {
          shell: 'bash',
        });
        if (ours.level === 'unknown') return assert.match(real.stdout, /^1 [^\n]+\n$/);
        assert.deepEqual(ours, { ...real, level: 'exact' });
      });
    }
  }
});
