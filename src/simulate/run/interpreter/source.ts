import { NotSimulated } from '../command';
import { CommandList, type PendingDocument, SyntaxFault } from './command-list';
import type { Dialect } from './dialect';
import {
  backtickEnd,
  balancedEnd,
  type Copied,
  copyAnsiQuoted,
  doubleQuotedEnd,
  hideArithmetic,
  singleQuotedEnd,
} from './quoting';

const GROUP = '(|)';
const HIDDEN_GROUP = '\ue010\ue011\ue012';

/** The parser takes no extended patterns such as `!(a|b)`; its characters pass it as others. */
function hideGroup(text: string): string {
  return text.replace(/[(|)]/g, (char) => HIDDEN_GROUP[GROUP.indexOf(char)]!);
}

/** Literal text of the tree as it was written. */
export function showGroups(text: string): string {
  return text.replace(/[\ue010-\ue012]/g, (char) => GROUP[HIDDEN_GROUP.indexOf(char)]!);
}

/** Words that only bash reserves; to the others they are names of programs. */
const BASH_WORDS = new Set(['select', 'time', 'coproc', 'function', '[[']);
const OPERATOR = /^(?:&&|\|\||;;&|;&|;;|&>>|&>|\|&|[;&|()])/;
const REDIRECT = /^(?:<<<|<<-|<<|<>|<&|>>|>\||>&|[<>])/;
const WORD_END = /[ \t\n;&|()<>]/;

/**
 * Rewrites shell text so that the parser, which knows bash only, reads it as the shell of `dialect` does: in dash
 * `{a,b}`, `$'…'`, `[[` and `&>` lose their meaning. Comments go, since the parser takes a `)` or a quote in
 * them for real; what it would silently accept is refused with a `SyntaxFault`.
 */
export function rewriteSource(source: string, dialect: Dialect): string {
  const rewriter = new Rewriter(source, dialect);
  const { text } = rewriter.commands(0, '');
  return text;
}

class Rewriter {
  private out = '';

  constructor(
    private readonly source: string,
    private readonly dialect: Dialect,
  ) {}

  /** Rewrites a list of commands from `index` up to the `)` that ends it, or the end of the text. */
  commands(index: number, end: '' | ')'): Copied {
    const outer = this.out;
    this.out = '';
    const list = new CommandList();
    for (;;) {
      if (index >= this.source.length) {
        if (end) throw new SyntaxFault('end of file');
        if (list.waits) throw new SyntaxFault('end of file');
        break;
      }
      const char = this.source[index]!;
      if (char === ')' && end && list.isOutermost) break;
      index = this.token(char, index, list);
    }
    const text = this.out;
    this.out = outer;
    return { text, end: index };
  }

  private token(char: string, index: number, list: CommandList): number {
    if (char === '\n') return this.newline(index, list);
    if (char === ' ' || char === '\t') return this.copy(index, 1);
    if (char === '\\' && this.source[index + 1] === '\n') return this.copy(index, 2);
    if (char === '#') return this.lineEnd(index);
    const rest = this.source.slice(index, index + 3);
    const redirect = REDIRECT.exec(rest)?.[0];
    const operator = OPERATOR.exec(rest)?.[0];
    if (operator?.startsWith('&>') && this.dialect === 'dash') {
      list.operator('&');
      this.out += '& ';
      return index + 1;
    }
    if (redirect) return this.redirect(redirect, index, list);
    if (operator && !operator.startsWith('&>')) return this.operator(operator, index, list);
    if (operator) {
      list.afterRedirect = true;
      return this.copy(index, operator.length);
    }
    return this.word(index, list);
  }

  private copy(index: number, length: number): number {
    this.out += this.source.slice(index, index + length);
    return index + length;
  }

  private lineEnd(index: number): number {
    const newline = this.source.indexOf('\n', index);
    return newline < 0 ? this.source.length : newline;
  }

  private newline(index: number, list: CommandList): number {
    list.newline();
    let next = this.copy(index, 1);
    for (const document of list.takeDocuments()) next = this.hereDocument(next, document);
    return next;
  }

