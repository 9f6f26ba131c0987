import type { BuildContext } from '../context/build-context';

/** Why a path is in a build context or not. */
export interface ContextAnswer {
  /** Relative to the context, `/` between names. */
  readonly path: string;
  /** `partly`: a folder that is left out but for what is taken back below it. `missing`: nothing is there. */
  readonly verdict: 'in' | 'out' | 'partly' | 'missing' | 'outside';
  /** The last pattern that matches, which decides; of what is missing, the one that would. */
  readonly rule: DecidingRule | undefined;
  /** The ignore file in force, if there is one. */
  readonly ignoreFile: string | undefined;
  /** A symbolic link on the way: what is beyond it is in the context by its real path. */
  readonly link?: string;
}

export interface DecidingRule {
  /** With its `!`. */
  readonly pattern: string;
  readonly file: string;
  /** From 0. */
  readonly line: number;
  readonly takesBack: boolean;
  /** The folder above the path that it matches, when it is not the path itself. */
  readonly through: string | undefined;
}

/** Explains a path, written as it may be: `./a//b/` is `a/b`, and the empty path is the context itself. */
export function explainPath(context: BuildContext, written: string): ContextAnswer {
  const path = cleaned(written);
  const { ignoreFile } = context;
  if (path === undefined) return { path: written, verdict: 'outside', rule: undefined, ignoreFile };
  if (path === '') return { path: '.', verdict: 'in', rule: undefined, ignoreFile };
  const rule = decidingRule(context, path);
  const found = context.find(path);
  if (found.kind === 'missing') return { path, verdict: 'missing', rule, ignoreFile, ...linkOn(found) };
  const isLeftOut = rule !== undefined && !rule.takesBack;
  const isListed = context.fileSystem.lookup(`/${path}`, { follow: false }).kind === 'present';
  const isPart = found.node.kind === 'directory' && isListed;
  const verdict = !isLeftOut ? 'in' : isPart ? 'partly' : 'out';
  return { path, verdict, rule, ignoreFile };
}

function linkOn({ link }: { readonly link?: string }) {
  return link === undefined ? {} : { link };
}

function decidingRule({ ignore, ignoreFile }: BuildContext, path: string): DecidingRule | undefined {
  const { rule, through } = ignore.explain(path);
  if (!rule || ignoreFile === undefined) return undefined;
  const { negated: takesBack, pattern, line } = rule;
  return { pattern: takesBack ? `!${pattern}` : pattern, file: ignoreFile, line, takesBack, through };
}

/** `undefined` for a path that leads out of the context. */
function cleaned(written: string): string | undefined {
  const names: string[] = [];
  for (const name of written.split('/')) {
    if (name === '..' && names.pop() === undefined) return undefined;
    if (name !== '' && name !== '.' && name !== '..') names.push(name);
  }
  return names.join('/');
}

/** `a.log is not in the build context: “*.log” in line 1 of .dockerignore leaves it out.` */
export function answerWords(answer: ContextAnswer, context = 'the build context'): string {
  const { path, verdict, rule, ignoreFile } = answer;
  switch (verdict) {
    case 'in':
      return `${path} is in ${context}: ${rule ? ruleWords(rule, 'takes it back in') : noRuleWords(ignoreFile)}.`;
    case 'out':
      return `${path} is not in ${context}: ${ruleWords(rule!, 'leaves it out')}.`;
    case 'partly':
      return `${path} is in ${context} only for what is taken back below it: ${ruleWords(rule!, 'leaves out the rest')}.`;
    case 'missing': {
      if (answer.link !== undefined)
        return `${path} cannot be told: ${answer.link} is a symbolic link, so ask for what it leads to.`;
      const would = rule && !rule.takesBack ? `; ${ruleWords(rule, 'would leave it out')}` : '';
      return `${path} is not in ${context}: there is no such file or folder${would}.`;
    }
    case 'outside':
      return `${path} is not in ${context}: it is outside the context folder.`;
    default:
      return verdict satisfies never;
  }
}

function ruleWords({ pattern, line, file, through }: DecidingRule, does: string): string {
  const inherited = through === undefined ? '' : `, through its folder ${through}`;
  return `“${pattern}” in line ${line + 1} of ${file} ${does}${inherited}`;
}

function noRuleWords(ignoreFile: string | undefined): string {
  return ignoreFile === undefined ? 'there is no ignore file' : `no pattern of ${ignoreFile} matches it`;
}
