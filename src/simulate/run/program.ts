import { PosixError } from '../../filesystem/posix';
import { baseName } from '../../layers/path';
import { findSimulated } from './builtins/programs';
import { doubtOfApplet } from './busybox';
import { busyboxWords } from './busybox-words';
import type { Command, CommandContext, Finished, Flavour, Output, RunOptions } from './command';
import { NotSimulated, RestsOnGuess } from './command';
import { localeOf } from './commands/locale';
import { type Descriptors, InputStream } from './descriptors';
import type { Dialect } from './interpreter/dialect';
import { runShellProgram } from './interpreter/invoke';
import { findProgram, type ProgramFound } from './lookup';
import { assumeDone, handlingOfUnknown } from './modelled/assume';
import { decidesByStatus } from './modelled/effects';
import { findModelled, findModelledCall, isBuildWrapper, isModel } from './modelled/index';
import { shortLine } from './modelled/model';
import { programKind } from './program-kind';
import { provenOnly } from './proven-messages';
import type { Session } from './session';
import { holdsUnknown, reasonOfUnknown } from './unknown-text';

/** What a program gets from the one that starts it. */
export interface Process {
  readonly env: ReadonlyMap<string, string>;
  readonly cwd: string;
  readonly descriptors: Descriptors;
  /** Where the shell that starts it looks for it; others go by the environment. */
  readonly path?: string;
  /** The shell that starts it, which runs a text without `#!` itself. */
  readonly dialect?: Dialect;
  /** See `CommandContext`. */
  readonly wholeFolders?: readonly string[];
  /** Why PATH may be another one. */
  readonly doubtOfPath?: string;
  /** The first process of the container. */
  readonly isFirst?: boolean;
}

/** How a program ended, and why it could not begin, in the words of the shell. */
export interface Outcome extends Finished {
  readonly failure?: 'absent' | 'Permission denied' | 'Is a directory';
}

type Present = Extract<ProgramFound, { kind: 'present' }>;

/** Finds a program in the image and does what it does, as `execvp` and the program would. */
export async function runProgram(
  session: Session,
  argv: readonly string[],
  process: Process,
): Promise<Outcome> {
  const pause = session.budget.step();
  if (pause) await pause;
  const name = argv[0] ?? '';
  const path = process.path ?? process.env.get('PATH');
  const found = findProgram(session.fileSystem, name, { path, cwd: process.cwd });
  switch (found.kind) {
    case 'present':
      return session.deeper(() => runPresent(session, found, argv, tellingName(process, name, found.path)));
    case 'unknown':
      return session.deeper(() => runDoubtful(session, found, argv, process));
    case 'denied':
      return { exitCode: 126, failure: 'Permission denied' };
    case 'directory':
      return { exitCode: 126, failure: process.dialect === 'bash' ? 'Is a directory' : 'Permission denied' };
    default: {
      const { doubtOfPath } = process;
      if (doubtOfPath !== undefined && !name.includes('/'))
        return session.deeper(() =>
          runDoubtful(session, { reason: doubtOfPath, isMade: true }, argv, process),
        );
      const doubt = process.dialect === 'ash' && doubtOfApplet(session.fileSystem, name, 'absent');
      if (doubt) throw new NotSimulated(doubt);
      return { exitCode: 127, failure: 'absent' };
    }
  }
}

/** The name may be that of something the image has: what is simulated is assumed to be there. */
async function runDoubtful(
  session: Session,
  { reason, isMade }: { readonly reason: string; readonly isMade: boolean },
  argv: readonly string[],
  process: Process,
): Promise<Outcome> {
  const name = baseName(argv[0]!);
  const dialect = SHELLS[name];
  const isUsual = !argv[0]!.includes('/') || isProgramPlace(argv[0]!);
  const command =
    (isUsual ? findSimulated(name, 'gnu') : undefined) ?? findModelledCall(argv[0]!, process.cwd);
  if (!dialect && !command) {
    const words = `\`${name}\` is not simulated, and may not be in the image: ${reason}`;
    if (isMade && asksOnly(argv)) return answered(session, argv, process, words);
    throw new NotSimulated(words);
  }
  session.model(`\`${name}\` may not be in the image: ${reason}`);
  if (dialect) return { exitCode: await runShellProgram({ session, dialect, argv, process }) };
  return { exitCode: await runCommand(session, command!, argv, process, 'gnu') };
}

