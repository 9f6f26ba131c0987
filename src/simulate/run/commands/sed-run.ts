import { type CommandContext, NotSimulated } from '../command';
import { type ByteString, decodeArgument, isAscii } from './bytes';
import { type PosixRegex, RegexError, type RegexMatch } from './posix-regex';
import type { Address, RangeEnd, ReplacementPiece, SedCommand, SedScript, Substitution } from './sed-script';

/** One input of sed: its lines and whether the last one ends with a newline. */
export interface SedInput {
  readonly name: string;
  readonly lines: readonly ByteString[];
  readonly complete: boolean;
}

/** What sed reads from and writes to besides its inputs. */
export interface SedFiles {
  read(file: string): ByteString | undefined;
  write(file: string, text: ByteString): void;
}

export interface SedResult {
  /** What each input gave, in order; without `-i` and `-s` they belong together. */
  readonly outputs: readonly ByteString[];
  readonly exitCode: number;
  /** How many inputs were begun: after `q` later files are not touched. */
  readonly begun: number;
  /** By `q` or `Q`, not for want of input. */
  readonly quit: boolean;
}

interface RangeState {
  active: boolean;
  /** The line that ends it, where that is known. */
  endLine: number;
}

export interface SedRules {
  readonly quiet: boolean;
  readonly separate: boolean;
  readonly separator: string;
}

/** Runs a script over its inputs as GNU sed's execute.c does. */
export class SedRun {
  private space = '';
  private hold = '';
  private line = 0;
  private input = 0;
  private next = 0;
  private missingEnd = false;
  private replaced = false;
  private appended: { kind: 'text' | 'file'; text: ByteString }[] = [];
  private outputs: ByteString[] = [''];
  private lastRegex: PosixRegex | undefined;
  private readonly ranges = new Map<SedCommand, RangeState>();
  private readonly readLines = new Map<string, ByteString[]>();
  private quitting: number | undefined;
  private quit = false;
  private readonly quiet: boolean;

  constructor(
    private readonly context: CommandContext,
    private readonly script: SedScript,
    private readonly inputs: readonly SedInput[],
    private readonly rules: SedRules,
    private readonly files: SedFiles,
  ) {
    this.quiet = rules.quiet || script.quiet;
  }

  run(): SedResult {
    let keepsSpace = false;
    while (keepsSpace || this.readLine()) {
      this.context.checkBudget();
      const end = this.cycle();
      if (end !== 'delete' && end !== 'restart' && end !== 'silent' && !this.quiet) this.print(this.space);
      this.flushAppended();
      if (this.quitting !== undefined) break;
      keepsSpace = end === 'restart';
      this.replaced = keepsSpace && this.replaced;
    }
    return {
      outputs: this.outputs,
      exitCode: this.quitting ?? 0,
      begun: this.outputs.length,
      quit: this.quit,
    };
  }

  // ── Reading ──────────────────────────────────────────────────────────────────────────────────────────────

  private advance(): boolean {
    while (this.input < this.inputs.length && this.next >= this.inputs[this.input]!.lines.length) {
      if (this.input + 1 >= this.inputs.length) return false;
      this.input++;
      this.next = 0;
      if (!this.rules.separate) continue;
      this.line = 0;
      this.outputs.push('');
      for (const state of this.ranges.values()) state.active = false;
    }
    return this.input < this.inputs.length;
  }

  private take(): ByteString {
    const { lines, complete } = this.inputs[this.input]!;
    const text = lines[this.next++]!;
    this.line++;
    this.missingEnd = !complete && this.next === lines.length;
    return text;
  }

  private readLine(): boolean {
    if (!this.advance()) return false;
    this.space = this.take();
    return true;
  }

  private isLast(): boolean {
    if (this.next < this.inputs[this.input]!.lines.length) return false;
    return this.rules.separate || this.inputs.slice(this.input + 1).every(({ lines }) => lines.length === 0);
  }

  /** `-s` and `-i` have a last line in every file, yet `n` and `N` go on only within one. */
  private hasNext(): boolean {
    if (this.next < this.inputs[this.input]!.lines.length) return true;
    return this.inputs.slice(this.input + 1).some(({ lines }) => lines.length > 0);
  }

  // ── Writing ──────────────────────────────────────────────────────────────────────────────────────────────

  private put(text: ByteString): void {
    this.outputs[this.outputs.length - 1] += text;
  }

  private print(text: ByteString): void {
    this.startLine();
    this.put(text + (this.missingEnd ? '' : this.rules.separator));
    this.owesEnd = this.missingEnd;
  }
  private owesEnd = false;

  /** A line without its newline gets it as soon as something follows. */
  private startLine(): void {
    if (this.owesEnd) this.put(this.rules.separator);
    this.owesEnd = false;
  }

  private flushAppended(): void {
    for (const { kind, text } of this.appended) {
      const content = kind === 'text' ? text : this.files.read(decodeArgument(text));
      if (content === undefined || (content === '' && kind === 'file')) continue;
      this.startLine();
      this.put(content);
    }
    this.appended = [];
  }

