import { PosixError } from '../../filesystem/posix';
import { baseName } from '../../layers/path';
import { findSimulated } from './builtins/programs';
import { doubtOfApplet } from './busybox';
import type { Command, CommandContext, Finished, Flavour, Output, RunOptions } from './command';
import { NotSimulated } from './command';
import { localeOf } from './commands/locale';
import { type Descriptors, InputStream } from './descriptors';
import type { Dialect } from './interpreter/dialect';
import { runShellProgram } from './interpreter/invoke';
import { findProgram, type ProgramFound } from './lookup';
import { findModelled } from './modelled/index';
import { programKind } from './program-kind';
import { provenOnly } from './proven-messages';
import type { Session } from './session';

/** What a program gets from the one that starts it. */
export interface Process {
  readonly env: ReadonlyMap<string, string>;
  readonly cwd: string;
  readonly descriptors: Descriptors;
  /** Where the shell that starts it looks for it; others go by the environment. */
  readonly path?: string;
  /** The shell that starts it, which runs a text without `#!` itself. */
  readonly dialect?: Dialect;
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
      return session.deeper(() => runPresent(session, found, argv, process));
    case 'unknown':
      return session.deeper(() => runDoubtful(session, found.reason, argv, process));
    case 'denied':
      return { exitCode: 126, failure: 'Permission denied' };
    case 'directory':
      return { exitCode: 126, failure: process.dialect === 'bash' ? 'Is a directory' : 'Permission denied' };
    default: {
      const doubt = process.dialect === 'ash' && doubtOfApplet(session.fileSystem, name, 'absent');
      if (doubt) throw new NotSimulated(doubt);
      return { exitCode: 127, failure: 'absent' };
    }
  }
}

/** The name may be that of something the image has: what is simulated is assumed to be there. */
async function runDoubtful(
  session: Session,
  reason: string,
  argv: readonly string[],
  process: Process,
): Promise<Outcome> {
  const name = baseName(argv[0]!);
  const dialect = SHELLS[name];
  const command = findSimulated(name, 'gnu') ?? findModelled(name);
  if (!dialect && !command)
    throw new NotSimulated(`\`${name}\` is not simulated, and may not be in the image: ${reason}`);
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
  const kind = await programKind(session, found, { isHandled: handles(found, called) });
  if (kind.kind === 'script') return runScript(session, kind, found.path, argv, process);
  const command = commandFor(found, called);
  if (command) return { exitCode: await runCommand(session, command, argv, process, found.flavour) };
  if (kind.kind === 'text') return runWithoutInterpreter(session, found.path, argv, process);
  throw new NotSimulated(`\`${called}\` is a program that is not simulated`);
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
  const scriptArgv = [...words, path, ...argv.slice(1)];
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
  try {
    const status = await command(context);
    session.settleDoubts(argv.join(' ').slice(0, 80), status !== 0 || decides(context.name));
    return status;
  } catch (error) {
    if (!(error instanceof PosixError)) throw error;
    context.stderr.write(`${context.name}: ${error.message}\n`);
    session.settleDoubts(context.name, true);
    return 1;
  } finally {
    await session.flush();
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
    startAs(session, args, process, options);
  return {
    name: baseName(argv[0]!),
    args: argv.slice(1),
    env,
    cwd,
    get stdin() {
      if (!descriptors.get(0)) throw new NotSimulated('a closed standard input is not simulated');
      stdin ??= descriptors.input(0).takeRest();
      return stdin;
    },
    stdout: descriptors.output(1),
    stderr:
      flavour === 'busybox'
        ? inOtherWords(descriptors.output(2), session)
        : provenOnly(descriptors.output(2), session, argv[0]!, localeOf({ env, flavour })),
    fileSystem: session.fileSystem,
    reader: session.reader,
    flavour,
    architecture: session.architecture,
    run: start,
    runScript: (script, { shell, args = [], flags = [], ...options }) =>
      start([shell, ...flags, '-c', script, ...args], options),
    model: session.model,
    openRegion: (path, reason) => session.openRegion(path, reason),
    checkBudget: () => session.budget.check(),
  };
}

/** Programs here complain in GNU's words. Where busybox's complaint is kept, that makes it a guess. */
function inOtherWords(output: Output, session: Session): Output {
  if (output.isLog) return output;
  return {
    write(piece) {
      session.model('the messages of busybox are worded otherwise');
      output.write(piece);
    },
  };
}

/** Starts a program for another one (`xargs`, `env`), which may give it other input, output, folder and user. */
async function startAs(
  session: Session,
  argv: readonly string[],
  process: Process,
  options: RunOptions,
): Promise<Outcome> {
  const { fileSystem } = session;
  const { credentials, umask } = fileSystem;
  // What the caller wrote so far has to be in place before the callee looks at it.
  await session.flush();
  if (options.user) fileSystem.credentials = options.user;
  try {
    return await runProgram(session, argv, {
      env: options.env ?? process.env,
      cwd: options.cwd ?? process.cwd,
      descriptors: replaced(process.descriptors, options),
    });
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
