import { NotSimulated } from '../command';
import type { Dialect } from './dialect';

/** The text is no valid shell input; the real shell says so and ends with 2. */
export class SyntaxFault extends Error {
  /** `words` where the shell says something else than that `token` is unexpected. */
  constructor(
    readonly token: string,
    readonly words?: string,
  ) {
    super(words ?? `syntax error near unexpected token \`${token}'`);
    this.name = 'SyntaxFault';
  }
}

export interface PendingDocument {
  readonly delimiter: string;
  readonly stripTabs: boolean;
}

/** Reserved words after which a command begins (POSIX XCU 2.4). */
const BEFORE_COMMAND = new Set(['if', 'then', 'else', 'elif', 'do', 'while', 'until', '{', '!']);

/** Reserved words before which there has to be a command. */
const ENDS = new Set(['then', 'else', 'elif', 'fi', 'do', 'done', '}']);

/** What is open: a subshell, the parentheses of a function's definition, or a `case` and how far it is. */
type Nesting =
  | { readonly kind: '(' | 'f(' }
  | { readonly kind: 'case'; stage: 'head' | 'subject' | 'pattern' | 'body' };

/**
 * Where in the grammar a text is while it is read word by word: enough to know command positions and patterns of
 * `case`, and to refuse operators that stand where no shell takes them.
 */
export class CommandList {
  /** The next word could be a command's name or a reserved word. */
  atCommand = true;
  afterRedirect = false;
  /** The word before is `for`, so that `((` begins a loop's head. */
  afterFor = false;
  /** Where in the source the last word ended. */
  wordEnd = -1;
  documents: PendingDocument[] = [];
  private lastWord = '';
  private wordBefore = '';
  private beforeWord = '';
  /** The last word is what a redirection leads to. */
  lastIsTarget = false;
  private readonly nesting: Nesting[] = [];
  private last: 'start' | 'word' | 'reserved' | 'separator' | 'joint' = 'start';
  /** How far the head of a `for` was read. */
  private forHead: 'name' | 'in' | 'list' | undefined;
  /** Within `[[ … ]]`, where most operators mean something else. */
  inTest = false;

  /** An operator such as `&&` has no right side yet. */
  get waits(): boolean {
    return this.last === 'joint';
  }

  get isOutermost(): boolean {
    return this.nesting.length === 0;
  }

  /** The next word is a pattern of a `case`. */
  get atPattern(): boolean {
    return this.openCase?.stage === 'pattern';
  }

  private get openCase(): Extract<Nesting, { kind: 'case' }> | undefined {
    const top = this.nesting[this.nesting.length - 1];
    return top?.kind === 'case' ? top : undefined;
  }

  takeDocuments(): PendingDocument[] {
    const taken = this.documents;
    this.documents = [];
    return taken;
  }

  /** A here-document's operator and delimiter; it may be all there is of a command (`<<E && next`). */
  hereDocument(document: PendingDocument): void {
    this.documents.push(document);
    this.afterRedirect = false;
    this.last = 'word';
  }

  newline(): void {
    if (this.forHead === 'list') this.forHead = undefined;
    if (this.inTest || this.openCase?.stage === 'head' || this.openCase?.stage === 'subject') return;
    if (this.last === 'word' || this.last === 'separator') this.last = 'start';
    this.atCommand = true;
    this.afterRedirect = false;
  }

  operator(operator: string): void {
    this.afterRedirect = false;
    this.forHead = undefined;
    if (this.inTest || this.atPattern) return;
    const { openCase } = this;
    const endsClause = operator.startsWith(';') && operator !== ';';
    if (endsClause && openCase?.stage !== 'body') throw new SyntaxFault(operator);
    // The commands of a clause may be missing before `;;`.
    if (!endsClause && this.last !== 'word') throw new SyntaxFault(operator);
    if (endsClause) openCase!.stage = 'pattern';
    this.atCommand = true;
    this.last = endsClause ? 'start' : /^[;&]$/.test(operator) ? 'separator' : 'joint';
  }

  /** A `(`; `rest` is what follows it. */
  open(rest: string, dialect: Dialect): void {
    if (this.inTest || this.atPattern) return;
    const isFunction = this.last === 'word' && /^\s*\)/.test(rest);
    if (isFunction && dialect !== 'bash' && !/^[A-Za-z_]\w*$/.test(this.lastWord))
      throw new SyntaxFault('(', dialect === 'dash' ? 'Bad function name' : 'bad function name');
    this.nesting.push({ kind: isFunction ? 'f(' : '(' });
    this.last = isFunction ? 'word' : 'reserved';
    this.atCommand = true;
  }

  close(): void {
    if (this.inTest) return;
    this.afterRedirect = false;
    this.atCommand = true;
    if (this.openCase) {
      if (this.openCase.stage !== 'pattern') throw new SyntaxFault(')');
      this.openCase.stage = 'body';
      this.last = 'start';
      return;
    }
    const top = this.nesting.pop();
    if (top === undefined) throw new SyntaxFault(')');
    if (top.kind === '(' && (this.last === 'joint' || this.last === 'reserved')) throw new SyntaxFault(')');
    this.last = top.kind === '(' ? 'word' : 'reserved';
  }

  word(word: string, dialect: Dialect): void {
    if (word === '!' && this.lastWord === '!' && this.last === 'reserved' && dialect !== 'bash')
      throw new SyntaxFault('!');
    this.wordBefore = this.lastWord;
    this.lastWord = word;
    this.beforeWord = this.last;
    this.lastIsTarget = this.afterRedirect;
    if (this.inTest) {
      this.inTest = word !== ']]';
      return;
    }
    if (this.openCase && this.openCase.stage !== 'body') {
      this.caseWord(word);
      return;
    }
    if (this.afterRedirect) {
      this.afterRedirect = false;
      this.last = 'word';
      return;
    }
    const { atCommand } = this;
    this.last = 'word';
    this.afterFor = atCommand && word === 'for';
    this.followFor(word);
    if (!atCommand) return;
    // What a reserved word begins cannot be empty.
    if (this.beforeWord === 'reserved' && ENDS.has(word) && BEFORE_COMMAND.has(this.wordBefore))
      throw new SyntaxFault(word);
    if (word === '[[') this.inTest = true;
    if (word === 'case') this.nesting.push({ kind: 'case', stage: 'head' });
    if (word === 'esac' && this.openCase) this.nesting.pop();
    if (BEFORE_COMMAND.has(word)) this.last = 'reserved';
    else this.atCommand = /^[A-Za-z_]\w*(?:\[[^\]]*\])?\+?=/.test(word) || word === 'time';
  }

  /** In the list of a `for`, `do` is a word like any other, which the parser does not know. */
  private followFor(word: string): void {
    if (this.afterFor) this.forHead = 'name';
    else if (this.forHead === 'name') this.forHead = 'in';
    else if (this.forHead === 'in') this.forHead = word === 'in' ? 'list' : undefined;
    else if (this.forHead === 'list' && word === 'do')
      throw new NotSimulated('the word `do` in the list of a `for` is not simulated');
  }

  private caseWord(word: string): void {
    const { openCase } = this;
    this.last = 'word';
    // The subject may itself read `in`.
    if (openCase!.stage === 'head') openCase!.stage = 'subject';
    else if (openCase!.stage === 'subject') openCase!.stage = 'pattern';
    else if (word === 'esac') this.nesting.pop();
  }
}