  // ── The cycle ────────────────────────────────────────────────────────────────────────────────────────────

  private cycle(): 'end' | 'delete' | 'restart' | 'silent' {
    const { commands } = this.script;
    for (let at = 0; at < commands.length; ) {
      const command = commands[at]!;
      this.context.checkBudget(this.space.length + this.hold.length + this.outputs.at(-1)!.length);
      if (this.selects(command) === command.negated) {
        at = command.name === '{' ? command.target : at + 1;
        continue;
      }
      const outcome = this.execute(command);
      if (typeof outcome === 'string') return outcome;
      at = outcome ?? at + 1;
    }
    return 'end';
  }

  /** `undefined` goes on, a number jumps, a word ends the cycle. */
  private execute(command: SedCommand): undefined | number | 'end' | 'delete' | 'restart' | 'silent' {
    switch (command.name) {
      case '{':
        return undefined;
      case 's':
        return void this.substitute(command.substitution!);
      case 'y':
        this.space = this.space.replace(/[\s\S]/g, (character) => command.map!.get(character) ?? character);
        return undefined;
      case 'd':
        return 'delete';
      case 'D':
        return this.deleteFirst();
      case 'p':
        return void this.print(this.space);
      case 'P':
        return void this.print1(this.space.split(this.rules.separator, 1)[0]!);
      case 'h':
        this.hold = this.space;
        return undefined;
      case 'H':
        this.hold += this.rules.separator + this.space;
        return undefined;
      case 'g':
        this.space = this.hold;
        return undefined;
      case 'G':
        this.space += this.rules.separator + this.hold;
        return undefined;
      case 'x':
        [this.space, this.hold] = [this.hold, this.space];
        return undefined;
      case 'z':
        this.space = '';
        return undefined;
      case 'n':
        return this.nextLine();
      case 'N':
        return this.appendLine();
      case 'a':
        // `a\` without a text prints none, but ends the line before it.
        this.appended.push({ kind: 'text', text: command.text === '\n' ? '' : command.text });
        return undefined;
      case 'i':
        this.startLine();
        this.put(command.text);
        return undefined;
      case 'c':
        return this.change(command);
      case 'r':
        this.appended.push({ kind: 'file', text: command.text });
        return undefined;
      case 'R':
        return void this.readOne(command.text);
      case 'w':
        return void this.files.write(decodeArgument(command.text), `${this.space}\n`);
      case 'W':
        return void this.files.write(decodeArgument(command.text), `${this.space.split('\n', 1)[0]}\n`);
      case '=':
        return void this.print1(String(this.line));
      case 'F':
        return void this.print1(this.inputs[this.input]!.name);
      case 'l':
        return void this.print1(listed(this.space, command.text));
      case 'b':
        return command.target;
      case 't':
      case 'T':
        return this.branchOnSuccess(command);
      case 'q':
        this.quit = true;
        this.quitting = Number(command.text || 0);
        return 'end';
      case 'Q':
        this.quit = true;
        this.quitting = Number(command.text || 0);
        return 'silent';
      default:
        throw new NotSimulated(`\`sed\` with the command ${command.name} is not simulated`);
    }
  }

  private print1(text: ByteString): void {
    this.startLine();
    this.put(`${text}\n`);
  }

  private branchOnSuccess(command: SedCommand): number | undefined {
    const jumps = this.replaced === (command.name === 't');
    this.replaced = false;
    return jumps ? command.target : undefined;
  }

  private deleteFirst(): 'delete' | 'restart' {
    const end = this.space.indexOf(this.rules.separator);
    if (end < 0) return 'delete';
    this.space = this.space.slice(end + 1);
    return 'restart';
  }

  private nextLine(): undefined | 'end' | 'silent' {
    if (!this.hasNext()) {
      this.quitting = 0;
      return 'end';
    }
    if (!this.quiet) this.print(this.space);
    this.flushAppended();
    this.readLine();
    return undefined;
  }

  private appendLine(): undefined | 'end' {
    if (!this.hasNext()) {
      // GNU sed prints the pattern space when there is no next line (POSIX would drop it).
      this.quitting = 0;
      return 'end';
    }
    this.flushAppended();
    const before = this.space;
    this.readLine();
    this.space = before + this.rules.separator + this.space;
    return undefined;
  }

  private change(command: SedCommand): 'delete' {
    const isInside = command.to !== undefined && !command.negated && this.ranges.get(command)?.active;
    if (!isInside) {
      this.startLine();
      this.put(command.text);
    }
    return 'delete';
  }

  private readOne(file: string): void {
    const known = this.readLines.get(file) ?? (this.files.read(decodeArgument(file)) ?? '').split('\n');
    this.readLines.set(file, known);
    const line = known.length > 1 || known[0] !== '' ? known.shift() : undefined;
    if (line !== undefined) this.appended.push({ kind: 'text', text: `${line}\n` });
  }

  // ── Addresses ────────────────────────────────────────────────────────────────────────────────────────────

