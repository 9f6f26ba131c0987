import type { WritableLayer } from '../../../filesystem/writable';
import type { Descriptors } from '../descriptors';
import type { Session } from '../session';
import type { Call, Code } from './call-stack';
import { type Characters, charactersOf } from './characters';
import { ShellFault } from './control';
import type { Dialect } from './dialect';
import { illegalOption, isProven } from './messages';
import type { PatternOptions } from './pattern';
import type { FunctionNode, ScriptNode } from './syntax';
import { Variables } from './variables';

/** Settings of `set`, by letter where there is one. */
export type Option =
  | 'a'
  | 'b'
  | 'c'
  | 'C'
  | 'e'
  | 'f'
  | 'h'
  | 'm'
  | 'n'
  | 's'
  | 'u'
  | 'v'
  | 'x'
  | 'B'
  | 'E'
  | 'T'
  | 'pipefail'
  | 'posix';

interface Environment {
  readonly session: Session;
  readonly dialect: Dialect;
  readonly name: string;
  readonly cwd: string;
  readonly descriptors: Descriptors;
}

/** One shell process: all that a subshell copies and `exit` ends. */
export class ShellState {
  readonly session: Session;
  readonly dialect: Dialect;
  /** `$0`. */
  name: string;
  cwd: string;
  descriptors: Descriptors;
  variables = new Variables();
  functions = new Map<string, FunctionNode>();
  positional: readonly string[] = [];
  readonly options = new Set<Option>();
  /** bash's `shopt`. */
  readonly shopt = new Set<string>();
  traps = new Map<string, string>();
  /** What `trap` lists in a subshell that set none itself. */
  shownTraps: ReadonlyMap<string, string> | undefined;
  /** `$?`. */
  status = 0;
  pipeStatus: readonly number[] = [0];
  /** Why `$?` is not known. */
  statusDoubt: string | undefined;
  /** The status of what runs now is that of the RUN, which succeeds. */
  leadsOut = false;
  /** Greater than 0 where a failure is looked at, so that `set -e` does not act. */
  tested = 0;
  loops = 0;
  /** In a loop that only a condition or a way out ends. */
  inWhile = false;
  /** Functions and sourced files that `return` can leave. */
  callDepth = 0;
  /** What runs, the innermost first. */
  calls: readonly Call[] = [];
  code: Code = { source: 'environment', text: undefined };
  /** Where functions are from. */
  definedIn = new Map<string, Code>();
  /** How deep in texts of `eval` and `.`. */
  texts = 0;
  line = 1;
  /** The parser gives no lines to some compound commands. */
  isLineKnown = true;
  processId = 1;
  /** Numbers of what `&` started, with their status. */
  jobs = new Map<number, number | 'asleep'>();
  /** Of these the numbers that `wait` told of. */
  readonly waited = new Set<number>();
  lastJob: number | undefined;
  /** bash's `$_`. */
  lastWord: string | undefined;
  folders: readonly string[] = [];
  /** Programs whose places the shell remembers, each with the PATH that led to it. */
  hashed = new Map<string, string | undefined>();
  /** The letter within a word at which `getopts` goes on. */
  optionOffset = 0;
  /** The OPTIND that `getopts` left; another one means that the script began anew. */
  optionIndex = 1;
  /** Status of the newest command substitution, for commands that are only assignments. */
  substitutionStatus: number | undefined;
  isSubshell = false;
  /** How deep in subshells. */
  depth = 0;
  /** Why variables may be set that are not known here: a file was sourced of which only a real build has the text. */
  unknownVariables: string | undefined;
  /** Folders that the words of the running command hold all names of, because of a `folder/*`. */
  wholeFolders: string[] = [];
  /** Files of `<(…)` and `>(…)` that the running command uses, with what reads the latter. */
  readonly substitutions: { readonly path: string; readonly reader?: ScriptNode }[] = [];

  constructor({ session, dialect, name, cwd, descriptors }: Environment) {
    this.session = session;
    this.dialect = dialect;
    this.name = name;
    this.cwd = cwd;
    this.descriptors = descriptors;
  }

