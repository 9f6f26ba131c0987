import { compilePattern, LateFault, type PathMatcher } from './pattern';

/** One line of an ignore file that counts. */
export interface IgnoreRule {
  /** As written, cleaned, without the `!`. */
  readonly pattern: string;
  readonly negated: boolean;
  /** 0-based line of the file; the position in the list for `--exclude`. */
  readonly line: number;
}

export interface IgnoreProblem {
  readonly line: number;
  readonly message: string;
  /** The builder refuses the file as it is read, or only once something is matched against the pattern. */
  readonly stops: 'every build' | 'use of the context';
}

/** Which of the rules match a folder, by their index: what is below it inherits them. */
export type ParentMatches = readonly boolean[];

export interface IgnoreAnswer {
  readonly ignored: boolean;
  /** The last rule that matches the path or a folder above it: it decides. */
  readonly rule: IgnoreRule | undefined;
  /** To be passed on for the children of this path. */
  readonly matches: ParentMatches;
}

/** An answer about one path, with the folder above it that the deciding rule matched, if it was not the path. */
export interface IgnoreExplanation extends IgnoreAnswer {
  readonly through: string | undefined;
}

/**
 * The rules of a `.dockerignore`. https://docs.docker.com/build/concepts/context/#dockerignore-files
 * Patterns are rooted, the last match wins, `!` takes back, a pattern that matches a folder takes all below it.
 */
export class IgnoreRules {
  static readonly none = new IgnoreRules([], []);

  private readonly matchers: readonly PathMatcher[];

  private constructor(
    readonly rules: readonly IgnoreRule[],
    readonly problems: readonly IgnoreProblem[],
  ) {
    this.matchers = rules.map(({ pattern }) => compilePattern(pattern));
  }

  /** Reads the text of an ignore file. Never throws: a bad pattern is a problem and counts for nothing. */
  static parse(text: string): IgnoreRules {
    const lines = text.replace(/^\uFEFF/, '').split('\n');
    return IgnoreRules.reading(lines.map((line) => (line.startsWith('#') ? '' : rooted(trimmed(line)))));
  }

  /** The patterns of `--exclude`: these are not rooted, so one with a leading slash matches nothing. */
  static of(patterns: readonly string[]): IgnoreRules {
    return IgnoreRules.reading(patterns);
  }

  private static reading(lines: readonly string[]): IgnoreRules {
    const rules: IgnoreRule[] = [];
    const problems: IgnoreProblem[] = [];
    for (const [line, text] of lines.entries()) {
      if (trimmed(text) === '') continue;
      const cleaned = cleanPath(trimmed(text));
      const negated = cleaned.startsWith('!');
      const pattern = negated ? cleaned.slice(1) : cleaned;
      try {
        if (pattern === '') throw new Error('illegal exclusion pattern: "!"');
        compilePattern(pattern);
        rules.push({ pattern, negated, line });
      } catch (error) {
        const stops = error instanceof LateFault ? 'use of the context' : 'every build';
        problems.push({
          line,
          message: `syntax error in pattern "${text}": ${(error as Error).message}`,
          stops,
        });
      }
    }
    return new IgnoreRules(rules, problems);
  }

  /**
   * Whether `path` (relative, `/` between names) is taken out, given what matched its folder. A rule that could not
   * change the answer so far is not tried, so what is below does not inherit it: the reference has it so.
   */
  test(path: string, parent?: ParentMatches): IgnoreAnswer {
    const matches = new Array<boolean>(this.rules.length).fill(false);
    let ignored = false;
    let deciding: IgnoreRule | undefined;
    for (const [index, rule] of this.rules.entries()) {
      const inherited = parent?.[index] === true;
      if (!inherited && (rule.negated !== ignored || !this.matchers[index]!(path))) continue;
      matches[index] = true;
      deciding = rule;
      ignored = !rule.negated;
    }
    return { ignored, rule: deciding, matches };
  }

  /** As `test`, for a path alone: the folders above it are asked first. */
  explain(path: string): IgnoreExplanation {
    let answer: IgnoreAnswer = { ignored: false, rule: undefined, matches: [] };
    const matchedAt = new Map<IgnoreRule, string>();
    for (const place of placesTo(path)) {
      answer = this.test(place, answer.matches);
      for (const [index, rule] of this.rules.entries())
        if (answer.matches[index] && !matchedAt.has(rule)) matchedAt.set(rule, place);
    }
    const place = answer.rule && matchedAt.get(answer.rule);
    return { ...answer, through: place === path ? undefined : place };
  }

  /**
   * Whether the reference sends a file that it listed without its bytes. It asks a second time as it opens the file,
   * rule by rule with all folders above, and that comes to another answer where two rules ignore one folder.
   */
  isSentEmpty(path: string): boolean {
    if (!this.rules.some(({ negated }) => negated)) return false;
    const places = placesTo(path);
    let ignored = false;
    for (const [index, { negated }] of this.rules.entries()) {
      if (negated === ignored && places.some((place) => this.matchers[index]!(place))) ignored = !negated;
    }
    return ignored;
  }

  /**
   * Whether the reference looks into an ignored folder for what may be taken back. `byName` is how the classic builder's
   * client has it: only where an exception begins with the folder's name, letter by letter.
   */
  mayTakeBackBelow(folder: string, { byName = false } = {}): boolean {
    const exceptions = this.rules.filter(({ negated }) => negated);
    if (byName) return exceptions.some(({ pattern }) => `${pattern}/`.startsWith(`${folder}/`));
    const wanted = exceptions.map(({ pattern }) => pattern.replace(/\/\*\*$/, '').replace(/\/\*$/, ''));
    return (
      wanted.some((pattern) => /[*[\]?^\\]/.test(pattern)) ||
      wanted.some((pattern) => `${pattern}/`.startsWith(`${folder}/`))
    );
  }
}

/** The folders above a path, the outermost first, and the path itself. */
function placesTo(path: string): string[] {
  const names = path.split('/');
  return names.map((_, index) => names.slice(0, index + 1).join('/'));
}

/** Go's idea of white space, which a byte order mark is not. */
function trimmed(text: string): string {
  return text.replace(/^(?:(?!\uFEFF)[\s\x85])+|(?:(?!\uFEFF)[\s\x85])+$/g, '');
}

/** Go's path.Clean: no `.`, no `//`, `..` taken back where possible. */
function cleanPath(path: string): string {
  const names: string[] = [];
  const absolute = path.startsWith('/');
  for (const name of path.split('/')) {
    if (name === '' || name === '.') continue;
    if (name === '..' && names.length > 0 && names[names.length - 1] !== '..') names.pop();
    else if (name !== '..' || !absolute) names.push(name);
  }
  return (absolute ? '/' : '') + names.join('/') || '.';
}

/** A line as the reader of ignore files leaves it: cleaned, without a leading slash, with its `!`. */
function rooted(line: string): string {
  const negated = line.startsWith('!');
  const pattern = negated ? trimmed(line.slice(1)) : line;
  if (pattern === '') return line === '' ? '' : '!';
  const cleaned = cleanPath(pattern);
  return (negated ? '!' : '') + (cleaned.length > 1 && cleaned.startsWith('/') ? cleaned.slice(1) : cleaned);
}
