import type { WritableLayer } from '../../../filesystem/writable';
import type { Descriptors } from '../descriptors';
import type { Session } from '../session';
import type { Dialect } from './dialect';
import type { PatternOptions } from './pattern';
import type { FunctionNode, ScriptNode } from './syntax';
import { Variables } from './variables';

/** Settings of `set`, by letter where there is one. */
export type Option =
  | 'a'
  | 'b'
  | 'C'
  | 'e'
  | 'f'
  | 'h'
  | 'm'
  | 'n'
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
  /** `$?`. */
  status = 0;
  pipeStatus: readonly number[] = [0];
  /** Greater than 0 where a failure is looked at, so that `set -e` does not act. */
  tested = 0;
  loops = 0;
  /** Functions and sourced files that `return` can leave. */
  callDepth = 0;
  functionNames: readonly string[] = [];
  line = 1;
  processId = 1;
  /** Numbers of what `&` started, with their status. */
  jobs = new Map<number, number>();
  lastJob: number | undefined;
  folders: readonly string[] = [];
  /** The letter within a word at which `getopts` goes on. */
  optionOffset = 0;
  /** The OPTIND that `getopts` left; another one means that the script began anew. */
  optionIndex = 1;
  /** Status of the newest command substitution, for commands that are only assignments. */
  substitutionStatus: number | undefined;
  isSubshell = false;
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

  /** A copy for a subshell; traps are not inherited (POSIX XCU 2.12). */
  fork(): ShellState {
    const child = new ShellState(this);
    child.variables = this.variables.fork();
    child.descriptors = this.descriptors.fork();
    child.functions = new Map(this.functions);
    child.positional = this.positional;
    for (const option of this.options) child.options.add(option);
    for (const setting of this.shopt) child.shopt.add(setting);
    child.status = this.status;
    child.pipeStatus = this.pipeStatus;
    child.tested = this.tested;
    child.loops = this.loops;
    child.callDepth = this.callDepth;
    child.functionNames = this.functionNames;
    child.line = this.line;
    child.processId = this.processId;
    child.lastJob = this.lastJob;
    child.folders = this.folders;
    child.isSubshell = true;
    child.unknownVariables = this.unknownVariables;
    return child;
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
  complain(message: string): void {
    const prefix = this.isBash ? `${this.name}: line ${this.line}: ` : `${this.name}: ${this.line}: `;
    const words = this.dialect === 'ash' ? `${this.name}: ` : prefix;
    this.descriptors.output(2).write(`${words}${message}\n`);
  }

  /** How patterns are read here. */
  get patternOptions(): PatternOptions {
    return { extended: this.shopt.has('extglob'), caret: this.dialect !== 'dash' };
  }

  get fieldSeparators(): string {
    return this.variables.text('IFS') ?? ' \t\n';
  }
}
