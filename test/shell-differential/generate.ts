import { Random } from '../differential/random';
import type { Script } from './scripts';

/** Paths of the base that a random script works on, and names that it makes. */
const FILES = [
  '/seed/data.txt',
  '/seed/conf.json',
  '/seed/run.sh',
  '/seed/dir/f1',
  '/seed/dir/sub/f2',
  '/etc/issue',
];
const FOLDERS = ['/seed', '/seed/dir', '/seed/dir/sub', '/seed/nm', '/tmp', '/usr/share/zoneinfo/Etc'];
const LINKS = ['/seed/dir/lnk', '/bin', '/etc/localtime'];
const NEW = ['/new', '/seed/new', '/tmp/new', '/seed/dir/new', '/w/x', '/w', 'rel', 'rel/deep'];
const MODES = [
  '600',
  '755',
  '4755',
  '2775',
  '1777',
  'u+x',
  'go-rwx',
  'a+X',
  'g=u',
  'u=rw,go=r',
  '-x',
  'g+s',
  '0',
];
const OWNERS = ['www-data', 'www-data:', 'www-data:daemon', ':daemon', '5', '5:6', '0:0', 'nosuch'];
const MASKS = ['022', '077', '002', '0', '027'];
const TEXTS = ['line', 'a', '{', '^', '[0-9]', '.', 'x*'];

/** Commands; `@f` stands for a file, `@d` for a folder, `@n` for a new name, `@l` for a link, `@p` for any of them. */
const COMMANDS = [
  'mkdir @n',
  'mkdir -p @n',
  'mkdir -m @MODE @n',
  'rmdir @p',
  'rm @p',
  'rm -f @p @p',
  'rm -r @p',
  'rm -rf @p',
  'touch @p',
  'touch -d @1000 @p',
  'touch -r @f @p',
  'cp @f @p',
  'cp @f @f @d',
  'cp -r @p @p',
  'cp -a @p @p',
  'cp -rL @p @n',
  'cp -p @f @p',
  'cp -rT @d @p',
  'cp -n @f @p',
  'cp --parents @f @d',
  'cp -l @f @n',
  'cp -s @f @n',
  'cp -d @l @n',
  'mv @p @p',
  'mv -f @p @p',
  'mv -n @f @p',
  'mv @p @p @d',
  'mv -T @p @p',
  'ln @f @n',
  'ln -s @p @n',
  'ln -sf @p @p',
  'ln -sfn @p @p',
  'ln -f @f @p',
  'ln -sr @p @n',
  'chmod @MODE @p',
  'chmod -R @MODE @p',
  'chown @OWNER @p',
  'chown -R @OWNER @p',
  'chown -h @OWNER @l',
  'chgrp daemon @p',
  'install @f @p',
  'install -D @f @n',
  'install -d @n',
  'install -m @MODE @f @p',
  'umask @MASK',
  'cd @d',
  'echo x > @p',
  'echo y >> @p',
  'cat @f @f > @p',
  'sed -i s/@TEXT/Z/ @f',
  'sed -n /@TEXT/p @f > @n',
  'grep @TEXT @f > @n',
  'grep -c @TEXT @f @f > @n',
  'sort -r @f > @n',
  'head -n 1 @f >> @p',
  'wc -l @f > @n',
  'truncate -s 7 @p',
  'dd if=@f of=@p bs=3 count=2',
  'find @d -type f | sort > @n',
  'find @d -name "*.txt" -delete',
  'find @d -type d -exec chmod @MODE {} +',
  'find @d -newer @f -type f | sort > @n',
  'ls @d > @n',
  'ls -d @p @p > @n',
  'stat -c "%a %u:%g %s %F" @f > @n',
  'readlink -f @p > @n',
  'test -e @p',
  '[ -d @p ]',
  'tar -C @d -cf /t.tar . && tar -C @d -xf /t.tar; rm -f /t.tar',
  'tar -xzf /seed/pkg.tar.gz -C @d',
  'mkfifo @n',
  'tee @p < @f > /dev/null',
  'for i in @p @p; do echo $i; done >> @n',
  '(cd @d && touch n)',
  'if [ -f @p ]; then rm @p; else mkdir @p; fi',
  'while read l; do echo "$l"; done < @f > @n',
  'printf "%s\\n" @p @p > @n',
] as const;

const JOINTS = ['; ', ' && ', ' || ', '\n'];

/** A random script; a seed always gives the same. */
export function generateScript(seed: number): Script {
  const random = new Random(seed);
  const commands = Array.from({ length: random.between(2, 6) }, () => command(random));
  const text = commands.reduce((script, next) => script + random.pick(JOINTS) + next);
  return {
    name: `random/${seed}`,
    text: random.chance(30) ? `set -e; ${text}` : text,
    shell: random.chance(25) ? '/bin/bash' : '/bin/sh',
    user: random.chance(15) ? 'www-data' : 'root',
    environment: {},
  };
}

function command(random: Random): string {
  return random.pick(COMMANDS).replace(/@([A-Za-z]+)/g, (_, word: string) => operand(random, word));
}

function operand(random: Random, word: string): string {
  switch (word) {
    case 'f':
      return random.pick(FILES);
    case 'd':
      return random.pick(FOLDERS);
    case 'n':
      return random.pick(NEW);
    case 'l':
      return random.pick(LINKS);
    case 'p':
      return random.pick([...FILES, ...FOLDERS.slice(1, 4), ...NEW, ...LINKS.slice(0, 1)]);
    case 'MODE':
      return random.pick(MODES);
    case 'OWNER':
      return random.pick(OWNERS);
    case 'MASK':
      return random.pick(MASKS);
    default:
      return random.pick(TEXTS);
  }
}