/** The shells by the name of their file; what `sh` itself is when nothing tells. */
const SHELLS: Readonly<Record<string, Dialect>> = {
  dash: 'dash',
  bash: 'bash',
  rbash: 'bash',
  sh: 'dash',
  ash: 'ash',
};

/** bash tells every program by `_` in its environment where it found it. */
function tellingName(process: Process, name: string, path: string): Process {
  if (process.dialect !== 'bash') return process;
  const env = new Map(process.env).set('_', name.includes('/') ? name : path);
  return { ...process, env };
}

async function runPresent(
  session: Session,
  found: Present,
  argv: readonly string[],
  process: Process,
): Promise<Outcome> {
  const called = baseName(argv[0]!);
  if (found.flavour === 'busybox' && called === 'busybox')
    return runBusybox(session, found, argv.slice(1), process);
  const doubt = found.flavour === 'busybox' && doubtOfApplet(session.fileSystem, called, 'linked');
  if (doubt) throw new NotSimulated(doubt);
  const dialect = shellDialect(session, found, called);
  if (dialect) return { exitCode: await runShellProgram({ session, dialect, argv, process }) };
  if (isBuildWrapper(called))
    return { exitCode: await runCommand(session, findModelled(called)!, argv, process, found.flavour) };
  const kind = await programKind(session, found, { isHandled: handles(found, called) });
  const modelled = findModelledCall(argv[0]!, process.cwd);
  // `npm` is a script for node.
  const isForeign =
    kind.kind === 'script' &&
    !Object.hasOwn(SHELLS, baseName(kind.interpreter)) &&
    !/\b(?:ba|da|a)?sh\b/.test(kind.argument ?? '');
  if (kind.kind === 'script' && modelled && isForeign)
    return { exitCode: await runCommand(session, modelled, argv, process, found.flavour) };
  if (kind.kind === 'script') return runScript(session, kind, found.spelled, argv, process);
  const usual = isForeignFile(found) ? modelled : commandFor(found, called);
  const command = usual ?? (kind.kind === 'binary' ? modelled : undefined);
  if (command) return { exitCode: await runCommand(session, command, argv, process, found.flavour) };
  if (kind.kind === 'text') return runWithoutInterpreter(session, found.spelled, argv, process);
  const { node } = found.inode;
  const made = node.kind === 'file' && node.content.kind === 'placeholder' ? ` (${node.content.reason})` : '';
  const reason = `\`${called}\` is a program that is not simulated${made}`;
  if (asksOnly(argv)) return answered(session, argv, process, reason);
  throw new NotSimulated(reason);
}

/** `kubectl version --client`, `docker compose version`, `wp --allow-root --version`: what ends a RUN to see that an installation went well. */
function asksOnly(argv: readonly string[]): boolean {
  return /^(?:(?:--no-[\w-]+ |--allow-root )*(?:--?version|-[vV]|--help|-h)|(?:(?:compose|buildx) )?version(?: --?(?:client|short))*)$/.test(
    argv.slice(1).join(' '),
  );
}

/** A program that only tells its version is taken to change nothing, and where a command installed it, to be there. */
function answered(session: Session, argv: readonly string[], process: Process, reason: string): Outcome {
  session.model(`\`${argv.join(' ')}\` is taken to change nothing: ${reason}`);
  const output = process.descriptors.output(1);
  if (!output.isLog) output.write({ kind: 'placeholder', size: 0, reason });
  return { exitCode: 0 };
}

/** `/usr/bin/install`, and not the `install` that lies in an unpacked archive. */
function isProgramPlace(path: string): boolean {
  return /(?:^|\/)s?bin\/[^/]+$/.test(path);
}

/** A file whose bytes only a real build has, in no folder of programs: its name says nothing about what it is. */
function isForeignFile({ inode: { node }, path, real }: Present): boolean {
  return (
    node.kind === 'file' &&
    node.content.kind === 'placeholder' &&
    !isProgramPlace(path) &&
    !isProgramPlace(real)
  );
}

function handles(found: Present, called: string): 'command' | 'modelled' | undefined {
  if (findSimulated(called, found.flavour) ?? findSimulated(baseName(found.real), found.flavour))
    return 'command';
  return findModelled(called) ? 'modelled' : undefined;
}

/**
 * A link under another name (`initctl` to `true`) is what it leads to; alternatives (`awk` to `mawk`) and busybox
 * go by the name they are called.
 */
