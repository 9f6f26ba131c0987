import { sniffCompression } from '../../../archive/compression';
import type { Compression, Content } from '../../../layers/content';
import { hasAllLinks } from '../busybox';
import { type CommandContext, NotSimulated } from '../command';
import { causeOf, complain } from './complaints';
import { archiveBytes, compress, DamagedInput, decompress, hasProgram, PROGRAMS } from './compressing';
import { absolute, openInput, readText } from './input';
import { notSimulated, type ParsedOptions, parseOptions } from './options';
import { writeFile } from './output';
import { createArchive } from './tar-create';
import { extractArchive } from './tar-extract';
import { listArchive } from './tar-list';

const OPTIONS = [
  '-c --create',
  '-x --get --extract',
  '-t --list',
  '-r --append',
  '-u --update',
  '-f --file=ARCHIVE',
  '-C --directory=DIR',
  '-z --gunzip --ungzip --gzip',
  '-j --bzip2',
  '-J --xz',
  '--zstd',
  '-a --auto-compress',
  '--no-auto-compress',
  '-v --verbose',
  '-p --same-permissions --preserve-permissions',
  '--no-same-permissions',
  '--same-owner',
  '-o --no-same-owner',
  '--numeric-owner',
  '--owner=OWNER',
  '--group=GROUP',
  '--mode=CHANGES',
  '--mtime=DATE',
  '--strip-components=N',
  '--exclude=PATTERN',
  '-X --exclude-from=FILE',
  '--exclude-vcs',
  '-T --files-from=FILE',
  '--null',
  '--transform=EXPR',
  '--xform=EXPR',
  '-k --keep-old-files',
  '--skip-old-files',
  '--overwrite',
  '-U --unlink-first',
  '--no-overwrite-dir',
  '--overwrite-dir',
  '--keep-directory-symlink',
  '--wildcards',
  '--no-wildcards',
  '--anchored',
  '--no-anchored',
  '-m --touch',
  '-O --to-stdout',
  '-h --dereference',
  '-P --absolute-names',
  '--one-top-level[=DIR]',
  '--sort=ORDER',
  '--format=FORMAT',
  '-H=FORMAT',
  '--warning=KEYWORD',
  '--no-recursion',
  '--recursion',
  '-i --ignore-zeros',
  '--no-xattrs',
  '--no-acls',
  '--no-selinux',
  '--xattrs',
  '--acls',
  '--selinux',
  '--checkpoint[=N]',
  '--totals',
  '-B --read-full-records',
  '-b --blocking-factor=N',
  '-S --sparse',
  '--delay-directory-restore',
  '--no-delay-directory-restore',
  '--ignore-failed-read',
  '--hard-dereference',
  '-l --check-links',
  '-I --use-compress-program=PROG',
];

/** GNU tar 1.34, by its manual; busybox' tar shares what is here, and has 1 as its only code of failure. */
export async function tar(context: CommandContext): Promise<number> {
  const exitCode = await tarOfGnu(context);
  return context.flavour === 'busybox' ? Math.min(exitCode, 1) : exitCode;
}

async function tarOfGnu(context: CommandContext): Promise<number> {
  const options = parseOptions({ name: context.name, args: withDashes(context.args) }, OPTIONS, {
    keepsOrder: true,
  });
  const modes = options.list.filter(({ name }) =>
    ['create', 'extract', 'list', 'append', 'update'].includes(name),
  );
  const mode = modes[0]?.name;
  if (mode === undefined) {
    complain(context, "You must specify one of the '-Acdtrux', '--delete' or '--test-label' options");
    context.stderr.write("Try 'tar --help' or 'tar --usage' for more information.\n");
    return 2;
  }
  if (modes.length > 1 || mode === 'append' || mode === 'update')
    throw notSimulated('tar', `--${modes.at(-1)!.name}`);
  if (mode === 'create') return create(context, options);
  return read(context, options, mode === 'extract' ? extractArchive : listArchive);
}

/** The old style: `tar xzf FILE`. Letters that need a value take the next words in turn. */
function withDashes(args: readonly string[]): string[] {
  const [first, ...rest] = args;
  if (first === undefined || first.startsWith('-')) return [...args];
  const words: string[] = [];
  for (const letter of first) {
    words.push(`-${letter}`);
    if ('fCbTXHI'.includes(letter)) words.push(rest.shift() ?? '');
  }
  return [...words, ...rest];
}

function compressionAsked(options: ParsedOptions): Exclude<Compression, 'none'> | undefined {
  const names = { gzip: 'gzip', bzip2: 'bzip2', xz: 'xz', zstd: 'zstd' } as const;
  const program = options.value('use-compress-program');
  if (program !== undefined) {
    const named = Object.entries(PROGRAMS).find(([, name]) => name === program.split(' ')[0]);
    if (!named) throw notSimulated('tar', `-I ${program}`);
    return named[0] as Exclude<Compression, 'none'>;
  }
  const name = options.last(...Object.keys(names));
  return name === undefined ? undefined : names[name as keyof typeof names];
}

// ── Reading ────────────────────────────────────────────────────────────────────────────────────────────────

type Use = (
  context: CommandContext,
  options: ParsedOptions,
  bytes: Uint8Array | undefined,
  reason?: string,
) => Promise<number>;

