import type { CommandContext } from '../command';
import { decodeArgument, encodeArgument } from './bytes';
import { openInput, readText } from './input';
import { patternToRegExp } from './names';
import { notSimulated, type ParsedOptions } from './options';
import { SedRun } from './sed-run';
import { parseSed } from './sed-script';

/** What `--exclude`, `--exclude-from` and `--exclude-vcs` leave out: unanchored, `*` also matches slashes. */
export async function exclusionsOf(
  context: CommandContext,
  options: ParsedOptions,
): Promise<(name: string) => boolean> {
  if (options.has('anchored')) throw notSimulated('tar', '--anchored');
  const patterns = options.values('exclude');
  for (const file of options.values('exclude-from')) {
    patterns.push(
      ...(await readText(context, openInput(context, file))).split('\n').filter((line) => line !== ''),
    );
  }
  if (options.has('exclude-vcs')) {
    patterns.push(
      'CVS',
      'RCS',
      'SCCS',
      '.git',
      '.gitignore',
      '.gitattributes',
      '.gitmodules',
      '.cvsignore',
      '.svn',
      '.arch-ids',
      '{arch}',
    );
    patterns.push(
      '=RELEASE-ID',
      '=meta-update',
      '=update',
      '.bzr',
      '.bzrignore',
      '.bzrtags',
      '.hg',
      '.hgignore',
      '.hgtags',
      '_darcs',
    );
  }
  const tests = patterns.map((pattern) => patternToRegExp(pattern.replace(/(.)\/+$/, '$1')));
  return (name) => {
    const plain = name.replace(/\/+$/, '');
    const suffixes = [plain, ...[...plain.matchAll(/\//g)].map(({ index }) => plain.slice(index + 1))];
    return tests.some((test) => suffixes.some((suffix) => matchesWithParents(test, suffix)));
  };
}

/** A pattern that matches a folder takes all below it. */
function matchesWithParents(test: Pick<RegExp, 'test'>, name: string): boolean {
  if (test.test(name)) return true;
  return [...name.matchAll(/\//g)].some(({ index }) => test.test(name.slice(0, index)));
}

/** Which members the operands of `-x` and `-t` name: themselves and what is below, or patterns with --wildcards. */
export function selectionOf(options: ParsedOptions) {
  const operands = options.operands.map((operand) => operand.replace(/(.)\/+$/, '$1'));
  const used = new Set<string>();
  const usesPatterns = options.last('wildcards', 'no-wildcards') === 'wildcards';
  const matchers = operands.map((operand) => {
    const pattern = usesPatterns ? patternToRegExp(operand) : undefined;
    const test = pattern
      ? (name: string) => matchesWithParents(pattern, name)
      : (name: string) => name === operand || name.startsWith(`${operand}/`);
    return { operand, test };
  });
  return {
    selects(name: string): boolean {
      const plain = name.replace(/(.)\/+$/, '$1');
      const found = matchers.filter(({ test }) => test(plain));
      for (const { operand } of found) used.add(operand);
      return operands.length === 0 || found.length > 0;
    },
    unused: () => operands.filter((operand) => !used.has(operand)),
  };
}

/** `--transform` (sed's s, also on the targets of links) and then `--strip-components`; `undefined` drops the member. */
export function renamingOf(
  context: CommandContext,
  options: ParsedOptions,
): (name: string, kind: 'member' | 'symlink' | 'hardlink') => string | undefined {
  const strip = Number(options.value('strip-components') ?? 0);
  const expressions = options.list
    .filter(({ name }) => name === 'transform' || name === 'xform')
    .map(({ value }) => value);
  for (const expression of expressions) {
    if (!/^s(.)(?:(?!\1)[\s\S]|\\.)*\1(?:(?!\1)[\s\S]|\\.)*\1[gi0-9]*$/.test(expression))
      throw notSimulated('tar', `--transform ${expression}`);
  }
  const scripts = expressions.map((expression) => parseSed(encodeArgument(expression), { syntax: 'basic' }));
  const rules = { quiet: false, separate: false, separator: '\n' };
  const nothing = { read: () => undefined, write: () => {} };
  return (name, kind) => {
    let text = encodeArgument(name);
    for (const script of scripts) {
      const input = { name: '', lines: [text], complete: false };
      text = new SedRun(context, script, [input], rules, nothing).run().outputs.join('');
    }
    const renamed = scripts.length > 0 ? decodeArgument(text) : name;
    if (strip === 0 || kind === 'symlink') return renamed;
    const isFolder = renamed.endsWith('/');
    const parts = renamed.split('/').filter((part) => part !== '');
    const kept = parts.slice(strip).join('/');
    return kept === '' ? undefined : isFolder ? `${kept}/` : kept;
  };
}