function commandFor(found: Present, called: string): Command | undefined {
  const own = findSimulated(called, found.flavour);
  const real = baseName(found.real);
  if (real === called || found.flavour === 'busybox') return own ?? findModelled(called);
  return findSimulated(real, found.flavour) ?? own ?? findModelled(called) ?? findModelled(real);
}

function shellDialect(session: Session, found: Present, called: string): Dialect | undefined {
  if (found.flavour === 'busybox') return called === 'sh' || called === 'ash' ? 'ash' : undefined;
  const name = baseName(found.real);
  if (name !== 'sh') return SHELLS[name];
  // A file `sh` of its own: a hard link of a known shell, or nothing tells which one it is.
  for (const known of ['/bin/bash', '/bin/dash'] as const) {
    const other = session.fileSystem.find(known);
    if (other.kind === 'present' && other.inode.node === found.inode.node) return SHELLS[baseName(known)];
  }
  session.model('which shell `sh` is in this image is not known; dash is assumed');
  return 'dash';
}

async function runBusybox(
  session: Session,
  found: Present,
  argv: readonly string[],
  process: Process,
): Promise<Outcome> {
  const [applet] = argv;
  if (applet === 'sh' || applet === 'ash') {
    return { exitCode: await runShellProgram({ session, dialect: 'ash', argv, process }) };
  }
  const command = applet === undefined ? undefined : findSimulated(applet, 'busybox');
  if (!command) throw new NotSimulated(`\`busybox ${applet ?? ''}\` is not simulated`);
  return { exitCode: await runCommand(session, command, argv, process, found.flavour) };
}

/** A `#!` script: its interpreter gets the path of the script and the arguments. */
async function runScript(
  session: Session,
  { interpreter, argument }: { readonly interpreter: string; readonly argument: string | undefined },
  path: string,
  argv: readonly string[],
  process: Process,
): Promise<Outcome> {
  const parts = [interpreter, ...(argument === undefined ? [] : [argument])];
  const isEnv = baseName(interpreter) === 'env';
  const words = isEnv ? (argument ?? '').replace(/^-S\s*/, '').split(/\s+/) : parts;
  const name = baseName(words[0] ?? '');
  const found = findProgram(session.fileSystem, words[0] ?? '', {
    path: process.env.get('PATH'),
    cwd: process.cwd,
  });
  if (found.kind === 'absent') return { exitCode: 127, failure: 'absent' };
  const dialect = found.kind === 'present' ? shellDialect(session, found, name) : SHELLS[name];
  if (!dialect) throw new NotSimulated(`\`${argv[0]}\` is a script for ${name}, which is not simulated`);
  if (found.kind === 'unknown') session.model(`\`${name}\` may not be in the image: ${found.reason}`);
  // The script is called as it was found, not by the whole of its path.
  const called = argv[0]!.includes('/') ? argv[0]! : path;
  const scriptArgv = [...words, called, ...argv.slice(1)];
  return { exitCode: await runShellProgram({ session, dialect, argv: scriptArgv, process }) };
}

/** A text without `#!` is run by the shell that calls it, or by `/bin/sh` (POSIX XSH execvp). */
async function runWithoutInterpreter(
  session: Session,
  path: string,
  argv: readonly string[],
  process: Process,
): Promise<Outcome> {
  const dialect = process.dialect ?? 'dash';
  const scriptArgv = ['sh', path, ...argv.slice(1)];
  return { exitCode: await runShellProgram({ session, dialect, argv: scriptArgv, process }) };
}

async function runCommand(
  session: Session,
  command: Command,
  argv: readonly string[],
  process: Process,
  flavour: Flavour,
): Promise<number> {
  const context = commandContext(session, argv, process, flavour);
  const unknown = isModel(command) ? undefined : context.args.find(holdsUnknown);
  try {
    if (unknown !== undefined && handlingOfUnknown(context, unknown) === 'done')
      throw new RestsOnGuess(reasonOfUnknown(unknown));
    const status = await statusOf(session, command, context);
    if (status !== 0 && unknown !== undefined) throw new RestsOnGuess(reasonOfUnknown(unknown));
    session.settleDoubts(argv.join(' ').slice(0, 80), status !== 0 || decides(context.name));
    return status;
  } catch (error) {
    const modelled = findModelled(context.name);
    if (error instanceof NotSimulated && modelled && modelled !== command) {
      session.fileSystem.takeDoubts();
      return await modelled(context);
    }
    const assumed = error instanceof RestsOnGuess ? await assumeDone(context, error) : undefined;
    if (assumed === undefined) throw error;
    if (error instanceof RestsOnGuess && decidesByStatus(context.name))
      session.leaveUndecided(`whether \`${shortLine(context)}\` succeeds is not known`, error.guess);
    return assumed;
  } finally {
    await session.flush();
  }
}

