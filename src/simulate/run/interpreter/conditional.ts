import { compareTexts, fileTest, textTest } from '../builtins/test-operators';
import { NotSimulated } from '../command';
import { matching } from '../matching';
import { holdsUnknown } from '../unknown-text';
import { evaluateText } from './arithmetic-words';
import { unitsToMatch } from './characters';
import { deciding, takenAsText } from './decisions';
import { elementOf } from './elements';
import { expandPattern, expandText } from './expand';
import { CLASSES, matchesPattern } from './pattern';
import type { ShellState } from './shell-state';
import { showGroups } from './source';
import type { ConditionalExpression, WordNode } from './syntax';

/** `[[ … ]]` (bash manual 3.2.5.2): 0 when true, 1 when false. */
export async function evaluateConditional(
  shell: ShellState,
  expression: ConditionalExpression,
): Promise<number> {
  const holds = await evaluates(shell, expression);
  shell.session.settleDoubts('[[', true);
  return holds ? 0 : 1;
}

/** A word on which the outcome depends. */
async function decidingText(shell: ShellState, word: WordNode): Promise<string> {
  return deciding('[[', await expandText(shell, word));
}

/** Text that is not known has some length, or nobody would ask for it. */
async function operandText(
  shell: ShellState,
  { operator, operand }: Extract<ConditionalExpression, { type: 'CondUnary' }>,
): Promise<string> {
  if (operator !== '-n' && operator !== '-z') return decidingText(shell, operand);
  const text = await expandText(shell, operand);
  if (holdsUnknown(text)) takenAsText(shell, text);
  return text;
}

async function decidingPattern(shell: ShellState, word: WordNode): Promise<string> {
  return deciding('[[', await expandPattern(shell, word));
}

async function evaluates(shell: ShellState, expression: ConditionalExpression): Promise<boolean> {
  switch (expression.type) {
    case 'CondAnd':
      return (await evaluates(shell, expression.left)) && evaluates(shell, expression.right);
    case 'CondOr':
      return (await evaluates(shell, expression.left)) || evaluates(shell, expression.right);
    case 'CondNot':
      return !(await evaluates(shell, expression.operand));
    case 'CondGroup':
      return evaluates(shell, expression.expression);
    case 'CondWord':
      return (await decidingText(shell, expression.word)) !== '';
    case 'CondUnary':
      return unary(shell, expression.operator, await operandText(shell, expression));
    case 'CondBinary':
      return binary(shell, expression);
    default:
      return expression satisfies never;
  }
}

function unary(shell: ShellState, operator: string, operand: string): boolean {
  if (operator === '-v') return elementOf(shell, operand) !== undefined;
  if (operator === '-o') return [...shell.options].includes(operand as never);
  const result =
    textTest(operator, operand) ??
    fileTest(shell.session.fileSystem, shell.cwd, operator === '-a' ? '-e' : operator, operand);
  if (result === undefined) throw new NotSimulated(`\`[[ ${operator}\` is not simulated`);
  return result;
}

async function binary(
  shell: ShellState,
  { operator, left, right }: Extract<ConditionalExpression, { type: 'CondBinary' }>,
): Promise<boolean> {
  const text = await decidingText(shell, left);
  const options = { extended: true, ignoreCase: shell.shopt.has('nocasematch') };
  switch (operator) {
    case '=':
    case '==':
    case '!=': {
      const units = unitsToMatch(shell, text, await decidingPattern(shell, right));
      return matchesPattern(units.text, units.pattern, options) === (operator !== '!=');
    }
    case '=~':
      return matchesRegex(shell, text, right);
    case '-eq':
    case '-ne':
    case '-lt':
    case '-le':
    case '-gt':
    case '-ge': {
      const difference =
        (await evaluateText(shell, text)) - (await evaluateText(shell, await expandText(shell, right)));
      return compareNumbers(operator, difference);
    }
    default:
      return compareTexts(
        shell.session.fileSystem,
        shell.cwd,
        text,
        operator,
        await decidingText(shell, right),
      );
  }
}

function compareNumbers(operator: string, difference: bigint): boolean {
  if (operator === '-eq') return difference === 0n;
  if (operator === '-ne') return difference !== 0n;
  if (operator === '-lt') return difference < 0n;
  if (operator === '-le') return difference <= 0n;
  return operator === '-gt' ? difference > 0n : difference >= 0n;
}

/** `=~`: quoted parts stand for themselves; what matched goes to BASH_REMATCH. */
async function matchesRegex(shell: ShellState, text: string, right: WordNode): Promise<boolean> {
  const units = unitsToMatch(shell, text, deciding('[[', await regexText(shell, right)));
  const source = extendedRegex(units.pattern);
  let regex: RegExp;
  try {
    regex = new RegExp(source, shell.shopt.has('nocasematch') ? 'isu' : 'su');
  } catch {
    throw new NotSimulated(`the regular expression ${source.slice(0, 60)} is not simulated`);
  }
  const match = matching(regex, units.text.length, () => regex.exec(units.text));
  const list = new Map((match ?? []).map((group, index) => [index, shell.characters.text(group ?? '')]));
  shell.variables.declare('BASH_REMATCH', { list, value: undefined });
  return match !== null;
}

async function regexText(shell: ShellState, word: WordNode): Promise<string> {
  let source = '';
  for (const part of word.parts) {
    const text = showGroups(await expandText(shell, { type: 'Word', parts: [part] }));
    const quoted = part.type === 'SingleQuoted' || part.type === 'DoubleQuoted' || part.type === 'Escaped';
    source += quoted ? text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&') : text;
  }
  return source;
}

/** A POSIX extended regular expression in JavaScript's notation: brackets take backslashes as they are. */
function extendedRegex(source: string): string {
  return source.replace(
    /\\.|\[(\^?)(\]?(?:\[:\w+:\]|[^\]])*)\]/gs,
    (found, negated: string | undefined, set: string) => {
      if (found.startsWith('\\')) return found;
      const inside = set
        .replace(/[\\[\]](?!:)/g, '\\$&')
        .replace(/\[:(\w+):\\?\]/g, (_, name: string) => CLASSES[name] ?? '');
      return `[${negated ?? ''}${inside}]`;
    },
  );
}