async function read(context: CommandContext, options: ParsedOptions, use: Use): Promise<number> {
  const file = options.value('file') ?? '-';
  let content: Content;
  try {
    content = file === '-' ? context.stdin : openInput(context, file);
  } catch (error) {
    context.stderr.write(
      `tar: ${file}: Cannot ${causeOf(error) === 'Is a directory' ? 'read' : 'open'}: ${causeOf(error)}\n`,
    );
    return fatal(context);
  }
  const asked = compressionAsked(options);
  if (content.kind === 'placeholder') {
    const missing =
      asked && context.flavour === 'gnu' && !hasProgram(context, PROGRAMS[asked])
        ? PROGRAMS[asked]
        : undefined;
    return missing ? cannotExec(context, missing) : use(context, options, undefined, content.reason);
  }
  const packed = await archiveBytes(context, content);
  if (packed.length === 0) {
    context.stderr.write('tar: This does not look like a tar archive\n');
    context.stderr.write('tar: Exiting with failure status due to previous errors\n');
    return 2;
  }
  const found = sniffCompression(packed);
  if (found !== 'none' && asked === undefined && file === '-' && context.flavour === 'gnu') {
    const letter = { gzip: '-z', bzip2: '-j', xz: '-J', zstd: '--zstd' }[found];
    context.stderr.write(`tar: Archive is compressed. Use ${letter} option\n`);
    return fatal(context);
  }
  const compression = asked ?? found;
  // GNU tar starts the program of that name; busybox has its own decoders.
  if (compression !== 'none' && context.flavour === 'gnu' && !hasProgram(context, PROGRAMS[compression])) {
    return cannotExec(context, PROGRAMS[compression]);
  }
  let bytes: Uint8Array;
  try {
    bytes = await decompress(context, packed, compression);
  } catch (error) {
    if (!(error instanceof DamagedInput)) throw error;
    context.stderr.write(
      `\n${compression}: stdin: not in ${compression} format\ntar: Child returned status 1\n`,
    );
    return fatal(context);
  }
  return use(context, options, bytes);
}

function fatal(context: CommandContext): number {
  context.stderr.write('tar: Error is not recoverable: exiting now\n');
  return 2;
}

function cannotExec(context: CommandContext, program: string): number {
  context.stderr.write(`tar (child): ${program}: Cannot exec: No such file or directory\n`);
  context.stderr.write('tar (child): Error is not recoverable: exiting now\ntar: Child returned status 2\n');
  return fatal(context);
}

// ── Writing ────────────────────────────────────────────────────────────────────────────────────────────────

const SUFFIXES: readonly (readonly [RegExp, Exclude<Compression, 'none'>])[] = [
  [/\.(gz|tgz|taz)$/, 'gzip'],
  [/\.(bz2|tbz2?|tz2)$/, 'bzip2'],
  [/\.(xz|txz)$/, 'xz'],
  [/\.(zst|tzst)$/, 'zstd'],
];

async function create(context: CommandContext, options: ParsedOptions): Promise<number> {
  const file = options.value('file') ?? '-';
  const bySuffix = options.has('auto-compress')
    ? SUFFIXES.find(([pattern]) => pattern.test(file))?.[1]
    : undefined;
  const compression = compressionAsked(options) ?? bySuffix ?? 'none';
  const names = await namesAsked(context, options);
  if (names.length === 0) {
    context.stderr.write(
      "tar: Cowardly refusing to create an empty archive\nTry 'tar --help' or 'tar --usage' for more information.\n",
    );
    return 2;
  }
  if (compression !== 'none' && context.flavour === 'gnu' && !hasProgram(context, PROGRAMS[compression])) {
    return cannotExec(context, PROGRAMS[compression]);
  }
  // It starts `gzip` too, which may be an applet of its own without a link.
  if (compression !== 'none' && context.flavour === 'busybox' && !hasAllLinks(context.fileSystem))
    context.model(`whether this busybox has \`${PROGRAMS[compression]}\` is not known`);
  const output = file === '-' ? undefined : absolute(context, file);
  if (output !== undefined) {
    try {
      // The archive is there, empty, while its members are read.
      writeFile(context, output, { kind: 'zeros', size: 0 });
    } catch (error) {
      context.stderr.write(`tar: ${file}: Cannot open: ${causeOf(error)}\n`);
      return fatal(context);
    }
  }
  const { bytes, failed } = await createArchive(context, options, names, output);
  const content = await compress(context, bytes, compression);
  if (output === undefined) context.stdout.write(content);
  else writeFile(context, output, content);
  if (failed) context.stderr.write('tar: Exiting with failure status due to previous errors\n');
  return failed ? 2 : 0;
}

/** Members as named, each with the folder that the -C before it leads to. */
async function namesAsked(
  context: CommandContext,
  options: ParsedOptions,
): Promise<{ name: string; folder: string }[]> {
  const names: { name: string; folder: string }[] = [];
  let folder = context.cwd;
  for (const { name, value } of options.list) {
    if (name === 'directory') folder = absolute({ cwd: folder }, value);
    else if (name === '') names.push({ name: value, folder });
    else if (name === 'files-from') {
      const text = await readText(context, openInput(context, value));
      const lines = text.split(options.has('null') ? '\0' : '\n').filter((line) => line !== '');
      if (lines.some((line) => line.startsWith('-')))
        throw new NotSimulated('`tar -T` with options in the list is not simulated');
      names.push(...lines.map((line) => ({ name: line, folder })));
    }
  }
  return names;
}