  private hereDocument(index: number, { delimiter, stripTabs }: PendingDocument): number {
    let at = index;
    while (at < this.source.length) {
      const end = this.lineEnd(at);
      const line = this.source.slice(at, end);
      at = this.copy(at, end - at + 1);
      if ((stripTabs ? line.replace(/^\t+/, '') : line) === delimiter) break;
      if (at > this.source.length && this.dialect !== 'bash')
        throw new NotSimulated('a here-document whose last line does not end is not simulated');
    }
    return Math.min(at, this.source.length);
  }

  private operator(operator: string, index: number, list: CommandList): number {
    if (operator === '(') {
      if (this.source[index + 1] === '(' && (list.atCommand || list.afterFor))
        return this.doubleParenthesis(index, list);
      list.open(this.source.slice(index + 1), this.dialect);
      return this.copy(index, 1);
    }
    if (operator === ')') list.close();
    else if (this.dialect !== 'bash' && /^(?:\|&|;&|;;&)$/.test(operator)) throw new SyntaxFault(operator);
    else list.operator(operator);
    return this.copy(index, operator.length);
  }

  private doubleParenthesis(index: number, list: CommandList): number {
    const end = this.dialect === 'bash' ? balancedEnd(this.source, index + 2, '(', ')') : -1;
    // `((…))` is arithmetic only when its two closing parentheses stand together.
    if (end >= 0 && this.source[end] === ')') {
      const text = this.source.slice(index + 2, end - 1);
      const parts = list.afterFor ? text.split(';') : [text];
      list.word('((', this.dialect);
      this.out += `((${parts.map(hideArithmetic).join(';')}))`;
      return end + 1;
    }
    list.open(this.source.slice(index + 1), this.dialect);
    this.out += '( ';
    return index + 1;
  }

  private redirect(redirect: string, index: number, list: CommandList): number {
    if (list.wordEnd === index) this.beforeRedirect(index, list);
    const substitution = /^[<>]$/.test(redirect) && this.source[index + 1] === '(';
    if (substitution || redirect === '<<<') {
      // Some builds of busybox take it.
      if (substitution && this.dialect === 'ash')
        throw new NotSimulated('`<(…)` in a busybox shell is not simulated');
      if (this.dialect !== 'bash') throw new SyntaxFault(substitution ? '(' : 'redirection');
      if (substitution) return this.word(index, list);
    }
    let next = this.copy(index, redirect.length);
    list.afterRedirect = true;
    const blanks = /^[ \t]*/.exec(this.source.slice(next))![0].length;
    next = this.copy(next, blanks);
    if (redirect === '<<' || redirect === '<<-') {
      const start = next;
      next = this.wordEnd(next);
      const delimiter = this.source.slice(start, next).replace(/\\(.)|['"]/g, '$1');
      list.hereDocument({ delimiter, stripTabs: redirect === '<<-' });
      this.copy(start, next - start);
    }
    // The parser takes `a=` after `<<<` for an assignment.
    if (redirect === '<<<' && /^\w+\+?=/.test(this.source.slice(next, next + 80))) this.out += '""';
    return next;
  }

  /** What stands right before the operator: the parser takes too much for the number of a descriptor. */
  private beforeRedirect(index: number, list: CommandList): void {
    const before = this.source.slice(Math.max(0, index - 20), index);
    const number = {
      dash: /(?:^|[\s;&|()<>])\d$/,
      ash: /(?:^|[\s;&|()<>])\d+$/,
      bash: /(?:^|[\s;&|()])(?:\d+|\{\w+\})$/,
    };
    if (!number[this.dialect].test(before)) this.out += ' ';
    // In `2>&1>f` these two shells read the 1 as the number of the second operator.
    else if (list.lastIsTarget && this.dialect !== 'bash')
      throw new SyntaxFault('redirection', 'redirection unexpected');
  }

  /** Where the word of a here-document's delimiter ends. */
  private wordEnd(index: number): number {
    let at = index;
    while (at < this.source.length && !WORD_END.test(this.source[at]!)) {
      if (this.source[at] === "'") at = singleQuotedEnd(this.source, at + 1);
      else if (this.source[at] === '"') at = doubleQuotedEnd(this.source, at + 1);
      else at += this.source[at] === '\\' ? 2 : 1;
    }
    return at;
  }

  private word(index: number, list: CommandList): number {
    const start = this.out.length;
    const from = index;
    // The parser takes `a=b)` for an assignment.
    if (list.atPattern && /^\w+\+?=/.test(this.source.slice(index, index + 80))) this.out += '""';
    if (this.dialect !== 'bash') this.hideBashWord(index, list);
    else if (/^~[-+]/.test(this.source.slice(index, index + 2)))
      throw new NotSimulated('`~+` and `~-` are not simulated');
    let at = index;
    while (at < this.source.length) {
      const char = this.source[at]!;
      if (/[<>]/.test(char) && this.source[at + 1] === '(' && this.dialect === 'bash') {
        const inner = this.commands(at + 2, ')');
        this.out += `${char}(${inner.text})`;
        at = inner.end + 1;
        continue;
      }
      if (char === '(' && this.opensInWord(from, at, list)) {
        at = this.parenthesized(at);
        continue;
      }
      if (WORD_END.test(char)) break;
      // The parser reads on for the `]` of a subscript, over blanks too.
      const isAlone = char === '[' && at > from && !list.atCommand && !list.inTest;
      if (isAlone && !/^[^\s;&|<>]*\]/.test(this.source.slice(at + 1, at + 300))) this.out += '\\';
      at = this.wordPiece(char, at, from);
    }
    const raw = this.source.slice(from, at);
    list.wordEnd = at;
    list.word(
      this.out.slice(start).startsWith('\\') && !raw.startsWith('\\') ? `\\${raw}` : raw,
      this.dialect,
    );
    return at;
  }

  /** Whether a `(` in the middle of a word belongs to it: `a=(…)`, or an extended pattern such as `@(a|b)`. */
  private opensInWord(from: number, at: number, list: CommandList): boolean {
    if (this.dialect !== 'bash' || at === from) return false;
    const before = this.source.slice(from, at);
    if (/^[A-Za-z_]\w*(?:\[[^\]]*\])?\+?=$/.test(before)) return true;
    return /[?*+@!]$/.test(before) && !(list.atCommand && before === '!');
  }