async function statusOf(session: Session, command: Command, context: CommandContext): Promise<number> {
  try {
    return await command(context);
  } catch (error) {
    if (!(error instanceof PosixError)) throw error;
    context.stderr.write(`${context.name}: ${error.message}\n`);
    session.settleDoubts(context.name, true);
    return 1;
  }
}

function decides(name: string): boolean {
  return name === 'test' || name === '[';
}

/** What a simulated program sees; standard input is taken only when it is looked at. */
export function commandContext(
  session: Session,
  argv: readonly string[],
  process: Process,
  flavour: Flavour,
): CommandContext {
  const { descriptors, env, cwd } = process;
  let stdin: CommandContext['stdin'] | undefined;
  const start = (args: readonly string[], options: RunOptions = {}) =>
    startAs(session, args, process, { ...options, caller: baseName(argv[0]!) });
  return {
    name: baseName(argv[0]!),
    args: argv.slice(1),
    env,
    cwd,
    wholeFolders: process.wholeFolders ?? [],
    get stdin() {
      if (!descriptors.get(0)) throw new NotSimulated('a closed standard input is not simulated');
      stdin ??= descriptors.input(0).takeRest();
      return stdin;
    },
    stdout: descriptors.output(1),
    stderr:
      flavour === 'busybox'
        ? inOtherWords(baseName(argv[0]!), descriptors.output(2), session)
        : provenOnly(descriptors.output(2), session, argv[0]!, localeOf({ env, flavour })),
    fileSystem: session.fileSystem,
    reader: session.reader,
    flavour,
    architecture: session.architecture,
    run: start,
    runScript: (script, { shell, args = [], flags = [], ...options }) =>
      start([shell, ...flags, '-c', script, ...args], options),
    model: session.model,
    openRegion: (path, reason, except) => session.openRegion(path, reason, except),
    checkBudget: (length = 0) => {
      session.budget.hold(length);
      session.budget.check();
    },
    sleep: (seconds) => session.sleep(seconds),
  };
}

/** Programs here complain in GNU's words. Where busybox's own are not known and kept, that makes them a guess. */
function inOtherWords(name: string, output: Output, session: Session): Output {
  return {
    isLog: output.isLog ?? false,
    write(piece) {
      const words = typeof piece === 'string' ? busyboxWords(name, piece) : undefined;
      if (words === undefined && !output.isLog) session.model('the messages of busybox are worded otherwise');
      output.write(words ?? piece);
    },
  };
}

/** Programs that choose what they do by the status of others. */
const CHOOSES = new Set(['find', 'awk', 'gawk', 'mawk', 'busybox']);

/** Starts a program for another one (`xargs`, `env`), which may give it other input, output, folder and user. */
async function startAs(
  session: Session,
  argv: readonly string[],
  process: Process,
  options: RunOptions & { readonly caller?: string },
): Promise<Outcome> {
  const { fileSystem } = session;
  const { credentials, umask } = fileSystem;
  // What the caller wrote so far has to be in place before the callee looks at it.
  await session.flush();
  if (options.user) fileSystem.credentials = options.user;
  try {
    const outcome = await runProgram(session, argv, {
      env: options.env ?? process.env,
      cwd: options.cwd ?? process.cwd,
      descriptors: replaced(process.descriptors, options),
    });
    if (session.undecided !== undefined && CHOOSES.has(options.caller ?? ''))
      throw new NotSimulated(
        `\`${options.caller}\` goes by a status that is not known: ${session.undecided}`,
      );
    return outcome;
  } finally {
    fileSystem.credentials = credentials;
    fileSystem.umask = umask;
  }
}

function replaced(descriptors: Descriptors, { stdin, stdout, stderr }: RunOptions): Descriptors {
  const own = descriptors.fork();
  const setOutput = (number: number, output: Output | undefined) => {
    if (output) own.set(number, { kind: 'output', output });
  };
  if (stdin) own.set(0, { kind: 'input', input: new InputStream(stdin) });
  setOutput(1, stdout);
  setOutput(2, stderr);
  return own;
}
