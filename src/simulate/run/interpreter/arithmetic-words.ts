import { NotSimulated } from '../command';
import { ArithmeticFault, evaluateArithmetic } from './arithmetic';
import { ShellFault } from './control';
import { deciding } from './decisions';
import { assignElement, elementOf } from './elements';
import { expandQuoted } from './expand';
import { unsetFault } from './parameter';
import type { ShellState } from './shell-state';
import { type ArithmeticExpression, parseQuotedText } from './syntax';

/** The value of `$((…))`: its text is expanded as in double quotes first. */
export async function evaluate(shell: ShellState, expression: ArithmeticExpression): Promise<bigint> {
  try {
    return await evaluateText(shell, expression.originalText ?? '');
  } catch (error) {
    const goesOn = shell.isBash && !shell.isPosix && shell.code.text?.trim().includes('\n') !== false;
    // bash leaves the line that it read, with all it is in, and goes on with the next one.
    const isWrong = error instanceof ShellFault && !/unbound variable$/.test(error.message);
    if (isWrong && goesOn && !shell.options.has('e'))
      throw new NotSimulated(`what bash does after a wrong expression is not simulated: ${error.message}`);
    throw error;
  }
}

export async function evaluateText(shell: ShellState, text: string): Promise<bigint> {
  // Only bash takes quotes away.
  if (text.includes('"') && !shell.isBash)
    throw new ShellFault(`arithmetic expression: expecting primary: "${text}"`, 2, true);
  const expanded = /[$`\\"]/.test(text)
    ? await expandQuoted(shell, parseQuotedText(text, shell.dialect).parts)
    : text;
  return evaluateExpanded(shell, expanded);
}

export function evaluateExpanded(shell: ShellState, text: string): bigint {
  deciding('$((', text);
  if (shell.isBash && /(?:^|\W)0[xX](?![0-9a-fA-F])/.test(text))
    throw new NotSimulated('a number without digits is not simulated');
  const variables = {
    get: (name: string) => readNumber(shell, name),
    set: (name: string, value: string) => assignElement(shell, name, value),
  };
  try {
    return evaluateArithmetic(text, variables, { extended: shell.dialect !== 'dash' });
  } catch (error) {
    if (!(error instanceof ArithmeticFault)) throw error;
    // bash called as `sh` ends with 127, as it does for an unset variable.
    const isPosix = shell.isBash && shell.isPosix && !shell.isSubshell;
    throw new ShellFault(error.message, shell.isBash ? (isPosix ? 127 : 1) : 2, true);
  }
}

function readNumber(shell: ShellState, name: string): string | undefined {
  const value = elementOf(shell, name);
  if (value !== undefined) deciding('$((', value);
  // The others do not mind.
  if (value === undefined && shell.isBash && shell.options.has('u')) throw unsetFault(shell, name);
  return value;
}
