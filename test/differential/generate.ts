import type { GoldenCase, GoldenFile } from '../core/golden/case';
import { escaped } from './dockerfile-words';
import { generateContext } from './generate-context';
import { copyLine, type Scene } from './generate-copy';
import { generateIgnoreFiles } from './generate-ignore';
import { Random } from './random';

export type GeneratedCase = Omit<GoldenCase, 'expected'>;

const IN_BB = [
  'opt/base',
  'opt/base/a.txt',
  'opt/base/sub',
  'opt/base/link',
  'opt/base/dirlink',
  'opt/base/dirlink/c.txt',
  'opt/base/hard1',
  'opt/base/hard2',
  'opt/base/suid',
  'home',
  'srv',
  'tmp',
  'etc/passwd',
  'root',
  'bin/sh',
  'bin/l*',
  'opt',
  'home/app',
  'etc',
];
const RUNS = [
  'mkdir -p /made/deep',
  'mkdir -p /d && chmod 700 /d',
  'ln -s /opt/base /made-link',
  'ln -s missing /broken',
  'ln -s a.txt /lnk',
  'ln -s /d /lnk',
  'rm -rf /opt/base/sub',
  'rm /opt/base/a.txt',
  'rm -rf /d /x',
  'chmod 700 /opt/base',
  'chown 1000:50 /opt/base/a.txt',
  'mkdir -p /made && ln -s ../opt/base/sub /made/in',
  'rm -rf /opt/base && mkdir /opt/base',
  'ln /opt/base/a.txt /opt/base/again',
  'chmod g+s /home/app',
  'echo made > /made',
];

/** The case that a seed stands for: a context with ignore files, and a Dockerfile that copies from it. */
export function generateCase(seed: number): GeneratedCase {
  const random = new Random(seed);
  const context = generateContext(random);
  const stages: Stage[] = [];
  for (let count = random.weighted({ one: 45, two: 35, three: 20 }); stages.length < COUNTS[count]; ) {
    stages.push(generateStage(random, stages, context));
  }
  // Most ignore files leave alone what is copied by name.
  const dockerfile = `${stages.flatMap(({ lines }) => lines).join('\n')}\n`;
  const spared = context.filter(({ path }) => dockerfile.includes(escaped(path))).map(({ path }) => path);
  const files = [...context, ...generateIgnoreFiles(random, context, spared)];
  const target = stages.length > 1 && random.chance(12) ? random.pick(stages).name : undefined;
  return {
    name: `seed-${seed}`,
    about: 'made by the differential test',
    dockerfile,
    files,
    buildArgs: random.chance(50) ? { DEST: random.pick(['/given', '/given/', 'given']) } : {},
    ...(target && { target }),
  };
}

const COUNTS = { one: 1, two: 2, three: 3 } as const;

interface Stage {
  readonly name: string;
  readonly hasAccounts: boolean;
  readonly lines: readonly string[];
  readonly paths: readonly string[];
  readonly fileTargets: ReadonlySet<string>;
}

function generateStage(random: Random, before: readonly Stage[], context: readonly GoldenFile[]): Stage {
  const name = `stage${before.length}`;
  const parent = before.length > 0 && random.chance(30) ? random.pick(before) : undefined;
  const isBusybox = !parent && random.chance(60);
  const hasAccounts = parent ? parent.hasAccounts : isBusybox;
  const scene: Scene = {
    files: context,
    sources: sourcesOf(random, before),
    paths: [...(parent?.paths ?? [])],
    fileTargets: new Set(parent?.fileTargets),
    hasAccounts,
  };
  const lines = [`FROM ${parent ? parent.name : isBusybox ? 'bb:1' : 'scratch'} AS ${name}`];
  lines.push('ARG DEST=/env/dest', `ENV SRC=${wordOf(random, context)} OWN=app MODE=640`);
  for (let count = random.between(2, 5); count > 0; count--) lines.push(generateLine(random, scene));
  return { name, hasAccounts, lines, paths: scene.paths, fileTargets: scene.fileTargets };
}

/** A name in the root of the context that needs no quotes. */
function wordOf(random: Random, context: readonly GoldenFile[]): string {
  const names = context.map(({ path }) => path).filter((path) => /^[\w.]+$/.test(path));
  return names.length === 0 || random.chance(10) ? 'src' : random.pick(names);
}

function sourcesOf(random: Random, before: readonly Stage[]): Scene['sources'] {
  const stages = before.map(({ name, paths, hasAccounts }, index) => ({
    from: random.chance(70) ? name : String(index),
    paths: [...paths, ...(hasAccounts ? IN_BB : [])],
  }));
  return [...stages.filter(({ paths }) => paths.length > 0), { from: 'bb:1', paths: IN_BB }];
}

function generateLine(random: Random, scene: Scene): string {
  switch (random.weighted({ copy: 72, workdir: 9, user: 4, run: 10, heredoc: 5, other: 2 })) {
    case 'workdir': {
      const known = scene.paths.length > 0 ? random.pick(scene.paths) : '/w';
      return `WORKDIR ${random.pick(['/w', 'deeper', '/w/x/../y', '$DEST', '/opt/base/dirlink/wd', '/srv/wd', '..', known]).replace(/\s/g, '_')}`;
    }
    case 'user':
      return `USER ${random.pick(scene.hasAccounts ? ['app', 'nobody', '1000', '1000:50', 'app:staff', '1234'] : ['1000', '1000:50', '5'])}`;
    case 'run':
      return scene.hasAccounts ? `RUN ${random.pick(RUNS)}` : copyLine(random, scene);
    case 'heredoc':
      return heredocLine(random);
    case 'other':
      return random.pick(['VOLUME /d', 'LABEL a=b', 'ENV SRC=b.txt', 'EXPOSE 80']);
    default:
      return copyLine(random, scene);
  }
}

function heredocLine(random: Random): string {
  const flags = random.pick(['', '--chmod=755 ', '--chown=1000:50 ', '--chmod=u+x ', '']);
  const word = random.pick(['ONE', "'ONE'", '"ONE"', '-ONE']);
  const body = random.pick(['plain', 'with $SRC and \\$SRC', '\tindented ${NONE:-x}', "quo'te $SRC", '']);
  const destination = random.pick(['/hd', '/hd/', '/opt/base/link', '$DEST/', 'rel/']);
  if (random.chance(25)) return `COPY ${flags}<<ONE <<TWO ${destination}\n${body}\nONE\ntwo\nTWO`;
  return `${random.pick(['COPY', 'ADD'])} ${flags}<<${word} ${destination}\n${body}\nONE`;
}
