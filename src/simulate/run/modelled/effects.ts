import type { CommandContext } from '../command';

/** What a simulated program does, told from its arguments alone: for when what it works on is not known. */
export interface Effect {
  /** Paths that it makes, changes or removes, each with all below it. */
  readonly writes: readonly string[];
  /** Paths that are gone afterwards. */
  readonly removes?: readonly string[];
}

type Told = (args: readonly string[], context: CommandContext) => Effect | undefined;

const NOTHING: Effect = { writes: [] };

const operandsOf = (args: readonly string[]) => args.filter((arg) => !/^-./.test(arg));
const all: Told = (args) => ({ writes: operandsOf(args) });
const afterFirst: Told = (args) => ({ writes: operandsOf(args).slice(1) });
const prints: Told = () => NOTHING;

/** `cp`, `ln`: what is named last, or after `-t`. Of `ln FILE` alone, a name in the working folder. */
const intoLast: Told = (args) => {
  const operands = operandsOf(args);
  const target = valueOf(args, '-t', '--target-directory');
  if (operands.length === 1 && target === undefined) return { writes: ['.'] };
  return { writes: [target ?? operands.at(-1) ?? '.'] };
};

const FILTERS =
  'awk gawk mawk base64 cat comm cut egrep expand fgrep fold grep head join ls md5sum nl od paste readlink realpath rev sha1sum sha256sum sha384sum sha512sum sort stat tac tail tr uniq wc which basename dirname echo printf du df seq date xzcat zcat bzcat zstdcat';

const DECIDES = new Set('[ cmp diff egrep fgrep getent grep id test which'.split(' '));

const apache: Told = () => ({ writes: ['/etc/apache2', '/var/lib/apache2'] });

const accounts: Told = () => ({ writes: ACCOUNT_FILES });
const ACCOUNT_FILES = ['passwd', 'group', 'shadow', 'gshadow'].flatMap((name) => [
  `/etc/${name}`,
  `/etc/${name}-`,
]);

const TOLD: Readonly<Record<string, Told>> = {
  a2disconf: apache,
  a2dismod: apache,
  a2dissite: apache,
  a2enconf: apache,
  a2enmod: apache,
  a2ensite: apache,
  ...Object.fromEntries([...FILTERS.split(' '), ...DECIDES].map((name) => [name, prints])),
  usermod: accounts,
  gpasswd: accounts,
  chgrp: afterFirst,
  chmod: afterFirst,
  chown: afterFirst,
  cp: intoLast,
  ln: intoLast,
  install: (args, context) =>
    args.some((arg) => /^-\w*d\w*$|^--directory$/.test(arg)) ? all(args, context) : intoLast(args, context),
  mkdir: all,
  mkfifo: all,
  mknod: all,
  rmdir: all,
  touch: all,
  tee: all,
  truncate: all,
  rm: (args) => ({ writes: [], removes: operandsOf(args) }),
  unlink: (args) => ({ writes: [], removes: operandsOf(args) }),
  mv: (args, context) => ({ ...intoLast(args, context)!, removes: operandsOf(args).slice(0, -1) }),
  sed: (args) => {
    const inPlace = args.some((arg) => /^-[nErsuz]*i|^--in-place/.test(arg));
    if (!inPlace) return NOTHING;
    const hasScript = args.some((arg) => /^-\w*[ef]$|^--(?:expression|file)/.test(arg));
    return { writes: operandsOf(args).slice(hasScript ? 0 : 1) };
  },
  find: (args) => {
    const starts = args.findIndex((arg) => /^[-(!]/.test(arg));
    const acts = args.some((arg) => /^-(?:delete|exec|execdir|ok|fprint.*)$/.test(arg));
    const roots = starts < 0 ? args : args.slice(0, starts);
    return acts ? { writes: roots.length > 0 ? roots : ['.'] } : NOTHING;
  },
  tar: (args) => {
    const mode = args.find((arg) => /^-?\w*[xtc]\w*$|^--(?:extract|list|create)$/.test(arg)) ?? '';
    if (/t|list/.test(mode) && !/x/.test(mode)) return NOTHING;
    if (/x|get/.test(mode)) return { writes: [valueOf(args, '-C', '--directory') ?? '.'] };
    const file = valueOf(args, '-f', '--file') ?? args[args.indexOf(mode) + 1];
    return file === undefined || file === '-' ? NOTHING : { writes: [file] };
  },
  gzip: compressing,
  gunzip: compressing,
  xz: compressing,
  unxz: compressing,
  bzip2: compressing,
  bunzip2: compressing,
  zstd: compressing,
  unzstd: compressing,
  unzip: (args) => ({ writes: [valueOf(args, '-d', '-d') ?? '.'] }),
  'update-alternatives': (args) => {
    const [link] = args[args.indexOf('--install') + 1]?.startsWith('/')
      ? [args[args.indexOf('--install') + 1]!]
      : ['/usr/bin'];
    return { writes: ['/etc/alternatives', '/var/lib/dpkg/alternatives', link] };
  },
};

/** Beside each file lies what is made of it. */
function compressing(args: readonly string[]): Effect {
  if (args.some((arg) => /^-\w*c\w*$|^--(?:to-)?stdout$/.test(arg))) return NOTHING;
  const operands = operandsOf(args);
  return {
    writes: operands.flatMap((file) => [
      file,
      file.replace(/\.\w+$/, ''),
      `${file}.gz`,
      `${file}.xz`,
      `${file}.bz2`,
      `${file}.zst`,
    ]),
  };
}

function valueOf(args: readonly string[], short: string, long: string): string | undefined {
  for (const [index, arg] of args.entries()) {
    if (arg === short || arg === long) return args[index + 1];
    if (arg.startsWith(`${long}=`)) return arg.slice(long.length + 1);
    if (arg.startsWith(short) && !arg.startsWith('--')) return arg.slice(short.length);
  }
  return undefined;
}

/** A program that is asked for its status: it tells whether something is so. */
export function decidesByStatus(name: string): boolean {
  return DECIDES.has(name);
}

/** `undefined` for a program whose effect hangs on more than its arguments, and for one that only decides. */
export function effectOf(context: CommandContext): Effect | undefined {
  const { name, args } = context;
  if (/sum$/.test(name) && args.some((arg) => /^-\w*c|^--check$/.test(arg))) return NOTHING;
  return Object.hasOwn(TOLD, name) ? TOLD[name]!(args, context) : undefined;
}