  private selects(command: SedCommand): boolean {
    if (!command.from) return true;
    if (!command.to) return this.matches(command.from);
    let state = this.ranges.get(command);
    if (!state) {
      // `0,/re/` is a range that is active before the first line.
      state = {
        active: command.from.kind === 'line' && command.from.line === 0,
        endLine: Number.POSITIVE_INFINITY,
      };
      this.ranges.set(command, state);
    }
    return state.active ? this.inRange(command.to, state) : this.startsRange(command, state);
  }

  private startsRange(command: SedCommand, state: RangeState): boolean {
    if (!this.matches(command.from!)) return false;
    state.endLine = this.endOf(command.to!);
    state.active = state.endLine > this.line && !(command.to!.kind === 'last' && this.isLast());
    return true;
  }

  private endOf(end: RangeEnd): number {
    switch (end.kind) {
      case 'line':
        return end.line;
      case 'lines more':
        return this.line + end.count;
      case 'multiple':
        return end.of === 0 ? this.line : Math.ceil(this.line / end.of) * end.of;
      default:
        return Number.POSITIVE_INFINITY;
    }
  }

  private inRange(end: RangeEnd, state: RangeState): boolean {
    if (end.kind === 'regex' || end.kind === 'last' || end.kind === 'step') {
      if (this.matches(end)) state.active = false;
      return true;
    }
    if (this.line >= state.endLine) state.active = false;
    // A line beyond the end (after `n` or `N`) is not in the range, except where it ends by number at its start.
    return this.line <= state.endLine;
  }

  private matches(address: Address): boolean {
    switch (address.kind) {
      case 'line':
        return this.line === address.line;
      case 'last':
        return this.isLast();
      case 'step': {
        if (address.step <= 0) return this.line === address.first;
        return this.line >= address.first && (this.line - address.first) % address.step === 0;
      }
      case 'regex':
        return this.used(address.regex).exec(this.space) !== undefined;
    }
  }

  private used(regex: PosixRegex | undefined): PosixRegex {
    const used = regex ?? this.lastRegex;
    if (!used) throw new RegexError('no previous regular expression');
    this.lastRegex = used;
    return used;
  }

  // ── Substitution ─────────────────────────────────────────────────────────────────────────────────────────

  private substitute({ regex: own, replacement, global, occurrence, print, file }: Substitution): void {
    const regex = this.used(own);
    const text = this.space;
    let result = '';
    let start = 0;
    let count = 0;
    let lastEnd = -1;
    let done = false;
    while (start <= text.length) {
      const match = regex.exec(text, start);
      if (!match) break;
      result += text.slice(start, match.index);
      const isEmpty = match.end === match.index;
      // An empty match right behind the last one does not count.
      const counts = !isEmpty || match.index !== lastEnd;
      if (counts && ++count >= occurrence) {
        result += expand(replacement, match);
        done = true;
      } else {
        result += text.slice(match.index, match.end);
      }
      lastEnd = match.end;
      start = match.end;
      if (isEmpty) result += text.slice(start, ++start);
      if (done && !global) break;
    }
    if (!done) return;
    this.space = result + text.slice(start);
    this.replaced = true;
    if (print) this.print(this.space);
    if (file !== undefined) this.files.write(decodeArgument(file), `${this.space}\n`);
  }
}

/** Puts a match into the right side of `s`, with the case changes \U \L \E \u \l. */
function expand(pieces: readonly ReplacementPiece[], match: RegexMatch): ByteString {
  let result = '';
  let lasting = '';
  let once = '';
  for (const piece of pieces) {
    if (piece.kind === 'case') {
      if (/[ul]/.test(piece.letter)) once = piece.letter;
      else lasting = piece.letter === 'E' ? '' : piece.letter;
      continue;
    }
    const text = piece.kind === 'text' ? piece.text : (match.groups[piece.number] ?? '');
    if (text === '') continue;
    result += cased(text, lasting, once);
    once = '';
  }
  return result;
}

function cased(text: ByteString, lasting: string, once: string): ByteString {
  if (lasting + once !== '' && !isAscii(text))
    throw new NotSimulated('`sed` changing the case of letters beyond ASCII is not simulated');
  const upper = (part: string) => part.replace(/[a-z]/g, (letter) => letter.toUpperCase());
  const lower = (part: string) => part.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  const all = lasting === 'U' ? upper(text) : lasting === 'L' ? lower(text) : text;
  if (once === '') return all;
  return (once === 'u' ? upper(all[0]!) : lower(all[0]!)) + all.slice(1);
}

const LISTED: Record<string, string> = {
  '\\': '\\\\',
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};

/** The command `l`: unambiguous, folded at 70 characters unless told otherwise. */
function listed(text: ByteString, widthText: string): ByteString {
  const width = widthText === '' ? 70 : Number(widthText);
  const pieces = [...text].map((character) => {
    const named = LISTED[character];
    if (named) return named;
    return /[ -~]/.test(character) ? character : `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`;
  });
  let result = '';
  let column = 0;
  for (const piece of pieces) {
    if (width > 1 && column + piece.length > width - 1) {
      result += '\\\n';
      column = 0;
    }
    result += piece;
    column += piece.length;
  }
  return `${result}$`;
}