  /** A copy for a subshell, which inherits of the traps only what they ignore (POSIX XCU 2.12). */
  fork(): ShellState {
    const child = new ShellState(this);
    child.variables = this.variables.fork();
    child.descriptors = this.descriptors.fork();
    child.functions = new Map(this.functions);
    child.positional = this.positional;
    for (const option of this.options) child.options.add(option);
    for (const setting of this.shopt) child.shopt.add(setting);
    for (const [signal, action] of this.traps) if (action === '') child.traps.set(signal, action);
    if (this.isBash) child.shownTraps = this.shownTraps ?? new Map(this.traps);
    if (this.options.has('E') && this.traps.has('ERR')) child.traps.set('ERR', this.traps.get('ERR')!);
    child.status = this.status;
    child.pipeStatus = this.pipeStatus;
    child.tested = this.tested;
    // A subshell of bash is in no loop.
    child.loops = this.isBash ? 0 : this.loops;
    child.inWhile = this.inWhile;
    child.texts = this.texts;
    child.callDepth = this.callDepth;
    child.calls = this.calls;
    child.code = this.code;
    child.definedIn = new Map(this.definedIn);
    child.depth = this.depth + 1;
    child.line = this.line;
    child.isLineKnown = this.isLineKnown;
    child.processId = this.processId;
    child.lastJob = this.lastJob;
    child.lastWord = this.lastWord;
    child.folders = this.folders;
    child.hashed = new Map(this.hashed);
    child.isSubshell = true;
    child.unknownVariables = this.unknownVariables;
    return child;
  }

  /** Remembers where a program is, as `type` and `hash` tell. */
  remember(name: string): void {
    if (!name.includes('/')) this.hashed.set(name, this.variables.text('PATH'));
  }

  get isBash(): boolean {
    return this.dialect === 'bash';
  }

  /** bash called as `sh`, or any other shell: special built-ins end the shell when they fail. */
  get isPosix(): boolean {
    return this.dialect !== 'bash' || this.options.has('posix');
  }

  get fileSystem(): WritableLayer {
    return this.session.fileSystem;
  }

  /** Writes a message of the shell itself, in its words: `sh: 1: foo: not found`. */
  complain(message: string, { isInner = false } = {}): void {
    const known = !isInner && isProven(this.dialect, message);
    if (this.dialect === 'ash') this.say(`${this.name}: ${message}`, known);
    // Within `eval` and `.` dash names these too.
    else if (this.dialect === 'dash')
      this.say(`${this.name}: ${this.line}: ${message}`, known && this.texts === 0);
    else {
      const inFunction = this.calls.some(({ isFunction }) => isFunction);
      const name = this.calls[0]?.source ?? this.name;
      const isFromText = this.variables.raw('BASH_EXECUTION_STRING') !== undefined;
      this.say(
        `${name}: line ${this.line}: ${message}`,
        known && this.texts === 0 && (isFromText || !inFunction),
      );
    }
  }

  /** Writes a line to standard error. Where words that are not `proven` are kept, that makes them a guess. */
  say(line: string, proven: boolean): void {
    const output = this.descriptors.output(2);
    if (!proven && !output.isLog) this.session.model('the words of a message of the shell are not certain');
    output.write(`${line}\n`);
  }

  /** A built-in was given an option that it does not have: the special ones end the shell. */
  misuse(name: string, option: string, endsShell = false): number {
    const words = illegalOption(this.dialect, name, option);
    if (endsShell) throw new ShellFault(words, 2, this.isPosix);
    this.complain(words);
    return 2;
  }

  /** How patterns are read here. */
  get patternOptions(): PatternOptions {
    return { extended: this.shopt.has('extglob'), caret: this.dialect !== 'dash' };
  }

  /** What counts as one character here. */
  get characters(): Characters {
    return charactersOf(this);
  }

  get fieldSeparators(): string {
    return this.variables.text('IFS') ?? ' \t\n';
  }
}
