import { compilePattern, type PathMatcher } from './pattern';

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
    return IgnoreRules.of(
      text
        .replace(/^\uFEFF/, '')
        .split('\n')
        .map((line) => (line.startsWith('#') ? '' : line.trim())),
    );
  }

  static of(lines: readonly string[]): IgnoreRules {
    const rules: IgnoreRule[] = [];
    const problems: IgnoreProblem[] = [];
    lines.forEach((text, line) => {
      if (text === '') return;
      const negated = text.startsWith('!');
      const pattern = rooted(cleanPath((negated ? text.slice(1) : text).trim()));
      try {
        if (negated && pattern === '.') throw new Error('nothing follows the "!"');
        compilePattern(pattern);
        rules.push({ pattern, negated, line });
      } catch (error) {
        problems.push({ line, message: `Cannot use pattern "${text}": ${(error as Error).message}` });
      }
    });
    return new IgnoreRules(rules, problems);
  }

  /** Whether `path` (relative, `/` between names) is taken out, given what matched its folder. */
  test(path: string, parent?: ParentMatches): IgnoreAnswer {
    const matches = new Array<boolean>(this.rules.length);
    let ignored = false;
    let deciding: IgnoreRule | undefined;
    for (let index = 0; index < this.rules.length; index++) {
      const matched = parent?.[index] === true || this.matchers[index]!(path);
      matches[index] = matched;
      if (matched) {
        deciding = this.rules[index]!;
        ignored = !deciding.negated;
      }
    }
    return { ignored, rule: deciding, matches };
  }

  /** As `test`, for a path alone: the folders above it are asked first. */
  explain(path: string): IgnoreExplanation {
    let answer: IgnoreAnswer = { ignored: false, rule: undefined, matches: [] };
    const matchedAt = new Map<IgnoreRule, string>();
    const names = path.split('/');
    for (let count = 1; count <= names.length; count++) {
      const place = names.slice(0, count).join('/');
      answer = this.test(place, answer.matches);
      for (const [index, rule] of this.rules.entries())
        if (answer.matches[index] && !matchedAt.has(rule)) matchedAt.set(rule, place);
    }
    const place = answer.rule && matchedAt.get(answer.rule);
    return { ...answer, through: place === path ? undefined : place };
  }

  /** Whether something below an ignored folder could be taken back, so that one must look inside. */
  mayTakeBackBelow(folder: string): boolean {
    return this.rules.some(({ negated, pattern }) => {
      if (!negated) return false;
      const fixed = pattern.slice(0, pattern.search(/[*?[\\]|$/));
      return fixed.startsWith(`${folder}/`) || `${folder}/`.startsWith(fixed);
    });
  }
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

function rooted(pattern: string): string {
  return pattern.length > 1 && pattern.startsWith('/') ? pattern.slice(1) : pattern;
}
