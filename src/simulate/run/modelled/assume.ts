import { PosixError } from '../../../filesystem/posix';
import { EMPTY_CONTENT } from '../../../layers/content';
import { baseName } from '../../../layers/path';
import { type CommandContext, NotSimulated, type RestsOnGuess } from '../command';
import { absolute, findProgram } from '../lookup';
import { reasonOfUnknown, startsUnknown } from '../unknown-text';
import { type Effect, effectOf } from './effects';
import { findModelled } from './index';
import { printUnknown, restsOnGuess } from './model';

/**
 * Goes on behind a program that met what is not known, as if it had done its work: what it writes is open from there on,
 * what it removes is gone, what it prints is not known. The exit code; `undefined` where its effect cannot be told.
 */
export async function assumeDone(context: CommandContext, met: RestsOnGuess): Promise<number | undefined> {
  if (context.name === 'xargs') return assumeEach(context, met);
  const effect = effectOf(context);
  if (!effect) return undefined;
  restsOnGuess(context, shortTitle(context), met.guess);
  apply(context, effect, met.guess);
  return printUnknown(context, met.guess);
}

const XARGS_VALUES = /^-[nPLsEdIa]$|^--(?:max-args|max-procs|max-lines|delimiter|replace|arg-file)$/;

/** `xargs` of names that are not known: a modelled program does what it does for any, others may write anywhere. */
async function assumeEach(context: CommandContext, met: RestsOnGuess): Promise<number | undefined> {
  const { args } = context;
  let start = 0;
  while (args[start]?.startsWith('-')) start += XARGS_VALUES.test(args[start]!) ? 2 : 1;
  const [name = 'echo', ...rest] = args.slice(start);
  const found = findProgram(context.fileSystem, name, { path: context.env.get('PATH'), cwd: context.cwd });
  if (found.kind === 'absent') return 127;
  const inner: CommandContext = { ...context, name: baseName(name), args: rest, stdin: EMPTY_CONTENT };
  const modelled = findModelled(inner.name);
  if (modelled) {
    restsOnGuess(context, shortTitle(context), met.guess);
    return modelled(inner);
  }
  const effect = effectOf(inner);
  if (!effect) return undefined;
  const changes = effect.writes.length > 0 || effect.removes !== undefined || CHANGES_NAMED.has(inner.name);
  if (changes) context.openRegion('/', met.guess);
  restsOnGuess(context, shortTitle(context), met.guess);
  return printUnknown(context, met.guess);
}

/** Programs that change what they are given. */
const CHANGES_NAMED = new Set(
  'chgrp chmod chown cp gzip gunzip install ln mkdir mv rm rmdir tar tee touch truncate unlink unxz xz'.split(
    ' ',
  ),
);

function shortTitle({ name, args }: CommandContext): string {
  return [name, ...args].join(' ').slice(0, 60);
}

function apply(context: CommandContext, { writes, removes = [] }: Effect, guess: string): void {
  for (const path of removes) if (path !== '') context.fileSystem.clear(realPath(context, path));
  for (const path of writes) {
    if (path === '' || path === '-') continue;
    // Text that is not known may be an absolute path.
    if (startsUnknown(path)) context.openRegion('/', guess);
    else context.openRegion(realPath(context, path), guess);
  }
}

function realPath({ fileSystem, cwd }: CommandContext, path: string): string {
  try {
    const found = fileSystem.find(absolute(path, cwd));
    return found.kind === 'present' ? found.path : absolute(path, cwd).replace(/(.)\/+$/, '$1');
  } catch (error) {
    if (error instanceof PosixError) return absolute(path, cwd);
    throw error;
  } finally {
    fileSystem.takeDoubts();
  }
}

/** Programs that make their texts by what their arguments say: with unknown text in them nothing of it is known. */
const BY_ARGUMENTS = new Set(
  '[ test awk gawk mawk base64 cmp comm cut diff egrep expand fgrep fold grep head join nl od paste sed sort tail tr uniq wc printf seq date'.split(
    ' ',
  ),
);

/** Programs that take paths, or start others, and for which a mark in a path is a name like any other. */
const BY_PATHS = new Set(
  'basename bunzip2 bzcat bzip2 cat chgrp chmod chown cp dirname echo env find getent gosu gunzip gzip id install ionice ln ls md5sum mkdir mkfifo mv nice nohup readlink realpath rm rmdir runuser setsid sha1sum sha256sum sha384sum sha512sum stat stdbuf su su-exec sudo sync tac tar tee test timeout touch truncate unlink unxz unzip unzstd update-alternatives which xargs xz xzcat zcat zstd zstdcat'.split(
    ' ',
  ),
);

/**
 * What to do with a simulated program of whose arguments one is `unknown`: run it, take its work as done, or neither.
 */
export function handlingOfUnknown(context: CommandContext, unknown: string): 'run' | 'done' {
  const { name } = context;
  const reason = reasonOfUnknown(unknown);
  context.model(reason);
  if (BY_ARGUMENTS.has(name)) return 'done';
  if (!BY_PATHS.has(name)) throw new NotSimulated(`\`${name}\` depends on text that is not known: ${reason}`);
  const writes = effectOf(context)?.writes ?? [];
  if (writes.some(startsUnknown)) context.openRegion('/', reason);
  return 'run';
}