  private parenthesized(at: number): number {
    const isArray = this.source[at - 1] === '=';
    if (isArray) {
      const inner = this.commands(at + 1, ')');
      this.out += `(${inner.text})`;
      return inner.end + 1;
    }
    const end = balancedEnd(this.source, at + 1, '(', ')');
    if (end < 0) throw new SyntaxFault('(');
    this.out += hideGroup(this.source.slice(at, end));
    return end;
  }

  /** In dash and ash the words that bash reserves are plain names, and assignments have no `+=` or subscripts. */
  private hideBashWord(index: number, list: CommandList): void {
    if (!list.atCommand || list.afterRedirect || list.atPattern) return;
    const word = /^[^\s;&|()<>]*/.exec(this.source.slice(index, index + 200))![0];
    const kept = this.dialect === 'ash' && (word === '[[' || word === 'function');
    if (BASH_WORDS.has(word) && !kept) this.out += '\\';
    else if (/^[A-Za-z_]\w*=$/.test(word) && this.source[index + word.length] === '(')
      throw new SyntaxFault('(');
    else if (/^[A-Za-z_]\w*(?:\+=|\[[^\]]*\]\+?=)/.test(word)) this.out += '\\';
  }

  private wordPiece(char: string, at: number, from: number): number {
    switch (char) {
      case '\\':
        return this.copy(at, 2);
      case "'":
        return this.singleQuoted(at);
      case '"':
        this.out += '"';
        return this.quotedText(at + 1, '"');
      case '`':
        return this.copy(at, backtickEnd(this.source, at + 1) - at);
      case '$':
        return this.dollar(at, 'unquoted');
      case '{':
        return this.brace(at, from);
      default:
        return this.copy(at, 1);
    }
  }

  private singleQuoted(at: number): number {
    const end = singleQuotedEnd(this.source, at + 1);
    if (end > this.source.length) throw new SyntaxFault('end of file');
    return this.copy(at, end - at);
  }

  /** A brace that begins no group: only bash expands it. */
  private brace(at: number, from: number): number {
    const alone = at === from && /^(?:\s|$)/.test(this.source.slice(at + 1, at + 2));
    if (this.dialect !== 'bash' && !alone) this.out += '\\';
    return this.copy(at, 1);
  }

  private dollar(at: number, where: 'unquoted' | 'quoted'): number {
    const next = this.source[at + 1];
    if (next === '(') return this.parenthesis(at);
    if (next === '{') {
      if (!/^(?:[A-Za-z_]|\d+(?!\w)|#(?!#\})|[-@*?$!])/.test(this.source.slice(at + 2, at + 20)))
        throw new NotSimulated('a bad substitution is not simulated');
      this.out += '${';
      return this.braced(at + 2, where);
    }
    if (next === '[' && this.dialect !== 'bash') {
      this.out += '\\$';
      return at + 1;
    }
    if (where === 'unquoted' && (next === "'" || next === '"')) {
      if (next === "'" && this.dialect !== 'dash') return this.ansiQuoted(at);
      if (this.dialect !== 'bash') this.out += '\\$';
      return at + 1;
    }
    return this.copy(at, 1);
  }

  /**
   * A dollar that begins nothing is escaped, and names get braces: the parser takes `"$"` for the start of `$"…"`,
   * and reads `"$a""b"` as `"$ab"`.
   */
  private quotedDollar(at: number): number {
    const name = /^\$([A-Za-z_]\w*|\d)/.exec(this.source.slice(at, at + 200))?.[1];
    if (name !== undefined) {
      this.out += `\${${name}}`;
      return at + 1 + name.length;
    }
    const next = this.source[at + 1] ?? '';
    if (next === '$') return this.copy(at, 2);
    if (/^[\w@*#?!({-]/.test(next)) return this.dollar(at, 'quoted');
    this.out += '\\$';
    return at + 1;
  }

  private ansiQuoted(at: number): number {
    const { text, end } = copyAnsiQuoted(this.source, at + 2);
    this.out += text;
    return end;
  }

  /** `$(…)` or `$((…))`. */
  private parenthesis(at: number): number {
    if (this.source[at + 2] === '(') {
      const end = balancedEnd(this.source, at + 3, '(', ')');
      if (end >= 0 && this.source[end] === ')') return this.copy(at, end + 1 - at);
    }
    const inner = this.commands(at + 2, ')');
    // A space, so that `$((` of a subshell is not read as arithmetic.
    this.out += inner.text.startsWith('(') ? `$( ${inner.text})` : `$(${inner.text})`;
    return inner.end + 1;
  }

  private braced(index: number, where: 'unquoted' | 'quoted'): number {
    let at = index;
    while (at < this.source.length && this.source[at] !== '}') {
      const char = this.source[at]!;
      if (char === '\\') at = this.copy(at, 2);
      else if (char === '"') {
        this.out += '"';
        at = this.quotedText(at + 1, '"');
      } else if (char === "'" && (where === 'unquoted' || this.isPatternOperator(index))) {
        at = this.copy(at, singleQuotedEnd(this.source, at + 1) - at);
      } else if (char === '`') at = this.copy(at, backtickEnd(this.source, at + 1) - at);
      else if (char === '$') at = this.nestedDollar(at, index);
      else at = this.copy(at, 1);
    }
    if (at >= this.source.length) throw new SyntaxFault('end of file');
    return this.copy(at, 1);
  }

  /** The parser stumbles over `${y}` in the pattern of `${x//${y}/z}`, not over `$y`. */
  private nestedDollar(at: number, index: number): number {
    const replaces = /^\w+(?:\[[^\]]*\])?\//.test(this.source.slice(index, index + 80));
    const simple = replaces ? /^\$\{([A-Za-z_]\w*)\}/.exec(this.source.slice(at, at + 80)) : null;
    if (!simple) return this.dollar(at, 'quoted');
    // The empty quotes keep the name from the letters that follow.
    this.out += `$${simple[1]}""`;
    return at + simple[0].length;
  }

  /** Within double quotes a single quote in `${x#'…'}` still quotes, but not in `${x:-'…'}`. */
  private isPatternOperator(index: number): boolean {
    return /^!?(?:\w+|[@*#?$!-])(?:\[[^\]]*\])?[#%/^,]/.test(this.source.slice(index, index + 80));
  }

  private quotedText(index: number, end: '"'): number {
    let at = index;
    while (at < this.source.length && this.source[at] !== end) {
      const char = this.source[at]!;
      if (char === '\\') at = this.copy(at, 2);
      else if (char === '`') at = this.copy(at, backtickEnd(this.source, at + 1) - at);
      else if (char === '$') at = this.quotedDollar(at);
      else at = this.copy(at, 1);
    }
    if (at >= this.source.length) throw new SyntaxFault('end of file');
    return this.copy(at, 1);
  }
}
