import { evaluateExpanded } from './arithmetic-words';
import { arrayOfCalls } from './call-stack';
import { ShellFault } from './control';
import type { ShellState } from './shell-state';
import { specialText } from './special';

/** `a[1]` taken apart. */
export function subscriptOf(
  reference: string,
): { readonly name: string; readonly subscript: string } | undefined {
  const match = /^([A-Za-z_]\w*)\[(.*)\]$/s.exec(reference);
  return match ? { name: match[1]!, subscript: match[2]! } : undefined;
}

/** The value of a variable or of one array element; its subscript is already expanded. */
export function elementOf(shell: ShellState, reference: string): string | undefined {
  const element = subscriptOf(reference);
  if (!element) return specialText(shell, reference) ?? shell.variables.text(reference);
  if (shell.isBash && element.name === 'PIPESTATUS')
    return shell.pipeStatus[Number(element.subscript)]?.toString();
  const calls = arrayOfCalls(shell, element.name);
  if (calls) return calls.at(Number(evaluateExpanded(shell, element.subscript)));
  const variable = shell.variables.get(element.name);
  if (variable?.map) return variable.map.get(keyOf(element.subscript));
  const index = indexOf(shell, element.name, element.subscript);
  if (variable?.list) return variable.list.get(index);
  return index === 0 ? variable?.value : undefined;
}

/** Assigns to a variable or to one array element; its subscript is already expanded. */
export function assignElement(shell: ShellState, reference: string, value: string): void {
  shell.session.budget.hold(value.length);
  const element = subscriptOf(reference);
  if (!element) {
    const variable = shell.variables.get(reference);
    shell.variables.set(reference, variable?.integer ? evaluateExpanded(shell, value).toString() : value);
    if (shell.options.has('a')) shell.variables.declare(reference, { exported: true });
    return;
  }
  const { name, subscript } = element;
  if (shell.variables.get(name)?.map) shell.variables.setKey(name, keyOf(subscript), value);
  else shell.variables.setElement(name, indexOf(shell, name, subscript), value);
}

/** The number of an element; negative ones count from the end. */
function indexOf(shell: ShellState, name: string, subscript: string): number {
  const index = Number(evaluateExpanded(shell, subscript));
  if (index >= 0) return index;
  const keys = [...(shell.variables.get(name)?.list?.keys() ?? [])];
  const fromEnd = Math.max(-1, ...keys) + 1 + index;
  if (fromEnd < 0) throw new ShellFault(`${name}: bad array subscript`, 1, false);
  return fromEnd;
}

function keyOf(subscript: string): string {
  return subscript.replace(/^(["'])(.*)\1$/s, '$2');
}
