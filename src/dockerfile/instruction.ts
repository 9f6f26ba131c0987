/** A place in the text: lines and characters from 0, `end` excluded, as the editor counts. */
export interface Position {
  readonly line: number;
  readonly character: number;
}
export interface Range {
  readonly start: Position;
  readonly end: Position;
}

/** A `--name=value` before the arguments; `value` is undefined for a bare `--name`. Variables are not expanded. */
export interface Flag {
  readonly name: string;
  readonly value: string | undefined;
}

/** https://docs.docker.com/reference/dockerfile/#here-documents */
export interface Heredoc {
  readonly name: string;
  /** `<<-`: leading tabs are taken off the content. */
  readonly stripsTabs: boolean;
  /** False when the delimiter is quoted. */
  readonly expands: boolean;
  /** What a program gets: without the tabs that `<<-` takes off. */
  readonly content: string;
  /** The content with its tabs, as a shell gets it that reads the here-document itself. */
  readonly raw: string;
}

/** One instruction as written, nothing expanded. */
export interface Instruction {
  /** Upper case. One that the reference does not know is kept as well. */
  readonly keyword: string;
  /** The keyword as it was typed. */
  readonly typed: string;
  readonly range: Range;
  /** The lines it fills, its here-documents among them. */
  readonly source: string;
  /** The whole instruction in one line: continuations joined, comments inside dropped, without here-documents' contents. */
  readonly text: string;
  readonly flags: readonly Flag[];
  /** What follows keyword and flags, in one line. */
  readonly rest: string;
  /** The arguments of the JSON (exec) form, when `rest` is one. */
  readonly json: readonly string[] | undefined;
  readonly heredocs: readonly Heredoc[];
  /** The comment lines right above it, without their `#`. */
  readonly comments: readonly string[];
  /** The instruction inside ONBUILD. */
  readonly trigger?: Instruction;
}

export interface Problem {
  readonly severity: 'error' | 'warning' | 'information';
  readonly message: string;
  readonly range: Range;
  /** The build check that found it, such as `WorkdirRelativePath`: https://docs.docker.com/reference/build-checks/ */
  readonly check?: string;
}

export interface Dockerfile {
  readonly instructions: readonly Instruction[];
  /** Parser directives by lower-case name: `syntax`, `escape`, `check`. */
  readonly directives: ReadonlyMap<string, string>;
  /** A backslash, or the backtick of `# escape`. */
  readonly escape: string;
  readonly problems: readonly Problem[];
}
